/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_LABEL_H
#define IMPORT_LABEL_H

/* Printed labels, wherever the table broke them: "满意/度指/标". */

#include "import/reader.h"

/* One spelling of a label, folded, without blanks. */
struct label {
  const char *text;
  uint8_t id;
};

/* A closed list of labels. */
struct labels {
  const struct label *items;
  size_t count;
};

#define LABELS(array)                                                          \
  ((struct labels){(array), sizeof(array) / sizeof(array)[0]})

/* The longest label that begins at word *at and ends before `end`. On success
 * moves *at past it and a colon after it; where it ends inside a word ("总分:"
 * or "得分9.9") the rest of that word stays as a word of its own. A label ends
 * with its word, or before a colon, a bracket or a number; one that is spelled
 * with a colon ends anywhere. */
bool label_take(struct reader *r, size_t *at, size_t end, struct labels labels,
                uint8_t *id);

/* Whether one begins there; takes nothing. */
bool label_here(const struct reader *r, size_t at, size_t end,
                struct labels labels);

/* The words that one takes, where it ends with a word or with a bracket behind
 * it ("产出指标（50分）"), which is taken too: the word behind them; `at` where
 * there is none. Leaves the words as they are. */
size_t label_words(const struct reader *r, size_t at, size_t end,
                   struct labels labels, uint8_t *id);

/* Passes over "(A)", "(%)", "(B/A)" at word *at. */
void label_bracket(const struct reader *r, size_t *at, size_t end);

/* The first line from `from` on that begins with one; `to` where none does. */
size_t label_line(const struct reader *r, struct span span,
                  struct labels labels);

#endif
