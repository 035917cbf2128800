/* SPDX-License-Identifier: Apache-2.0 */
#include "core/check.h"

#include "core/checks.h"
#include "core/fold.h"
#include "core/settle.h"

enum when { CHECK_FORM, CHECK_SCORE };

static const struct {
  void (*function)(const struct check *check);
  uint8_t which; /* enum ruleset_finding */
  uint8_t when;
  uint8_t rule; /* enum evald_rule */
} table[] = {
#define X(code, when, rule)                                                    \
  {check_##code, RULESET_CHECK_##code, CHECK_##when, EVALD_RULE_##rule},
    CHECK_LIST(X)
#undef X
};

static void run(struct check *check, enum when when) {
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (table[i].when != when) continue;
    check->settings = &check->ruleset->checks[table[i].which];
    if (check->settings->off) continue;
    check->which = (enum ruleset_finding)table[i].which;
    check->rule = (enum evald_rule)table[i].rule;
    table[i].function(check);
  }
}

static struct check make_check(const struct checked_form *form,
                               const struct evald_verdict *scored,
                               struct finding_list *findings) {
  return (struct check){.form = form,
                        .claim = form->claim,
                        .ruleset = form->ruleset,
                        .scored = scored,
                        .rows = form->rows,
                        .row_count = form->claim->indicator_count,
                        .findings = findings};
}

static enum evald_status full(enum evald_status status,
                              struct evald_fault *fault) {
  if (status == EVALD_OK) return EVALD_OK;
  return evald_fault_set(fault, status, NULL, "the arena is full");
}

enum evald_status core_check(const struct evald_form *form,
                             const struct evald_ruleset *ruleset,
                             struct checked_form *out,
                             struct finding_list *findings,
                             struct evald_fault *fault) {
  enum evald_status status = settle_form(form, ruleset, findings->arena, out);
  if (status != EVALD_OK) return full(status, fault);
  struct check check = make_check(out, NULL, findings);
  run(&check, CHECK_FORM);
  return full(findings->status, fault);
}

enum evald_status core_check_scored(const struct checked_form *form,
                                    const struct evald_verdict *scored,
                                    struct finding_list *findings,
                                    struct evald_fault *fault) {
  struct check check = make_check(form, scored, findings);
  run(&check, CHECK_SCORE);
  finding_list_sort(findings);
  return full(findings->status, fault);
}

struct evald_finding *check_raise(const struct check *check,
                                  struct evald_cell cell) {
  return finding_raise(check->findings, check->which, check->rule, cell);
}

bool check_percent(struct evald_text unit) {
  if (unit.size == 1) return unit.data[0] == '%';
  return !fold_plain(unit) && fold_equal(unit, EVALD_TEXT("%"));
}

struct evald_value check_claimed(const struct evald_claim *claim) {
  if (claim->kind == EVALD_CLAIM_NUMBER) return value_decimal(claim->number);
  if (settle_absent(claim)) return (struct evald_value){0};
  return value_text(claim->text);
}

bool check_missed(const struct checked_row *row) {
  return (row->method == ROW_QUANTITATIVE && !row->met) ||
         (row->method == ROW_QUALITATIVE && row->level > 0);
}

struct evald_value check_ratio(const struct check *check, size_t index) {
  const struct evald_row_score *score = &check->scored->rows[index];
  if (!score->has_ratio) return (struct evald_value){0};
  return value_decimal(score->ratio);
}
