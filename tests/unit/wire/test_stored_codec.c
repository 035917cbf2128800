/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"
#include "verdicts.h"

struct fixture {
  struct made made;
  struct wire_buffer bytes;
  struct evald_arena *arena;
};

static int set_up(void **state) {
  static struct fixture f;
  f.made = make_verdict();
  fill_verdict(&f.made);
  f.arena = evald_arena_new(1 << 20);
  wire_buffer_init(&f.bytes);
  wire_stored_encode(&f.made.verdict, &f.made.contribution, &f.bytes);
  *state = &f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  evald_ruleset_unref(f->made.ruleset);
  wire_buffer_fini(&f->bytes);
  evald_arena_free(f->arena);
  return 0;
}

/* What lies in Redis for years: verdict_codec.h says how to change it. */
static void golden(void **state) {
  struct fixture *f = *state;
  assert_golden("wire/stored-v1.hex", wire_buffer_bytes(&f->bytes));
}

static void reads_the_head_alone(void **state) {
  struct fixture *f = *state;
  struct wire_stored_head head;
  assert_int_equal(wire_stored_head(wire_buffer_bytes(&f->bytes), &head),
                   EVALD_OK);
  assert_int_equal(head.state, WIRE_STORED_EVALUATED);
  assert_int_equal(head.revision, 3);
  assert_true(evald_digest_equal(&head.form_digest, &f->made.form.digest));
  assert_true(
      evald_digest_equal(&head.ruleset_digest, &f->made.ruleset->digest));
  assert_true(evald_text_equal(head.ruleset_id, EVALD_TEXT("cn-sh-2024")));
  assert_true(evald_text_equal(head.job_id, EVALD_TEXT("j-1")));
  assert_true(evald_text_equal(head.dept_key, EVALD_TEXT("组织部")));
  assert_true(evald_text_equal(head.pro_name, EVALD_TEXT("基层党建经费")));
  assert_memory_equal(&head.contribution, &f->made.contribution,
                      sizeof head.contribution);
}

static void reads_where_the_form_stands(void **state) {
  struct fixture *f = *state;
  struct wire_stored all;
  struct wire_stored_brief brief;
  struct wire_bytes bytes = wire_buffer_bytes(&f->bytes);
  assert_int_equal(wire_stored_decode(bytes, f->arena, &all), EVALD_OK);
  assert_int_equal(wire_stored_brief(bytes, &brief), EVALD_OK);
  assert_memory_equal(&brief.head, &all.head, sizeof brief.head);
  assert_int_equal(brief.total, all.total);
  assert_int_equal(brief.total, f->made.verdict.total);
  assert_int_equal(brief.grade, all.grade);
  assert_true(evald_text_equal(brief.grade_name, all.grade_name));
  size_t enough = bytes.size; /* every shorter one is refused, or agrees */
  for (bytes.size = 0; bytes.size < enough; bytes.size++) {
    struct wire_stored_brief cut = brief;
    if (wire_stored_brief(bytes, &cut) != EVALD_OK) continue;
    assert_int_equal(cut.total, brief.total);
    assert_true(evald_text_equal(cut.grade_name, brief.grade_name));
  }
}

static void assert_value(const struct evald_value *a,
                         const struct evald_value *b) {
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->low, b->low);
  assert_int_equal(a->high, b->high);
  assert_true(evald_text_equal(a->text, b->text));
}

static void reads_everything(void **state) {
  struct fixture *f = *state;
  struct wire_stored s;
  assert_int_equal(
      wire_stored_decode(wire_buffer_bytes(&f->bytes), f->arena, &s), EVALD_OK);
  assert_int_equal(s.execution.rate, 99030000);
  assert_true(s.execution.has_rate && s.execution.has_score);
  assert_int_equal(s.row_count, 2);
  assert_int_equal(s.rows[0].ratio, 111110000);
  assert_int_equal(s.rows[0].rule, EVALD_RULE_TARGET_MET);
  assert_true(s.rows[0].counts && s.rows[0].has_ratio);
  assert_false(s.rows[1].counts || s.rows[1].has_ratio);
  assert_int_equal(s.rows[1].weight, 40000000);
  assert_int_equal(s.total, 59900000);
  assert_true(evald_text_equal(s.grade_name, EVALD_TEXT("优")));
  assert_true(s.declared_total.present);
  assert_null(s.declared_grade.data);
  assert_int_equal(s.finding_count, 2);
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(s.findings[i].code, made_findings[i].code);
    assert_int_equal(s.findings[i].level, made_findings[i].level);
    assert_int_equal(s.findings[i].rule, made_findings[i].rule);
    assert_int_equal(s.findings[i].cell.field, made_findings[i].cell.field);
    assert_int_equal(s.findings[i].cell.index, made_findings[i].cell.index);
    assert_value(&s.findings[i].printed, &made_findings[i].printed);
    assert_value(&s.findings[i].expected, &made_findings[i].expected);
    assert_value(&s.findings[i].detail, &made_findings[i].detail);
  }
}

static void a_withdrawal_keeps_the_revision(void **state) {
  struct fixture *f = *state;
  struct wire_stored_head head;
  struct wire_stored stored;
  struct wire_buffer out = {0};
  assert_int_equal(wire_stored_head(wire_buffer_bytes(&f->bytes), &head),
                   EVALD_OK);
  head.revision = 9;
  wire_stored_encode_withdrawn(&head, &out);
  assert_golden("wire/withdrawn-v1.hex", wire_buffer_bytes(&out));
  assert_int_equal(
      wire_stored_decode(wire_buffer_bytes(&out), f->arena, &stored), EVALD_OK);
  assert_int_equal(stored.head.state, WIRE_STORED_WITHDRAWN);
  assert_int_equal(stored.head.revision, 9);
  assert_false(evald_digest_known(&stored.head.form_digest));
  assert_true(evald_text_equal(stored.head.dept_key, head.dept_key));
  static const struct contribution nothing;
  assert_memory_equal(&stored.head.contribution, &nothing, sizeof nothing);
  wire_buffer_fini(&out);
}

/* A field that a later release appends, and counters that it adds, are passed;
 * counters that an earlier one did not have are 0. */
static void reads_other_releases(void **state) {
  struct fixture *f = *state;
  struct wire_stored stored;
  assert_int_equal(f->bytes.data[0], 0xDC); /* array 16, then its count */
  f->bytes.data[2]++;
  wire_put_string(&f->bytes, "of tomorrow");
  assert_int_equal(
      wire_stored_decode(wire_buffer_bytes(&f->bytes), f->arena, &stored),
      EVALD_OK);
  struct evald_text name;
  struct contribution sum;
  struct wire_buffer out = {0};
  wire_put_array(&out, 3);
  wire_put_string(&out, "组织部");
  wire_put_int(&out, 7);
  wire_put_int(&out, -8);
  assert_int_equal(wire_department_decode(wire_buffer_bytes(&out), &name, &sum),
                   EVALD_OK);
  assert_int_equal(sum.counter[0], 7);
  assert_int_equal(sum.counter[1], -8);
  assert_int_equal(sum.counter[2], 0);
  wire_buffer_reset(&out);
  wire_department_encode(EVALD_TEXT("组织部"), &f->made.contribution, &out);
  assert_int_equal(wire_department_decode(wire_buffer_bytes(&out), &name, &sum),
                   EVALD_OK);
  assert_memory_equal(&sum, &f->made.contribution, sizeof sum);
  wire_buffer_fini(&out);
}

static void refuses_other_bytes(void **state) {
  struct fixture *f = *state;
  struct wire_stored stored;
  struct wire_stored_head head;
  for (size_t size = 0; size < f->bytes.size; size++) {
    struct wire_bytes cut = {f->bytes.data, size};
    assert_int_equal(wire_stored_decode(cut, f->arena, &stored), EVALD_SYNTAX);
    (void)wire_stored_head(cut, &head);
  }
  for (size_t i = 0; i < f->bytes.size; i++) {
    uint8_t before = f->bytes.data[i];
    f->bytes.data[i] = (uint8_t)(before ^ 0x55);
    (void)wire_stored_decode(wire_buffer_bytes(&f->bytes), f->arena, &stored);
    (void)wire_stored_head(wire_buffer_bytes(&f->bytes), &head);
    f->bytes.data[i] = before;
    evald_arena_reset(f->arena);
  }
  assert_int_equal(f->bytes.data[3], 1);
  f->bytes.data[3] = 2;
  assert_int_equal(wire_stored_head(wire_buffer_bytes(&f->bytes), &head),
                   EVALD_UNSUPPORTED);
}

static void keys_departments(void **state) {
  (void)state;
  struct evald_form form = {.dept_code = EVALD_TEXT("101"),
                            .dept_name = EVALD_TEXT("组织部")};
  assert_true(evald_text_equal(wire_department_key(&form), EVALD_TEXT("101")));
  form.dept_code = EVALD_TEXT("");
  assert_true(
      evald_text_equal(wire_department_key(&form), EVALD_TEXT("组织部")));
  form.dept_name = (struct evald_text){0};
  assert_true(evald_text_equal(wire_department_key(&form), EVALD_TEXT("-")));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(golden),
      T(reads_the_head_alone),
      T(reads_where_the_form_stands),
      T(reads_everything),
      T(a_withdrawal_keeps_the_revision),
      T(reads_other_releases),
      T(refuses_other_bytes),
      T(keys_departments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
