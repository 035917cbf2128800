/* SPDX-License-Identifier: Apache-2.0 */
#include "core/score.h"

#include "base/arena.h"
#include "core/score_parts.h"

static const struct evald_rounding exact = {EVALD_ROUND_DOWN,
                                            EVALD_DECIMAL_DIGITS};

static evald_decimal sum_step(struct trace *trace, enum evald_rule rule,
                              struct evald_rounding rounding) {
  return trace_add(trace,
                   (struct evald_trace_step){.operation = EVALD_OPERATION_SUM,
                                             .rule = (uint8_t)rule,
                                             .cell = cell_of(EVALD_CELL_TOTAL),
                                             .rounding = rounding});
}

/* The weights of everything that counts, for V18. */
static enum evald_status counted_weight(const struct checked_form *form,
                                        const struct evald_verdict *out,
                                        evald_decimal *weight) {
  evald_decimal sum = out->execution.has_score ? out->execution.weight : 0;
  enum evald_status status = EVALD_OK;
  for (size_t i = 0; i < form->claim->indicator_count && status == EVALD_OK;
       i++) {
    if (out->rows[i].counts) {
      status = evald_decimal_add(sum, out->rows[i].weight, &sum);
    }
  }
  *weight = sum;
  return status;
}

static bool drops_rows(const struct checked_form *form) {
  for (size_t i = 0; i < form->claim->indicator_count; i++) {
    if (form->rows[i].method == ROW_DROPPED) return true;
  }
  return false;
}

/* V18: what the rows left over got, as if they were the whole form. */
static evald_decimal rescaled(const struct checked_form *form,
                              const struct evald_verdict *out,
                              struct trace *trace,
                              struct evald_rounding rounding) {
  evald_decimal weight = 0;
  if (trace->status == EVALD_OK) {
    trace_fail(trace, counted_weight(form, out, &weight),
               cell_of(EVALD_CELL_TOTAL));
  }
  evald_decimal sum = sum_step(trace, EVALD_RULE_TOTAL, exact);
  if (weight == 0) return sum;
  return trace_add(trace,
                   (struct evald_trace_step){.operation = EVALD_OPERATION_RATIO,
                                             .rule = EVALD_RULE_NOT_APPLICABLE,
                                             .cell = cell_of(EVALD_CELL_TOTAL),
                                             .rounding = rounding,
                                             .a = sum,
                                             .b = form->ruleset->full_marks,
                                             .c = weight});
}

static evald_decimal total_of(const struct checked_form *form,
                              const struct evald_verdict *out,
                              struct trace *trace,
                              struct evald_rounding rounding) {
  return drops_rows(form) ? rescaled(form, out, trace, rounding)
                          : sum_step(trace, EVALD_RULE_TOTAL, rounding);
}

/* V17: the grade of the printed total, or of the one before its rounding. */
static void score_total(const struct checked_form *form,
                        struct evald_verdict *out, struct trace *trace) {
  const struct evald_ruleset *ruleset = form->ruleset;
  evald_decimal graded = 0;
  bool unrounded = ruleset->graded == RULESET_GRADED_UNROUNDED;
  if (unrounded) graded = total_of(form, out, trace, exact);
  out->total = total_of(form, out, trace, ruleset->total_rounding);
  if (!unrounded) graded = out->total;
  out->grade = (uint8_t)core_ruleset_grade_of(ruleset, graded);
  (void)trace_add(trace, (struct evald_trace_step){
                             .operation = EVALD_OPERATION_GRADE,
                             .rule = EVALD_RULE_GRADES,
                             .cell = cell_of(EVALD_CELL_GRADE),
                             .a = graded,
                             .result = out->grade * EVALD_DECIMAL_ONE});
}

static enum evald_status make_trace(struct evald_arena *arena, size_t rows,
                                    struct trace *out) {
  size_t room =
      TRACE_EXECUTION_STEPS + rows * TRACE_ROW_STEPS + TRACE_TOTAL_STEPS;
  *out = (struct trace){.room = room};
  out->steps = arena_take_unset(arena, room * sizeof *out->steps);
  return out->steps ? EVALD_OK : EVALD_MEMORY;
}

enum evald_status core_score(const struct checked_form *form,
                             struct evald_verdict *out,
                             struct finding_list *findings,
                             struct evald_fault *fault) {
  size_t count = form->claim->indicator_count;
  struct trace trace;
  struct evald_row_score *rows =
      arena_take_unset(findings->arena, count * sizeof *rows);
  if (!rows || make_trace(findings->arena, count, &trace) != EVALD_OK) {
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "the arena is full");
  }
  out->rows = rows;
  out->execution = (struct evald_execution){0};
  score_execution(form, &trace, &out->execution);
  for (size_t i = 0; i < count; i++) {
    score_row(form, i, &trace, findings, &rows[i]);
  }
  score_total(form, out, &trace);
  out->trace = trace.steps;
  out->trace_count = trace.count;
  if (trace.status == EVALD_OK) return EVALD_OK;
  char cell[EVALD_CELL_PATH];
  evald_cell_path(trace.failed, cell);
  return evald_fault_set(fault, trace.status, cell,
                         "a rate or a sum of scores is out of range");
}
