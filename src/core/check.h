/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

/*
 * The checks, and the only maker of a checked form.
 *
 * core_check() looks at a form through a ruleset: it folds names and wordings,
 * settles each row's operator, weight and category (settle.c), and reports what
 * is wrong with the form in itself. What it returns can be scored. The checks
 * that hold a printed figure against the rule's run after the score, in
 * core_check_scored(). Both run rows of one table (check.c); a new check is one
 * row and one function.
 */

#include "core/finding_sink.h"
#include "core/ruleset.h"
#include "evald/evaluate.h"

/* How a row is to be scored, settled once. */
enum row_method {
  ROW_NOT_SCORABLE, /* no usable target or actual: scores 0, and says so */
  ROW_QUANTITATIVE,
  ROW_QUALITATIVE,
  ROW_DROPPED /* not applicable, and the ruleset drops such rows */
};

struct checked_row {
  const struct evald_indicator *claim;
  const struct ruleset_category *category; /* NULL: unknown */
  uint8_t section;                         /* its place in the ruleset */
  uint64_t name_hash;                      /* equal names have equal hashes */
  uint16_t namesake;     /* the first row of that name, else the row itself */
  uint16_t name_words;   /* enum word_kind, of the name ... */
  uint16_t level2_words; /* ... and of level 2 */
  uint8_t method;        /* enum row_method */
  uint8_t op;            /* of a quantitative row: never NONE */
  int8_t level;          /* of a qualitative row; -1: unknown wording */
  bool met;              /* the target is reached */
  bool over_achieved;    /* V14: so far that it is to be explained */
  bool explained;        /* `reason` says something */
  bool level2_fits;      /* level 2 is one of the category's */
  bool may_bracket;      /* a bracket may open in level 1 or 2 */
  bool name_plain;       /* words_in(): plain names are equal as they are */
  evald_decimal target, actual; /* of a quantitative row */
  evald_decimal weight;         /* > 0, or 0 where the claim is unusable */
};

struct checked_form {
  const struct evald_form *claim;
  const struct evald_ruleset *ruleset;
  evald_decimal base; /* V4: what the rate divides by */
  evald_decimal executed;
  bool has_execution; /* both of them stand on the form */
  bool has_scores;    /* the form declares a score or a total somewhere */
  evald_decimal execution_weight;
  const struct checked_row *rows; /* claim->indicator_count */
  uint64_t worth;                 /* the checks worth running: core/worth.h */
};

/* Whether a row's actual value missed its target, as far as that can be said at
 * all. */
static inline bool check_missed(const struct checked_row *row) {
  return (row->method == ROW_QUANTITATIVE && !row->met) ||
         (row->method == ROW_QUALITATIVE && row->level > 0);
}

/* Whether a row departs so far from its target that both reason and measure are
 * due. */
static inline bool check_deviates(const struct checked_row *row) {
  const struct evald_figure *declared = &row->claim->score;
  return check_missed(row) || row->method == ROW_NOT_SCORABLE ||
         row->over_achieved ||
         (declared->present && declared->value < row->weight);
}

/* Findings go into `findings`, made with finding_list_init(). */
enum evald_status core_check(const struct evald_form *form,
                             const struct evald_ruleset *ruleset,
                             struct checked_form *out,
                             struct finding_list *findings,
                             struct evald_fault *fault);

/* Holds the printed scores, total and grade against `scored` (whose execution,
 * rows, total and grade are set), and puts all findings into their order. */
enum evald_status core_check_scored(const struct checked_form *form,
                                    const struct evald_verdict *scored,
                                    struct finding_list *findings,
                                    struct evald_fault *fault);

#endif
