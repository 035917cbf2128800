/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8_map.h"

#include "base/utf8_block.h"

bool utf8_map_plain(const struct utf8_map *map, const char *text, size_t size) {
  const unsigned char leads = 0xE0;
  size_t at = (size_t)(text - map->begin);
  if (at < 2 || at + size >= map->size) return false;
  const unsigned char *before = (const unsigned char *)text - 2;
  if (before[0] >= leads || before[1] >= leads) return false;
  for (; size > UTF8_MAP_SHORT; size -= UTF8_MAP_SHORT) {
    if (utf8_map_bits(map, at) << (64 - UTF8_MAP_SHORT)) return false;
    at += UTF8_MAP_SHORT;
  }
  return utf8_map_short(map, map->begin + at, size);
}

#if defined(__SSE2__)

enum { WORD = 64 };

/* A bit for each of 64 bytes, as in struct utf8_marks. */
struct marks {
  uint64_t high, lead, more;
};

/* Where characters that begin in one word ask for their second and their third
 * byte in the next. */
struct due {
  uint64_t second, third;
};

/* The bits of 64 bytes into words[1], and into words[0] those of the last ones
 * before them. */
static inline void put_bits(struct marks marks, struct due *due,
                            uint64_t words[2]) {
  uint64_t second = due->second | marks.lead << 1;
  uint64_t third = due->third | marks.lead << 2;
  uint64_t no_second = second & ~marks.more;
  uint64_t no_third = third & ~marks.more;
  *due = (struct due){marks.lead >> 63, marks.lead >> 62};
  words[0] |= no_second << 63 | no_third << 62;
  words[1] = (marks.high & ~(marks.lead | second | third)) | no_second >> 1 |
             no_third >> 2;
}

static inline struct marks marks_by_16(const char *at) {
  struct marks all = {0, 0, 0};
  for (unsigned i = 0; i < WORD; i += UTF8_BLOCK) {
    struct utf8_marks some = utf8_marks_of(at + i);
    all.high |= (uint64_t)some.high << i;
    all.lead |= (uint64_t)some.lead << i;
    all.more |= (uint64_t)some.more << i;
  }
  return all;
}

static void look_by_16(uint64_t *words, const char *data, size_t count,
                       struct due *due) {
  for (size_t i = 0; i < count; i++)
    put_bits(marks_by_16(data + WORD * i), due, words + i);
}

#if defined(__GNUC__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline struct marks marks_by_32(const char *at) {
  struct marks all = {0, 0, 0};
  for (unsigned i = 0; i < WORD; i += 32) {
    const __m256i block =
        _mm256_loadu_si256((const __m256i *)(const void *)(at + i));
    /* As utf8_marks_of() has it. */
    const __m256i moved = _mm256_add_epi8(block, _mm256_set1_epi8((char)0x9F));
    const __m256i hangul =
        _mm256_cmpeq_epi8(block, _mm256_set1_epi8((char)0xED));
    const __m256i lead = _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0x8F), moved);
    const __m256i more = _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0xC0), block);
    const __m256i leads = _mm256_andnot_si256(hangul, lead);
    all.high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(block) << i;
    all.lead |= (uint64_t)(uint32_t)_mm256_movemask_epi8(leads) << i;
    all.more |= (uint64_t)(uint32_t)_mm256_movemask_epi8(more) << i;
  }
  return all;
}

AVX2 static void look_by_32(uint64_t *words, const char *data, size_t count,
                            struct due *due) {
  for (size_t i = 0; i < count; i++)
    put_bits(marks_by_32(data + WORD * i), due, words + i);
}

static void look(uint64_t *words, const char *data, size_t count,
                 struct due *due) {
  if (__builtin_cpu_supports("avx2")) {
    look_by_32(words, data, count, due);
  } else {
    look_by_16(words, data, count, due);
  }
}

#else
#define look look_by_16
#endif

void utf8_map_make(struct utf8_map *out, const char *data, size_t size) {
  char last[WORD] = {0};
  size_t count = size / WORD;
  struct due due = {0, 0};
  out->begin = data;
  out->size = 0;
  if (size > UTF8_MAP_BYTES) return;
  out->words[0] = 0;
  look(out->words, data, count, &due);
  memcpy(last, data + WORD * count, size - WORD * count);
  look_by_16(out->words + count, last, 1, &due);
  out->size = size;
}

#else

void utf8_map_make(struct utf8_map *out, const char *data, size_t size) {
  (void)size;
  out->begin = data;
  out->size = 0;
}

#endif
