/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void what_a_new_one_has(void **state) {
  (void)state;
  struct evald_ruleset *ruleset = core_ruleset_new();
  assert_int_equal(ruleset->checks[RULESET_CHECK_S01].level, EVALD_LEVEL_ERROR);
  assert_int_equal(ruleset->checks[RULESET_CHECK_C12].level, EVALD_LEVEL_INFO);
  assert_int_equal(ruleset->checks[RULESET_CHECK_W02].threshold, D(30));
  assert_int_equal(ruleset->checks[RULESET_CHECK_C13].threshold, D(2));
  assert_null(evald_ruleset_source(ruleset, EVALD_RULE_TOTAL).data);
  assert_null(evald_ruleset_grade(ruleset, 0).data);
  assert_ptr_equal(evald_ruleset_ref(ruleset), ruleset);
  evald_ruleset_unref(ruleset);
  assert_int_equal(evald_ruleset_id(ruleset).size, 0); /* still there */
  evald_ruleset_unref(ruleset);
  evald_ruleset_unref(NULL);
}

static void lookups_fold(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  const struct evald_ruleset *r = f->ruleset;
  assert_ptr_equal(core_ruleset_category(r, T("产出指标")), &r->categories[0]);
  assert_ptr_equal(core_ruleset_category(r, T("效\n果")), &r->categories[1]);
  assert_null(core_ruleset_category(r, T("影响指标")));
  assert_null(core_ruleset_category(r, T("")));
  assert_true(core_ruleset_has_level2(&r->categories[0], T("进度")));
  assert_false(core_ruleset_has_level2(&r->categories[0], T("社会效益")));
  assert_ptr_equal(core_ruleset_category_of(r, T("社会效益")),
                   &r->categories[1]);
  assert_null(core_ruleset_category_of(r, T("决策")));
  assert_ptr_equal(core_ruleset_kind(r, RULESET_KIND_SATISFACTION),
                   &r->categories[2]);
  assert_null(core_ruleset_kind(r, RULESET_KIND_COST));
  assert_int_equal(core_ruleset_level(r, T("达成指标")), 0);
  assert_int_equal(core_ruleset_level(r, T("达成")), 0);
  assert_int_equal(core_ruleset_level(r, T("部分达成 指标")), 1);
  assert_int_equal(core_ruleset_level(r, T("未达成指标\n且效果较差")), 2);
  assert_int_equal(core_ruleset_level(r, T("未达")), -1);
  assert_int_equal(core_ruleset_grade_named(r, T("良好")), 1);
  assert_int_equal(core_ruleset_grade_named(r, T("优（90分）")), -1);
  assert_int_equal(core_ruleset_grade_named(r, T("")), -1);
  fixture_free(f);
}

static void grades_of_totals(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  static const struct {
    double total;
    unsigned grade;
  } cases[] = {{120, 0},       {90, 0},        {89.999999, 1},
               {80, 1},        {79.999999, 2}, {60, 2},
               {59.999999, 3}, {0, 3},         {-5, 3}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(core_ruleset_grade_of(f->ruleset, D(cases[i].total)),
                     cases[i].grade);
  }
  assert_true(
      evald_text_equal(evald_ruleset_source(f->ruleset, EVALD_RULE_GRADES),
                       T("财预〔2020〕10号")));
  assert_null(evald_ruleset_source(f->ruleset, EVALD_RULE_COUNT).data);
  assert_true(evald_text_equal(evald_ruleset_version(f->ruleset), T("1")));
  fixture_free(f);
}

static void a_ruleset_sets_levels_and_what_is_raised(void **state) {
  (void)state;
#define CHECK(code) f->ruleset->checks[RULESET_CHECK_##code]
  CASE("W02", "indicators[0].weight", row[0].weight.value = D(40);
       CHECK(W02).level = EVALD_LEVEL_ERROR);
  CASE("W02", "", row[0].weight.value = D(40); CHECK(W02).off = true);
  /* a milder finding of a check stays as mild as the ruleset says */
  CASE("A02", "~funds.total.rate",
       f->form.funds[EVALD_FUND_TOTAL].rate.value = D(98.34);
       CHECK(A02).level = EVALD_LEVEL_INFO);
  CASE("A02", "?funds.total.rate",
       f->form.funds[EVALD_FUND_TOTAL].rate.value = D(50);
       CHECK(A02).level = EVALD_LEVEL_WARNING);
  CASE("I01", "", row[3].score.present = false; CHECK(I01).off = true);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_new_one_has),
      cmocka_unit_test(lookups_fold),
      cmocka_unit_test(grades_of_totals),
      cmocka_unit_test(a_ruleset_sets_levels_and_what_is_raised),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
