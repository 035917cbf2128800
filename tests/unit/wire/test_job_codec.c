/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/job_codec.h"

#include "job_fixture.h"

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

/* The job as it is read key by key, after a pre-scan: a limit of texts below
 * what a trial takes at once keeps it from being tried. */
static enum evald_status decode_slowly(struct wire_bytes frame,
                                       struct fixture *slow) {
  struct wire_limits limits = wire_limits_default;
  limits.text = 254;
  wire_rejects_init(&slow->rejects);
  evald_arena_reset(slow->arena);
  return wire_job_decode(frame, &limits, slow->arena, &slow->job,
                         &slow->rejects);
}

static void assert_same_job(const struct wire_job *a,
                            const struct wire_job *b) {
  struct wire_buffer first = {0};
  struct wire_buffer second = {0};
  wire_job_encode(a, &first);
  wire_job_encode(b, &second);
  assert_int_equal(first.size, second.size);
  assert_memory_equal(first.data, second.data, first.size);
  wire_buffer_fini(&first);
  wire_buffer_fini(&second);
}

/* A job is accepted after one reading: whatever is done to its bytes, what is
 * accepted must be what the pre-scan, too, finds nothing wrong with. */
static void accepts_what_the_scan_accepts(void **state) {
  static const uint8_t bytes[] = {0x00, 0x81, 0x91, 0xA0, 0xA1, 0xBF, 0xC0,
                                  0xC1, 0xC4, 0xD9, 0xDB, 0xDC, 0xDE, 'x'};
  struct fixture *f = *state;
  struct wire_bytes good = job_with(NULL, NULL, &f->buffer);
  uint8_t frame[2048];
  assert_true(good.size <= sizeof frame);
  memcpy(frame, good.data, good.size);
  size_t accepted = 0;
  void *other;
  assert_int_equal(set_up(&other), 0);
  struct fixture *slow = other;
  for (size_t at = 0; at < good.size * sizeof bytes; at++) {
    uint8_t *place = &frame[at / sizeof bytes];
    uint8_t before = *place;
    *place = bytes[at % sizeof bytes];
    struct wire_rejects rejects;
    wire_rejects_init(&rejects);
    struct wire_bytes spoilt = {frame, good.size};
    enum evald_status status = decode(f, spoilt);
    assert_int_equal(decode_slowly(spoilt, slow), status);
    if (status == EVALD_OK) {
      assert_same_job(&f->job, &slow->job);
      accepted++;
      assert_int_equal(wire_prescan(spoilt, &wire_limits_default, &rejects),
                       EVALD_OK);
    }
    *place = before;
  }
  tear_down(&other);
  assert_true(accepted > 100);
}

/* Values of every kind in every place, odd ones and ordinary ones. */
static const char *const odd_values[] = {
    "null",
    "true",
    "1",
    "0",
    "-1",
    "128",
    "2024",
    "70000",
    "1.5",
    "''",
    "'0'",
    "'.5'",
    "'5.'",
    "'1.2.3'",
    "'-1.00'",
    "'12.34'",
    "'1234.56'",
    "'12345.67'",
    "'123456789'",
    "'1.234567'",
    "'0.1234567'",
    "'1x.00'",
    "'x1.00'",
    "'明显'",
    "'é'",
    "'a\\u0001b'",
    "'>='",
    "'≤'",
    "'元'",
    "'withdraw'",
    "'310113001'",
    "'31011300a'",
    "' x'",
    "'x '",
    "[]",
    "{}",
    "[1]",
    "'中文中文中文中文中文中文中文中文😀'",
    "'0123456789012345678901234567890123'"};

/* The frame with the first pair of a map once more at its end: `head` is where
 * the map begins. */
static struct wire_bytes with_first_pair_twice(struct wire_bytes good,
                                               size_t head,
                                               struct wire_buffer *out) {
  struct wire_cursor cursor = wire_cursor_of(good);
  cursor.at = good.data + head;
  size_t pairs = wire_get_map(&cursor);
  const uint8_t *first = cursor.at;
  wire_skip_many(&cursor, 2);
  size_t pair = (size_t)(cursor.at - first);
  wire_skip_many(&cursor, 2 * pairs - 2);
  const uint8_t *behind = cursor.at;
  wire_buffer_reset(out);
  wire_put_raw(out, good.data, head);
  wire_put_map(out, pairs + 1);
  wire_put_raw(out, first, (size_t)(behind - first));
  wire_put_raw(out, first, pair);
  wire_put_raw(out, behind, (size_t)(good.data + good.size - behind));
  return wire_buffer_bytes(out);
}

/* A known key twice is a problem in every map of a job, also where the pair is
 * of the ordinary shape and far from the end of the frame. */
static void no_key_stands_twice(void **state) {
  static const char *const maps[] = {"total", "goal", "funds"};
  struct fixture *f = *state;
  struct wire_buffer frame = {0};
  struct wire_bytes good = job_with(NULL, NULL, &f->buffer);
  for (size_t i = 0; i <= sizeof maps / sizeof maps[0]; i++) {
    size_t head = 0; /* the job itself */
    if (i > 0) {
      const char *key = maps[i - 1];
      const uint8_t *at = find(f->buffer.data, good.size, key, strlen(key));
      assert_non_null(at);
      head = (size_t)(at - good.data) + strlen(key);
    }
    struct wire_bytes twice = with_first_pair_twice(good, head, &frame);
    assert_int_equal(decode(f, twice), EVALD_REJECTED);
    assert_int_equal(f->rejects.count, 1);
    assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_DUPLICATE_KEY);
  }
  wire_buffer_fini(&frame);
}

static void reads_alike_at_once_and_slowly(void **state) {
  static const char *const places[] = {"v",
                                       "kind",
                                       "job_id",
                                       "source",
                                       "mof_div_code",
                                       "fiscal_year",
                                       "pro_code",
                                       "pro_name",
                                       "dept_code",
                                       "revision",
                                       "ruleset",
                                       "money_unit",
                                       "funds",
                                       "funds.total",
                                       "funds.total.opening",
                                       "funds.total.score",
                                       "goal",
                                       "goal.expected",
                                       "goal.actual",
                                       "indicators.0.level1",
                                       "indicators.0.op",
                                       "indicators.0.target",
                                       "indicators.1.actual",
                                       "indicators.1.weight",
                                       "indicators.1.not_applicable",
                                       "total",
                                       "grade",
                                       "reason",
                                       "measure",
                                       "x_trace",
                                       "projects",
                                       "unknown"};
  struct fixture *f = *state;
  void *other;
  assert_int_equal(set_up(&other), 0);
  struct fixture *slow = other;
  size_t accepted = 0;
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    for (size_t j = 0; j < sizeof odd_values / sizeof odd_values[0]; j++) {
      struct wire_bytes frame = job_with(places[i], odd_values[j], &f->buffer);
      enum evald_status status = decode(f, frame);
      assert_int_equal(decode_slowly(frame, slow), status);
      assert_int_equal(f->rejects.count, slow->rejects.count);
      if (status != EVALD_OK) continue;
      accepted++;
      assert_same_job(&f->job, &slow->job);
    }
  }
  assert_true(accepted > 300);
  tear_down(&other);
}

/* Keys of the producer's own, more than are remembered at once: told apart all
 * the same, and their values looked at. */
static void takes_own_keys(void **state) {
  struct fixture *f = *state;
  struct wire_buffer frame = {0};
  for (unsigned keys = 1; keys <= 12; keys++) {
    for (unsigned twice = 0; twice <= 1; twice++) {
      struct wire_bytes good = job_with("x_trace", NULL, &f->buffer);
      wire_buffer_reset(&frame);
      struct wire_cursor cursor = wire_cursor_of(good);
      wire_put_map(&frame, wire_get_map(&cursor) + keys + twice);
      wire_put_raw(&frame, cursor.at, (size_t)(cursor.end - cursor.at));
      for (unsigned i = 0; i < keys + twice; i++) {
        const char name[] = {'x', '_', (char)('a' + i % keys), '\0'};
        wire_put_string(&frame, name);
        wire_put_array(&frame, 1);
        wire_put_nil(&frame);
      }
      enum evald_status status = decode(f, wire_buffer_bytes(&frame));
      assert_int_equal(status, twice ? EVALD_REJECTED : EVALD_OK);
      if (!twice) continue;
      assert_int_equal(f->rejects.count, 1);
      assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_DUPLICATE_KEY);
    }
  }
  wire_buffer_fini(&frame);
}

/* A number may have any zeros in front, but not past the limit of a text. */
static void a_number_is_a_text_too(void **state) {
  struct fixture *f = *state;
  size_t limit = wire_limits_default.text;
  for (size_t size = limit - 1; size <= limit + 1; size++) {
    char *value = malloc(size + 3);
    assert_non_null(value);
    value[0] = value[size + 1] = '\'';
    memset(value + 1, '0', size);
    value[size + 2] = '\0';
    struct wire_bytes job = job_with("total", value, &f->buffer);
    free(value);
    assert_int_equal(decode(f, job), size <= limit ? EVALD_OK : EVALD_REJECTED);
    if (size <= limit) continue;
    assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_TOO_LONG);
    assert_string_equal(f->rejects.items[0].key, "total");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(reads_the_head),
      T(reads_the_figures),
      T(reads_the_indicators),
      T(reads_every_operator),
      T(tells_numbers_from_words),
      T(yuan_has_two_digits),
      T(withdraws),
      T(recalculates),
      T(routes),
      T(writes_what_it_reads),
      T(accepts_what_the_scan_accepts),
      T(takes_own_keys),
      T(no_key_stands_twice),
      T(reads_alike_at_once_and_slowly),
      T(a_number_is_a_text_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
