/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/job_fields.h"

#include "base/arena.h"
#include "wire/in_order.h"

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

bool job_is_division(struct evald_text text) {
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
  if (job_is_division(text)) {
    *(struct evald_text *)into = text;
  } else {
    reader_reject(reader, WIRE_REJECT_BAD_TEXT, field->expected, text);
  }
}

static READER_FUNCTION(read_year) {
  int64_t year;
  if (reader_int(reader, field, EVALD_YEAR_FIRST, EVALD_YEAR_LAST, &year)) {
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
#define QUICK(key, shape_of) .shape = READER_##shape_of, .quick = QUICK_KEY(key)
#define CHOOSE(key, among)                                                     \
  .shape = READER_CHOICE, .quick = QUICK_KEY(key), .choices = &(among)
#define LIST(rows)                                                             \
  { rows, sizeof rows / sizeof rows[0] }
#define TABLE(rows)                                                            \
  { rows, sizeof rows / sizeof rows[0], rows##_in_order }
/* NOLINTEND(bugprone-macro-parentheses) */

#define FUND(member)                                                           \
  {                                                                            \
    KEY(#member), reader_figure, offsetof(struct evald_fund_row, member),      \
        QUICK(#member, FIGURE)                                                 \
  }
static const struct reader_field fund_row_fields[] = {
    FUND(opening), FUND(budget), FUND(executed),
    FUND(weight),  FUND(rate),   FUND(score)};
IN_ORDER(fund_row_fields_in_order, fund_row_fields)
static const struct reader_table fund_row_table = TABLE(fund_row_fields);

static READER_FUNCTION(read_fund_row) {
  (void)field;
  struct evald_fund_row *row = into;
  row->present = true;
  reader_map(reader, &fund_row_table, row, NULL);
}

static const struct reader_field fund_fields[] = {
#define X(name, key, label)                                                    \
  {KEY(key), read_fund_row, EVALD_FUND_##name * sizeof(struct evald_fund_row), \
   QUICK(key, ANY)},
    EVALD_FUND_LIST(X)
#undef X
};
IN_ORDER(fund_fields_in_order, fund_fields)
static const struct reader_table fund_table = TABLE(fund_fields);

static READER_FUNCTION(read_funds) {
  (void)field;
  reader_map(reader, &fund_table, into, NULL);
}

static const struct reader_field goal_fields[] = {
    {KEY("expected"), reader_text, offsetof(struct evald_form, goal_expected),
     QUICK("expected", TEXT)},
    {KEY("actual"), reader_text, offsetof(struct evald_form, goal_actual),
     QUICK("actual", TEXT)}};
IN_ORDER(goal_fields_in_order, goal_fields)
static const struct reader_table goal_table = TABLE(goal_fields);

static READER_FUNCTION(read_goal) {
  (void)field;
  reader_map(reader, &goal_table, into, NULL);
}

#define ROW(member, function, shape_of)                                        \
  {                                                                            \
    KEY(#member), function, offsetof(struct evald_indicator, member),          \
        QUICK(#member, shape_of)                                               \
  }
static const struct quick_choice op_choice[] = {
#define X(name, spelling, sign, computesign)                                   \
  {QUICK_KEY(spelling), EVALD_OP_##name},
    EVALD_OPERATOR_LIST(X)
#undef X
};
/* That a row names no operator is said by leaving it out. */
static const struct quick_choices op_choices = {
    op_choice + EVALD_OP_AT_LEAST, EVALD_OPERATOR_COUNT - EVALD_OP_AT_LEAST};

static const struct reader_field indicator_fields[] = {
    ROW(level1, reader_text, TEXT),
    ROW(level2, reader_text, TEXT),
    ROW(name, reader_text, TEXT),
    {KEY("op"), read_op, offsetof(struct evald_indicator, op), 0,
     WIRE_EXPECTED_OPERATOR, CHOOSE("op", op_choices)},
    ROW(target, reader_claim, CLAIM),
    ROW(unit, reader_text, TEXT),
    ROW(actual, reader_claim, CLAIM),
    ROW(actual_unit, reader_text, TEXT),
    ROW(weight, reader_figure, FIGURE),
    ROW(score, reader_figure, FIGURE),
    ROW(reason, reader_text, TEXT),
    ROW(measure, reader_text, TEXT),
    ROW(not_applicable, reader_bool, ANY)};
IN_ORDER(indicator_fields_in_order, indicator_fields)
static const struct reader_table indicator_table = TABLE(indicator_fields);

/* Memory, to be set, for `count` things of `size`; NULL is a problem of the
 * job, and its elements are passed. */
static void *take(struct reader *reader, size_t count, size_t size) {
  void *memory = arena_take_unset(reader->arena, count * size);
  if (memory) return memory;
  reader_reject(reader, WIRE_REJECT_NO_MEMORY, WIRE_EXPECTED_NOTHING,
                (struct evald_text){0});
  wire_skip_many(&reader->cursor, count);
  return NULL;
}

static READER_FUNCTION(read_indicators) {
  struct evald_form *form = into;
  size_t count = reader_array(reader, EVALD_INDICATORS_MAX, field->expected);
  if (count == 0) return;
  struct evald_indicator *rows = take(reader, count, sizeof *rows);
  if (!rows) return;
  size_t i = 0;
  for (; i < count && !reader->cursor.failed; i++) {
    rows[i] = (struct evald_indicator){0};
    reader_push_index(reader, i);
    reader_map(reader, &indicator_table, &rows[i], NULL);
    reader_pop(reader);
  }
  form->indicators = rows;
  form->indicator_count = i;
}

static READER_FUNCTION(read_projects) {
  static const struct reader_field code = {.limit = JOB_CODE_CHARACTERS,
                                           .expected = WIRE_EXPECTED_CODE};
  struct wire_job *job = into;
  size_t count = reader_array(reader, WIRE_PROJECTS_MAX, field->expected);
  if (count == 0) return;
  struct evald_text *projects = take(reader, count, sizeof *projects);
  if (!projects) return;
  size_t i = 0;
  for (; i < count && !reader->cursor.failed; i++) {
    projects[i] = (struct evald_text){0};
    reader_push_index(reader, i);
    reader->value_at = wire_cursor_offset(&reader->cursor);
    reader_name(reader, &code, &projects[i]);
    reader_pop(reader);
  }
  job->projects = projects;
  job->project_count = i;
}

static const struct quick_choice kind_choice[] = {
#define X(name, spelling) {QUICK_KEY(spelling), WIRE_KIND_##name},
    WIRE_KIND_LIST(X)
#undef X
};
static const struct quick_choices kind_choices = LIST(kind_choice);

static const struct quick_choice unit_choice[] = {
    {QUICK_KEY("万元"), EVALD_MONEY_WAN_YUAN},
    {QUICK_KEY("元"), EVALD_MONEY_YUAN}};
static const struct quick_choices unit_choices = LIST(unit_choice);

#define ANY(key)      QUICK(key, ANY)
#define NAMED(key)    QUICK(key, NAME)
#define TEXT(key)     QUICK(key, TEXT)
#define FIGURE(key)   QUICK(key, FIGURE)
#define YEAR(key)     QUICK(key, YEAR)
#define DIVISION(key) QUICK(key, DIVISION)
#define VERSION(key)  .small = WIRE_JOB_VERSION, QUICK(key, SMALL)
#define SMALL(key)    .small = 127, QUICK(key, SMALL)
#define KIND(key)     CHOOSE(key, kind_choices)
#define UNIT(key)     CHOOSE(key, unit_choices)

const struct evald_text job_fund_keys[] = {
#define X(name, key, label) KEY(key),
    EVALD_FUND_LIST(X)
#undef X
};

/* What WIRE_EXPECTED_LIST says of these is what they are. */
_Static_assert(EVALD_YEAR_FIRST == 1994 && EVALD_YEAR_LAST == 2999, "YEAR");
_Static_assert(JOB_NAME_CHARACTERS == 64 && JOB_CODE_CHARACTERS == 40, "NAME");
_Static_assert(EVALD_INDICATORS_MAX == 512, "ROWS");
_Static_assert(WIRE_PROJECTS_MAX == 512, "CODES");
_Static_assert(WIRE_JOB_VERSION == 1, "VERSION");

static const struct reader_field job_fields[] = {
#define X(key, read, place, limit, expected, needed, allowed, shape)           \
  {KEY(#key), (read),    (place),    (limit), WIRE_EXPECTED_##expected,        \
   (needed),  (allowed), shape(#key)},
    JOB_LIST(X)
#undef X
};
IN_ORDER(job_fields_in_order, job_fields)
const struct reader_table job_table = TABLE(job_fields);
