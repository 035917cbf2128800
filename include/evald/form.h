/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_FORM_H
#define EVALD_FORM_H

/*
 * A form as it was claimed: 财政项目支出绩效自评表, nothing of it believed yet.
 *
 * Texts point into memory that its maker keeps (the frame of the job, an
 * arena). A form holds what the job said and nothing derived, so that the same
 * form always has the same canonical bytes and the same digest. Field names
 * are those of the job (docs/PROTOCOL.md) and of budget platforms.
 */

#include "evald/decimal.h"

/* A cell in which a number should stand, but where people write words too:
 * "100.00", "明显", "≥266米". An absent cell has kind EVALD_CLAIM_ABSENT. */
enum evald_claim_kind {
  EVALD_CLAIM_ABSENT,
  EVALD_CLAIM_NUMBER, /* `number` is set; `text` is empty */
  EVALD_CLAIM_TEXT    /* `text` is set, as written */
};

struct evald_claim {
  uint8_t kind; /* enum evald_claim_kind */
  evald_decimal number;
  struct evald_text text;
};

/* A cell that holds a number or nothing. */
struct evald_figure {
  bool present;
  evald_decimal value;
};

/* X(name, key in the job, printed label). The order is that of the form and
 * of `funds` below. */
#define EVALD_FUND_LIST(X)                                                     \
  X(TOTAL, "total", "年度资金总额")                                            \
  X(APPROPRIATION, "appropriation", "当年财政拨款")                            \
  X(CARRYOVER, "carryover", "上年结转资金")                                    \
  X(OTHER, "other", "其他资金")

enum evald_fund {
#define X(name, key, label) EVALD_FUND_##name,
  EVALD_FUND_LIST(X)
#undef X
      EVALD_FUND_COUNT
};

/* One row of 项目资金. Amounts in the form's money unit, `rate` in percent
 * (99.03), `weight` and `score` in points. */
struct evald_fund_row {
  bool present;
  struct evald_figure opening;  /* 年初预算数 */
  struct evald_figure budget;   /* 全年预算数 */
  struct evald_figure executed; /* 全年执行数 */
  struct evald_figure weight;   /* 分数 */
  struct evald_figure rate;     /* 执行率(%) */
  struct evald_figure score;    /* 得分 */
};

/* X(name, spelling in a job, printed sign, computesign of the platforms) */
#define EVALD_OPERATOR_LIST(X)                                                 \
  X(NONE, "", "", 0)                                                           \
  X(AT_LEAST, ">=", "≥", 1)                                                    \
  X(ABOVE, ">", "＞", 2)                                                       \
  X(EQUAL, "=", "＝", 3)                                                       \
  X(BELOW, "<", "＜", 4)                                                       \
  X(AT_MOST, "<=", "≤", 5)                                                     \
  X(QUALITATIVE, "qualitative", "定性", 6)

enum evald_operator {
#define X(name, spelling, sign, computesign) EVALD_OP_##name,
  EVALD_OPERATOR_LIST(X)
#undef X
      EVALD_OPERATOR_COUNT
};

/* One row of the indicator table. With EVALD_OP_QUALITATIVE `target` is text
 * and `actual` the wording of the level reached. EVALD_OP_NONE: the job named
 * no operator; a text is then read as qualitative and a number as
 * EVALD_OP_AT_LEAST (0 as EVALD_OP_EQUAL), and finding I05 says so. */
struct evald_indicator {
  struct evald_text level1;  /* 一级指标 */
  struct evald_text level2;  /* 二级指标 */
  struct evald_text name;    /* 三级指标 */
  uint8_t op;                /* enum evald_operator */
  bool not_applicable;       /* 不适用 */
  struct evald_claim target; /* 年度指标值 */
  struct evald_text unit;
  struct evald_claim actual; /* 实际完成值 */
  struct evald_text actual_unit;
  struct evald_figure weight; /* 分值 */
  struct evald_figure score;  /* 得分 */
  struct evald_text reason;   /* 偏差原因分析 */
  struct evald_text measure;  /* 改进措施 */
};

enum evald_money_unit {
  EVALD_MONEY_WAN_YUAN, /* 万元: a millionth is a 分 */
  EVALD_MONEY_YUAN      /* 元: at most two fractional digits */
};

enum {
  EVALD_INDICATORS_MAX = 512,
  EVALD_YEAR_FIRST = 1994,
  EVALD_YEAR_LAST = 2999
};

/* Identity of an evaluation: (mof_div_code, fiscal_year, pro_code). */
struct evald_form {
  struct evald_text mof_div_code; /* 财政区划代码, nine digits */
  uint16_t fiscal_year;           /* 预算年度, EVALD_YEAR_FIRST to _LAST */
  struct evald_text pro_code;     /* 项目代码 */
  struct evald_text pro_name;     /* 项目名称 */
  struct evald_text dept_code;    /* 主管部门 */
  struct evald_text dept_name;
  struct evald_text agency_code; /* 实施单位 */
  struct evald_text agency_name;

  uint8_t money_unit; /* enum evald_money_unit */
  struct evald_fund_row funds[EVALD_FUND_COUNT];
  struct evald_text goal_expected; /* 预期目标 */
  struct evald_text goal_actual;   /* 实际完成情况 */

  const struct evald_indicator *indicators;
  size_t indicator_count; /* 1 to EVALD_INDICATORS_MAX */

  struct evald_figure total; /* 总分, as declared */
  struct evald_text grade;   /* 评分等级, as declared */
  struct evald_text reason;  /* of the budget's execution */
  struct evald_text measure;

  struct evald_digest digest; /* of the canonical bytes; zero: not known */
};

#endif
