/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

/*
 * What a terminal shows: tones, widths and tables.
 *
 * A width is counted in columns: a Chinese character has two. Colours go out
 * only to a terminal, and never where NO_COLOR is set. Everything here belongs
 * to the one thread of evalctl.
 */

#include "evald/arena.h"
#include "evald/finding.h"
#include <stdio.h>

/* X(name, SGR parameters) */
#define TONE_LIST(X)                                                           \
  X(PLAIN, "")                                                                 \
  X(STRONG, "1")                                                               \
  X(FAINT, "2")                                                                \
  X(BAD, "31")                                                                 \
  X(WARN, "33")                                                                \
  X(GOOD, "32")                                                                \
  X(INFO, "36")

enum tone {
#define X(name, sgr) TONE_##name,
  TONE_LIST(X)
#undef X
      TONE_COUNT
};

/* Whether `file` gets colours; and the columns it has: those of the terminal,
 * else $COLUMNS, else 100; from 60 to 160. */
bool output_colours(FILE *file);
size_t output_columns(FILE *file);

/* Columns that a text takes on a terminal. */
size_t output_width(struct evald_text text);

/* The longest head of `text` that is no wider than `columns`, cut at a blank
 * where one is near; at least one character of a text that is not empty. */
struct evald_text output_head(struct evald_text text, size_t columns);

/* A text in a tone, as printf would. */
void output_tone(FILE *file, enum tone tone, const char *format, ...)
    EVALD_PRINTF(3, 4);

/* Prints `text` in as many lines as it needs within the columns of `file`,
 * each after `indent` blanks. */
void output_paragraph(FILE *file, size_t indent, struct evald_text text);

/* The same where the first line has been begun: the others are indented, and
 * nothing follows the text but the end of its line. */
void output_hanging(FILE *file, size_t indent, struct evald_text text);

/* A line of so many columns. */
void output_line(FILE *file, size_t columns);

/* A word as a shell reads it back: quoted where it must be. */
void output_shell_word(FILE *file, const char *word);

/* The tone and the mark (✗ ! ·) of a finding's level. */
enum tone output_level_tone(enum evald_level level);
const char *output_level_mark(enum evald_level level);

/* A printed form of a terminated text in the arena; "" where memory ends. */
const char *output_format(struct evald_arena *arena, const char *format, ...)
    EVALD_PRINTF(2, 3);
const char *output_copy(struct evald_arena *arena, struct evald_text text);

/* The same for people: what would command a terminal becomes '?'. Tables and
 * output_format() do so by themselves. */
const char *output_text(struct evald_arena *arena, struct evald_text text);

/* The same in place, of a text that ends with NUL. */
const char *output_tame(char *text);

/*
 * Tables. Columns are as wide as their widest cell; where the table is wider
 * than the terminal, those that may wrap get less, the widest first.
 */
enum { TABLE_COLUMNS_MAX = 12 };

struct table_column {
  const char *title;
  bool right; /* figures */
  bool wraps;
};

struct table;

/* NULL where the arena ends. `columns` must outlive the table. */
struct table *table_new(struct evald_arena *arena,
                        const struct table_column *columns, size_t count);

/* The same without a heading. */
struct table *table_bare(struct evald_arena *arena,
                         const struct table_column *columns, size_t count);

/* The next cell, from left to right and row by row; the text must outlive the
 * table. An empty row is drawn as a line. */
void table_cell(struct table *table, enum tone tone, const char *text);
void table_line(struct table *table);

void table_print(struct table *table, FILE *file);

#endif
