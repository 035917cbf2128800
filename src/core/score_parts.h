/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SCORE_PARTS_H
#define CORE_SCORE_PARTS_H

/* What score.c puts together: the execution of the budget, and one row. */

#include "core/check.h"
#include "core/trace.h"

enum {
  TRACE_EXECUTION_STEPS = 5, /* at most */
  TRACE_ROW_STEPS = 3,
  TRACE_TOTAL_STEPS = 5
};

/* V1, V4-V8. Appends at most TRACE_EXECUTION_STEPS. */
void score_execution(const struct checked_form *form, struct trace *trace,
                     struct evald_execution *out);

/* V9-V16, V18. Appends at most TRACE_ROW_STEPS. */
void score_row(const struct checked_form *form, size_t index,
               struct trace *trace, struct finding_list *findings,
               struct evald_row_score *out);

/* The points that stand at `percent` of the weight, rounded as rows are. */
evald_decimal score_edge(const struct checked_form *form,
                         const struct checked_row *row, evald_decimal percent);

/* Whether `score` lies in the band of the row's level, both edges included,
 * exactly or as rounded. */
bool score_in_band(const struct checked_form *form,
                   const struct checked_row *row, int level,
                   evald_decimal score);

#endif
