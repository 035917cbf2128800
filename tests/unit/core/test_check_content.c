/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define TOTAL (&f->form.funds[EVALD_FUND_TOTAL])

static void c01_far_above_the_target(void **state) {
  (void)state;
  CASE("C01", "?indicators[0].actual", row[0].actual = number_of(D(13)));
  CASE("C01", "?indicators[0].actual", row[0].actual = number_of(D(230));
       row[0].reason = T("无"));
  CASE("C01", "?indicators[0].actual", row[0].actual = number_of(D(13));
       row[0].op = EVALD_OP_EQUAL);
  CASE("C01", "", row[0].actual = number_of(D(12.99)));
  CASE("C01", "", row[0].actual = number_of(D(13));
       row[0].reason = T("新增两场"));
  CASE("C01", "", row[0].actual = number_of(D(13));
       row[0].op = EVALD_OP_AT_MOST);
  CASE("C01", "", row[0].actual = number_of(D(13));
       f->ruleset->rows.explain_above = 0);
  /* V14: 120 in one province, 150 in another */
  CASE("C01", "?indicators[0].actual", row[0].actual = number_of(D(12));
       f->ruleset->rows.explain_above = D(120));
  CASE("C01", "", row[0].actual = number_of(D(14.99));
       f->ruleset->rows.explain_above = D(150));
}

static void c02_every_actual_equals_its_target(void **state) {
  (void)state;
#define EXACTLY(i) row[i].actual = row[i].target
  CASE("C02", "~indicators", EXACTLY(0); EXACTLY(1); EXACTLY(4));
  CASE("C02", "~indicators", EXACTLY(0); EXACTLY(1);
       judge(&row[4], "满意", "达成指标"));
  CASE("C02", "", EXACTLY(0); EXACTLY(1));
  CASE("C02", "", EXACTLY(0); judge(&row[1], "高", "达成指标");
       judge(&row[4], "满意", "达成指标"));
}

static void c03_the_actual_repeats_the_target(void **state) {
  (void)state;
  CASE("C03", "?indicators[3].actual", row[3].actual = words_of("有所 提升"));
  CASE("C03", "?indicators[0].actual", row[0].actual = words_of("≥266米"));
  CASE("C03", "?indicators[0].actual", row[0].actual = words_of("不少于10场"));
  CASE("C03", "?indicators[0].actual", row[0].actual = words_of("10场以上"));
  CASE("C03", "", row[0].actual = words_of("十一场"));
  CASE("C03", "", row[3].actual = words_of("部分达成指标"));
}

static void c04_missed_but_full(void **state) {
  (void)state;
  CASE("C04", "indicators[0].score", row[0].actual = number_of(D(9)));
  CASE("C04", "indicators[4].score", row[4].actual = number_of(0));
  CASE("C04", "", row[0].actual = number_of(D(9)); row[0].score.value = D(18));
  CASE("C04", "", row[0].actual = number_of(D(10)));
  CASE("C04", "", row[0].actual = number_of(D(9));
       row[0].score.present = false);
  /* > missed by nothing is worth the full weight by the rule */
  CASE("C04", "", row[0].op = EVALD_OP_ABOVE; row[0].actual = number_of(D(10)));
}

static void c05_met_but_points_taken(void **state) {
  (void)state;
  CASE("C05", "indicators[0].score", row[0].score.value = D(19.99));
  CASE("C05", "indicators[4].score", row[4].score.value = 0);
  CASE("C05", "", row[0].score.value = D(19); row[0].reason = T("资料不全"));
  CASE("C05", "", row[0].actual = number_of(D(9)); row[0].score.value = D(1));
  CASE("C05", "", row[3].score.value = D(25));
}

static void c06_missed_without_a_reason(void **state) {
  (void)state;
  CASE("C06", "indicators[0].reason", row[0].actual = number_of(D(9)));
  CASE("C06", "indicators[3].reason", row[3].actual = words_of("部分达成指标");
       row[3].reason = T("—"));
  CASE("C06", "", row[0].actual = number_of(D(9));
       row[0].reason = T("疫情影响"));
  CASE("C06", "", row[0].actual = number_of(D(10)));
  CASE("C06", "", row[3].actual = words_of("达成年度指标"));
}

static void c07_a_reason_and_a_measure(void **state) {
  (void)state;
#define MISSED row[0].actual = number_of(D(9))
  CASE("C07", "?indicators[0].measure", MISSED; row[0].reason = T("人事调动"));
  CASE("C07", "?indicators[0].reason", MISSED; row[0].measure = T("加强统筹"));
  CASE("C07", "?measure", f->form.reason = T("合同跨年"));
  CASE("C07", "?reason", f->form.measure = T("加快支付"));
  CASE("C07", "", MISSED; row[0].reason = T("人事调动");
       row[0].measure = T("加强统筹"));
  CASE("C07", "", MISSED; row[0].reason = T("人事调动，今后及早安排"));
  CASE("C07", "", row[0].reason = T("按计划完成"));
  CASE("C07", "", MISSED);
  CASE("C07", "", f->form.reason = T("合同跨年，下一步加快支付"));
}

static void c08_low_execution_without_a_reason(void **state) {
  (void)state;
#define EXECUTED(amount) TOTAL->executed.value = D(amount)
  CASE("C08", "?funds.total.rate", EXECUTED(269.99));
  CASE("C08", "?funds.total.rate", EXECUTED(0));
  CASE("C08", "", EXECUTED(270));
  CASE("C08", "", EXECUTED(100); f->form.reason = T("合同跨年"));
  CASE("C08", "", EXECUTED(100); row[3].reason = T("合同跨年"));
  CASE("C08", "", EXECUTED(100); f->ruleset->explain_execution_below = 0);
  /* V19: 80 or 95 instead of 90 */
  CASE("C08", "", EXECUTED(240); f->ruleset->explain_execution_below = D(80));
  CASE("C08", "?funds.total.rate", EXECUTED(284.99);
       f->ruleset->explain_execution_below = D(95));
  CASE("C08", "", EXECUTED(0); TOTAL->budget.value = 0);
}

static void c09_the_budget_was_changed(void **state) {
  (void)state;
#define OPENING(amount) TOTAL->opening.value = D(amount)
  CASE("C09", "?funds.total.budget", OPENING(0));
  CASE("C09", "?funds.total.budget", OPENING(249));
  CASE("C09", "?funds.total.budget", OPENING(376));
  CASE("C09", "", OPENING(250));
  CASE("C09", "", OPENING(375));
  CASE("C09", "", OPENING(0); f->form.reason = T("年中立项"));
  CASE("C09", "", OPENING(0); f->form.goal_actual = T("年中追加预算后完成"));
  CASE("C09", "", OPENING(0); row[3].reason = T("年中追加预算"));
  CASE("C09", "?funds.total.budget", OPENING(0); row[3].reason = T("人事调动"));
  CASE("C09", "", OPENING(100); f->ruleset->explain_change_above = 0);
  CASE("C09", "", OPENING(200); f->ruleset->explain_change_above = D(50));
  CASE("C09", "?funds.total.budget", OPENING(270);
       f->ruleset->explain_change_above = D(10));
  CASE("C09", "?funds.total.budget", OPENING(299.99);
       f->ruleset->explain_change_above = 1);
}

static void c10_results_too_good_for_the_money(void **state) {
  (void)state;
#define ONLY_YELLOW f->ruleset->light_red = 0
  CASE("C10", "?funds.total.rate", EXECUTED(284.8)); /* 9.49: 5.1 */
  CASE("C10", "", EXECUTED(285));                    /* 9.50: 5.0 */
  CASE("C10", "?funds.total.rate", EXECUTED(150));
  CASE("C10", "?funds.total.rate", EXECUTED(239); ONLY_YELLOW);
  CASE("C10", "", EXECUTED(285.5));
  CASE("C10", "", EXECUTED(240); ONLY_YELLOW);
  CASE("C10", "", EXECUTED(239); ONLY_YELLOW; f->ruleset->light_unspent = 0);
  /* V20: other lights */
  CASE("C10", "", EXECUTED(270); f->ruleset->light_red = D(10));
  CASE("C10", "?funds.total.rate", EXECUTED(269);
       f->ruleset->light_red = D(10));
  CASE("C10", "?funds.total.rate", EXECUTED(269); ONLY_YELLOW;
       f->ruleset->light_unspent = D(10));
  CASE("C10", "", EXECUTED(150); for (int i = 0; i < 5; i++)
                                     judge(&row[i], "好", "未达成指标"),
                                 row[i].score.value = row[i].weight.value / 2);
}

static void c20_word_and_score_disagree(void **state) {
  (void)state;
  CASE("C20", "indicators[3].score", row[3].score.value = D(5));
  CASE("C20", "indicators[3].score", row[3].actual = words_of("未达成指标"));
  CASE("C20", "", row[3].score.value = D(19));
  CASE("C20", "", row[3].score.value = D(24));
  CASE("C20", "", row[3].actual = words_of("部分达成指标"));
}

/* 60% of a weight of 1 is 1 where scores have no decimals, and 80% of 0.4 is 0:
 * such a score belongs to both levels. */
static void c20_edges_are_rounded(void **state) {
  (void)state;
#define WHOLE f->ruleset->rows.rounding.digits = 0
  CASE("C20", "indicators[3].score", WHOLE;
       row[3].weight = row[3].score = figure_of(D(1)));
  CASE("C20", "", WHOLE; row[3].weight = row[3].score = figure_of(D(2)));
  CASE("C20", "indicators[3].score", WHOLE;
       row[3].actual = words_of("未达成指标"); row[3].weight.value = D(0.4);
       row[3].score.value = 0);
  CASE("C20", "", WHOLE; row[3].actual = words_of("未达成指标");
       row[3].weight.value = D(1); row[3].score.value = 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(c01_far_above_the_target),
      cmocka_unit_test(c02_every_actual_equals_its_target),
      cmocka_unit_test(c03_the_actual_repeats_the_target),
      cmocka_unit_test(c04_missed_but_full),
      cmocka_unit_test(c05_met_but_points_taken),
      cmocka_unit_test(c06_missed_without_a_reason),
      cmocka_unit_test(c07_a_reason_and_a_measure),
      cmocka_unit_test(c08_low_execution_without_a_reason),
      cmocka_unit_test(c09_the_budget_was_changed),
      cmocka_unit_test(c10_results_too_good_for_the_money),
      cmocka_unit_test(c20_word_and_score_disagree),
      cmocka_unit_test(c20_edges_are_rounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
