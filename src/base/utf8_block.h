/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UTF8_BLOCK_H
#define BASE_UTF8_BLOCK_H

/* UTF-8 sixteen bytes at a time, where the processor can; else what is here
 * says that it cannot tell, and utf8.c looks by words. */

#include "base/utf8.h"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { UTF8_BLOCK = 16 };

#if defined(__SSE2__)

/* A bit for each of sixteen bytes: which are not ASCII, which begin a character
 * of three bytes whose second is free, which continue one. */
struct utf8_marks {
  unsigned high, lead, more;
};

static inline struct utf8_marks utf8_marks_of(const char *at) {
  const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
  /* Moved so that 0xE1 is the lowest signed byte, 0xEF the fourteenth. */
  const __m128i moved = _mm_add_epi8(block, _mm_set1_epi8((char)0x9F));
  const __m128i hangul = _mm_cmpeq_epi8(block, _mm_set1_epi8((char)0xED));
  const __m128i lead = _mm_cmplt_epi8(moved, _mm_set1_epi8((char)0x8F));
  const __m128i more = _mm_cmplt_epi8(block, _mm_set1_epi8((char)0xC0));
  return (struct utf8_marks){
      (unsigned)_mm_movemask_epi8(block),
      (unsigned)_mm_movemask_epi8(_mm_andnot_si128(hangul, lead)),
      (unsigned)_mm_movemask_epi8(more)};
}

/* What of the last `size` bytes (fewer than sixteen) of a text is not as it
 * should be; `due` is what the block before asks for. */
static inline unsigned utf8_tail_wrong(struct utf8_marks marks, size_t size,
                                       unsigned due) {
  unsigned here = (1U << size) - 1;
  due |= (marks.lead & here) << 1 | (marks.lead & here) << 2;
  return ((marks.high ^ (marks.lead | marks.more)) & here) |
         ((marks.more & here) ^ due);
}

/* utf8_valid_within(), where most texts are short. */
static inline bool utf8_valid_here(const char *data, size_t size,
                                   const char *end) {
  if (size < UTF8_BLOCK && end - data >= UTF8_BLOCK &&
      utf8_tail_wrong(utf8_marks_of(data), size, 0) == 0) {
    return true;
  }
  return utf8_valid_within(data, size, end);
}

#else

static inline bool utf8_valid_here(const char *data, size_t size,
                                   const char *end) {
  return utf8_valid_within(data, size, end);
}

#endif

#endif
