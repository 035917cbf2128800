/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_ALIGN_H
#define IMPORT_ALIGN_H

/*
 * Words of some rows → cells, where the lines of the table are lost.
 *
 * The words between two level names are one or more rows, each with the cells
 * of the heading in its order. A cell is a run of words; which runs is the
 * question. Every way to cut the words into rows has a cost: a sign belongs
 * into a target, a wording of levels into an actual value, a weight is a bare
 * number, a cell that is broken inside a line is unlikely. The cheapest way is
 * taken, and the second cheapest is looked at: where it is nearly as cheap and
 * puts a figure elsewhere, the reading is not certain and is reported.
 */

#include "import/reader.h"

enum column {
  COLUMN_NAME,
  COLUMN_TARGET,
  COLUMN_ACTUAL,
  COLUMN_WEIGHT,
  COLUMN_SCORE,
  COLUMN_REASON, /* causes, or causes and measures in one */
  COLUMN_MEASURE,
  COLUMN_COUNT
};

/* The columns of a heading, without the levels. */
struct columns {
  uint8_t items[COLUMN_COUNT]; /* enum column */
  size_t count;
};

/* How certain a row is. */
enum certainty {
  CERTAIN,
  CERTAIN_FIGURES, /* only where a name or a reason ends is inferred */
  UNCERTAIN
};

struct aligned_row {
  struct span cells[COLUMN_COUNT]; /* by enum column; empty: absent */
  uint8_t certainty;               /* enum certainty */
};

enum { ALIGN_WORDS_MAX = 512 };

/* Cuts the span into rows. False where there is no way to, or memory is out;
 * `out` has room for as many rows as the span has words. */
bool align_rows(struct reader *r, const struct columns *columns,
                struct span span, struct aligned_row *out, size_t *count);

#endif
