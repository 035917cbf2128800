/* SPDX-License-Identifier: Apache-2.0 */
#include "import/draft.h"

#include "base/utf8.h"

/*
 * 年度总体目标: two columns of prose that the text gives one after the other.
 * Nothing marks where the first ends. What shows it, in this order:
 *
 *  1. Lines that are still in two columns (pdftotext -layout): a wide gap. The
 *     second piece of the first such line says where the right column begins.
 *  2. A blank between two Chinese characters: nobody types one, so it is where
 *     a cell ended and the next went on in the same line.
 *  3. A line that ends early: it had room for the next line's first character,
 *     so a paragraph ends there. One that ends with 。 is preferred.
 *
 * No figure depends on it. Where more than one place would do, the best one is
 * taken and a notice says so.
 */

enum goal_label { GOAL_CORNER, GOAL_EXPECTED, GOAL_ACTUAL };

static const struct label labels[] = {{"年度总体目标", GOAL_CORNER},
                                      {"年度绩效目标", GOAL_CORNER},
                                      {"总体目标", GOAL_CORNER},
                                      {"年度目标", GOAL_CORNER},
                                      {"年度总体目标完成情况", GOAL_CORNER},
                                      {"预期目标", GOAL_EXPECTED},
                                      {"年度预期目标", GOAL_EXPECTED},
                                      {"年初设定目标", GOAL_EXPECTED},
                                      {"预期总体目标", GOAL_EXPECTED},
                                      {"实际完成情况", GOAL_ACTUAL},
                                      {"全年实际完成情况", GOAL_ACTUAL},
                                      {"目标实际完成情况", GOAL_ACTUAL},
                                      {"目标完成情况", GOAL_ACTUAL}};

static bool chinese(uint32_t code) {
  return code >= 0x2E80;
}

static uint32_t last_code(struct evald_text text) {
  uint32_t code = 0;
  for (size_t at = 0; at < text.size;)
    code = utf8_next(text, &at);
  return code;
}

/* In half widths; what is not ASCII is as wide as two. */
static unsigned width_of(const struct reader *r, struct span span) {
  unsigned width = 0;
  for (size_t i = span.from; i < span.to; i++) {
    struct evald_text text = r->words[i].text;
    for (size_t at = 0; at < text.size;)
      width += utf8_next(text, &at) < 0x80 ? 1 : 2;
  }
  return width;
}

static size_t line_end(const struct reader *r, size_t at, size_t end) {
  do
    at++;
  while (at < end && r->words[at].gap != GAP_LINE);
  return at;
}

static unsigned full_width(const struct reader *r, struct span span) {
  unsigned full = 0;
  for (size_t at = span.from; at < span.to;) {
    size_t end = line_end(r, at, span.to);
    unsigned width = width_of(r, (struct span){at, end});
    if (width > full) full = width;
    at = end;
  }
  return full;
}

/* How surely the left column ends before word `at`; 0: it does not. */
static unsigned strength(const struct reader *r, struct span span, size_t at,
                         unsigned full) {
  const struct word *word = &r->words[at];
  uint32_t left = last_code(word[-1].text);
  size_t offset = 0;
  if (word->gap == GAP_BLANK) {
    bool both = chinese(left) && chinese(utf8_next(word->text, &offset));
    return both ? 4 : 0;
  }
  size_t begin = at - 1;
  while (begin > span.from && r->words[begin].gap != GAP_LINE)
    begin--;
  bool sentence = left == 0x3002 || left == 0xFF01;
  bool early = width_of(r, (struct span){begin, at}) + 4 < full;
  return early ? (sentence ? 3 : 2) : (sentence ? 1 : 0);
}

/* The word with which the right column begins; `to` where none is seen. */
static size_t divide(const struct reader *r, struct span span, bool *sure) {
  unsigned full = full_width(r, span);
  unsigned best = 0;
  size_t found = span.to;
  unsigned rivals = 0;
  for (size_t at = span.from + 1; at < span.to; at++) {
    unsigned now = strength(r, span, at, full);
    if (now == 0) continue;
    if (now == best) rivals++;
    if (now <= best) continue;
    best = now;
    found = at;
    rivals = 0;
  }
  *sure = rivals == 0 && best > 0;
  return found;
}

/* Where the right column begins on lines that still have both; 0: none has. */
static unsigned right_column(const struct reader *r, struct span span) {
  unsigned least = 0;
  for (size_t at = span.from + 1; at < span.to; at++) {
    if (r->words[at].gap != GAP_WIDE) continue;
    unsigned indent = r->words[at].indent;
    if (least == 0 || indent < least) least = indent;
  }
  return least;
}

/* Reads line by line: what begins left of the right column is expected. */
static void read_columns(struct draft *d, struct span span, unsigned right) {
  struct reader *r = d->r;
  size_t *left = reader_take(r, 2 * (span.to - span.from) * sizeof *left);
  if (!left) return;
  size_t *others = left + (span.to - span.from);
  size_t left_count = 0;
  size_t other_count = 0;
  bool expected = true;
  for (size_t at = span.from; at < span.to; at++) {
    const struct word *word = &r->words[at];
    if (word->gap != GAP_BLANK) expected = word->indent + 2U < right;
    if (expected)
      left[left_count++] = at;
    else
      others[other_count++] = at;
  }
  d->form.goal_expected = reader_join_words(r, left, left_count);
  d->form.goal_actual = reader_join_words(r, others, other_count);
}

static void read_prose(struct draft *d, struct span span) {
  bool sure = false;
  size_t at = divide(d->r, span, &sure);
  d->form.goal_expected = reader_join(d->r, (struct span){span.from, at});
  d->form.goal_actual = reader_join(d->r, (struct span){at, span.to});
  if (sure) return;
  reader_problem(d->r, IMPORT_INFERRED,
                 (struct evald_cell){EVALD_CELL_GOAL_ACTUAL, 0},
                 (struct span){at, at});
}

/* What is left of a heading that lost its first piece. */
static const struct label remains[] = {{"一级", 0},     {"二级", 0},
                                       {"三级", 0},     {"指标", 0},
                                       {"一级指标", 0}, {"二级指标", 0}};

static void report_remains(struct draft *d, struct span span) {
  for (size_t at = span.from; at < span.to; at++) {
    if (d->r->words[at].gap != GAP_LINE) continue;
    if (label_here(d->r, at, at + 1, LABELS(remains)))
      reader_lines(d->r, IMPORT_UNPLACED, (struct span){at, at + 1});
  }
}

void goal_read(struct draft *d, struct span span) {
  uint8_t id;
  bool seen = false;
  while (span.from < span.to) {
    size_t at = span.from;
    if (!label_take(d->r, &at, span.to, LABELS(labels), &id)) break;
    if (id != GOAL_CORNER) seen = true;
    span.from = at;
  }
  if (span.from >= span.to) return;
  if (!seen) {
    reader_lines(d->r, IMPORT_UNPLACED, span);
    return;
  }
  report_remains(d, span);
  unsigned right = right_column(d->r, span);
  if (right > 0)
    read_columns(d, span, right);
  else
    read_prose(d, span);
}
