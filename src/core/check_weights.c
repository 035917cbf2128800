/* SPDX-License-Identifier: Apache-2.0 */
#include "core/checks.h"
#include "core/exact.h"
#include "core/fold.h"

/* What the rows of each category weigh, and where the first of them is. */
struct section {
  evald_decimal sum;
  size_t first;
  bool present;
};

static bool add_weights(const struct check *check, struct section *sections) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    if (!row->category) continue;
    struct section *section =
        &sections[row->category - check->ruleset->categories];
    if (!section->present) section->first = i;
    section->present = true;
    if (exact_add(section->sum, row->claim->weight.value, &section->sum) !=
        EVALD_OK) {
      return false;
    }
  }
  return true;
}

static void check_execution_weight(const struct check *check) {
  const struct evald_fund_row *total = &check->claim->funds[EVALD_FUND_TOTAL];
  const struct ruleset_execution *rules = &check->ruleset->execution;
  evald_decimal expected = rules->scored ? rules->weight : 0;
  if (!total->present || !total->weight.present) return;
  if (total->weight.value == expected) return;
  struct evald_finding *finding =
      check_raise(check, cell_at(EVALD_CELL_FUND_WEIGHT, EVALD_FUND_TOTAL));
  finding->rule = EVALD_RULE_EXECUTION_WEIGHT;
  finding->printed = value_decimal(total->weight.value);
  finding->expected = value_decimal(expected);
  finding->detail = value_text(EVALD_TEXT("预算执行"));
}

/* A category without a row is S09's or S10's business. */
void check_W01(const struct check *check) {
  struct section sections[RULESET_CATEGORIES_MAX] = {{0}};
  check_execution_weight(check);
  if (!add_weights(check, sections)) return;
  for (size_t i = 0; i < check->ruleset->category_count; i++) {
    const struct ruleset_category *category = &check->ruleset->categories[i];
    if (!category->weighted || !sections[i].present ||
        sections[i].sum == category->weight) {
      continue;
    }
    struct evald_finding *finding = check_raise(
        check, cell_at(EVALD_CELL_INDICATOR_LEVEL1, sections[i].first));
    finding->printed = value_decimal(sections[i].sum);
    finding->expected = value_decimal(category->weight);
    finding->detail = value_text(category->words.word[0]);
  }
}

void check_W02(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    if (check->rows[i].weight <= check->settings->threshold) continue;
    struct evald_finding *finding =
        check_raise(check, cell_at(EVALD_CELL_INDICATOR_WEIGHT, i));
    finding->printed = value_decimal(check->rows[i].weight);
    finding->expected = value_decimal(check->settings->threshold);
  }
}

static void check_positive(const struct check *check,
                           const struct evald_figure *weight,
                           struct evald_cell cell) {
  if (!weight->present || weight->value > 0) return;
  check_raise(check, cell)->printed = value_decimal(weight->value);
}

void check_W03(const struct check *check) {
  const struct evald_fund_row *total = &check->claim->funds[EVALD_FUND_TOTAL];
  if (check->ruleset->execution.scored && total->present) {
    check_positive(check, &total->weight,
                   cell_at(EVALD_CELL_FUND_WEIGHT, EVALD_FUND_TOTAL));
  }
  for (size_t i = 0; i < check->row_count; i++) {
    check_positive(check, &check->rows[i].claim->weight,
                   cell_at(EVALD_CELL_INDICATOR_WEIGHT, i));
  }
}

static struct evald_text heading(const struct evald_indicator *claim,
                                 enum evald_cell_field level) {
  return level == EVALD_CELL_INDICATOR_LEVEL1 ? claim->level1 : claim->level2;
}

/* Whether two rows stand under the same heading; level 2 only within the same
 * level 1. */
static bool same_section(const struct evald_indicator *a,
                         const struct evald_indicator *b,
                         enum evald_cell_field level) {
  return fold_name_equal(a->level1, b->level1) &&
         (level == EVALD_CELL_INDICATOR_LEVEL1 ||
          fold_name_equal(a->level2, b->level2));
}

static bool announced(const struct check *check, size_t index,
                      enum evald_cell_field level, evald_decimal *out) {
  struct evald_text number;
  const struct evald_indicator *claim = check->rows[index].claim;
  if (!fold_bracketed_number(heading(claim, level), &number) ||
      evald_decimal_parse(number, out) != EVALD_OK) {
    return false;
  }
  return index == 0 ||
         !same_section(claim, check->rows[index - 1].claim, level);
}

static bool section_weight(const struct check *check, size_t index,
                           enum evald_cell_field level, evald_decimal *out) {
  const struct evald_indicator *first = check->rows[index].claim;
  *out = 0;
  for (size_t i = 0; i < check->row_count; i++) {
    const struct evald_indicator *claim = check->rows[i].claim;
    if (!same_section(first, claim, level)) continue;
    if (exact_add(*out, claim->weight.value, out) != EVALD_OK) {
      return false;
    }
  }
  return true;
}

static void check_section(const struct check *check, size_t index,
                          enum evald_cell_field level) {
  evald_decimal printed;
  evald_decimal sum;
  if (!announced(check, index, level, &printed) ||
      !section_weight(check, index, level, &sum) || printed == sum) {
    return;
  }
  struct evald_finding *finding = check_raise(check, cell_at(level, index));
  finding->printed = value_decimal(printed);
  finding->expected = value_decimal(sum);
}

void check_A12(const struct check *check) {
  for (size_t i = 0; i < check->row_count; i++) {
    check_section(check, i, EVALD_CELL_INDICATOR_LEVEL1);
    check_section(check, i, EVALD_CELL_INDICATOR_LEVEL2);
  }
}
