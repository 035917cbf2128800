/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

/* One qualitative row of 100 points and no execution: the declared score is
 * the total. */
static struct fixture *of_total(double total) {
  struct fixture *f = fixture_new();
  f->ruleset->execution.scored = false;
  f->form.indicator_count = 1;
  judge(&f->rows[0], "好", "达成指标");
  f->ruleset->levels[0].lower = 0;
  f->rows[0].weight = figure_of(D(100));
  f->rows[0].score = figure_of(D(total));
  return f;
}

static void expect_grade(uint8_t graded, double total, double printed,
                         const char *grade) {
  struct fixture *f = of_total(total);
  f->ruleset->graded = graded;
  const struct evald_verdict *verdict = evaluate(f);
  assert_int_equal(verdict->total, D(printed));
  assert_true(evald_text_equal(evald_ruleset_grade(f->ruleset, verdict->grade),
                               evald_text_of(grade)));
  fixture_free(f);
}

static void v17_grades_at_their_edges(void **state) {
  (void)state;
  expect_grade(RULESET_GRADED_PRINTED, 100, 100, "优");
  expect_grade(RULESET_GRADED_PRINTED, 90, 90, "优");
  expect_grade(RULESET_GRADED_PRINTED, 89.995, 90, "优");
  expect_grade(RULESET_GRADED_PRINTED, 89.99, 89.99, "良");
  expect_grade(RULESET_GRADED_PRINTED, 80, 80, "良");
  expect_grade(RULESET_GRADED_PRINTED, 79.99, 79.99, "中");
  expect_grade(RULESET_GRADED_PRINTED, 60, 60, "中");
  expect_grade(RULESET_GRADED_PRINTED, 59.99, 59.99, "差");
  expect_grade(RULESET_GRADED_PRINTED, 0, 0, "差");
}

static void v17_the_unrounded_total(void **state) {
  (void)state;
  expect_grade(RULESET_GRADED_UNROUNDED, 90, 90, "优");
  expect_grade(RULESET_GRADED_UNROUNDED, 89.996, 90, "良");
  expect_grade(RULESET_GRADED_PRINTED, 89.996, 90, "优");
  expect_grade(RULESET_GRADED_UNROUNDED, 59.999, 60, "差");
}

static void v17_other_grades(void **state) {
  (void)state;
  struct fixture *f = of_total(75);
  f->ruleset->grades[0] =
      (struct ruleset_grade){.name = T("优良"), .from = D(80)};
  f->ruleset->grades[1] =
      (struct ruleset_grade){.name = T("中"), .from = D(70)};
  f->ruleset->grades[2] = (struct ruleset_grade){.name = T("差")};
  f->ruleset->grade_count = 3;
  assert_int_equal(evaluate(f)->grade, 1);
  f->rows[0].score.value = D(69.99);
  assert_int_equal(evaluate(f)->grade, 2);
  fixture_free(f);
}

static void the_rounding_of_the_total(void **state) {
  (void)state;
  struct fixture *f = of_total(89.96);
  assert_int_equal(evaluate(f)->total, D(89.96));
  f->ruleset->total_rounding = (struct evald_rounding){EVALD_ROUND_HALF_UP, 1};
  assert_int_equal(evaluate(f)->total, D(90));
  assert_int_equal(f->verdict.grade, 0);
  f->ruleset->total_rounding = (struct evald_rounding){EVALD_ROUND_DOWN, 0};
  assert_int_equal(evaluate(f)->total, D(89));
  fixture_free(f);
}

/* The steps that score are one for the execution and one a row. */
static void the_trace_says_where_points_come_from(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  f->rows[0].actual = number_of(D(9));
  const struct evald_verdict *verdict = evaluate(f);
  size_t scoring = 0;
  for (size_t i = 0; i < verdict->trace_count; i++) {
    scoring += verdict->trace[i].scores;
  }
  assert_int_equal(scoring, 6);
  const struct evald_trace_step *rate = &verdict->trace[0];
  assert_int_equal(rate->operation, EVALD_OPERATION_RATIO);
  assert_int_equal(rate->rule, EVALD_RULE_RATE_ROUNDING);
  assert_int_equal(rate->a, D(295));
  assert_int_equal(rate->c, D(300));
  const struct evald_trace_step *row = &verdict->trace[2];
  assert_int_equal(row->cell.field, EVALD_CELL_INDICATOR_SCORE);
  assert_int_equal(row->rule, EVALD_RULE_TARGET_MISSED);
  assert_int_equal(row->a, D(20));
  assert_int_equal(row->b, D(9));
  assert_int_equal(row->c, D(10));
  assert_int_equal(row->result, D(18));
  fixture_free(f);
}

static void a_sum_out_of_range_is_no_verdict(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  f->rows[0].weight.value = f->rows[1].weight.value = EVALD_DECIMAL_MAX;
  struct evald_verdict untouched = f->verdict;
  struct evald_fault fault;
  evald_fault_clear(&fault);
  assert_int_equal(
      evald_evaluate(&f->form, f->ruleset, f->arena, &f->verdict, &fault),
      EVALD_RANGE);
  assert_memory_equal(&untouched, &f->verdict, sizeof untouched);
  fixture_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(v17_grades_at_their_edges),
      cmocka_unit_test(v17_the_unrounded_total),
      cmocka_unit_test(v17_other_grades),
      cmocka_unit_test(the_rounding_of_the_total),
      cmocka_unit_test(the_trace_says_where_points_come_from),
      cmocka_unit_test(a_sum_out_of_range_is_no_verdict),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
