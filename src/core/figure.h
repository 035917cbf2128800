/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_FIGURE_H
#define CORE_FIGURE_H

/* Figures of forms are short: "297.11", "100". A text of one to eight bytes is
 * read as one word, an amount in 元 ("450000.00") as two. */

#include "base/bytes.h"
#include "evald/decimal.h"

#define FIGURE_EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

enum { FIGURE_WIDTH = 8, FIGURE_LONG = 15 };

/* The number that eight digits are, each a byte of 0 to 9, the first the
 * lowest: made into four pairs, two fours, one eight. A product adds each half
 * to as many times the half below it. */
static inline int64_t figure_of_digits(uint64_t digits) {
  const uint64_t pairs = 10 << 8 | 1;
  const uint64_t fours = 100 << 16 | 1;
  const uint64_t eight = UINT64_C(10000) << 32 | 1;
  digits = (digits * pairs >> 8) & UINT64_C(0x00FF00FF00FF00FF);
  digits = (digits * fours >> 16) & UINT64_C(0x0000FFFF0000FFFF);
  return (int64_t)(digits * eight >> 32);
}

/* Whether each byte is 0 to 9. */
static inline bool figure_all_digits(uint64_t word) {
  return (((word + FIGURE_EVERY_BYTE(0x80 - 10)) | word) &
          FIGURE_EVERY_BYTE(0x80)) == 0;
}

/* Takes out the point before the last two of eight places, where it nearly
 * always is; what is before it moves up. */
static inline uint64_t figure_without_point(uint64_t word) {
  const uint64_t whole = UINT64_C(0x000000FFFFFFFFFF);
  const uint64_t fraction = UINT64_C(0xFFFF000000000000);
  return (word & whole) << 8 | (word & fraction);
}

static inline bool figure_has_cents(uint64_t word) {
  return (uint8_t)(word >> 40) == ('.' ^ '0');
}

/* Of digits with a point anywhere, or none; `before` bits are no part of the
 * text. */
static inline bool figure_with_point(uint64_t word, unsigned before,
                                     evald_decimal *out) {
  static const int64_t unit[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
  uint64_t other = word ^ FIGURE_EVERY_BYTE('.' ^ '0');
  uint64_t point =
      (other - FIGURE_EVERY_BYTE(1)) & ~other & FIGURE_EVERY_BYTE(0x80);
  unsigned places = 0;
  if (point) { /* taken out: what is before it moves up */
    unsigned at = (unsigned)__builtin_ctzll(point) & ~7U;
    uint64_t up_to = point ^ (point - 1);
    places = FIGURE_WIDTH - 1 - at / 8;
    if (places == 0 || at == before) return false;
    word = (word & up_to >> 8) << 8 | (word & ~up_to);
  }
  if (!figure_all_digits(word)) return false;
  *out = figure_of_digits(word) * unit[places];
  return true;
}

/* A text of `size` bytes, 1 to 8, that are the first, the lowest, of `word`;
 * what is behind them counts for nothing. False, and *out is left alone, for
 * any text that is not digits with or without a point among them. */
static inline bool figure_of_word(uint64_t word, size_t size,
                                  evald_decimal *out) {
  /* As many zeros in front as the text is shorter. */
  unsigned before = 8 * (unsigned)(FIGURE_WIDTH - size);
  word = (word ^ FIGURE_EVERY_BYTE('0')) << before;
  /* Nearly all have two digits behind the point, and some before it. */
  if (size >= 4 && figure_has_cents(word)) {
    word = figure_without_point(word);
    if (!figure_all_digits(word)) return false;
    *out = figure_of_digits(word) * (EVALD_DECIMAL_ONE / 100);
    return true;
  }
  return figure_with_point(word, before, out);
}

/* A text of 9 to 15 bytes that is digits, a point and two digits; false, and
 * *out is left alone, for any other. */
static inline bool figure_of_amount(const void *text, size_t size,
                                    evald_decimal *out) {
  enum { HUNDREDTHS = EVALD_DECIMAL_ONE / 100, LAST = 10000000 };
  const char *bytes = text;
  unsigned before = 8 * (unsigned)(2 * FIGURE_WIDTH - size);
  uint64_t first = bytes_little(bytes_load8(bytes)) ^ FIGURE_EVERY_BYTE('0');
  uint64_t last = bytes_little(bytes_load8(bytes + size - FIGURE_WIDTH)) ^
                  FIGURE_EVERY_BYTE('0');
  first <<= before;
  if (!figure_has_cents(last)) return false;
  last = figure_without_point(last);
  if (!figure_all_digits(first) || !figure_all_digits(last)) return false;
  *out = (figure_of_digits(first) * LAST + figure_of_digits(last)) * HUNDREDTHS;
  return true;
}

#endif
