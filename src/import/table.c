/* SPDX-License-Identifier: Apache-2.0 */
#include "import/draft.h"

#include "import/align.h"
#include "import/levels.h"
#include "import/quantity.h"
#include <string.h>

/* The heading: what each label means as a column. */
enum head { HEAD_LEVEL = COLUMN_COUNT, HEAD_CORNER };

static const struct label labels[] = {
    {"绩效指标", HEAD_CORNER},
    {"一级指标", HEAD_LEVEL},
    {"二级指标", HEAD_LEVEL},
    {"三级指标", COLUMN_NAME},
    {"指标名称", COLUMN_NAME},
    {"年度指标值", COLUMN_TARGET},
    {"指标值", COLUMN_TARGET},
    {"目标值", COLUMN_TARGET},
    {"年度目标值", COLUMN_TARGET},
    {"预期指标值", COLUMN_TARGET},
    {"实际完成值", COLUMN_ACTUAL},
    {"全年完成值", COLUMN_ACTUAL},
    {"全年实际值", COLUMN_ACTUAL},
    {"实际完成指标值", COLUMN_ACTUAL},
    {"完成值", COLUMN_ACTUAL},
    {"分值", COLUMN_WEIGHT},
    {"分数", COLUMN_WEIGHT},
    {"权重", COLUMN_WEIGHT},
    {"得分", COLUMN_SCORE},
    {"自评得分", COLUMN_SCORE},
    {"偏差原因分析及改进措施", COLUMN_REASON},
    {"未完成原因分析及改进措施", COLUMN_REASON},
    {"偏差原因分析和改进措施", COLUMN_REASON},
    {"偏差原因分析", COLUMN_REASON},
    {"偏差原因", COLUMN_REASON},
    {"未完成原因分析", COLUMN_REASON},
    {"改进措施", COLUMN_MEASURE}};

struct rows {
  struct draft *d;
  struct columns columns;
  bool leveled; /* the heading has levels */
  struct evald_text level1, level2;
  struct span unused; /* names of levels that had no row yet */
  struct evald_indicator *items;
  size_t count, room;
};

/* Takes labels as long as they come; the ones of a heading that a page break
 * repeats are known already. */
static size_t take_heading(struct rows *rows, size_t at, size_t end,
                           bool again) {
  struct columns *columns = &rows->columns;
  uint8_t id;
  while (at < end && label_take(rows->d->r, &at, end, LABELS(labels), &id)) {
    if (again || id == HEAD_CORNER) continue;
    if (id == HEAD_LEVEL) {
      rows->leveled = true;
      continue;
    }
    for (size_t i = 0; i < columns->count; i++) {
      if (columns->items[i] != id) continue;
      reader_lines(rows->d->r, IMPORT_TWICE, (struct span){at - 1, at});
      return at;
    }
    columns->items[columns->count++] = id;
    label_bracket(rows->d->r, &at, end);
  }
  return at;
}

static void default_columns(struct rows *rows, size_t at) {
  reader_problem(rows->d->r, IMPORT_HEADER,
                 (struct evald_cell){EVALD_CELL_INDICATORS, 0},
                 (struct span){at, at});
  rows->leveled = true;
  rows->columns = (struct columns){{COLUMN_NAME, COLUMN_TARGET, COLUMN_ACTUAL,
                                    COLUMN_WEIGHT, COLUMN_SCORE, COLUMN_REASON},
                                   6};
}

static bool has_column(const struct rows *rows, uint8_t column) {
  for (size_t i = 0; i < rows->columns.count; i++) {
    if (rows->columns.items[i] == column) return true;
  }
  return false;
}

/* A heading without one of the columns that a score needs. */
static bool complete(const struct rows *rows) {
  return has_column(rows, COLUMN_NAME) && has_column(rows, COLUMN_TARGET) &&
         has_column(rows, COLUMN_ACTUAL) && has_column(rows, COLUMN_WEIGHT) &&
         has_column(rows, COLUMN_SCORE);
}

static struct evald_cell cell_of(const struct rows *rows, uint8_t field) {
  return (struct evald_cell){field, (uint16_t)rows->count};
}

static void missing(struct rows *rows, enum evald_cell_field field,
                    const struct aligned_row *row) {
  draft_missing(rows->d, field, rows->count, row->cells[COLUMN_NAME].from);
}

/* A target's sign is part of it; without a number it is words. */
static void read_target(struct rows *rows, struct evald_indicator *out,
                        const struct aligned_row *row) {
  struct evald_text text = reader_join(rows->d->r, row->cells[COLUMN_TARGET]);
  if (text.size == 0) {
    missing(rows, EVALD_CELL_INDICATOR_TARGET, row);
    return;
  }
  struct quantity quantity = quantity_read(text);
  if (quantity_dash(text)) return;
  if (!quantity.number) {
    out->op = EVALD_OP_QUALITATIVE;
    out->target = (struct evald_claim){EVALD_CLAIM_TEXT, 0, text};
    return;
  }
  out->op = quantity.op;
  out->target = (struct evald_claim){EVALD_CLAIM_NUMBER, quantity.value, {0}};
  out->unit = quantity.unit;
}

/* An actual value with a sign is left as it was written: it is a finding. */
static void read_actual(struct rows *rows, struct evald_indicator *out,
                        const struct aligned_row *row) {
  struct evald_text text = reader_join(rows->d->r, row->cells[COLUMN_ACTUAL]);
  if (text.size == 0) {
    missing(rows, EVALD_CELL_INDICATOR_ACTUAL, row);
    return;
  }
  struct quantity quantity = quantity_read(text);
  if (quantity_dash(text)) return;
  if (!quantity.number || quantity.op != EVALD_OP_NONE) {
    out->actual = (struct evald_claim){EVALD_CLAIM_TEXT, 0, text};
    out->not_applicable = evald_text_equal(text, EVALD_TEXT("不适用"));
    return;
  }
  out->actual = (struct evald_claim){EVALD_CLAIM_NUMBER, quantity.value, {0}};
  out->actual_unit = quantity.unit;
}

/* One column for both: what follows "改进措施：" is the measure. */
static void split_measure(struct evald_indicator *out) {
  static const char *const marks[] = {"改进措施：", "改进措施:", "整改措施：",
                                      "整改措施:", NULL};
  struct evald_text all = out->reason;
  for (size_t i = 0; marks[i]; i++) {
    size_t size = strlen(marks[i]);
    for (size_t at = 0; at + size <= all.size; at++) {
      if (memcmp(all.data + at, marks[i], size) != 0) continue;
      out->reason = (struct evald_text){all.data, at};
      at += size;
      out->measure = (struct evald_text){all.data + at, all.size - at};
      return;
    }
  }
}

static struct evald_figure read_figure(struct rows *rows, uint8_t field,
                                       const struct aligned_row *row,
                                       struct span span) {
  if (span.from < span.to)
    return draft_figure(rows->d, span, cell_of(rows, field));
  if (row->certainty != UNCERTAIN)
    missing(rows, (enum evald_cell_field)field, row);
  return (struct evald_figure){0};
}

static void report_certainty(struct rows *rows, const struct aligned_row *row,
                             size_t end) {
  if (row->certainty == CERTAIN) return;
  enum import_problem_kind kind =
      row->certainty == UNCERTAIN ? IMPORT_AMBIGUOUS : IMPORT_INFERRED;
  uint8_t field = row->certainty == UNCERTAIN ? EVALD_CELL_INDICATOR
                                              : EVALD_CELL_INDICATOR_NAME;
  reader_problem(rows->d->r, kind, cell_of(rows, field),
                 (struct span){row->cells[COLUMN_NAME].from, end});
}

/* A row with more than one cell missing is no row. */
static bool scraps(const struct rows *rows, const struct aligned_row *row) {
  size_t empty = 0;
  for (size_t i = 0; i < rows->columns.count; i++) {
    uint8_t column = rows->columns.items[i];
    if (column == COLUMN_REASON || column == COLUMN_MEASURE) continue;
    if (row->cells[column].from == row->cells[column].to) empty++;
  }
  return empty > 1;
}

static struct span extent(const struct rows *rows,
                          const struct aligned_row *row) {
  size_t first = rows->columns.items[0];
  size_t last = rows->columns.items[rows->columns.count - 1];
  return (struct span){row->cells[first].from, row->cells[last].to};
}

static void add_row(struct rows *rows, const struct aligned_row *row) {
  struct reader *r = rows->d->r;
  struct span all = extent(rows, row);
  if (scraps(rows, row)) {
    reader_lines(r, IMPORT_UNPLACED, all);
    return;
  }
  if (rows->count == EVALD_INDICATORS_MAX) {
    reader_lines(r, IMPORT_TOO_MANY, all);
    return;
  }
  struct evald_indicator *items =
      reader_more(r, rows->items, rows->count, &rows->room, sizeof *items);
  if (!items) return;
  rows->items = items;
  struct evald_indicator *out = &items[rows->count];
  *out =
      (struct evald_indicator){.level1 = rows->level1, .level2 = rows->level2};
  out->name = reader_join(r, row->cells[COLUMN_NAME]);
  read_target(rows, out, row);
  read_actual(rows, out, row);
  out->weight = read_figure(rows, EVALD_CELL_INDICATOR_WEIGHT, row,
                            row->cells[COLUMN_WEIGHT]);
  out->score = read_figure(rows, EVALD_CELL_INDICATOR_SCORE, row,
                           row->cells[COLUMN_SCORE]);
  out->reason = reader_join(r, row->cells[COLUMN_REASON]);
  out->measure = reader_join(r, row->cells[COLUMN_MEASURE]);
  if (out->measure.size == 0) split_measure(out);
  if (rows->leveled && out->level1.size == 0)
    missing(rows, EVALD_CELL_INDICATOR_LEVEL1, row);
  report_certainty(rows, row, all.to);
  rows->unused = (struct span){0};
  rows->count++;
}

/* The words between two levels: rows, or nothing that could be read. */
static void add_group(struct rows *rows, struct span span) {
  struct reader *r = rows->d->r;
  size_t words = span.to - span.from;
  if (words == 0) return;
  struct aligned_row *found = NULL;
  size_t count = 0;
  if (words <= ALIGN_WORDS_MAX) found = reader_take(r, words * sizeof *found);
  if (!found || !align_rows(r, &rows->columns, span, found, &count)) {
    reader_lines(r, IMPORT_UNPLACED, span);
    return;
  }
  for (size_t i = 0; i < count; i++)
    add_row(rows, &found[i]);
}

/* Level names as they came, one or two of them, and where they stand. */
struct names {
  struct span at[2];
  uint8_t which[2];
  size_t count;
};

/* A name that may be of either level is of the first where another follows it
 * or none has been. */
static void set_levels(struct rows *rows, const struct names *names) {
  struct reader *r = rows->d->r;
  struct evald_text last = reader_join(r, names->at[names->count - 1]);
  reader_lines(r, IMPORT_UNPLACED, rows->unused);
  rows->unused =
      (struct span){names->at[0].from, names->at[names->count - 1].to};
  if (names->count == 2) {
    rows->level1 = reader_join(r, names->at[0]);
    rows->level2 = last;
    return;
  }
  bool first = names->which[0] == LEVEL_FIRST ||
               (names->which[0] == LEVEL_EITHER && rows->level1.size == 0);
  if (first) rows->level1 = last;
  rows->level2 = first ? (struct evald_text){0} : last;
}

/* Takes the names at word *at. A second name of the first level begins anew:
 * the one before it had no rows. */
static bool take_levels(struct reader *r, size_t *at, size_t end,
                        struct names *out) {
  out->count = 0;
  while (*at < end && out->count < 2) {
    size_t i = out->count;
    if (i == 1 && out->which[0] == LEVEL_SECOND) break;
    if (!levels_take(r, at, end, &out->which[i], &out->at[i])) break;
    out->count++;
    if (i == 0 || out->which[1] != LEVEL_FIRST) continue;
    reader_lines(r, IMPORT_UNPLACED, out->at[0]);
    out->at[0] = out->at[1];
    out->which[0] = out->which[1];
    out->count = 1;
  }
  return out->count > 0;
}

/* A heading or the names of levels at word *at end the group before them. */
static bool take_break(struct rows *rows, size_t *at, struct span group) {
  static const struct label again[] = {
      {"一级指标", 0}, {"二级指标", 0}, {"三级指标", 0}};
  struct reader *r = rows->d->r;
  struct names names;
  size_t from = *at;
  if (from > group.from && r->words[from].gap != GAP_LINE) return false;
  if (label_here(r, from, group.to, LABELS(again))) {
    *at = take_heading(rows, from, group.to, true);
    add_group(rows, (struct span){group.from, from});
    return true;
  }
  if (!take_levels(r, at, group.to, &names)) return false;
  add_group(rows, (struct span){group.from, from});
  set_levels(rows, &names);
  return true;
}

static void read_groups(struct rows *rows, struct span span) {
  struct span group = span;
  for (size_t at = span.from; at < span.to;) {
    if (take_break(rows, &at, group))
      group.from = at;
    else
      at++;
  }
  add_group(rows, group);
  reader_lines(rows->d->r, IMPORT_UNPLACED, rows->unused);
}

void table_read(struct draft *d, struct span span, bool headed) {
  struct rows *rows = reader_take(d->r, sizeof *rows);
  if (!rows) return;
  rows->d = d;
  size_t at = span.from;
  if (headed) at = take_heading(rows, at, span.to, false);
  if (!complete(rows)) default_columns(rows, at);
  read_groups(rows, (struct span){at, span.to});
  d->form.indicators = rows->items;
  d->form.indicator_count = rows->count;
  if (rows->count == 0) draft_missing(d, EVALD_CELL_INDICATORS, 0, span.from);
}
