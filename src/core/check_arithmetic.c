/* SPDX-License-Identifier: Apache-2.0 */
#include "core/checks.h"
#include "core/exact.h"
#include "core/fold.h"
#include "core/score_parts.h"
#include <stddef.h>
#include <string.h>

static const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;

/* The columns of money in a fund row. */
static const struct {
  size_t offset;
  uint8_t cell;
} columns[] = {
    {offsetof(struct evald_fund_row, opening), EVALD_CELL_FUND_OPENING},
    {offsetof(struct evald_fund_row, budget), EVALD_CELL_FUND_BUDGET},
    {offsetof(struct evald_fund_row, executed), EVALD_CELL_FUND_EXECUTED},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static const struct evald_figure *figure(const struct evald_fund_row *row,
                                         size_t column) {
  return (const struct evald_figure *)(const void *)((const char *)row +
                                                     columns[column].offset);
}

/* The sum of the parts that stand in a column; false where none does. */
static bool sum_of_parts(const struct evald_form *form, size_t column,
                         evald_decimal *out) {
  evald_decimal sum = 0;
  bool any = false;
  for (size_t i = EVALD_FUND_TOTAL + 1; i < EVALD_FUND_COUNT; i++) {
    const struct evald_figure *part = figure(&form->funds[i], column);
    if (!form->funds[i].present || !part->present) continue;
    if (exact_add(sum, part->value, &sum) != EVALD_OK) return false;
    any = true;
  }
  *out = sum;
  return any;
}

void check_A01(const struct check *check) {
  const struct evald_fund_row *total = &check->claim->funds[EVALD_FUND_TOTAL];
  if (!total->present) return;
  for (size_t i = 0; i < COLUMNS; i++) {
    const struct evald_figure *printed = figure(total, i);
    evald_decimal sum;
    if (!printed->present || !sum_of_parts(check->claim, i, &sum)) continue;
    if (printed->value == sum) continue;
    struct evald_finding *finding =
        check_raise(check, cell_at((enum evald_cell_field)columns[i].cell,
                                   EVALD_FUND_TOTAL));
    finding->printed = value_decimal(printed->value);
    finding->expected = value_decimal(sum);
  }
}

void check_A03(const struct check *check) {
  const struct evald_fund_row *total = &check->claim->funds[EVALD_FUND_TOTAL];
  const struct evald_execution *scored = &check->scored->execution;
  if (!total->present || !total->score.present || !scored->has_score) return;
  if (total->score.value == scored->score) return;
  struct evald_finding *finding =
      check_raise(check, cell_at(EVALD_CELL_FUND_SCORE, EVALD_FUND_TOTAL));
  finding->printed = value_decimal(total->score.value);
  finding->expected = value_decimal(scored->score);
  if (!scored->has_rate) finding->rule = EVALD_RULE_ZERO_BUDGET;
}

static void check_money(const struct check *check, size_t fund, size_t column,
                        evald_decimal limit) {
  const struct evald_fund_row *row = &check->claim->funds[fund];
  const struct evald_figure *amount = figure(row, column);
  if (!amount->present) return;
  if (amount->value >= 0 && amount->value <= limit) return;
  struct evald_finding *finding = check_raise(
      check, cell_at((enum evald_cell_field)columns[column].cell, fund));
  finding->printed = value_decimal(amount->value);
  if (row->budget.present && row->budget.value >= 0) {
    finding->expected = value_decimal(row->budget.value);
  }
}

/* A base of 0 is A05's business: the budget, where the rate divides by it. */
void check_A04(const struct check *check) {
  bool opening = check->ruleset->execution.base == RULESET_BASE_OPENING;
  for (size_t fund = 0; fund < EVALD_FUND_COUNT; fund++) {
    const struct evald_fund_row *row = &check->claim->funds[fund];
    if (!row->present) continue;
    check_money(check, fund, 0, EVALD_DECIMAL_MAX);
    check_money(check, fund, 1, EVALD_DECIMAL_MAX);
    bool limited = row->budget.present && (row->budget.value > 0 ||
                                           (row->budget.value == 0 && opening));
    check_money(check, fund, 2,
                limited ? row->budget.value : EVALD_DECIMAL_MAX);
  }
}

/* That both are 0 is ordinary in a part and worth a word in the total. */
void check_A05(const struct check *check) {
  bool opening = check->ruleset->execution.base == RULESET_BASE_OPENING;
  for (size_t fund = 0; fund < EVALD_FUND_COUNT; fund++) {
    const struct evald_fund_row *row = &check->claim->funds[fund];
    const struct evald_figure *base = opening ? &row->opening : &row->budget;
    if (!row->present || !base->present || !row->executed.present) continue;
    bool idle = row->executed.value == 0;
    if (base->value != 0 || (idle && fund != EVALD_FUND_TOTAL)) continue;
    struct evald_finding *finding = finding_raise_mild(
        check->findings, check->which, check->rule,
        cell_at(opening ? EVALD_CELL_FUND_OPENING : EVALD_CELL_FUND_BUDGET,
                fund),
        idle ? EVALD_LEVEL_WARNING : EVALD_LEVEL_ERROR);
    finding->printed = value_decimal(0);
    if (!idle) finding->detail = value_decimal(row->executed.value);
  }
}

static void check_bounds(const struct check *check,
                         const struct evald_figure *score, evald_decimal weight,
                         struct evald_cell cell) {
  if (!score->present) return;
  if (score->value >= 0 && score->value <= weight) return;
  struct evald_finding *finding = check_raise(check, cell);
  finding->printed = value_decimal(score->value);
  finding->expected = value_range(0, weight);
}

void check_A06(const struct check *check) {
  const struct evald_fund_row *total = &check->claim->funds[EVALD_FUND_TOTAL];
  const struct ruleset_execution *execution = &check->ruleset->execution;
  if (execution->scored && total->present) {
    evald_decimal limit = execution->formula == RULESET_FORMULA_UNCAPPED
                              ? EVALD_DECIMAL_MAX
                              : check->form->execution_weight;
    check_bounds(check, &total->score, limit,
                 cell_at(EVALD_CELL_FUND_SCORE, EVALD_FUND_TOTAL));
  }
  for (size_t i = 0; i < check->row_count; i++) {
    if (check->rows[i].weight == 0) continue;
    check_bounds(check, &check->rows[i].claim->score, check->rows[i].weight,
                 cell_at(EVALD_CELL_INDICATOR_SCORE, i));
  }
}

void check_A07(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    const struct evald_row_score *scored = &check->scored->rows[i];
    const struct evald_figure *declared = &row->claim->score;
    bool ruled =
        row->method == ROW_QUANTITATIVE || row->method == ROW_NOT_SCORABLE;
    if (!ruled || !declared->present || declared->value == scored->score) {
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

/* "达成指标 / 部分达成指标 / 未达成指标": what a wording could have been. */
static struct evald_text known_levels(const struct check *check) {
  static const char between[] = " / ";
  const struct ruleset_level *levels = check->ruleset->levels;
  size_t size = 2 * (sizeof between - 1);
  for (size_t i = 0; i < 3; i++)
    size += levels[i].words.word[0].size;
  char *out = evald_arena_take(check->findings->arena, size);
  if (!out) return EVALD_TEXT("");
  size_t at = 0;
  for (size_t i = 0; i < 3; i++) {
    struct evald_text word = levels[i].words.word[0];
    if (i > 0) memcpy(out + at, between, sizeof between - 1);
    if (i > 0) at += sizeof between - 1;
    if (word.size > 0) memcpy(out + at, word.data, word.size);
    at += word.size;
  }
  return (struct evald_text){out, size};
}

static void check_band(const struct check *check, size_t index) {
  const struct checked_row *row = &check->rows[index];
  const struct evald_figure *declared = &row->claim->score;
  if (!declared->present ||
      score_in_band(check->form, row, row->level, declared->value)) {
    return;
  }
  const struct ruleset_level *band = &check->ruleset->levels[row->level];
  struct evald_finding *finding =
      check_raise(check, cell_at(EVALD_CELL_INDICATOR_SCORE, index));
  finding->printed = value_decimal(declared->value);
  finding->expected = value_range(score_edge(check->form, row, band->lower),
                                  score_edge(check->form, row, band->upper));
  finding->detail = value_text(row->claim->actual.text);
}

void check_A08(const struct check *check) {
  struct evald_text known = {NULL, 0};
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (row->method != ROW_QUALITATIVE) continue;
    if (row->level >= 0) {
      check_band(check, i);
      continue;
    }
    if (!known.data) known = known_levels(check);
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_ACTUAL, i));
    finding->printed = check_claimed(&row->claim->actual);
    finding->expected = value_text(known);
  }
}

void check_A09(const struct check *check) {
  evald_decimal sum = check->form->execution_weight;
  for (size_t i = 0; i < check->row_count; i++) {
    const struct evald_figure *weight = &check->rows[i].claim->weight;
    if (!weight->present) continue;
    if (exact_add(sum, weight->value, &sum) != EVALD_OK) return;
  }
  if (sum == check->ruleset->full_marks) return;
  struct evald_finding *finding =
      check_raise(check, cell_of(EVALD_CELL_INDICATORS));
  finding->printed = value_decimal(sum);
  finding->expected = value_decimal(check->ruleset->full_marks);
}

/* The printed scores added up, and the weights they are out of. A score that
 * is not printed is taken from the rules. */
static bool add_printed(const struct check *check, evald_decimal *sum,
                        evald_decimal *weight, bool *dropped) {
  const struct evald_verdict *scored = check->scored;
  const struct evald_figure *execution =
      &check->claim->funds[EVALD_FUND_TOTAL].score;
  *sum = 0;
  *weight = 0;
  *dropped = false;
  if (scored->execution.has_score) {
    *sum = execution->present ? execution->value : scored->execution.score;
    *weight = scored->execution.weight;
  }
  for (size_t i = 0; i < check->row_count; i++) {
    const struct evald_figure *score = &check->rows[i].claim->score;
    if (!scored->rows[i].counts) {
      *dropped = true;
      continue;
    }
    if (exact_add(*sum, score->present ? score->value : scored->rows[i].score,
                  sum) != EVALD_OK ||
        exact_add(*weight, scored->rows[i].weight, weight) != EVALD_OK) {
      return false;
    }
  }
  return true;
}

/* The total that the form's own scores give, rounded so. */
static bool printed_sum(const struct check *check,
                        struct evald_rounding rounding, evald_decimal *out) {
  evald_decimal sum;
  evald_decimal weight;
  bool dropped;
  if (!add_printed(check, &sum, &weight, &dropped)) return false;
  if (dropped && weight > 0) { /* V18 */
    return evald_decimal_ratio(sum, check->ruleset->full_marks, weight,
                               rounding, out) == EVALD_OK;
  }
  return evald_decimal_round(sum, rounding, out) == EVALD_OK;
}

void check_A10(const struct check *check) {
  const struct evald_figure *declared = &check->claim->total;
  evald_decimal sum;
  if (!declared->present ||
      !printed_sum(check, check->ruleset->total_rounding, &sum) ||
      declared->value == sum) {
    return;
  }
  struct evald_finding *finding = check_raise(check, cell_of(EVALD_CELL_TOTAL));
  finding->printed = value_decimal(declared->value);
  finding->expected = value_decimal(sum);
}

/* What the declared grade is to be judged by: the printed total, or, where the
 * ruleset grades the total before its rounding, what that was. */
static evald_decimal graded_total(const struct check *check) {
  const struct evald_rounding exact = {EVALD_ROUND_DOWN, EVALD_DECIMAL_DIGITS};
  const struct evald_figure *declared = &check->claim->total;
  evald_decimal printed =
      declared->present ? declared->value : check->scored->total;
  evald_decimal rounded;
  evald_decimal unrounded;
  if (check->ruleset->graded != RULESET_GRADED_UNROUNDED ||
      !printed_sum(check, check->ruleset->total_rounding, &rounded) ||
      rounded != printed || !printed_sum(check, exact, &unrounded)) {
    return printed;
  }
  return unrounded;
}

void check_A11(const struct check *check) {
  struct evald_text declared = check->claim->grade;
  if (fold_blank(declared)) return;
  evald_decimal total = graded_total(check);
  unsigned grade = core_ruleset_grade_of(check->ruleset, total);
  if (core_ruleset_grade_named(check->ruleset, declared) == (int)grade) return;
  struct evald_finding *finding = check_raise(check, cell_of(EVALD_CELL_GRADE));
  finding->printed = value_text(declared);
  finding->expected = value_text(check->ruleset->grades[grade].name);
  finding->detail = value_decimal(total);
}

/* What A03, A07 and A08 come to in the end; silent where A10 says the same. */
void check_I03(const struct check *check) {
  const struct evald_figure *declared = &check->claim->total;
  evald_decimal total = check->scored->total;
  evald_decimal sum;
  if (!declared->present || declared->value == total) return;
  if (printed_sum(check, check->ruleset->total_rounding, &sum) &&
      sum == total) {
    return;
  }
  struct evald_finding *finding = check_raise(check, cell_of(EVALD_CELL_TOTAL));
  finding->printed = value_decimal(declared->value);
  finding->expected = value_decimal(total);
}

void check_I04(const struct check *check) {
  struct evald_text declared = check->claim->grade;
  unsigned grade = check->scored->grade;
  int named = core_ruleset_grade_named(check->ruleset, declared);
  if (named < 0 || named == (int)grade) return;
  if (core_ruleset_grade_of(check->ruleset, graded_total(check)) == grade) {
    return; /* A11 says the same */
  }
  struct evald_finding *finding = check_raise(check, cell_of(EVALD_CELL_GRADE));
  finding->printed = value_text(declared);
  finding->expected = value_text(check->ruleset->grades[grade].name);
}

/* Common roundings in the order in which they are the likelier explanation. */
static const struct {
  struct evald_rounding rounding;
  const char *name;
} roundings[] = {
    {{EVALD_ROUND_HALF_UP, 2}, "half_up/2"},
    {{EVALD_ROUND_DOWN, 2}, "down/2"},
    {{EVALD_ROUND_UP, 2}, "up/2"},
    {{EVALD_ROUND_HALF_EVEN, 2}, "half_even/2"},
    {{EVALD_ROUND_HALF_UP, 1}, "half_up/1"},
    {{EVALD_ROUND_DOWN, 1}, "down/1"},
    {{EVALD_ROUND_UP, 1}, "up/1"},
    {{EVALD_ROUND_HALF_EVEN, 1}, "half_even/1"},
    {{EVALD_ROUND_HALF_UP, 0}, "half_up/0"},
    {{EVALD_ROUND_DOWN, 0}, "down/0"},
    {{EVALD_ROUND_UP, 0}, "up/0"},
    {{EVALD_ROUND_HALF_EVEN, 0}, "half_even/0"},
};

/* The rounding by which executed / base is `printed`; NULL where none is. */
static const char *explain(evald_decimal executed, evald_decimal base,
                           evald_decimal printed) {
  for (size_t i = 0; i < sizeof roundings / sizeof roundings[0]; i++) {
    evald_decimal rate;
    if (evald_decimal_ratio(executed, hundred, base, roundings[i].rounding,
                            &rate) == EVALD_OK &&
        rate == printed) {
      return roundings[i].name;
    }
  }
  return NULL;
}

static void raise_rate(const struct check *check, size_t fund,
                       evald_decimal expected, const char *explanation) {
  struct evald_finding *finding =
      finding_raise_mild(check->findings, check->which, check->rule,
                         cell_at(EVALD_CELL_FUND_RATE, fund),
                         explanation ? EVALD_LEVEL_WARNING : EVALD_LEVEL_ERROR);
  finding->printed = value_decimal(check->claim->funds[fund].rate.value);
  finding->expected = value_decimal(expected);
  if (explanation) finding->detail = value_text(evald_text_of(explanation));
}

static const struct evald_figure *base_of(const struct check *check,
                                          size_t fund) {
  const struct evald_fund_row *row = &check->claim->funds[fund];
  return check->ruleset->execution.base == RULESET_BASE_OPENING ? &row->opening
                                                                : &row->budget;
}

/* The rate of a row of money by the rule; false where it is out of range. That
 * of the total has been computed; a part is often the whole. */
static bool rate_of(const struct check *check, size_t fund,
                    evald_decimal *out) {
  const struct evald_execution *scored = &check->scored->execution;
  evald_decimal executed = check->claim->funds[fund].executed.value;
  evald_decimal base = base_of(check, fund)->value;
  *out = scored->rate;
  if (scored->has_rate && executed == check->form->executed &&
      base == check->form->base) {
    return true;
  }
  return evald_decimal_ratio(executed, hundred, base,
                             check->ruleset->execution.rate_rounding,
                             out) == EVALD_OK;
}

/* Where the budget is 0 there is no rate; forms print 0.00 there. */
void check_A02(const struct check *check) {
  for (size_t fund = 0; fund < EVALD_FUND_COUNT; fund++) {
    const struct evald_fund_row *row = &check->claim->funds[fund];
    const struct evald_figure *base = base_of(check, fund);
    evald_decimal expected = 0;
    if (!row->present || !row->rate.present || !base->present ||
        !row->executed.present || base->value < 0) {
      continue;
    }
    if (base->value > 0 && !rate_of(check, fund, &expected)) continue;
    if (row->rate.value == expected) continue;
    raise_rate(check, fund, expected,
               base->value == 0 ? NULL
                                : explain(row->executed.value, base->value,
                                          row->rate.value));
  }
}
