/* SPDX-License-Identifier: Apache-2.0 */
#include "import/draft.h"

#include "import/quantity.h"
#include <string.h>

/* The labels of the table: its corner, its columns, its rows. */
enum fund_label {
  LABEL_CORNER,
  LABEL_TAIL, /* the second half of a row's label that was broken */
  LABEL_MONEY,
  LABEL_OPENING,
  LABEL_BUDGET,
  LABEL_EXECUTED,
  LABEL_WEIGHT,
  LABEL_RATE,
  LABEL_SCORE,
  LABEL_ROW, /* + enum evald_fund */
};

enum { COLUMNS = LABEL_SCORE - LABEL_OPENING + 1, CELLS_MAX = 24 };

static const struct label labels[] = {
    {"项目资金", LABEL_CORNER},
    {"项目资金情况", LABEL_CORNER},
    {"资金情况", LABEL_CORNER},
    {"预算执行情况", LABEL_CORNER},
    {"拨款", LABEL_TAIL},
    {"其中:", LABEL_TAIL},
    {"其中", LABEL_TAIL},
    {"单位:", LABEL_MONEY},
    {"金额单位", LABEL_MONEY},
    {"年初预算数", LABEL_OPENING},
    {"年初预算", LABEL_OPENING},
    {"全年预算数", LABEL_BUDGET},
    {"全年预算", LABEL_BUDGET},
    {"调整后预算数", LABEL_BUDGET},
    {"全年执行数", LABEL_EXECUTED},
    {"全年执行", LABEL_EXECUTED},
    {"实际执行数", LABEL_EXECUTED},
    {"分数", LABEL_WEIGHT},
    {"分值", LABEL_WEIGHT},
    {"权重", LABEL_WEIGHT},
    {"执行率", LABEL_RATE},
    {"预算执行率", LABEL_RATE},
    {"得分", LABEL_SCORE},
    {"自评得分", LABEL_SCORE},
    {"年度资金总额", LABEL_ROW + EVALD_FUND_TOTAL},
    {"资金总额", LABEL_ROW + EVALD_FUND_TOTAL},
    {"其中:当年财政拨款", LABEL_ROW + EVALD_FUND_APPROPRIATION},
    {"其中:当年财政", LABEL_ROW + EVALD_FUND_APPROPRIATION},
    {"其中当年财政拨款", LABEL_ROW + EVALD_FUND_APPROPRIATION},
    {"当年财政拨款", LABEL_ROW + EVALD_FUND_APPROPRIATION},
    {"其中:财政拨款", LABEL_ROW + EVALD_FUND_APPROPRIATION},
    {"财政拨款", LABEL_ROW + EVALD_FUND_APPROPRIATION},
    {"上年结转资金", LABEL_ROW + EVALD_FUND_CARRYOVER},
    {"上年结转", LABEL_ROW + EVALD_FUND_CARRYOVER},
    {"其他资金", LABEL_ROW + EVALD_FUND_OTHER},
    {"其它资金", LABEL_ROW + EVALD_FUND_OTHER},
};

/* The rows' cells as words, before it is known which column each is of. */
struct funds {
  struct draft *d;
  uint8_t columns[COLUMNS]; /* enum fund_label, in the order of the heading */
  size_t column_count;
  size_t row; /* the row that cells go to; FUND_COUNT: none */
  size_t start[EVALD_FUND_COUNT]; /* the word after its label */
  struct span cells[EVALD_FUND_COUNT][CELLS_MAX];
  size_t count[EVALD_FUND_COUNT];
  bool seen[EVALD_FUND_COUNT];
};

static void take_column(struct funds *f, uint8_t label, struct span span) {
  for (size_t i = 0; i < f->column_count; i++) {
    if (f->columns[i] != label) continue;
    reader_lines(f->d->r, IMPORT_TWICE, span);
    return;
  }
  f->columns[f->column_count++] = label;
}

static void take_row(struct funds *f, size_t row, struct span span) {
  if (f->seen[row]) {
    reader_problem(f->d->r, IMPORT_TWICE,
                   (struct evald_cell){EVALD_CELL_FUND, (uint16_t)row}, span);
    f->row = EVALD_FUND_COUNT;
    return;
  }
  f->seen[row] = true;
  f->row = row;
  f->start[row] = span.from;
}

static bool take_label(struct funds *f, size_t *at, size_t end) {
  size_t from = *at;
  uint8_t id;
  if (!label_take(f->d->r, at, end, LABELS(labels), &id)) return false;
  struct span span = {from, *at > from ? *at : from + 1};
  if (id == LABEL_TAIL) return true;
  if (id == LABEL_MONEY || id == LABEL_CORNER) {
    if (*at < end) draft_money(f->d, at, end);
  } else if (id >= LABEL_ROW) {
    take_row(f, (size_t)(id - LABEL_ROW), span);
  } else {
    take_column(f, id, span);
    label_bracket(f->d->r, at, end);
  }
  return true;
}

static bool cell_like(struct evald_text text) {
  size_t offset = 0;
  uint32_t code = reader_fold(text, &offset);
  return (code >= '0' && code <= '9') || code == '-' || code == '.' ||
         quantity_dash(text);
}

/* Whether the word goes on with the number of the cell before it: ".50" after
 * "12", "00" after "12.", "234.56" after "1" (a blank for a separator; all
 * amounts of a form have their decimals, so a lone "1" is not a cell). */
static bool goes_on(const struct reader *r, const struct span *cell,
                    size_t at) {
  if (cell->to != at || r->words[at].gap == GAP_WIDE) return false;
  struct evald_text left = r->words[at - 1].text;
  struct evald_text right = r->words[at].text;
  size_t whole = 0;
  while (whole < right.size && right.data[whole] >= '0' &&
         right.data[whole] <= '9')
    whole++;
  if (right.data[0] == '.') return true;
  if (left.data[left.size - 1] == '.') return true;
  if (memchr(left.data, '.', left.size) || left.size > 3) return false;
  return left.data[0] >= '0' && left.data[0] <= '9' && whole == 3 &&
         whole < right.size && right.data[whole] == '.';
}

static bool take_cell(struct funds *f, size_t at) {
  struct reader *r = f->d->r;
  if (f->row == EVALD_FUND_COUNT || !cell_like(r->words[at].text)) return false;
  struct span *cells = f->cells[f->row];
  size_t *count = &f->count[f->row];
  if (*count > 0 && goes_on(r, &cells[*count - 1], at)) {
    cells[*count - 1].to = at + 1;
    return true;
  }
  if (*count == CELLS_MAX) return false;
  cells[(*count)++] = (struct span){at, at + 1};
  return true;
}

static struct evald_figure *figure_of(struct evald_fund_row *row,
                                      uint8_t column, uint8_t *field) {
  const struct {
    struct evald_figure *figure;
    uint8_t field;
  } by_column[COLUMNS] = {{&row->opening, EVALD_CELL_FUND_OPENING},
                          {&row->budget, EVALD_CELL_FUND_BUDGET},
                          {&row->executed, EVALD_CELL_FUND_EXECUTED},
                          {&row->weight, EVALD_CELL_FUND_WEIGHT},
                          {&row->rate, EVALD_CELL_FUND_RATE},
                          {&row->score, EVALD_CELL_FUND_SCORE}};
  *field = by_column[column - LABEL_OPENING].field;
  return by_column[column - LABEL_OPENING].figure;
}

static void place_row(struct funds *f, size_t index) {
  struct evald_fund_row *row = &f->d->form.funds[index];
  if (f->count[index] != f->column_count) {
    reader_problem(f->d->r, IMPORT_CELLS,
                   (struct evald_cell){EVALD_CELL_FUND, (uint16_t)index},
                   (struct span){f->start[index],
                                 f->count[index]
                                     ? f->cells[index][f->count[index] - 1].to
                                     : f->start[index] + 1});
    return;
  }
  row->present = true;
  for (size_t i = 0; i < f->column_count; i++) {
    uint8_t field;
    struct evald_figure *figure = figure_of(row, f->columns[i], &field);
    struct evald_cell cell = {field, (uint16_t)index};
    *figure = draft_figure(f->d, f->cells[index][i], cell);
    bool needed =
        index == EVALD_FUND_TOTAL &&
        (field == EVALD_CELL_FUND_BUDGET || field == EVALD_CELL_FUND_EXECUTED);
    size_t at = f->cells[index][i].from;
    if (needed && quantity_dash(f->d->r->words[at].text))
      draft_missing(f->d, (enum evald_cell_field)field, index, at);
  }
}

static void default_columns(struct funds *f, struct span span) {
  reader_problem(f->d->r, IMPORT_HEADER,
                 (struct evald_cell){EVALD_CELL_FUND, 0},
                 (struct span){span.from, span.from});
  for (uint8_t i = 0; i < COLUMNS; i++)
    f->columns[i] = (uint8_t)(LABEL_OPENING + i);
  f->column_count = COLUMNS;
}

void funds_read(struct draft *d, struct span span) {
  struct funds *f = reader_take(d->r, sizeof *f);
  if (!f) return;
  f->d = d;
  f->row = EVALD_FUND_COUNT;
  for (size_t at = span.from; at < span.to;) {
    if (draft_money(d, &at, span.to) || take_label(f, &at, span.to)) continue;
    if (!take_cell(f, at))
      reader_lines(d->r, IMPORT_UNPLACED, (struct span){at, at + 1});
    at++;
  }
  if (f->column_count == 0) default_columns(f, span);
  for (size_t i = 0; i < EVALD_FUND_COUNT; i++) {
    if (f->seen[i]) place_row(f, i);
  }
  if (!f->seen[EVALD_FUND_TOTAL])
    draft_missing(d, EVALD_CELL_FUND, EVALD_FUND_TOTAL, span.from);
  if (!d->money_known)
    reader_problem(d->r, IMPORT_UNIT, (struct evald_cell){EVALD_CELL_FUND, 0},
                   (struct span){span.from, span.from});
}
