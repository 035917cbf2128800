/* SPDX-License-Identifier: Apache-2.0 */
#include "core/checks.h"
#include "core/exact.h"
#include "core/fold.h"
#include "core/score_parts.h"

static const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;

static const struct evald_fund_row *total_of(const struct check *check) {
  return &check->claim->funds[EVALD_FUND_TOTAL];
}

void check_C01(const struct check *check) {
  static const struct evald_rounding rounding = {EVALD_ROUND_HALF_UP, 2};
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (row->explained || !row->over_achieved) continue;
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_ACTUAL, i));
    finding->printed = value_decimal(row->actual);
    finding->expected = value_decimal(row->target);
    evald_decimal ratio = EVALD_DECIMAL_MAX;
    (void)evald_decimal_ratio(row->actual, hundred, row->target, rounding,
                              &ratio);
    finding->detail = value_decimal(ratio);
  }
}

/* One equal value is luck; all of them, when there are several, are not
 * measurements. */
void check_C02(const struct check *check) {
  size_t measured = 0;
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (row->method != ROW_QUANTITATIVE) continue;
    if (row->actual != row->target) return;
    measured++;
  }
  if (measured < 2) return;
  check_raise(check, cell_of(EVALD_CELL_INDICATORS))->printed =
      value_count(measured);
}

void check_C03(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct evald_indicator *claim = check->rows[i].claim;
    if (claim->actual.kind != EVALD_CLAIM_TEXT ||
        fold_blank(claim->actual.text)) {
      continue;
    }
    bool same = claim->target.kind == EVALD_CLAIM_TEXT &&
                fold_equal(claim->actual.text, claim->target.text);
    if (!same && !fold_compares(&check->ruleset->signs, claim->actual.text)) {
      continue;
    }
    check_raise(check, cell_at(EVALD_CELL_INDICATOR_ACTUAL, i))->printed =
        value_text(claim->actual.text);
  }
}

void check_C04(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    const struct evald_figure *declared = &row->claim->score;
    const struct evald_row_score *scored = &check->scored->rows[i];
    if (row->method != ROW_QUANTITATIVE || row->met) continue;
    if (!declared->present || declared->value < row->weight ||
        scored->score >= row->weight) {
      continue;
    }
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_SCORE, i));
    finding->printed = value_decimal(declared->value);
    finding->expected = value_decimal(scored->score);
    finding->detail = check_ratio(check, i);
    finding->rule = scored->rule;
  }
}

void check_C05(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    const struct evald_figure *declared = &row->claim->score;
    evald_decimal scored = check->scored->rows[i].score;
    if (row->method != ROW_QUANTITATIVE || !row->met || row->explained) {
      continue;
    }
    if (!declared->present || declared->value >= scored) continue;
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_SCORE, i));
    finding->printed = value_decimal(declared->value);
    finding->expected = value_decimal(scored);
  }
}

void check_C06(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (row->explained || !check_missed(row)) continue;
    check_raise(check, cell_at(EVALD_CELL_INDICATOR_REASON, i))->detail =
        check_ratio(check, i);
  }
}

/* The printed form has one column for both, so a reason that speaks of what
 * will be done is a measure too. */
static bool names_measure(const struct check *check, struct evald_text reason,
                          struct evald_text measure) {
  return !fold_says_nothing(measure) ||
         (words_in(&check->ruleset->words, reason).kinds & WORD_MEASURE);
}

void check_C07(const struct check *check) {
  const struct evald_form *form = check->claim;
  bool explained = !fold_says_nothing(form->reason);
  if (explained && check->form->executed != check->form->base &&
      !names_measure(check, form->reason, form->measure)) {
    (void)check_raise(check, cell_of(EVALD_CELL_MEASURE));
  } else if (!explained && !fold_says_nothing(form->measure)) {
    (void)check_raise(check, cell_of(EVALD_CELL_REASON));
  }
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    struct evald_text measure = row->claim->measure;
    if (row->method == ROW_DROPPED) continue;
    if (!row->explained) {
      if (fold_says_nothing(measure)) continue; /* C01, C05, C06 */
      (void)check_raise(check, cell_at(EVALD_CELL_INDICATOR_REASON, i));
    } else if (check_deviates(row) &&
               !names_measure(check, row->claim->reason, measure)) {
      (void)check_raise(check, cell_at(EVALD_CELL_INDICATOR_MEASURE, i));
    }
  }
}

/* The printed form has no cell for the reason of the execution; a reason given
 * anywhere on it counts. */
static bool explained_anywhere(const struct check *check) {
  if (!fold_says_nothing(check->claim->reason)) return true;
  for (size_t i = 0; i < check->row_count; i++) {
    if (check->rows[i].explained) return true;
  }
  return false;
}

void check_C08(const struct check *check) {
  const struct checked_form *form = check->form;
  evald_decimal limit = check->ruleset->explain_execution_below;
  if (!check->scored->execution.has_rate) return;
  if (evald_decimal_compare_products(form->executed, hundred, limit,
                                     form->base) >= 0 ||
      explained_anywhere(check)) {
    return;
  }
  struct evald_finding *finding =
      check_raise(check, cell_at(EVALD_CELL_FUND_RATE, EVALD_FUND_TOTAL));
  finding->printed = value_decimal(check->scored->execution.rate);
  finding->expected = value_decimal(limit);
}

static bool speaks_of_change(const struct check *check,
                             struct evald_text text) {
  return words_in(&check->ruleset->words, text).kinds & WORD_CHANGE;
}

static bool change_explained(const struct check *check) {
  const struct evald_form *form = check->claim;
  if (!fold_says_nothing(form->reason)) return true;
  if (speaks_of_change(check, form->goal_actual)) return true;
  for (size_t i = 0; i < check->row_count; i++) {
    if (check->rows[i].explained &&
        speaks_of_change(check, check->rows[i].claim->reason)) {
      return true;
    }
  }
  return false;
}

/* How far the budget is from the opening one, in percent of it; NONE where
 * that was 0. False where it is not far. */
static bool changed(const struct check *check, struct evald_value *out) {
  static const struct evald_rounding rounding = {EVALD_ROUND_HALF_UP, 1};
  evald_decimal limit = check->ruleset->explain_change_above;
  evald_decimal opening = total_of(check)->opening.value;
  evald_decimal change = total_of(check)->budget.value - opening;
  *out = (struct evald_value){0};
  if (opening == 0) return change > 0;
  if (change < 0) change = -change;
  if (opening < 0 || limit == 0 ||
      evald_decimal_compare_products(change, hundred, limit, opening) <= 0) {
    return false;
  }
  evald_decimal percent;
  if (evald_decimal_ratio(change, hundred, opening, rounding, &percent) ==
      EVALD_OK) {
    *out = value_decimal(percent);
  }
  return true;
}

void check_C09(const struct check *check) {
  const struct evald_fund_row *total = total_of(check);
  struct evald_value change;
  if (!total->present || !total->opening.present || !total->budget.present) {
    return;
  }
  if (!changed(check, &change) || change_explained(check)) return;
  struct evald_finding *finding =
      check_raise(check, cell_at(EVALD_CELL_FUND_BUDGET, EVALD_FUND_TOTAL));
  finding->printed = value_decimal(total->budget.value);
  finding->expected = value_decimal(total->opening.value);
  finding->detail = change;
}

/* The scores of the rows and what they are out of. */
static bool results(const struct check *check, evald_decimal *points,
                    evald_decimal *weight) {
  *points = 0;
  *weight = 0;
  for (size_t i = 0; i < check->row_count; i++) {
    const struct evald_row_score *row = &check->scored->rows[i];
    if (!row->counts) continue;
    if (exact_add(*points, row->score, points) != EVALD_OK ||
        exact_add(*weight, row->weight, weight) != EVALD_OK) {
      return false;
    }
  }
  return *points > 0 && *weight > 0;
}

/* The share of the execution's points, as the share of 1 that they are; where
 * a ruleset gives it none, the rate itself. */
static evald_decimal execution_share(const struct check *check) {
  static const struct evald_rounding exact = {EVALD_ROUND_HALF_UP,
                                              EVALD_DECIMAL_DIGITS};
  const struct evald_execution *execution = &check->scored->execution;
  evald_decimal share = 0;
  bool scored = execution->has_score && execution->weight > 0;
  (void)evald_decimal_ratio(
      scored ? execution->score : execution->rate, EVALD_DECIMAL_ONE,
      scored ? execution->weight : hundred, exact, &share);
  return share;
}

/* V20, the red light: (S/90 - E/10) / (S/90) = 1 - share * 90 / S. */
static evald_decimal red_gap(const struct check *check, evald_decimal points,
                             evald_decimal weight) {
  static const struct evald_rounding rounding = {EVALD_ROUND_HALF_UP, 2};
  evald_decimal part = 0;
  evald_decimal share = execution_share(check);
  evald_decimal wanted = 0;
  if (evald_decimal_ratio(share, weight, EVALD_DECIMAL_ONE,
                          (struct evald_rounding){EVALD_ROUND_HALF_UP, 6},
                          &wanted) != EVALD_OK ||
      wanted >= points ||
      evald_decimal_ratio(points - wanted, hundred, points, rounding, &part) !=
          EVALD_OK) {
    return 0;
  }
  return part;
}

/* V20, the yellow light: what is unspent, where results are almost full. */
static evald_decimal unspent(const struct check *check, evald_decimal points,
                             evald_decimal weight) {
  evald_decimal rate = check->scored->execution.rate;
  if (evald_decimal_compare_products(points, hundred, weight,
                                     check->settings->threshold) < 0) {
    return 0;
  }
  return rate < hundred ? hundred - rate : 0;
}

void check_C10(const struct check *check) {
  const struct evald_ruleset *ruleset = check->ruleset;
  evald_decimal points;
  evald_decimal weight;
  if (!check->scored->execution.has_rate || !results(check, &points, &weight)) {
    return;
  }
  evald_decimal limit = ruleset->light_red;
  evald_decimal gap = red_gap(check, points, weight);
  if (limit == 0 || gap <= limit) {
    limit = ruleset->light_unspent;
    gap = unspent(check, points, weight);
  }
  if (limit == 0 || gap <= limit) return;
  struct evald_finding *finding =
      check_raise(check, cell_at(EVALD_CELL_FUND_RATE, EVALD_FUND_TOTAL));
  finding->printed = value_decimal(check->scored->execution.rate);
  finding->expected = value_decimal(limit);
  finding->detail = value_decimal(gap);
}

/* A level two away from the one that the score belongs to: not a matter of the
 * band's edge, one of the two is wrong. */
void check_C20(const struct check *check) {
  enum { MET = 0, NOT_MET = 2 };
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    const struct evald_figure *declared = &row->claim->score;
    if (row->method != ROW_QUALITATIVE || !declared->present ||
        row->weight == 0) {
      continue;
    }
    if (row->level != MET && row->level != NOT_MET) continue;
    int other = row->level == MET ? NOT_MET : MET;
    if (!score_in_band(check->form, row, other, declared->value)) continue;
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_SCORE, i));
    finding->printed = value_decimal(declared->value);
    finding->expected = value_text(check->ruleset->levels[other].words.word[0]);
    finding->detail = value_text(row->claim->actual.text);
  }
}
