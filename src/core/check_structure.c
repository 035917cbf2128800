/* SPDX-License-Identifier: Apache-2.0 */
#include "core/checks.h"
#include "core/fold.h"
#include "core/settle.h"

static void require(const struct check *check, bool there,
                    struct evald_cell cell) {
  if (!there) (void)check_raise(check, cell);
}

static void require_fund(const struct check *check) {
  const struct evald_fund_row *total = &check->claim->funds[EVALD_FUND_TOTAL];
  if (!total->present) {
    (void)check_raise(check, cell_at(EVALD_CELL_FUND, EVALD_FUND_TOTAL));
    return;
  }
  bool opening = check->ruleset->execution.base == RULESET_BASE_OPENING;
  require(check, total->opening.present || !opening,
          cell_at(EVALD_CELL_FUND_OPENING, EVALD_FUND_TOTAL));
  require(check, total->budget.present,
          cell_at(EVALD_CELL_FUND_BUDGET, EVALD_FUND_TOTAL));
  require(check, total->executed.present,
          cell_at(EVALD_CELL_FUND_EXECUTED, EVALD_FUND_TOTAL));
}

void check_S01(const struct check *check) {
  const struct evald_form *form = check->claim;
  require(check, form->fiscal_year != 0, cell_of(EVALD_CELL_YEAR));
  require(check, !fold_blank(form->pro_name), cell_of(EVALD_CELL_PROJECT_NAME));
  require(check, !fold_blank(form->dept_name) || !fold_blank(form->dept_code),
          cell_of(EVALD_CELL_DEPARTMENT));
  require(check,
          !fold_blank(form->agency_name) || !fold_blank(form->agency_code),
          cell_of(EVALD_CELL_AGENCY));
  require_fund(check);
}

void check_S02(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    if (check->rows[i].method == ROW_DROPPED) continue;
    require(check, !settle_absent(&check->rows[i].claim->target),
            cell_at(EVALD_CELL_INDICATOR_TARGET, i));
  }
}

/* An actual value that is there but of no use: words that are no level, a
 * repeated sign, a negative number where the ruleset takes none. */
static bool unusable_actual(const struct checked_row *row) {
  return row->method == ROW_NOT_SCORABLE && !settle_absent(&row->claim->target);
}

void check_S03(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (row->method == ROW_DROPPED) continue;
    const struct evald_claim *actual = &row->claim->actual;
    if (!settle_absent(actual) && !unusable_actual(row)) continue;
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_ACTUAL, i));
    finding->printed = check_claimed(actual);
    if (actual->kind == EVALD_CLAIM_NUMBER) {
      finding->rule = EVALD_RULE_NEGATIVE_ACTUAL;
    }
  }
}

void check_S04(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct evald_indicator *claim = check->rows[i].claim;
    require(check, claim->weight.present,
            cell_at(EVALD_CELL_INDICATOR_WEIGHT, i));
    if (!check->form->has_scores) continue;
    require(check, claim->score.present || check->rows[i].method == ROW_DROPPED,
            cell_at(EVALD_CELL_INDICATOR_SCORE, i));
  }
}

static bool compares(uint8_t op) {
  return op != EVALD_OP_NONE && op != EVALD_OP_QUALITATIVE;
}

void check_S05(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct evald_indicator *claim = check->rows[i].claim;
    bool number = claim->target.kind == EVALD_CLAIM_NUMBER;
    if (check->rows[i].method == ROW_DROPPED) continue;
    if (number && claim->op != EVALD_OP_QUALITATIVE) {
      require(check, !fold_blank(claim->unit),
              cell_at(EVALD_CELL_INDICATOR_UNIT, i));
    } else if (!number && compares(claim->op) &&
               !settle_absent(&claim->target)) {
      check_raise(check, cell_at(EVALD_CELL_INDICATOR_TARGET, i))->printed =
          value_text(claim->target.text);
    }
  }
}

static struct evald_value printed_text(struct evald_text text) {
  return fold_blank(text) ? (struct evald_value){0} : value_text(text);
}

/* A name that the row above already has is not told again. */
static bool told(const struct check *check, size_t index, bool level2) {
  if (index == 0) return false;
  const struct evald_indicator *here = check->rows[index].claim;
  const struct evald_indicator *above = check->rows[index - 1].claim;
  return evald_text_equal(here->level1, above->level1) &&
         (!level2 || evald_text_equal(here->level2, above->level2));
}

static bool lists_any_level2(const struct evald_ruleset *ruleset) {
  for (size_t i = 0; i < ruleset->category_count; i++) {
    if (ruleset->categories[i].level2_count > 0) return true;
  }
  return false;
}

static bool known_level2(const struct check *check,
                         const struct checked_row *row) {
  struct evald_text level2 = row->claim->level2;
  if (row->level2_fits) return true;
  return core_ruleset_category_of(check->ruleset, level2) != NULL ||
         !lists_any_level2(check->ruleset);
}

void check_S06(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (!row->category && !told(check, i, false)) {
      check_raise(check, cell_at(EVALD_CELL_INDICATOR_LEVEL1, i))->printed =
          printed_text(row->claim->level1);
    }
    if (!known_level2(check, row) && !told(check, i, true)) {
      check_raise(check, cell_at(EVALD_CELL_INDICATOR_LEVEL2, i))->printed =
          printed_text(row->claim->level2);
    }
  }
}

void check_S07(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    struct evald_text level2 = row->claim->level2;
    if (!row->category || row->level2_fits) continue;
    const struct ruleset_category *right =
        core_ruleset_category_of(check->ruleset, level2);
    if (!right || told(check, i, true)) continue;
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_LEVEL2, i));
    finding->printed = value_text(level2);
    finding->expected = value_text(right->words.word[0]);
    finding->detail = value_text(row->category->words.word[0]);
  }
}

void check_S08(const struct check *check) {
  for (size_t i = 1; i < check->row_count; i++) {
    size_t first = check->rows[i].namesake;
    if (first == i) continue;
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_NAME, i));
    finding->printed = value_text(check->rows[i].claim->name);
    finding->detail = value_count(first + 1);
  }
}

static bool same_target(const struct evald_indicator *a,
                        const struct evald_indicator *b) {
  if (a->op != b->op || a->target.kind != b->target.kind) return false;
  if (a->target.kind == EVALD_CLAIM_TEXT) {
    return fold_equal(a->target.text, b->target.text);
  }
  return a->target.number == b->target.number && fold_equal(a->unit, b->unit);
}

void check_C15(const struct check *check) {
  for (size_t i = 1; i < check->row_count; i++) {
    size_t first = check->rows[i].namesake;
    if (first == i) continue;
    const struct evald_indicator *here = check->rows[i].claim;
    const struct evald_indicator *there = check->rows[first].claim;
    if (same_target(here, there)) continue;
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_TARGET, i));
    finding->printed = check_claimed(&here->target);
    finding->expected = check_claimed(&there->target);
    finding->detail = value_count(first + 1);
  }
}

static bool has_kind(const struct check *check, enum ruleset_kind kind) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct ruleset_category *category = check->rows[i].category;
    if (category && category->kind == kind) return true;
  }
  return false;
}

static void require_kind(const struct check *check, enum ruleset_kind kind) {
  const struct ruleset_category *category =
      core_ruleset_kind(check->ruleset, kind);
  if (!category || has_kind(check, kind)) return;
  check_raise(check, cell_of(EVALD_CELL_INDICATORS))->expected =
      value_text(category->words.word[0]);
}

void check_S09(const struct check *check) {
  require_kind(check, RULESET_KIND_SATISFACTION);
}

static bool has_cost(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    if (check->rows[i].level2_words & WORD_COST) return true;
  }
  return has_kind(check, RULESET_KIND_COST);
}

void check_S10(const struct check *check) {
  require_kind(check, RULESET_KIND_OUTPUT);
  require_kind(check, RULESET_KIND_BENEFIT);
  if (!check->ruleset->cost_required || has_cost(check)) return;
  struct evald_finding *finding =
      check_raise(check, cell_of(EVALD_CELL_INDICATORS));
  finding->rule = EVALD_RULE_COST;
  const struct ruleset_category *own =
      core_ruleset_kind(check->ruleset, RULESET_KIND_COST);
  finding->expected =
      value_text(own ? own->words.word[0] : EVALD_TEXT("成本指标"));
}

void check_I02(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    const struct evald_claim *target = &row->claim->target;
    if (!row->category || row->category->kind != RULESET_KIND_SATISFACTION) {
      continue;
    }
    if (target->kind != EVALD_CLAIM_TEXT || settle_absent(target)) continue;
    check_raise(check, cell_at(EVALD_CELL_INDICATOR_TARGET, i))->printed =
        value_text(target->text);
  }
}

void check_I05(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (row->claim->op != EVALD_OP_NONE || row->method == ROW_DROPPED ||
        row->claim->target.kind != EVALD_CLAIM_NUMBER) {
      continue;
    }
    check_raise(check, cell_at(EVALD_CELL_INDICATOR_OP, i))->expected =
        value_text(row->op == EVALD_OP_EQUAL ? EVALD_TEXT("＝")
                                             : EVALD_TEXT("≥"));
  }
}
