/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_TRACE_H
#define EVALD_TRACE_H

/*
 * The trace: how each point of a score came about.
 *
 * A step names the cell it gives a value to, its operands, the operation, the
 * rounding and the rule. Replaying the steps in order, with nothing but this
 * header, gives the score again: that is what makes a verdict checkable by a
 * person with a pocket calculator.
 */

#include "evald/finding.h"

/* X(name, spelling, what it computes). The numbers are stored: append only. */
#define EVALD_OPERATION_LIST(X)                                                \
  X(RATIO, "ratio", "round(a * b / c)")                                        \
  X(MINIMUM, "minimum", "min(a, b)")                                           \
  X(GIVEN, "given", "a")                                                       \
  X(ROUND, "round", "round(a)")                                                \
  X(LOSS, "loss", "max(0, round(a - a * b * c / 100))")                        \
  X(SUBTRACT, "subtract", "max(0, a - b)")                                     \
  X(SUM, "sum", "the sum of every score step so far, rounded")                 \
  X(GRADE, "grade", "the number, from 0, of the first grade from a")

enum evald_operation {
#define X(name, spelling, meaning) EVALD_OPERATION_##name,
  EVALD_OPERATION_LIST(X)
#undef X
      EVALD_OPERATION_COUNT
};

const char *evald_operation_name(enum evald_operation operation);

/* `scores` marks the steps whose result enters the total: one for the
 * execution and one for each indicator that counts. */
struct evald_trace_step {
  uint8_t operation; /* enum evald_operation */
  uint8_t rule;      /* enum evald_rule */
  bool scores;
  struct evald_cell cell;
  struct evald_rounding rounding;
  evald_decimal a, b, c;
  evald_decimal result;
};

/* Computes the result of step `position` of `steps` anew from its operands
 * (and, for SUM, from the results of the steps before it). A GRADE step is
 * given back as it stands: its cut points are the ruleset's. */
enum evald_status evald_trace_replay(const struct evald_trace_step *steps,
                                     size_t position, evald_decimal *out);

#endif
