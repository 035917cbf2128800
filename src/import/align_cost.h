/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_ALIGN_COST_H
#define IMPORT_ALIGN_COST_H

/* What a run of words costs as a cell: small numbers, 0 for what every form
 * has, ALIGN_IMPOSSIBLE for what no form can mean. */

#include "import/align.h"

enum { ALIGN_IMPOSSIBLE = 1 << 26 };

/* What a word looks like, and sums over the words before it. */
struct align_words {
  const struct word *items;
  struct align_word *looks;
  size_t count;
};

bool align_look(struct reader *r, struct span span, struct align_words *out);

/* A row begins with a line, or right after the level's name. */
bool align_row_may_begin(const struct align_words *words, size_t at);

int align_cost(const struct align_words *words, uint8_t column,
               struct span cell);

/* The most words that a cell of a column is made of. */
size_t align_longest(uint8_t column);

/* Whether prose has something in it that belongs elsewhere: the figures of a
 * row, or a piece of a level's name that stands in the column beside it. */
bool align_mixed(const struct align_words *words, struct span cell);

/* Whether the cell holds a number. */
bool align_numeric(const struct align_words *words, struct span cell);

#endif
