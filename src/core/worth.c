/* SPDX-License-Identifier: Apache-2.0 */
#include "core/worth.h"

#include "base/bytes.h"
#include "core/exact.h"
#include "core/fold.h"

#define B(code) (UINT64_C(1) << RULESET_CHECK_##code)

static const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;

/* The checks of which something below tells whether they are worth running; all
 * others always are. */
static const uint64_t judged =
    B(S01) | B(S02) | B(S03) | B(S04) | B(S05) | B(S06) | B(S07) | B(S08) |
    B(S09) | B(S10) | B(A01) | B(A03) | B(A04) | B(A05) | B(A06) | B(A07) |
    B(A08) | B(A09) | B(A10) | B(A11) | B(A12) | B(W01) | B(W02) | B(W03) |
    B(C01) | B(C02) | B(C03) | B(C04) | B(C05) | B(C06) | B(C07) | B(C08) |
    B(C09) | B(C10) | B(C11) | B(C12) | B(C13) | B(C14) | B(C15) | B(C16) |
    B(C17) | B(C18) | B(C19) | B(C20) | B(I02) | B(I03) | B(I04) | B(I05);

#define APART __attribute__((noinline))

static const uint64_t all = UINT64_MAX >> (64 - RULESET_CHECK_COUNT);

static inline uint64_t when(bool condition, uint64_t checks) {
  return condition ? checks : 0;
}

static inline unsigned char first_of(struct evald_text text) {
  return text.size > 0 ? (unsigned char)text.data[0] : 0;
}

/* Whether a text may be blank: all but those that begin with a visible
 * character of ASCII or with a Chinese one. */
static inline bool may_be_blank(struct evald_text text) {
  unsigned char first = first_of(text);
  return !((first > ' ' && first < 0x7F) || (first >= 0xE4 && first <= 0xE9));
}

static inline bool may_be_absent(const struct evald_claim *claim) {
  return claim->kind == EVALD_CLAIM_TEXT ? !fold_plain(claim->text)
                                         : claim->kind == EVALD_CLAIM_ABSENT;
}

static inline bool differ(const char *a, const char *b) {
  enum { CHARACTER = 3 };
  return !bytes_equal(a, b, CHARACTER);
}

/* Whether two texts may be equal once folded. */
static inline bool may_be_equal(struct evald_text a, struct evald_text b) {
  return !(fold_plain(a) && fold_plain(b) && differ(a.data, b.data));
}

static inline bool may_end_with(struct evald_text text,
                                struct evald_text tail) {
  return !(fold_ends_plainly(text) && fold_ends_plainly(tail) &&
           differ(text.data + text.size - 3, tail.data + tail.size - 3));
}

static inline bool may_be_money(struct evald_text unit) {
  return unit.size >= 3 &&
         !(fold_ends_plainly(unit) && differ(unit.data + unit.size - 3, "元"));
}

/* Whether so few times apart counts as a slip that any two amounts may be. */
static inline bool few_times(const struct evald_ruleset *ruleset) {
  return ruleset->checks[RULESET_CHECK_C19].threshold <
         2 * (evald_decimal)EVALD_DECIMAL_ONE;
}

static inline bool of_kind(const struct checked_row *row,
                           enum ruleset_kind kind) {
  return row->category && row->category->kind == kind;
}

/* Of each respect in which a row can be odd a few comparisons tell that it is
 * not; which checks are worth it where it is, is told apart. */

APART static uint64_t odd_headings(const struct checked_row *row,
                                   size_t index) {
  return when(!row->level2_fits, B(S06) | B(S07)) |
         when(row->namesake != index, B(S08) | B(C15)) |
         when(row->may_bracket, B(A12));
}

static inline uint64_t headings(const struct checked_row *row, size_t index) {
  bool plain = row->level2_fits && !row->may_bracket && row->namesake == index;
  return plain ? 0 : odd_headings(row, index);
}

static inline uint64_t points(const struct checked_row *row,
                              evald_decimal heaviest) {
  const struct evald_figure *score = &row->claim->score;
  bool plain = row->weight > 0 && score->present && score->value >= 0 &&
               score->value <= row->weight && row->weight <= heaviest;
  return plain ? 0 : B(S04) | B(A06) | B(W02) | B(W03);
}

APART static uint64_t odd_explanations(const struct checked_row *row) {
  struct evald_text measure = row->claim->measure;
  if (row->explained) {
    return when(check_deviates(row) && !fold_surely_says(measure), B(C07));
  }
  return when(check_missed(row), B(C06)) | when(measure.size > 0, B(C07)) |
         when(row->over_achieved, B(C01));
}

/* Of an explained row, the measure where both are due; of one that is not, the
 * reason where a measure stands there. */
static inline uint64_t explanations(const struct checked_row *row) {
  bool plain = !row->explained && row->met && !row->over_achieved &&
               row->claim->measure.size == 0;
  return plain ? 0 : odd_explanations(row);
}

static inline uint64_t name(const struct checked_row *row) {
  unsigned words = row->name_words;
  if (!(words & (WORD_MANAGEMENT | WORD_SPENDING | WORD_MONEY))) return 0;
  bool outlay = (words & (WORD_MONEY | WORD_RETURN)) == WORD_MONEY &&
                may_be_money(row->claim->unit);
  return when(words & WORD_MANAGEMENT, B(C14)) |
         when((words & WORD_SPENDING) || outlay, B(C17));
}

/* Whether two amounts may be many times apart; `few` times are not many. */
static inline bool far_apart(evald_decimal a, evald_decimal b, bool few) {
  return few || (a > 0 && b > 0 && (a / 2 >= b || b / 2 >= a));
}

APART static uint64_t odd_measured(const struct checked_row *row, bool few) {
  const struct evald_indicator *claim = row->claim;
  bool least = claim->op == EVALD_OP_AT_LEAST || claim->op == EVALD_OP_ABOVE;
  bool bounded =
      (row->name_words & (WORD_BOUNDED | WORD_UNBOUNDED)) == WORD_BOUNDED;
  return when(may_be_blank(claim->unit), B(S05)) |
         when(claim->op == EVALD_OP_NONE, B(I05)) |
         when(bounded && least && row->target >= hundred, B(C11)) |
         when((row->level2_words & WORD_QUANTITY) && !fold_plain(claim->unit),
              B(C12)) |
         when(!evald_text_equal(claim->unit, claim->actual_unit), B(C18)) |
         when(may_be_money(claim->unit) &&
                  far_apart(row->actual, row->target, few),
              B(C19));
}

/* A numeric target that has been measured: nearly every row. */
static inline uint64_t measured(const struct checked_row *row, bool few) {
  const struct evald_indicator *claim = row->claim;
  struct evald_text unit = claim->unit;
  bool quantity = row->level2_words & WORD_QUANTITY;
  bool plain = (quantity ? fold_plain(unit) : !may_be_blank(unit)) &&
               !may_be_money(unit) && unit.size == claim->actual_unit.size &&
               bytes_equal(unit.data, claim->actual_unit.data, unit.size) &&
               claim->op != EVALD_OP_NONE &&
               !((row->name_words & WORD_BOUNDED) && row->target >= hundred);
  return plain ? 0 : odd_measured(row, few);
}

/* A text as the target of a row. */
static uint64_t worded_target(const struct checked_row *row) {
  const struct evald_indicator *claim = row->claim;
  struct evald_text target = claim->target.text;
  return when(may_end_with(claim->name, target), B(C13)) |
         when(of_kind(row, RULESET_KIND_SATISFACTION), B(I02)) |
         when(claim->op != EVALD_OP_NONE && claim->op != EVALD_OP_QUALITATIVE,
              B(S05));
}

static uint64_t worded_actual(const struct checked_row *row,
                              const struct fold_signs *signs) {
  const struct evald_claim *target = &row->claim->target;
  struct evald_text actual = row->claim->actual.text;
  bool same =
      target->kind == EVALD_CLAIM_TEXT && may_be_equal(actual, target->text);
  return when(same || fold_compares(signs, actual), B(C03));
}

/* A level, and whether the score may belong to one two away from it: what
 * stands at its edge is rounded by less than a point. */
static uint64_t levelled(const struct checked_row *row,
                         const struct ruleset_level *levels) {
  enum { MET = 0, NOT_MET = 2 };
  const struct evald_figure *score = &row->claim->score;
  const evald_decimal one = EVALD_DECIMAL_ONE;
  if (row->level < 0) return B(A08);
  if (!score->present || (row->level != MET && row->level != NOT_MET)) return 0;
  bool apart = row->level == MET
                   ? exact_compare(score->value - one, hundred, row->weight,
                                   levels[NOT_MET].upper) > 0
                   : exact_compare(score->value + one, hundred, row->weight,
                                   levels[MET].lower) < 0;
  return when(!apart, B(C20));
}

/* A row of any other kind. */
APART static uint64_t not_measured(const struct checked_row *row,
                                   const struct evald_ruleset *ruleset) {
  const struct evald_indicator *claim = row->claim;
  bool number = claim->target.kind == EVALD_CLAIM_NUMBER;
  uint64_t found =
      when(may_be_absent(&claim->target), B(S02)) |
      when(row->method == ROW_NOT_SCORABLE || may_be_absent(&claim->actual),
           B(S03));
  if (row->method == ROW_QUALITATIVE) found |= levelled(row, ruleset->levels);
  if (number) found |= B(S05) | B(I05) | B(C11) | B(C12) | B(C18);
  if (claim->target.kind == EVALD_CLAIM_TEXT) found |= worded_target(row);
  if (claim->actual.kind == EVALD_CLAIM_TEXT) {
    found |= worded_actual(row, &ruleset->signs);
  }
  return found;
}

/* What all rows say together. Sums are modulo 2^64: where they are the right
 * ones, they are right. */
struct rows {
  uint64_t worth;
  uint64_t weights;
  uint64_t section[RULESET_CATEGORIES_MAX]; /* the weights of a category */
  unsigned sections;                        /* a bit for each that has a row */
  unsigned kinds;                           /* a bit for each ruleset_kind */
  unsigned level2_words;
  bool off_target; /* a measured value is not its target */
};

static inline void add_up(const struct checked_row *row, struct rows *rows) {
  const struct evald_figure *weight = &row->claim->weight;
  if (weight->present) rows->weights += (uint64_t)weight->value;
  rows->level2_words |= row->level2_words;
  if (!row->category) return;
  rows->section[row->section] += (uint64_t)weight->value;
  rows->sections |= 1U << row->section;
  rows->kinds |= 1U << row->category->kind;
}

static void look_at_rows(const struct checked_form *form, struct rows *rows) {
  const struct evald_ruleset *ruleset = form->ruleset;
  evald_decimal heaviest = ruleset->checks[RULESET_CHECK_W02].threshold;
  bool few = few_times(ruleset);
  for (size_t i = 0; i < form->claim->indicator_count; i++) {
    const struct checked_row *row = &form->rows[i];
    uint64_t found = headings(row, i) | points(row, heaviest) |
                     explanations(row) | name(row);
    if (row->method == ROW_QUANTITATIVE) {
      found |= measured(row, few);
      rows->off_target |= row->actual != row->target;
    } else {
      found |= not_measured(row, ruleset);
    }
    rows->worth |= found;
    add_up(row, rows);
  }
}

static uint64_t section_weights(const struct checked_form *form,
                                const struct rows *rows) {
  const struct evald_ruleset *ruleset = form->ruleset;
  const struct evald_fund_row *total = &form->claim->funds[EVALD_FUND_TOTAL];
  evald_decimal expected =
      ruleset->execution.scored ? ruleset->execution.weight : 0;
  bool as_ruled = !total->present || !total->weight.present ||
                  total->weight.value == expected;
  for (size_t i = 0; i < ruleset->category_count; i++) {
    const struct ruleset_category *category = &ruleset->categories[i];
    as_ruled &= !category->weighted || !(rows->sections >> i & 1) ||
                rows->section[i] == (uint64_t)category->weight;
  }
  return when(!as_ruled, B(W01));
}

static uint64_t whole_table(const struct checked_form *form,
                            const struct rows *rows) {
  const unsigned core = 1U << RULESET_KIND_OUTPUT | 1U << RULESET_KIND_BENEFIT;
  bool has_cost = (rows->level2_words & WORD_COST) ||
                  (rows->kinds >> RULESET_KIND_COST & 1);
  uint64_t weights = (uint64_t)form->execution_weight + rows->weights;
  return section_weights(form, rows) |
         when(!(rows->kinds >> RULESET_KIND_SATISFACTION & 1), B(S09)) |
         when((rows->kinds & core) != core ||
                  (form->ruleset->cost_required && !has_cost),
              B(S10)) |
         when(weights != (uint64_t)form->ruleset->full_marks, B(A09)) |
         when(!rows->off_target, B(C02));
}

static bool may_lack_measure(const struct checked_form *form) {
  struct evald_text reason = form->claim->reason;
  struct evald_text measure = form->claim->measure;
  if (fold_surely_says(reason)) {
    return form->executed != form->base && !fold_surely_says(measure);
  }
  return reason.size > 0 || measure.size > 0;
}

static uint64_t head(const struct checked_form *checked) {
  const struct evald_form *form = checked->claim;
  bool complete =
      form->fiscal_year != 0 && !may_be_blank(form->pro_name) &&
      !(may_be_blank(form->dept_name) && may_be_blank(form->dept_code)) &&
      !(may_be_blank(form->agency_name) && may_be_blank(form->agency_code));
  return when(!complete, B(S01)) | when(may_lack_measure(checked), B(C07)) |
         when(form->goal_actual.size > 0, B(C16));
}

/* One row of money, present: what of A04 and A05 it is worth. */
static inline uint64_t money_row(const struct evald_fund_row *row, bool total,
                                 bool base_is_opening) {
  const uint64_t most = EVALD_DECIMAL_MAX; /* and none below 0 */
  evald_decimal executed = row->executed.value;
  evald_decimal base = base_is_opening ? row->opening.value : row->budget.value;
  return when(executed > row->budget.value || (uint64_t)executed > most ||
                  (uint64_t)row->opening.value > most ||
                  (uint64_t)row->budget.value > most,
              B(A04)) |
         when(base == 0 && (total || executed != 0), B(A05));
}

/* The sums of the parts, modulo 2^64; of a column that no part has, 0. */
struct parts {
  uint64_t opening, budget, executed;
  bool any;
};

static inline uint64_t present(const struct evald_figure *amount) {
  return amount->present ? (uint64_t)amount->value : 0;
}

static inline bool differs(const struct evald_figure *printed, uint64_t sum) {
  return printed->present && (uint64_t)printed->value != sum;
}

/* A column of which no part says anything looks like one that adds to 0. */
static uint64_t parts_of_money(const struct checked_form *form, bool opening,
                               bool few) {
  const struct evald_fund_row *total = &form->claim->funds[EVALD_FUND_TOTAL];
  evald_decimal budget = total->budget.value;
  struct parts sum = {0};
  uint64_t found = 0;
  for (size_t i = EVALD_FUND_TOTAL + 1; i < EVALD_FUND_COUNT; i++) {
    const struct evald_fund_row *part = &form->claim->funds[i];
    if (!part->present) continue;
    sum.opening += present(&part->opening);
    sum.budget += present(&part->budget);
    sum.executed += present(&part->executed);
    sum.any = true;
    found |= money_row(part, false, opening) |
             when(part->budget.value > budget &&
                      far_apart(part->budget.value, budget, few),
                  B(C19));
  }
  return found | when(sum.any && (differs(&total->opening, sum.opening) ||
                                  differs(&total->budget, sum.budget) ||
                                  differs(&total->executed, sum.executed)),
                      B(A01));
}

/* The row of the total, present. */
static uint64_t total_money(const struct checked_form *form, bool opening,
                            bool few) {
  const struct evald_fund_row *total = &form->claim->funds[EVALD_FUND_TOTAL];
  evald_decimal budget = total->budget.value;
  bool complete = total->budget.present && total->executed.present &&
                  (total->opening.present || !opening);
  bool kept = form->ruleset->execution.formula != RULESET_FORMULA_UNCAPPED &&
              total->score.value <= form->execution_weight;
  return money_row(total, true, opening) | when(!complete, B(S01)) |
         when(far_apart(total->opening.value, budget, few) ||
                  far_apart(total->executed.value, budget, few),
              B(C19)) |
         when(total->score.present && (total->score.value < 0 || !kept),
              B(A06)) |
         when(total->weight.present && total->weight.value <= 0, B(W03)) |
         when(total->opening.value != budget, B(C09));
}

static uint64_t money(const struct checked_form *form) {
  bool opening = form->ruleset->execution.base == RULESET_BASE_OPENING;
  bool few = few_times(form->ruleset);
  return parts_of_money(form, opening, few) |
         (form->claim->funds[EVALD_FUND_TOTAL].present
              ? total_money(form, opening, few)
              : B(S01));
}

uint64_t worth_form(const struct checked_form *form) {
  struct rows rows = {.worth = all & ~judged};
  look_at_rows(form, &rows);
  return rows.worth | whole_table(form, &rows) | head(form) | money(form);
}

/* Where the whole budget is spent for the whole of its points, neither light
 * can go on. */
static uint64_t execution(const struct checked_form *form,
                          const struct evald_execution *scored) {
  bool full = scored->has_score && scored->weight > 0 &&
              scored->score >= scored->weight && scored->rate >= hundred;
  if (!scored->has_rate) return 0;
  return when(!full, B(C10)) |
         when(exact_compare(form->executed, hundred,
                            form->ruleset->explain_execution_below,
                            form->base) < 0,
              B(C08));
}

static bool rows_differ(const struct evald_form *form,
                        const struct evald_row_score *scored) {
  bool found = false;
  for (size_t i = 0; i < form->indicator_count; i++) {
    const struct evald_figure *declared = &form->indicators[i].score;
    found |= declared->present && declared->value != scored[i].score;
  }
  return found;
}

/* Where every score is printed as the rules have it, so is their sum, and what
 * is left to judge is the total and the grade. */
uint64_t worth_scored(const struct checked_form *form,
                      const struct evald_verdict *scored) {
  const struct evald_form *claim = form->claim;
  const struct evald_figure *total = &claim->total;
  const struct evald_figure *points = &claim->funds[EVALD_FUND_TOTAL].score;
  bool rows = rows_differ(claim, scored->rows);
  bool spent = points->present && points->value != scored->execution.score;
  bool sum = total->present && total->value != scored->total;
  bool grade = claim->grade.size > 0 &&
               core_ruleset_grade_named(form->ruleset, claim->grade) !=
                   (int)scored->grade;
  return execution(form, &scored->execution) |
         when(rows, B(A07) | B(A08) | B(C04) | B(C05)) | when(spent, B(A03)) |
         when(total->present && (rows || spent || sum), B(A10)) |
         when(sum, B(I03)) | when(grade, B(I04)) |
         when(claim->grade.size > 0 && (rows || spent || sum || grade), B(A11));
}
