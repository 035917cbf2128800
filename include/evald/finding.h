/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_FINDING_H
#define EVALD_FINDING_H

/*
 * Findings: what a reviewer of a finance bureau would say about a form.
 *
 * A finding is a value. Checks put findings into a list; they never log, print
 * or stop. All findings of a form are reported, in the order of the list below
 * and, within a code, of the form's cells. docs/FINDINGS.md explains each.
 *
 * Codes are stable for ever: a number is never changed and never used again.
 */

#include "evald/decimal.h"

enum evald_level {
  EVALD_LEVEL_ERROR,   /* the form contradicts itself or its ruleset */
  EVALD_LEVEL_WARNING, /* a reviewer will ask */
  EVALD_LEVEL_INFO,    /* worth knowing; each says why */
  EVALD_LEVEL_COUNT
};

/* "error", "warning", "info"; Chinese: 错误, 警告, 提示. */
const char *evald_level_name(enum evald_level level);
const char *evald_level_text(enum evald_level level, int chinese);

#include "evald/finding_list.h"

enum evald_finding_code {
#define X(code, number, level, en, zh) EVALD_FINDING_##code = (number),
  EVALD_FINDING_LIST(X)
#undef X
};

/* The parameters of a ruleset that findings and trace steps refer to.
 * X(name, where it stands in a ruleset file, number in docs/RULES.md). A
 * ruleset bears a citation for each. */
#define EVALD_RULE_LIST(X)                                                     \
  X(EXECUTION_WEIGHT, "execution.weight", "V1")                                \
  X(CATEGORY_WEIGHTS, "categories.weights", "V2")                              \
  X(CATEGORY_MODEL, "categories.model", "V3")                                  \
  X(RATE_BASE, "execution.base", "V4")                                         \
  X(EXECUTION_FORMULA, "execution.formula", "V5")                              \
  X(ZERO_BUDGET, "execution.zero_budget", "V6")                                \
  X(RATE_ROUNDING, "execution.rate_rounding", "V7")                            \
  X(SCORE_FROM, "execution.score_from", "V8")                                  \
  X(SCORE_ROUNDING, "rows.rounding", "V9")                                     \
  X(REVERSE_TARGET, "rows.reverse", "V10")                                     \
  X(EQUAL_TARGET, "rows.equal", "V11")                                         \
  X(ZERO_TARGET, "rows.zero_target", "V12")                                    \
  X(NEGATIVE_ACTUAL, "rows.negative_actual", "V13")                            \
  X(OVER_ACHIEVEMENT, "rows.over_achievement", "V14")                          \
  X(PASS_LINE, "rows.pass_line", "V15")                                        \
  X(QUALITATIVE, "qualitative", "V16")                                         \
  X(GRADES, "grades", "V17")                                                   \
  X(NOT_APPLICABLE, "rows.not_applicable", "V18")                              \
  X(DUTIES, "duties", "V19")                                                   \
  X(LIGHTS, "lights", "V20")                                                   \
  X(COST, "categories.cost", "V21")                                            \
  X(TARGET_MET, "rows.target_met", "V22")                                      \
  X(TARGET_MISSED, "rows.target_missed", "V23")                                \
  X(TOTAL, "total", "V24")                                                     \
  X(FORM, "form", "V25")                                                       \
  X(CHECKS, "checks", "V26")

enum evald_rule {
#define X(name, path, number) EVALD_RULE_##name,
  EVALD_RULE_LIST(X)
#undef X
      EVALD_RULE_COUNT
};

/* Where a rule stands in a ruleset file: "execution.rate_rounding". */
const char *evald_rule_path(enum evald_rule rule);

/* X(name, path): the cells of a form. '#' stands for the fund row's key or
 * the indicator's index; the numbers are stored, so append only. */
#define EVALD_CELL_LIST(X)                                                     \
  X(FORM, "")                                                                  \
  X(DIVISION, "mof_div_code")                                                  \
  X(YEAR, "fiscal_year")                                                       \
  X(PROJECT_NAME, "pro_name")                                                  \
  X(DEPARTMENT, "dept_name")                                                   \
  X(AGENCY, "agency_name")                                                     \
  X(FUND, "funds.#")                                                           \
  X(FUND_OPENING, "funds.#.opening")                                           \
  X(FUND_BUDGET, "funds.#.budget")                                             \
  X(FUND_EXECUTED, "funds.#.executed")                                         \
  X(FUND_WEIGHT, "funds.#.weight")                                             \
  X(FUND_RATE, "funds.#.rate")                                                 \
  X(FUND_SCORE, "funds.#.score")                                               \
  X(GOAL_EXPECTED, "goal.expected")                                            \
  X(GOAL_ACTUAL, "goal.actual")                                                \
  X(INDICATORS, "indicators")                                                  \
  X(INDICATOR, "indicators[#]")                                                \
  X(INDICATOR_LEVEL1, "indicators[#].level1")                                  \
  X(INDICATOR_LEVEL2, "indicators[#].level2")                                  \
  X(INDICATOR_NAME, "indicators[#].name")                                      \
  X(INDICATOR_OP, "indicators[#].op")                                          \
  X(INDICATOR_TARGET, "indicators[#].target")                                  \
  X(INDICATOR_UNIT, "indicators[#].unit")                                      \
  X(INDICATOR_ACTUAL, "indicators[#].actual")                                  \
  X(INDICATOR_ACTUAL_UNIT, "indicators[#].actual_unit")                        \
  X(INDICATOR_WEIGHT, "indicators[#].weight")                                  \
  X(INDICATOR_SCORE, "indicators[#].score")                                    \
  X(INDICATOR_REASON, "indicators[#].reason")                                  \
  X(INDICATOR_MEASURE, "indicators[#].measure")                                \
  X(TOTAL, "total")                                                            \
  X(GRADE, "grade")                                                            \
  X(REASON, "reason")                                                          \
  X(MEASURE, "measure")

enum evald_cell_field {
#define X(name, path) EVALD_CELL_##name,
  EVALD_CELL_LIST(X)
#undef X
      EVALD_CELL_COUNT
};

/* A cell: the field, and the fund row (enum evald_fund) or the index of the
 * indicator, from 0, where the field has one. */
struct evald_cell {
  uint8_t field; /* enum evald_cell_field */
  uint16_t index;
};

enum { EVALD_CELL_PATH = 48 };

/* Writes the path, "indicators[2].score", terminated. Returns its length. */
size_t evald_cell_path(struct evald_cell cell, char out[EVALD_CELL_PATH]);

/* What stands in a cell, or should stand there. */
enum evald_value_kind {
  EVALD_VALUE_NONE,
  EVALD_VALUE_DECIMAL, /* `low` */
  EVALD_VALUE_RANGE,   /* `low` to `high`, both included */
  EVALD_VALUE_TEXT     /* `text`, which the form, the ruleset or a static
                          string owns */
};

struct evald_value {
  uint8_t kind; /* enum evald_value_kind */
  evald_decimal low;
  evald_decimal high;
  struct evald_text text;
};

/* `detail` is what the sentence of some codes needs besides: the name of the
 * rounding that explains a rate, a deviation in percent, another row. */
struct evald_finding {
  uint16_t code; /* enum evald_finding_code */
  uint8_t level; /* enum evald_level; a ruleset may have changed it */
  uint8_t rule;  /* enum evald_rule */
  struct evald_cell cell;
  struct evald_value printed;
  struct evald_value expected;
  struct evald_value detail;
};

/* "A02". NULL for a number that no code has. */
const char *evald_finding_name(enum evald_finding_code code);

/* Every code in the order of the list; 0 past its end. */
enum evald_finding_code evald_finding_at(size_t position);

/* The level that a code has unless a ruleset changes it. */
enum evald_level evald_finding_default_level(enum evald_finding_code code);

/* Writes a value as people read it: "99.03", "24 … 30", "优". Terminated and
 * cut at a character boundary to `size`. Returns the length written. */
size_t evald_value_print(const struct evald_value *value, char *out,
                         size_t size);

/* Writes the sentence of a finding with its values filled in, in Chinese or
 * in English; terminated, cut at a character boundary. Returns its length. */
size_t evald_finding_sentence(const struct evald_finding *finding, int chinese,
                              char *out, size_t size);

#endif
