/* SPDX-License-Identifier: Apache-2.0 */
#include "core/score_parts.h"

static const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;
static const struct evald_rounding whole_down = {EVALD_ROUND_DOWN, 0};

static struct evald_trace_step step_of(enum evald_operation operation,
                                       enum evald_rule rule,
                                       enum evald_cell_field field) {
  return (struct evald_trace_step){.operation = (uint8_t)operation,
                                   .rule = (uint8_t)rule,
                                   .cell = cell_at(field, EVALD_FUND_TOTAL)};
}

static evald_decimal given(struct trace *trace, enum evald_rule rule,
                           evald_decimal score) {
  return trace_give(trace, rule,
                    cell_at(EVALD_CELL_FUND_SCORE, EVALD_FUND_TOTAL), score);
}

/* V7: the rate as it is printed, in percent. */
static evald_decimal rate(const struct checked_form *form,
                          struct trace *trace) {
  struct evald_trace_step step = step_of(
      EVALD_OPERATION_RATIO, EVALD_RULE_RATE_ROUNDING, EVALD_CELL_FUND_RATE);
  step.a = form->executed;
  step.b = hundred;
  step.c = form->base;
  step.rounding = form->ruleset->execution.rate_rounding;
  return trace_add(trace, step);
}

/* V5, V8: the weight in proportion to the rate. */
static evald_decimal proportional(const struct checked_form *form,
                                  struct trace *trace, evald_decimal printed) {
  const struct ruleset_execution *rules = &form->ruleset->execution;
  bool exact = rules->score_from == RULESET_SCORE_FROM_EXACT;
  struct evald_trace_step step = step_of(
      EVALD_OPERATION_RATIO, EVALD_RULE_SCORE_FROM, EVALD_CELL_FUND_SCORE);
  step.a = form->execution_weight;
  step.b = exact ? form->executed : printed;
  step.c = exact ? form->base : hundred;
  step.rounding = rules->score_rounding;
  return trace_add(trace, step);
}

/* V5: so many percent of the weight for each whole point below 100. */
static evald_decimal loss_per_point(const struct checked_form *form,
                                    struct trace *trace,
                                    evald_decimal printed) {
  const struct ruleset_execution *rules = &form->ruleset->execution;
  bool exact = rules->score_from == RULESET_SCORE_FROM_EXACT;
  struct evald_trace_step step =
      step_of(EVALD_OPERATION_SUBTRACT, EVALD_RULE_EXECUTION_FORMULA,
              EVALD_CELL_FUND_RATE);
  step.a = exact ? form->base : hundred;
  step.b = exact ? form->executed : printed;
  evald_decimal missing = trace_add(trace, step);
  step.operation = EVALD_OPERATION_RATIO;
  step.a = missing;
  step.b = hundred;
  step.c = exact ? form->base : hundred;
  step.rounding = whole_down;
  evald_decimal points = trace_add(trace, step);
  step = step_of(EVALD_OPERATION_LOSS, EVALD_RULE_EXECUTION_FORMULA,
                 EVALD_CELL_FUND_SCORE);
  step.a = form->execution_weight;
  step.b = rules->loss_percent;
  step.c = points;
  step.rounding = rules->score_rounding;
  return trace_add(trace, step);
}

static evald_decimal at_most_weight(const struct checked_form *form,
                                    struct trace *trace, evald_decimal score) {
  if (score <= form->execution_weight) return score;
  struct evald_trace_step step =
      step_of(EVALD_OPERATION_MINIMUM, EVALD_RULE_EXECUTION_FORMULA,
              EVALD_CELL_FUND_SCORE);
  step.a = score;
  step.b = form->execution_weight;
  return trace_add(trace, step);
}

static evald_decimal score(const struct checked_form *form, struct trace *trace,
                           evald_decimal printed) {
  bool capped = form->ruleset->execution.formula != RULESET_FORMULA_UNCAPPED;
  if (capped && form->executed >= form->base) {
    return given(trace, EVALD_RULE_EXECUTION_FORMULA, form->execution_weight);
  }
  if (form->ruleset->execution.formula == RULESET_FORMULA_LOSS_PER_POINT) {
    return at_most_weight(form, trace, loss_per_point(form, trace, printed));
  }
  evald_decimal points = proportional(form, trace, printed);
  return capped ? at_most_weight(form, trace, points) : points;
}

void score_execution(const struct checked_form *form, struct trace *trace,
                     struct evald_execution *out) {
  out->weight = form->execution_weight;
  out->has_score = form->ruleset->execution.scored;
  out->has_rate = form->has_execution && form->base > 0;
  if (out->has_rate) out->rate = rate(form, trace);
  if (!out->has_score) return;
  if (!form->has_execution) {
    out->score = given(trace, EVALD_RULE_FORM, 0);
  } else if (!out->has_rate) {
    out->score = given(trace, EVALD_RULE_ZERO_BUDGET, 0);
  } else if (form->executed < 0) {
    out->score = given(trace, EVALD_RULE_EXECUTION_FORMULA, 0);
  } else {
    out->score = score(form, trace, out->rate);
  }
  trace_scores(trace);
}
