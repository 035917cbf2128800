/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/actor.h"
#include "unit.h"
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

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

/* Reads nothing for a while, then until it is told to stop. */
static void busy_body(struct bus_pipe *pipe, void *argument) {
  static const struct timespec while_ = {0, 50000000};
  bool *told = argument;
  bus_actor_ready(pipe);
  nanosleep(&while_, NULL);
  struct bus_signal signal = {0};
  while (!*told && bus_signal_receive(pipe, &signal, 5000) == EVALD_OK)
    *told = signal.code == BUS_STOP;
}

static void the_word_to_stop_finds_no_room(void **state) {
  (void)state;
  bool told = false;
  struct bus_actor *actor = NULL;
  assert_int_equal(bus_actor_start("busy", busy_body, &told, &actor, NULL),
                   EVALD_OK);
  const struct bus_signal word = {.code = ECHO};
  while (bus_signal_send(bus_actor_pipe(actor), word, 0) == EVALD_OK)
    continue;
  bus_actor_stop(actor);
  assert_true(told);
}

/* Says more than its owner reads; the last is BUS_EXITED. */
static void talking_body(struct bus_pipe *pipe, void *argument) {
  int *said = argument;
  bus_actor_ready(pipe);
  for (; *said < 2 * BUS_PIPE_ROOM; ++*said)
    bus_signal_send(pipe, (struct bus_signal){.code = ECHO}, -1);
}

static void an_owner_that_does_not_listen_can_stop(void **state) {
  (void)state;
  int said = 0;
  struct bus_actor *actor = NULL;
  assert_int_equal(
      bus_actor_start("talking", talking_body, &said, &actor, NULL), EVALD_OK);
  alarm(60); /* else it hangs for ever */
  bus_actor_stop(actor);
  alarm(0);
  assert_int_equal(said, 2 * BUS_PIPE_ROOM);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(start_and_stop),
      cmocka_unit_test(a_failure_is_told),
      cmocka_unit_test(silence_is_a_failure),
      cmocka_unit_test(a_death_is_told),
      cmocka_unit_test(the_word_to_stop_finds_no_room),
      cmocka_unit_test(an_owner_that_does_not_listen_can_stop)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
