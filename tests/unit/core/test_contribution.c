/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contribution.h"

#include "fixture.h"

static int64_t counted(const struct contribution *c, enum core_counter which) {
  return c->counter[which];
}

static void what_a_verdict_adds(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  f->rows[0].weight.value = D(31);
  f->form.grade = T("良");
  struct contribution c;
  assert_int_equal(core_contribution_of(evaluate(f), &c), EVALD_OK);
  assert_int_equal(counted(&c, CORE_COUNTER_FORMS), 1);
  assert_int_equal(counted(&c, CORE_COUNTER_INDICATORS), 5);
  assert_int_equal(counted(&c, CORE_COUNTER_OPENING), 300000000);
  assert_int_equal(counted(&c, CORE_COUNTER_BUDGET), 300000000);
  assert_int_equal(counted(&c, CORE_COUNTER_EXECUTED), 295000000);
  assert_int_equal(counted(&c, CORE_COUNTER_EXECUTION_SCORE), D(9.83));
  assert_int_equal(counted(&c, CORE_COUNTER_TOTAL), f->verdict.total);
  assert_int_equal(counted(&c, CORE_COUNTER_EXCELLENT), 1);
  assert_int_equal(counted(&c, CORE_COUNTER_GOOD), 0);
  assert_int_equal(counted(&c, CORE_COUNTER_ERRORS),
                   f->verdict.level_count[EVALD_LEVEL_ERROR]);
  assert_int_equal(counted(&c, CORE_COUNTER_FORMS_WITH_ERRORS), 1);
  assert_int_equal(counted(&c, CORE_COUNTER_FORMS_WITH_WARNINGS), 1);
  assert_int_equal(counted(&c, CORE_COUNTER_GRADE_DIFFERS), 1);
  assert_int_equal(counted(&c, CORE_COUNTER_TOTAL_DIFFERS), 1);
  assert_int_equal(counted(&c, CORE_COUNTER_SCORE_90), 1);
  fixture_free(f);
}

static void a_good_form_differs_in_nothing(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  struct contribution c;
  assert_int_equal(core_contribution_of(evaluate(f), &c), EVALD_OK);
  assert_int_equal(counted(&c, CORE_COUNTER_GRADE_DIFFERS), 0);
  assert_int_equal(counted(&c, CORE_COUNTER_TOTAL_DIFFERS), 0);
  assert_int_equal(counted(&c, CORE_COUNTER_FORMS_WITH_ERRORS), 0);
  fixture_free(f);
}

static void tens_of_points(void **state) {
  (void)state;
  static const struct {
    double total;
    enum core_counter counter;
  } cases[] = {{0, CORE_COUNTER_SCORE_0},    {9.99, CORE_COUNTER_SCORE_0},
               {10, CORE_COUNTER_SCORE_10},  {89.99, CORE_COUNTER_SCORE_80},
               {90, CORE_COUNTER_SCORE_90},  {100, CORE_COUNTER_SCORE_90},
               {140, CORE_COUNTER_SCORE_90}, {-3, CORE_COUNTER_SCORE_0}};
  struct fixture *f = fixture_new();
  struct evald_verdict verdict = *evaluate(f);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct contribution c;
    verdict.total = D(cases[i].total);
    assert_int_equal(core_contribution_of(&verdict, &c), EVALD_OK);
    int64_t all = 0;
    for (int k = CORE_COUNTER_SCORE_0; k <= CORE_COUNTER_SCORE_90; k++) {
      all += c.counter[k];
    }
    assert_int_equal(all, 1);
    assert_int_equal(counted(&c, cases[i].counter), 1);
  }
  fixture_free(f);
}

static void yuan_and_wan_yuan_meet_in_fen(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  struct contribution c;
  f->form.money_unit = EVALD_MONEY_YUAN;
  f->form.funds[EVALD_FUND_TOTAL].executed.value = D(295.07);
  assert_int_equal(core_contribution_of(evaluate(f), &c), EVALD_OK);
  assert_int_equal(counted(&c, CORE_COUNTER_EXECUTED), 29507);
  f->form.funds[EVALD_FUND_TOTAL].executed.value = D(295.075);
  struct contribution untouched = c;
  assert_int_equal(core_contribution_of(evaluate(f), &c), EVALD_RANGE);
  assert_memory_equal(&c, &untouched, sizeof c);
  fixture_free(f);
}

/* Each column of money by itself: one that is not there adds nothing, and one
 * that is no whole 分 is no contribution. */
static void columns_that_are_missing_or_finer_than_a_fen(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  struct evald_fund_row *total = &f->form.funds[EVALD_FUND_TOTAL];
  struct contribution c;
  f->form.money_unit = EVALD_MONEY_YUAN;
  total->opening.value = D(1.005);
  assert_int_equal(core_contribution_of(evaluate(f), &c), EVALD_RANGE);
  total->opening.present = false;
  assert_int_equal(core_contribution_of(evaluate(f), &c), EVALD_OK);
  assert_int_equal(counted(&c, CORE_COUNTER_OPENING), 0);
  assert_int_equal(counted(&c, CORE_COUNTER_BUDGET), 30000);
  total->budget.value = D(300.001);
  assert_int_equal(core_contribution_of(evaluate(f), &c), EVALD_RANGE);
  total->present = false;
  f->form.total.present = false;
  f->form.grade = T(" ");
  assert_int_equal(core_contribution_of(evaluate(f), &c), EVALD_OK);
  assert_int_equal(counted(&c, CORE_COUNTER_BUDGET), 0);
  assert_int_equal(counted(&c, CORE_COUNTER_EXECUTED), 0);
  assert_int_equal(counted(&c, CORE_COUNTER_FORMS), 1);
  assert_int_equal(counted(&c, CORE_COUNTER_TOTAL_DIFFERS), 0);
  assert_int_equal(counted(&c, CORE_COUNTER_GRADE_DIFFERS), 0);
  fixture_free(f);
}

/* What a producer is told: the key of a job. */
static void a_counter_knows_the_cell_that_it_adds_up(void **state) {
  (void)state;
  static const struct {
    enum core_counter counter;
    const char *path;
  } cases[] = {{CORE_COUNTER_OPENING, "funds.total.opening"},
               {CORE_COUNTER_BUDGET, "funds.total.budget"},
               {CORE_COUNTER_EXECUTED, "funds.total.executed"},
               {CORE_COUNTER_TOTAL, "total"},
               {CORE_COUNTER_EXECUTION_SCORE, "funds.total.score"},
               {CORE_COUNTER_FORMS, ""},
               {CORE_COUNTER_SCORE_90, ""}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char path[EVALD_CELL_PATH];
    evald_cell_path(core_counter_cell(cases[i].counter), path);
    assert_string_equal(path, cases[i].path);
  }
}

static void sums_are_checked(void **state) {
  (void)state;
  struct contribution sum = {{0}};
  struct contribution part = {{0}};
  part.counter[CORE_COUNTER_FORMS] = 1;
  part.counter[CORE_COUNTER_BUDGET] = INT64_MAX - 5;
  assert_int_equal(core_contribution_add(&sum, &part), EVALD_OK);
  assert_int_equal(core_contribution_add(&sum, &part), EVALD_RANGE);
  assert_int_equal(sum.counter[CORE_COUNTER_FORMS], 1);
  assert_int_equal(core_contribution_subtract(&sum, &part), EVALD_OK);
  struct contribution zero = {{0}};
  assert_memory_equal(&sum, &zero, sizeof zero);
  part.counter[CORE_COUNTER_BUDGET] = INT64_MIN;
  assert_int_equal(core_contribution_misfits(&sum, &part, NULL),
                   1 << CORE_COUNTER_BUDGET);
  assert_int_equal(core_contribution_misfits(&sum, NULL, &part), 0);
  assert_int_equal(core_contribution_subtract(&sum, &part), EVALD_RANGE);
  assert_int_equal(sum.counter[CORE_COUNTER_FORMS], 0);
}

/* By the formula in docs/PROTOCOL.md, computed elsewhere. */
static void any_counter_changes_the_checksum(void **state) {
  (void)state;
  struct contribution sum = {{0}};
  uint64_t empty = core_contribution_checksum(&sum);
  for (size_t i = 0; i < CORE_COUNTER_COUNT; i++) {
    sum.counter[i] = 1;
    assert_true(core_contribution_checksum(&sum) != empty);
    sum.counter[i] = 0;
  }
  assert_true(empty == UINT64_C(0x17d9c15239d081d5));
  assert_string_equal(core_counter_name(CORE_COUNTER_BUDGET), "budget_fen");
  assert_string_equal(core_counter_name(CORE_COUNTER_COUNT), "?");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_verdict_adds),
      cmocka_unit_test(a_good_form_differs_in_nothing),
      cmocka_unit_test(tens_of_points),
      cmocka_unit_test(yuan_and_wan_yuan_meet_in_fen),
      cmocka_unit_test(columns_that_are_missing_or_finer_than_a_fen),
      cmocka_unit_test(a_counter_knows_the_cell_that_it_adds_up),
      cmocka_unit_test(sums_are_checked),
      cmocka_unit_test(any_counter_changes_the_checksum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
