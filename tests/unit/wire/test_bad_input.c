/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of bad input, each refused with its key and byte. What breaks the
 * msgpack itself is in test_prescan.c. */
#include "job_fixture.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      T(names_each_bad_key),
      T(refuses_what_is_not_finite),
      T(reports_every_problem),
      T(bounds_the_problems),
      T(another_version_is_the_only_problem),
      T(bounds_the_indicators),
      T(a_full_arena_is_a_problem_of_the_job),
      T(a_job_is_a_map),
      T(recovers_the_sender),
      T(survives_any_changed_byte),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
