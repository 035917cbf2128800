/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WIRE_VERDICTS_H
#define TESTS_WIRE_VERDICTS_H

/* A verdict made by hand, with every kind of value in it, so that what is
 * written does not depend on how anything is scored. */

#include "core/ruleset.h"
#include "unit.h"
#include "wire/verdict_codec.h"

static const struct evald_indicator made_indicators[2] = {
    {.name = {"培训覆盖率", 15}}, {.name = {"成效", 6}}};

static const struct evald_row_score made_rows[2] = {
    {.score = 50000000,
     .weight = 50000000,
     .ratio = 111110000,
     .rule = EVALD_RULE_TARGET_MET,
     .has_ratio = true,
     .counts = true},
    {.weight = 40000000, .rule = EVALD_RULE_NOT_APPLICABLE}};

static const struct evald_finding made_findings[2] = {
    {.code = EVALD_FINDING_A02,
     .level = EVALD_LEVEL_ERROR,
     .rule = EVALD_RULE_RATE_ROUNDING,
     .cell = {EVALD_CELL_FUND_RATE, EVALD_FUND_TOTAL},
     .printed = {.kind = EVALD_VALUE_DECIMAL, .low = 99040000},
     .expected = {.kind = EVALD_VALUE_DECIMAL, .low = 99030000},
     .detail = {.kind = EVALD_VALUE_TEXT, .text = {"四舍五入", 12}}},
    {.code = EVALD_FINDING_A08,
     .level = EVALD_LEVEL_WARNING,
     .rule = EVALD_RULE_QUALITATIVE,
     .cell = {EVALD_CELL_INDICATOR_SCORE, 1},
     .printed = {.kind = EVALD_VALUE_NONE},
     .expected = {
         .kind = EVALD_VALUE_RANGE, .low = 24000000, .high = 32000000}}};

static const struct evald_trace_step made_trace[1] = {
    {.operation = EVALD_OPERATION_RATIO,
     .rule = EVALD_RULE_RATE_ROUNDING,
     .cell = {EVALD_CELL_FUND_RATE, EVALD_FUND_TOTAL},
     .rounding = {EVALD_ROUND_DOWN, 2},
     .a = 297110000,
     .b = 100000000,
     .c = 300000000,
     .result = 99030000}};

struct made {
  struct evald_ruleset *ruleset;
  struct evald_form form;
  struct evald_verdict verdict;
  struct contribution contribution;
};

static struct made make_verdict(void) {
  struct made made = {.ruleset = core_ruleset_new()};
  struct evald_ruleset *ruleset = made.ruleset;
  assert_non_null(ruleset);
  ruleset->id = EVALD_TEXT("cn-sh-2024");
  ruleset->version = EVALD_TEXT("1");
  ruleset->grades[0].name = EVALD_TEXT("优");
  ruleset->grade_count = 1;
  memset(ruleset->digest.bytes, 0xAB, sizeof ruleset->digest.bytes);
  made.form = (struct evald_form){.mof_div_code = EVALD_TEXT("310113000"),
                                  .fiscal_year = 2024,
                                  .pro_code = EVALD_TEXT("P-1"),
                                  .pro_name = EVALD_TEXT("基层党建经费"),
                                  .dept_name = EVALD_TEXT("组织部"),
                                  .indicators = made_indicators,
                                  .indicator_count = 2,
                                  .total = {true, 99900000}};
  memset(made.form.digest.bytes, 0xCD, sizeof made.form.digest.bytes);
  for (unsigned i = 0; i < CORE_COUNTER_COUNT; i++)
    made.contribution.counter[i] = (int64_t)i * i * i * 1000;
  return made;
}

/* Separate, for it points into `made`, which must stand still. */
static void fill_verdict(struct made *made) {
  made->verdict = (struct evald_verdict){.job_id = EVALD_TEXT("j-1"),
                                         .revision = 3,
                                         .form = &made->form,
                                         .ruleset = made->ruleset,
                                         .execution = {.rate = 99030000,
                                                       .score = 9900000,
                                                       .weight = 10000000,
                                                       .has_rate = true,
                                                       .has_score = true},
                                         .rows = made_rows,
                                         .total = 59900000,
                                         .grade = 0,
                                         .findings = made_findings,
                                         .finding_count = 2,
                                         .trace = made_trace,
                                         .trace_count = 1};
}

#endif
