/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_FOLD_H
#define CORE_FOLD_H

/*
 * Texts as people mean them: blanks inside words, full-width signs and a
 * trailing 指标 make no difference. Forms are printed in narrow columns and
 * typed by many hands.
 */

#include "evald/text.h"

/* Whether `text` begins with a Chinese character: no blank, no full-width
 * sign, nothing to fold. What nearly every cell begins with. */
static inline bool fold_plain(struct evald_text text) {
  return text.size >= 3 && (unsigned char)text.data[0] >= 0xE4 &&
         (unsigned char)text.data[0] <= 0xE9;
}

/* Whether `text` ends with one, so with no blank. */
static inline bool fold_ends_plainly(struct evald_text text) {
  return text.size >= 3 && (unsigned char)text.data[text.size - 3] >= 0xE4 &&
         (unsigned char)text.data[text.size - 3] <= 0xE9;
}

/* Whether nothing but blanks stands there; and whether nothing is said: a
 * blank, "无", "-", "/" and the like. */
bool fold_blank(struct evald_text text);
bool fold_says_nothing(struct evald_text text);

/* Whether something is said, by a look at the size and the first byte: what
 * says nothing is shorter. */
static inline bool fold_surely_says(struct evald_text text) {
  enum { LONGEST_NOTHING = 12 };
  return text.size > LONGEST_NOTHING && fold_plain(text);
}

/* Equal but for blanks and widths. */
bool fold_equal(struct evald_text a, struct evald_text b);

/* Equal also but for a trailing 指标 and for a bracket such as （50分）. */
bool fold_name_equal(struct evald_text a, struct evald_text b);

/* Equal texts (fold_equal) have equal hashes. */
uint64_t fold_hash(struct evald_text text);

/* Whether `text` ends with `tail`, and is longer. */
bool fold_ends_with(struct evald_text text, struct evald_text tail);

enum { FOLD_SIGN_HEADS = 256, FOLD_SIGNS_MAX = 160 };

/* Comparing signs and words ("≥", ">=", "不少于"), by their first character:
 * made once, then only read. Zero is one without signs. The texts stay the
 * caller's; at most FOLD_SIGNS_MAX, none of them blank. */
struct fold_signs {
  struct evald_text sign[FOLD_SIGNS_MAX];
  uint8_t next[FOLD_SIGNS_MAX]; /* a sign + 1; 0: none */
  uint8_t head[FOLD_SIGN_HEADS];
  uint8_t count;
};

void fold_signs_add(struct fold_signs *signs, struct evald_text sign);

/* Whether `text` is a value with such a sign: before it ("不少于3次"), or,
 * where it begins with a digit, behind it ("3次以上"). */
bool fold_compares(const struct fold_signs *signs, struct evald_text text);

/* Whether a bracket may open in `text`; a look at its bytes. */
bool fold_may_have_bracket(struct evald_text text);

/* Reads the weight in the bracket of "产出指标（50分）", as its text "50". */
bool fold_bracketed_number(struct evald_text text, struct evald_text *out);

#endif
