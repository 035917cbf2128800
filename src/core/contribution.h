/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CONTRIBUTION_H
#define CORE_CONTRIBUTION_H

/*
 * What a verdict adds to its shard: a vector of integers.
 *
 * An aggregate is the sum of the contributions of all results of a division
 * and year; so a corrected form is "old vector out, new vector in", and
 * verifying is adding all vectors up again. Amounts are in 分, scores in
 * millionths of a point.
 */

#include "evald/evaluate.h"

/* X(name, field in Redis, docs/PROTOCOL.md, and events). Append only: the
 * position is stored. */
#define CORE_COUNTER_LIST(X)                                                   \
  X(FORMS, "forms")                                                            \
  X(INDICATORS, "indicators")                                                  \
  X(OPENING, "opening_fen")                                                    \
  X(BUDGET, "budget_fen")                                                      \
  X(EXECUTED, "executed_fen")                                                  \
  X(TOTAL, "total_e6")                                                         \
  X(EXECUTION_SCORE, "execution_score_e6")                                     \
  X(EXCELLENT, "grade_excellent")                                              \
  X(GOOD, "grade_good")                                                        \
  X(FAIR, "grade_fair")                                                        \
  X(POOR, "grade_poor")                                                        \
  X(ERRORS, "errors")                                                          \
  X(WARNINGS, "warnings")                                                      \
  X(INFOS, "infos")                                                            \
  X(FORMS_WITH_ERRORS, "forms_with_errors")                                    \
  X(FORMS_WITH_WARNINGS, "forms_with_warnings")                                \
  X(GRADE_DIFFERS, "grade_differs")                                            \
  X(TOTAL_DIFFERS, "total_differs")                                            \
  X(SCORE_0, "score_0")                                                        \
  X(SCORE_10, "score_10")                                                      \
  X(SCORE_20, "score_20")                                                      \
  X(SCORE_30, "score_30")                                                      \
  X(SCORE_40, "score_40")                                                      \
  X(SCORE_50, "score_50")                                                      \
  X(SCORE_60, "score_60")                                                      \
  X(SCORE_70, "score_70")                                                      \
  X(SCORE_80, "score_80")                                                      \
  X(SCORE_90, "score_90")

enum core_counter {
#define X(name, field) CORE_COUNTER_##name,
  CORE_COUNTER_LIST(X)
#undef X
      CORE_COUNTER_COUNT
};

struct contribution {
  int64_t counter[CORE_COUNTER_COUNT];
};

/* "budget_fen". */
const char *core_counter_name(enum core_counter counter);

/* The cell of a form that a counter adds up; EVALD_CELL_FORM of those that
 * count forms, rows or findings. */
struct evald_cell core_counter_cell(enum core_counter counter);

/* The vector of a verdict. The last ten count totals by ten points; 100 falls
 * into score_90. EVALD_RANGE where an amount does not fit. */
enum evald_status core_contribution_of(const struct evald_verdict *verdict,
                                       struct contribution *out);

/* sum += / -= part, checked; on EVALD_RANGE `sum` stands as it stood. */
enum evald_status core_contribution_add(struct contribution *sum,
                                        const struct contribution *part);
enum evald_status core_contribution_subtract(struct contribution *sum,
                                             const struct contribution *part);

/* The counters, a bit each, that leave 64 bits in sum - out + in; `out` and
 * `in` may be NULL. */
uint64_t core_contribution_misfits(const struct contribution *sum,
                                   const struct contribution *out,
                                   const struct contribution *in);

/* The checksum readers compare: h = 14695981039346656037; for each counter in
 * the order of the list: h = (h XOR counter as 64 bits) * 1099511628211, all
 * modulo 2^64. A change of any one counter changes it. */
uint64_t core_contribution_checksum(const struct contribution *sum);

#endif
