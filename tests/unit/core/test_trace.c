/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trace.h"

#include "fixture.h"

static const struct {
  uint8_t operation;
  struct evald_rounding rounding;
  double a, b, c, result;
} steps[] = {
    {EVALD_OPERATION_RATIO, {EVALD_ROUND_DOWN, 2}, 297.11, 100, 300, 99.03},
    {EVALD_OPERATION_RATIO, {EVALD_ROUND_UP, 0}, 1, 1, 3, 1},
    {EVALD_OPERATION_MINIMUM, {0, 0}, 12, 10, 0, 10},
    {EVALD_OPERATION_MINIMUM, {0, 0}, 9, 10, 0, 9},
    {EVALD_OPERATION_GIVEN, {0, 0}, 27.5, 1, 1, 27.5},
    {EVALD_OPERATION_ROUND, {EVALD_ROUND_HALF_UP, 1}, 9.95, 0, 0, 10},
    {EVALD_OPERATION_LOSS, {EVALD_ROUND_HALF_UP, 2}, 6, 5, 3, 5.1},
    {EVALD_OPERATION_LOSS, {EVALD_ROUND_HALF_UP, 2}, 6, 5, 20, 0},
    {EVALD_OPERATION_LOSS, {EVALD_ROUND_HALF_UP, 2}, 6, 5, 90, 0},
    {EVALD_OPERATION_LOSS, {EVALD_ROUND_HALF_UP, 0}, 6, 12.5, 1, 5},
    {EVALD_OPERATION_SUBTRACT, {0, 0}, 100, 98.5, 0, 1.5},
    {EVALD_OPERATION_SUBTRACT, {0, 0}, 98.5, 100, 0, 0},
};

static void operations(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    struct evald_trace_step step = {.operation = steps[i].operation,
                                    .rounding = steps[i].rounding,
                                    .a = D(steps[i].a),
                                    .b = D(steps[i].b),
                                    .c = D(steps[i].c)};
    evald_decimal result = -1;
    assert_int_equal(evald_trace_replay(&step, 0, &result), EVALD_OK);
    assert_int_equal(result, D(steps[i].result));
  }
}

/* Only steps that score are summed, and only those before. */
static void a_sum_is_of_the_steps_before_it(void **state) {
  (void)state;
  struct evald_trace_step room[6];
  struct trace trace = {.steps = room, .room = 6};
  struct evald_trace_step given = {.operation = EVALD_OPERATION_GIVEN};
  struct evald_trace_step sum = {.operation = EVALD_OPERATION_SUM,
                                 .rounding = {EVALD_ROUND_HALF_UP, 0}};
  given.a = D(1.25);
  (void)trace_add(&trace, given);
  trace_scores(&trace);
  given.a = D(50);
  (void)trace_add(&trace, given);
  given.a = D(2.25);
  (void)trace_add(&trace, given);
  trace_scores(&trace);
  assert_int_equal(trace_add(&trace, sum), D(4));
  (void)trace_add(&trace, given);
  trace_scores(&trace);
  evald_decimal result;
  assert_int_equal(evald_trace_replay(room, 3, &result), EVALD_OK);
  assert_int_equal(result, D(4));
  room[0].result = D(2.25);
  assert_int_equal(evald_trace_replay(room, 3, &result), EVALD_OK);
  assert_int_equal(result, D(5));
}

static void the_first_failure_stays(void **state) {
  (void)state;
  struct evald_trace_step room[2];
  struct trace trace = {.steps = room, .room = 2};
  struct evald_trace_step step = {.operation = EVALD_OPERATION_RATIO};
  assert_int_equal(trace_add(&trace, step), 0);
  trace_scores(&trace);
  step.operation = EVALD_OPERATION_GIVEN;
  step.a = 5;
  assert_int_equal(trace_add(&trace, step), 0);
  assert_int_equal(trace.status, EVALD_RANGE);
  assert_int_equal(trace.count, 0);
}

/* Steps as a store may give them back: what leaves the range says so. */
static void results_out_of_range(void **state) {
  (void)state;
  const evald_decimal most = EVALD_DECIMAL_MAX;
  struct evald_trace_step room[] = {
      {.operation = EVALD_OPERATION_GIVEN, .scores = true, .result = most},
      {.operation = EVALD_OPERATION_GIVEN, .scores = true, .result = most},
      {.operation = EVALD_OPERATION_SUM},
      {.operation = EVALD_OPERATION_SUBTRACT, .a = most, .b = -most},
      {.operation = EVALD_OPERATION_LOSS, .a = D(6), .b = -most, .c = most}};
  evald_decimal result = 7;
  for (size_t i = 2; i < sizeof room / sizeof room[0]; i++) {
    assert_int_equal(evald_trace_replay(room, i, &result), EVALD_RANGE);
    assert_int_equal(result, 7);
  }
}

static void unknown_operations(void **state) {
  (void)state;
  struct evald_trace_step step = {.operation = EVALD_OPERATION_COUNT};
  evald_decimal result = 7;
  assert_int_equal(evald_trace_replay(&step, 0, &result), EVALD_UNSUPPORTED);
  assert_int_equal(result, 7);
  assert_string_equal(evald_operation_name(EVALD_OPERATION_LOSS), "loss");
  assert_string_equal(evald_operation_name(EVALD_OPERATION_COUNT), "?");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(operations),
      cmocka_unit_test(a_sum_is_of_the_steps_before_it),
      cmocka_unit_test(the_first_failure_stays),
      cmocka_unit_test(results_out_of_range),
      cmocka_unit_test(unknown_operations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
