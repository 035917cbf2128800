/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_RULESET_H
#define CORE_RULESET_H

/*
 * The inside of a ruleset: every parameter of V1-V27 as plain values.
 *
 * Invariants (rules/ruleset_sound checks them before anybody sees a ruleset)
 *  1. Immutable after core_ruleset_new(); shared by an atomic count.
 *  2. Every text and array lives in the ruleset's own arena.
 *  3. grades[] falls strictly and its last cut is 0: each total has one grade.
 *  4. levels[] (qualitative) falls without gap: 100 .. cut .. cut .. 0 percent.
 *  5. bands[] of over-achievement rise and do not overlap.
 *  6. citation[r] < citation_count for every rule r, or RULESET_UNCITED for one
 *     that may be left out and is.
 * Shares and percents are decimals in percent: 130 is EVALD_DECIMAL_ONE * 130.
 */

#include "core/fold.h"
#include "core/headings.h"
#include "core/words.h"
#include "evald/arena.h"
#include "evald/form.h"
#include "evald/ruleset.h"
#include <stdatomic.h>

enum {
  RULESET_GRADES_MAX = 8,
  RULESET_BANDS_MAX = 8,
  RULESET_CATEGORIES_MAX = 12,
  RULESET_LEVEL2_MAX = 16,
  RULESET_WORDS_MAX = 32,
  RULESET_PARAMETERS_MAX = 64
};

/* A name and what it is also called; word[0] is the name. */
struct ruleset_words {
  struct evald_text word[RULESET_WORDS_MAX];
  uint8_t count;
};

enum { RULESET_UNCITED = UINT8_MAX };

struct ruleset_citation {
  struct evald_text text; /* "财预〔2020〕10号 项目支出绩效评价管理办法" */
  uint8_t confidence; /* enum ruleset_confidence */
};

/* Each closed vocabulary of a ruleset file is one list:
 * X(name, spelling in the file). */
#define RULESET_BASE_LIST(X) X(ADJUSTED, "adjusted") X(OPENING, "opening")
#define RULESET_FORMULA_LIST(X)                                                \
  X(CAPPED, "proportional_capped")                                             \
  X(UNCAPPED, "proportional")                                                  \
  X(LOSS_PER_POINT, "loss_per_point")
#define RULESET_SCORE_FROM_LIST(X) X(EXACT, "exact") X(ROUNDED, "rounded_rate")
#define RULESET_REVERSE_LIST(X)                                                \
  X(INVERSE_RATIO, "target_over_actual")                                       \
  X(LINEAR_TO_TWICE, "linear_to_twice")
#define RULESET_EQUAL_LIST(X)          X(AT_LEAST, "at_least") X(STRICT, "strict")
#define RULESET_NEGATIVE_LIST(X)       X(ERROR, "error") X(ZERO, "zero")
#define RULESET_NOT_APPLICABLE_LIST(X) X(KEEP, "keep") X(RESCALE, "rescale")
#define RULESET_GRADED_LIST(X)         X(PRINTED, "printed") X(UNROUNDED, "unrounded")
#define RULESET_COST_LIST(X)                                                   \
  X(NONE, "none")                                                              \
  X(UNDER_OUTPUT, "under_output")                                              \
  X(OWN, "own_category")
#define RULESET_CONFIDENCE_LIST(X)                                             \
  X(SEEN, "seen")                                                              \
  X(FORM, "form")                                                              \
  X(UNVERIFIED, "unverified")
#define RULESET_KIND_LIST(X)                                                   \
  X(OTHER, "other")                                                            \
  X(OUTPUT, "output")                                                          \
  X(BENEFIT, "benefit")                                                        \
  X(SATISFACTION, "satisfaction")                                              \
  X(COST, "cost")
/* X(name, spelling in the file, counter in the aggregate): what a grade counts
 * as on a dashboard, whatever a province calls it. */
#define RULESET_TIER_LIST(X)                                                   \
  X(EXCELLENT, "excellent")                                                    \
  X(GOOD, "good")                                                              \
  X(FAIR, "fair")                                                              \
  X(POOR, "poor")

#define X(name, spelling) RULESET_BASE_##name,
enum ruleset_base { RULESET_BASE_LIST(X) };
#undef X
#define X(name, spelling) RULESET_FORMULA_##name,
enum ruleset_formula { RULESET_FORMULA_LIST(X) };
#undef X
#define X(name, spelling) RULESET_SCORE_FROM_##name,
enum ruleset_score_from { RULESET_SCORE_FROM_LIST(X) };
#undef X
#define X(name, spelling) RULESET_REVERSE_##name,
enum ruleset_reverse { RULESET_REVERSE_LIST(X) };
#undef X
#define X(name, spelling) RULESET_EQUAL_##name,
enum ruleset_equal { RULESET_EQUAL_LIST(X) };
#undef X
#define X(name, spelling) RULESET_NEGATIVE_##name,
enum ruleset_negative { RULESET_NEGATIVE_LIST(X) };
#undef X
#define X(name, spelling) RULESET_NOT_APPLICABLE_##name,
enum ruleset_not_applicable { RULESET_NOT_APPLICABLE_LIST(X) };
#undef X
#define X(name, spelling) RULESET_GRADED_##name,
enum ruleset_graded { RULESET_GRADED_LIST(X) };
#undef X
#define X(name, spelling) RULESET_COST_##name,
enum ruleset_cost { RULESET_COST_LIST(X) };
#undef X
/* SEEN: read in the document or a published form; FORM: computed from
 * published forms; UNVERIFIED: known of, the text was not at hand. */
#define X(name, spelling) RULESET_CONFIDENCE_##name,
enum ruleset_confidence { RULESET_CONFIDENCE_LIST(X) };
#undef X
#define X(name, spelling) RULESET_KIND_##name,
enum ruleset_kind { RULESET_KIND_LIST(X) RULESET_KIND_COUNT };
#undef X
#define X(name, spelling) RULESET_TIER_##name,
enum ruleset_tier { RULESET_TIER_LIST(X) RULESET_TIER_COUNT };
#undef X

struct ruleset_execution {
  bool scored; /* V1: false where the execution has no points */
  evald_decimal weight;
  uint8_t base;               /* V4 */
  uint8_t formula;            /* V5 */
  evald_decimal loss_percent; /* of the weight, per whole point below 100 */
  struct evald_rounding rate_rounding; /* V7 */
  uint8_t score_from;                  /* V8 */
  struct evald_rounding score_rounding;
};

struct ruleset_band { /* V14: `from` <= achievement < `to` keeps `keep` */
  evald_decimal from, to, keep;
};

struct ruleset_rows {
  struct evald_rounding rounding; /* V9 */
  uint8_t reverse;                /* V10 */
  uint8_t equal;                  /* V11 */
  uint8_t negative_actual;        /* V13 */
  uint8_t not_applicable;         /* V18 */
  evald_decimal explain_above;    /* V14, percent of the target; 0: never */
  struct ruleset_band bands[RULESET_BANDS_MAX];
  uint8_t band_count;
  evald_decimal pass_line; /* V15, percent; 0: none */
};

struct ruleset_level { /* V16 */
  struct ruleset_words words;
  evald_decimal upper, lower; /* percent of the weight; lower is included */
};

struct ruleset_grade { /* V17: a total >= from */
  struct evald_text name;
  struct ruleset_words aliases;
  evald_decimal from;
  uint8_t tier;
};

struct ruleset_level2 {
  struct ruleset_words words;
};

struct ruleset_category { /* V2, V3, V21 */
  struct ruleset_words words;
  uint8_t kind;
  bool weighted; /* whether W01 expects `weight` */
  evald_decimal weight;
  struct ruleset_level2 level2[RULESET_LEVEL2_MAX];
  uint8_t level2_count;
};

/* What a ruleset says of one finding: its level, whether it is raised at all,
 * and the threshold of checks that have one and no parameter of their own:
 *   W02 the most points a row may weigh
 *   C10 percent of their points from which results count as almost full
 *   C13 how many empty targets of a form make a warning; fewer are information
 *   C19 how many times apart two amounts are when 元 and 万元 are confused */
struct ruleset_check {
  bool off;
  uint8_t level;
  evald_decimal threshold;
};

/* Finding positions, 0 and up in the order of EVALD_FINDING_LIST: the index
 * of checks[]. */
enum ruleset_finding {
#define X(code, number, level, en, zh) RULESET_CHECK_##code,
  EVALD_FINDING_LIST(X)
#undef X
      RULESET_CHECK_COUNT
};

struct evald_ruleset {
  atomic_uint references;
  struct evald_arena *arena; /* owns all below */

  struct evald_text id, version, title;
  uint16_t year_from, year_to; /* fiscal years served; 0: open */
  struct evald_text canonical;
  struct evald_digest digest;

  struct ruleset_citation *citations;
  uint8_t citation_count; /* below RULESET_UNCITED */
  uint8_t citation[EVALD_RULE_COUNT];
  /* The same for each parameter of a rule (rules/ruleset_parameter). */
  uint8_t parameter_citation[RULESET_PARAMETERS_MAX];

  struct ruleset_execution execution;
  struct ruleset_rows rows;
  struct ruleset_level levels[3]; /* met, partly met, not met */
  struct ruleset_grade grades[RULESET_GRADES_MAX];
  uint8_t grade_count;
  uint8_t graded;           /* of the printed or the unrounded total */
  evald_decimal full_marks; /* 100 */
  struct evald_rounding total_rounding;
  struct ruleset_category categories[RULESET_CATEGORIES_MAX];
  uint8_t category_count;
  uint8_t cost;       /* V21: where costs are filed, enum ruleset_cost */
  bool cost_required; /* S10: a form without a cost indicator is asked */

  /* V19: explanations due; 0: no duty. A tiny percentage means any change. */
  evald_decimal explain_execution_below; /* percent */
  evald_decimal explain_change_above;    /* percent of the opening budget */
  /* V20: the red light at (S/90 - E/10)/(S/90) > red, the yellow one where
   * more than `unspent` of the budget is left; 0: off. */
  evald_decimal light_red, light_unspent;

  struct ruleset_check checks[RULESET_CHECK_COUNT];

  /* V27: how forms write an operator; each sign stands for one of them. And
   * all of them, for the checks. */
  struct ruleset_words operators[EVALD_OPERATOR_COUNT];
  struct fold_signs signs;

  struct words_index words;
  struct headings headings;
};

/* An empty ruleset with one reference, for a loader to fill and then leave
 * alone. Checks have their default levels and thresholds, `words` is made;
 * everything else is zero. NULL: no memory. */
struct evald_ruleset *core_ruleset_new(void);

/* Makes `signs` of `operators` and `headings` of `categories`, once those are
 * filled. */
void core_ruleset_index(struct evald_ruleset *ruleset);

/* Whether a check has a threshold of its own, which a ruleset may set. */
bool core_ruleset_has_threshold(enum ruleset_finding check);

/* The category whose name or alias is `level1`; NULL where none is. Blanks,
 * widths, a trailing 指标 and a bracket （50分） make no difference here nor
 * below. */
const struct ruleset_category *core_ruleset_category(
    const struct evald_ruleset *ruleset, struct evald_text level1);

/* Whether `level2` is one of the category's; a category that lists none takes
 * any. And the first category that lists it; NULL where none does. */
bool core_ruleset_has_level2(const struct ruleset_category *category,
                             struct evald_text level2);
const struct ruleset_category *core_ruleset_category_of(
    const struct evald_ruleset *ruleset, struct evald_text level2);

/* The first category of a kind; NULL where the model has none. */
const struct ruleset_category *core_ruleset_kind(
    const struct evald_ruleset *ruleset, enum ruleset_kind kind);

/* The qualitative level (0 met, 1 partly, 2 not met) a wording folds to; -1
 * where the ruleset does not know the wording. */
int core_ruleset_level(const struct evald_ruleset *ruleset,
                       struct evald_text wording);

/* The grade of a total; and the grade that a printed name means, -1: none. */
unsigned core_ruleset_grade_of(const struct evald_ruleset *ruleset,
                               evald_decimal total);
int core_ruleset_grade_named(const struct evald_ruleset *ruleset,
                             struct evald_text name);

#endif
