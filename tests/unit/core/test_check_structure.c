/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void s01_the_form_is_whole(void **state) {
  (void)state;
  CASE("S01", "pro_name", f->form.pro_name = T(" \n"));
  CASE("S01", "fiscal_year", f->form.fiscal_year = 0);
  CASE("S01", "dept_name", f->form.dept_name = T(""));
  CASE("S01", "agency_name", f->form.agency_name = T("　"));
  CASE("S01", "funds.total", f->form.funds[EVALD_FUND_TOTAL].present = false);
  CASE("S01", "funds.total.budget",
       f->form.funds[EVALD_FUND_TOTAL].budget.present = false);
  CASE("S01", "funds.total.executed",
       f->form.funds[EVALD_FUND_TOTAL].executed.present = false);
  CASE("S01", "funds.total.opening",
       f->form.funds[EVALD_FUND_TOTAL].opening.present = false;
       f->ruleset->execution.base = RULESET_BASE_OPENING);
  CASE("S01", "", f->form.funds[EVALD_FUND_TOTAL].opening.present = false);
  CASE("S01", "", f->form.dept_name = T(""); f->form.dept_code = T("001"));
  CASE("S01", "", f->form.agency_name = T("");
       f->form.agency_code = T("001001"));
  CASE("S01", "", f->form.funds[EVALD_FUND_OTHER].present = false);
}

static void s02_every_row_has_a_target(void **state) {
  (void)state;
  CASE("S02", "indicators[0].target",
       row[0].target = (struct evald_claim){.kind = EVALD_CLAIM_ABSENT});
  CASE("S02", "indicators[2].target; indicators[3].target",
       row[2].target = words_of(" ");
       row[3].target = words_of("　"));
  CASE("S02", "", row[0].target = number_of(0));
  CASE("S02", "", row[0].target = (struct evald_claim){0};
       row[0].not_applicable = true;
       f->ruleset->rows.not_applicable = RULESET_NOT_APPLICABLE_RESCALE);
}

static void s03_every_row_has_a_usable_actual(void **state) {
  (void)state;
  CASE("S03", "indicators[0].actual", row[0].actual = (struct evald_claim){0});
  CASE("S03", "indicators[2].actual", row[2].actual = words_of("\n"));
  CASE("S03", "indicators[0].actual", row[0].actual = words_of("≥266米"));
  CASE("S03", "indicators[0].actual", row[0].actual = words_of("若干"));
  CASE("S03", "indicators[0].actual", row[0].actual = number_of(D(-1)));
  CASE("S03", "", row[0].actual = number_of(D(-1));
       f->ruleset->rows.negative_actual = RULESET_NEGATIVE_ZERO);
  CASE("S03", "", row[0].actual = number_of(0));
  CASE("S03", "", row[0].actual = words_of("达成指标"));
  CASE("S03", "", row[0].actual = number_of(D(-2));
       row[0].target = number_of(D(-3)));
}

static void s04_every_row_has_a_weight_and_a_score(void **state) {
  (void)state;
  CASE("S04", "indicators[1].weight", row[1].weight.present = false);
  CASE("S04", "indicators[1].score", row[1].score.present = false);
  CASE("S04", "", row[1].score.value = 0);
  CASE("S04", "", for (int i = 0; i < 5; i++) row[i].score.present = false;
       f->form.total.present = false;
       f->form.funds[EVALD_FUND_TOTAL].score.present = false);
}

static void s05_a_quantity_is_a_number_with_a_unit(void **state) {
  (void)state;
  CASE("S05", "?indicators[0].unit", row[0].unit = T(" "));
  CASE("S05", "?indicators[1].target", row[1].target = words_of("较高"));
  CASE("S05", "", row[1].op = EVALD_OP_NONE; row[1].target = words_of("较高"));
  CASE("S05", "", row[2].unit = T(""));
}

static void s06_names_are_those_of_the_ruleset(void **state) {
  (void)state;
  CASE("S06", "?indicators[3].level1", row[3].level1 = T("影响指标"));
  CASE("S06", "?indicators[0].level2", row[0].level2 = T("规模指标"));
  CASE("S06", "?indicators[0].level2", row[0].level2 = T(""));
  /* told once for rows that stand together */
  CASE("S06", "?indicators[0].level1",
       row[0].level1 = row[1].level1 = T("投入指标"));
  CASE("S06", "", row[0].level1 = T("产出"));
  CASE("S06", "", row[0].level1 = T("产 出\n指标（20分）"));
  CASE("S06", "", row[0].level1 = T("项目完成指标"));
  CASE("S06", "", row[2].level2 = T("进度"));
}

static void s07_level_2_belongs_to_its_level_1(void **state) {
  (void)state;
  CASE("S07", "?indicators[0].level2", row[0].level2 = T("社会效益指标"));
  CASE("S07", "?indicators[4].level2", row[4].level2 = T("数量指标"));
  CASE("S07", "", row[0].level2 = T("规模指标"));
  CASE("S07", "", row[0].level1 = T("投入指标"));
  CASE("S07", "", row[0].level2 = T("社会效益指标");
       f->ruleset->categories[0].level2_count = 0; headings_make(f->ruleset));
}

static void s08_names_stand_once(void **state) {
  (void)state;
  CASE("S08", "?indicators[3].name", row[3].name = row[0].name);
  CASE("S08", "?indicators[3].name; ?indicators[4].name",
       row[3].name = T("培训 场次");
       row[4].name = T("培训场\n次"));
  CASE("S08", "", row[3].name = T("培训场次数"));
  CASE("S08", "", row[3].name = row[2].name = T(" "));
}

static void s09_satisfaction_is_asked_for(void **state) {
  (void)state;
  CASE("S09", "?indicators", f->form.indicator_count = 4);
  CASE("S09", "?indicators", row[4].level1 = T("效益指标"));
  CASE("S09", "", f->form.indicator_count = 4; f->ruleset->category_count = 2);
  CASE("S09", "", row[4].level1 = T("满意\n度指标"));
}

static void s10_output_benefit_and_cost(void **state) {
  (void)state;
  CASE("S10", "?indicators", row[3].level1 = T("满意度指标"));
  CASE("S10", "?indicators",
       row[0].level1 = row[1].level1 = row[2].level1 = T("效益指标"));
  CASE("S10", "?indicators", f->ruleset->cost_required = true);
  CASE("S10", "", row[3].level1 = T("效果指标"));
  CASE("S10", "", f->ruleset->cost_required = true;
       row[0].level2 = T("成本指标"));
  CASE("S10", "", f->ruleset->cost_required = true;
       f->ruleset->categories[1].kind = RULESET_KIND_COST;
       f->ruleset->cost = RULESET_COST_OWN);
}

static void c15_one_name_has_one_target(void **state) {
  (void)state;
  CASE("C15", "?indicators[4].target", row[4].name = row[1].name);
  CASE("C15", "?indicators[3].target", row[3].name = row[0].name);
  CASE("C15", "?indicators[4].target", row[4].name = row[1].name;
       row[4].target = row[1].target; row[4].op = EVALD_OP_EQUAL);
  CASE("C15", "", row[4].name = row[1].name; row[4].target = row[1].target);
  CASE("C15", "", row[3].name = row[2].name; row[3].target = row[2].target);
  CASE("C15", "", row[4].name = T("合格率"));
}

static void i01_i02_i05_assumptions_are_said(void **state) {
  (void)state;
  CASE("I01", "~indicators[3].score", row[3].score.present = false);
  CASE("I01", "~indicators[2].score", row[2].score.present = false;
       row[2].actual = words_of("部分达成指标"));
  CASE("I01", "", row[0].score.present = false); /* a ratio: the rule's */
  CASE("I01", "", row[3].score.present = false;
       row[3].actual = words_of("尚可")); /* no level, no edge */
  CASE("I02", "~indicators[4].target", judge(&row[4], "满意", "达成指标"));
  CASE("I02", "~indicators[4].target", judge(&row[4], "比较满意", "满意"));
  CASE("I02", "", judge(&row[3], "满意", "达成指标"));
  CASE("I02", "", row[4].target = words_of(" ")); /* S02 */
  CASE("I05", "~indicators[0].op", row[0].op = EVALD_OP_NONE);
  CASE("I05", "~indicators[0].op", row[0].op = EVALD_OP_NONE;
       row[0].target = number_of(0));
  CASE("I05", "", row[2].op = EVALD_OP_NONE);
  CASE("I05", "", row[0].op = EVALD_OP_NONE; row[0].not_applicable = true;
       f->ruleset->rows.not_applicable = RULESET_NOT_APPLICABLE_RESCALE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(s01_the_form_is_whole),
      cmocka_unit_test(s02_every_row_has_a_target),
      cmocka_unit_test(s03_every_row_has_a_usable_actual),
      cmocka_unit_test(s04_every_row_has_a_weight_and_a_score),
      cmocka_unit_test(s05_a_quantity_is_a_number_with_a_unit),
      cmocka_unit_test(s06_names_are_those_of_the_ruleset),
      cmocka_unit_test(s07_level_2_belongs_to_its_level_1),
      cmocka_unit_test(s08_names_stand_once),
      cmocka_unit_test(s09_satisfaction_is_asked_for),
      cmocka_unit_test(s10_output_benefit_and_cost),
      cmocka_unit_test(c15_one_name_has_one_target),
      cmocka_unit_test(i01_i02_i05_assumptions_are_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
