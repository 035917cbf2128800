/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/actor.h"
#include "unit.h"
#include <stdlib.h>

enum { ECHO = BUS_FIRST_FREE };

static void echo_body(struct bus_pipe *pipe, void *argument) {
  int *ran = argument;
  bus_actor_ready(pipe);
  struct bus_signal signal;
  while (bus_signal_receive(pipe, &signal, -1) == EVALD_OK) {
    if (signal.code == BUS_STOP) break;
    bus_signal_send(pipe, signal, -1);
  }
  *ran = 1;
}

static void failing_body(struct bus_pipe *pipe, void *argument) {
  (void)argument;
  struct evald_fault fault = {0};
  evald_fault_set(&fault, EVALD_RANGE, "here", "because");
  bus_actor_failed(pipe, &fault);
}

static void dying_body(struct bus_pipe *pipe, void *argument) {
  (void)argument;
  bus_actor_ready(pipe);
}

static void silent_body(struct bus_pipe *pipe, void *argument) {
  (void)pipe;
  (void)argument;
}

static void start_and_stop(void **state) {
  (void)state;
  int ran = 0;
  struct bus_actor *actor = NULL;
  assert_int_equal(bus_actor_start("echo", echo_body, &ran, &actor, NULL),
                   EVALD_OK);
  struct bus_signal signal = {.code = ECHO, .number = 7, .pointer = &ran};
  bus_signal_send(bus_actor_pipe(actor), signal, -1);
  struct bus_signal back = {0};
  assert_int_equal(bus_signal_receive(bus_actor_pipe(actor), &back, 5000),
                   EVALD_OK);
  assert_int_equal(back.number, 7);
  assert_ptr_equal(back.pointer, &ran);
  bus_actor_stop(actor);
  assert_int_equal(ran, 1);
}

static void a_failure_is_told(void **state) {
  (void)state;
  struct bus_actor *actor = NULL;
  struct evald_fault fault = {0};
  assert_int_equal(
      bus_actor_start("failing", failing_body, NULL, &actor, &fault),
      EVALD_RANGE);
  assert_null(actor);
  assert_string_equal(fault.place, "here");
  assert_string_equal(fault.text, "because");
}

static void silence_is_a_failure(void **state) {
  (void)state;
  struct bus_actor *actor = NULL;
  assert_int_equal(bus_actor_start("silent", silent_body, NULL, &actor, NULL),
                   EVALD_IO);
}

static void a_death_is_told(void **state) {
  (void)state;
  struct bus_actor *actor = NULL;
  assert_int_equal(bus_actor_start("dying", dying_body, NULL, &actor, NULL),
                   EVALD_OK);
  struct bus_signal signal = {0};
  assert_int_equal(bus_signal_receive(bus_actor_pipe(actor), &signal, 5000),
                   EVALD_OK);
  assert_int_equal(signal.code, BUS_EXITED);
  bus_actor_stop(actor);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(start_and_stop),
                                     cmocka_unit_test(a_failure_is_told),
                                     cmocka_unit_test(silence_is_a_failure),
                                     cmocka_unit_test(a_death_is_told)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
