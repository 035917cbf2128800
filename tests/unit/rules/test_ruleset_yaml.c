/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_yaml.h"
#include "unit.h"

#include <stdlib.h>

#define RULESETS  EVALD_SOURCE_DIR "/config/rulesets/"
#define D(number) ((evald_decimal)((number)*EVALD_DECIMAL_ONE))

static struct evald_ruleset *load(const char *path, unsigned year) {
  struct evald_fault fault;
  evald_fault_clear(&fault);
  struct evald_ruleset *ruleset = NULL;
  if (year ? evald_ruleset_load_year(path, year, &ruleset, &fault)
           : evald_ruleset_load(path, &ruleset, &fault))
    fail_msg("%s: %s", fault.place, fault.text);
  return ruleset;
}

static void assert_text(struct evald_text text, const char *expected) {
  assert_int_equal(text.size, strlen(expected));
  assert_memory_equal(text.data, expected, text.size);
}

static void assert_rounding(struct evald_rounding rounding,
                            enum evald_rounding_mode mode, unsigned digits) {
  assert_int_equal(rounding.mode, mode);
  assert_int_equal(rounding.digits, digits);
}

static void national_rule(void **state) {
  (void)state;
  struct evald_ruleset *r = load(RULESETS "cn-2020.yaml", 0);
  assert_text(r->id, "cn-2020");
  assert_int_equal(r->year_from, 2020);
  assert_int_equal(r->year_to, 0);
  assert_true(r->execution.scored);
  assert_int_equal(r->execution.weight, D(10));
  assert_int_equal(r->execution.base, RULESET_BASE_ADJUSTED);
  assert_int_equal(r->execution.formula, RULESET_FORMULA_CAPPED);
  assert_int_equal(r->category_count, 3);
  assert_int_equal(r->categories[0].weight, D(50));
  assert_int_equal(r->categories[1].weight, D(30));
  assert_int_equal(r->categories[2].weight, D(10));
  assert_int_equal(r->categories[2].kind, RULESET_KIND_SATISFACTION);
  assert_text(r->categories[0].level2[2].words.word[1], "时效");
  assert_int_equal(r->levels[0].lower, D(80));
  assert_int_equal(r->levels[1].lower, D(60));
  assert_int_equal(r->levels[2].lower, 0);
  assert_int_equal(r->grade_count, 4);
  assert_text(evald_ruleset_grade(r, 0), "优");
  assert_int_equal(r->grades[1].from, D(80));
  assert_int_equal(r->rows.explain_above, D(130));
  assert_int_equal(r->rows.pass_line, 0);
  assert_int_equal(r->light_red, D(5));
  assert_text(evald_ruleset_source(r, EVALD_RULE_GRADES),
              "财预〔2020〕10号 项目支出绩效评价管理办法");
  assert_int_equal(r->citations[r->citation[EVALD_RULE_GRADES]].confidence,
                   RULESET_CONFIDENCE_SEEN);
  assert_int_equal(r->citations[r->citation[EVALD_RULE_LIGHTS]].confidence,
                   RULESET_CONFIDENCE_UNVERIFIED);
  evald_ruleset_unref(r);
}

/* What a file does not set is the other's, with the other's citation. */
static void shanghai_extends_the_national_rule(void **state) {
  (void)state;
  struct evald_ruleset *r = load(RULESETS "cn-sh-2024.yaml", 0);
  assert_rounding(r->execution.rate_rounding, EVALD_ROUND_DOWN, 2);
  assert_rounding(r->execution.score_rounding, EVALD_ROUND_HALF_UP, 2);
  assert_int_equal(r->execution.weight, D(10));
  assert_int_equal(
      r->citations[r->citation[EVALD_RULE_RATE_ROUNDING]].confidence,
      RULESET_CONFIDENCE_FORM);
  assert_text(evald_ruleset_source(r, EVALD_RULE_EXECUTION_WEIGHT),
              "财预〔2020〕10号 项目支出绩效评价管理办法");
  assert_int_equal(r->year_from, 2024);
  evald_ruleset_unref(r);
}

static void cost_is_asked_for_from_2022_on(void **state) {
  (void)state;
  struct rules_spans spans;
  assert_int_equal(rules_load(RULESETS "cn-2021.yaml", &spans, NULL), EVALD_OK);
  assert_int_equal(spans.count, 2);
  assert_int_equal(spans.items[0]->year_from, 2021);
  assert_int_equal(spans.items[0]->year_to, 2021);
  assert_false(spans.items[0]->cost_required);
  assert_int_equal(spans.items[1]->year_from, 2022);
  assert_int_equal(spans.items[1]->year_to, 0);
  assert_true(spans.items[1]->cost_required);
  assert_false(evald_digest_equal(evald_ruleset_digest(spans.items[0]),
                                  evald_ruleset_digest(spans.items[1])));
  rules_spans_unref(&spans);
  struct evald_ruleset *r = load(RULESETS "cn-2021.yaml", 2021);
  assert_false(r->cost_required);
  assert_int_equal(r->cost, RULESET_COST_OWN);
  assert_int_equal(r->categories[0].weight, D(20));
  evald_ruleset_unref(r);
}

static void a_year_that_is_not_served(void **state) {
  (void)state;
  struct evald_ruleset *out = NULL;
  struct evald_fault fault;
  evald_fault_clear(&fault);
  assert_int_equal(
      evald_ruleset_load_year(RULESETS "cn-sh-2024.yaml", 2023, &out, &fault),
      EVALD_NOT_FOUND);
  assert_null(out);
  assert_non_null(strstr(fault.text, "2023"));
}

static void provinces(void **state) {
  (void)state;
  struct evald_ruleset *r = load(RULESETS "cn-hb.yaml", 0);
  assert_int_equal(r->execution.weight, D(20));
  assert_int_equal(r->levels[1].lower, D(50));
  assert_int_equal(r->levels[2].upper, D(50));
  assert_int_equal(r->levels[0].lower, D(80));
  assert_false(r->categories[0].weighted);
  evald_ruleset_unref(r);

  r = load(RULESETS "cn-sc.yaml", 0);
  assert_int_equal(r->explain_execution_below, D(90));
  assert_int_equal(r->explain_change_above, 1); /* any */
  evald_ruleset_unref(r);

  r = load(RULESETS "cn-gx.yaml", 0);
  assert_int_equal(r->rows.explain_above, D(130));
  evald_ruleset_unref(r);

  r = load(RULESETS "cn-nx-2022.yaml", 0);
  assert_false(r->execution.scored);
  evald_ruleset_unref(r);

  r = load(RULESETS "cn-js-sz.yaml", 0);
  assert_int_equal(r->execution.weight, D(6));
  assert_int_equal(r->execution.formula, RULESET_FORMULA_LOSS_PER_POINT);
  assert_int_equal(r->execution.loss_percent, D(5));
  evald_ruleset_unref(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(national_rule),
      cmocka_unit_test(shanghai_extends_the_national_rule),
      cmocka_unit_test(cost_is_asked_for_from_2022_on),
      cmocka_unit_test(a_year_that_is_not_served),
      cmocka_unit_test(provinces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
