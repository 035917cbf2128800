/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CHECKS_H
#define CORE_CHECKS_H

/* The table of checks, and what each of them is given. */

#include "core/check.h"

/* X(finding, when, rule it refers to): one row and one function, check_S01().
 * A check FORM looks at the form alone, a check SCORE also at the score. In
 * the order of the findings, which is the order of reporting. I01 is raised
 * while scoring. */
#define CHECK_LIST(X)                                                          \
  X(S01, FORM, FORM)                                                           \
  X(S02, FORM, FORM)                                                           \
  X(S03, FORM, FORM)                                                           \
  X(S04, FORM, FORM)                                                           \
  X(S05, FORM, FORM)                                                           \
  X(S06, FORM, CATEGORY_MODEL)                                                 \
  X(S07, FORM, CATEGORY_MODEL)                                                 \
  X(S08, FORM, CHECKS)                                                         \
  X(S09, FORM, CATEGORY_MODEL)                                                 \
  X(S10, FORM, CATEGORY_MODEL)                                                 \
  X(A01, FORM, FORM)                                                           \
  X(A02, SCORE, RATE_ROUNDING)                                                 \
  X(A03, SCORE, EXECUTION_FORMULA)                                             \
  X(A04, FORM, FORM)                                                           \
  X(A05, FORM, ZERO_BUDGET)                                                    \
  X(A06, FORM, FORM)                                                           \
  X(A07, SCORE, TARGET_MET)                                                    \
  X(A08, SCORE, QUALITATIVE)                                                   \
  X(A09, FORM, TOTAL)                                                          \
  X(A10, SCORE, TOTAL)                                                         \
  X(A11, SCORE, GRADES)                                                        \
  X(A12, FORM, FORM)                                                           \
  X(W01, FORM, CATEGORY_WEIGHTS)                                               \
  X(W02, FORM, CHECKS)                                                         \
  X(W03, FORM, FORM)                                                           \
  X(C01, FORM, OVER_ACHIEVEMENT)                                               \
  X(C02, FORM, CHECKS)                                                         \
  X(C03, FORM, CHECKS)                                                         \
  X(C04, SCORE, TARGET_MISSED)                                                 \
  X(C05, SCORE, TARGET_MET)                                                    \
  X(C06, SCORE, DUTIES)                                                        \
  X(C07, FORM, DUTIES)                                                         \
  X(C08, SCORE, DUTIES)                                                        \
  X(C09, FORM, DUTIES)                                                         \
  X(C10, SCORE, LIGHTS)                                                        \
  X(C11, FORM, CHECKS)                                                         \
  X(C12, FORM, CHECKS)                                                         \
  X(C13, FORM, CHECKS)                                                         \
  X(C14, FORM, CHECKS)                                                         \
  X(C15, FORM, CHECKS)                                                         \
  X(C16, SCORE, CHECKS)                                                        \
  X(C17, FORM, CHECKS)                                                         \
  X(C18, FORM, CHECKS)                                                         \
  X(C19, FORM, CHECKS)                                                         \
  X(C20, SCORE, QUALITATIVE)                                                   \
  X(I02, FORM, CHECKS)                                                         \
  X(I03, SCORE, TOTAL)                                                         \
  X(I04, SCORE, GRADES)                                                        \
  X(I05, FORM, FORM)

struct check {
  const struct checked_form *form;
  const struct evald_form *claim;
  const struct evald_ruleset *ruleset;
  const struct ruleset_check *settings; /* level, threshold of this check */
  const struct evald_verdict *scored;   /* NULL in a check FORM */
  const struct checked_row *rows;
  size_t row_count;
  struct finding_list *findings;
  enum ruleset_finding which;
  enum evald_rule rule;
};

#define X(code, when, rule) void check_##code(const struct check *check);
CHECK_LIST(X)
#undef X

/* Raises the check's finding for a cell; the caller fills in the values. */
struct evald_finding *check_raise(const struct check *check,
                                  struct evald_cell cell);

/* Whether an amount, a rate or a unit is counted in percent. */
bool check_percent(struct evald_text unit);

/* What stands in a cell that takes a number or words. */
struct evald_value check_claimed(const struct evald_claim *claim);

/* The achievement of a scored row in percent; of kind NONE where it has none.
 */
struct evald_value check_ratio(const struct check *check, size_t index);

#endif
