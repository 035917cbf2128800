/* SPDX-License-Identifier: Apache-2.0 */
#include "report/sheet.h"

#include "report/form.h"
#include "report/note.h"

static void card(struct report *report, enum report_word word, size_t count,
                 const char *class) {
  write_format(report, "<div class=\"card %s\"><b>%zu</b>", class, count);
  write_word(report, word);
  write_raw(report, "</div>");
}

static void mean_card(struct report *report, const struct batch *batch) {
  static const struct evald_rounding rounding = {EVALD_ROUND_HALF_UP, 2};
  evald_decimal sum = 0;
  evald_decimal mean = 0;
  for (size_t i = 0; i < batch->count; i++) {
    if (evald_decimal_add(sum, batch->items[i]->total, &sum) != EVALD_OK)
      return;
  }
  if (evald_decimal_ratio(sum, 1, (evald_decimal)batch->count, rounding,
                          &mean) != EVALD_OK)
    return;
  write_raw(report, "<div class=\"card\"><b>");
  write_decimal(report, mean);
  write_raw(report, "</b>");
  write_word(report, WORD_MEAN);
  write_raw(report, "</div>");
}

static bool changed(const struct evald_verdict *verdict) {
  const struct evald_figure *declared = &verdict->form->total;
  return declared->present && declared->value != verdict->total;
}

/* Grades with their number, by name: rulesets may name them differently. */
static void grade_chips(struct report *report, const struct batch *batch) {
  write_raw(report, "<div class=\"card grades\">");
  for (size_t i = batch->count; i-- > 0;) { /* the best first */
    const struct evald_verdict *verdict = batch->items[i];
    struct evald_text name =
        evald_ruleset_grade(verdict->ruleset, verdict->grade);
    size_t count = 0;
    bool first = true;
    for (size_t k = 0; k < batch->count; k++) {
      const struct evald_verdict *other = batch->items[k];
      if (other->grade != verdict->grade ||
          !evald_text_equal(name,
                            evald_ruleset_grade(other->ruleset, other->grade)))
        continue;
      count++;
      if (k > i) first = false;
    }
    if (!first) continue;
    form_grade(report, verdict);
    write_format(report, " %zu ", count);
  }
  write_raw(report, "<span class=\"under\">");
  write_word(report, WORD_GRADE);
  write_raw(report, "</span></div>");
}

static void cards(struct report *report, const struct batch *batch) {
  size_t errors = 0;
  size_t changes = 0;
  for (size_t i = 0; i < batch->count; i++) {
    errors += batch->items[i]->level_count[EVALD_LEVEL_ERROR] > 0;
    changes += changed(batch->items[i]);
  }
  write_raw(report, "<div class=\"cards\">");
  card(report, WORD_FORMS, batch->count, "");
  mean_card(report, batch);
  grade_chips(report, batch);
  card(report, WORD_WITH_ERRORS, errors, errors ? "error" : "fine");
  card(report, WORD_CHANGED, changes, changes ? "error" : "fine");
  write_raw(report, "</div>\n");
}

struct tally {
  size_t forms, times;
  const struct evald_verdict *verdict; /* the first that has it */
  const struct evald_finding *finding;
};

static struct tally tally_of(const struct batch *batch, unsigned code) {
  struct tally tally = {0};
  for (size_t i = 0; i < batch->count; i++) {
    const struct evald_verdict *verdict = batch->items[i];
    size_t before = tally.times;
    for (size_t k = 0; k < verdict->finding_count; k++) {
      if (verdict->findings[k].code != code) continue;
      if (!tally.finding) {
        tally.finding = &verdict->findings[k];
        tally.verdict = verdict;
      }
      tally.times++;
    }
    tally.forms += tally.times > before;
  }
  return tally;
}

static void tally_row(struct report *report, const struct batch *batch,
                      const struct tally *tally) {
  size_t percent = tally->forms * 100 / batch->count;
  write_format(report,
               "<tr><td class=\"number\">%zu</td><td class=\"number\">%zu</td>"
               "<td class=\"bar\"><i class=\"%s\" style=\"width:%zu%%\"></i>"
               "</td><td>",
               tally->forms, tally->times,
               evald_level_name((enum evald_level)tally->finding->level),
               percent ? percent : 1);
  note_finding(report, tally->verdict, tally->finding);
  write_raw(report, "</td></tr>\n");
}

/* In the order of the list of findings. */
static void by_code(struct report *report, const struct batch *batch) {
  write_raw(report, "<h3>");
  write_word(report, WORD_BY_CODE);
  write_raw(report, "</h3><table class=\"plain\"><tr><th>");
  write_word(report, WORD_IN_FORMS);
  write_raw(report, "</th><th>");
  write_word(report, WORD_TIMES);
  write_raw(report, "</th><th class=\"bar\"></th><th class=\"left\">");
  write_word(report, WORD_EXAMPLE);
  write_raw(report, "</th></tr>\n");
  for (size_t i = 0;; i++) {
    unsigned code = evald_finding_at(i);
    if (code == 0) break;
    struct tally tally = tally_of(batch, code);
    if (tally.times > 0) tally_row(report, batch, &tally);
  }
  write_raw(report, "</table>\n");
}

static void codes(struct report *report, const struct evald_verdict *verdict) {
  unsigned last = 0;
  for (size_t i = 0; i < verdict->finding_count; i++) {
    const struct evald_finding *finding = &verdict->findings[i];
    if (finding->code == last) continue;
    last = finding->code;
    write_format(report, "<span class=\"code %s\">%s</span> ",
                 evald_level_name((enum evald_level)finding->level),
                 evald_finding_name((enum evald_finding_code)finding->code));
  }
}

static void project_cell(struct report *report, const struct batch *batch,
                         size_t index) {
  const struct evald_form *form = batch->items[index]->form;
  bool linked = index < batch->detailed;
  write_raw(report, "<td class=\"left\">");
  if (linked) write_format(report, "<a href=\"#form-%zu\">", index + 1);
  write_text(report, form->pro_name);
  if (linked) write_raw(report, "</a>");
  write_raw(report, "<small>");
  write_text(report, form->dept_name);
  write_raw(report, "</small></td>");
}

static void form_line(struct report *report, const struct batch *batch,
                      size_t index) {
  const struct evald_verdict *verdict = batch->items[index];
  const struct evald_figure rate = {verdict->execution.has_rate,
                                    verdict->execution.rate};
  write_format(report, "<tr><td class=\"number\">%zu</td>", index + 1);
  project_cell(report, batch, index);
  write_raw(report, "<td class=\"number\">");
  write_figure(report, rate);
  write_raw(report, "</td><td class=\"number\">");
  write_figure(report, verdict->form->total);
  write_format(report, "</td><td class=\"number %s\"><b>",
               changed(verdict) ? "error" : "");
  write_decimal(report, verdict->total);
  write_raw(report, "</b></td><td>");
  form_grade(report, verdict);
  write_raw(report, "</td>");
  for (size_t level = 0; level < EVALD_LEVEL_COUNT; level++)
    write_format(report, "<td class=\"number\">%zu</td>",
                 verdict->level_count[level]);
  write_raw(report, "<td class=\"left\">");
  codes(report, verdict);
  write_raw(report, "</td></tr>\n");
}

static void heading(struct report *report, const char *class,
                    const char *text) {
  write_format(report, "<th class=\"%s\">%s</th>", class, text);
}

static void form_list(struct report *report, const struct batch *batch) {
  int chinese = report->chinese;
  write_raw(report, "<h3>");
  write_word(report, WORD_WORST_FIRST);
  write_raw(report, "</h3><table class=\"plain\"><tr><th></th>");
  heading(report, "left", report_word(chinese, WORD_PROJECT));
  heading(report, "", report_word(chinese, WORD_EXECUTION));
  heading(report, "", report_word(chinese, WORD_DECLARED));
  heading(report, "", report_word(chinese, WORD_BY_RULE));
  heading(report, "", report_word(chinese, WORD_GRADE));
  for (int level = 0; level < EVALD_LEVEL_COUNT; level++)
    heading(report, "", evald_level_text((enum evald_level)level, chinese));
  heading(report, "left", report_word(chinese, WORD_FINDINGS));
  write_raw(report, "</tr>\n");
  for (size_t i = 0; i < batch->count; i++)
    form_line(report, batch, i);
  write_raw(report, "</table>\n");
  if (batch->detailed == batch->count) return;
  write_format(report, "<p class=\"small\">%zu ",
               batch->count - batch->detailed);
  write_word(report, WORD_OMITTED);
  write_raw(report, "</p>\n");
}

void sheet_write(struct report *report, const struct batch *batch) {
  write_raw(report, "<section class=\"sheet\" id=\"sheet\"><h1>");
  write_word(report, WORD_SHEET);
  write_raw(report, "</h1>\n");
  cards(report, batch);
  write_raw(report, "<h3>");
  write_word(report, WORD_HISTOGRAM);
  write_raw(report, "</h3>\n");
  histogram_write(report, batch);
  form_list(report, batch);
  by_code(report, batch);
  write_raw(report, "</section>\n");
}
