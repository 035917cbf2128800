/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

/* A row of 30 points under rules that a case may change first. */
#define ROW(op, target, actual, score_, rule_, ...)                            \
  do {                                                                         \
    struct fixture *f = fixture_new();                                         \
    struct ruleset_rows *rules = &f->ruleset->rows;                            \
    (void)rules;                                                               \
    f->rows[3].weight = figure_of(D(30));                                      \
    measure(&f->rows[3], EVALD_OP_##op, D(target), "次", D(actual));           \
    __VA_ARGS__;                                                               \
    const struct evald_row_score *got = &evaluate(f)->rows[3];                 \
    if (got->score != D(score_) || got->rule != EVALD_RULE_##rule_) {          \
      fail_msg("%s:%d: %lld by %s", __FILE__, __LINE__, (long long)got->score, \
               evald_rule_path(got->rule));                                    \
    }                                                                          \
    assert_in_range(got->score, 0, got->weight);                               \
    fixture_free(f);                                                           \
  } while (0)

static void proportional(void **state) {
  (void)state;
  ROW(AT_LEAST, 90, 90, 30, TARGET_MET);
  ROW(AT_LEAST, 90, 95, 30, TARGET_MET);
  ROW(AT_LEAST, 90, 45, 15, TARGET_MISSED);
  ROW(AT_LEAST, 90, 0, 0, TARGET_MISSED);
  ROW(ABOVE, 90, 90.01, 30, TARGET_MET);
  ROW(ABOVE, 90, 90, 30, TARGET_MISSED);
  ROW(NONE, 90, 45, 15, TARGET_MISSED);
  ROW(AT_LEAST, -5, -4, 30, TARGET_MET);
  ROW(AT_LEAST, -5, -6, 0, TARGET_MISSED);
}

static void v9_rounding(void **state) {
  (void)state;
  ROW(AT_LEAST, 90, 59, 19.67, TARGET_MISSED); /* 19.666… */
  ROW(AT_LEAST, 90, 59, 19.6, TARGET_MISSED,
      rules->rounding = (struct evald_rounding){EVALD_ROUND_DOWN, 1});
  ROW(AT_LEAST, 90, 59, 20, TARGET_MISSED,
      rules->rounding = (struct evald_rounding){EVALD_ROUND_HALF_UP, 0});
  ROW(AT_LEAST, 90, 89.9, 29.5, TARGET_MISSED,
      rules->rounding = (struct evald_rounding){EVALD_ROUND_UP, 0};
      f->rows[3].weight.value = D(29.5));
}

static void v10_reverse(void **state) {
  (void)state;
#define LINEAR rules->reverse = RULESET_REVERSE_LINEAR_TO_TWICE
  ROW(AT_MOST, 10, 10, 30, TARGET_MET);
  ROW(AT_MOST, 10, 0, 30, TARGET_MET);
  ROW(BELOW, 10, 9.99, 30, TARGET_MET);
  ROW(BELOW, 10, 10, 30, REVERSE_TARGET);
  ROW(AT_MOST, 10, 15, 20, REVERSE_TARGET);
  ROW(AT_MOST, 10, 30, 10, REVERSE_TARGET);
  ROW(AT_MOST, 10, 15, 15, REVERSE_TARGET, LINEAR);
  ROW(AT_MOST, 10, 20, 0, REVERSE_TARGET, LINEAR);
  ROW(AT_MOST, 10, 30, 0, REVERSE_TARGET, LINEAR);
  ROW(AT_MOST, -3, -2, 0, REVERSE_TARGET);
  ROW(AT_MOST, -3, -4, 30, TARGET_MET);
}

static void v11_equal(void **state) {
  (void)state;
#define STRICT rules->equal = RULESET_EQUAL_STRICT
  ROW(EQUAL, 100, 110, 30, TARGET_MET);
  ROW(EQUAL, 100, 90, 27, TARGET_MISSED);
  ROW(EQUAL, 100, 100, 30, TARGET_MET, STRICT);
  ROW(EQUAL, 100, 110, 27, EQUAL_TARGET, STRICT);
  ROW(EQUAL, 100, 90, 27, EQUAL_TARGET, STRICT);
  ROW(EQUAL, 100, 250, 0, EQUAL_TARGET, STRICT);
  ROW(AT_LEAST, 100, 110, 30, TARGET_MET, STRICT);
}

static void v12_a_target_of_zero(void **state) {
  (void)state;
  ROW(EQUAL, 0, 0, 30, ZERO_TARGET);
  ROW(EQUAL, 0, 1, 0, ZERO_TARGET);
  ROW(EQUAL, 0, 1, 0, ZERO_TARGET, STRICT);
  ROW(AT_MOST, 0, 0, 30, ZERO_TARGET);
  ROW(AT_MOST, 0, 0.5, 0, ZERO_TARGET);
  ROW(BELOW, 0, 0, 30, ZERO_TARGET);
  ROW(NONE, 0, 3, 0, ZERO_TARGET);
  ROW(AT_LEAST, 0, 3, 30, ZERO_TARGET);
  ROW(ABOVE, 0, 0, 0, ZERO_TARGET);
}

static void v13_a_negative_actual(void **state) {
  (void)state;
  ROW(AT_LEAST, 10, -1, 0, NEGATIVE_ACTUAL);
  ROW(AT_MOST, 10, -1, 0, NEGATIVE_ACTUAL);
  ROW(AT_LEAST, 10, -1, 0, TARGET_MISSED,
      rules->negative_actual = RULESET_NEGATIVE_ZERO);
  ROW(AT_MOST, 10, -1, 30, TARGET_MET,
      rules->negative_actual = RULESET_NEGATIVE_ZERO);
}

static void v14_over_achievement(void **state) {
  (void)state;
#define BANDS                                                                  \
  rules->bands[0] = (struct ruleset_band){D(150), D(200), D(90)};              \
  rules->bands[1] = (struct ruleset_band){D(200), D(1000), D(50)};             \
  rules->band_count = 2
  ROW(AT_LEAST, 10, 149, 30, TARGET_MET);
  ROW(AT_LEAST, 10, 14.99, 30, TARGET_MET, BANDS);
  ROW(AT_LEAST, 10, 15, 27, OVER_ACHIEVEMENT, BANDS);
  ROW(EQUAL, 10, 19.99, 27, OVER_ACHIEVEMENT, BANDS);
  ROW(ABOVE, 10, 20, 15, OVER_ACHIEVEMENT, BANDS);
  ROW(AT_LEAST, 10, 100, 30, TARGET_MET, BANDS);
  ROW(AT_MOST, 10, 1, 30, TARGET_MET, BANDS);
  /* a band that keeps all keeps the whole weight, however coarse the scores */
  ROW(AT_LEAST, 10, 16, 12.34, TARGET_MET, BANDS; rules->bands[0].keep = D(100);
      rules->rounding.digits = 1; f->rows[3].weight.value = D(12.34));
}

static void v15_the_pass_line(void **state) {
  (void)state;
#define PASS rules->pass_line = D(60)
  ROW(AT_LEAST, 100, 59.99, 18, TARGET_MISSED);
  ROW(AT_LEAST, 100, 60, 18, TARGET_MISSED, PASS);
  ROW(AT_LEAST, 100, 59.99, 0, PASS_LINE, PASS);
  ROW(AT_MOST, 60, 100, 18, REVERSE_TARGET, PASS);
  ROW(AT_MOST, 60, 101, 0, PASS_LINE, PASS);
}

/* A qualitative row of 30: its actual, its declared score (negative: none). */
static void expect_level(struct fixture *f, const char *actual, double declared,
                         double score) {
  judge(&f->rows[3], "有所提升", actual);
  f->rows[3].score = (struct evald_figure){declared >= 0, D(declared)};
  assert_int_equal(evaluate(f)->rows[3].score, D(score));
  assert_int_equal(f->verdict.rows[3].rule, EVALD_RULE_QUALITATIVE);
}

static void v16_a_person_scores_inside_the_band(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  expect_level(f, "达成指标", 30, 30);
  expect_level(f, "达成指标", 27.5, 27.5);
  expect_level(f, "达成指标", 24, 24);
  expect_level(f, "达成指标", 23, 24);
  expect_level(f, "达成指标", 31, 30);
  expect_level(f, "部分达成指标", 20, 20);
  expect_level(f, "部分达成指标", 30, 24);
  expect_level(f, "部分达成指标", 10, 18);
  expect_level(f, "未达成指标\n且效果较差", 0, 0);
  expect_level(f, "未达成指标", 20, 18);
  expect_level(f, "尚可", 21, 21);
  expect_level(f, "尚可", 31, 30);
  expect_level(f, "尚可", -1, 0);
  f->ruleset->levels[1].lower = f->ruleset->levels[2].upper = D(50);
  expect_level(f, "部分达成指标", 10, 15);
  expect_level(f, "部分达成指标", 16, 16);
  fixture_free(f);
}

static void i01_nobody_declared_a_score(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  expect_level(f, "达成指标", -1, 30);
  assert_int_equal(finding_of(f, "I01")->expected.low, D(30));
  expect_level(f, "部分达成指标", -1, 24);
  assert_int_equal(finding_of(f, "I01")->expected.low, D(24));
  assert_string_equal(cells_of(f, "I01"), "~indicators[3].score");
  expect_level(f, "达成指标", 30, 30);
  assert_string_equal(cells_of(f, "I01"), "");
  fixture_free(f);
}

/* 80% of 33.33 is 26.664, printed 26.66: the edge as rounded counts too. */
static void an_edge_may_be_rounded(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  f->rows[3].weight = figure_of(D(33.33));
  expect_level(f, "达成指标", 26.66, 26.66);
  expect_level(f, "达成指标", 26.65, 26.66);
  expect_level(f, "部分达成指标", 26.664, 26.664);
  /* but not above the weight */
  f->rows[3].weight = figure_of(D(29.99));
  f->ruleset->rows.rounding.digits = 1;
  expect_level(f, "达成指标", 30, 29.99);
  assert_string_equal(cells_of(f, "A08"), "indicators[3].score");
  expect_level(f, "达成指标", 29.99, 29.99);
  fixture_free(f);
}

static void v18_rows_that_do_not_apply(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  f->rows[3].not_applicable = true;
  assert_int_equal(evaluate(f)->total, D(99.83));
  f->ruleset->rows.not_applicable = RULESET_NOT_APPLICABLE_RESCALE;
  /* 69.83 of 70 */
  assert_int_equal(evaluate(f)->total, D(99.76));
  assert_false(f->verdict.rows[3].counts);
  assert_string_equal(cells_of(f, "A10"), "total");
  f->form.total.value = D(99.76);
  assert_string_equal(cells_of(f, "A10"), "");
  f->ruleset->execution.scored = false;
  assert_int_equal(evaluate(f)->total, D(100));
  for (int i = 0; i < 5; i++)
    f->rows[i].not_applicable = true;
  assert_int_equal(evaluate(f)->total, 0);
  fixture_free(f);
}

static void achievements_are_said(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  measure(&f->rows[0], EVALD_OP_AT_LEAST, D(3), "次", D(2));
  measure(&f->rows[1], EVALD_OP_AT_MOST, D(3), "次", 0);
  (void)evaluate(f);
  assert_true(f->verdict.rows[0].has_ratio);
  assert_int_equal(f->verdict.rows[0].ratio, D(66.66));
  assert_false(f->verdict.rows[1].has_ratio); /* 3 of 0 is no percentage */
  assert_false(f->verdict.rows[2].has_ratio);
  fixture_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(proportional),
      cmocka_unit_test(v9_rounding),
      cmocka_unit_test(v10_reverse),
      cmocka_unit_test(v11_equal),
      cmocka_unit_test(v12_a_target_of_zero),
      cmocka_unit_test(v13_a_negative_actual),
      cmocka_unit_test(v14_over_achievement),
      cmocka_unit_test(v15_the_pass_line),
      cmocka_unit_test(v16_a_person_scores_inside_the_band),
      cmocka_unit_test(i01_nobody_declared_a_score),
      cmocka_unit_test(an_edge_may_be_rounded),
      cmocka_unit_test(v18_rows_that_do_not_apply),
      cmocka_unit_test(achievements_are_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
