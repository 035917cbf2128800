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
  X(CHECKS, "checks", "V26")                                                   \
  X(OPERATORS, "operators", "V27")

enum evald_rule {
#define X(name, path, number) EVALD_RULE_##name,
  EVALD_RULE_LIST(X)
#undef X
      EVALD_RULE_COUNT
};

/* Where a rule stands in a ruleset file: "execution.rate_rounding". */
const char *evald_rule_path(enum evald_rule rule);

/* X(name, path, in English, in Chinese): the cells of a form. '#' stands for
 * the fund row or the indicator: its key or its index from 0 in a path, its
 * printed label or its number from 1 for people. The position of a cell in this
 * list is stored: append only. */
#define EVALD_CELL_LIST(X)                                                     \
  X(FORM, "", "the form", "本表")                                              \
  X(DIVISION, "mof_div_code", "division code", "财政区划代码")                 \
  X(YEAR, "fiscal_year", "fiscal year", "预算年度")                            \
  X(PROJECT_NAME, "pro_name", "project name", "项目名称")                      \
  X(DEPARTMENT, "dept_name", "department", "主管部门")                         \
  X(AGENCY, "agency_name", "unit", "实施单位")                                 \
  X(FUND, "funds.#", "fund row (#)", "#")                                      \
  X(FUND_OPENING, "funds.#.opening", "opening budget (#)", "#的年初预算数")    \
  X(FUND_BUDGET, "funds.#.budget", "budget (#)", "#的全年预算数")              \
  X(FUND_EXECUTED, "funds.#.executed", "executed amount (#)", "#的全年执行数") \
  X(FUND_WEIGHT, "funds.#.weight", "execution weight (#)", "#的预算执行分数")  \
  X(FUND_RATE, "funds.#.rate", "execution rate (#)", "#的执行率")              \
  X(FUND_SCORE, "funds.#.score", "execution score (#)", "#的预算执行得分")     \
  X(GOAL_EXPECTED, "goal.expected", "expected goal", "预期目标")               \
  X(GOAL_ACTUAL, "goal.actual", "goal as achieved", "实际完成情况")            \
  X(INDICATORS, "indicators", "indicators", "绩效指标")                        \
  X(INDICATOR, "indicators[#]", "indicator #", "第#项指标")                    \
  X(INDICATOR_LEVEL1, "indicators[#].level1", "level 1 of indicator #",        \
    "第#项指标的一级指标")                                                     \
  X(INDICATOR_LEVEL2, "indicators[#].level2", "level 2 of indicator #",        \
    "第#项指标的二级指标")                                                     \
  X(INDICATOR_NAME, "indicators[#].name", "name of indicator #",               \
    "第#项指标的名称")                                                         \
  X(INDICATOR_OP, "indicators[#].op", "operator of indicator #",               \
    "第#项指标的计算符号")                                                     \
  X(INDICATOR_TARGET, "indicators[#].target", "target of indicator #",         \
    "第#项指标的年度指标值")                                                   \
  X(INDICATOR_UNIT, "indicators[#].unit", "unit of indicator #",               \
    "第#项指标的计量单位")                                                     \
  X(INDICATOR_ACTUAL, "indicators[#].actual", "actual value of indicator #",   \
    "第#项指标的实际完成值")                                                   \
  X(INDICATOR_ACTUAL_UNIT, "indicators[#].actual_unit",                        \
    "unit of the actual value of indicator #", "第#项指标实际完成值的单位")    \
  X(INDICATOR_WEIGHT, "indicators[#].weight", "weight of indicator #",         \
    "第#项指标的分值")                                                         \
  X(INDICATOR_SCORE, "indicators[#].score", "score of indicator #",            \
    "第#项指标的得分")                                                         \
  X(INDICATOR_REASON, "indicators[#].reason", "reason of indicator #",         \
    "第#项指标的偏差原因")                                                     \
  X(INDICATOR_MEASURE, "indicators[#].measure", "measure of indicator #",      \
    "第#项指标的改进措施")                                                     \
  X(TOTAL, "total", "total", "总分")                                           \
  X(GRADE, "grade", "grade", "评分等级")                                       \
  X(REASON, "reason", "reason", "预算执行偏差原因")                            \
  X(MEASURE, "measure", "measure", "预算执行改进措施")

enum evald_cell_field {
#define X(name, path, en, zh) EVALD_CELL_##name,
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

/* Writes what people call the cell, "score of indicator 3"; terminated, cut at
 * a character boundary. Returns the length written. */
size_t evald_cell_label(struct evald_cell cell, int chinese, char *out,
                        size_t size);

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

/* `detail` is what the sentence of some codes needs besides: the rounding that
 * explains a rate ("half_up/2", which sentences translate), a deviation in
 * percent, another row. */
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
