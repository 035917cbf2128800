/* SPDX-License-Identifier: Apache-2.0 */
#include "import/levels.h"

#include "base/utf8.h"

static const struct label labels[] = {{"产出指标", LEVEL_FIRST},
                                      {"效益指标", LEVEL_FIRST},
                                      {"满意度指标", LEVEL_EITHER},
                                      {"成本指标", LEVEL_EITHER},
                                      {"项目完成指标", LEVEL_FIRST},
                                      {"效果指标", LEVEL_FIRST},
                                      {"决策指标", LEVEL_FIRST},
                                      {"管理指标", LEVEL_FIRST},
                                      {"绩效指标", LEVEL_FIRST},
                                      {"投入指标", LEVEL_FIRST},
                                      {"过程指标", LEVEL_FIRST},
                                      {"结果指标", LEVEL_FIRST},
                                      {"影响力指标", LEVEL_EITHER},
                                      {"数量指标", LEVEL_SECOND},
                                      {"质量指标", LEVEL_SECOND},
                                      {"时效指标", LEVEL_SECOND},
                                      {"进度指标", LEVEL_SECOND},
                                      {"经济效益指标", LEVEL_SECOND},
                                      {"社会效益指标", LEVEL_SECOND},
                                      {"生态效益指标", LEVEL_SECOND},
                                      {"环境效益指标", LEVEL_SECOND},
                                      {"可持续影响指标", LEVEL_SECOND},
                                      {"可持续发展指标", LEVEL_SECOND},
                                      {"可持续性指标", LEVEL_SECOND},
                                      {"服务对象满意度指标", LEVEL_SECOND},
                                      {"服务对象满意指标", LEVEL_SECOND},
                                      {"社会公众满意度指标", LEVEL_SECOND},
                                      {"经济成本指标", LEVEL_SECOND},
                                      {"社会成本指标", LEVEL_SECOND},
                                      {"生态环境成本指标", LEVEL_SECOND},
                                      {"经济成本", LEVEL_SECOND},
                                      {"社会成本", LEVEL_SECOND},
                                      {"生态环境成本", LEVEL_SECOND}};

static size_t characters(struct evald_text text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size; count++)
    utf8_next(text, &at);
  return count;
}

enum { PIECES_MAX = 4, PIECE_MAX = 3 };

/* "投/入指/标": pieces on lines of their own that end with 指标. */
static bool take_pieces(struct reader *r, size_t *at, size_t end) {
  size_t to = *at;
  while (to < end && to < *at + PIECES_MAX && r->words[to].gap == GAP_LINE &&
         characters(r->words[to].text) <= PIECE_MAX) {
    to++;
    if (to - *at < 2) continue;
    struct evald_text last = r->words[to - 1].text;
    struct evald_text text = {r->words[*at].text.data, 0};
    text = reader_join(r, (struct span){*at, to});
    bool ends =
        text.size > 6 && last.size >= 3 &&
        evald_text_equal(EVALD_TEXT("指标"),
                         (struct evald_text){text.data + text.size - 6, 6});
    if (!ends) continue;
    *at = to;
    return true;
  }
  return false;
}

/* "（50分）": printed, but a job has no place for it. */
static void pass_weight(struct reader *r, size_t *at, size_t end) {
  size_t offset = 0;
  if (*at >= end || reader_fold(r->words[*at].text, &offset) != '(') return;
  reader_lines(r, IMPORT_BESIDE, (struct span){*at, *at + 1});
  ++*at;
}

bool levels_take(struct reader *r, size_t *at, size_t end, uint8_t *which,
                 struct span *name) {
  size_t from = *at;
  if (!label_take(r, at, end, LABELS(labels), which)) {
    if (!take_pieces(r, at, end)) return false;
    *which = LEVEL_EITHER;
  }
  *name = (struct span){from, *at};
  pass_weight(r, at, end);
  return true;
}

size_t levels_line(const struct reader *r, struct span span) {
  return label_line(r, span, LABELS(labels));
}
