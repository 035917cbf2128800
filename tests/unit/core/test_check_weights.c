/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void w01_categories_weigh_what_the_ruleset_says(void **state) {
  (void)state;
  CASE("W01", "?indicators[0].level1; ?indicators[3].level1",
       row[0].weight.value = D(10);
       row[3].weight.value = D(40));
  CASE("W01", "?funds.total.weight",
       f->form.funds[EVALD_FUND_TOTAL].weight.value = D(20));
  CASE("W01", "?indicators[4].level1", row[4].weight.value = D(15));
  CASE("W01", "", row[0].weight.value = D(25); row[1].weight.value = D(15));
  CASE("W01", "", f->form.funds[EVALD_FUND_TOTAL].weight.present = false);
  CASE("W01", "", row[4].weight.value = D(15);
       f->ruleset->categories[2].weighted = false);
  CASE("W01", "", f->form.indicator_count = 4); /* S09 */
}

static void w02_no_row_weighs_too_much(void **state) {
  (void)state;
  CASE("W02", "?indicators[3].weight", row[3].weight.value = D(30.01));
  CASE("W02", "?indicators[0].weight", row[0].weight.value = D(50));
  CASE("W02", "", row[0].weight.value = D(30));
  CASE("W02", "", row[0].weight.value = D(50);
       f->ruleset->checks[RULESET_CHECK_W02].threshold = D(50));
}

static void w03_weights_are_above_0(void **state) {
  (void)state;
  CASE("W03", "indicators[0].weight", row[0].weight.value = 0);
  CASE("W03", "indicators[1].weight", row[1].weight.value = D(-5));
  CASE("W03", "funds.total.weight",
       f->form.funds[EVALD_FUND_TOTAL].weight.value = 0);
  CASE("W03", "", row[0].weight.value = D(0.01));
  CASE("W03", "", row[0].weight.present = false);
}

static void a_row_without_a_weight_scores_nothing(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  f->rows[0].weight.value = D(-5);
  f->rows[3].weight.value = 0;
  (void)evaluate(f);
  assert_int_equal(f->verdict.rows[0].score, 0);
  assert_int_equal(f->verdict.rows[3].score, 0);
  assert_int_equal(f->verdict.total, D(49.83));
  fixture_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(w01_categories_weigh_what_the_ruleset_says),
      cmocka_unit_test(w02_no_row_weighs_too_much),
      cmocka_unit_test(w03_weights_are_above_0),
      cmocka_unit_test(a_row_without_a_weight_scores_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
