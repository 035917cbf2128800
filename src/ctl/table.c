/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/output.h"
#include <string.h>

enum { GAP = 2, LEAST_WRAPPED = 8 };

struct cell {
  struct evald_text text;
  enum tone tone;
};

struct row {
  struct row *next;
  bool drawn; /* a line, no cells */
  struct cell cells[TABLE_COLUMNS_MAX];
};

struct table {
  struct evald_arena *arena;
  const struct table_column *columns;
  size_t count, at; /* columns; the next cell of `last` */
  size_t width[TABLE_COLUMNS_MAX];
  struct row *first, *last;
};

static struct row *row_add(struct table *table) {
  struct row *row = evald_arena_take(table->arena, sizeof *row);
  if (!row) return NULL;
  if (table->last)
    table->last->next = row;
  else
    table->first = row;
  table->last = row;
  table->at = 0;
  return row;
}

struct table *table_bare(struct evald_arena *arena,
                         const struct table_column *columns, size_t count) {
  struct table *table = evald_arena_take(arena, sizeof *table);
  if (!table) return NULL;
  table->arena = arena;
  table->columns = columns;
  table->count = table->at = count;
  return table;
}

struct table *table_new(struct evald_arena *arena,
                        const struct table_column *columns, size_t count) {
  struct table *table = table_bare(arena, columns, count);
  for (size_t i = 0; i < count; i++)
    table_cell(table, TONE_STRONG, columns[i].title);
  table_line(table);
  return table;
}

void table_cell(struct table *table, enum tone tone, const char *text) {
  if (!table || (table->at == table->count && !row_add(table))) return;
  size_t column = table->at++;
  struct evald_text slice =
      evald_text_of(output_text(table->arena, evald_text_of(text)));
  size_t width = output_width(slice);
  table->last->cells[column] = (struct cell){slice, tone};
  if (width > table->width[column]) table->width[column] = width;
}

void table_line(struct table *table) {
  struct row *row = table ? row_add(table) : NULL;
  if (!row) return;
  row->drawn = true;
  table->at = table->count;
}

static size_t total_width(const struct table *table) {
  size_t total = GAP * (table->count - 1);
  for (size_t i = 0; i < table->count; i++)
    total += table->width[i];
  return total;
}

/* The widest column that may wrap and is wider than it must be. */
static size_t *widest(struct table *table) {
  size_t *found = NULL;
  for (size_t i = 0; i < table->count; i++) {
    size_t *width = &table->width[i];
    if (table->columns[i].wraps && *width > LEAST_WRAPPED &&
        (!found || *width > *found))
      found = width;
  }
  return found;
}

static void fit(struct table *table, size_t columns) {
  for (size_t *width; total_width(table) > columns && (width = widest(table));)
    --*width;
}

/* Takes the next line off a cell that wraps, the whole of one that does not. */
static struct evald_text next_line(struct cell *cell, size_t width,
                                   bool wraps) {
  struct evald_text head = wraps ? output_head(cell->text, width) : cell->text;
  if (cell->text.size > 0) cell->text.data += head.size;
  cell->text.size -= head.size;
  return head;
}

/* Blanks are owed until something follows them: no line ends with any. */
static void pay(FILE *file, size_t *owed) {
  fprintf(file, "%*s", (int)*owed, "");
  *owed = 0;
}

static bool print_cell(const struct table *table, struct row *row,
                       size_t column, FILE *file, size_t *owed) {
  struct cell *cell = &row->cells[column];
  size_t width = table->width[column];
  struct evald_text text = next_line(cell, width, table->columns[column].wraps);
  size_t taken = output_width(text);
  size_t pad = taken < width ? width - taken : 0;
  bool right = table->columns[column].right;
  *owed += right ? pad : 0;
  if (text.size > 0) {
    pay(file, owed);
    output_tone(file, cell->tone, "%.*s", (int)text.size, text.data);
  }
  *owed += right ? GAP : pad + GAP;
  return cell->text.size > 0;
}

static void print_row(const struct table *table, struct row *row, FILE *file) {
  bool more;
  do {
    size_t owed = 0;
    more = false;
    for (size_t i = 0; i < table->count; i++)
      more |= print_cell(table, row, i, file, &owed);
    fputc('\n', file);
  } while (more);
}

void table_print(struct table *table, FILE *file) {
  if (!table) return;
  fit(table, output_columns(file));
  for (struct row *row = table->first; row; row = row->next) {
    if (row->drawn)
      output_line(file, total_width(table));
    else
      print_row(table, row, file);
  }
}
