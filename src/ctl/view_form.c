/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/label.h"
#include "ctl/view.h"
#include "wire/verdict_codec.h"
#include <string.h>

const char *view_text(struct ctl *ctl, struct evald_text text) {
  return text.size > 0 ? output_text(ctl->job, text) : "-";
}

static void centred(const char *text) {
  size_t columns = output_columns(stdout);
  size_t width = output_width(evald_text_of(text));
  printf("%*s", (int)(width < columns ? (columns - width) / 2 : 0), "");
  output_tone(stdout, TONE_STRONG, "%s\n", text);
}

/* Label and value, wrapped below the value. */
static void line(const char *label, const char *value) {
  size_t width = output_width(evald_text_of(label));
  output_tone(stdout, TONE_FAINT, "%s", label);
  printf("%*s", (int)(width < 12 ? 14 - width : 2), "");
  output_hanging(stdout, 14, evald_text_of(value));
}

static void heading(struct ctl *ctl, const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  struct evald_text id = evald_ruleset_id(verdict->ruleset);
  struct evald_text version = evald_ruleset_version(verdict->ruleset);
  struct evald_text title = evald_ruleset_title(verdict->ruleset);
  centred(output_format(
      ctl->job, _("Self-evaluation of a budget project, fiscal year %u"),
      form->fiscal_year));
  putchar('\n');
  line(_("Project"), view_text(ctl, form->pro_name));
  line(_("Department"), view_text(ctl, form->dept_name));
  line(_("Unit"), view_text(ctl, form->agency_name));
  line(_("Identity"),
       output_format(ctl->job, _("%.*s / %u / %.*s, revision %lld"),
                     (int)form->mof_div_code.size, form->mof_div_code.data,
                     form->fiscal_year, (int)form->pro_code.size,
                     form->pro_code.data, (long long)verdict->revision));
  line(_("Rules"), output_format(ctl->job, _("%.*s, version %.*s: %.*s"),
                                 (int)id.size, id.data, (int)version.size,
                                 version.data, (int)title.size, title.data));
  putchar('\n');
}

/* What was declared, against what the rules give. */
static void figure_cell(struct ctl *ctl, struct table *table,
                        struct evald_figure declared, evald_decimal computed) {
  bool same = declared.present && declared.value == computed;
  const char *mark = same ? "✓" : declared.present ? "✗" : " ";
  enum tone tone = same ? TONE_GOOD : declared.present ? TONE_BAD : TONE_PLAIN;
  table_cell(table, tone,
             output_format(ctl->job, "%s %s", label_decimal(ctl->job, computed),
                           mark));
}

static void execution_cells(struct ctl *ctl, struct table *table,
                            const struct evald_verdict *verdict) {
  const struct evald_fund_row *row = &verdict->form->funds[EVALD_FUND_TOTAL];
  const struct evald_execution *execution = &verdict->execution;
  if (execution->has_rate)
    figure_cell(ctl, table, row->rate, execution->rate);
  else
    table_cell(table, TONE_WARN, "-");
  if (execution->has_score)
    figure_cell(ctl, table, row->score, execution->score);
  else
    table_cell(table, TONE_PLAIN, "-");
}

static void fund_row(struct ctl *ctl, struct table *table,
                     const struct evald_verdict *verdict,
                     enum evald_fund fund) {
  const struct evald_fund_row *row = &verdict->form->funds[fund];
  const struct evald_figure figures[] = {row->opening,  row->budget,
                                         row->executed, row->weight,
                                         row->rate,     row->score};
  table_cell(table, TONE_PLAIN,
             output_format(ctl->job, "%s%s",
                           fund == EVALD_FUND_TOTAL ? "" : "  ",
                           label_fund(fund)));
  for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
    table_cell(table, TONE_PLAIN, label_figure(ctl->job, figures[i]));
  if (fund == EVALD_FUND_TOTAL) {
    execution_cells(ctl, table, verdict);
    return;
  }
  table_cell(table, TONE_PLAIN, "");
  table_cell(table, TONE_PLAIN, "");
}

static void funds(struct ctl *ctl, const struct evald_verdict *verdict) {
  bool yuan = verdict->form->money_unit == EVALD_MONEY_YUAN;
  const struct table_column columns[] = {
      {yuan ? _("Funds (yuan)") : _("Funds (10,000 yuan)"), false, true},
      {_("opening"), true, false},
      {_("budget"), true, false},
      {_("executed"), true, false},
      {_("points"), true, false},
      {_("rate (%)"), true, false},
      {_("score"), true, false},
      {_("rate by rule"), true, false},
      {_("score by rule"), true, false},
  };
  struct table *table =
      table_new(ctl->job, columns, sizeof columns / sizeof columns[0]);
  for (int fund = 0; fund < EVALD_FUND_COUNT; fund++)
    if (verdict->form->funds[fund].present)
      fund_row(ctl, table, verdict, (enum evald_fund)fund);
  table_print(table, stdout);
  putchar('\n');
}

static bool of_indicator(const struct evald_finding *finding, size_t index) {
  return finding->cell.field >= EVALD_CELL_INDICATOR &&
         finding->cell.field <= EVALD_CELL_INDICATOR_MEASURE &&
         finding->cell.index == index;
}

/* The codes that speak of a row, in the tone of the worst. */
static void codes_cell(struct ctl *ctl, struct table *table,
                       const struct evald_verdict *verdict, size_t index) {
  char codes[128] = "";
  size_t used = 0;
  unsigned worst = EVALD_LEVEL_COUNT;
  for (size_t i = 0; i < verdict->finding_count; i++) {
    const struct evald_finding *finding = &verdict->findings[i];
    if (!of_indicator(finding, index) || used + 8 > sizeof codes) continue;
    const char *name =
        evald_finding_name((enum evald_finding_code)finding->code);
    used += (size_t)snprintf(codes + used, sizeof codes - used, "%s%s",
                             used ? " " : "", name);
    worst = finding->level < worst ? finding->level : worst;
  }
  table_cell(table, output_level_tone((enum evald_level)worst),
             output_copy(ctl->job, evald_text_of(codes)));
}

/* A name that the row above bears too is not repeated, as on the form. */
static const char *level_name(struct ctl *ctl, const struct evald_form *form,
                              size_t index, bool second) {
  const struct evald_indicator *row = &form->indicators[index];
  struct evald_text name = second ? row->level2 : row->level1;
  if (index == 0) return view_text(ctl, name);
  const struct evald_indicator *above = row - 1;
  bool same = evald_text_equal(above->level1, row->level1) &&
              (!second || evald_text_equal(above->level2, row->level2));
  return same ? "" : view_text(ctl, name);
}

static void indicator_row(struct ctl *ctl, struct table *table,
                          const struct evald_verdict *verdict, size_t index) {
  const struct evald_form *form = verdict->form;
  const struct evald_indicator *row = &form->indicators[index];
  const struct evald_row_score *score = &verdict->rows[index];
  table_cell(table, TONE_PLAIN, level_name(ctl, form, index, false));
  table_cell(table, TONE_PLAIN, level_name(ctl, form, index, true));
  table_cell(table, TONE_PLAIN, view_text(ctl, row->name));
  table_cell(table, TONE_PLAIN, label_target(ctl->job, row));
  table_cell(table, TONE_PLAIN, label_actual(ctl->job, row));
  table_cell(table, TONE_PLAIN, label_figure(ctl->job, row->weight));
  table_cell(table, TONE_PLAIN, label_figure(ctl->job, row->score));
  if (score->counts)
    figure_cell(ctl, table, row->score, score->score);
  else
    table_cell(table, TONE_FAINT, _("not applicable"));
  codes_cell(ctl, table, verdict, index);
}

static void total_row(struct ctl *ctl, struct table *table,
                      const struct evald_verdict *verdict) {
  table_line(table);
  table_cell(table, TONE_STRONG, _("Total score"));
  for (int i = 0; i < 5; i++)
    table_cell(table, TONE_PLAIN, "");
  table_cell(table, TONE_PLAIN, label_figure(ctl->job, verdict->form->total));
  figure_cell(ctl, table, verdict->form->total, verdict->total);
  table_cell(table, TONE_PLAIN, "");
}

static void indicators(struct ctl *ctl, const struct evald_verdict *verdict) {
  const struct table_column columns[] = {
      {_("level 1"), false, true},  {_("level 2"), false, true},
      {_("level 3"), false, true},  {_("target"), false, true},
      {_("reached"), false, true},  {_("points"), true, false},
      {_("score"), true, false},    {_("by rule"), true, false},
      {_("findings"), false, true},
  };
  struct table *table =
      table_new(ctl->job, columns, sizeof columns / sizeof columns[0]);
  for (size_t i = 0; i < verdict->form->indicator_count; i++)
    indicator_row(ctl, table, verdict, i);
  total_row(ctl, table, verdict);
  table_print(table, stdout);
}

static void grade(struct ctl *ctl, const struct evald_verdict *verdict) {
  struct evald_text declared = verdict->form->grade;
  struct evald_text name =
      evald_ruleset_grade(verdict->ruleset, verdict->grade);
  bool differs = declared.size > 0 && !evald_text_equal(declared, name);
  output_tone(stdout, TONE_STRONG, "%s  ", _("Grade"));
  output_tone(stdout, differs ? TONE_BAD : TONE_GOOD, "%s",
              view_text(ctl, name));
  if (declared.size > 0)
    printf(_("  (declared: %s)"), view_text(ctl, declared));
  fputs("\n\n", stdout);
}

static void explanation(struct ctl *ctl, const struct evald_form *form) {
  if (form->reason.size > 0) line(_("Reason"), view_text(ctl, form->reason));
  if (form->measure.size > 0) line(_("Measure"), view_text(ctl, form->measure));
  if (form->reason.size > 0 || form->measure.size > 0) putchar('\n');
}

static void brief(struct ctl *ctl, const struct evald_verdict *verdict) {
  output_tone(stdout, TONE_STRONG, "%s",
              view_text(ctl, verdict->form->pro_name));
  output_tone(stdout, TONE_FAINT, "  %s\n",
              view_text(ctl, verdict->form->pro_code));
  view_findings(ctl, verdict);
}

void view_form(struct ctl *ctl, const struct evald_verdict *verdict) {
  if (ctl->options.findings) {
    brief(ctl, verdict);
    return;
  }
  heading(ctl, verdict);
  funds(ctl, verdict);
  indicators(ctl, verdict);
  grade(ctl, verdict);
  explanation(ctl, verdict->form);
  view_findings(ctl, verdict);
}

void view_verdict(struct ctl *ctl, const struct evald_verdict *verdict,
                  bool traced) {
  if (ctl->json) {
    struct wire_buffer value = {0};
    wire_verdict_encode(verdict, &value);
    ctl_json_line(ctl, &value);
    wire_buffer_fini(&value);
    return;
  }
  view_form(ctl, verdict);
  if (!traced) return;
  putchar('\n');
  view_trace(ctl, verdict);
}
