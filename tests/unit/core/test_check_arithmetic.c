/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define TOTAL         (&f->form.funds[EVALD_FUND_TOTAL])
#define APPROPRIATION (&f->form.funds[EVALD_FUND_APPROPRIATION])
#define CARRYOVER     (&f->form.funds[EVALD_FUND_CARRYOVER])
#define EXECUTE(amount)                                                        \
  TOTAL->executed.value = APPROPRIATION->executed.value = D(amount)

static void a01_parts_add_to_the_total(void **state) {
  (void)state;
  CASE("A01", "funds.total.opening", TOTAL->opening.value = D(301));
  CASE("A01", "funds.total.budget; funds.total.executed",
       CARRYOVER->budget.value = CARRYOVER->executed.value = D(1));
  CASE("A01", "", CARRYOVER->present = APPROPRIATION->present = false);
  CASE("A01", "", CARRYOVER->budget.value = D(1);
       APPROPRIATION->budget.value = D(299));
  CASE("A01", "", APPROPRIATION->budget.present = false;
       CARRYOVER->budget.present = false);
}

/* A sum that no decimal can hold is not compared with anything. */
static void sums_out_of_range(void **state) {
  (void)state;
  const evald_decimal most = EVALD_DECIMAL_MAX;
  CASE("A01", "funds.total.budget", CARRYOVER->opening.value = most;
       APPROPRIATION->opening.value = most; CARRYOVER->budget.value = D(1));
  CASE("A09", "", row[0].weight.value = row[1].weight.value = most;
       row[0].score.value = row[1].score.value = 0;
       row[0].actual = row[1].actual = number_of(0));
  CASE("A12", "", row[0].weight.value = row[1].weight.value = most;
       row[0].actual = row[1].actual = number_of(0);
       row[0].level1 = row[1].level1 = row[2].level1 = T("产出指标（50分）"));
}

static void a02_the_rate_is_by_the_rule(void **state) {
  (void)state;
  CASE("A02", "funds.total.rate", TOTAL->rate.value = D(98.35));
  CASE("A02", "funds.appropriation.rate", APPROPRIATION->rate.value = D(97));
  CASE("A02", "funds.appropriation.rate", APPROPRIATION->executed.value = D(1));
  CASE("A02", "funds.appropriation.rate", APPROPRIATION->budget.value = D(310));
  CASE("A02", "?funds.total.rate", TOTAL->rate.value = D(98.34)); /* up */
  CASE("A02", "?funds.total.rate", TOTAL->rate.value = D(98.3));
  CASE("A02", "?funds.total.rate", TOTAL->rate.value = D(98));
  CASE("A02", "funds.carryover.rate", CARRYOVER->rate.value = D(100));
  CASE("A02", "", TOTAL->rate.present = false);
  CASE("A02", "",
       f->ruleset->execution.rate_rounding.mode = EVALD_ROUND_HALF_UP);
  CASE("A02", "", CARRYOVER->rate.present = false);
  CASE("A02", "", f->ruleset->execution.base = RULESET_BASE_OPENING;
       TOTAL->budget.value = D(1000));
}

static void a02_names_the_rounding(void **state) {
  (void)state;
  static const struct {
    double printed;
    const char *rounding;
  } cases[] = {{98.34, "up/2"},
               {98.3, "half_up/1"},
               {98.4, "up/1"},
               {98, "half_up/0"},
               {99, "up/0"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct fixture *f = fixture_new();
    TOTAL->rate.value = D(cases[i].printed);
    (void)evaluate(f);
    const struct evald_finding *finding = finding_of(f, "A02");
    assert_int_equal(finding->level, EVALD_LEVEL_WARNING);
    assert_int_equal(finding->expected.low, D(98.33));
    assert_true(evald_text_equal(finding->detail.text,
                                 evald_text_of(cases[i].rounding)));
    fixture_free(f);
  }
}

static void a03_the_execution_score_is_by_the_rule(void **state) {
  (void)state;
  CASE("A03", "funds.total.score", TOTAL->score.value = D(9.84));
  CASE("A03", "funds.total.score", EXECUTE(290));
  CASE("A03", "funds.total.score", fill_fund(TOTAL, 0, 0, 0));
  CASE("A03", "", TOTAL->score.present = false);
  CASE("A03", "", f->ruleset->execution.scored = false; EXECUTE(290));
}

static void a04_executed_within_the_budget(void **state) {
  (void)state;
  CASE("A04", "funds.total.executed; funds.appropriation.executed",
       EXECUTE(300.01));
  CASE("A04", "funds.total.executed; funds.appropriation.executed",
       EXECUTE(-1));
  CASE("A04", "funds.carryover.budget", CARRYOVER->budget.value = D(-1));
  CASE("A04", "", EXECUTE(300));
  CASE("A04", "", CARRYOVER->executed.value = D(1)); /* A05 */
  /* where the rate divides by the opening budget, A05 looks at that */
  CASE("A04", "funds.carryover.executed", CARRYOVER->executed.value = D(1);
       f->ruleset->execution.base = RULESET_BASE_OPENING);
  CASE("A04", "", f->ruleset->execution.base = RULESET_BASE_OPENING);
}

static void a05_a_budget_of_zero(void **state) {
  (void)state;
  CASE("A05", "funds.total.budget", TOTAL->budget.value = 0);
  CASE("A05", "funds.carryover.budget", CARRYOVER->executed.value = D(0.01));
  CASE("A05", "?funds.total.budget",
       TOTAL->budget.value = TOTAL->executed.value = 0);
  CASE("A05", "", EXECUTE(0));
  CASE("A05", "", TOTAL->opening.value = 0);
  CASE("A05", "funds.total.opening", TOTAL->opening.value = 0;
       f->ruleset->execution.base = RULESET_BASE_OPENING);
}

static void a06_scores_lie_between_0_and_the_weight(void **state) {
  (void)state;
  CASE("A06", "indicators[0].score", row[0].score.value = D(20.01));
  CASE("A06", "indicators[3].score", row[3].score.value = D(-0.01));
  CASE("A06", "funds.total.score", TOTAL->score.value = D(10.5));
  CASE("A06", "", row[0].score.value = D(20));
  CASE("A06", "", row[0].score.value = 0);
  CASE("A06", "", TOTAL->score.value = D(10.5);
       f->ruleset->execution.formula = RULESET_FORMULA_UNCAPPED);
}

static void a07_quantities_score_by_the_rule(void **state) {
  (void)state;
  CASE("A07", "indicators[0].score", row[0].score.value = D(19));
  CASE("A07", "indicators[1].score", row[1].actual = number_of(D(89)));
  CASE("A07", "indicators[0].score", row[0].actual = words_of("≥11场"));
  CASE("A07", "", row[1].actual = number_of(D(89));
       row[1].score.value = D(19.78));
  CASE("A07", "", row[3].score.value = D(25)); /* a person's */
  CASE("A07", "", row[0].score.present = false);
}

static void a08_levels_have_their_bands(void **state) {
  (void)state;
  CASE("A08", "indicators[3].score", row[3].score.value = D(23.99));
  CASE("A08", "indicators[3].score", row[3].actual = words_of("未达成指标"));
  CASE("A08", "indicators[3].score", row[3].actual = words_of("部分达成指标"));
  CASE("A08", "indicators[3].actual", row[3].actual = words_of("尚可"));
  CASE("A08", "indicators[3].actual", row[3].actual = number_of(D(5)));
  CASE("A08", "", row[3].score.value = D(24));
  CASE("A08", "", row[3].actual = words_of("未达成指标\n且效果 较差");
       row[3].score.value = D(18));
  CASE("A08", "", row[3].score.present = false);
}

static void a09_weights_add_to_100(void **state) {
  (void)state;
  CASE("A09", "indicators", row[0].weight.value = D(21));
  CASE("A09", "indicators", TOTAL->weight.value = D(9.99));
  CASE("A09", "indicators", row[0].weight.present = false);
  CASE("A09", "", row[0].weight.value = D(21); row[1].weight.value = D(19));
  CASE("A09", "", TOTAL->weight.present = false);
  CASE("A09", "", f->ruleset->execution.scored = false;
       f->ruleset->full_marks = D(90));
}

static void a10_scores_add_to_the_total(void **state) {
  (void)state;
  CASE("A10", "total", f->form.total.value = D(99.84));
  CASE("A10", "total", row[0].score.value = D(19));
  CASE("A10", "", f->form.total.present = false);
  CASE("A10", "", row[0].score.value = D(19); f->form.total.value = D(98.83));
  CASE("A10", "", row[0].score.present = false);
}

static void a11_the_grade_is_that_of_the_total(void **state) {
  (void)state;
  CASE("A11", "grade", f->form.grade = T("良"));
  CASE("A11", "grade", f->form.grade = T("甲"));
  CASE("A11", "grade", f->form.total.value = D(89.99));
  CASE("A11", "", f->form.grade = T("优秀"));
  CASE("A11", "", f->form.grade = T(" 优 "));
  CASE("A11", "", f->form.grade = T(""));
  CASE("A11", "", f->form.total.value = D(90));
}

/* 89.996 prints 90.00: a ruleset says which of the two is graded. */
static void a11_where_the_unrounded_total_is_graded(void **state) {
  (void)state;
#define NEARLY_90                                                              \
  row[3].score.value = D(20.166);                                              \
  row[3].actual = words_of("部分达成指标");                                    \
  f->form.total.value = D(90)
  CASE("A11", "", NEARLY_90);
  CASE("A11", "grade", NEARLY_90;
       f->ruleset->graded = RULESET_GRADED_UNROUNDED);
  CASE("A11", "", NEARLY_90; f->form.grade = T("良");
       f->ruleset->graded = RULESET_GRADED_UNROUNDED);
  /* a printed total that is none of this sum is graded as printed */
  CASE("A11", "", NEARLY_90; f->form.total.value = D(95);
       f->ruleset->graded = RULESET_GRADED_UNROUNDED);
}

static void a12_printed_section_weights(void **state) {
  (void)state;
  CASE("A12", "indicators[0].level1",
       row[0].level1 = row[1].level1 = row[2].level1 = T("产出指标（40分）"));
  CASE("A12", "indicators[3].level2", row[3].level2 = T("社会效益指标(20)"));
  CASE("A12", "",
       row[0].level1 = row[1].level1 = row[2].level1 = T("产出指标（50 分）"));
  CASE("A12", "", row[0].level1 = T("产出指标（50分）"));
  CASE("A12", "",
       row[0].level1 = row[1].level1 = row[2].level1 = T("产出指标（40项）"));
  CASE("A12", "", row[3].level2 = T("社会效益指标(30.0分)"));
  /* two weights for one section: its rows are held to the first */
  CASE("A12", "indicators[0].level2", row[0].level2 = T("数量指标(20)");
       row[1].level2 = T("数量指标(40)"));
  CASE("A12", "", row[0].level2 = T("数量指标(20)");
       row[1].level2 = T("质量指标(20)"));
  CASE("A12", "indicators[0].level2", row[0].level1 = T("");
       row[1].level1 = T(" "); row[0].level2 = row[1].level2 = T("数量(20)"));
  CASE("A12", "", row[3].level2 = T("社会效益指标（99999999999999999999分）"));
}

static void i03_i04_what_errors_come_to(void **state) {
  (void)state;
  CASE("I03", "~total", row[0].score.value = D(19);
       f->form.total.value = D(98.83));
  CASE("I03", "~total", row[1].actual = number_of(D(45)));
  CASE("I03", "", f->form.total.value = D(98)); /* A10 says it */
  CASE("I03", "", f->form.total.present = false);
  CASE("I04", "~grade", row[0].actual = number_of(D(1));
       row[0].reason = T("改进"));
  CASE("I04", "~grade", row[0].actual = row[1].actual = number_of(0);
       f->form.grade = T("优秀"));
  CASE("I04", "", f->form.grade = T("良"));          /* A11 says it */
  CASE("I04", "", row[0].actual = number_of(D(5.1)); /* 90.03 by the rules */
       f->form.total.value = D(90.03));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a01_parts_add_to_the_total),
      cmocka_unit_test(sums_out_of_range),
      cmocka_unit_test(a02_the_rate_is_by_the_rule),
      cmocka_unit_test(a02_names_the_rounding),
      cmocka_unit_test(a03_the_execution_score_is_by_the_rule),
      cmocka_unit_test(a04_executed_within_the_budget),
      cmocka_unit_test(a05_a_budget_of_zero),
      cmocka_unit_test(a06_scores_lie_between_0_and_the_weight),
      cmocka_unit_test(a07_quantities_score_by_the_rule),
      cmocka_unit_test(a08_levels_have_their_bands),
      cmocka_unit_test(a09_weights_add_to_100),
      cmocka_unit_test(a10_scores_add_to_the_total),
      cmocka_unit_test(a11_the_grade_is_that_of_the_total),
      cmocka_unit_test(a11_where_the_unrounded_total_is_graded),
      cmocka_unit_test(a12_printed_section_weights),
      cmocka_unit_test(i03_i04_what_errors_come_to),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
