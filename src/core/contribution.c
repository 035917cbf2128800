/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contribution.h"

#include "core/fold.h"
#include "core/ruleset.h"

static const char *const names[] = {
#define X(name, field) field,
    CORE_COUNTER_LIST(X)
#undef X
};

const char *core_counter_name(enum core_counter counter) {
  return (unsigned)counter < CORE_COUNTER_COUNT ? names[counter] : "?";
}

struct evald_cell core_counter_cell(enum core_counter counter) {
  static const struct evald_cell cells[CORE_COUNTER_COUNT] = {
      [CORE_COUNTER_OPENING] = {EVALD_CELL_FUND_OPENING, EVALD_FUND_TOTAL},
      [CORE_COUNTER_BUDGET] = {EVALD_CELL_FUND_BUDGET, EVALD_FUND_TOTAL},
      [CORE_COUNTER_EXECUTED] = {EVALD_CELL_FUND_EXECUTED, EVALD_FUND_TOTAL},
      [CORE_COUNTER_TOTAL] = {EVALD_CELL_TOTAL, 0},
      [CORE_COUNTER_EXECUTION_SCORE] = {EVALD_CELL_FUND_SCORE,
                                        EVALD_FUND_TOTAL}};
  _Static_assert(EVALD_CELL_FORM == 0, "what is not named is the form");
  return cells[counter];
}

/* An amount in 分: a millionth of a 万元, a hundredth of a 元. */
static enum evald_status fen(const struct evald_form *form,
                             const struct evald_figure *amount, int64_t *out) {
  enum { OF_YUAN = EVALD_DECIMAL_ONE / 100 };
  if (!amount->present) return EVALD_OK;
  if (form->money_unit == EVALD_MONEY_WAN_YUAN) {
    *out = amount->value;
    return EVALD_OK;
  }
  if (amount->value % OF_YUAN != 0) return EVALD_RANGE;
  *out = amount->value / OF_YUAN;
  return EVALD_OK;
}

static enum evald_status count_money(const struct evald_form *form,
                                     int64_t *counter) {
  const struct evald_fund_row *total = &form->funds[EVALD_FUND_TOTAL];
  if (!total->present) return EVALD_OK;
  enum evald_status status =
      fen(form, &total->opening, &counter[CORE_COUNTER_OPENING]);
  if (status == EVALD_OK) {
    status = fen(form, &total->budget, &counter[CORE_COUNTER_BUDGET]);
  }
  if (status == EVALD_OK) {
    status = fen(form, &total->executed, &counter[CORE_COUNTER_EXECUTED]);
  }
  return status;
}

static void count_findings(const struct evald_verdict *verdict,
                           int64_t *counter) {
  const size_t *count = verdict->level_count;
  counter[CORE_COUNTER_ERRORS] = (int64_t)count[EVALD_LEVEL_ERROR];
  counter[CORE_COUNTER_WARNINGS] = (int64_t)count[EVALD_LEVEL_WARNING];
  counter[CORE_COUNTER_INFOS] = (int64_t)count[EVALD_LEVEL_INFO];
  counter[CORE_COUNTER_FORMS_WITH_ERRORS] = count[EVALD_LEVEL_ERROR] > 0;
  counter[CORE_COUNTER_FORMS_WITH_WARNINGS] = count[EVALD_LEVEL_WARNING] > 0;
}

/* A total of 100 and more belongs to the last ten points, one below 0 to the
 * first. */
static void count_total(const struct evald_verdict *verdict, int64_t *counter) {
  enum { TENS = CORE_COUNTER_SCORE_90 - CORE_COUNTER_SCORE_0 };
  int64_t ten = verdict->total / (10 * (int64_t)EVALD_DECIMAL_ONE);
  if (ten < 0) ten = 0;
  if (ten > TENS) ten = TENS;
  counter[CORE_COUNTER_SCORE_0 + ten] = 1;
  counter[CORE_COUNTER_TOTAL] = verdict->total;
  counter[CORE_COUNTER_EXECUTION_SCORE] = verdict->execution.score;
}

/* What was declared otherwise than the rules have it. */
static void count_differences(const struct evald_verdict *verdict,
                              int64_t *counter) {
  const struct evald_form *form = verdict->form;
  counter[CORE_COUNTER_TOTAL_DIFFERS] =
      form->total.present && form->total.value != verdict->total;
  counter[CORE_COUNTER_GRADE_DIFFERS] =
      !fold_blank(form->grade) &&
      core_ruleset_grade_named(verdict->ruleset, form->grade) !=
          (int)verdict->grade;
}

enum evald_status core_contribution_of(const struct evald_verdict *verdict,
                                       struct contribution *out) {
  struct contribution sum = {{0}};
  enum evald_status status = count_money(verdict->form, sum.counter);
  if (status != EVALD_OK) return status;
  const struct evald_ruleset *ruleset = verdict->ruleset;
  unsigned tier = ruleset->grades[verdict->grade].tier;
  sum.counter[CORE_COUNTER_FORMS] = 1;
  sum.counter[CORE_COUNTER_INDICATORS] =
      (int64_t)verdict->form->indicator_count;
  sum.counter[CORE_COUNTER_EXCELLENT + tier] = 1;
  count_total(verdict, sum.counter);
  count_findings(verdict, sum.counter);
  count_differences(verdict, sum.counter);
  *out = sum;
  return EVALD_OK;
}

enum evald_status core_contribution_add(struct contribution *sum,
                                        const struct contribution *part) {
  struct contribution result;
  bool overflow = false;
  for (size_t i = 0; i < CORE_COUNTER_COUNT; i++) {
    overflow |= __builtin_add_overflow(sum->counter[i], part->counter[i],
                                       &result.counter[i]);
  }
  if (overflow) return EVALD_RANGE;
  *sum = result;
  return EVALD_OK;
}

enum evald_status core_contribution_subtract(struct contribution *sum,
                                             const struct contribution *part) {
  struct contribution result;
  bool overflow = false;
  for (size_t i = 0; i < CORE_COUNTER_COUNT; i++) {
    overflow |= __builtin_sub_overflow(sum->counter[i], part->counter[i],
                                       &result.counter[i]);
  }
  if (overflow) return EVALD_RANGE;
  *sum = result;
  return EVALD_OK;
}

uint64_t core_contribution_misfits(const struct contribution *sum,
                                   const struct contribution *out,
                                   const struct contribution *in) {
  uint64_t misfits = 0;
  for (unsigned i = 0; i < CORE_COUNTER_COUNT; i++) {
    int64_t next = sum->counter[i];
    bool overflow = out && __builtin_sub_overflow(next, out->counter[i], &next);
    overflow |= in && __builtin_add_overflow(next, in->counter[i], &next);
    misfits |= (uint64_t)overflow << i;
  }
  return misfits;
}

uint64_t core_contribution_checksum(const struct contribution *sum) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < CORE_COUNTER_COUNT; i++) {
    hash = (hash ^ (uint64_t)sum->counter[i]) * UINT64_C(1099511628211);
  }
  return hash;
}
