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

/* Whether nothing but blanks stands there; and whether nothing is said: a
 * blank, "无", "-", "/" and the like. */
bool fold_blank(struct evald_text text);
bool fold_says_nothing(struct evald_text text);

/* Equal but for blanks and widths. */
bool fold_equal(struct evald_text a, struct evald_text b);

/* Equal also but for a trailing 指标 and for a bracket such as （50分）. */
bool fold_name_equal(struct evald_text a, struct evald_text b);

/* Equal texts (fold_equal) have equal hashes. */
uint64_t fold_hash(struct evald_text text);

/* Whether `text` ends with `tail`, and is longer. */
bool fold_ends_with(struct evald_text text, struct evald_text tail);

/* Whether `text` begins with a comparing sign or word: "≥", ">=", "不少于". */
bool fold_begins_with_operator(struct evald_text text);

/* Whether a bracket may open in `text`; a look at its bytes. */
bool fold_may_have_bracket(struct evald_text text);

/* Reads the weight in the bracket of "产出指标（50分）", as its text "50". */
bool fold_bracketed_number(struct evald_text text, struct evald_text *out);

#endif
