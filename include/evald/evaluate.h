/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_EVALUATE_H
#define EVALD_EVALUATE_H

/*
 * From a form to a verdict: check, score, verdict.
 *
 * The same form and the same ruleset give the same verdict, on every machine,
 * for ever. Any thread; no I/O, no clock, no locale; memory from the arena
 * alone.
 */

#include "evald/arena.h"
#include "evald/form.h"
#include "evald/ruleset.h"
#include "evald/trace.h"

/* The score of an indicator. `ratio` is the achievement in percent where one
 * could be formed (`has_ratio`), `rule` what decided the score. A row that is
 * not applicable and dropped by the ruleset has counts = false. */
struct evald_row_score {
  evald_decimal score;
  evald_decimal weight;
  evald_decimal ratio;
  uint8_t rule; /* enum evald_rule */
  bool has_ratio;
  bool counts;
};

/* The execution of the budget; has_rate is false where the budget is 0 (V6),
 * has_score where the ruleset gives the execution no points (V1). */
struct evald_execution {
  evald_decimal rate; /* percent, rounded as the ruleset says */
  evald_decimal score;
  evald_decimal weight;
  bool has_rate;
  bool has_score;
};

/* Texts and arrays point into the form, the ruleset and the arena, and live as
 * long as the shortest-lived of them. */
struct evald_verdict {
  struct evald_text job_id; /* of the job; absent outside a job */
  int64_t revision;         /* of the job; 1 outside a job */
  const struct evald_form *form;
  const struct evald_ruleset *ruleset;

  struct evald_execution execution;
  const struct evald_row_score *rows; /* form->indicator_count of them */
  evald_decimal total;
  uint8_t grade; /* 0 is the best; name: evald_ruleset_grade() */

  const struct evald_finding *findings;
  size_t finding_count;
  size_t level_count[EVALD_LEVEL_COUNT];

  const struct evald_trace_step *trace;
  size_t trace_count;
};

/* Evaluates a form. Every form gets a verdict, however bad it is; the call
 * fails only with EVALD_MEMORY (the arena's limit) or EVALD_RANGE (a sum left
 * the range of decimals). The verdict's job_id and revision are left for the
 * caller to fill in. */
enum evald_status evald_evaluate(const struct evald_form *form,
                                 const struct evald_ruleset *ruleset,
                                 struct evald_arena *arena,
                                 struct evald_verdict *out,
                                 struct evald_fault *fault);

#endif
