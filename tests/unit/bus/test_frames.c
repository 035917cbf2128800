/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/actor.h"
#include "bus/frames.h"
#include "unit.h"

static void add(struct bus_frames *frames, const char *text) {
  struct bus_frame frame;
  assert_int_equal(bus_frame_init_copy(&frame, text, strlen(text)), EVALD_OK);
  bus_frames_add(frames, &frame);
}

static void a_batch_counts_and_clears(void **state) {
  (void)state;
  struct bus_frames *frames = bus_frames_new(4);
  add(frames, "abc");
  add(frames, "");
  add(frames, "a text that is too long to be kept inside of the message");
  assert_int_equal(frames->count, 3);
  assert_int_equal(frames->bytes, 3 + 56);
  assert_memory_equal(bus_frame_data(&frames->items[0]), "abc", 3);
  bus_frames_clear(frames);
  assert_int_equal(frames->count, 0);
  assert_int_equal(frames->bytes, 0);
  bus_frames_free(frames);
  bus_frames_free(NULL);
}

static void a_batch_travels_by_pointer(void **state) {
  (void)state;
  struct bus_pipe *ends[2];
  assert_int_equal(bus_pipe_open(ends, NULL), EVALD_OK);
  struct bus_frames *frames = bus_frames_new(1);
  add(frames, "x");
  bus_signal_send(ends[0], (struct bus_signal){.pointer = frames}, -1);
  struct bus_signal signal;
  assert_int_equal(bus_signal_receive(ends[1], &signal, 1000), EVALD_OK);
  assert_ptr_equal(signal.pointer, frames);
  bus_frames_free(signal.pointer);
  bus_pipe_close(ends[0]);
  bus_pipe_close(ends[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_batch_counts_and_clears),
      cmocka_unit_test(a_batch_travels_by_pointer)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
