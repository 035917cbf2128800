/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include "base/utf8_block.h"
#include <string.h>

/* By the first byte: how many bytes, and the range of the second one, which
 * is what excludes overlong forms, surrogates and values past U+10FFFF. */
struct lead {
  unsigned char first, last, length, second_low, second_high;
};

static const struct lead leads[] = {
    {0x00, 0x7F, 1, 0, 0},       {0xC2, 0xDF, 2, 0x80, 0xBF},
    {0xE0, 0xE0, 3, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF},
    {0xF4, 0xF4, 4, 0x80, 0x8F}};

static bool continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

static const struct lead *lead_of(unsigned char byte) {
  for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
    if (byte >= leads[i].first && byte <= leads[i].last) return &leads[i];
  }
  return NULL;
}

/* The length of the character at `p`, or 0 where it is not valid. Three bytes
 * with a free second one, which is nearly all of Chinese, take the short way.
 */
static inline size_t valid_character(const unsigned char *p, size_t left) {
  if (p[0] < 0x80) return 1;
  if (left >= 3 && p[0] >= 0xE1 && p[0] <= 0xEC) {
    return continuation(p[1]) && continuation(p[2]) ? 3 : 0;
  }
  const struct lead *lead = lead_of(p[0]);
  if (!lead || left < lead->length) return 0;
  if (p[1] < lead->second_low || p[1] > lead->second_high) return 0;
  for (size_t i = 2; i < lead->length; i++) {
    if (!continuation(p[i])) return 0;
  }
  return lead->length;
}

/* Eight bytes, the first the lowest. */
static uint64_t load(const unsigned char *p) {
  uint64_t bytes;
  memcpy(&bytes, p, sizeof bytes);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  bytes = __builtin_bswap64(bytes);
#endif
  return bytes;
}

/* Whether the first six bytes are two characters of three bytes each whose
 * second byte is free: neither begins with 0xE0 nor with 0xED. */
static bool two_of_three(uint64_t bytes) {
  /* Adding 15 carries out of a nibble unless it is 0; so both nibbles of the
   * leads are neither 0 nor 13 where both sums carry in both places. */
  const uint32_t nibbles = 0x0F00000F;
  const uint32_t carries = 0x10000010;
  uint32_t lead = (uint32_t)bytes & nibbles;
  uint32_t sums = (lead + nibbles) & ((lead ^ 0x0D00000D) + nibbles);
  return (bytes & UINT64_C(0xC0C0F0C0C0F0)) == UINT64_C(0x8080E08080E0) &&
         (sums & carries) == carries;
}

/* The next `size` bytes (of eight), zeros behind them; bytes before `end` may
 * be read, though they count for nothing. */
static uint64_t load_some(const unsigned char *p, size_t size,
                          const unsigned char *end) {
  if (size >= 8) return load(p);
  if (end - p >= 8) return load(p) & ((UINT64_C(1) << 8 * size) - 1);
  uint64_t bytes = 0;
  for (size_t i = size; i > 0; i--)
    bytes = bytes << 8 | p[i - 1];
  return bytes;
}

/* Character by character, six bytes of Chinese or eight of ASCII at a time. */
static bool valid_by_words(const char *data, size_t size, const char *end) {
  const unsigned char *p = (const unsigned char *)data;
  while (size > 0) {
    /* Most of a Chinese text passes here. */
    for (; size >= 8 && two_of_three(load(p)); p += 6)
      size -= 6;
    uint64_t bytes = load_some(p, size, (const unsigned char *)end);
    size_t length = size < 8 ? size : 8;
    if (bytes & UINT64_C(0x8080808080808080)) {
      length = two_of_three(bytes) ? 6 : valid_character(p, size);
    }
    if (length == 0) return false;
    p += length;
    size -= length;
  }
  return true;
}

#if defined(__SSE2__)

enum { BLOCK = UTF8_BLOCK, VISIBLE = 0x20, DELETE = 0x7F };

/* Whether a text is ASCII and Chinese alone, as utf8_marks_of() knows them: two
 * bytes stand exactly where a lead asks for them. What is not is for a closer
 * look; it may still be valid. */
static inline bool plainly_valid(const char *data, size_t size,
                                 const char *end) {
  if ((size_t)(end - data) < size + BLOCK) return false;
  unsigned due = 0; /* where leads, also of the block before, ask for more */
  unsigned wrong = 0;
  for (; size >= BLOCK; size -= BLOCK, data += BLOCK) {
    struct utf8_marks marks = utf8_marks_of(data);
    due |= marks.lead << 1 | marks.lead << 2;
    wrong |= (marks.high ^ (marks.lead | marks.more)) |
             (marks.more ^ (due & 0xFFFF));
    due >>= BLOCK;
  }
  return !(wrong | utf8_tail_wrong(utf8_marks_of(data), size, due));
}

bool utf8_visible_within(const char *data, size_t size, const char *end) {
  if ((size_t)(end - data) < size + BLOCK) return false;
  for (;; data += BLOCK, size -= BLOCK) {
    const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)data);
    const __m128i shown =
        _mm_andnot_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(DELETE)),
                         _mm_cmpgt_epi8(block, _mm_set1_epi8(VISIBLE)));
    unsigned hidden = ~(unsigned)_mm_movemask_epi8(shown);
    if (size < BLOCK) return (hidden & ((1U << size) - 1)) == 0;
    if (hidden & 0xFFFF) return false;
  }
}

#else

static bool plainly_valid(const char *data, size_t size, const char *end) {
  (void)data, (void)size, (void)end;
  return false;
}

bool utf8_visible_within(const char *data, size_t size, const char *end) {
  (void)data, (void)size, (void)end;
  return false;
}

#endif

bool utf8_valid_within(const char *data, size_t size, const char *end) {
  return plainly_valid(data, size, end) || valid_by_words(data, size, end);
}

bool utf8_valid(const char *data, size_t size) {
  return size == 0 || utf8_valid_within(data, size, data + size);
}

size_t utf8_cut(const char *data, size_t size, size_t limit) {
  if (size <= limit && utf8_valid(data, size)) return size;
  const unsigned char *p = (const unsigned char *)data;
  size_t end = 0;
  size_t bound = size < limit ? size : limit;
  while (end < bound) {
    size_t length = valid_character(p + end, bound - end);
    if (length == 0) break;
    end += length;
  }
  return end;
}

uint32_t utf8_next(struct evald_text text, size_t *offset) {
  const unsigned char *p = (const unsigned char *)text.data + *offset;
  if (p[0] < 0x80) {
    *offset += 1;
    return p[0];
  }
  size_t length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (length > text.size - *offset) length = text.size - *offset;
  uint32_t code = p[0] & (0x7FU >> length);
  for (size_t i = 1; i < length; i++)
    code = code << 6 | (p[i] & 0x3FU);
  *offset += length;
  return code;
}

bool utf8_commands(uint32_t character) {
  static const struct {
    uint32_t first, last;
  } ranges[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x200E, 0x200F},
                {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
    if (character >= ranges[i].first && character <= ranges[i].last)
      return true;
  return false;
}

size_t utf8_tame(char *text, size_t size) {
  const struct evald_text whole = {text, size};
  size_t out = 0;
  for (size_t at = 0; at < size;) {
    size_t length = valid_character((unsigned char *)text + at, size - at);
    size_t ahead = at;
    bool fit = length > 0 && !utf8_commands(utf8_next(whole, &ahead));
    if (fit)
      memmove(text + out, text + at, length);
    else
      text[out] = '?';
    out += fit ? length : 1;
    at += length > 0 ? length : 1;
  }
  return out;
}

static bool blank_character(uint32_t code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0xA0 ||
         code == 0x3000 || code == 0xFEFF;
}

struct evald_text utf8_trim_left(struct evald_text text) {
  size_t begin = 0;
  for (size_t at = 0; at < text.size; begin = at)
    if (!blank_character(utf8_next(text, &at))) break;
  if (!text.data) return text;
  return (struct evald_text){text.data + begin, text.size - begin};
}

struct evald_text utf8_trim(struct evald_text text) {
  size_t begin = 0;
  size_t end = 0;
  bool begun = false;
  for (size_t at = 0; at < text.size;) {
    size_t before = at;
    if (blank_character(utf8_next(text, &at))) continue;
    if (!begun) begin = before;
    begun = true;
    end = at;
  }
  if (!text.data) return text;
  return (struct evald_text){text.data + begin, begun ? end - begin : 0};
}

bool utf8_blank(struct evald_text text) {
  return utf8_trim(text).size == 0;
}
