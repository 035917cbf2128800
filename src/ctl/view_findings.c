/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/label.h"
#include "ctl/view.h"

static void counts(const struct evald_verdict *verdict) {
  const size_t *count = verdict->level_count;
  const size_t errors = count[EVALD_LEVEL_ERROR];
  const size_t warnings = count[EVALD_LEVEL_WARNING];
  const size_t infos = count[EVALD_LEVEL_INFO];
  output_tone(stdout, TONE_STRONG, "%s  ", _("Findings"));
  if (verdict->finding_count == 0) {
    output_tone(stdout, TONE_GOOD, "%s\n", _("none"));
    return;
  }
  printf(P_("%zu error", "%zu errors", errors), errors);
  fputs(_(", "), stdout);
  printf(P_("%zu warning", "%zu warnings", warnings), warnings);
  fputs(_(", "), stdout);
  printf(P_("%zu remark", "%zu remarks", infos), infos);
  putchar('\n');
}

/* Findings whose `expected` is not what should stand in the cell but what it is
 * compared with: a limit, a target, another figure of the form. */
static bool compares(const struct evald_finding *finding) {
  static const uint16_t codes[] = {EVALD_FINDING_A04, EVALD_FINDING_W02,
                                   EVALD_FINDING_C01, EVALD_FINDING_C08,
                                   EVALD_FINDING_C09, EVALD_FINDING_C10,
                                   EVALD_FINDING_C15, EVALD_FINDING_C16,
                                   EVALD_FINDING_C18, EVALD_FINDING_C19};
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
    if (finding->code == codes[i]) return true;
  }
  return false;
}

/* "declared 99.04, expected 99.03", as far as there is something to say. */
static void values(const struct evald_finding *finding) {
  char text[512];
  if (finding->printed.kind != EVALD_VALUE_NONE) {
    evald_value_print(&finding->printed, text, sizeof text);
    printf(_(" · declared %s"), output_tame(text));
  }
  if (finding->expected.kind != EVALD_VALUE_NONE) {
    evald_value_print(&finding->expected, text, sizeof text);
    printf(compares(finding) ? _(" · against %s") : _(" · expected %s"),
           output_tame(text));
  }
}

static void one(struct ctl *ctl, const struct evald_verdict *verdict,
                const struct evald_finding *finding) {
  char text[1024], path[EVALD_CELL_PATH];
  enum evald_level level = (enum evald_level)finding->level;
  enum evald_rule rule = (enum evald_rule)finding->rule;
  struct evald_text source = evald_ruleset_source(verdict->ruleset, rule);
  evald_finding_sentence(finding, ctl->chinese, text, sizeof text);
  evald_cell_path(finding->cell, path);
  output_tone(stdout, output_level_tone(level), "%s %s ",
              output_level_mark(level),
              evald_finding_name((enum evald_finding_code)finding->code));
  output_hanging(stdout, 6, evald_text_of(output_tame(text)));
  printf("      %s", label_cell(ctl->job, verdict->form, finding->cell));
  values(finding);
  putchar('\n');
  const char *basis =
      output_format(ctl->job, _("%s · rule %s: %.*s"), path,
                    evald_rule_path(rule), (int)source.size, source.data);
  if (output_colours(stdout)) fputs("\033[2m", stdout);
  output_paragraph(stdout, 6, evald_text_of(basis));
  if (output_colours(stdout)) fputs("\033[0m", stdout);
}

void view_findings(struct ctl *ctl, const struct evald_verdict *verdict) {
  counts(verdict);
  for (size_t i = 0; i < verdict->finding_count; i++)
    one(ctl, verdict, &verdict->findings[i]);
}
