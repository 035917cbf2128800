/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_FINDING_LIST_H
#define EVALD_FINDING_LIST_H

/*
 * Every finding evald can raise, in the order in which findings are reported.
 *
 * X(code, number, default level, sentence in English, in Chinese)
 *
 * In a sentence {printed}, {expected}, {detail} and {cell} stand for the
 * finding's values; a part in [brackets] is left out where a value in it is
 * absent. Numbers are stored with results: append, never renumber, never
 * reuse. CONTRIBUTING.md has the recipe for a new one.
 *
 * S structure, A arithmetic, W weights, C content, I information.
 */
/* clang-format off */
#define EVALD_FINDING_LIST(X) \
  X(S01, 101, ERROR, \
    "{cell} is missing or empty", \
    "{cell}缺失或为空") \
  X(S02, 102, ERROR, \
    "{cell} is empty: every indicator needs a target", \
    "{cell}为空：每项指标都应填写年度指标值") \
  X(S03, 103, ERROR, \
    "{cell} is empty or not usable[ (“{printed}”)]: the row cannot be scored", \
    "{cell}为空或无法使用[（“{printed}”）]，该行无法计分") \
  X(S04, 104, ERROR, \
    "{cell} is empty: every indicator needs a weight and a score", \
    "{cell}未填写：每项指标都应有分值和得分") \
  X(S05, 105, WARNING, \
    "{cell}: a quantitative target is a number with a unit[, not “{printed}”]", \
    "{cell}：定量指标值应为带计量单位的数值[，现为“{printed}”]") \
  X(S06, 106, WARNING, \
    "{cell}[ “{printed}”] is not among the names of the ruleset", \
    "{cell}[“{printed}”]不在规则所列名称之内") \
  X(S07, 107, WARNING, \
    "“{printed}” belongs under “{expected}”, not under “{detail}”", \
    "二级指标“{printed}”应归入“{expected}”，不应列在“{detail}”之下") \
  X(S08, 108, WARNING, \
    "“{printed}” stands twice: indicator {detail} bears the same name", \
    "三级指标“{printed}”与第{detail}项指标重名") \
  X(S09, 109, WARNING, \
    "there is no satisfaction indicator (“{expected}”)", \
    "未设置“{expected}”") \
  X(S10, 110, WARNING, \
    "there is no indicator under “{expected}”", \
    "未设置“{expected}”类的指标") \
  X(A01, 201, ERROR, \
    "{cell} is {printed}, but its parts add to {expected}", \
    "{cell}为{printed}，而各分项合计为{expected}") \
  X(A02, 202, ERROR, \
    "{cell} is printed as {printed}%; by the rule it is {expected}%[ (the exact rate was {detail})]", \
    "{cell}印为{printed}%，按规则应为{expected}%[（印出的数是准确值{detail}所得）]") \
  X(A03, 203, ERROR, \
    "{cell} is {printed}; by the rule it is {expected}", \
    "{cell}为{printed}，按规则应为{expected}") \
  X(A04, 204, ERROR, \
    "{cell} is {printed}: it must not be negative nor above the budget[ of {expected}]", \
    "{cell}为{printed}，不应为负数，也不应超过全年预算数[{expected}]") \
  X(A05, 205, ERROR, \
    "{cell} is 0[, yet {detail} was executed]: no execution rate can be formed", \
    "{cell}为0[，却执行了{detail}]，无法计算执行率") \
  X(A06, 206, ERROR, \
    "{cell} is {printed}; it must lie within {expected}", \
    "{cell}为{printed}，应在{expected}之间") \
  X(A07, 207, ERROR, \
    "{cell} is {printed}; by the rule it is {expected}[ (achievement {detail}%)]", \
    "{cell}为{printed}，按规则应为{expected}[（完成比例{detail}%）]") \
  X(A08, 208, ERROR, \
    "{cell} is “{printed}”[, outside the band of level “{detail}”]; expected: {expected}", \
    "{cell}为“{printed}”[，不在“{detail}”档的分数段内]，应为{expected}") \
  X(A09, 209, ERROR, \
    "the weights add to {printed}, not to {expected}", \
    "各项分值（含预算执行）合计为{printed}，应为{expected}") \
  X(A10, 210, ERROR, \
    "{cell} is {printed}, but the scores add to {expected}", \
    "{cell}为{printed}，而各项得分合计为{expected}") \
  X(A11, 211, ERROR, \
    "{cell} is “{printed}”, but a total of {detail} is “{expected}”", \
    "{cell}为“{printed}”，而总分{detail}应评为“{expected}”") \
  X(A12, 212, ERROR, \
    "{cell} announces {printed} points, but its rows weigh {expected}", \
    "{cell}标注{printed}分，而其下各行分值合计为{expected}") \
  X(W01, 301, WARNING, \
    "“{detail}” weighs {printed}; the ruleset says {expected}", \
    "“{detail}”的分值为{printed}，规则规定为{expected}") \
  X(W02, 302, WARNING, \
    "{cell} is {printed}: a single row above {expected} points", \
    "{cell}为{printed}，单项指标的分值超过{expected}") \
  X(W03, 303, ERROR, \
    "{cell} is {printed}: a weight must be above 0", \
    "{cell}为{printed}，分值应大于0") \
  X(C01, 401, WARNING, \
    "{cell} is {printed}, {detail}% of the target {expected}, and no reason is given", \
    "{cell}为{printed}，达到指标值{expected}的{detail}%，未说明原因") \
  X(C02, 402, INFO, \
    "all {printed} measured actual values equal their targets exactly", \
    "全部{printed}项定量指标的实际完成值都恰好等于年度指标值") \
  X(C03, 403, WARNING, \
    "{cell} “{printed}” repeats the target or its sign instead of giving a result", \
    "{cell}“{printed}”照抄指标值或其符号，未填写实际结果") \
  X(C04, 404, ERROR, \
    "the target is missed[ (achievement {detail}%)], yet {cell} is the full {printed}; by the rule it is {expected}", \
    "指标未完成[（完成比例{detail}%）]，{cell}却为满分{printed}，按规则应为{expected}") \
  X(C05, 405, ERROR, \
    "the target is met, yet {cell} is {printed} instead of {expected}, and no reason is given", \
    "指标已完成，{cell}却为{printed}（应为{expected}），且未说明扣分原因") \
  X(C06, 406, ERROR, \
    "the target is missed[ (achievement {detail}%)], and {cell} is empty", \
    "指标未完成[（完成比例{detail}%）]，而{cell}为空") \
  X(C07, 407, WARNING, \
    "{cell} is missing: a deviation needs both its reason and a measure", \
    "{cell}缺失：偏差既要分析原因，也要提出改进措施") \
  X(C08, 408, WARNING, \
    "{cell} is {printed}%, below {expected}%, and no reason is given", \
    "{cell}为{printed}%，低于{expected}%，未说明原因") \
  X(C09, 409, WARNING, \
    "{cell} is {printed}, the opening budget {expected}[ (a change of {detail}%)], and no reason is given", \
    "{cell}为{printed}，年初预算数为{expected}[（变动{detail}%）]，未说明调整原因") \
  X(C10, 410, WARNING, \
    "the money is executed at {printed}%, and the results are too good for that (gap {detail}%, limit {expected}%)", \
    "资金执行率为{printed}%，指标得分与之不相称（差距{detail}%，预警线{expected}%）") \
  X(C11, 411, WARNING, \
    "{cell} is “{detail}{printed}%”, but this rate cannot exceed 100%", \
    "{cell}为“{detail}{printed}%”，而该比率不可能超过100%") \
  X(C12, 412, INFO, \
    "{cell} is “{printed}”: a quantity says more as a count", \
    "{cell}为“{printed}”：数量指标宜用绝对数") \
  X(C13, 413, WARNING, \
    "{cell} “{printed}” only repeats the end of the indicator's name", \
    "{cell}“{printed}”只重复指标名称的结尾，没有可衡量的内容") \
  X(C14, 414, WARNING, \
    "{cell} “{printed}” speaks of management, not of an effect", \
    "{cell}“{printed}”反映的是管理工作，不是效益") \
  X(C15, 415, WARNING, \
    "{cell} is {printed}, but indicator {detail} of the same name has {expected}", \
    "{cell}为{printed}，而同名的第{detail}项指标为{expected}") \
  X(C16, 416, WARNING, \
    "{cell} says {printed}[ for “{detail}”], the table has {expected}", \
    "{cell}中[“{detail}”]写为{printed}，表中为{expected}") \
  X(C17, 417, WARNING, \
    "{cell} “{printed}” is the spending itself, not what it brought about", \
    "{cell}“{printed}”反映的是资金支出本身，不是产出或效益") \
  X(C18, 418, WARNING, \
    "{cell} “{printed}” does not match the target[ (“{expected}”)]", \
    "{cell}“{printed}”与年度指标值[（{expected}）]的形式不一致") \
  X(C19, 419, WARNING, \
    "{cell} {printed} and {expected} are about 10,000 times apart: 元 and 万元 may be confused", \
    "{cell}{printed}与{expected}相差约一万倍，疑为元与万元混用") \
  X(C20, 420, ERROR, \
    "{cell} is {printed}, as for level “{expected}”, but the level stated is “{detail}”", \
    "{cell}为{printed}，相当于“{expected}”档，而填写的是“{detail}”") \
  X(I01, 501, INFO, \
    "{cell} is not declared: the upper edge {expected} of level “{detail}” is used", \
    "{cell}未申报，按“{detail}”档的上限{expected}计") \
  X(I02, 502, INFO, \
    "{cell} is the word “{printed}”: satisfaction is measured as a percentage", \
    "{cell}为文字“{printed}”，满意度宜用调查所得的百分比衡量") \
  X(I03, 503, INFO, \
    "{cell} is declared as {printed}; by the rules it is {expected}", \
    "{cell}申报为{printed}，按规则重算为{expected}") \
  X(I04, 504, INFO, \
    "{cell} is declared as “{printed}”; by the rules it is “{expected}”", \
    "{cell}申报为“{printed}”，按规则重算为“{expected}”") \
  X(I05, 505, INFO, \
    "{cell} is not given; “{expected}” is assumed", \
    "{cell}未填写，按“{expected}”理解")
/* clang-format on */

#endif
