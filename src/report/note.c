/* SPDX-License-Identifier: Apache-2.0 */
#include "report/note.h"

/* Where cells that belong to no fund row and no indicator are shown. */
static const uint8_t rows[EVALD_CELL_COUNT] = {
    [EVALD_CELL_FORM] = ROW_HEADING,
    [EVALD_CELL_DIVISION] = ROW_PROJECT,
    [EVALD_CELL_YEAR] = ROW_PROJECT,
    [EVALD_CELL_PROJECT_NAME] = ROW_PROJECT,
    [EVALD_CELL_DEPARTMENT] = ROW_DEPARTMENT,
    [EVALD_CELL_AGENCY] = ROW_DEPARTMENT,
    [EVALD_CELL_GOAL_EXPECTED] = ROW_GOAL,
    [EVALD_CELL_GOAL_ACTUAL] = ROW_GOAL,
    [EVALD_CELL_INDICATORS] = ROW_HEADING,
    [EVALD_CELL_TOTAL] = ROW_TOTAL,
    [EVALD_CELL_GRADE] = ROW_GRADE,
    [EVALD_CELL_REASON] = ROW_EXPLANATION,
    [EVALD_CELL_MEASURE] = ROW_EXPLANATION};

unsigned note_row(struct evald_cell cell) {
  if (cell.field >= EVALD_CELL_FUND && cell.field <= EVALD_CELL_FUND_SCORE)
    return ROW_FUND + cell.index;
  if (cell.field >= EVALD_CELL_INDICATOR &&
      cell.field <= EVALD_CELL_INDICATOR_MEASURE)
    return ROW_INDICATOR + cell.index;
  return rows[cell.field];
}

void note_finding(struct report *report, const struct evald_verdict *verdict,
                  const struct evald_finding *finding) {
  char sentence[1024];
  enum evald_rule rule = (enum evald_rule)finding->rule;
  size_t size = evald_finding_sentence(finding, report->chinese, sentence,
                                       sizeof sentence);
  write_format(report, "<div class=\"note %s\" title=\"%s: ",
               evald_level_name((enum evald_level)finding->level),
               evald_rule_path(rule));
  write_text(report, evald_ruleset_source(verdict->ruleset, rule));
  write_format(report, "\"><b>%s</b> ",
               evald_finding_name((enum evald_finding_code)finding->code));
  write_text(report, (struct evald_text){sentence, size});
  write_raw(report, "</div>");
}

/* The worst level is written first. */
static void note_level(struct report *report,
                       const struct evald_verdict *verdict, unsigned row,
                       unsigned level) {
  for (size_t i = 0; i < verdict->finding_count; i++) {
    const struct evald_finding *finding = &verdict->findings[i];
    if (finding->level == level && note_row(finding->cell) == row)
      note_finding(report, verdict, finding);
  }
}

void note_cell(struct report *report, const struct evald_verdict *verdict,
               unsigned row) {
  write_raw(report, "<td class=\"notes\">");
  for (unsigned level = 0; level < EVALD_LEVEL_COUNT; level++)
    note_level(report, verdict, row, level);
  write_raw(report, "</td></tr>\n");
}

const char *note_class(const struct evald_verdict *verdict,
                       enum evald_cell_field field, size_t index) {
  unsigned worst = EVALD_LEVEL_COUNT;
  for (size_t i = 0; i < verdict->finding_count; i++) {
    const struct evald_finding *finding = &verdict->findings[i];
    if (finding->cell.field != field || finding->cell.index != index) continue;
    if (finding->level < worst) worst = finding->level;
  }
  return worst == EVALD_LEVEL_COUNT ? ""
                                    : evald_level_name((enum evald_level)worst);
}

void note_counts(struct report *report, const struct evald_verdict *verdict) {
  for (int level = 0; level < EVALD_LEVEL_COUNT; level++) {
    size_t count = verdict->level_count[level];
    if (count == 0) continue;
    write_format(report, "<span class=\"chip %s\">%s %zu</span>",
                 evald_level_name((enum evald_level)level),
                 evald_level_text((enum evald_level)level, report->chinese),
                 count);
  }
}

static struct evald_text source_of(const struct evald_verdict *verdict,
                                   size_t index) {
  return evald_ruleset_source(verdict->ruleset,
                              (enum evald_rule)verdict->findings[index].rule);
}

/* Whether a finding before this one has the same source; with `code`, the same
 * code as well. */
static bool said(const struct evald_verdict *verdict, size_t index, bool code) {
  struct evald_text source = source_of(verdict, index);
  for (size_t i = 0; i < index; i++) {
    if (evald_text_equal(source_of(verdict, i), source) &&
        (!code || verdict->findings[i].code == verdict->findings[index].code))
      return true;
  }
  return false;
}

/* A source with the codes that it stands behind. */
static void note_source(struct report *report,
                        const struct evald_verdict *verdict, size_t first) {
  struct evald_text source = source_of(verdict, first);
  write_raw(report, "<li>");
  for (size_t i = first; i < verdict->finding_count; i++) {
    const struct evald_finding *finding = &verdict->findings[i];
    if (!evald_text_equal(source_of(verdict, i), source) ||
        said(verdict, i, true))
      continue;
    write_format(report, "<span class=\"code %s\">%s</span> ",
                 evald_level_name((enum evald_level)finding->level),
                 evald_finding_name((enum evald_finding_code)finding->code));
  }
  write_text(report, source);
  write_raw(report, "</li>\n");
}

void note_sources(struct report *report, const struct evald_verdict *verdict) {
  if (verdict->finding_count == 0) return;
  write_raw(report, "<h3>");
  write_word(report, WORD_SOURCES);
  write_raw(report, "</h3>\n<ul class=\"sources\">");
  for (size_t i = 0; i < verdict->finding_count; i++) {
    if (!said(verdict, i, false)) note_source(report, verdict, i);
  }
  write_raw(report, "</ul>\n");
}
