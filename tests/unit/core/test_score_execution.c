/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

/* Each case is one that only the right value of its parameter passes: the same
 * figures under another value give another rate or score. */

struct rules {
  uint8_t base, formula, score_from;
  double loss;
  struct evald_rounding rate, score;
};

static const struct rules shanghai = {.rate = {EVALD_ROUND_DOWN, 2},
                                      .score = {EVALD_ROUND_HALF_UP, 2}};

struct figures {
  double opening, budget, executed, weight;
};

static void expect(struct rules rules, struct figures figures, double rate,
                   double score) {
  struct fixture *f = fixture_new();
  struct ruleset_execution *execution = &f->ruleset->execution;
  execution->base = rules.base;
  execution->formula = rules.formula;
  execution->score_from = rules.score_from;
  execution->loss_percent = D(rules.loss);
  execution->rate_rounding = rules.rate;
  execution->score_rounding = rules.score;
  struct evald_fund_row *total = &f->form.funds[EVALD_FUND_TOTAL];
  fill_fund(total, D(figures.opening), D(figures.budget), D(figures.executed));
  total->weight = figure_of(D(figures.weight));
  const struct evald_verdict *verdict = evaluate(f);
  assert_true(verdict->execution.has_rate);
  assert_int_equal(verdict->execution.rate, D(rate));
  assert_int_equal(verdict->execution.score, D(score));
  assert_int_equal(verdict->execution.weight, D(figures.weight));
  assert_int_equal(verdict->total, D(score + 90));
  fixture_free(f);
}

static void the_published_forms(void **state) {
  (void)state;
  static const double forms[][6] = {{0, 27, 27, 100, 10},
                                    {300, 300, 297.11, 99.03, 9.90},
                                    {60, 60, 59.93, 99.88, 9.99},
                                    {50, 50, 49.77, 99.54, 9.95},
                                    {0.6, 0.6, 0, 0, 0},
                                    {8.75, 13, 12.85, 98.84, 9.88},
                                    {41.82, 41.82, 39.03, 93.32, 9.33},
                                    {100, 100, 95.31, 95.31, 9.53},
                                    {0, 15, 14.85, 99, 9.90},
                                    {103.91, 103.91, 103.71, 99.80, 9.98},
                                    {0, 11, 7.98, 72.54, 7.25}};
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    expect(shanghai,
           (struct figures){forms[i][0], forms[i][1], forms[i][2], 10},
           forms[i][3], forms[i][4]);
  }
}

static void v1_the_weight(void **state) {
  (void)state;
  expect(shanghai, (struct figures){100, 100, 50, 20}, 50, 10);
  expect(shanghai, (struct figures){100, 100, 50, 6}, 50, 3);
  /* not printed: the ruleset's; none: no score at all */
  struct fixture *f = fixture_new();
  f->form.funds[EVALD_FUND_TOTAL].weight.present = false;
  f->ruleset->execution.weight = D(20);
  assert_int_equal(evaluate(f)->execution.score, D(19.67));
  f->ruleset->execution.scored = false;
  assert_false(evaluate(f)->execution.has_score);
  assert_int_equal(f->verdict.execution.rate, D(98.33));
  assert_int_equal(f->verdict.total, D(90));
  fixture_free(f);
}

static void v4_the_base(void **state) {
  (void)state;
  struct rules rules = shanghai;
  expect(rules, (struct figures){80, 100, 40, 10}, 40, 4);
  rules.base = RULESET_BASE_OPENING;
  expect(rules, (struct figures){80, 100, 40, 10}, 50, 5);
}

static void v5_the_formula(void **state) {
  (void)state;
  struct rules rules = shanghai;
  expect(rules, (struct figures){0, 100, 120, 10}, 120, 10);
  rules.formula = RULESET_FORMULA_UNCAPPED;
  expect(rules, (struct figures){0, 100, 120, 10}, 120, 12);
  expect(rules, (struct figures){0, 100, 90, 10}, 90, 9);
  rules.formula = RULESET_FORMULA_LOSS_PER_POINT;
  rules.loss = 5;
  expect(rules, (struct figures){0, 100, 120, 6}, 120, 6);
  expect(rules, (struct figures){0, 100, 99.01, 6}, 99.01, 6);
  expect(rules, (struct figures){0, 100, 99, 6}, 99, 5.7);
  expect(rules, (struct figures){0, 100, 90.5, 6}, 90.5, 3.3);
  expect(rules, (struct figures){0, 100, 80, 6}, 80, 0);
  expect(rules, (struct figures){0, 100, 10, 6}, 10, 0);
}

static void v7_the_rounding_of_the_rate(void **state) {
  (void)state;
  static const struct {
    struct evald_rounding rounding;
    double rate;
  } cases[] = {
      {{EVALD_ROUND_DOWN, 2}, 86.18},   {{EVALD_ROUND_UP, 2}, 86.19},
      {{EVALD_ROUND_HALF_UP, 1}, 86.2}, {{EVALD_ROUND_DOWN, 1}, 86.1},
      {{EVALD_ROUND_HALF_UP, 0}, 86},   {{EVALD_ROUND_HALF_UP, 2}, 86.18},
      {{EVALD_ROUND_DOWN, 6}, 86.18304}};
  struct rules rules = shanghai;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    rules.rate = cases[i].rounding;
    expect(rules, (struct figures){0, 250000, 215457.6, 10}, cases[i].rate,
           8.62);
  }
}

static void v8_what_the_score_is_computed_from(void **state) {
  (void)state;
  struct rules rules = shanghai;
  /* 99.0366…: 19.8073 and 19.806; with half-up 1 of the rate 99.0 */
  rules.rate = (struct evald_rounding){EVALD_ROUND_DOWN, 0};
  expect(rules, (struct figures){0, 300, 297.11, 20}, 99, 19.81);
  rules.score_from = RULESET_SCORE_FROM_ROUNDED;
  expect(rules, (struct figures){0, 300, 297.11, 20}, 99, 19.8);
  rules.formula = RULESET_FORMULA_LOSS_PER_POINT;
  rules.loss = 5;
  rules.rate = (struct evald_rounding){EVALD_ROUND_DOWN, 0};
  expect(rules, (struct figures){0, 100, 98.5, 10}, 98, 9);
  rules.score_from = RULESET_SCORE_FROM_EXACT;
  expect(rules, (struct figures){0, 100, 98.5, 10}, 98, 9.5);
}

static void v9_the_rounding_of_the_score(void **state) {
  (void)state;
  struct rules rules = shanghai;
  expect(rules, (struct figures){0, 60, 59.93, 10}, 99.88, 9.99);
  rules.score = (struct evald_rounding){EVALD_ROUND_DOWN, 1};
  expect(rules, (struct figures){0, 60, 59.93, 10}, 99.88, 9.9);
  rules.score = (struct evald_rounding){EVALD_ROUND_HALF_UP, 0};
  expect(rules, (struct figures){0, 60, 59.93, 10}, 99.88, 10);
  /* rounding up never passes the weight */
  rules.score = (struct evald_rounding){EVALD_ROUND_UP, 0};
  expect(rules, (struct figures){0, 60, 59.93, 7.5}, 99.88, 7.5);
}

static void v6_no_rate_without_a_budget(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  struct evald_fund_row *total = &f->form.funds[EVALD_FUND_TOTAL];
  static const double executed[] = {0, 5};
  for (size_t i = 0; i < 2; i++) {
    fill_fund(total, 0, 0, D(executed[i]));
    const struct evald_verdict *verdict = evaluate(f);
    assert_false(verdict->execution.has_rate);
    assert_true(verdict->execution.has_score);
    assert_int_equal(verdict->execution.score, 0);
    assert_int_equal(verdict->total, D(90));
  }
  fixture_free(f);
}

static void what_cannot_be_scored(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  struct evald_fund_row *total = &f->form.funds[EVALD_FUND_TOTAL];
  total->executed.value = D(-5);
  assert_int_equal(evaluate(f)->execution.score, 0);
  total->budget.value = D(-300);
  assert_false(evaluate(f)->execution.has_rate);
  total->present = false;
  assert_false(evaluate(f)->execution.has_rate);
  assert_int_equal(f->verdict.execution.score, 0);
  assert_int_equal(f->verdict.execution.weight, D(10));
  /* a rate that is no decimal any more */
  fill_fund(total, 0, 1, EVALD_DECIMAL_MAX);
  struct evald_fault fault;
  evald_fault_clear(&fault);
  assert_int_equal(
      evald_evaluate(&f->form, f->ruleset, f->arena, &f->verdict, &fault),
      EVALD_RANGE);
  assert_int_equal(fault.status, EVALD_RANGE);
  fixture_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_published_forms),
      cmocka_unit_test(v1_the_weight),
      cmocka_unit_test(v4_the_base),
      cmocka_unit_test(v5_the_formula),
      cmocka_unit_test(v6_no_rate_without_a_budget),
      cmocka_unit_test(v7_the_rounding_of_the_rate),
      cmocka_unit_test(v8_what_the_score_is_computed_from),
      cmocka_unit_test(v9_the_rounding_of_the_score),
      cmocka_unit_test(what_cannot_be_scored),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
