/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/label.h"
#include "ctl/view.h"
#include <string.h>

/* One line of arithmetic for each operation. A letter in braces stands for an
 * operand, {r} for the result. */
static const char *const lines[] = {
    [EVALD_OPERATION_RATIO] = N_("{a} × {b} ÷ {c} = {r}"),
    [EVALD_OPERATION_MINIMUM] = N_("the smaller of {a} and {b} = {r}"),
    [EVALD_OPERATION_GIVEN] = N_("taken as it stands: {r}"),
    [EVALD_OPERATION_ROUND] = N_("{a}, rounded, = {r}"),
    [EVALD_OPERATION_LOSS] = N_("{a} − {a} × {b}% × {c}, at least 0, = {r}"),
    [EVALD_OPERATION_SUBTRACT] = N_("{a} − {b}, at least 0, = {r}"),
    [EVALD_OPERATION_SUM] = N_("the sum of the scores above = {r}"),
    [EVALD_OPERATION_GRADE] = N_("a total of {a} has the grade {r}"),
};
_Static_assert(sizeof lines / sizeof lines[0] == EVALD_OPERATION_COUNT,
               "every operation has a line");

/* What stands without arithmetic, by the rule that gives it: why it does. */
static const char *const given[EVALD_RULE_COUNT] = {
    [EVALD_RULE_FORM] = N_("nothing stands there that could be scored: {r}"),
    [EVALD_RULE_EXECUTION_FORMULA] =
        N_("the whole weight from 100%, nothing below 0: {r}"),
    [EVALD_RULE_ZERO_BUDGET] = N_("no rate without a budget: {r}"),
    [EVALD_RULE_TARGET_MET] = N_("the target is met: the full {r}"),
    [EVALD_RULE_TARGET_MISSED] = N_("too far from the target: {r}"),
    [EVALD_RULE_REVERSE_TARGET] = N_("too far from the target: {r}"),
    [EVALD_RULE_EQUAL_TARGET] = N_("too far from the target: {r}"),
    [EVALD_RULE_ZERO_TARGET] = N_("a target of 0 is met or earns nothing: {r}"),
    [EVALD_RULE_NEGATIVE_ACTUAL] = N_("a negative value cannot be scored: {r}"),
    [EVALD_RULE_PASS_LINE] = N_("below the pass line: {r}"),
    [EVALD_RULE_QUALITATIVE] = N_("the declared score stands: {r}"),
};

static const char *line_of(const struct evald_trace_step *step) {
  if (step->operation == EVALD_OPERATION_GIVEN &&
      step->rule < EVALD_RULE_COUNT && given[step->rule])
    return _(given[step->rule]);
  return _(lines[step->operation]);
}

static const char *operand(struct ctl *ctl, const struct evald_verdict *verdict,
                           const struct evald_trace_step *step, char letter) {
  switch (letter) {
  case 'a':
    return label_decimal(ctl->job, step->a);
  case 'b':
    return label_decimal(ctl->job, step->b);
  case 'c':
    return label_decimal(ctl->job, step->c);
  default:
    break;
  }
  if (step->operation == EVALD_OPERATION_GRADE)
    return view_text(ctl,
                     evald_ruleset_grade(verdict->ruleset, verdict->grade));
  return label_decimal(ctl->job, step->result);
}

static const char *arithmetic(struct ctl *ctl,
                              const struct evald_verdict *verdict,
                              const struct evald_trace_step *step) {
  if (step->operation >= EVALD_OPERATION_COUNT) return "?";
  const char *line = line_of(step), *brace;
  const char *text = "";
  for (; (brace = strchr(line, '{')) && brace[1]; line = brace + 3)
    text = output_format(ctl->job, "%s%.*s%s", text, (int)(brace - line), line,
                         operand(ctl, verdict, step, brace[1]));
  return output_format(ctl->job, "%s%s", text, line);
}

static bool same_cell(struct evald_cell a, struct evald_cell b) {
  return a.field == b.field && a.index == b.index;
}

static bool rounds(const struct evald_trace_step *step) {
  return step->operation == EVALD_OPERATION_RATIO ||
         step->operation == EVALD_OPERATION_ROUND ||
         step->operation == EVALD_OPERATION_LOSS ||
         step->operation == EVALD_OPERATION_SUM;
}

static void print_step(struct ctl *ctl, const struct evald_verdict *verdict,
                       const struct evald_trace_step *step) {
  enum evald_rule rule = (enum evald_rule)step->rule;
  struct evald_text source = evald_ruleset_source(verdict->ruleset, rule);
  const char *rounding =
      rounds(step) ? label_rounding(ctl->job, step->rounding, ctl->chinese)
                   : "";
  const char *line = arithmetic(ctl, verdict, step);
  if (rounding[0])
    line = output_format(ctl->job, _("%s  (%s)"), line, rounding);
  fputs("    ", stdout);
  output_hanging(stdout, 4, evald_text_of(line));
  output_tone(stdout, TONE_FAINT, _("    rule %s: %.*s\n"),
              evald_rule_path(rule), (int)source.size,
              source.data ? source.data : "");
}

/* What the form says of a row, which its arithmetic begins with. */
static void print_claim(struct ctl *ctl, const struct evald_indicator *row) {
  printf(_("    target %s, reached %s, %s points, declared score %s\n"),
         label_target(ctl->job, row), label_actual(ctl->job, row),
         label_figure(ctl->job, row->weight),
         label_figure(ctl->job, row->score));
}

static void print_cell(struct ctl *ctl, const struct evald_verdict *verdict,
                       const struct evald_trace_step *step) {
  const char *points = step->scores ? _("counts in the total") : "";
  output_tone(stdout, TONE_STRONG, "  %s",
              label_cell(ctl->job, verdict->form, step->cell));
  output_tone(stdout, TONE_GOOD, "%s%s\n", points[0] ? "  + " : "", points);
  if (step->cell.field == EVALD_CELL_INDICATOR_SCORE &&
      step->cell.index < verdict->form->indicator_count)
    print_claim(ctl, &verdict->form->indicators[step->cell.index]);
}

void view_trace(struct ctl *ctl, const struct evald_verdict *verdict) {
  output_tone(stdout, TONE_STRONG, "%s\n\n", _("How each point came about"));
  for (size_t i = 0; i < verdict->trace_count; i++) {
    const struct evald_trace_step *step = &verdict->trace[i];
    if (i == 0 || step->scores || !same_cell(step->cell, step[-1].cell))
      print_cell(ctl, verdict, step);
    print_step(ctl, verdict, step);
  }
  putchar('\n');
}
