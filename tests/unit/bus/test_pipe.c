/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/pipe.h"
#include "bus/wait.h"
#include "unit.h"
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { ROUNDS = 20000 };

static void open_pipe(struct bus_pipe *ends[2]) {
  assert_int_equal(bus_pipe_open(ends, NULL), EVALD_OK);
}

static void close_pipe(struct bus_pipe *ends[2]) {
  bus_pipe_close(ends[0]);
  bus_pipe_close(ends[1]);
}

static void signals_arrive_in_order_each_way(void **state) {
  struct bus_pipe *ends[2];
  struct bus_signal signal;
  (void)state;
  open_pipe(ends);
  for (int way = 0; way < 2; way++) {
    for (uint32_t i = 0; i < 3; i++)
      bus_signal_send(ends[way], (struct bus_signal){.number = i}, 0);
    for (uint32_t i = 0; i < 3; i++) {
      assert_int_equal(bus_signal_receive(ends[1 - way], &signal, 0), EVALD_OK);
      assert_int_equal(signal.number, i);
    }
    assert_int_equal(bus_signal_receive(ends[1 - way], &signal, 0),
                     EVALD_TIMEOUT);
  }
  close_pipe(ends);
}

static void a_full_pipe_takes_no_more(void **state) {
  struct bus_pipe *ends[2];
  struct bus_signal signal = {.code = 7};
  (void)state;
  open_pipe(ends);
  for (int i = 0; i < BUS_PIPE_ROOM; i++)
    assert_int_equal(bus_signal_send(ends[0], signal, 0), EVALD_OK);
  assert_int_equal(bus_signal_send(ends[0], signal, 0), EVALD_TIMEOUT);
  assert_int_equal(bus_signal_send(ends[0], signal, 2), EVALD_TIMEOUT);
  assert_int_equal(bus_signal_receive(ends[1], &signal, 0), EVALD_OK);
  assert_int_equal(bus_signal_send(ends[0], signal, 0), EVALD_OK);
  close_pipe(ends);
}

/* Whoever does not sleep is not woken: that would be a system call. */
static void only_a_sleeper_is_woken(void **state) {
  struct bus_pipe *ends[2];
  uint64_t count;
  (void)state;
  open_pipe(ends);
  int fd = bus_pipe_fd(ends[1]);
  bus_signal_send(ends[0], (struct bus_signal){0}, 0);
  assert_int_equal(read(fd, &count, sizeof count), -1);
  assert_false(bus_pipe_doze(ends[1])); /* there is something already */
  bus_pipe_rouse(ends[1], false);
  struct bus_signal signal;
  assert_int_equal(bus_signal_receive(ends[1], &signal, 0), EVALD_OK);
  assert_true(bus_pipe_doze(ends[1]));
  bus_signal_send(ends[0], (struct bus_signal){0}, 0);
  bus_signal_send(ends[0], (struct bus_signal){0}, 0);
  assert_int_equal(read(fd, &count, sizeof count), sizeof count);
  assert_int_equal(count, 1);
  bus_pipe_rouse(ends[1], true);
  close_pipe(ends);
}

/* A sender that was held up between its signal and the wake-up: the sleep after
 * may end for nothing, but not the one behind it. */
static void a_late_wake_up_ends_one_sleep(void **state) {
  struct bus_pipe *ends[2];
  (void)state;
  open_pipe(ends);
  struct bus_wait wait = {.pipe = ends[1]};
  int fd = bus_pipe_fd(ends[1]);
  assert_int_equal(write(fd, &(uint64_t){1}, 8), 8);
  assert_int_equal(bus_wait(&wait, 1, 1), EVALD_OK);
  assert_false(wait.ready);
  assert_int_equal(bus_wait(&wait, 1, 1), EVALD_TIMEOUT);
  close_pipe(ends);
}

/* Gives back what it gets, and sleeps now and then in between. */
static void *echo(void *end) {
  struct bus_signal signal;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    if (bus_signal_receive(end, &signal, 10000) != EVALD_OK) break;
    signal.number += *(const uint32_t *)signal.pointer;
    bus_signal_send(end, signal, -1);
  }
  return NULL;
}

/* A wake-up that is lost ends the test by its time limit: each side waits for
 * the other at every beat. */
static void no_wake_up_is_lost(void **state) {
  struct bus_pipe *ends[2];
  pthread_t thread;
  uint32_t value = 0;
  (void)state;
  open_pipe(ends);
  assert_int_equal(pthread_create(&thread, NULL, echo, ends[1]), 0);
  for (uint32_t i = 0; i < ROUNDS; i++) {
    struct bus_signal signal = {.number = i, .pointer = &value};
    value = i * 7; /* plain memory, handed over with the signal */
    bus_signal_send(ends[0], signal, -1);
    assert_int_equal(bus_signal_receive(ends[0], &signal, 10000), EVALD_OK);
    assert_int_equal(signal.number, i * 8);
  }
  pthread_join(thread, NULL);
  close_pipe(ends);
}

/* Many on their way at once, through a pipe that is full at times. */
static void nothing_is_lost_under_load(void **state) {
  struct bus_pipe *ends[2];
  pthread_t thread;
  static uint32_t zero;
  uint32_t sent = 0, back = 0;
  (void)state;
  open_pipe(ends);
  assert_int_equal(pthread_create(&thread, NULL, echo, ends[1]), 0);
  while (back < ROUNDS) {
    struct bus_signal signal = {.number = sent, .pointer = &zero};
    if (sent < ROUNDS && bus_signal_send(ends[0], signal, 0) == EVALD_OK)
      sent++;
    else if (bus_signal_receive(ends[0], &signal, 10000) == EVALD_OK)
      assert_int_equal(signal.number, back++);
    else
      fail();
  }
  pthread_join(thread, NULL);
  close_pipe(ends);
}

static void a_wait_sees_pipes_and_descriptors(void **state) {
  struct bus_pipe *ends[2];
  (void)state;
  open_pipe(ends);
  int fd = eventfd(0, EFD_NONBLOCK);
  struct bus_wait waits[2] = {{.pipe = ends[1]}, {.fd = fd}};
  assert_int_equal(bus_wait(waits, 2, 1), EVALD_TIMEOUT);
  assert_false(waits[0].ready || waits[1].ready);
  assert_int_equal(write(fd, &(uint64_t){1}, 8), 8);
  assert_int_equal(bus_wait(waits, 2, -1), EVALD_OK);
  assert_true(!waits[0].ready && waits[1].ready);
  bus_signal_send(ends[0], (struct bus_signal){0}, 0);
  assert_int_equal(bus_wait(waits, 2, -1), EVALD_OK);
  assert_true(waits[0].ready && waits[1].ready);
  close(fd);
  close_pipe(ends);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(signals_arrive_in_order_each_way),
      cmocka_unit_test(a_full_pipe_takes_no_more),
      cmocka_unit_test(only_a_sleeper_is_woken),
      cmocka_unit_test(a_late_wake_up_ends_one_sleep),
      cmocka_unit_test(no_wake_up_is_lost),
      cmocka_unit_test(nothing_is_lost_under_load),
      cmocka_unit_test(a_wait_sees_pipes_and_descriptors)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
