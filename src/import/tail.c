/* SPDX-License-Identifier: Apache-2.0 */
#include "import/draft.h"

#include "import/quantity.h"

enum tail_label { TAIL_TOTAL, TAIL_GRADE, TAIL_BESIDE };

static const struct label labels[] = {
    {"总分", TAIL_TOTAL},      {"总计", TAIL_TOTAL},
    {"合计", TAIL_TOTAL},      {"总得分", TAIL_TOTAL},
    {"评分等级", TAIL_GRADE},  {"自评等级", TAIL_GRADE},
    {"评价等级", TAIL_GRADE},  {"绩效等级", TAIL_GRADE},
    {"备注", TAIL_BESIDE},     {"注:", TAIL_BESIDE},
    {"说明:", TAIL_BESIDE},    {"填表人", TAIL_BESIDE},
    {"填报人", TAIL_BESIDE},   {"填表日期", TAIL_BESIDE},
    {"填报日期", TAIL_BESIDE}, {"填报单位", TAIL_BESIDE},
    {"联系人", TAIL_BESIDE},   {"联系电话", TAIL_BESIDE},
    {"审核人", TAIL_BESIDE},   {"单位负责人", TAIL_BESIDE}};

/* The first of them begin the tail; the others may stand anywhere. */
enum { TAIL_BEGINS = 8 };

struct labels tail_begins(void) {
  return (struct labels){labels, TAIL_BEGINS};
}

/* What stands behind the label of a row, up to the next label. */
static size_t value_end(const struct reader *r, struct span span) {
  size_t at = span.from;
  while (at < span.to && !label_here(r, at, span.to, LABELS(labels)))
    at++;
  return at;
}

/* The sum of the weights that were read, execution included. */
static bool weights_add_up(const struct evald_form *form, evald_decimal sum) {
  evald_decimal added = 0;
  const struct evald_figure *execution = &form->funds[EVALD_FUND_TOTAL].weight;
  if (execution->present) added = execution->value;
  for (size_t i = 0; i < form->indicator_count; i++) {
    if (!form->indicators[i].weight.present) continue;
    if (evald_decimal_add(added, form->indicators[i].weight.value, &added) !=
        EVALD_OK)
      return false;
  }
  return added == sum;
}

/* Two numbers are the sum of the weights and the total; one alone is the
 * total, unless it is 100, which may be either. */
static void take_total(struct draft *d, struct span span) {
  const struct evald_cell cell = {EVALD_CELL_TOTAL, 0};
  struct reader *r = d->r;
  struct span first = {span.from, span.from};
  if (d->form.total.present) {
    reader_problem(r, IMPORT_TWICE, cell, span);
    return;
  }
  struct span value = {span.from, span.from + 1};
  if (span.from + 1 < span.to &&
      quantity_read(r->words[span.from + 1].text).number) {
    first = value;
    value = (struct span){span.from + 1, span.from + 2};
  }
  if (value.from >= span.to) {
    draft_missing(d, EVALD_CELL_TOTAL, 0, span.from);
    return;
  }
  d->form.total = draft_figure(d, value, cell);
  if (value.to < span.to)
    reader_lines(r, IMPORT_UNPLACED, (struct span){value.to, span.to});
  if (first.from == first.to) {
    if (d->form.total.value == 100 * EVALD_DECIMAL_ONE)
      reader_problem(r, IMPORT_AMBIGUOUS, cell, value);
    return;
  }
  struct evald_figure sum = draft_figure(d, first, cell);
  if (sum.present && !weights_add_up(&d->form, sum.value))
    reader_problem(r, IMPORT_SUM, cell, first);
}

static void take_grade(struct draft *d, struct span span) {
  const struct evald_cell cell = {EVALD_CELL_GRADE, 0};
  if (d->form.grade.size > 0) {
    reader_problem(d->r, IMPORT_TWICE, cell, span);
    return;
  }
  if (span.from == span.to) {
    draft_missing(d, EVALD_CELL_GRADE, 0, span.from);
    return;
  }
  struct evald_text grade = d->r->words[span.from].text;
  if (grade.size > 12) {
    reader_problem(d->r, IMPORT_UNREADABLE, cell, span);
    return;
  }
  d->form.grade = grade;
  if (span.from + 1 < span.to)
    reader_lines(d->r, IMPORT_UNPLACED, (struct span){span.from + 1, span.to});
}

void tail_read(struct draft *d, struct span span) {
  struct reader *r = d->r;
  bool totalled = false;
  while (span.from < span.to) {
    uint8_t id;
    size_t at = span.from;
    if (!label_take(r, &at, span.to, LABELS(labels), &id)) {
      reader_lines(r, IMPORT_UNPLACED, (struct span){at, at + 1});
      span.from++;
      continue;
    }
    struct span value = {at, value_end(r, (struct span){at, span.to})};
    if (id == TAIL_TOTAL) {
      take_total(d, value);
      totalled = true;
    } else if (id == TAIL_GRADE) {
      take_grade(d, value);
    } else {
      reader_lines(r, IMPORT_BESIDE, (struct span){span.from, value.to});
    }
    span.from = value.to;
  }
  if (!totalled) draft_missing(d, EVALD_CELL_TOTAL, 0, span.to - 1);
}
