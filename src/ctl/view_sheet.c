/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/label.h"
#include "ctl/view.h"
#include <string.h>

static const enum evald_finding_code codes[] = {
#define X(code, number, level, en, zh) EVALD_FINDING_##code,
    EVALD_FINDING_LIST(X)
#undef X
};
enum { CODES = sizeof codes / sizeof codes[0] };

static const char *count_text(struct ctl *ctl, size_t count) {
  return output_format(ctl->arena, "%zu", count);
}

static void sheet_row(struct ctl *ctl, struct table *table,
                      const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  bool differs = form->total.present && form->total.value != verdict->total;
  struct evald_figure rate = {verdict->execution.has_rate,
                              verdict->execution.rate};
  table_cell(table, TONE_STRONG, output_text(ctl->arena, form->pro_name));
  table_cell(table, TONE_PLAIN, label_figure(ctl->arena, rate));
  table_cell(table, TONE_PLAIN, label_figure(ctl->arena, form->total));
  table_cell(table, differs ? TONE_BAD : TONE_GOOD,
             label_decimal(ctl->arena, verdict->total));
  table_cell(table, TONE_PLAIN,
             output_text(ctl->arena, evald_ruleset_grade(verdict->ruleset,
                                                         verdict->grade)));
  for (int level = 0; level < EVALD_LEVEL_COUNT; level++) {
    size_t count = verdict->level_count[level];
    table_cell(table,
               count ? output_level_tone((enum evald_level)level) : TONE_FAINT,
               count_text(ctl, count));
  }
}

static void sheet_forms(struct ctl *ctl,
                        const struct evald_verdict *const *verdicts,
                        size_t count) {
  const struct table_column columns[] = {
      {_("project"), false, true},  {_("rate (%)"), true, false},
      {_("declared"), true, false}, {_("by rule"), true, false},
      {_("grade"), false, false},   {_("errors"), true, false},
      {_("warnings"), true, false}, {_("remarks"), true, false}};
  struct table *table =
      table_new(ctl->arena, columns, sizeof columns / sizeof columns[0]);
  for (size_t i = 0; i < count; i++)
    sheet_row(ctl, table, verdicts[i]);
  table_print(table, stdout);
}

/* How often a code was raised, in how many forms, and the first of them. */
struct times {
  size_t all, forms;
  const struct evald_finding *first;
};

static void count_in(const struct evald_verdict *verdict,
                     enum evald_finding_code code, struct times *times) {
  size_t before = times->all;
  for (size_t i = 0; i < verdict->finding_count; i++) {
    if (verdict->findings[i].code != code) continue;
    if (times->all++ == 0) times->first = &verdict->findings[i];
  }
  times->forms += times->all > before;
}

static void code_row(struct ctl *ctl, struct table *table,
                     const struct times *times) {
  char sentence[1024];
  const struct evald_finding *finding = times->first;
  size_t size =
      evald_finding_sentence(finding, ctl->chinese, sentence, sizeof sentence);
  table_cell(table, output_level_tone((enum evald_level)finding->level),
             evald_finding_name((enum evald_finding_code)finding->code));
  table_cell(table, TONE_PLAIN, count_text(ctl, times->forms));
  table_cell(table, TONE_PLAIN, count_text(ctl, times->all));
  table_cell(table, TONE_PLAIN,
             output_text(ctl->arena, (struct evald_text){sentence, size}));
}

static void sheet_codes(struct ctl *ctl,
                        const struct evald_verdict *const *verdicts,
                        size_t count) {
  const struct table_column columns[] = {{_("finding"), false, false},
                                         {_("forms"), true, false},
                                         {_("times"), true, false},
                                         {_("for example"), false, true}};
  struct table *table =
      table_new(ctl->arena, columns, sizeof columns / sizeof columns[0]);
  for (size_t i = 0; i < CODES; i++) {
    struct times times = {0};
    for (size_t k = 0; k < count; k++)
      count_in(verdicts[k], codes[i], &times);
    if (times.all > 0) code_row(ctl, table, &times);
  }
  table_print(table, stdout);
}

/* Totals by tens of points: 100 and more in the last, below 0 in the first. */
static void sheet_totals(struct ctl *ctl,
                         const struct evald_verdict *const *verdicts,
                         size_t count) {
  enum { TENS = 10, BAR = 40 };
  size_t tens[TENS] = {0};
  size_t most = 0;
  for (size_t i = 0; i < count; i++) {
    int64_t ten = verdicts[i]->total / (10 * (int64_t)EVALD_DECIMAL_ONE);
    size_t *of = &tens[ten < 0 ? 0 : ten < TENS ? ten : TENS - 1];
    if (++*of > most) most = *of;
  }
  output_tone(stdout, TONE_STRONG, "%s\n", _("Totals by the rules"));
  for (int ten = 0; ten < TENS; ten++) {
    printf(ten < TENS - 1 ? "  %3d – " : "  %3d +  ", ten * 10);
    for (size_t k = 0; k < (tens[ten] * BAR + most - 1) / most; k++)
      fputs("█", stdout);
    printf("%s%s\n", tens[ten] ? " " : "",
           tens[ten] ? count_text(ctl, tens[ten]) : "");
  }
}

void view_sheet(struct ctl *ctl, const struct evald_verdict *const *verdicts,
                size_t count) {
  sheet_forms(ctl, verdicts, count);
  putchar('\n');
  sheet_codes(ctl, verdicts, count);
  putchar('\n');
  sheet_totals(ctl, verdicts, count);
  putchar('\n');
}
