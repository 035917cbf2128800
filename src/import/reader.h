/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_READER_H
#define IMPORT_READER_H

/*
 * A text as words, and what has been found wrong with it so far.
 *
 * A word is a run of characters without blanks; it knows its line and what
 * stood before it. Words are looked at through the fold: full-width signs and
 * digits as their ASCII twins, ≧ as ≥, long dashes as '-'. What is taken over
 * into the form keeps the writing it came in.
 *
 * A reader that has run out of memory says so in `failed`; every call after
 * that does nothing.
 */

#include "import/published.h"

enum word_gap {
  GAP_BLANK, /* one blank */
  GAP_WIDE,  /* two or more: surely another cell */
  GAP_LINE   /* the word begins a line */
};

struct word {
  struct evald_text text;
  uint32_t line;   /* from 1 */
  uint16_t indent; /* where it begins, in half widths; stops at 65535 */
  uint8_t gap;     /* enum word_gap: what stands before it */
};

/* Words from..to, without to. */
struct span {
  size_t from, to;
};

struct reader {
  struct evald_arena *arena;
  struct evald_text text;
  struct word *words;
  size_t word_count, word_room;
  struct import_problem *problems; /* of the form being read */
  size_t problem_count, problem_room;
  bool failed;
};

/* Memory of the arena; NULL and `failed` where there is none. */
void *reader_take(struct reader *r, size_t size);

/* Room for one more item: `items` itself, or a copy twice as large. NULL and
 * `failed` where there is none. */
void *reader_more(struct reader *r, void *items, size_t count, size_t *room,
                  size_t size);

/* Cuts the text into words. Page numbers beside a form feed are left out, and
 * radicals (U+2F00, an accident of PDF fonts) become the characters they look
 * like. */
void reader_cut(struct reader *r, struct evald_text text);

/* One character, folded; moves past it. */
uint32_t reader_fold(struct evald_text text, size_t *offset);

/* Problems. The span's words are what is printed; unplaced words are reported
 * line by line. */
void reader_problem(struct reader *r, enum import_problem_kind kind,
                    struct evald_cell cell, struct span span);
void reader_lines(struct reader *r, enum import_problem_kind kind,
                  struct span span);

/* The text of a span. Pieces of one cell are joined as they were before the
 * table broke them: a blank is kept only between two Latin letters or digits.
 */
struct evald_text reader_join(struct reader *r, struct span span);
struct evald_text reader_join_words(struct reader *r, const size_t *words,
                                    size_t count);
struct evald_text reader_concat(struct reader *r, struct evald_text left,
                                struct evald_text right);

#endif
