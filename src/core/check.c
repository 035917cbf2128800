/* SPDX-License-Identifier: Apache-2.0 */
#include "core/check.h"

#include "core/checks.h"
#include "core/fold.h"
#include "core/settle.h"
#include "core/worth.h"

/* By enum ruleset_finding; I01, which no check raises, has no function. */
static const struct {
  void (*function)(const struct check *check);
  uint8_t rule; /* enum evald_rule */
} table[RULESET_CHECK_COUNT] = {
#define X(code, when, rule)                                                    \
  [RULESET_CHECK_##code] = {check_##code, EVALD_RULE_##rule},
    CHECK_LIST(X)
#undef X
};

/* The sets of those that look at the form alone, and of those that look at the
 * score too. */
#define IN_FORM_FORM(code) | UINT64_C(1) << RULESET_CHECK_##code
#define IN_FORM_SCORE(code)
#define IN_SCORE_FORM(code)
#define IN_SCORE_SCORE(code) | UINT64_C(1) << RULESET_CHECK_##code
#define X(code, when, rule)  IN_FORM_##when(code)
static const uint64_t form_checks = 0 CHECK_LIST(X);
#undef X
#define X(code, when, rule) IN_SCORE_##when(code)
static const uint64_t score_checks = 0 CHECK_LIST(X);
#undef X

/* In the order of their numbers, which is that of the findings. */
static void run(struct check *check, uint64_t checks) {
  for (; checks; checks &= checks - 1) {
    unsigned which = (unsigned)__builtin_ctzll(checks);
    check->settings = &check->ruleset->checks[which];
    if (check->settings->off) continue;
    check->which = (enum ruleset_finding)which;
    check->rule = (enum evald_rule)table[which].rule;
    table[which].function(check);
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
  out->worth = worth_form(out);
  run(&check, out->worth & form_checks);
  return full(findings->status, fault);
}

enum evald_status core_check_scored(const struct checked_form *form,
                                    const struct evald_verdict *scored,
                                    struct finding_list *findings,
                                    struct evald_fault *fault) {
  struct check check = make_check(form, scored, findings);
  run(&check, (form->worth | worth_scored(form, scored)) & score_checks);
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

struct evald_value check_ratio(const struct check *check, size_t index) {
  const struct evald_row_score *score = &check->scored->rows[index];
  if (!score->has_ratio) return (struct evald_value){0};
  return value_decimal(score->ratio);
}
