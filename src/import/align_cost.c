/* SPDX-License-Identifier: Apache-2.0 */
#include "import/align_cost.h"

#include "import/quantity.h"
#include <string.h>

/* Sums at a word are over all words before it, so that a run costs two
 * look-ups whatever its length. */
struct align_word {
  struct quantity quantity;
  evald_decimal value;
  bool plain; /* a bare number: "50.00" */
  bool dash;  /* "-" */
  bool sign;  /* a sign alone: "≥" */
  bool level; /* begins like the wording of a level: "未达成指标" */
  bool half;  /* the first half of such a wording: "部分" */
  bool glued; /* belongs to the word before it: "(%)" */
  uint16_t lines, blanks, wides;  /* sums: how words of one cell are parted */
  uint16_t plains, signs, levels; /* sums: what does not belong in prose */
};

static bool begins(struct evald_text text, const char *with) {
  size_t size = strlen(with);
  return text.size >= size && memcmp(text.data, with, size) == 0;
}

static bool level_wording(struct evald_text text) {
  static const char *const wordings[] = {"达成",     "部分达成", "未达成",
                                         "基本达成", "全部达成", "已达成"};
  for (size_t i = 0; i < sizeof wordings / sizeof wordings[0]; i++) {
    if (begins(text, wordings[i])) return true;
  }
  return false;
}

static bool is(struct evald_text text, const char *word) {
  return text.size == strlen(word) && begins(text, word);
}

/* "%", "(%)", "（次）": a unit that is a word of its own. */
static bool unit_alone(struct evald_text text) {
  size_t at = 0;
  uint32_t code = reader_fold(text, &at);
  if (code == '%' && at == text.size) return true;
  if (code != '(' || text.size > 24) return false;
  while (at < text.size)
    code = reader_fold(text, &at);
  return code == ')';
}

static bool glued_to(const struct align_word *left, struct evald_text text) {
  if (left->sign) return true;
  bool number =
      left->plain || (left->quantity.number && left->quantity.unit.size == 0);
  return number && unit_alone(text);
}

static void look_at(struct align_word *look, struct evald_text text) {
  look->quantity = quantity_read(text);
  look->plain = quantity_plain(text, NULL, &look->value);
  look->dash = quantity_dash(text);
  look->sign = !look->quantity.number && look->quantity.op != EVALD_OP_NONE &&
               text.size <= 4;
  look->level = level_wording(text);
  look->half = is(text, "部分") || is(text, "未") || is(text, "基本");
}

/* The sums behind a word. Glue costs nothing. */
static void add_up(struct align_word *next, const struct align_word *look,
                   uint8_t gap) {
  bool op = look->quantity.number && look->quantity.op != EVALD_OP_NONE;
  next->lines = (uint16_t)(look->lines + (!look->glued && gap == GAP_LINE));
  next->blanks = (uint16_t)(look->blanks + (!look->glued && gap == GAP_BLANK));
  next->wides = (uint16_t)(look->wides + (!look->glued && gap == GAP_WIDE));
  next->plains = (uint16_t)(look->plains + look->plain);
  next->signs = (uint16_t)(look->signs + (op || look->sign));
  next->levels = (uint16_t)(look->levels + look->level);
}

bool align_look(struct reader *r, struct span span, struct align_words *out) {
  size_t count = span.to - span.from;
  struct align_word *looks = reader_take(r, (count + 1) * sizeof *looks);
  if (!looks) return false;
  const struct word *items = r->words + span.from;
  for (size_t i = 0; i < count; i++) {
    look_at(&looks[i], items[i].text);
    looks[i].glued = i > 0 && glued_to(&looks[i - 1], items[i].text);
    add_up(&looks[i + 1], &looks[i], items[i].gap);
  }
  *out = (struct align_words){items, looks, count};
  return true;
}

bool align_row_may_begin(const struct align_words *words, size_t at) {
  return at == 0 || (at < words->count && words->items[at].gap == GAP_LINE);
}

/* What parts the words inside a cell: after its first word, up to its end. */
struct inside {
  int lines, blanks, wides;
};

static struct inside inside(const struct align_words *words, struct span cell) {
  const struct align_word *first = &words->looks[cell.from + 1];
  const struct align_word *end = &words->looks[cell.to];
  return (struct inside){end->lines - first->lines, end->blanks - first->blanks,
                         end->wides - first->wides};
}

/* The whole of a short cell as one text, without blanks. */
static struct evald_text whole(const struct align_words *words,
                               struct span cell, char *room, size_t size) {
  size_t used = 0;
  if (cell.to - cell.from == 1) return words->items[cell.from].text;
  for (size_t i = cell.from; i < cell.to; i++) {
    struct evald_text text = words->items[i].text;
    if (text.size > size - used) break;
    memcpy(room + used, text.data, text.size);
    used += text.size;
  }
  return (struct evald_text){room, used};
}

enum { WHOLE_MAX = 192, MISSING_COST = 20 };

static struct quantity quantity_of(const struct align_words *words,
                                   struct span cell) {
  char room[WHOLE_MAX];
  if (cell.to - cell.from == 1) return words->looks[cell.from].quantity;
  return quantity_read(whole(words, cell, room, sizeof room));
}

bool align_numeric(const struct align_words *words, struct span cell) {
  return cell.to > cell.from && quantity_of(words, cell).number;
}

static size_t characters(struct evald_text text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size; count++)
    reader_fold(text, &at);
  return count;
}

/* Lines that a column breaks are full: one of less than three characters did
 * not have to end, so the next one belongs to another cell. */
static int early_breaks(const struct align_words *words, struct span cell) {
  int count = 0;
  for (size_t i = cell.from + 1; i < cell.to; i++) {
    if (words->looks[i].glued || words->items[i].gap != GAP_LINE) continue;
    if (characters(words->items[i - 1].text) < 3) count++;
  }
  return count;
}

/* Pieces of levels' names, as narrow columns break them. */
static bool fragment(struct evald_text text) {
  static const char *const pieces[] = {
      "产出", "效益", "指标", "数量", "质量", "时效", "满意",
      "度指", "可持", "续影", "响指", "社会", "经济", "生态",
      "服务", "对象", "成本", "一级", "二级", "三级", "标"};
  for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
    if (is(text, pieces[i])) return true;
  }
  return false;
}

bool align_mixed(const struct align_words *words, struct span cell) {
  size_t figures = 0;
  bool broken = cell.to - cell.from > 1;
  for (size_t i = cell.from; i < cell.to; i++) {
    const struct align_word *look = &words->looks[i];
    figures = look->plain ? figures + 1 : 0;
    bool sign = look->quantity.number && look->quantity.op != EVALD_OP_NONE;
    if (figures == 2 || sign || look->sign) return true;
    if (broken && fragment(words->items[i].text)) return true;
  }
  return false;
}

static int name_cost(const struct align_words *words, struct span cell) {
  const struct align_word *first = &words->looks[cell.from];
  const struct align_word *end = &words->looks[cell.to];
  struct inside in = inside(words, cell);
  if (in.wides > 0) return ALIGN_IMPOSSIBLE;
  int strange = 3 * (end->plains - first->plains) +
                6 * (end->signs - first->signs) +
                4 * (end->levels - first->levels);
  return in.lines + 2 * in.blanks + strange;
}

static int target_cost(const struct align_words *words, struct span cell) {
  const struct align_word *first = &words->looks[cell.from];
  struct inside in = inside(words, cell);
  if (in.wides > 0) return ALIGN_IMPOSSIBLE;
  int parts = 2 * in.lines + 5 * in.blanks + 3 * early_breaks(words, cell);
  struct quantity quantity = quantity_of(words, cell);
  if (quantity.number && quantity.op != EVALD_OP_NONE) return parts;
  if (quantity.number) return parts + (quantity.unit.size ? 1 : 2);
  return parts + 2 + (first->level ? 4 : 0) + (first->half ? 6 : 0);
}

static int actual_cost(const struct align_words *words, struct span cell) {
  char room[WHOLE_MAX];
  struct inside in = inside(words, cell);
  if (in.wides > 0) return ALIGN_IMPOSSIBLE;
  if (level_wording(whole(words, cell, room, sizeof room)))
    return in.lines + 5 * in.blanks;
  int parts = 2 * in.lines + 5 * in.blanks;
  struct quantity quantity = quantity_of(words, cell);
  if (quantity.op != EVALD_OP_NONE) return parts + 4;
  if (quantity.number) return parts + (quantity.unit.size ? 0 : 1);
  return parts + (words->looks[cell.from].dash ? 2 : 3);
}

static int figure_cost(const struct align_words *words, struct span cell) {
  const struct align_word *first = &words->looks[cell.from];
  if (first->plain) return 0;
  if (first->dash) return 2;
  char byte = words->items[cell.from].text.data[0];
  return byte >= '0' && byte <= '9' ? 12 : ALIGN_IMPOSSIBLE;
}

/* Two equal numbers before a reason: nothing was lost, so nothing had to be
 * explained. */
static bool full_score(const struct align_words *words, size_t at) {
  if (at < 2) return false;
  const struct align_word *score = &words->looks[at - 1];
  return score->plain && score[-1].plain && score->value == score[-1].value;
}

static int prose_cost(const struct align_words *words, struct span cell) {
  const struct align_word *first = &words->looks[cell.from];
  const struct align_word *end = &words->looks[cell.to];
  struct inside in = inside(words, cell);
  int strange = 3 * (end->plains - first->plains) +
                3 * (end->signs - first->signs) + (first->plain ? 2 : 0);
  return 1 + 4 * in.blanks + 4 * in.wides + strange +
         (full_score(words, cell.from) ? 2 : 0);
}

static int measure_cost(const struct align_words *words, struct span cell) {
  if (cell.from > 0 && words->looks[cell.from - 1].plain)
    return 3 + prose_cost(words, cell);
  return prose_cost(words, cell);
}

static const struct {
  int (*cost)(const struct align_words *words, struct span cell);
  size_t longest;
  int missing; /* the cost of an empty cell */
} costs[COLUMN_COUNT] = {
    [COLUMN_NAME] = {name_cost, 24, ALIGN_IMPOSSIBLE},
    [COLUMN_TARGET] = {target_cost, 4, MISSING_COST},
    [COLUMN_ACTUAL] = {actual_cost, 6, MISSING_COST},
    [COLUMN_WEIGHT] = {figure_cost, 1, MISSING_COST},
    [COLUMN_SCORE] = {figure_cost, 1, MISSING_COST},
    [COLUMN_REASON] = {prose_cost, 64, 0},
    [COLUMN_MEASURE] = {measure_cost, 64, 0},
};

int align_cost(const struct align_words *words, uint8_t column,
               struct span cell) {
  if (cell.from == cell.to) return costs[column].missing;
  if (words->looks[cell.from].glued) return ALIGN_IMPOSSIBLE;
  return costs[column].cost(words, cell);
}

size_t align_longest(uint8_t column) {
  return costs[column].longest;
}
