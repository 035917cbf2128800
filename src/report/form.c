/* SPDX-License-Identifier: Apache-2.0 */
#include "report/form.h"

#include "report/note.h"

/*
 * The table has nine columns and the notes:
 *
 *   一级 | 二级 | 三级 | 指标值 | 完成值 | 分值 | 得分 | 原因及措施 (2) | notes
 *   项目资金 (2) | row | 年初 | 全年 | 执行 | 分数 | 执行率 | 得分    | notes
 */

static const struct evald_figure absent;

static void label(struct report *report, const char *attributes,
                  enum report_word word) {
  write_format(report, "<th%s>", attributes);
  write_word(report, word);
  write_raw(report, "</th>");
}

static void open_cell(struct report *report,
                      const struct evald_verdict *verdict,
                      enum evald_cell_field field, size_t index,
                      const char *more) {
  write_format(report, "<td class=\"%s %s\"", note_class(verdict, field, index),
               more);
}

/* A figure as declared; below it the one by the rules, where they differ. */
static void figure(struct report *report, struct evald_figure declared,
                   struct evald_figure ruled) {
  write_raw(report, ">");
  write_figure(report, declared);
  bool same =
      !ruled.present || (declared.present && declared.value == ruled.value);
  if (!same) {
    write_raw(report, "<small class=\"ruled\">");
    write_word(report, WORD_BY_RULE);
    write_raw(report, " ");
    write_decimal(report, ruled.value);
    write_raw(report, "</small>");
  }
  write_raw(report, "</td>");
}

void form_grade(struct report *report, const struct evald_verdict *verdict) {
  write_format(report, "<span class=\"grade g%u\">", verdict->grade);
  write_text(report, evald_ruleset_grade(verdict->ruleset, verdict->grade));
  write_raw(report, "</span>");
}

static bool agrees(const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  struct evald_text grade =
      evald_ruleset_grade(verdict->ruleset, verdict->grade);
  return form->total.present && form->total.value == verdict->total &&
         (form->grade.size == 0 || evald_text_equal(form->grade, grade));
}

static void declared_line(struct report *report,
                          const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  if (!form->total.present && form->grade.size == 0) return;
  bool same = agrees(verdict);
  write_format(report, "<div class=\"declared %s\">", same ? "same" : "other");
  write_word(report, WORD_DECLARED);
  write_raw(report, " ");
  write_figure(report, form->total);
  write_raw(report, " ");
  write_text(report, form->grade);
  write_raw(report, " · ");
  write_word(report, same ? WORD_AGREES : WORD_DIFFERS);
  write_raw(report, "</div>");
}

static void identity(struct report *report,
                     const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  write_raw(report, "<p class=\"small\">");
  write_word(report, WORD_IDENTITY);
  write_raw(report, " ");
  write_text(report, form->mof_div_code);
  write_format(report, " / %u / ", form->fiscal_year);
  write_text(report, form->pro_code);
  write_raw(report, " · ");
  write_word(report, WORD_RULESET);
  write_raw(report, " ");
  write_text(report, evald_ruleset_id(verdict->ruleset));
  write_raw(report, " ");
  write_word(report, WORD_VERSION);
  write_raw(report, " ");
  write_text(report, evald_ruleset_version(verdict->ruleset));
  write_raw(report, "</p>");
}

static void head(struct report *report, const struct evald_verdict *verdict,
                 size_t number) {
  write_raw(report, "<header><div class=\"what\"><h2>");
  write_text(report, verdict->form->pro_name);
  write_raw(report, "</h2>");
  identity(report, verdict);
  note_counts(report, verdict);
  if (verdict->finding_count == 0) {
    write_raw(report, "<span class=\"chip fine\">");
    write_word(report, WORD_NO_FINDINGS);
    write_raw(report, "</span>");
  }
  if (number > 0) {
    write_raw(report, "<a class=\"back\" href=\"#sheet\">");
    write_word(report, WORD_TO_SHEET);
    write_raw(report, "</a>");
  }
  write_raw(report, "</div><div class=\"result\"><div class=\"total\"><b>");
  write_decimal(report, verdict->total);
  write_raw(report, "</b>");
  form_grade(report, verdict);
  write_raw(report, "</div>");
  declared_line(report, verdict);
  write_raw(report, "</div></header>\n");
}

static void text_cell(struct report *report,
                      const struct evald_verdict *verdict,
                      enum evald_cell_field field, const char *attributes,
                      struct evald_text text) {
  open_cell(report, verdict, field, 0, "left");
  write_format(report, "%s>", attributes);
  write_text(report, text);
  write_raw(report, "</td>");
}

static void names(struct report *report, const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  write_raw(report, "<tr>");
  label(report, " colspan=\"2\"", WORD_PROJECT);
  text_cell(report, verdict, EVALD_CELL_PROJECT_NAME, " colspan=\"7\"",
            form->pro_name);
  note_cell(report, verdict, ROW_PROJECT);
  write_raw(report, "<tr>");
  label(report, " colspan=\"2\"", WORD_DEPARTMENT);
  text_cell(report, verdict, EVALD_CELL_DEPARTMENT, " colspan=\"2\"",
            form->dept_name);
  label(report, "", WORD_UNIT);
  text_cell(report, verdict, EVALD_CELL_AGENCY, " colspan=\"4\"",
            form->agency_name);
  note_cell(report, verdict, ROW_DEPARTMENT);
}

static void fund_heading(struct report *report, const struct evald_form *form,
                         size_t rows) {
  static const enum report_word columns[] = {WORD_OPENING,  WORD_BUDGET,
                                             WORD_EXECUTED, WORD_WEIGHT,
                                             WORD_RATE,     WORD_SCORE};
  bool yuan = form->money_unit == EVALD_MONEY_YUAN;
  write_format(report, "<tr><th colspan=\"2\" rowspan=\"%zu\">", rows + 1);
  write_word(report, WORD_FUNDS);
  write_raw(report, "<br>(");
  write_word(report, yuan ? WORD_YUAN : WORD_WAN_YUAN);
  write_raw(report, ")</th><th></th>");
  for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
    label(report, "", columns[i]);
  write_raw(report, "<td class=\"notes\"></td></tr>\n");
}

/* What the rules give for a cell of the total row. */
static struct evald_figure execution_by_rule(
    const struct evald_verdict *verdict, size_t fund,
    enum evald_cell_field field) {
  const struct evald_execution *execution = &verdict->execution;
  if (fund != EVALD_FUND_TOTAL) return absent;
  if (field == EVALD_CELL_FUND_RATE)
    return (struct evald_figure){execution->has_rate, execution->rate};
  if (field == EVALD_CELL_FUND_SCORE)
    return (struct evald_figure){execution->has_score, execution->score};
  return absent;
}

static void fund_row(struct report *report, const struct evald_verdict *verdict,
                     size_t fund) {
  const struct evald_fund_row *row = &verdict->form->funds[fund];
  const struct evald_figure figures[] = {row->opening,  row->budget,
                                         row->executed, row->weight,
                                         row->rate,     row->score};
  write_raw(report, "<tr>");
  label(report, " class=\"left\"", WORD_TOTAL_FUNDS + (enum report_word)fund);
  for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
    enum evald_cell_field field =
        EVALD_CELL_FUND_OPENING + (enum evald_cell_field)i;
    open_cell(report, verdict, field, fund, "number");
    figure(report, figures[i], execution_by_rule(verdict, fund, field));
  }
  note_cell(report, verdict, ROW_FUND + (unsigned)fund);
}

static void funds(struct report *report, const struct evald_verdict *verdict) {
  size_t rows = 0;
  for (size_t i = 0; i < EVALD_FUND_COUNT; i++)
    rows += verdict->form->funds[i].present;
  fund_heading(report, verdict->form, rows);
  for (size_t i = 0; i < EVALD_FUND_COUNT; i++) {
    if (verdict->form->funds[i].present) fund_row(report, verdict, i);
  }
}

static void goal(struct report *report, const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  if (form->goal_expected.size == 0 && form->goal_actual.size == 0) return;
  write_raw(report, "<tr>");
  label(report, " colspan=\"2\" rowspan=\"2\"", WORD_GOAL);
  label(report, " colspan=\"3\"", WORD_EXPECTED);
  label(report, " colspan=\"4\"", WORD_ACHIEVED);
  write_raw(report, "<td class=\"notes\"></td></tr>\n<tr>");
  text_cell(report, verdict, EVALD_CELL_GOAL_EXPECTED, " colspan=\"3\"",
            form->goal_expected);
  text_cell(report, verdict, EVALD_CELL_GOAL_ACTUAL, " colspan=\"4\"",
            form->goal_actual);
  note_cell(report, verdict, ROW_GOAL);
}

static bool same_level(const struct evald_indicator *a,
                       const struct evald_indicator *b, bool second) {
  return evald_text_equal(a->level1, b->level1) &&
         (!second || evald_text_equal(a->level2, b->level2));
}

/* The cell of a level spans the rows that share it. */
static void level_cell(struct report *report,
                       const struct evald_verdict *verdict, size_t index,
                       bool second) {
  const struct evald_form *form = verdict->form;
  const struct evald_indicator *row = &form->indicators[index];
  if (index > 0 && same_level(row - 1, row, second)) return;
  size_t span = 1;
  while (index + span < form->indicator_count &&
         same_level(row, row + span, second))
    span++;
  open_cell(report, verdict,
            second ? EVALD_CELL_INDICATOR_LEVEL2 : EVALD_CELL_INDICATOR_LEVEL1,
            index, "level");
  write_format(report, " rowspan=\"%zu\">", span);
  write_text(report, second ? row->level2 : row->level1);
  write_raw(report, "</td>");
}

static const char *const signs[] = {
#define X(name, spelling, sign, computesign) sign,
    EVALD_OPERATOR_LIST(X)
#undef X
};

static void claim(struct report *report, const struct evald_claim *value,
                  struct evald_text unit) {
  bool number = value->kind == EVALD_CLAIM_NUMBER;
  if (!number && value->text.size == 0) {
    write_raw(report, "-"); /* a unit alone would look like a value */
    return;
  }
  if (number)
    write_decimal(report, value->number);
  else
    write_text(report, value->text);
  write_text(report, unit);
}

/* The worst class of a cell and of its unit, which share one. */
static const char *with_unit(const struct evald_verdict *verdict,
                             enum evald_cell_field field, size_t index) {
  const char *of_value = note_class(verdict, field, index);
  return of_value[0] ? of_value : note_class(verdict, field + 1, index);
}

static void claims(struct report *report, const struct evald_verdict *verdict,
                   size_t index) {
  const struct evald_indicator *row = &verdict->form->indicators[index];
  const char *target = note_class(verdict, EVALD_CELL_INDICATOR_OP, index);
  if (!target[0])
    target = with_unit(verdict, EVALD_CELL_INDICATOR_TARGET, index);
  write_format(report, "<td class=\"%s\">", target);
  if (row->op != EVALD_OP_QUALITATIVE) write_raw(report, signs[row->op]);
  claim(report, &row->target, row->unit);
  write_format(report, "</td><td class=\"%s\">",
               with_unit(verdict, EVALD_CELL_INDICATOR_ACTUAL, index));
  claim(report, &row->actual, row->actual_unit);
  write_raw(report, "</td>");
}

static void reason_cell(struct report *report,
                        const struct evald_verdict *verdict, size_t index) {
  const struct evald_indicator *row = &verdict->form->indicators[index];
  const char *class = note_class(verdict, EVALD_CELL_INDICATOR_REASON, index);
  if (!class[0])
    class = note_class(verdict, EVALD_CELL_INDICATOR_MEASURE, index);
  write_format(report, "<td colspan=\"2\" class=\"left %s\">", class);
  write_text(report, row->reason);
  if (row->reason.size > 0 && row->measure.size > 0) write_raw(report, "<br>");
  write_text(report, row->measure);
  write_raw(report, "</td>");
}

/* The score cell tells in its title by what rule it came about. */
static void score_cell(struct report *report,
                       const struct evald_verdict *verdict, size_t index) {
  const struct evald_row_score *score = &verdict->rows[index];
  const struct evald_figure ruled = {score->counts, score->score};
  open_cell(report, verdict, EVALD_CELL_INDICATOR_SCORE, index, "number");
  write_format(report, " title=\"%s",
               evald_rule_path((enum evald_rule)score->rule));
  if (score->has_ratio) {
    write_raw(report, ": ");
    write_word(report, WORD_ACHIEVEMENT);
    write_raw(report, " ");
    write_decimal(report, score->ratio);
    write_raw(report, "%");
  }
  write_raw(report, "\"");
  figure(report, verdict->form->indicators[index].score, ruled);
}

static void indicator_row(struct report *report,
                          const struct evald_verdict *verdict, size_t index) {
  const struct evald_indicator *row = &verdict->form->indicators[index];
  write_raw(report, "<tr>");
  level_cell(report, verdict, index, false);
  level_cell(report, verdict, index, true);
  open_cell(report, verdict, EVALD_CELL_INDICATOR_NAME, index, "left");
  write_raw(report, ">");
  write_text(report, row->name);
  write_raw(report, "</td>");
  claims(report, verdict, index);
  open_cell(report, verdict, EVALD_CELL_INDICATOR_WEIGHT, index, "number");
  figure(report, row->weight, absent);
  score_cell(report, verdict, index);
  reason_cell(report, verdict, index);
  note_cell(report, verdict, ROW_INDICATOR + (unsigned)index);
}

static void indicators(struct report *report,
                       const struct evald_verdict *verdict) {
  static const enum report_word columns[] = {
      WORD_LEVEL1, WORD_LEVEL2, WORD_LEVEL3, WORD_TARGET,
      WORD_ACTUAL, WORD_WEIGHT, WORD_SCORE};
  write_raw(report, "<tr>");
  for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
    label(report, "", columns[i]);
  label(report, " colspan=\"2\"", WORD_REASON);
  note_cell(report, verdict, ROW_HEADING);
  for (size_t i = 0; i < verdict->form->indicator_count; i++)
    indicator_row(report, verdict, i);
}

/* The weights as they stand; the printed form has their sum beside the total.
 */
static struct evald_figure weights(const struct evald_form *form) {
  const struct evald_figure *execution = &form->funds[EVALD_FUND_TOTAL].weight;
  struct evald_figure sum = {true, execution->present ? execution->value : 0};
  for (size_t i = 0; i < form->indicator_count && sum.present; i++) {
    sum.present = evald_decimal_add(sum.value, form->indicators[i].weight.value,
                                    &sum.value) == EVALD_OK;
  }
  return sum;
}

static void foot(struct report *report, const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  write_raw(report, "<tr class=\"foot\">");
  label(report, " colspan=\"5\"", WORD_TOTAL);
  write_raw(report, "<td class=\"number\"");
  figure(report, weights(form), absent);
  open_cell(report, verdict, EVALD_CELL_TOTAL, 0, "number");
  figure(report, form->total, (struct evald_figure){true, verdict->total});
  write_raw(report, "<td colspan=\"2\"></td>");
  note_cell(report, verdict, ROW_TOTAL);
  write_raw(report, "<tr class=\"foot\">");
  label(report, " colspan=\"5\"", WORD_GRADE);
  open_cell(report, verdict, EVALD_CELL_GRADE, 0, "");
  write_raw(report, " colspan=\"4\">");
  if (form->grade.size > 0)
    write_text(report, form->grade);
  else
    write_raw(report, "-");
  struct evald_text grade =
      evald_ruleset_grade(verdict->ruleset, verdict->grade);
  if (!evald_text_equal(form->grade, grade)) {
    write_raw(report, "<small class=\"ruled\">");
    write_word(report, WORD_BY_RULE);
    write_raw(report, " ");
    write_text(report, grade);
    write_raw(report, "</small>");
  }
  write_raw(report, "</td>");
  note_cell(report, verdict, ROW_GRADE);
}

static bool has_notes(const struct evald_verdict *verdict, unsigned row) {
  for (size_t i = 0; i < verdict->finding_count; i++) {
    if (note_row(verdict->findings[i].cell) == row) return true;
  }
  return false;
}

static void explanation(struct report *report,
                        const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  if (form->reason.size == 0 && form->measure.size == 0 &&
      !has_notes(verdict, ROW_EXPLANATION))
    return;
  write_raw(report, "<tr>");
  label(report, " colspan=\"2\"", WORD_EXPLANATION);
  text_cell(report, verdict, EVALD_CELL_REASON, " colspan=\"3\"", form->reason);
  text_cell(report, verdict, EVALD_CELL_MEASURE, " colspan=\"4\"",
            form->measure);
  note_cell(report, verdict, ROW_EXPLANATION);
}

void form_write(struct report *report, const struct evald_verdict *verdict,
                size_t number) {
  write_format(report, "<section class=\"form\" id=\"form-%zu\">\n", number);
  head(report, verdict, number);
  write_raw(report, "<table class=\"printed\"><colgroup>");
  for (int i = 1; i <= 10; i++)
    write_format(report, "<col class=\"c%d\">", i);
  write_raw(report, "</colgroup>\n<caption>");
  write_word(report, WORD_TITLE);
  if (report->chinese)
    write_format(report, "（%u年度）", verdict->form->fiscal_year);
  else
    write_format(report, ", fiscal year %u", verdict->form->fiscal_year);
  write_raw(report, "</caption>\n");
  names(report, verdict);
  funds(report, verdict);
  goal(report, verdict);
  indicators(report, verdict);
  foot(report, verdict);
  explanation(report, verdict);
  write_raw(report, "</table>\n");
  note_sources(report, verdict);
  write_raw(report, "</section>\n");
}
