/* SPDX-License-Identifier: Apache-2.0 */
#include "import/draft.h"

#include "base/utf8.h"

enum head_cell {
  HEAD_NAME,
  HEAD_CODE,
  HEAD_DEPARTMENT,
  HEAD_DEPARTMENT_CODE,
  HEAD_AGENCY,
  HEAD_AGENCY_CODE,
  HEAD_UNIT,
  HEAD_BESIDE, /* printed on some forms, not part of a job */
  HEAD_COUNT
};

enum { SHORT_LINE = 8 }; /* characters; no column of these is narrower */

static const struct label labels[] = {
    {"项目名称", HEAD_NAME},
    {"项目代码", HEAD_CODE},
    {"项目编码", HEAD_CODE},
    {"项目编号", HEAD_CODE},
    {"主管部门", HEAD_DEPARTMENT},
    {"预算主管部门", HEAD_DEPARTMENT},
    {"主管部门名称", HEAD_DEPARTMENT},
    {"主管部门代码", HEAD_DEPARTMENT_CODE},
    {"部门代码", HEAD_DEPARTMENT_CODE},
    {"实施单位", HEAD_AGENCY},
    {"项目实施单位", HEAD_AGENCY},
    {"项目单位", HEAD_AGENCY},
    {"预算单位", HEAD_AGENCY},
    {"实施单位名称", HEAD_AGENCY},
    {"实施单位代码", HEAD_AGENCY_CODE},
    {"单位代码", HEAD_AGENCY_CODE},
    {"金额单位", HEAD_UNIT},
    {"单位:", HEAD_UNIT},
    {"项目负责人", HEAD_BESIDE},
    {"负责人", HEAD_BESIDE},
    {"联系人", HEAD_BESIDE},
    {"联系电话", HEAD_BESIDE},
    {"项目类型", HEAD_BESIDE},
    {"项目类别", HEAD_BESIDE},
    {"项目属性", HEAD_BESIDE},
    {"项目起止时间", HEAD_BESIDE},
    {"填报单位", HEAD_BESIDE},
    {"填报日期", HEAD_BESIDE},
    {"填报人", HEAD_BESIDE},
};

/* Takes each cell's words as they come; text before the first label is left
 * to the caller, `*before` says where it ends. */
static void collect(struct draft *d, struct span span, size_t *before,
                    struct span cells[HEAD_COUNT]) {
  struct reader *r = d->r;
  uint8_t id = HEAD_COUNT;
  size_t at = span.from;
  *before = span.to;
  while (at < span.to) {
    size_t label = at;
    if (!label_take(r, &at, span.to, LABELS(labels), &id)) {
      at++;
      if (id < HEAD_COUNT) cells[id].to = at;
      continue;
    }
    if (*before == span.to) *before = label;
    if (id == HEAD_BESIDE && cells[id].to > cells[id].from)
      reader_lines(r, IMPORT_BESIDE, cells[id]);
    else if (cells[id].to > 0)
      reader_lines(r, IMPORT_TWICE, (struct span){label, at});
    cells[id] = (struct span){at, at};
  }
  if (cells[HEAD_BESIDE].to > cells[HEAD_BESIDE].from)
    reader_lines(r, IMPORT_BESIDE, cells[HEAD_BESIDE]);
}

/* Four digits and 年 in `text`: their value; 0 where there are none. */
static unsigned year_in(struct evald_text text) {
  unsigned year = 0;
  unsigned digits = 0;
  for (size_t at = 0; at < text.size;) {
    uint32_t code = reader_fold(text, &at);
    if (code >= '0' && code <= '9') {
      year = (digits ? year * 10 : 0) + code - '0';
      if (++digits > 4) year = 0;
    } else if (code == 0x5E74 && digits == 4) {
      return year;
    } else if (code != ' ') {
      digits = 0;
    }
  }
  return 0;
}

/* "（2024年度）" and no more. */
static bool year_alone(struct evald_text text) {
  size_t characters = 0;
  for (size_t at = 0; at < text.size; characters++)
    reader_fold(text, &at);
  return characters <= 8 && year_in(text) != 0;
}

static void take_year(struct draft *d, struct span line) {
  unsigned year = year_in(reader_join(d->r, line));
  if (year == 0) return;
  if (d->form.fiscal_year && d->form.fiscal_year != year)
    reader_problem(d->r, IMPORT_TWICE, (struct evald_cell){EVALD_CELL_YEAR, 0},
                   line);
  d->form.fiscal_year = (uint16_t)year;
}

static size_t line_end(const struct reader *r, struct span span) {
  size_t end = span.from + 1;
  while (end < span.to && r->words[end].gap != GAP_LINE)
    end++;
  return end;
}

/* Keeps a line for later; what was kept before, apart from it, is unplaced. */
static void set_aside(struct reader *r, struct span *aside, struct span line) {
  if (aside->to == line.from && aside->to > aside->from) {
    aside->to = line.to;
    return;
  }
  reader_lines(r, IMPORT_UNPLACED, *aside);
  *aside = line;
}

/* The lines above the first label. What is left of them may be the first
 * half of a name that is centred beside its label. */
static struct span read_title(struct draft *d, struct span span, bool titled) {
  struct span aside = {span.from, span.from};
  while (span.from < span.to) {
    struct span line = {span.from, line_end(d->r, span)};
    span.from = line.to;
    size_t at = line.from;
    if (titled || year_alone(reader_join(d->r, line)))
      take_year(d, line);
    else if (!draft_money(d, &at, line.to) || at < line.to)
      set_aside(d->r, &aside, line);
    titled = false;
  }
  return aside;
}

static size_t characters(struct evald_text text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size; count++)
    utf8_next(text, &at);
  return count;
}

/* The text of a cell. Where it goes on in a line though the one before it was
 * short, that line may as well be something else. */
static struct evald_text take_value(struct draft *d, struct span span,
                                    uint8_t field) {
  struct reader *r = d->r;
  for (size_t i = span.from + 1; i < span.to; i++) {
    if (r->words[i].gap != GAP_LINE) continue;
    if (characters(r->words[i - 1].text) >= SHORT_LINE) continue;
    reader_problem(r, IMPORT_INFERRED, (struct evald_cell){field, 0}, span);
    break;
  }
  return reader_join(r, span);
}

/* A name that is centred beside its label stands before and after it. */
static void take_name(struct draft *d, struct span before, struct span name) {
  struct reader *r = d->r;
  bool below = name.to > name.from && r->words[name.from].gap == GAP_LINE;
  if (before.to > before.from && below) {
    struct evald_text parts[2] = {reader_join(r, before), reader_join(r, name)};
    d->form.pro_name = reader_concat(r, parts[0], parts[1]);
    return;
  }
  if (before.to > before.from) reader_lines(r, IMPORT_UNPLACED, before);
  d->form.pro_name = take_value(d, name, EVALD_CELL_PROJECT_NAME);
}

static void take_unit(struct draft *d, struct span span) {
  if (span.from >= span.to) return;
  size_t at = span.from;
  if (!draft_money(d, &at, span.to)) at = span.from;
  if (at < span.to)
    reader_lines(d->r, IMPORT_UNPLACED, (struct span){at, span.to});
}

void head_read(struct draft *d, struct span span, bool titled) {
  struct span cells[HEAD_COUNT] = {0};
  struct evald_form *form = &d->form;
  size_t before;
  collect(d, span, &before, cells);
  struct span title = {span.from, before};
  take_name(d, read_title(d, title, titled), cells[HEAD_NAME]);
  form->pro_code = reader_join(d->r, cells[HEAD_CODE]);
  form->dept_name =
      take_value(d, cells[HEAD_DEPARTMENT], EVALD_CELL_DEPARTMENT);
  form->dept_code = reader_join(d->r, cells[HEAD_DEPARTMENT_CODE]);
  form->agency_name = take_value(d, cells[HEAD_AGENCY], EVALD_CELL_AGENCY);
  form->agency_code = reader_join(d->r, cells[HEAD_AGENCY_CODE]);
  take_unit(d, cells[HEAD_UNIT]);
  if (!form->fiscal_year) draft_missing(d, EVALD_CELL_YEAR, 0, span.from);
  if (form->pro_name.size == 0)
    draft_missing(d, EVALD_CELL_PROJECT_NAME, 0, span.from);
  if (form->dept_name.size == 0)
    draft_missing(d, EVALD_CELL_DEPARTMENT, 0, span.from);
  if (form->agency_name.size == 0)
    draft_missing(d, EVALD_CELL_AGENCY, 0, span.from);
}
