/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void finds_nothing_in_a_good_form(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  assert_string_equal(findings_of(f), "");
  assert_int_equal(f->verdict.total, D(99.83));
  assert_int_equal(f->verdict.grade, 0);
  assert_int_equal(f->verdict.execution.rate, D(98.33));
  assert_int_equal(f->verdict.revision, 1);
  fixture_free(f);
}

/* All findings of a form, not the first, and in the order of the list. */
static void finds_everything_at_once(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  struct evald_fund_row *total = &f->form.funds[EVALD_FUND_TOTAL];
  total->rate.value = D(98.34);
  total->score.value = D(9.9);
  f->rows[0].actual = number_of(D(5));
  f->rows[1].unit = T("");
  f->rows[3].actual = words_of("有所提升");
  f->form.grade = T("差");
  assert_string_equal(
      findings_of(f),
      "?S05 indicators[1].unit; ?A02 funds.total.rate; A03 funds.total.score; "
      "A07 indicators[0].score; A08 indicators[3].actual; A10 total; "
      "A11 grade; ?C03 indicators[3].actual; C04 indicators[0].score; "
      "C06 indicators[0].reason; ~I03 total; ~I04 grade");
  assert_int_equal(f->verdict.level_count[EVALD_LEVEL_ERROR], 7);
  assert_int_equal(f->verdict.level_count[EVALD_LEVEL_WARNING], 3);
  assert_int_equal(f->verdict.level_count[EVALD_LEVEL_INFO], 2);
  fixture_free(f);
}

/* The same form and ruleset give the same verdict, whatever was in the memory
 * before. */
static void gives_the_same_again(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  f->rows[0].actual = number_of(D(5));
  static char first[8192];
  (void)snprintf(first, sizeof first, "%s", findings_of(f));
  evald_decimal total = f->verdict.total;
  for (int i = 0; i < 3; i++) {
    evald_arena_reset(f->arena);
    assert_string_equal(findings_of(f), first);
    assert_int_equal(f->verdict.total, total);
  }
  fixture_free(f);
}

/* As many rows as a form may have, all of one name and wrong in every way. */
static void bears_the_largest_form(void **state) {
  (void)state;
  static struct evald_indicator rows[EVALD_INDICATORS_MAX];
  struct fixture *f = fixture_new();
  for (size_t i = 0; i < EVALD_INDICATORS_MAX; i++) {
    fill_row(&rows[i], i % 2 ? "甲（1分）" : "乙(2分)", "丙", "培训 场次",
             D(50));
    measure(&rows[i], EVALD_OP_ABOVE, D(1000), "", D((int)(i % 3)));
  }
  f->form.indicators = rows;
  f->form.indicator_count = EVALD_INDICATORS_MAX;
  const struct evald_verdict *verdict = evaluate(f);
  assert_true(verdict->finding_count > 8 * EVALD_INDICATORS_MAX);
  for (size_t i = 1; i < verdict->finding_count; i++) {
    assert_true(verdict->findings[i - 1].code <= verdict->findings[i].code);
  }
  fixture_free(f);
}

/* Values at the end of the range make findings, or EVALD_RANGE, and nothing
 * else. */
static void bears_the_largest_numbers(void **state) {
  (void)state;
  static const evald_decimal values[] = {EVALD_DECIMAL_MAX, -EVALD_DECIMAL_MAX,
                                         1, -1, 0};
  enum { VALUES = 5, PLACES = 8 };
  struct fixture *f = fixture_new();
  struct evald_fund_row *total = &f->form.funds[EVALD_FUND_TOTAL];
  struct evald_fund_row *part = &f->form.funds[EVALD_FUND_APPROPRIATION];
  evald_decimal *places[PLACES] = {
      &total->budget.value,      &total->executed.value,
      &total->opening.value,     &part->executed.value,
      &f->rows[0].weight.value,  &f->rows[0].target.number,
      &f->rows[0].actual.number, &f->rows[1].score.value};
  uint32_t seed = 1;
  for (int round = 0; round < 4000; round++) {
    for (size_t i = 0; i < PLACES; i++) {
      seed = seed * 1664525 + 1013904223;
      if (seed >> 31) *places[i] = values[(seed >> 16) % VALUES];
    }
    f->rows[0].op = (uint8_t)((seed >> 8) % EVALD_OPERATOR_COUNT);
    f->ruleset->rows.reverse = seed >> 7 & 1;
    f->ruleset->rows.equal = seed >> 6 & 1;
    f->ruleset->rows.negative_actual = seed >> 5 & 1;
    f->ruleset->execution.formula = (uint8_t)((seed >> 12) % 3);
    f->ruleset->execution.loss_percent = D(5);
    evald_arena_reset(f->arena);
    struct evald_fault fault;
    evald_fault_clear(&fault);
    enum evald_status status =
        evald_evaluate(&f->form, f->ruleset, f->arena, &f->verdict, &fault);
    assert_true(status == EVALD_OK || status == EVALD_RANGE);
    if (status == EVALD_OK) replay(&f->verdict);
  }
  fixture_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_nothing_in_a_good_form),
      cmocka_unit_test(finds_everything_at_once),
      cmocka_unit_test(gives_the_same_again),
      cmocka_unit_test(bears_the_largest_form),
      cmocka_unit_test(bears_the_largest_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
