/* SPDX-License-Identifier: Apache-2.0 */
#include "import/published.h"

#include "base/fault.h"
#include "base/utf8.h"
#include "import/draft.h"
#include "import/levels.h"
#include <stdlib.h>

/* Where the parts of a form begin; each is looked for behind the last. */
static const struct label name_labels[] = {{"项目名称", 0}};
static const struct label fund_labels[] = {
    {"项目资金", 0},     {"项目资金情况", 0}, {"资金情况", 0},
    {"年初预算数", 0},   {"全年预算数", 0},   {"年度资金总额", 0},
    {"预算执行情况", 0}, {"资金总额", 0}};
static const struct label goal_labels[] = {
    {"年度总体目标", 0}, {"年度绩效目标", 0},
    {"总体目标", 0},     {"预期目标", 0},
    {"年度目标", 0},     {"年度预期目标", 0},
    {"年初设定目标", 0}, {"年度总体目标完成情况", 0}};
static const struct label table_labels[] = {
    {"一级指标", 0}, {"三级指标", 0}, {"绩效指标", 0}};

/* A form's words, and whether they begin with a title. */
struct part {
  struct span span;
  bool titled;
};

static bool ends_with(struct evald_text text, struct evald_text with) {
  if (text.size < with.size) return false;
  text.data += text.size - with.size;
  text.size = with.size;
  return evald_text_equal(text, with);
}

static size_t line_end(const struct reader *r, size_t at) {
  do
    at++;
  while (at < r->word_count && r->words[at].gap != GAP_LINE);
  return at;
}

/* "财政项目支出绩效自评表", and whatever a province puts before it. */
static bool title(struct reader *r, size_t at) {
  size_t end = line_end(r, at);
  const struct word *last = &r->words[end - 1];
  size_t size = (size_t)(last->text.data - r->words[at].text.data);
  if (size + last->text.size > 180) return false;
  struct evald_text line = reader_join(r, (struct span){at, end});
  return ends_with(line, EVALD_TEXT("绩效自评表")) ||
         ends_with(line, EVALD_TEXT("绩效自评情况表")) ||
         ends_with(line, EVALD_TEXT("自评价表"));
}

/* The next form at or after word `from`: it begins with a title, or without
 * one with 项目名称, and ends where the next begins. */
static bool next_part(struct reader *r, size_t from, struct part *out) {
  size_t begin = r->word_count;
  bool titled = false;
  bool has_name = false;
  for (size_t at = from; at < r->word_count; at++) {
    if (r->words[at].gap != GAP_LINE) continue;
    bool name = label_here(r, at, r->word_count, LABELS(name_labels));
    bool head = !name && title(r, at);
    if (!name && !head) continue;
    if (has_name) {
      *out = (struct part){{begin, at}, titled};
      return true;
    }
    if (head || begin == r->word_count) {
      begin = at;
      titled = head;
    }
    has_name = name;
  }
  *out = (struct part){{begin, r->word_count}, titled};
  return has_name;
}

/* The parts of one form, cut where their labels stand. */
static void read_form(struct draft *d, const struct part *part) {
  struct reader *r = d->r;
  struct span all = part->span;
  size_t funds = label_line(r, all, LABELS(fund_labels));
  size_t after = funds < all.to ? funds : all.from;
  size_t goal =
      label_line(r, (struct span){after, all.to}, LABELS(goal_labels));
  after = goal < all.to ? goal : after;
  size_t table =
      label_line(r, (struct span){after, all.to}, LABELS(table_labels));
  bool headed = table < all.to;
  if (!headed) table = levels_line(r, (struct span){after, all.to});
  after = table < all.to ? table : after;
  size_t tail = label_line(r, (struct span){after, all.to}, tail_begins());
  if (table > tail) table = tail;
  if (goal > table) goal = table;
  if (funds > goal) funds = goal;
  head_read(d, (struct span){all.from, funds}, part->titled);
  funds_read(d, (struct span){funds, goal});
  goal_read(d, (struct span){goal, table});
  table_read(d, (struct span){table, tail}, headed);
  tail_read(d, (struct span){tail, all.to});
}

static int by_place(const void *a, const void *b) {
  const struct import_problem *left = a;
  const struct import_problem *right = b;
  if (left->line != right->line) return left->line < right->line ? -1 : 1;
  if (left->text.data != right->text.data)
    return left->text.data < right->text.data ? -1 : 1;
  return (int)left->kind - (int)right->kind;
}

static void settle(struct import_form *form) {
  form->whole = true;
  for (size_t i = 0; i < form->problem_count; i++) {
    if (import_problem_level(form->problems[i].kind) == IMPORT_ERROR)
      form->whole = false;
  }
}

/* Moves what the reader has found out to where it will stay, and gives the
 * reader an empty list. */
static void take_problems(struct reader *r,
                          const struct import_problem **problems,
                          size_t *count) {
  if (r->problem_count > 0)
    qsort(r->problems, r->problem_count, sizeof *r->problems, by_place);
  *problems = r->problems;
  *count = r->problem_count;
  r->problems = NULL;
  r->problem_count = r->problem_room = 0;
}

/* Some forms print no grade, but not one of several: where the others of the
 * text have one, a form without is not whole. */
static void report_grade(struct draft *d, size_t at) {
  struct reader *r = d->r;
  const struct label grade[] = {
      {"评分等级", 0}, {"自评等级", 0}, {"评价等级", 0}, {"绩效等级", 0}};
  struct span all = {0, r->word_count};
  bool printed = label_line(r, all, LABELS(grade)) < r->word_count;
  reader_problem(r, printed ? IMPORT_MISSING : IMPORT_NO_GRADE,
                 (struct evald_cell){EVALD_CELL_GRADE, 0},
                 (struct span){at, at});
}

static void add_form(struct reader *r, const struct part *part,
                     struct import_form *out) {
  struct draft *d = reader_take(r, sizeof *d);
  if (!d) return;
  d->r = r;
  read_form(d, part);
  if (d->form.grade.size == 0) report_grade(d, part->span.to - 1);
  *out = (struct import_form){.form = d->form,
                              .first_line = r->words[part->span.from].line,
                              .last_line = r->words[part->span.to - 1].line};
  take_problems(r, &out->problems, &out->problem_count);
  settle(out);
}

static void read_all(struct reader *r, struct import_result *out) {
  struct import_form *forms = NULL;
  size_t count = 0;
  size_t room = 0;
  size_t at = 0;
  struct part part;
  struct span outside = {0, r->word_count};
  while (next_part(r, at, &part)) {
    struct import_form *more =
        reader_more(r, forms, count, &room, sizeof *more);
    if (!more) return;
    forms = more;
    if (count == 0) outside.to = part.span.from;
    add_form(r, &part, &forms[count++]);
    at = part.span.to;
  }
  reader_lines(r, IMPORT_UNPLACED, outside);
  if (count > 0)
    reader_lines(r, IMPORT_UNPLACED, (struct span){at, r->word_count});
  out->forms = forms;
  out->form_count = count;
  take_problems(r, &out->outside, &out->outside_count);
}

enum evald_status import_published(struct evald_text text,
                                   struct evald_arena *arena,
                                   struct import_result *out,
                                   struct evald_fault *fault) {
  struct import_result result = {0};
  struct reader r = {.arena = arena};
  if (text.size > IMPORT_TEXT_MAX)
    return evald_fault_set(fault, EVALD_LIMIT, NULL, "the text is over %d MiB",
                           IMPORT_TEXT_MAX >> 20);
  size_t valid = text.size ? utf8_cut(text.data, text.size, text.size) : 0;
  if (valid < text.size) {
    char place[32];
    fault_print(place, sizeof place, "byte %zu", valid);
    return evald_fault_set(fault, EVALD_INVALID, place,
                           "the text is not UTF-8; convert it first");
  }
  reader_cut(&r, text);
  read_all(&r, &result);
  if (r.failed)
    return evald_fault_set(fault, EVALD_MEMORY, NULL,
                           "the text needs more memory than is allowed");
  *out = result;
  return EVALD_OK;
}
