/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "core/checks.h"
#include "core/fold.h"
#include "core/settle.h"

static const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;

void check_C11(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    const struct evald_indicator *claim = row->claim;
    bool least = claim->op == EVALD_OP_AT_LEAST;
    if (claim->target.kind != EVALD_CLAIM_NUMBER ||
        claim->target.number < hundred) {
      continue;
    }
    if ((!least && claim->op != EVALD_OP_ABOVE) ||
        !(row->name_words & WORD_BOUNDED) ||
        (row->name_words & WORD_UNBOUNDED) || !check_percent(claim->unit)) {
      continue;
    }
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_TARGET, i));
    finding->printed = value_decimal(claim->target.number);
    finding->detail = value_text(least ? EVALD_TEXT("≥") : EVALD_TEXT("＞"));
  }
}

void check_C12(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (!(row->level2_words & WORD_QUANTITY) ||
        row->claim->target.kind != EVALD_CLAIM_NUMBER ||
        !check_percent(row->claim->unit)) {
      continue;
    }
    check_raise(check, cell_at(EVALD_CELL_INDICATOR_UNIT, i))->printed =
        value_text(row->claim->unit);
  }
}

static bool empty_target(const struct evald_indicator *claim) {
  return claim->target.kind == EVALD_CLAIM_TEXT &&
         fold_ends_with(claim->name, claim->target.text);
}

/* One such target is a blemish; several, and the form measures nothing. */
void check_C13(const struct check *check) {
  evald_decimal found = 0;
  for (size_t i = 0; i < check->row_count; i++) {
    if (empty_target(check->rows[i].claim)) found += EVALD_DECIMAL_ONE;
  }
  if (found == 0) return;
  enum evald_level level = found >= check->settings->threshold
                               ? EVALD_LEVEL_ERROR
                               : EVALD_LEVEL_INFO;
  for (size_t i = 0; i < check->row_count; i++) {
    const struct evald_indicator *claim = check->rows[i].claim;
    if (!empty_target(claim)) continue;
    finding_raise_mild(check->findings, check->which, check->rule,
                       cell_at(EVALD_CELL_INDICATOR_TARGET, i), level)
        ->printed = value_text(claim->target.text);
  }
}

static void raise_name(const struct check *check, size_t index) {
  check_raise(check, cell_at(EVALD_CELL_INDICATOR_NAME, index))->printed =
      value_text(check->rows[index].claim->name);
}

static bool of_kind(const struct checked_row *row, enum ruleset_kind kind) {
  return row->category && row->category->kind == kind;
}

void check_C14(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (of_kind(row, RULESET_KIND_BENEFIT) &&
        (row->name_words & WORD_MANAGEMENT)) {
      raise_name(check, i);
    }
  }
}

/* Folded or not, every unit of money has this character. */
static bool has_yuan(struct evald_text unit) {
  static const char yuan[] = "元";
  enum { SIZE = sizeof yuan - 1 };
  for (size_t at = 0; at + SIZE <= unit.size; at++) {
    if (bytes_equal(unit.data + at, yuan, SIZE)) return true;
  }
  return false;
}

static bool money_unit(struct evald_text unit) {
  static const char *const units[] = {"万元", "元", "亿元", "千元", "百万元"};
  if (!has_yuan(unit)) return false;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    if (fold_equal(unit, evald_text_of(units[i]))) return true;
  }
  return false;
}

/* An amount that goes out and is not a ceiling. */
static bool is_outlay(const struct checked_row *row) {
  const struct evald_indicator *claim = row->claim;
  return claim->target.kind == EVALD_CLAIM_NUMBER &&
         claim->op != EVALD_OP_AT_MOST && claim->op != EVALD_OP_BELOW &&
         (row->name_words & WORD_MONEY) && !(row->name_words & WORD_RETURN) &&
         money_unit(claim->unit);
}

void check_C17(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (!of_kind(row, RULESET_KIND_OUTPUT) &&
        !of_kind(row, RULESET_KIND_BENEFIT)) {
      continue;
    }
    if (row->level2_words & WORD_COST) continue;
    if ((row->name_words & WORD_SPENDING) || is_outlay(row)) {
      raise_name(check, i);
    }
  }
}

static void check_units(const struct check *check, size_t index) {
  const struct evald_indicator *claim = check->rows[index].claim;
  if (fold_blank(claim->unit) || fold_blank(claim->actual_unit) ||
      fold_equal(claim->unit, claim->actual_unit)) {
    return;
  }
  struct evald_finding *finding =
      check_raise(check, cell_at(EVALD_CELL_INDICATOR_ACTUAL_UNIT, index));
  finding->printed = value_text(claim->actual_unit);
  finding->expected = value_text(claim->unit);
}

void check_C18(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct evald_indicator *claim = check->rows[i].claim;
    if (claim->op == EVALD_OP_QUALITATIVE ||
        claim->target.kind != EVALD_CLAIM_NUMBER ||
        check->rows[i].method == ROW_DROPPED) {
      continue;
    }
    if (claim->actual.kind == EVALD_CLAIM_NUMBER) {
      check_units(check, i);
    } else if (!settle_absent(&claim->actual) &&
               !fold_compares(&check->ruleset->signs, claim->actual.text)) {
      struct evald_finding *finding =
          check_raise(check, cell_at(EVALD_CELL_INDICATOR_ACTUAL, i));
      finding->printed = value_text(claim->actual.text);
      finding->expected = value_decimal(claim->target.number);
    }
  }
}

/* Whether two amounts are so far apart that one is in 元, the other in 万元:
 * about 10,000 times, give or take what a budget may differ by. */
static bool slipped(const struct check *check, evald_decimal a,
                    evald_decimal b) {
  evald_decimal times = check->settings->threshold;
  if (a <= 0 || b <= 0 || times <= 0) return false;
  evald_decimal large = a > b ? a : b;
  evald_decimal small = a > b ? b : a;
  return evald_decimal_compare_products(large, EVALD_DECIMAL_ONE, small,
                                        times) >= 0;
}

static void check_slip(const struct check *check, struct evald_cell cell,
                       evald_decimal here, evald_decimal there) {
  if (!slipped(check, here, there)) return;
  struct evald_finding *finding = check_raise(check, cell);
  finding->printed = value_decimal(here);
  finding->expected = value_decimal(there);
}

static void check_fund_slips(const struct check *check) {
  const struct evald_fund_row *total = &check->claim->funds[EVALD_FUND_TOTAL];
  if (!total->present || !total->budget.present) return;
  if (total->opening.present) {
    check_slip(check, cell_at(EVALD_CELL_FUND_OPENING, EVALD_FUND_TOTAL),
               total->opening.value, total->budget.value);
  }
  if (total->executed.present) {
    check_slip(check, cell_at(EVALD_CELL_FUND_EXECUTED, EVALD_FUND_TOTAL),
               total->executed.value, total->budget.value);
  }
  for (size_t i = EVALD_FUND_TOTAL + 1; i < EVALD_FUND_COUNT; i++) {
    const struct evald_fund_row *part = &check->claim->funds[i];
    if (!part->present || !part->budget.present) continue;
    /* A part may be small; it cannot be larger than the whole. */
    if (part->budget.value > total->budget.value) {
      check_slip(check, cell_at(EVALD_CELL_FUND_BUDGET, i), part->budget.value,
                 total->budget.value);
    }
  }
}

void check_C19(const struct check *check) {
  check_fund_slips(check);
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (row->method == ROW_QUANTITATIVE && money_unit(row->claim->unit)) {
      check_slip(check, cell_at(EVALD_CELL_INDICATOR_ACTUAL, i), row->actual,
                 row->target);
    }
  }
}
