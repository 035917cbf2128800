/* SPDX-License-Identifier: Apache-2.0 */
#include "core/settle.h"

#include "base/bytes.h"
#include "core/exact.h"
#include "core/fold.h"

bool settle_absent(const struct evald_claim *claim) {
  if (claim->kind == EVALD_CLAIM_NUMBER) return false;
  return claim->kind == EVALD_CLAIM_ABSENT || fold_blank(claim->text);
}

/* V3: the category. Rows of a category stand together, so the row before is
 * the first guess. */
static const struct ruleset_category *settle_category(
    const struct evald_ruleset *ruleset, const struct evald_indicator *claim,
    const struct checked_row *before) {
  if (before && evald_text_equal(before->claim->level1, claim->level1)) {
    return before->category;
  }
  return core_ruleset_category(ruleset, claim->level1);
}

/* Whether the row is quantitative, and by which operator. A target 0 without
 * an operator ("0起") is not a promise to reach at least 0. */
static bool settle_operator(const struct evald_indicator *claim, uint8_t *op) {
  *op = claim->op;
  if (claim->op == EVALD_OP_QUALITATIVE) return false;
  if (claim->target.kind != EVALD_CLAIM_NUMBER) return false;
  if (claim->op == EVALD_OP_NONE) {
    *op = claim->target.number == 0 ? EVALD_OP_EQUAL : EVALD_OP_AT_LEAST;
  }
  return true;
}

/* V13: whether a negative actual value can be scored, and as what. It is an
 * ordinary number only where the target is negative too. */
static bool settle_actual(const struct ruleset_rows *rows,
                          struct checked_row *row) {
  if (row->actual >= 0 || row->target < 0) return true;
  if (rows->negative_actual == RULESET_NEGATIVE_ERROR) return false;
  row->actual = 0;
  return true;
}

static bool equal_met(const struct ruleset_rows *rows,
                      const struct checked_row *row) {
  if (row->target == 0) return row->actual <= 0; /* V12 */
  return rows->equal == RULESET_EQUAL_STRICT ? row->actual == row->target
                                             : row->actual >= row->target;
}

static bool settle_met(const struct ruleset_rows *rows,
                       const struct checked_row *row) {
  switch (row->op) {
  case EVALD_OP_ABOVE:
    return row->actual > row->target;
  case EVALD_OP_EQUAL:
    return equal_met(rows, row);
  case EVALD_OP_BELOW: /* V12: at a target of 0 nothing less can be had */
    return row->actual < row->target || (row->target == 0 && row->actual == 0);
  case EVALD_OP_AT_MOST:
    return row->actual <= row->target;
  default:
    return row->actual >= row->target;
  }
}

/* V14: whether the actual value is so far above the target that it is to be
 * explained. */
static bool settle_over_achieved(const struct ruleset_rows *rows,
                                 const struct checked_row *row) {
  const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;
  if (row->op == EVALD_OP_AT_MOST || row->op == EVALD_OP_BELOW) return false;
  return rows->explain_above != 0 && row->target > 0 &&
         exact_compare(row->actual, hundred, rows->explain_above,
                       row->target) >= 0;
}

static void settle_quantitative(const struct evald_ruleset *ruleset,
                                struct checked_row *row) {
  const struct evald_indicator *claim = row->claim;
  row->target = claim->target.number;
  if (claim->actual.kind == EVALD_CLAIM_NUMBER) {
    row->actual = claim->actual.number;
    if (!settle_actual(&ruleset->rows, row)) return;
    row->method = ROW_QUANTITATIVE;
    row->met = settle_met(&ruleset->rows, row);
    row->over_achieved = settle_over_achieved(&ruleset->rows, row);
    return;
  }
  /* Words for a numeric target: a level where the ruleset knows them. */
  if (settle_absent(&claim->actual)) return;
  row->level = (int8_t)core_ruleset_level(ruleset, claim->actual.text);
  if (row->level < 0) return;
  row->method = ROW_QUALITATIVE;
  row->met = row->level == 0;
}

static void settle_qualitative(const struct evald_ruleset *ruleset,
                               struct checked_row *row) {
  const struct evald_indicator *claim = row->claim;
  if (settle_absent(&claim->actual)) return;
  /* A number without any target says nothing; a level's wording does. */
  if (claim->actual.kind == EVALD_CLAIM_NUMBER &&
      settle_absent(&claim->target)) {
    return;
  }
  row->method = ROW_QUALITATIVE;
  row->level = -1;
  if (claim->actual.kind == EVALD_CLAIM_TEXT) {
    row->level = (int8_t)core_ruleset_level(ruleset, claim->actual.text);
  }
  row->met = row->level == 0;
}

/* Level 1 and 2: what they are, as the ruleset's headings have it or, where
 * they are none, as the rules for names find out. */
static void settle_headings(const struct evald_ruleset *ruleset,
                            const struct checked_row *before,
                            struct checked_row *row) {
  const struct evald_indicator *claim = row->claim;
  const struct heading *level1 =
      headings_find(&ruleset->headings, claim->level1);
  const struct heading *level2 =
      headings_find(&ruleset->headings, claim->level2);
  row->category =
      level1 ? level1->category : settle_category(ruleset, claim, before);
  row->may_bracket =
      level1 ? level1->may_bracket : fold_may_have_bracket(claim->level1);
  row->may_bracket |=
      level2 ? level2->may_bracket : fold_may_have_bracket(claim->level2);
  row->level2_words =
      (WORD_QUANTITY | WORD_COST) &
      (level2 ? level2->words : words_in(&ruleset->words, claim->level2).kinds);
  if (!row->category) return;
  row->section = (uint8_t)(row->category - ruleset->categories);
  row->level2_fits =
      level2 ? level2->fits >> row->section & 1
             : core_ruleset_has_level2(row->category, claim->level2);
}

static void settle_row(const struct evald_ruleset *ruleset,
                       const struct checked_row *before,
                       struct checked_row *row) {
  const struct evald_indicator *claim = row->claim;
  settle_headings(ruleset, before, row);
  struct words_found name = words_in(&ruleset->words, claim->name);
  row->name_words = name.kinds;
  row->name_plain = name.plain;
  row->explained =
      claim->reason.size > 0 &&
      (fold_surely_says(claim->reason) || !fold_says_nothing(claim->reason));
  if (claim->weight.present && claim->weight.value > 0) {
    row->weight = claim->weight.value;
  }
  if (claim->not_applicable &&
      ruleset->rows.not_applicable == RULESET_NOT_APPLICABLE_RESCALE) {
    row->method = ROW_DROPPED;
  } else if (settle_operator(claim, &row->op)) {
    settle_quantitative(ruleset, row);
  } else {
    settle_qualitative(ruleset, row);
  }
}

static void settle_execution(const struct evald_form *form,
                             const struct evald_ruleset *ruleset,
                             struct checked_form *out) {
  const struct evald_fund_row *total = &form->funds[EVALD_FUND_TOTAL];
  const struct evald_figure *base =
      ruleset->execution.base == RULESET_BASE_OPENING ? &total->opening
                                                      : &total->budget;
  out->has_execution =
      total->present && base->present && total->executed.present;
  out->base = base->value;
  out->executed = total->executed.value;
  if (!ruleset->execution.scored) return;
  out->execution_weight = ruleset->execution.weight;
  if (total->present && total->weight.present) {
    out->execution_weight = total->weight.value > 0 ? total->weight.value : 0;
  }
}

static bool declares_scores(const struct evald_form *form) {
  if (form->total.present || form->funds[EVALD_FUND_TOTAL].score.present) {
    return true;
  }
  for (size_t i = 0; i < form->indicator_count; i++) {
    if (form->indicators[i].score.present) return true;
  }
  return false;
}

static bool same_name(const struct checked_row *a,
                      const struct checked_row *b) {
  struct evald_text name = a->claim->name;
  if (!a->name_plain || !b->name_plain) {
    return fold_equal(name, b->claim->name);
  }
  return name.size == b->claim->name.size &&
         bytes_equal(name.data, b->claim->name.data, name.size);
}

/* The first row above that bears the same name; `index` itself where none. */
static uint16_t settle_namesake(const struct checked_row *rows, size_t index) {
  const struct checked_row *row = &rows[index];
  if (!row->name_plain && fold_blank(row->claim->name)) return (uint16_t)index;
  for (size_t i = 0; i < index; i++) {
    if (rows[i].name_hash == row->name_hash && same_name(&rows[i], row)) {
      return (uint16_t)i;
    }
  }
  return (uint16_t)index;
}

/* So few names are compared with each other sooner than they are hashed. */
enum { ROWS_WITHOUT_HASH = 12 };

/* A bit of 64 for a name that begins and ends with a Chinese character, which
 * folding leaves as they are; all bits for any other: it may equal each. */
static uint64_t name_mark(struct evald_text name) {
  enum { CHARACTER = 3, PLACE_BITS = 6 };
  if (!fold_plain(name) || !fold_ends_plainly(name)) return UINT64_MAX;
  uint64_t first = bytes_few(name.data, CHARACTER);
  uint64_t last = bytes_few(name.data + name.size - CHARACTER, CHARACTER);
  return UINT64_C(1) << ((first << 24 | last) * UINT64_C(0x9E3779B97F4A7C15) >>
                         (64 - PLACE_BITS));
}

static void settle_namesakes(struct checked_row *rows, size_t count) {
  uint64_t seen = 0;
  for (size_t i = 0; i < count && count > ROWS_WITHOUT_HASH; i++) {
    rows[i].name_hash = fold_hash(rows[i].claim->name);
  }
  for (size_t i = 0; i < count; i++) {
    uint64_t mark = name_mark(rows[i].claim->name);
    rows[i].namesake = seen & mark ? settle_namesake(rows, i) : (uint16_t)i;
    seen |= mark;
  }
}

enum evald_status settle_form(const struct evald_form *form,
                              const struct evald_ruleset *ruleset,
                              struct evald_arena *arena,
                              struct checked_form *out) {
  struct checked_row *rows =
      evald_arena_take(arena, form->indicator_count * sizeof *rows);
  if (!rows) return EVALD_MEMORY;
  *out = (struct checked_form){.claim = form, .ruleset = ruleset, .rows = rows};
  out->has_scores = declares_scores(form);
  settle_execution(form, ruleset, out);
  for (size_t i = 0; i < form->indicator_count; i++) {
    rows[i].claim = &form->indicators[i];
    settle_row(ruleset, i > 0 ? &rows[i - 1] : NULL, &rows[i]);
  }
  settle_namesakes(rows, form->indicator_count);
  return EVALD_OK;
}
