/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/job_codec.h"

#include "jobs.h"

struct fixture {
  struct wire_buffer buffer;
  struct evald_arena *arena;
  struct wire_job job;
  struct wire_rejects rejects;
};

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  f->arena = evald_arena_new(1 << 20);
  assert_non_null(f->arena);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  wire_buffer_fini(&f->buffer);
  evald_arena_free(f->arena);
  free(f);
  return 0;
}

static enum evald_status decode(struct fixture *f, struct wire_bytes frame) {
  wire_rejects_init(&f->rejects);
  evald_arena_reset(f->arena);
  return wire_job_decode(frame, &wire_limits_default, f->arena, &f->job,
                         &f->rejects);
}

static enum evald_status decode_with(struct fixture *f, const char *path,
                                     const char *value) {
  return decode(f, job_with(path, value, &f->buffer));
}

static uint8_t *find(uint8_t *data, size_t size, const void *wanted,
                     size_t length) {
  for (size_t i = 0; i + length <= size; i++) {
    if (memcmp(data + i, wanted, length) == 0) return data + i;
  }
  return NULL;
}

#define assert_text(text, literal)                                             \
  assert_true(evald_text_equal((text), EVALD_TEXT(literal)))

static void assert_figure(struct evald_figure figure, evald_decimal value) {
  assert_true(figure.present);
  assert_int_equal(figure.value, value);
}

static void reads_the_head(void **state) {
  struct fixture *f = *state;
  assert_int_equal(decode_with(f, NULL, NULL), EVALD_OK);
  const struct wire_job *job = &f->job;
  assert_int_equal(job->version, 1);
  assert_int_equal(job->kind, WIRE_KIND_EVALUATE);
  assert_text(job->job_id, "j-1");
  assert_text(job->source, "test");
  assert_text(job->ruleset, "cn-sh-2024");
  assert_int_equal(job->revision, 3);
  const struct evald_form *form = &job->form;
  assert_text(form->mof_div_code, "310113000");
  assert_int_equal(form->fiscal_year, 2024);
  assert_text(form->pro_code, "P-1");
  assert_text(form->pro_name, "基层党建经费");
  assert_text(form->dept_code, "101");
  assert_text(form->dept_name, "组织部");
  assert_text(form->agency_code, "101001");
  assert_text(form->agency_name, "组织部本级");
  assert_text(form->grade, "优");
  assert_text(form->reason, "r");
  assert_text(form->measure, "m");
  assert_text(form->goal_expected, "建设");
  assert_text(form->goal_actual, "完成");
  assert_int_equal(form->money_unit, EVALD_MONEY_WAN_YUAN);
}

static void reads_the_figures(void **state) {
  struct fixture *f = *state;
  assert_int_equal(decode_with(f, NULL, NULL), EVALD_OK);
  const struct evald_form *form = &f->job.form;
  const struct evald_fund_row *total = &form->funds[EVALD_FUND_TOTAL];
  assert_true(total->present);
  assert_figure(total->opening, 0);
  assert_figure(total->budget, 27000000);
  assert_figure(total->executed, 27000000);
  assert_figure(total->weight, 10000000);
  assert_figure(total->rate, 99030000); /* a double in JSON */
  assert_figure(total->score, 10000000);
  assert_true(form->funds[EVALD_FUND_APPROPRIATION].present);
  assert_false(form->funds[EVALD_FUND_APPROPRIATION].rate.present);
  assert_false(form->funds[EVALD_FUND_CARRYOVER].present);
  assert_figure(form->total, 100000000);
}

static void reads_the_indicators(void **state) {
  struct fixture *f = *state;
  assert_int_equal(decode_with(f, NULL, NULL), EVALD_OK);
  assert_int_equal(f->job.form.indicator_count, 2);
  const struct evald_indicator *row = &f->job.form.indicators[0];
  assert_text(row->level1, "产出指标");
  assert_text(row->level2, "数量指标");
  assert_text(row->name, "培训覆盖率");
  assert_int_equal(row->op, EVALD_OP_AT_LEAST);
  assert_int_equal(row->target.kind, EVALD_CLAIM_NUMBER);
  assert_int_equal(row->target.number, 90000000);
  assert_int_equal(row->actual.kind, EVALD_CLAIM_NUMBER);
  assert_text(row->unit, "%");
  assert_text(row->actual_unit, "%");
  assert_figure(row->weight, 50000000);
  assert_figure(row->score, 50000000);
  assert_true(row->reason.data && row->reason.size == 0);
  assert_text(row->measure, "无");
  row++;
  assert_int_equal(row->op, EVALD_OP_QUALITATIVE);
  assert_int_equal(row->target.kind, EVALD_CLAIM_TEXT);
  assert_text(row->target.text, "明显");
  assert_text(row->actual.text, "达成指标");
  assert_figure(row->score, 40000000);
  assert_null(row->reason.data);
  assert_false(row->not_applicable);
}

static void reads_every_operator(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *value;
    enum evald_operator op;
  } cases[] = {
      {"'>='", EVALD_OP_AT_LEAST}, {"'≥'", EVALD_OP_AT_LEAST},
      {"1", EVALD_OP_AT_LEAST},    {"'>'", EVALD_OP_ABOVE},
      {"'＞'", EVALD_OP_ABOVE},    {"2", EVALD_OP_ABOVE},
      {"'='", EVALD_OP_EQUAL},     {"'＝'", EVALD_OP_EQUAL},
      {"3", EVALD_OP_EQUAL},       {"'<'", EVALD_OP_BELOW},
      {"'＜'", EVALD_OP_BELOW},    {"4", EVALD_OP_BELOW},
      {"'<='", EVALD_OP_AT_MOST},  {"'≤'", EVALD_OP_AT_MOST},
      {"5", EVALD_OP_AT_MOST},     {"'qualitative'", EVALD_OP_QUALITATIVE},
      {"6", EVALD_OP_QUALITATIVE}, {"'定性'", EVALD_OP_QUALITATIVE},
      {"''", EVALD_OP_NONE},       {NULL, EVALD_OP_NONE},
      {"null", EVALD_OP_NONE}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(decode_with(f, "indicators.0.op", cases[i].value),
                     EVALD_OK);
    assert_int_equal(f->job.form.indicators[0].op, cases[i].op);
  }
}

/* What is a number, and what stays words. */
static void tells_numbers_from_words(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *value;
    enum evald_claim_kind kind;
    evald_decimal number;
  } cases[] = {{"'100.00'", EVALD_CLAIM_NUMBER, 100000000},
               {"-3", EVALD_CLAIM_NUMBER, -3000000},
               {"0.5", EVALD_CLAIM_NUMBER, 500000},
               {"'100%'", EVALD_CLAIM_TEXT, 0},
               {"'≥266'", EVALD_CLAIM_TEXT, 0},
               {"' 5'", EVALD_CLAIM_TEXT, 0},
               {"'1,000'", EVALD_CLAIM_TEXT, 0},
               {"'1e3'", EVALD_CLAIM_TEXT, 0},
               {"'nan'", EVALD_CLAIM_TEXT, 0},
               {"''", EVALD_CLAIM_TEXT, 0},
               {"null", EVALD_CLAIM_ABSENT, 0},
               {NULL, EVALD_CLAIM_ABSENT, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(decode_with(f, "indicators.0.actual", cases[i].value),
                     EVALD_OK);
    const struct evald_claim *actual = &f->job.form.indicators[0].actual;
    assert_int_equal(actual->kind, cases[i].kind);
    assert_int_equal(actual->number, cases[i].number);
  }
}

/* The list of bad input: one change, one problem, its key. */
static const struct {
  const char *path, *value;
  enum wire_reject code;
  const char *key;
} bad[] = {
    {"v", "2", WIRE_REJECT_BAD_VERSION, "v"},
    {"v", "'1'", WIRE_REJECT_WRONG_TYPE, "v"},
    {"v", NULL, WIRE_REJECT_MISSING_KEY, "v"},
    {"kind", "'destroy'", WIRE_REJECT_BAD_KIND, "kind"},
    {"kind", "7", WIRE_REJECT_WRONG_TYPE, "kind"},
    {"kind", NULL, WIRE_REJECT_MISSING_KEY, "kind"},
    {"job_id", NULL, WIRE_REJECT_MISSING_KEY, "job_id"},
    {"job_id", "null", WIRE_REJECT_MISSING_KEY, "job_id"},
    {"job_id", "''", WIRE_REJECT_EMPTY_TEXT, "job_id"},
    {"job_id", "'a\\u0007b'", WIRE_REJECT_BAD_TEXT, "job_id"},
    {"job_id", "17", WIRE_REJECT_WRONG_TYPE, "job_id"},
    {"source",
     "'0123456789012345678901234567890123456789012345678901234567890123x'",
     WIRE_REJECT_TOO_LONG, "source"},
    {"pro_code", "'01234567890123456789012345678901234567890'",
     WIRE_REJECT_TOO_LONG, "pro_code"},
    {"mof_div_code", "'31011300'", WIRE_REJECT_BAD_TEXT, "mof_div_code"},
    {"mof_div_code", "'31011300x'", WIRE_REJECT_BAD_TEXT, "mof_div_code"},
    {"mof_div_code", "310113000", WIRE_REJECT_WRONG_TYPE, "mof_div_code"},
    {"fiscal_year", "1993", WIRE_REJECT_OUT_OF_RANGE, "fiscal_year"},
    {"fiscal_year", "3000", WIRE_REJECT_OUT_OF_RANGE, "fiscal_year"},
    {"fiscal_year", "'2024'", WIRE_REJECT_WRONG_TYPE, "fiscal_year"},
    {"revision", "0", WIRE_REJECT_OUT_OF_RANGE, "revision"},
    {"revision", "1.5", WIRE_REJECT_WRONG_TYPE, "revision"},
    {"pro_name", NULL, WIRE_REJECT_MISSING_KEY, "pro_name"},
    {"pro_name", "{}", WIRE_REJECT_WRONG_TYPE, "pro_name"},
    {"money_unit", "'亿元'", WIRE_REJECT_NOT_ALLOWED, "money_unit"},
    {"funds", NULL, WIRE_REJECT_MISSING_KEY, "funds"},
    {"funds", "[]", WIRE_REJECT_WRONG_TYPE, "funds"},
    {"funds.sponsors", "{}", WIRE_REJECT_UNKNOWN_KEY, "funds.sponsors"},
    {"funds.total.budget", "'12,5'", WIRE_REJECT_BAD_NUMBER,
     "funds.total.budget"},
    {"funds.total.budget", "true", WIRE_REJECT_WRONG_TYPE,
     "funds.total.budget"},
    {"funds.total.budget", "'1000000000000'", WIRE_REJECT_OUT_OF_RANGE,
     "funds.total.budget"},
    {"funds.total.budget", "9223372036854775807", WIRE_REJECT_OUT_OF_RANGE,
     "funds.total.budget"},
    {"funds.total.budget", "1e15", WIRE_REJECT_OUT_OF_RANGE,
     "funds.total.budget"},
    {"funds.total.rate", "0.1234567", WIRE_REJECT_OUT_OF_RANGE,
     "funds.total.rate"},
    {"funds.total.rating", "1", WIRE_REJECT_UNKNOWN_KEY, "funds.total.rating"},
    {"goal.hope", "''", WIRE_REJECT_UNKNOWN_KEY, "goal.hope"},
    {"indicators", NULL, WIRE_REJECT_MISSING_KEY, "indicators"},
    {"indicators", "[]", WIRE_REJECT_EMPTY_ARRAY, "indicators"},
    {"indicators", "{}", WIRE_REJECT_WRONG_TYPE, "indicators"},
    {"indicators.1", "[]", WIRE_REJECT_WRONG_TYPE, "indicators[1]"},
    {"indicators.1.op", "'~'", WIRE_REJECT_NOT_ALLOWED, "indicators[1].op"},
    {"indicators.1.op", "7", WIRE_REJECT_OUT_OF_RANGE, "indicators[1].op"},
    {"indicators.1.op", "0", WIRE_REJECT_OUT_OF_RANGE, "indicators[1].op"},
    {"indicators.1.weight", "'ten'", WIRE_REJECT_BAD_NUMBER,
     "indicators[1].weight"},
    {"indicators.1.weight", "''", WIRE_REJECT_BAD_NUMBER,
     "indicators[1].weight"},
    {"indicators.1.target", "[]", WIRE_REJECT_WRONG_TYPE,
     "indicators[1].target"},
    {"indicators.1.target", "'1000000000000'", WIRE_REJECT_OUT_OF_RANGE,
     "indicators[1].target"},
    {"indicators.1.not_applicable", "0", WIRE_REJECT_WRONG_TYPE,
     "indicators[1].not_applicable"},
    {"indicators.1.points", "0", WIRE_REJECT_UNKNOWN_KEY,
     "indicators[1].points"},
    {"surprise", "1", WIRE_REJECT_UNKNOWN_KEY, "surprise"},
    {"X_upper", "1", WIRE_REJECT_UNKNOWN_KEY, "X_upper"},
    {"projects", "['a']", WIRE_REJECT_UNKNOWN_KEY, "projects"},
};

static void names_each_bad_key(void **state) {
  struct fixture *f = *state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct wire_bytes frame = job_with(bad[i].path, bad[i].value, &f->buffer);
    if (decode(f, frame) != EVALD_REJECTED || f->rejects.count != 1) {
      fail_msg("%s = %s: %zu problems", bad[i].path, bad[i].value,
               f->rejects.count);
    }
    const struct wire_problem *problem = &f->rejects.items[0];
    assert_string_equal(wire_reject_name(problem->code),
                        wire_reject_name(bad[i].code));
    assert_string_equal(problem->key, bad[i].key);
    assert_true(problem->offset < frame.size);
    char sentence[WIRE_SENTENCE];
    wire_problem_sentence(problem, 0, sentence, sizeof sentence);
    assert_non_null(strstr(sentence, bad[i].key));
  }
}

/* NaN and the infinities cannot be said in JSON. */
static void refuses_what_is_not_finite(void **state) {
  struct fixture *f = *state;
  static const uint64_t values[] = {
      UINT64_C(0x7FF8000000000000), UINT64_C(0x7FF0000000000000),
      UINT64_C(0xFFF0000000000000), UINT64_C(0x7FF0000000000001)};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    struct wire_bytes frame = job_with("funds.total.rate", "0.25", &f->buffer);
    const uint8_t quarter[] = {0xCB, 0x3F, 0xD0, 0, 0, 0, 0, 0, 0};
    uint8_t *at = find(f->buffer.data, frame.size, quarter, sizeof quarter);
    assert_non_null(at);
    for (unsigned b = 0; b < 8; b++)
      at[1 + b] = (uint8_t)(values[i] >> (56 - 8 * b));
    assert_int_equal(decode(f, frame), EVALD_REJECTED);
    assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_NOT_FINITE);
    assert_string_equal(f->rejects.items[0].key, "funds.total.rate");
    assert_true(f->buffer.data + f->rejects.items[0].offset == at);
  }
}

static void reports_every_problem(void **state) {
  struct fixture *f = *state;
  json_t *job = json_of(good_job);
  set_path(job, "fiscal_year", "1");
  set_path(job, "funds.total.budget", "'x'");
  set_path(job, "indicators.0.weight", "[]");
  set_path(job, "surprise", "1");
  set_path(job, "pro_code", NULL);
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  json_decref(job);
  assert_int_equal(f->rejects.count, 5);
  assert_text(f->job.source, "test"); /* and still says who sent it */
  assert_text(f->job.job_id, "j-1");
  assert_null(f->job.form.pro_code.data);
}

static void bounds_the_problems(void **state) {
  struct fixture *f = *state;
  json_t *job = json_of(good_job);
  for (unsigned i = 0; i < WIRE_PROBLEMS_MAX + 5; i++) {
    char key[16];
    (void)snprintf(key, sizeof key, "k%u", i);
    set_path(job, key, "1");
  }
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  json_decref(job);
  assert_int_equal(f->rejects.count, WIRE_PROBLEMS_MAX);
  assert_int_equal(f->rejects.more, 5);
}

/* Of another version only the version is told: nothing else has a meaning. */
static void another_version_is_the_only_problem(void **state) {
  struct fixture *f = *state;
  json_t *job = json_of("{'w':1,'source':'s','v':9,'job_id':'i','q':[]}");
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  json_decref(job);
  assert_int_equal(f->rejects.count, 1);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_BAD_VERSION);
  assert_text(f->job.source, "s");
}

static void yuan_has_two_digits(void **state) {
  struct fixture *f = *state;
  json_t *job = json_of(good_job);
  set_path(job, "money_unit", "'元'");
  set_path(job, "funds.total.budget", "'270000.12'");
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_OK);
  assert_int_equal(f->job.form.money_unit, EVALD_MONEY_YUAN);
  set_path(job, "funds.total.budget", "'270000.123'");
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  json_decref(job);
  assert_int_equal(f->rejects.count, 1);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_OUT_OF_RANGE);
  assert_string_equal(f->rejects.items[0].key, "funds.total.budget");
}

static void bounds_the_indicators(void **state) {
  struct fixture *f = *state;
  json_t *job = json_of(good_job);
  json_t *rows = json_array();
  for (unsigned i = 0; i < EVALD_INDICATORS_MAX; i++)
    json_array_append_new(rows, json_object());
  json_object_set(job, "indicators", rows);
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_OK);
  json_array_append_new(rows, json_object());
  json_object_set_new(job, "indicators", rows);
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  json_decref(job);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_TOO_LONG);
}

static void a_full_arena_is_a_problem_of_the_job(void **state) {
  struct fixture *f = *state;
  struct wire_bytes frame = job_with(NULL, NULL, &f->buffer);
  evald_arena_free(f->arena);
  f->arena = evald_arena_new(64);
  assert_int_equal(decode(f, frame), EVALD_REJECTED);
  assert_int_equal(f->rejects.count, 1);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_NO_MEMORY);
  assert_string_equal(f->rejects.items[0].key, "indicators");
}

static void withdraws(void **state) {
  struct fixture *f = *state;
  json_t *job = json_of(
      "{'v':1,'kind':'withdraw','job_id':'w','source':'s','mof_div_code':"
      "'310113000','fiscal_year':2024,'pro_code':'P-1','revision':4}");
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_OK);
  assert_int_equal(f->job.kind, WIRE_KIND_WITHDRAW);
  assert_int_equal(f->job.revision, 4);
  set_path(job, "revision", NULL);
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  assert_string_equal(f->rejects.items[0].key, "revision");
  json_decref(job);
  /* A form may come along; it is looked at and left out. */
  assert_int_equal(decode_with(f, "kind", "'withdraw'"), EVALD_OK);
  assert_text(f->job.form.pro_code, "P-1");
  assert_int_equal(f->job.form.indicator_count, 0);
  assert_null(f->job.form.pro_name.data);
}

static void recalculates(void **state) {
  struct fixture *f = *state;
  json_t *job = json_of(
      "{'v':1,'kind':'recalculate','job_id':'w','source':'s','mof_div_code':"
      "'310113000','fiscal_year':2024,'projects':['a','b'],'ruleset':'r'}");
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_OK);
  assert_int_equal(f->job.project_count, 2);
  assert_text(f->job.projects[1], "b");
  set_path(job, "projects.1", "''");
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  assert_string_equal(f->rejects.items[0].key, "projects[1]");
  set_path(job, "projects", "[]");
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_EMPTY_ARRAY);
  set_path(job, "projects", "['a']");
  set_path(job, "indicators", "[{}]");
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  assert_string_equal(f->rejects.items[0].key, "indicators");
  json_decref(job);
}

static void a_job_is_a_map(void **state) {
  struct fixture *f = *state;
  json_t *job = json_of("[1]");
  assert_int_equal(decode(f, frame_of(job, &f->buffer)), EVALD_REJECTED);
  json_decref(job);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_WRONG_TYPE);
}

/* Who sent a job is known wherever the job breaks behind that. */
static void recovers_the_sender(void **state) {
  struct fixture *f = *state;
  struct wire_bytes frame = job_with(NULL, NULL, &f->buffer);
  frame.size -= 20;
  assert_int_equal(decode(f, frame), EVALD_REJECTED);
  assert_text(f->job.job_id, "j-1");
  assert_text(f->job.source, "test");
  assert_text(f->job.form.mof_div_code, "310113000");
  assert_int_equal(f->job.form.fiscal_year, 2024);
  uint8_t *source = find(f->buffer.data, frame.size, "\xA4test", 5);
  assert_non_null(source);
  source[2] = 0xFF;
  assert_int_equal(decode(f, frame), EVALD_REJECTED);
  assert_null(f->job.source.data); /* not valid UTF-8: nobody's name */
  assert_text(f->job.job_id, "j-1");
}

static void routes(void **state) {
  struct fixture *f = *state;
  struct wire_route route;
  assert_true(wire_job_route(job_with(NULL, NULL, &f->buffer), &route));
  assert_text(route.mof_div_code, "310113000");
  assert_int_equal(route.fiscal_year, 2024);
  assert_false(
      wire_job_route(job_with("fiscal_year", "9", &f->buffer), &route));
  assert_false(
      wire_job_route(job_with("mof_div_code", "'1'", &f->buffer), &route));
  assert_false(wire_job_route((struct wire_bytes){0}, &route));
}

/* A spoiled byte anywhere never does worse than a rejection. */
static void survives_any_changed_byte(void **state) {
  struct fixture *f = *state;
  struct wire_bytes frame = job_with(NULL, NULL, &f->buffer);
  for (size_t i = 0; i < frame.size; i++) {
    uint8_t before = f->buffer.data[i];
    for (unsigned change = 1; change < 256; change += 7) {
      f->buffer.data[i] = (uint8_t)(before ^ change);
      enum evald_status status = decode(f, frame);
      assert_true(status == EVALD_OK || status == EVALD_REJECTED);
      assert_int_equal(status == EVALD_OK, f->rejects.count == 0);
    }
    f->buffer.data[i] = before;
  }
}

static void writes_what_it_reads(void **state) {
  struct fixture *f = *state;
  static const char *const kinds[] = {NULL, "'withdraw'"};
  for (size_t i = 0; i < 2; i++) {
    struct wire_bytes frame = job_with(i ? "kind" : NULL, kinds[i], &f->buffer);
    assert_int_equal(decode(f, frame), EVALD_OK);
    struct wire_buffer first = {0};
    struct wire_buffer second = {0};
    wire_job_encode(&f->job, &first);
    assert_int_equal(decode(f, wire_buffer_bytes(&first)), EVALD_OK);
    wire_job_encode(&f->job, &second);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    wire_buffer_fini(&first);
    wire_buffer_fini(&second);
  }
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(reads_the_head),
      T(reads_the_figures),
      T(reads_the_indicators),
      T(reads_every_operator),
      T(tells_numbers_from_words),
      T(names_each_bad_key),
      T(refuses_what_is_not_finite),
      T(reports_every_problem),
      T(bounds_the_problems),
      T(another_version_is_the_only_problem),
      T(yuan_has_two_digits),
      T(bounds_the_indicators),
      T(a_full_arena_is_a_problem_of_the_job),
      T(withdraws),
      T(recalculates),
      T(a_job_is_a_map),
      T(recovers_the_sender),
      T(routes),
      T(survives_any_changed_byte),
      T(writes_what_it_reads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
