/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

/* The trace while it grows. Every result is computed from the step itself by
 * the function that also replays it, so no step can say anything but what was
 * done. */

#include "core/exact.h"
#include "evald/trace.h"
#include <assert.h>

struct trace {
  struct evald_trace_step *steps;
  size_t count, room;
  evald_decimal sum; /* of the steps that score */
  enum evald_status status;
  struct evald_cell failed; /* where `status` is not EVALD_OK */
};

/* Computes the result of `step`, appends it and returns the result; 0 once
 * `status` is not EVALD_OK, which a caller looks at once, at the end. There
 * must be room. */
evald_decimal trace_add(struct trace *trace, struct evald_trace_step step);

/* The same of a step GIVEN, which most are: its result is what was given. */
static inline evald_decimal trace_give(struct trace *trace,
                                       enum evald_rule rule,
                                       struct evald_cell cell,
                                       evald_decimal score) {
  if (trace->status != EVALD_OK) return 0;
  assert(trace->count < trace->room);
  trace->steps[trace->count++] =
      (struct evald_trace_step){.operation = EVALD_OPERATION_GIVEN,
                                .rule = (uint8_t)rule,
                                .cell = cell,
                                .a = score,
                                .result = score};
  return score;
}

/* Ends the computing where `status` is not EVALD_OK: `cell` has no value. */
void trace_fail(struct trace *trace, enum evald_status status,
                struct evald_cell cell);

/* Marks the last step as the score that enters the total. */
static inline void trace_scores(struct trace *trace) {
  if (trace->status != EVALD_OK) return;
  struct evald_trace_step *last = &trace->steps[trace->count - 1];
  last->scores = true;
  enum evald_status status = exact_add(trace->sum, last->result, &trace->sum);
  if (status != EVALD_OK) trace_fail(trace, status, last->cell);
}

#endif
