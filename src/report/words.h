/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

/* The words of the page. X(name, in English, in Chinese): what is printed on
 * the form is printed as there. */
#define REPORT_WORD_LIST(X)                                                    \
  X(TITLE, "Self-evaluation of a budget project", "财政项目支出绩效自评表")    \
  X(PROJECT, "Project", "项目名称")                                            \
  X(DEPARTMENT, "Department", "主管部门")                                      \
  X(UNIT, "Unit", "实施单位")                                                  \
  X(FUNDS, "Funds", "项目资金")                                                \
  X(WAN_YUAN, "10,000 yuan", "万元")                                           \
  X(YUAN, "yuan", "元")                                                        \
  X(OPENING, "Opening budget", "年初预算数")                                   \
  X(BUDGET, "Budget", "全年预算数")                                            \
  X(EXECUTED, "Executed", "全年执行数")                                        \
  X(WEIGHT, "Points", "分值")                                                  \
  X(RATE, "Rate (%)", "执行率(%)")                                             \
  X(SCORE, "Score", "得分")                                                    \
  X(TOTAL_FUNDS, "Total for the year", "年度资金总额")                         \
  X(APPROPRIATION, "Appropriation", "其中：当年财政拨款")                      \
  X(CARRYOVER, "Carried over", "上年结转资金")                                 \
  X(OTHER_FUNDS, "Other funds", "其他资金")                                    \
  X(GOAL, "Goal of the year", "年度总体目标")                                  \
  X(EXPECTED, "Expected", "预期目标")                                          \
  X(ACHIEVED, "Achieved", "实际完成情况")                                      \
  X(LEVEL1, "Level 1", "一级指标")                                             \
  X(LEVEL2, "Level 2", "二级指标")                                             \
  X(LEVEL3, "Indicator", "三级指标")                                           \
  X(TARGET, "Target", "年度指标值")                                            \
  X(ACTUAL, "Reached", "实际完成值")                                           \
  X(REASON, "Reason and measure", "偏差原因分析及改进措施")                    \
  X(TOTAL, "Total", "总分")                                                    \
  X(GRADE, "Grade", "评分等级")                                                \
  X(EXPLANATION, "On the execution", "预算执行说明")                           \
  X(FINDINGS, "Findings", "审核意见")                                          \
  X(BY_RULE, "by the rules", "按规则")                                         \
  X(DECLARED, "declared", "申报")                                              \
  X(AGREES, "agrees with the form", "与申报一致")                              \
  X(DIFFERS, "differs from the form", "与申报不一致")                          \
  X(SOURCES, "What the findings rest on", "审核依据")                          \
  X(NO_FINDINGS, "Nothing to remark.", "无审核意见。")                         \
  X(NOT_APPLICABLE, "not applicable", "不适用")                                \
  X(RULESET, "Ruleset", "评价规则")                                            \
  X(VERSION, "version", "版本")                                                \
  X(IDENTITY, "Identity", "项目标识")                                          \
  X(SHEET, "Review of self-evaluations", "绩效自评审核汇总")                   \
  X(FORMS, "forms", "份自评表")                                                \
  X(MEAN, "mean total", "平均总分")                                            \
  X(CHANGED, "totals that the rules change", "总分与申报不一致")               \
  X(WITH_ERRORS, "forms with errors", "存在错误的表")                          \
  X(HISTOGRAM, "Totals by the rules", "总分分布")                              \
  X(BY_CODE, "What was found, and how often", "审核意见统计")                  \
  X(IN_FORMS, "forms", "涉及表数")                                             \
  X(TIMES, "times", "次数")                                                    \
  X(EXAMPLE, "for example", "示例")                                            \
  X(WORST_FIRST, "The forms, the worst first: by errors, then by total",       \
    "各表审核结果（错误多者在前，其次得分低者在前）")                          \
  X(EXECUTION, "Execution (%)", "执行率(%)")                                   \
  X(OMITTED, "forms are in the sheet only", "份表未列详情")                    \
  X(TO_SHEET, "to the sheet", "返回汇总")                                      \
  X(ACHIEVEMENT, "achievement", "完成比例")

enum report_word {
#define X(name, en, zh) WORD_##name,
  REPORT_WORD_LIST(X)
#undef X
      WORD_COUNT
};

const char *report_word(int chinese, enum report_word word);

#endif
