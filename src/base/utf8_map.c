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

enum { WORD = 64, AHEAD = 2 /* bytes that are looked at behind a word */ };

/* A bit for each of 64 bytes: which are not ASCII; which begin a plain
 * character whose other two bytes are there. */
struct marks {
  uint64_t high, whole;
};

/* The bits of 64 bytes. `due` has those of the first two that belong to a
 * character begun before, and gets those of the next. */
static inline uint64_t bits_of(struct marks marks, uint64_t *due) {
  uint64_t belong = marks.whole | marks.whole << 1 | marks.whole << 2 | *due;
  *due = marks.whole >> 63 | marks.whole >> 62;
  return marks.high & ~belong;
}

static inline struct marks marks_by_16(const char *at) {
  struct marks all = {0, 0};
  for (unsigned i = 0; i < WORD; i += UTF8_BLOCK) {
    struct utf8_marks some = utf8_marks_of(at + i);
    unsigned second = utf8_marks_of(at + i + 1).more;
    unsigned third = utf8_marks_of(at + i + 2).more;
    all.high |= (uint64_t)some.high << i;
    all.whole |= (uint64_t)(some.lead & second & third) << i;
  }
  return all;
}

static uint64_t look_by_16(uint64_t *words, const char *data, size_t count,
                           uint64_t due) {
  for (size_t i = 0; i < count; i++)
    words[i] = bits_of(marks_by_16(data + WORD * i), &due);
  return due;
}

#if defined(__GNUC__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i load_32(const char *at) {
  return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

AVX2 static inline __m256i more_by_32(const char *at) {
  return _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0xC0), load_32(at));
}

AVX2 static inline struct marks marks_by_32(const char *at) {
  struct marks all = {0, 0};
  for (unsigned i = 0; i < WORD; i += 32) {
    const __m256i block = load_32(at + i);
    /* As utf8_marks_of() has it. */
    const __m256i moved = _mm256_add_epi8(block, _mm256_set1_epi8((char)0x9F));
    const __m256i hangul =
        _mm256_cmpeq_epi8(block, _mm256_set1_epi8((char)0xED));
    const __m256i lead = _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0x8F), moved);
    const __m256i rest =
        _mm256_and_si256(more_by_32(at + i + 1), more_by_32(at + i + 2));
    const __m256i whole =
        _mm256_and_si256(_mm256_andnot_si256(hangul, lead), rest);
    all.high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(block) << i;
    all.whole |= (uint64_t)(uint32_t)_mm256_movemask_epi8(whole) << i;
  }
  return all;
}

AVX2 static uint64_t look_by_32(uint64_t *words, const char *data, size_t count,
                                uint64_t due) {
  for (size_t i = 0; i < count; i++)
    words[i] = bits_of(marks_by_32(data + WORD * i), &due);
  return due;
}

static uint64_t look(uint64_t *words, const char *data, size_t count,
                     uint64_t due) {
  return __builtin_cpu_supports("avx2") ? look_by_32(words, data, count, due)
                                        : look_by_16(words, data, count, due);
}

#else
#define look look_by_16
#endif

void utf8_map_make(struct utf8_map *out, const char *data, size_t size) {
  char last[2 * WORD + AHEAD] = {0};
  size_t count = size < AHEAD ? 0 : (size - AHEAD) / WORD;
  size_t rest = size - WORD * count;
  out->begin = data;
  out->size = 0;
  if (size > UTF8_MAP_BYTES) return;
  uint64_t due = look(out->words, data, count, 0);
  memcpy(last, data + WORD * count, rest);
  (void)look(out->words + count, last, (rest + WORD - 1) / WORD, due);
  out->size = size;
}

#else

void utf8_map_make(struct utf8_map *out, const char *data, size_t size) {
  (void)size;
  out->begin = data;
  out->size = 0;
}

#endif
