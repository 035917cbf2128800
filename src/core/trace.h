/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

/* The trace while it grows. Every result is computed from the step itself by
 * the function that also replays it, so no step can say anything but what was
 * done. */

#include "evald/trace.h"

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

/* Marks the last step as the score that enters the total. */
void trace_scores(struct trace *trace);

/* Ends the computing where `status` is not EVALD_OK: `cell` has no value. */
void trace_fail(struct trace *trace, enum evald_status status,
                struct evald_cell cell);

#endif
