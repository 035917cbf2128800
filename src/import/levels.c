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

enum { PIECES_MAX = 5, PIECE_MAX = 2 };

static bool ends_like_a_level(struct evald_text text) {
  const struct evald_text end = EVALD_TEXT("指标");
  if (text.size <= end.size) return false;
  struct evald_text last = {text.data + text.size - end.size, end.size};
  return evald_text_equal(last, end);
}

/* Whether `text` is `name` with something left out. */
static bool part_of(struct evald_text text, struct evald_text name) {
  size_t at = 0;
  for (size_t here = 0; here < text.size;) {
    uint32_t wanted = utf8_next(text, &here);
    do {
      if (at >= name.size) return false;
    } while (utf8_next(name, &at) != wanted);
  }
  return true;
}

/* A piece of a known name is missing, rather than the name not known. */
static bool mutilated(struct evald_text text) {
  for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
    if (part_of(text, evald_text_of(labels[i].text))) return true;
  }
  return false;
}

/* "投入/指标": pieces on lines of their own that end with 指标. The last line
 * of a reason before a level that is known is not one of them. */
static bool take_pieces(struct reader *r, size_t *at, size_t end) {
  size_t to = *at;
  while (to < end && to < *at + PIECES_MAX && r->words[to].gap == GAP_LINE &&
         characters(r->words[to].text) <= PIECE_MAX) {
    if (to > *at && label_here(r, to, end, LABELS(labels))) return false;
    to++;
    if (to - *at < 2) continue;
    struct evald_text name = reader_join(r, (struct span){*at, to});
    if (!ends_like_a_level(name)) continue;
    reader_lines(r, mutilated(name) ? IMPORT_AMBIGUOUS : IMPORT_INFERRED,
                 (struct span){*at, to});
    *at = to;
    return true;
  }
  return false;
}

bool levels_take(struct reader *r, size_t *at, size_t end, uint8_t *which,
                 struct span *name) {
  size_t from = *at;
  *at = label_words(r, from, end, LABELS(labels), which);
  if (*at == from) {
    if (!take_pieces(r, at, end)) return false;
    *which = LEVEL_EITHER;
  }
  *name = (struct span){from, *at};
  return true;
}

size_t levels_line(const struct reader *r, struct span span) {
  return label_line(r, span, LABELS(labels));
}
