/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/job_codec.h"

#include "base/utf8.h"
#include "wire/reader.h"
#include <string.h>

enum {
  EVALUATE = 1 << WIRE_KIND_EVALUATE,
  WITHDRAW = 1 << WIRE_KIND_WITHDRAW,
  RECALCULATE = 1 << WIRE_KIND_RECALCULATE,
  FORM = EVALUATE | WITHDRAW, /* a form may come along with a withdrawal */
  ALL = FORM | RECALCULATE,
  NAME_MAX_CHARACTERS = 64,
  CODE_MAX_CHARACTERS = 40
};

static const struct evald_text kinds[] = {
#define X(name, spelling) {spelling, sizeof(spelling) - 1},
    WIRE_KIND_LIST(X)
#undef X
};

const char *wire_kind_name(enum wire_kind kind) {
  return (unsigned)kind < WIRE_KIND_COUNT ? kinds[kind].data : "?";
}

/* The first of `count` texts that is equal; count where none is. */
static unsigned among(const struct evald_text *texts, unsigned count,
                      struct evald_text text) {
  unsigned i = 0;
  while (i < count && !evald_text_equal(texts[i], text))
    i++;
  return i;
}

/* Reads a text that must be one of `texts`; its number, or -1 and a problem. */
static int read_choice(struct reader *reader, const struct reader_field *field,
                       const struct evald_text *texts, unsigned count,
                       enum wire_reject code) {
  struct evald_text text = {0};
  reader_text(reader, field, &text);
  if (!text.data) return -1;
  unsigned found = among(texts, count, text);
  if (found < count) return (int)found;
  reader_reject(reader, code, field->expected, text);
  return -1;
}

static READER_FUNCTION(read_version) {
  int64_t *version = into;
  *version = -1;
  if (reader_int(reader, field, INT64_MIN, INT64_MAX, version) &&
      *version != WIRE_JOB_VERSION) {
    reader_reject(reader, WIRE_REJECT_BAD_VERSION, field->expected,
                  (struct evald_text){0});
  }
}

static READER_FUNCTION(read_kind) {
  int kind =
      read_choice(reader, field, kinds, WIRE_KIND_COUNT, WIRE_REJECT_BAD_KIND);
  *(uint8_t *)into = kind < 0 ? WIRE_KIND_COUNT : (uint8_t)kind;
}

static bool nine_digits(struct evald_text text) {
  if (text.size != 9) return false;
  for (size_t i = 0; i < text.size; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
  }
  return true;
}

static READER_FUNCTION(read_division) {
  struct evald_text text = {0};
  reader_text(reader, field, &text);
  if (!text.data) return;
  if (nine_digits(text)) {
    *(struct evald_text *)into = text;
  } else {
    reader_reject(reader, WIRE_REJECT_BAD_TEXT, field->expected, text);
  }
}

static READER_FUNCTION(read_year) {
  int64_t year;
  if (reader_int(reader, field, 1994, 2999, &year)) {
    *(uint16_t *)into = (uint16_t)year;
  }
}

static READER_FUNCTION(read_revision) {
  (void)reader_int(reader, field, 1, INT64_MAX, into);
}

static READER_FUNCTION(read_money_unit) {
  static const struct evald_text units[] = {{"万元", sizeof "万元" - 1},
                                            {"元", sizeof "元" - 1}};
  int unit = read_choice(reader, field, units, 2, WIRE_REJECT_NOT_ALLOWED);
  if (unit >= 0) *(uint8_t *)into = (uint8_t)unit;
}

static const struct evald_text op_spellings[] = {
#define X(name, spelling, sign, computesign) {spelling, sizeof(spelling) - 1},
    EVALD_OPERATOR_LIST(X)
#undef X
};

static const struct evald_text op_signs[] = {
#define X(name, spelling, sign, computesign) {sign, sizeof(sign) - 1},
    EVALD_OPERATOR_LIST(X)
#undef X
};

/* The computesign of an operator is its number: the list says so, and this
 * holds it. */
#define X(name, spelling, sign, computesign)                                   \
  _Static_assert((computesign) == EVALD_OP_##name, "computesign");
EVALD_OPERATOR_LIST(X)
#undef X

static READER_FUNCTION(read_op) {
  uint8_t *op = into;
  if (wire_peek(&reader->cursor) == WIRE_TYPE_INT) {
    int64_t number;
    if (reader_int(reader, field, EVALD_OP_AT_LEAST, EVALD_OP_QUALITATIVE,
                   &number)) {
      *op = (uint8_t)number;
    }
    return;
  }
  struct evald_text text = {0};
  reader_text(reader, field, &text);
  if (!text.data) return;
  unsigned found = among(op_spellings, EVALD_OPERATOR_COUNT, text);
  if (found == EVALD_OPERATOR_COUNT) {
    found = among(op_signs, EVALD_OPERATOR_COUNT, text);
  }
  if (found < EVALD_OPERATOR_COUNT) {
    *op = (uint8_t)found;
  } else {
    reader_reject(reader, WIRE_REJECT_NOT_ALLOWED, field->expected, text);
  }
}

/* NOLINTBEGIN(bugprone-macro-parentheses): initializers */
#define KEY(text)                                                              \
  { text, sizeof(text) - 1 }
#define TABLE(rows)                                                            \
  { rows, sizeof rows / sizeof rows[0] }
/* NOLINTEND(bugprone-macro-parentheses) */

#define FUND(member)                                                           \
  { KEY(#member), reader_figure, offsetof(struct evald_fund_row, member) }
static const struct reader_field fund_row_fields[] = {
    FUND(opening), FUND(budget), FUND(executed),
    FUND(weight),  FUND(rate),   FUND(score)};
static const struct reader_table fund_row_table = TABLE(fund_row_fields);

static READER_FUNCTION(read_fund_row) {
  (void)field;
  struct evald_fund_row *row = into;
  row->present = true;
  reader_map(reader, &fund_row_table, row, NULL);
}

static const struct reader_field fund_fields[] = {
#define X(name, key, label)                                                    \
  {KEY(key), read_fund_row, EVALD_FUND_##name * sizeof(struct evald_fund_row)},
    EVALD_FUND_LIST(X)
#undef X
};
static const struct reader_table fund_table = TABLE(fund_fields);

static READER_FUNCTION(read_funds) {
  (void)field;
  reader_map(reader, &fund_table, into, NULL);
}

static const struct reader_field goal_fields[] = {
    {KEY("expected"), reader_text, offsetof(struct evald_form, goal_expected)},
    {KEY("actual"), reader_text, offsetof(struct evald_form, goal_actual)}};
static const struct reader_table goal_table = TABLE(goal_fields);

static READER_FUNCTION(read_goal) {
  (void)field;
  reader_map(reader, &goal_table, into, NULL);
}

#define ROW(member, function)                                                  \
  { KEY(#member), function, offsetof(struct evald_indicator, member) }
static const struct reader_field indicator_fields[] = {
    ROW(level1, reader_text),
    ROW(level2, reader_text),
    ROW(name, reader_text),
    {KEY("op"), read_op, offsetof(struct evald_indicator, op), 0,
     ">= > = < <= qualitative, 1..6"},
    ROW(target, reader_claim),
    ROW(unit, reader_text),
    ROW(actual, reader_claim),
    ROW(actual_unit, reader_text),
    ROW(weight, reader_figure),
    ROW(score, reader_figure),
    ROW(reason, reader_text),
    ROW(measure, reader_text),
    ROW(not_applicable, reader_bool)};
static const struct reader_table indicator_table = TABLE(indicator_fields);

/* Memory for `count` things of `size`; NULL is a problem of the job, and its
 * elements are passed. */
static void *take(struct reader *reader, size_t count, size_t size) {
  void *memory = evald_arena_take(reader->arena, count * size);
  if (memory) return memory;
  reader_reject(reader, WIRE_REJECT_NO_MEMORY, NULL, (struct evald_text){0});
  wire_skip_many(&reader->cursor, count);
  return NULL;
}

static READER_FUNCTION(read_indicators) {
  struct evald_form *form = into;
  size_t count = reader_array(reader, EVALD_INDICATORS_MAX, field->expected);
  if (count == 0) return;
  struct evald_indicator *rows = take(reader, count, sizeof *rows);
  if (!rows) return;
  for (size_t i = 0; i < count && !reader->cursor.failed; i++) {
    reader_push_index(reader, i);
    reader_map(reader, &indicator_table, &rows[i], NULL);
    reader_pop(reader);
  }
  form->indicators = rows;
  form->indicator_count = count;
}

static READER_FUNCTION(read_projects) {
  static const struct reader_field code = {.limit = CODE_MAX_CHARACTERS,
                                           .expected = "1..40 characters"};
  struct wire_job *job = into;
  size_t count = reader_array(reader, WIRE_PROJECTS_MAX, field->expected);
  if (count == 0) return;
  struct evald_text *projects = take(reader, count, sizeof *projects);
  if (!projects) return;
  for (size_t i = 0; i < count && !reader->cursor.failed; i++) {
    reader_push_index(reader, i);
    reader->value_at = wire_cursor_offset(&reader->cursor);
    reader_name(reader, &code, &projects[i]);
    reader_pop(reader);
  }
  job->projects = projects;
  job->project_count = count;
}

/* The job, in the order in which jobs are written. */
#define JOB(member) offsetof(struct wire_job, member)
#define TEXT(member, allowed)                                                  \
  { KEY(#member), reader_text, JOB(form.member), 0, NULL, 0, (allowed) }
static const struct reader_field job_fields[] = {
    {KEY("v"), read_version, JOB(version), 0, "1", ALL, ALL},
    {KEY("kind"), read_kind, JOB(kind), 0, "evaluate, withdraw, recalculate",
     ALL, ALL},
    {KEY("job_id"), reader_name, JOB(job_id), NAME_MAX_CHARACTERS,
     "1..64 characters", ALL, ALL},
    {KEY("source"), reader_name, JOB(source), NAME_MAX_CHARACTERS,
     "1..64 characters", ALL, ALL},
    {KEY("mof_div_code"), read_division, JOB(form.mof_div_code), 0,
     "9 digits, str", ALL, ALL},
    {KEY("fiscal_year"), read_year, JOB(form.fiscal_year), 0, "1994..2999", ALL,
     ALL},
    {KEY("pro_code"), reader_name, JOB(form.pro_code), CODE_MAX_CHARACTERS,
     "1..40 characters", FORM, FORM},
    {KEY("pro_name"), reader_text, JOB(form.pro_name), 0, NULL, EVALUATE, FORM},
    TEXT(dept_code, FORM),
    TEXT(dept_name, FORM),
    TEXT(agency_code, FORM),
    TEXT(agency_name, FORM),
    {KEY("revision"), read_revision, JOB(revision), 0, "≥ 1", FORM, FORM},
    {KEY("ruleset"), reader_name, JOB(ruleset), NAME_MAX_CHARACTERS,
     "1..64 characters", 0, ALL},
    {KEY("money_unit"), read_money_unit, JOB(form.money_unit), 0, "万元, 元", 0,
     FORM},
    {KEY("funds"), read_funds, JOB(form.funds), 0, NULL, EVALUATE, FORM},
    {KEY("goal"), read_goal, JOB(form), 0, NULL, 0, FORM},
    {KEY("indicators"), read_indicators, JOB(form), 0, "1..512 rows", EVALUATE,
     FORM},
    {KEY("total"), reader_figure, JOB(form.total), 0, NULL, 0, FORM},
    TEXT(grade, FORM),
    TEXT(reason, FORM),
    TEXT(measure, FORM),
    {KEY("projects"), read_projects, 0, 0, "1..512 codes", RECALCULATE,
     RECALCULATE}};
static const struct reader_table job_table = TABLE(job_fields);

/* Keys that the job's kind needs and are missing, or does not know. */
static void check_keys(struct reader *reader, const struct wire_job *job,
                       const struct reader_seen *seen) {
  unsigned kind = 1U << job->kind;
  for (unsigned i = 0; i < job_table.count; i++) {
    const struct reader_field *field = &job_fields[i];
    bool here = seen->rows >> i & 1;
    if (!here && (field->needed & kind)) {
      reader_problem_at(reader, WIRE_REJECT_MISSING_KEY, field->key, 0);
    } else if (here && !(field->allowed & kind)) {
      reader_problem_at(reader, WIRE_REJECT_UNKNOWN_KEY, field->key,
                        seen->at[i]);
    }
  }
}

static unsigned row_of(const char *key) {
  struct evald_text text = evald_text_of(key);
  unsigned row = 0;
  while (row < job_table.count && !evald_text_equal(job_fields[row].key, text))
    row++;
  return row;
}

static bool was_seen(const struct reader_seen *seen, const char *key) {
  return seen->rows >> row_of(key) & 1;
}

static void check_fen(struct reader *reader, const struct evald_text *fund,
                      const char *name, struct evald_figure amount) {
  enum { FEN = EVALD_DECIMAL_ONE / 100 };
  if (!amount.present || amount.value % FEN == 0) return;
  struct evald_text column = evald_text_of(name);
  reader_push_key(reader, fund);
  reader_push_key(reader, &column);
  reader_reject(reader, WIRE_REJECT_OUT_OF_RANGE, "≤ 2 fractional digits (元)",
                (struct evald_text){0});
  reader_pop(reader);
  reader_pop(reader);
}

/* Amounts in 元 are counted in 分: what is finer cannot be an amount. */
static void check_yuan(struct reader *reader, const struct evald_form *form,
                       const struct reader_seen *seen) {
  static const struct evald_text funds = KEY("funds");
  if (form->money_unit != EVALD_MONEY_YUAN || !was_seen(seen, "funds")) return;
  reader->value_at = seen->at[row_of("funds")];
  reader_push_key(reader, &funds);
  for (unsigned i = 0; i < EVALD_FUND_COUNT; i++) {
    const struct evald_fund_row *row = &form->funds[i];
    check_fen(reader, &fund_fields[i].key, "opening", row->opening);
    check_fen(reader, &fund_fields[i].key, "budget", row->budget);
    check_fen(reader, &fund_fields[i].key, "executed", row->executed);
  }
  reader_pop(reader);
}

/* Of a job of another version only that is worth saying: its other keys may
 * mean anything. */
static void only_version(struct wire_rejects *rejects) {
  for (size_t i = 0; i < rejects->count; i++) {
    if (rejects->items[i].code != WIRE_REJECT_BAD_VERSION) continue;
    rejects->items[0] = rejects->items[i];
    rejects->count = 1;
    rejects->more = 0;
    return;
  }
}

static void keep_identity(struct wire_job *job) {
  if (job->kind == WIRE_KIND_EVALUATE) return;
  job->form = (struct evald_form){.mof_div_code = job->form.mof_div_code,
                                  .fiscal_year = job->form.fiscal_year,
                                  .pro_code = job->form.pro_code};
}

/* The top level of a message that is not sound, as far as it can be walked. */
static void walk(struct wire_bytes frame, struct wire_job *job) {
  struct wire_cursor cursor = wire_cursor_of(frame);
  size_t pairs = wire_get_map(&cursor);
  for (; pairs > 0 && !cursor.failed; pairs--) {
    struct evald_text key = wire_get_text(&cursor);
    struct wire_cursor value = cursor;
    wire_skip(&cursor);
    if (evald_text_equal(key, EVALD_TEXT("job_id"))) {
      job->job_id = wire_get_text(&value);
    } else if (evald_text_equal(key, EVALD_TEXT("source"))) {
      job->source = wire_get_text(&value);
    } else if (evald_text_equal(key, EVALD_TEXT("pro_code"))) {
      job->form.pro_code = wire_get_text(&value);
    } else if (evald_text_equal(key, EVALD_TEXT("mof_div_code"))) {
      job->form.mof_div_code = wire_get_text(&value);
    } else if (evald_text_equal(key, EVALD_TEXT("fiscal_year"))) {
      int64_t year = wire_get_int(&value);
      if (year >= 1994 && year <= 2999) job->form.fiscal_year = (uint16_t)year;
    }
  }
}

static void keep_name(struct evald_text *text, size_t limit) {
  if (!utf8_valid(text->data, text->size) || !reader_is_name(*text, limit)) {
    *text = (struct evald_text){0};
  }
}

/* Who sent a message that the pre-scan refused, as far as it can be read. */
static void recover(struct wire_bytes frame, struct wire_job *job) {
  walk(frame, job);
  keep_name(&job->job_id, NAME_MAX_CHARACTERS);
  keep_name(&job->source, NAME_MAX_CHARACTERS);
  keep_name(&job->form.pro_code, CODE_MAX_CHARACTERS);
  if (!nine_digits(job->form.mof_div_code)) {
    job->form.mof_div_code = (struct evald_text){0};
  }
}

/* The whole job from its first byte on. */
static void read_job(struct reader *reader, struct wire_job *out) {
  struct reader_seen seen;
  seen.rows = 0;
  *out = (struct wire_job){.kind = WIRE_KIND_COUNT};
  reader_map(reader, &job_table, out, &seen);
  if (out->kind < WIRE_KIND_COUNT) {
    check_keys(reader, out, &seen);
  } else if (!was_seen(&seen, "kind")) {
    reader_problem_at(reader, WIRE_REJECT_MISSING_KEY, EVALD_TEXT("kind"), 0);
  }
  check_yuan(reader, &out->form, &seen);
  keep_identity(out);
}

/* Whether a trial can say all that the pre-scan says of a job without a
 * problem: its size and its depth, beside what the reader looks at. */
static bool may_be_tried(struct wire_bytes frame,
                         const struct wire_limits *limits) {
  enum { JOB_DEPTH = 3 /* the job, its indicators, a row of them */ };
  return frame.size <= limits->bytes && frame.size <= UINT32_MAX &&
         limits->depth >= JOB_DEPTH;
}

enum evald_status wire_job_decode(struct wire_bytes frame,
                                  const struct wire_limits *limits,
                                  struct evald_arena *arena,
                                  struct wire_job *out,
                                  struct wire_rejects *rejects) {
  struct reader reader = {.cursor = wire_cursor_of(frame),
                          .arena = arena,
                          .rejects = rejects,
                          .limits = limits};
  /* Nearly every job is fine. */
  reader.on_trial = may_be_tried(frame, limits);
  if (reader.on_trial) {
    struct evald_arena_mark mark = evald_arena_mark(arena);
    read_job(&reader, out);
    if (wire_cursor_done(&reader.cursor) == EVALD_OK) return EVALD_OK;
    evald_arena_return(arena, mark);
  }
  if (wire_prescan(frame, limits, rejects) != EVALD_OK) {
    *out = (struct wire_job){.kind = WIRE_KIND_COUNT};
    recover(frame, out);
    return EVALD_REJECTED;
  }
  reader.on_trial = false;
  reader.cursor = wire_cursor_of(frame);
  read_job(&reader, out);
  only_version(rejects);
  return rejects->count > 0 ? EVALD_REJECTED : EVALD_OK;
}

/* Takes one pair of the top level; whether both keys are known now. */
static bool route_by(struct wire_cursor *cursor, struct wire_route *route) {
  struct evald_text key = wire_get_text(cursor);
  struct wire_cursor value = *cursor;
  if (evald_text_equal(key, EVALD_TEXT("mof_div_code"))) {
    route->mof_div_code = wire_get_text(&value);
  } else if (evald_text_equal(key, EVALD_TEXT("fiscal_year"))) {
    int64_t year = wire_get_int(&value);
    if (year >= 1994 && year <= 2999) route->fiscal_year = (uint16_t)year;
  }
  wire_skip(cursor);
  return route->mof_div_code.data && route->fiscal_year > 0;
}

bool wire_job_route(struct wire_bytes frame, struct wire_route *out) {
  struct wire_cursor cursor = wire_cursor_of(frame);
  struct wire_route route = {0};
  size_t pairs = wire_get_map(&cursor);
  while (pairs > 0 && !cursor.failed && !route_by(&cursor, &route))
    pairs--;
  if (!nine_digits(route.mof_div_code) || route.fiscal_year == 0) return false;
  *out = route;
  return true;
}
