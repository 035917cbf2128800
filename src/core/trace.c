/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trace.h"

static const char *const names[] = {
#define X(name, spelling, meaning) spelling,
    EVALD_OPERATION_LIST(X)
#undef X
};

const char *evald_operation_name(enum evald_operation operation) {
  return (unsigned)operation < EVALD_OPERATION_COUNT ? names[operation] : "?";
}

typedef enum evald_status operation_function(
    const struct evald_trace_step *step, evald_decimal sum, evald_decimal *out);

static enum evald_status ratio(const struct evald_trace_step *step,
                               evald_decimal sum, evald_decimal *out) {
  (void)sum;
  return evald_decimal_ratio(step->a, step->b, step->c, step->rounding, out);
}

static enum evald_status minimum(const struct evald_trace_step *step,
                                 evald_decimal sum, evald_decimal *out) {
  (void)sum;
  *out = step->a < step->b ? step->a : step->b;
  return EVALD_OK;
}

static enum evald_status given(const struct evald_trace_step *step,
                               evald_decimal sum, evald_decimal *out) {
  (void)sum;
  *out = step->a;
  return EVALD_OK;
}

static enum evald_status round_off(const struct evald_trace_step *step,
                                   evald_decimal sum, evald_decimal *out) {
  (void)sum;
  return evald_decimal_round(step->a, step->rounding, out);
}

/* a - a * b * c / 100 = a * (100 - b * c) / 100, rounded once. */
static enum evald_status loss(const struct evald_trace_step *step,
                              evald_decimal sum, evald_decimal *out) {
  (void)sum;
  const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;
  const struct evald_rounding exact = {EVALD_ROUND_DOWN, EVALD_DECIMAL_DIGITS};
  evald_decimal lost = hundred;
  if (evald_decimal_compare_products(step->b, step->c, hundred,
                                     EVALD_DECIMAL_ONE) < 0) {
    enum evald_status status =
        evald_decimal_ratio(step->b, step->c, EVALD_DECIMAL_ONE, exact, &lost);
    if (status != EVALD_OK) return status;
  }
  return evald_decimal_ratio(step->a, hundred - lost, hundred, step->rounding,
                             out);
}

static enum evald_status subtract(const struct evald_trace_step *step,
                                  evald_decimal sum, evald_decimal *out) {
  (void)sum;
  evald_decimal rest;
  enum evald_status status = evald_decimal_subtract(step->a, step->b, &rest);
  if (status == EVALD_OK) *out = rest > 0 ? rest : 0;
  return status;
}

static enum evald_status sum_up(const struct evald_trace_step *step,
                                evald_decimal sum, evald_decimal *out) {
  return evald_decimal_round(sum, step->rounding, out);
}

static enum evald_status grade(const struct evald_trace_step *step,
                               evald_decimal sum, evald_decimal *out) {
  (void)sum;
  *out = step->result;
  return EVALD_OK;
}

static operation_function *const functions[] = {
    [EVALD_OPERATION_RATIO] = ratio, [EVALD_OPERATION_MINIMUM] = minimum,
    [EVALD_OPERATION_GIVEN] = given, [EVALD_OPERATION_ROUND] = round_off,
    [EVALD_OPERATION_LOSS] = loss,   [EVALD_OPERATION_SUBTRACT] = subtract,
    [EVALD_OPERATION_SUM] = sum_up,  [EVALD_OPERATION_GRADE] = grade,
};
_Static_assert(sizeof functions / sizeof functions[0] == EVALD_OPERATION_COUNT,
               "an operation without a function");

evald_decimal trace_add(struct trace *trace, struct evald_trace_step step) {
  if (trace->status != EVALD_OK) return 0;
  assert(trace->count < trace->room);
  trace_fail(trace, functions[step.operation](&step, trace->sum, &step.result),
             step.cell);
  if (trace->status != EVALD_OK) return 0;
  trace->steps[trace->count++] = step;
  return step.result;
}

void trace_fail(struct trace *trace, enum evald_status status,
                struct evald_cell cell) {
  if (status == EVALD_OK || trace->status != EVALD_OK) return;
  trace->status = status;
  trace->failed = cell;
}

enum evald_status evald_trace_replay(const struct evald_trace_step *steps,
                                     size_t position, evald_decimal *out) {
  const struct evald_trace_step *step = &steps[position];
  if (step->operation >= EVALD_OPERATION_COUNT) return EVALD_UNSUPPORTED;
  evald_decimal sum = 0;
  for (size_t i = 0; step->operation == EVALD_OPERATION_SUM && i < position;
       i++) {
    if (!steps[i].scores) continue;
    enum evald_status status = evald_decimal_add(sum, steps[i].result, &sum);
    if (status != EVALD_OK) return status;
  }
  return functions[step->operation](step, sum, out);
}
