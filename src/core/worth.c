/* SPDX-License-Identifier: Apache-2.0 */
#include "core/worth.h"

#include "base/bytes.h"
#include "core/fold.h"

#define B(code) (UINT64_C(1) << RULESET_CHECK_##code)

static const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;

/* The checks of which something below tells whether they are worth running; all
 * others always are. */
static const uint64_t judged =
    B(S01) | B(S02) | B(S03) | B(S04) | B(S05) | B(S06) | B(S07) | B(S08) |
    B(S09) | B(S10) | B(A03) | B(A04) | B(A05) | B(A06) | B(A07) | B(A08) |
    B(A09) | B(A10) | B(A11) | B(A12) | B(W02) | B(W03) | B(C01) | B(C02) |
    B(C03) | B(C04) | B(C05) | B(C06) | B(C07) | B(C08) | B(C09) | B(C10) |
    B(C11) | B(C12) | B(C13) | B(C14) | B(C15) | B(C16) | B(C17) | B(C18) |
    B(C19) | B(C20) | B(I02) | B(I03) | B(I04) | B(I05);

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

/* Whether a text ends with a Chinese character, so with no blank. */
static inline bool ends_plainly(struct evald_text text) {
  return text.size >= 3 && (unsigned char)text.data[text.size - 3] >= 0xE4 &&
         (unsigned char)text.data[text.size - 3] <= 0xE9;
}

static inline bool may_end_with(struct evald_text text,
                                struct evald_text tail) {
  return !(ends_plainly(text) && ends_plainly(tail) &&
           differ(text.data + text.size - 3, tail.data + tail.size - 3));
}

static bool may_be_money(struct evald_text unit) {
  return unit.size > 3 || (unit.size == 3 && !differ(unit.data, "元"));
}

static uint64_t structure(const struct checked_row *row, size_t index) {
  const struct evald_indicator *claim = row->claim;
  const struct evald_claim *target = &claim->target;
  const struct evald_claim *actual = &claim->actual;
  bool number = target->kind == EVALD_CLAIM_NUMBER;
  bool compared =
      claim->op != EVALD_OP_NONE && claim->op != EVALD_OP_QUALITATIVE;
  return when(may_be_absent(target), B(S02)) |
         when(row->method == ROW_NOT_SCORABLE || may_be_absent(actual),
              B(S03)) |
         when(!claim->weight.present || !claim->score.present, B(S04)) |
         when(number ? may_be_blank(claim->unit) : compared, B(S05)) |
         when(!row->level2_fits, B(S06) | B(S07)) |
         when(row->namesake != index, B(S08) | B(C15)) |
         when(row->may_bracket, B(A12)) |
         when(number && claim->op == EVALD_OP_NONE, B(I05));
}

static uint64_t arithmetic(const struct checked_row *row,
                           evald_decimal heaviest) {
  const struct evald_figure *weight = &row->claim->weight;
  const struct evald_figure *score = &row->claim->score;
  bool levelled = row->method == ROW_QUALITATIVE;
  return when(score->present &&
                  (score->value < 0 || score->value > row->weight),
              B(A06)) |
         when(levelled && row->level < 0, B(A08)) |
         when(levelled && score->present && row->level != 1, B(C20)) |
         when(row->weight > heaviest, B(W02)) |
         when(weight->present && weight->value <= 0, B(W03));
}

static uint64_t explanations(const struct checked_row *row,
                             evald_decimal explain_above) {
  bool measured = row->method == ROW_QUANTITATIVE;
  return when(measured && !row->explained &&
                  (row->actual > row->target || explain_above <= hundred),
              B(C01)) |
         when(!row->explained && check_missed(row), B(C06)) |
         when(row->claim->reason.size > 0 || row->claim->measure.size > 0,
              B(C07));
}

static bool of_kind(const struct checked_row *row, enum ruleset_kind kind) {
  return row->category && row->category->kind == kind;
}

/* What a numeric target is worth, beside its unit for S05. */
static uint64_t number_target(const struct checked_row *row) {
  const struct evald_indicator *claim = row->claim;
  bool least = claim->op == EVALD_OP_AT_LEAST || claim->op == EVALD_OP_ABOVE;
  bool bounded =
      (row->name_words & (WORD_BOUNDED | WORD_UNBOUNDED)) == WORD_BOUNDED;
  bool same_unit = claim->actual.kind == EVALD_CLAIM_NUMBER &&
                   evald_text_equal(claim->unit, claim->actual_unit);
  return when(least && bounded && claim->target.number >= hundred, B(C11)) |
         when((row->level2_words & WORD_QUANTITY) && !fold_plain(claim->unit),
              B(C12)) |
         when(!same_unit, B(C18)) | when(may_be_money(claim->unit), B(C19));
}

static uint64_t wording(const struct checked_row *row,
                        const struct fold_signs *signs) {
  const struct evald_indicator *claim = row->claim;
  struct evald_text target = claim->target.text;
  uint64_t found = 0;
  if (claim->target.kind == EVALD_CLAIM_NUMBER) {
    found = number_target(row);
  } else if (claim->target.kind == EVALD_CLAIM_TEXT) {
    found = when(may_end_with(claim->name, target), B(C13)) |
            when(of_kind(row, RULESET_KIND_SATISFACTION), B(I02));
  }
  if (claim->actual.kind == EVALD_CLAIM_TEXT) {
    bool same = claim->target.kind == EVALD_CLAIM_TEXT &&
                may_be_equal(claim->actual.text, target);
    found |= when(same || fold_compares(signs, claim->actual.text), B(C03));
  }
  return found | when(row->name_words & WORD_MANAGEMENT, B(C14)) |
         when(row->name_words & (WORD_SPENDING | WORD_MONEY), B(C17));
}

/* What all rows say together. */
struct rows {
  uint64_t worth;
  uint64_t weights; /* modulo 2^64: where it is the right sum, it is right */
  unsigned kinds;   /* a bit for each enum ruleset_kind */
  bool off_target;  /* a measured value is not its target */
  bool has_cost;
};

static void look_at_rows(const struct checked_form *form, struct rows *rows) {
  const struct evald_ruleset *ruleset = form->ruleset;
  evald_decimal heaviest = ruleset->checks[RULESET_CHECK_W02].threshold;
  for (size_t i = 0; i < form->claim->indicator_count; i++) {
    const struct checked_row *row = &form->rows[i];
    rows->worth |= structure(row, i) | arithmetic(row, heaviest) |
                   explanations(row, ruleset->rows.explain_above) |
                   wording(row, &ruleset->signs);
    if (row->claim->weight.present) {
      rows->weights += (uint64_t)row->claim->weight.value;
    }
    if (row->category) rows->kinds |= 1U << row->category->kind;
    rows->off_target |=
        row->method == ROW_QUANTITATIVE && row->actual != row->target;
    rows->has_cost |= (row->level2_words & WORD_COST) != 0;
  }
}

static uint64_t whole_table(const struct checked_form *form,
                            const struct rows *rows) {
  const unsigned core = 1U << RULESET_KIND_OUTPUT | 1U << RULESET_KIND_BENEFIT;
  bool has_cost = rows->has_cost || (rows->kinds >> RULESET_KIND_COST & 1);
  uint64_t weights = (uint64_t)form->execution_weight + rows->weights;
  return when(!(rows->kinds >> RULESET_KIND_SATISFACTION & 1), B(S09)) |
         when((rows->kinds & core) != core ||
                  (form->ruleset->cost_required && !has_cost),
              B(S10)) |
         when(weights != (uint64_t)form->ruleset->full_marks, B(A09)) |
         when(!rows->off_target, B(C02));
}

static uint64_t head(const struct evald_form *form) {
  bool complete =
      form->fiscal_year != 0 && !may_be_blank(form->pro_name) &&
      !(may_be_blank(form->dept_name) && may_be_blank(form->dept_code)) &&
      !(may_be_blank(form->agency_name) && may_be_blank(form->agency_code));
  return when(!complete, B(S01)) |
         when(form->reason.size > 0 || form->measure.size > 0, B(C07)) |
         when(form->goal_actual.size > 0, B(C16));
}

/* Whether two amounts may be many times apart; `few` times are not many. */
static bool far_apart(evald_decimal a, evald_decimal b, bool few) {
  return few || (a > 0 && b > 0 && (a / 2 >= b || b / 2 >= a));
}

static bool out_of_range(const struct evald_figure *amount) {
  return amount->present &&
         (amount->value < 0 || amount->value > EVALD_DECIMAL_MAX);
}

/* One row of money: what of A04 and A05 it is worth. */
static uint64_t money_row(const struct evald_fund_row *row, bool total,
                          bool base_is_opening) {
  const struct evald_figure *base =
      base_is_opening ? &row->opening : &row->budget;
  if (!row->present) return 0;
  bool over = row->executed.present && row->budget.present &&
              row->executed.value > row->budget.value;
  return when(over || out_of_range(&row->opening) ||
                  out_of_range(&row->budget) || out_of_range(&row->executed),
              B(A04)) |
         when(base->present && base->value == 0 &&
                  (total || row->executed.value != 0),
              B(A05));
}

static uint64_t slips(const struct checked_form *form) {
  const struct evald_fund_row *total = &form->claim->funds[EVALD_FUND_TOTAL];
  evald_decimal budget = total->budget.value;
  bool few = form->ruleset->checks[RULESET_CHECK_C19].threshold <
             2 * (evald_decimal)EVALD_DECIMAL_ONE;
  bool apart = far_apart(total->opening.value, budget, few) ||
               far_apart(total->executed.value, budget, few);
  for (size_t i = EVALD_FUND_TOTAL + 1; i < EVALD_FUND_COUNT; i++) {
    evald_decimal part = form->claim->funds[i].budget.value;
    apart = apart || (part > budget && far_apart(part, budget, few));
  }
  return when(apart, B(C19));
}

static uint64_t money(const struct checked_form *form) {
  const struct evald_form *claim = form->claim;
  const struct evald_fund_row *total = &claim->funds[EVALD_FUND_TOTAL];
  const struct ruleset_execution *rules = &form->ruleset->execution;
  bool opening = rules->base == RULESET_BASE_OPENING;
  uint64_t found = 0;
  for (size_t i = 0; i < EVALD_FUND_COUNT; i++) {
    found |= money_row(&claim->funds[i], i == EVALD_FUND_TOTAL, opening);
  }
  bool complete = total->present && total->budget.present &&
                  total->executed.present &&
                  (total->opening.present || !opening);
  bool kept = rules->formula != RULESET_FORMULA_UNCAPPED &&
              total->score.value <= form->execution_weight;
  return found | slips(form) | when(!complete, B(S01)) |
         when(total->score.present && (total->score.value < 0 || !kept),
              B(A06)) |
         when(total->weight.present && total->weight.value <= 0, B(W03)) |
         when(total->opening.value != total->budget.value, B(C09));
}

uint64_t worth_form(const struct checked_form *form) {
  struct rows rows = {.worth = all & ~judged};
  look_at_rows(form, &rows);
  return rows.worth | whole_table(form, &rows) | head(form->claim) |
         money(form);
}

/* Where the whole budget is spent for the whole of its points, neither light
 * can go on, and no explanation of it is due. */
static uint64_t execution(const struct checked_form *form,
                          const struct evald_execution *scored) {
  bool full = scored->has_score && scored->weight > 0 &&
              scored->score >= scored->weight && scored->rate >= hundred;
  bool spent = form->executed >= form->base &&
               form->ruleset->explain_execution_below <= hundred;
  if (!scored->has_rate) return 0;
  return when(!full, B(C10)) | when(!spent, B(C08));
}

uint64_t worth_scored(const struct checked_form *form,
                      const struct evald_verdict *scored) {
  const struct evald_form *claim = form->claim;
  const struct evald_figure *total = &claim->total;
  const struct evald_figure *points = &claim->funds[EVALD_FUND_TOTAL].score;
  uint64_t found = execution(form, &scored->execution);
  for (size_t i = 0; i < claim->indicator_count; i++) {
    const struct evald_figure *declared = &claim->indicators[i].score;
    found |= when(declared->present && declared->value != scored->rows[i].score,
                  B(A07) | B(A08) | B(C04) | B(C05));
  }
  return found |
         when(points->present && points->value != scored->execution.score,
              B(A03)) |
         when(total->present, B(A10)) |
         when(total->present && total->value != scored->total, B(I03)) |
         when(claim->grade.size > 0, B(A11) | B(I04));
}
