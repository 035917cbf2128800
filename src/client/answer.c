/* SPDX-License-Identifier: Apache-2.0 */
#include "client/answer.h"
#include "wire/outcome.h"

/* A row: a key, what is read, and where it goes. */
enum kind { TEXT, UINT, INT };
struct row {
  const char *key;
  enum kind kind;
  size_t offset;
};

#define ROW(key, kind, of, member)                                             \
  { key, kind, offsetof(struct of, member) }

static const struct row answer_rows[] = {
    ROW("job_id", TEXT, answer, told.job_id),
    ROW("outcome", TEXT, answer, told.outcome),
    ROW("mof_div_code", TEXT, answer, told.mof_div_code),
    ROW("fiscal_year", INT, answer, told.fiscal_year),
    ROW("pro_code", TEXT, answer, told.pro_code),
    ROW("revision", INT, answer, told.revision),
    ROW("epoch", UINT, answer, told.epoch),
    ROW("seq", UINT, answer, told.seq),
    ROW("total", TEXT, answer, told.total),
    ROW("grade", TEXT, answer, told.grade),
    ROW("form_digest", TEXT, answer, told.form_digest),
    ROW("ruleset", TEXT, answer, told.ruleset),
    ROW("ruleset_digest", TEXT, answer, told.ruleset_digest),
    ROW("source", TEXT, answer, told.source),
    ROW("rejects_id", TEXT, answer, told.rejects_id),
    ROW("reason", TEXT, answer, reason),
    ROW("after_ms", UINT, answer, after_ms),
};

static const struct row problem_rows[] = {
    ROW("code", TEXT, evald_problem, code),
    ROW("key", TEXT, evald_problem, key),
    ROW("offset", UINT, evald_problem, offset),
    ROW("text", TEXT, evald_problem, text),
};

static const struct row welcome_rows[] = {
    ROW("window", UINT, welcome, window),
    ROW("max_message_bytes", UINT, welcome, max_message_bytes),
    ROW("durability", TEXT, welcome, durability),
    ROW("instance", TEXT, welcome, instance),
};

static const struct row loss_rows[] = {
    ROW("mof_div_code", TEXT, evald_loss, mof_div_code),
    ROW("fiscal_year", INT, evald_loss, fiscal_year),
    ROW("epoch", UINT, evald_loss, epoch),
    ROW("seq", UINT, evald_loss, seq),
};

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static void read_value(struct wire_cursor *cursor, const struct row *row,
                       void *into) {
  void *place = (char *)into + row->offset;
  if (wire_take_nil(cursor)) return;
  if (row->kind == TEXT)
    *(struct evald_text *)place = wire_get_text(cursor);
  else if (row->kind == UINT)
    *(uint64_t *)place = wire_get_uint(cursor);
  else
    *(int64_t *)place = wire_get_int(cursor);
}

static const struct row *find(const struct row *rows, size_t count,
                              struct evald_text key) {
  for (size_t i = 0; i < count; i++)
    if (evald_text_equal(evald_text_of(rows[i].key), key)) return &rows[i];
  return NULL;
}

static void read_map(struct wire_cursor *cursor, const struct row *rows,
                     size_t count, void *into) {
  for (size_t pairs = wire_get_map(cursor); pairs > 0 && !cursor->failed;
       pairs--) {
    const struct row *row = find(rows, count, wire_get_text(cursor));
    if (row)
      read_value(cursor, row, into);
    else
      wire_skip(cursor);
  }
}

static void read_problems(struct wire_cursor *cursor, struct answer *out) {
  size_t count = wire_get_array(cursor);
  for (size_t i = 0; i < count && !cursor->failed; i++) {
    if (i >= ANSWER_PROBLEMS_MAX) {
      wire_skip(cursor);
      continue;
    }
    read_map(cursor, problem_rows, COUNT(problem_rows), &out->problems[i]);
    out->told.problem_count = i + 1;
  }
  out->told.problems = out->problems;
}

/* Left as they are: whoever wants them asks for one after the other. */
static void read_outcomes(struct wire_cursor *cursor, struct answer *out) {
  size_t count = wire_get_array(cursor);
  const char *begin = (const char *)cursor->at;
  wire_skip_many(cursor, count);
  size_t size = (size_t)((const char *)cursor->at - begin);
  if (!cursor->failed) out->told.outcomes = (struct evald_text){begin, size};
}

bool evald_outcome_next(struct evald_text *outcomes,
                        struct evald_outcome *out) {
  struct wire_bytes bytes = {(const uint8_t *)outcomes->data, outcomes->size};
  struct wire_cursor cursor = wire_cursor_of(bytes);
  struct evald_outcome one = {0};
  if (outcomes->size == 0) return false;
  size_t more = wire_want_array_of(&cursor, 5);
  uint64_t outcome = wire_get_uint(&cursor);
  if (outcome < WIRE_OUTCOME_COUNT)
    one.outcome = evald_text_of(wire_outcome_name((enum wire_outcome)outcome));
  one.scored = !wire_take_nil(&cursor);
  if (one.scored) {
    one.total_e6 = wire_get_int(&cursor);
    one.grade = wire_get_uint(&cursor);
    one.grade_name = wire_get_text(&cursor);
    one.form_digest = wire_get_digest(&cursor);
  } else {
    wire_skip_many(&cursor, 3);
  }
  wire_skip_many(&cursor, more);
  if (cursor.failed) return false;
  size_t taken = wire_cursor_offset(&cursor);
  *outcomes =
      (struct evald_text){outcomes->data + taken, outcomes->size - taken};
  *out = one;
  return true;
}

static void read_answer_map(struct wire_cursor *cursor, struct answer *out) {
  for (size_t pairs = wire_get_map(cursor); pairs > 0 && !cursor->failed;
       pairs--) {
    struct evald_text key = wire_get_text(cursor);
    const struct row *row = find(answer_rows, COUNT(answer_rows), key);
    if (row)
      read_value(cursor, row, out);
    else if (evald_text_equal(key, EVALD_TEXT("problems")) &&
             wire_peek(cursor) == WIRE_TYPE_ARRAY)
      read_problems(cursor, out);
    else if (evald_text_equal(key, EVALD_TEXT("outcomes")) &&
             wire_peek(cursor) == WIRE_TYPE_ARRAY)
      read_outcomes(cursor, out);
    else
      wire_skip(cursor);
  }
}

size_t answer_count(struct wire_cursor *cursor) {
  return wire_get_array(cursor);
}

void answer_next(struct wire_cursor *cursor, struct answer *out) {
  *out = (struct answer){0};
  size_t more = wire_want_array_of(cursor, 3);
  out->correlation = wire_get_uint(cursor);
  uint64_t type = wire_get_uint(cursor);
  if (type >= ANSWER_TYPES) wire_cursor_fail(cursor);
  out->type = (enum answer_type)type;
  read_answer_map(cursor, out);
  wire_skip_many(cursor, more);
  out->told.kind = type == ANSWER_NACK ? EVALD_ANSWER_NACK : EVALD_ANSWER_ACK;
}

enum evald_status welcome_read(struct wire_bytes bytes, struct welcome *out) {
  struct wire_cursor cursor = wire_cursor_of(bytes);
  *out = (struct welcome){0};
  read_map(&cursor, welcome_rows, COUNT(welcome_rows), out);
  return wire_cursor_done(&cursor);
}

enum evald_status loss_read(struct wire_bytes bytes, struct evald_loss *out) {
  struct wire_cursor cursor = wire_cursor_of(bytes);
  struct evald_loss loss = {0};
  read_map(&cursor, loss_rows, COUNT(loss_rows), &loss);
  enum evald_status status = wire_cursor_done(&cursor);
  if (status == EVALD_OK) *out = loss;
  return status;
}

static void take_losses(struct wire_cursor *cursor, evald_loss_tell take,
                        void *context) {
  for (size_t left = wire_get_array(cursor); left > 0 && !cursor->failed;
       left--) {
    struct evald_loss loss = {0};
    read_map(cursor, loss_rows, COUNT(loss_rows), &loss);
    if (!cursor->failed) take(context, &loss);
  }
}

enum evald_status welcome_losses(struct wire_bytes bytes, evald_loss_tell take,
                                 void *context) {
  struct wire_cursor cursor = wire_cursor_of(bytes);
  for (size_t pairs = wire_get_map(&cursor); pairs > 0 && !cursor.failed;
       pairs--) {
    bool losses =
        evald_text_equal(wire_get_text(&cursor), EVALD_TEXT("resend"));
    if (losses && wire_peek(&cursor) == WIRE_TYPE_ARRAY)
      take_losses(&cursor, take, context);
    else
      wire_skip(&cursor);
  }
  return wire_cursor_done(&cursor);
}

void hello_write(struct wire_buffer *out, const char *source, uint32_t window) {
  wire_put_map(out, 3);
  wire_put_string(out, "v");
  wire_put_uint(out, 1);
  wire_put_string(out, "source");
  wire_put_string(out, source);
  wire_put_string(out, "window");
  wire_put_uint(out, window);
}
