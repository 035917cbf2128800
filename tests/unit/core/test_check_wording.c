/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void c11_above_what_a_rate_can_be(void **state) {
  (void)state;
#define RATE(op, target, name_)                                                \
  measure(&row[1], op, D(target), "%", D(100));                                \
  row[1].name = T(name_)
  CASE("C11", "?indicators[1].target",
       RATE(EVALD_OP_AT_LEAST, 100, "培训合格率"));
  CASE("C11", "?indicators[1].target",
       RATE(EVALD_OP_ABOVE, 100, "主题教育目标达成"));
  CASE("C11", "?indicators[1].target",
       RATE(EVALD_OP_AT_LEAST, 100, "培训合格率");
       row[1].actual_unit = T("%"));
  CASE("C11", "", RATE(EVALD_OP_EQUAL, 100, "培训合格率"));
  CASE("C11", "", RATE(EVALD_OP_AT_LEAST, 99, "培训合格率"));
  CASE("C11", "", RATE(EVALD_OP_AT_LEAST, 100, "税收收入完成率"));
  CASE("C11", "", RATE(EVALD_OP_AT_LEAST, 100, "工作质量提升率"));
  CASE("C11", "", RATE(EVALD_OP_AT_LEAST, 100, "覆盖户数");
       row[1].unit = T("户"));
}

static void c12_a_quantity_in_percent(void **state) {
  (void)state;
  CASE("C12", "~indicators[0].unit", row[0].unit = T("%"));
  CASE("C12", "~indicators[1].unit", row[1].level2 = T("数量"));
  CASE("C12", "~indicators[0].unit", row[0].unit = row[0].actual_unit = T("%"));
  CASE("C12", "", row[0].unit = T("场次"));
  CASE("C12", "", row[1].level2 = T("质量"));
}

static void c13_targets_empty_of_content(void **state) {
  (void)state;
#define EMPTY(i)                                                               \
  judge(&row[i], "明显", "达成指标");                                          \
  row[i].name = T("成效明显")
  CASE("C13", "~indicators[3].target", EMPTY(3));
  CASE("C13", "?indicators[2].target; ?indicators[3].target", EMPTY(2);
       EMPTY(3));
  CASE("C13", "?indicators[3].target", EMPTY(3);
       f->ruleset->checks[RULESET_CHECK_C13].threshold = D(1));
  CASE("C13", "", EMPTY(3); row[3].name = T("成效"));
  CASE("C13", "", EMPTY(3); row[3].name = T("明显"));
  CASE("C13", "", EMPTY(3); row[3].name = T("明显成效"));
}

static void c14_management_as_an_effect(void **state) {
  (void)state;
  CASE("C14", "?indicators[3].name", row[3].name = T("绩效目标的合理性"));
  CASE("C14", "?indicators[3].name", row[3].name = T("项目资金管理规范性"));
  CASE("C14", "", row[0].name = T("绩效目标的合理性"));
  CASE("C14", "", row[3].name = T("基层治理现代化水平"));
}

static void c17_spending_as_a_result(void **state) {
  (void)state;
  CASE("C17", "?indicators[1].name", row[1].name = T("预算执行率"));
  CASE("C17", "?indicators[0].name", row[0].name = T("补助资金发放额");
       row[0].unit = T("万元"));
  CASE("C17", "", row[0].name = T("补助资金发放额"));
  CASE("C17", "", row[0].name = T("预算执行率"); row[0].level2 = T("成本指标"));
  CASE("C17", "", row[0].name = T("撬动社会资金"); row[0].unit = T("万元"));
  CASE("C17", "", row[0].name = T("活动经费"); row[0].unit = T("元");
       row[0].op = EVALD_OP_AT_MOST; row[0].actual = number_of(D(9)));
  CASE("C17", "", row[4].name = T("对资金支付率的满意度"));
}

static void c18_units_and_forms_differ(void **state) {
  (void)state;
  CASE("C18", "?indicators[0].actual_unit", row[0].actual_unit = T("次"));
  CASE("C18", "?indicators[1].actual", row[1].actual = words_of("达成指标"));
  CASE("C18", "?indicators[1].actual", row[1].actual = words_of("九成五"));
  CASE("C18", "", row[1].actual_unit = T("％"));
  CASE("C18", "", row[0].actual_unit = T(" "));
  CASE("C18", "", row[1].actual = words_of("≥95")); /* C03 */
  CASE("C18", "", row[3].actual_unit = T("次"));
}

static void c19_yuan_for_wan_yuan(void **state) {
  (void)state;
#define TOTAL (&f->form.funds[EVALD_FUND_TOTAL])
  CASE("C19", "?funds.total.executed", TOTAL->executed.value = D(2950000));
  CASE("C19", "?funds.total.opening", TOTAL->opening.value = D(0.03));
  CASE("C19", "?funds.appropriation.budget",
       f->form.funds[EVALD_FUND_APPROPRIATION].budget.value = D(3000000));
  CASE("C19", "?indicators[0].actual", row[0].unit = T("元");
       row[0].actual = number_of(D(110000)));
  CASE("C19", "", row[0].actual = number_of(D(110000)));
  CASE("C19", "", TOTAL->opening.value = 0);
  CASE("C19", "", TOTAL->executed.value = D(3000));
  CASE("C19", "", f->form.funds[EVALD_FUND_CARRYOVER].budget.value = D(0.01));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(c11_above_what_a_rate_can_be),
      cmocka_unit_test(c12_a_quantity_in_percent),
      cmocka_unit_test(c13_targets_empty_of_content),
      cmocka_unit_test(c14_management_as_an_effect),
      cmocka_unit_test(c17_spending_as_a_result),
      cmocka_unit_test(c18_units_and_forms_differ),
      cmocka_unit_test(c19_yuan_for_wan_yuan),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
