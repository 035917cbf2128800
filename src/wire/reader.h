/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_READER_H
#define WIRE_READER_H

/*
 * Reading a map by a table: key → function → place in a struct.
 *
 * A message that was pre-scanned is read whatever it holds: the cursor cannot
 * fail, what does not fit becomes a problem with the path of its key, and
 * reading goes on.
 *
 * A message that was not is read on trial. The reader then looks itself at what
 * the pre-scan looks at (keys that stand twice, texts that are not valid or too
 * long) and gives up, with the cursor's sticky error, at the first thing that
 * is a problem or that only the pre-scan can judge. So a trial that comes to
 * the end has read what a second reading would read, without a problem; and
 * what the problem was is for the second reading to say. On trial values of
 * the ordinary shape are taken at once (quick.h), by the row that follows the
 * last one found: producers send keys in one order.
 */

#include "base/utf8_map.h"
#include "evald/arena.h"
#include "evald/form.h"
#include "wire/prescan.h"
#include "wire/quick.h"

enum { READER_STEPS = 4 };

/* A step of the path: a key, or an index where key is NULL. */
struct reader_step {
  const struct evald_text *key;
  size_t index;
};

struct reader {
  struct wire_cursor cursor;
  struct evald_arena *arena;
  struct wire_rejects *rejects;
  bool on_trial;
  const struct wire_limits *limits; /* of a trial */
  struct quick_frame frame;         /* of a trial */
  struct reader_step steps[READER_STEPS];
  unsigned depth;
  size_t value_at; /* where the value being read begins */
};

/* How a value may be taken at once while on trial. */
enum reader_shape {
  READER_ANY, /* never: by its function alone */
  READER_TEXT,
  READER_NAME,
  READER_FIGURE,
  READER_CLAIM,
  READER_CHOICE, /* among `choices`, into a uint8_t */
  READER_SMALL,  /* an integer from 1 to `small`, into an int64_t */
  READER_YEAR,
  READER_DIVISION
};

/* A row: `read` reads the value of `key` into `into` + `offset`. `limit` is
 * the most characters of a text, 0: the pre-scan's limit only. `expected` is
 * what a sentence says is allowed. `needed` and `allowed` are for the table's
 * owner (kinds of jobs). `shape` and `quick` are for tables that are read on
 * trial. */
struct reader_field {
  struct evald_text key;
  void (*read)(struct reader *reader, const struct reader_field *field,
               void *into);
  uint32_t offset;
  uint32_t limit;
  uint8_t expected; /* enum wire_expected */
  uint8_t needed, allowed;
  uint8_t shape; /* enum reader_shape */
  uint8_t small;
  struct quick_key quick;
  const struct quick_choices *choices;
};

struct reader_pairs;
struct reader_table {
  const struct reader_field *fields;
  unsigned count; /* at most 64 */
  /* Takes what comes in the table's order (in_order.h); of tables that are read
   * on trial. */
  void (*in_order)(struct reader *reader, void *into,
                   struct reader_pairs *pairs);
};

/* How far a map has been read: the row behind the last one found, the pairs
 * that are left, the rows whose keys have been there. */
struct reader_pairs {
  unsigned next;
  size_t left;
  uint64_t keys;
};

/* So many bytes before the end of a frame a pair may begin that is taken at
 * once. */
enum { READER_PAIR_ROOM = 2 * QUICK_ROOM };

/* Which keys were there with a value that is not nil, by row; and where. */
struct reader_seen {
  uint64_t rows;
  uint32_t at[64];
};

/* Reads the next value, a map, into `into`. `seen` may be NULL. */
void reader_map(struct reader *reader, const struct reader_table *table,
                void *into, struct reader_seen *seen);

/* Opens an array of 1 to `most` elements; 0 where it is none (a problem, and
 * the value is passed). */
size_t reader_array(struct reader *reader, size_t most,
                    enum wire_expected expected);

/* The key must stay where it is until it is popped. */
void reader_push_key(struct reader *reader, const struct evald_text *key);
void reader_push_index(struct reader *reader, size_t index);
void reader_pop(struct reader *reader);

/* A problem of the value being read, under the present path. */
void reader_reject(struct reader *reader, enum wire_reject code,
                   enum wire_expected expected, struct evald_text printed);

/* A problem under the present path and `key`, at byte `offset`. */
void reader_problem_at(struct reader *reader, enum wire_reject code,
                       struct evald_text key, size_t offset);

/* ---- reader_values.c ---- */

/* Functions for rows: a text; one that names something (not empty, no control
 * characters); a figure; a claim; a bool. */
#define READER_FUNCTION(name)                                                  \
  void name(struct reader *reader, const struct reader_field *field, void *into)
READER_FUNCTION(reader_text);
READER_FUNCTION(reader_name);
READER_FUNCTION(reader_figure);
READER_FUNCTION(reader_claim);
READER_FUNCTION(reader_bool);

/* An integer from `low` to `high` into *out; false is a problem made. */
bool reader_int(struct reader *reader, const struct reader_field *field,
                int64_t low, int64_t high, int64_t *out);

/* Whether a text is as the pre-scan wants it; a trial ends where not. Most are
 * short and ASCII, or short and Chinese. */
bool reader_sound(struct reader *reader, struct evald_text text);

/* Whether a text names something: shared with what recovers a source. */
bool reader_is_name(struct evald_text text, size_t limit);

/* The values of the shapes, each a function of its own: they are called from
 * every row of every table, and code that is small stays near. */
const uint8_t *reader_take_text(const struct reader *reader, const uint8_t *at,
                                struct evald_text *out);
const uint8_t *reader_take_name(const struct reader *reader, const uint8_t *at,
                                size_t limit, struct evald_text *out);
const uint8_t *reader_take_figure(const uint8_t *at, struct evald_figure *out);
const uint8_t *reader_take_claim(const struct reader *reader, const uint8_t *at,
                                 struct evald_claim *out);

/* On trial: takes the value at `at` by its row's shape. The place behind it;
 * NULL where it is not that simple. */
BYTES_INLINE const uint8_t *reader_quick(const struct reader *reader,
                                         const struct reader_field *field,
                                         const uint8_t *at, void *to) {
  switch (field->shape) {
  case READER_TEXT:
    return reader_take_text(reader, at, to);
  case READER_NAME:
    return reader_take_name(reader, at, field->limit, to);
  case READER_FIGURE:
    return reader_take_figure(at, to);
  case READER_CLAIM:
    return reader_take_claim(reader, at, to);
  case READER_CHOICE:
    return quick_choice(at, field->choices, to);
  case READER_SMALL:
    return quick_small(at, field->small, to);
  case READER_YEAR:
    return quick_year(at, to);
  case READER_DIVISION:
    return quick_division(at, to);
  default:
    return NULL;
  }
}

#endif
