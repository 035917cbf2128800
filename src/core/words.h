/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

/*
 * The words by which checks of content know what a text speaks of: one list,
 * each word with what it is a sign of. A text is looked through once, for all
 * kinds at the same time.
 *
 * A word here decides whether a reviewer is shown a finding, so it must be one
 * that hardly ever means anything else.
 */

#include "evald/text.h"

/* What words can be signs of. */
enum word_kind {
  WORD_SPENDING = 1 << 0,   /* spending itself (C17) */
  WORD_MONEY = 1 << 1,      /* of an amount that goes out (C17) ... */
  WORD_RETURN = 1 << 2,     /* ... unless money comes back for it */
  WORD_MANAGEMENT = 1 << 3, /* running the project, not its effect (C14) */
  WORD_BOUNDED = 1 << 4,    /* a rate that ends at 100% (C11) ... */
  WORD_UNBOUNDED = 1 << 5,  /* ... unless it is of growth or of a quota */
  WORD_MEASURE = 1 << 6,    /* what will be done about it (C07) */
  WORD_CHANGE = 1 << 7,     /* why a budget was changed (C09) */
  WORD_QUANTITY = 1 << 8,   /* a level 2 of counts (C12) */
  WORD_COST = 1 << 9        /* a level 2 of costs (S10, C17) */
};

#define WORD_LIST(X)                                                           \
  X(SPENDING, "执行率")                                                        \
  X(SPENDING, "支付率")                                                        \
  X(SPENDING, "支出率")                                                        \
  X(SPENDING, "拨付率")                                                        \
  X(SPENDING, "支付进度")                                                      \
  X(SPENDING, "支出进度")                                                      \
  X(SPENDING, "执行进度")                                                      \
  X(SPENDING, "预算完成率")                                                    \
  X(SPENDING, "资金使用率")                                                    \
  X(SPENDING, "经费使用率")                                                    \
  X(MONEY, "支出")                                                             \
  X(MONEY, "投入")                                                             \
  X(MONEY, "经费")                                                             \
  X(MONEY, "资金")                                                             \
  X(MONEY, "支付")                                                             \
  X(MONEY, "拨付")                                                             \
  X(MONEY, "预算")                                                             \
  X(RETURN, "节约")                                                            \
  X(RETURN, "节省")                                                            \
  X(RETURN, "收入")                                                            \
  X(RETURN, "增收")                                                            \
  X(RETURN, "撬动")                                                            \
  X(RETURN, "带动")                                                            \
  X(RETURN, "社会资本")                                                        \
  X(RETURN, "社会资金")                                                        \
  X(RETURN, "吸引")                                                            \
  X(RETURN, "引进")                                                            \
  X(RETURN, "到位")                                                            \
  X(RETURN, "争取")                                                            \
  X(RETURN, "筹集")                                                            \
  X(RETURN, "收回")                                                            \
  X(RETURN, "挽回")                                                            \
  X(RETURN, "减少")                                                            \
  X(RETURN, "降低")                                                            \
  X(MANAGEMENT, "绩效目标")                                                    \
  X(MANAGEMENT, "绩效自评")                                                    \
  X(MANAGEMENT, "绩效评价")                                                    \
  X(MANAGEMENT, "目标的合理性")                                                \
  X(MANAGEMENT, "目标合理性")                                                  \
  X(MANAGEMENT, "预算编制")                                                    \
  X(MANAGEMENT, "预算管理")                                                    \
  X(MANAGEMENT, "资金管理")                                                    \
  X(MANAGEMENT, "财务管理")                                                    \
  X(MANAGEMENT, "使用合规")                                                    \
  X(MANAGEMENT, "使用规范")                                                    \
  X(MANAGEMENT, "专款专用")                                                    \
  X(MANAGEMENT, "立项")                                                        \
  X(MANAGEMENT, "政府采购")                                                    \
  X(MANAGEMENT, "招投标")                                                      \
  X(MANAGEMENT, "内部控制")                                                    \
  X(BOUNDED, "覆盖")                                                           \
  X(BOUNDED, "达成")                                                           \
  X(BOUNDED, "达标率")                                                         \
  X(BOUNDED, "合格率")                                                         \
  X(BOUNDED, "完成率")                                                         \
  X(BOUNDED, "及时率")                                                         \
  X(BOUNDED, "准确率")                                                         \
  X(BOUNDED, "满意")                                                           \
  X(BOUNDED, "参与率")                                                         \
  X(BOUNDED, "参训率")                                                         \
  X(BOUNDED, "出勤率")                                                         \
  X(BOUNDED, "到位率")                                                         \
  X(BOUNDED, "保障率")                                                         \
  X(BOUNDED, "解决率")                                                         \
  X(BOUNDED, "办结率")                                                         \
  X(BOUNDED, "通过率")                                                         \
  X(BOUNDED, "知晓率")                                                         \
  X(BOUNDED, "普及率")                                                         \
  X(BOUNDED, "优良率")                                                         \
  X(BOUNDED, "完好率")                                                         \
  X(BOUNDED, "开通率")                                                         \
  X(BOUNDED, "规范率")                                                         \
  X(BOUNDED, "发放率")                                                         \
  X(BOUNDED, "入学率")                                                         \
  X(BOUNDED, "就业率")                                                         \
  X(BOUNDED, "成功率")                                                         \
  X(BOUNDED, "达到率")                                                         \
  X(BOUNDED, "有效率")                                                         \
  X(BOUNDED, "验收率")                                                         \
  X(BOUNDED, "签约率")                                                         \
  X(UNBOUNDED, "增长")                                                         \
  X(UNBOUNDED, "提升")                                                         \
  X(UNBOUNDED, "提高")                                                         \
  X(UNBOUNDED, "增加")                                                         \
  X(UNBOUNDED, "增幅")                                                         \
  X(UNBOUNDED, "上升")                                                         \
  X(UNBOUNDED, "同比")                                                         \
  X(UNBOUNDED, "超额")                                                         \
  X(UNBOUNDED, "收入")                                                         \
  X(UNBOUNDED, "税收")                                                         \
  X(UNBOUNDED, "投资")                                                         \
  X(UNBOUNDED, "产值")                                                         \
  X(UNBOUNDED, "产量")                                                         \
  X(UNBOUNDED, "销售")                                                         \
  X(UNBOUNDED, "引资")                                                         \
  X(UNBOUNDED, "任务量")                                                       \
  X(MEASURE, "改进")                                                           \
  X(MEASURE, "措施")                                                           \
  X(MEASURE, "整改")                                                           \
  X(MEASURE, "下一步")                                                         \
  X(MEASURE, "下步")                                                           \
  X(MEASURE, "下一年")                                                         \
  X(MEASURE, "明年")                                                           \
  X(MEASURE, "来年")                                                           \
  X(MEASURE, "今后")                                                           \
  X(MEASURE, "后续将")                                                         \
  X(MEASURE, "加强")                                                           \
  X(MEASURE, "强化")                                                           \
  X(MEASURE, "进一步")                                                         \
  X(MEASURE, "督促")                                                           \
  X(MEASURE, "加快")                                                           \
  X(MEASURE, "尽快")                                                           \
  X(MEASURE, "争取")                                                           \
  X(MEASURE, "将于")                                                           \
  X(MEASURE, "将在")                                                           \
  X(MEASURE, "将继续")                                                         \
  X(MEASURE, "拟于")                                                           \
  X(MEASURE, "拟在")                                                           \
  X(MEASURE, "提前谋划")                                                       \
  X(CHANGE, "追加")                                                            \
  X(CHANGE, "调增")                                                            \
  X(CHANGE, "调减")                                                            \
  X(CHANGE, "核减")                                                            \
  X(CHANGE, "压减")                                                            \
  X(CHANGE, "预算调整")                                                        \
  X(CHANGE, "调整预算")                                                        \
  X(CHANGE, "年中新增")                                                        \
  X(CHANGE, "年中安排")                                                        \
  X(QUANTITY, "数量")                                                          \
  X(COST, "成本")

enum {
  WORD_COUNT = 0
#define X(kind, word) +1
  WORD_LIST(X)
#undef X
};

enum { WORD_BITS = 12, WORD_BUCKETS = 1 << WORD_BITS };

/* Where each word is, by its first two characters. Part of every ruleset, so
 * that it is made once and then only read. */
struct words_index {
  uint8_t head[WORD_BUCKETS]; /* a word + 1; 0: none */
  uint8_t next[WORD_COUNT];
};
_Static_assert(WORD_COUNT < 255, "words are counted in bytes");

void words_index_make(struct words_index *out);

/* What a text speaks of. */
struct words_found {
  uint16_t kinds; /* enum word_kind, added up */
  bool plain; /* not empty, and nothing but Chinese characters, as fold_plain()
                 knows one: nothing in it can be folded */
};

struct words_found words_in(const struct words_index *index,
                            struct evald_text text);

#endif
