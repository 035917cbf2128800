/* SPDX-License-Identifier: Apache-2.0 */
#include "import/align.h"

#include "import/align_cost.h"
#include <string.h>

/*
 * Dynamic programming over (word, column): before[] is the least cost of
 * everything up to there, after[] the least of the rest. The sum of both and
 * of one cell between them is the cheapest way that has this cell, which is
 * what tells how certain the cell is.
 */

enum { IMPOSSIBLE = ALIGN_IMPOSSIBLE, MARGIN = 3 };

struct table {
  struct align_words words;
  const struct columns *columns;
  int *before, *after; /* (words.count + 1) * columns->count */
  int *rival;          /* by word: the least cost with it in another cell */
  uint16_t *length;    /* by state: of the best cell from there */
};

static size_t state(const struct table *t, size_t word, size_t column) {
  return word * t->columns->count + column;
}

/* The state behind a cell of `length` words. */
static size_t next_state(const struct table *t, size_t word, size_t column,
                         size_t length) {
  return state(t, word + length, (column + 1) % t->columns->count);
}

static int cell_cost(const struct table *t, size_t word, size_t column,
                     size_t length) {
  if (column == 0 && (length == 0 || !align_row_may_begin(&t->words, word)))
    return IMPOSSIBLE;
  return align_cost(&t->words, t->columns->items[column],
                    (struct span){word, word + length});
}

static size_t longest(const struct table *t, size_t word, size_t column) {
  size_t most = align_longest(t->columns->items[column]);
  size_t left = t->words.count - word;
  return most < left ? most : left;
}

/* The least cost from a state to the end, and the cell that begins it. */
static void settle_after(struct table *t, size_t word, size_t column) {
  size_t here = state(t, word, column);
  for (size_t n = 0; n <= longest(t, word, column); n++) {
    int rest = t->after[next_state(t, word, column, n)];
    if (rest >= IMPOSSIBLE) continue;
    int cost = rest + cell_cost(t, word, column, n);
    if (cost >= t->after[here]) continue;
    t->after[here] = cost;
    t->length[here] = (uint16_t)n;
  }
}

/* The first cell of a row is never empty, so at one word column 0 needs none
 * of the others, and the last column, when empty, needs column 0. */
static void fill_after(struct table *t) {
  size_t columns = t->columns->count;
  for (size_t i = 0; i < (t->words.count + 1) * columns; i++)
    t->after[i] = IMPOSSIBLE;
  t->after[state(t, t->words.count, 0)] = 0;
  for (size_t word = t->words.count + 1; word-- > 0;) {
    settle_after(t, word, 0);
    for (size_t column = columns; column-- > 1;)
      settle_after(t, word, column);
  }
}

static void push_before(struct table *t, size_t word, size_t column) {
  int sum = t->before[state(t, word, column)];
  if (sum >= IMPOSSIBLE) return;
  for (size_t n = 0; n <= longest(t, word, column); n++) {
    int cost = sum + cell_cost(t, word, column, n);
    int *next = &t->before[next_state(t, word, column, n)];
    if (cost < *next) *next = cost;
  }
}

static void fill_before(struct table *t) {
  size_t columns = t->columns->count;
  for (size_t i = 0; i < (t->words.count + 1) * columns; i++)
    t->before[i] = IMPOSSIBLE;
  t->before[state(t, 0, 0)] = 0;
  for (size_t word = 0; word <= t->words.count; word++) {
    for (size_t column = 1; column < columns; column++)
      push_before(t, word, column);
    push_before(t, word, 0);
  }
}

/* Marks in `chosen` which cell each word is in: the state it begins with. */
static void walk(const struct table *t, size_t *chosen) {
  size_t column = 0;
  for (size_t word = 0; word < t->words.count;) {
    size_t here = state(t, word, column);
    size_t length = t->length[here];
    for (size_t i = 0; i < length; i++)
      chosen[word + i] = here;
    word += length;
    column = (column + 1) % t->columns->count;
  }
}

/* The cells from a state that are not the chosen one are rivals for each of
 * their words. */
static void note_cells(struct table *t, size_t word, size_t column,
                       const size_t *chosen) {
  size_t here = state(t, word, column);
  if (t->before[here] >= IMPOSSIBLE) return;
  for (size_t n = 1; n <= longest(t, word, column); n++) {
    int rest = t->after[next_state(t, word, column, n)];
    if (rest >= IMPOSSIBLE) continue;
    int cost = t->before[here] + cell_cost(t, word, column, n) + rest;
    for (size_t i = word; i < word + n; i++) {
      bool same = chosen[i] == here && t->length[here] == n;
      if (!same && cost < t->rival[i]) t->rival[i] = cost;
    }
  }
}

static void note_rivals(struct table *t, const size_t *chosen) {
  for (size_t word = 0; word < t->words.count; word++)
    t->rival[word] = IMPOSSIBLE;
  for (size_t word = 0; word < t->words.count; word++) {
    for (size_t column = 0; column < t->columns->count; column++)
      note_cells(t, word, column, chosen);
  }
}

/* How certain the words of a chosen cell are. A wrong name is a pity; a wrong
 * weight is a wrong score. */
static enum certainty certainty_of(const struct table *t, uint8_t column,
                                   struct span cell) {
  bool prose = column == COLUMN_NAME || column == COLUMN_REASON ||
               column == COLUMN_MEASURE;
  if (prose && align_mixed(&t->words, cell)) return UNCERTAIN;
  int least = IMPOSSIBLE;
  for (size_t i = cell.from; i < cell.to; i++) {
    if (t->rival[i] < least) least = t->rival[i];
  }
  if (least >= t->after[0] + MARGIN) return CERTAIN;
  if (prose || (column == COLUMN_TARGET && !align_numeric(&t->words, cell)))
    return CERTAIN_FIGURES;
  return UNCERTAIN;
}

static void read_rows(const struct table *t, size_t from,
                      struct aligned_row *out, size_t *count) {
  size_t word = 0;
  size_t rows = 0;
  while (word < t->words.count) {
    struct aligned_row row = {.certainty = CERTAIN};
    for (size_t column = 0; column < t->columns->count; column++) {
      struct span cell = {word, word + t->length[state(t, word, column)]};
      uint8_t kind = t->columns->items[column];
      enum certainty certainty = certainty_of(t, kind, cell);
      if (certainty > row.certainty) row.certainty = (uint8_t)certainty;
      row.cells[kind] = (struct span){from + cell.from, from + cell.to};
      word = cell.to;
    }
    out[rows++] = row;
  }
  *count = rows;
}

static bool prepare(struct reader *r, struct table *t, struct span span) {
  size_t words = span.to - span.from;
  size_t states = (words + 1) * t->columns->count;
  if (!align_look(r, span, &t->words)) return false;
  t->before = reader_take(r, states * sizeof *t->before);
  t->after = reader_take(r, states * sizeof *t->after);
  t->rival = reader_take(r, words * sizeof *t->rival);
  t->length = reader_take(r, states * sizeof *t->length);
  return !r->failed;
}

bool align_rows(struct reader *r, const struct columns *columns,
                struct span span, struct aligned_row *out, size_t *count) {
  struct table t = {.columns = columns};
  if (span.to - span.from > ALIGN_WORDS_MAX) return false;
  if (!prepare(r, &t, span)) return false;
  size_t *chosen = reader_take(r, t.words.count * sizeof *chosen);
  if (!chosen) return false;
  fill_after(&t);
  if (t.after[0] >= IMPOSSIBLE) return false;
  fill_before(&t);
  walk(&t, chosen);
  note_rivals(&t, chosen);
  read_rows(&t, span.from, out, count);
  return true;
}
