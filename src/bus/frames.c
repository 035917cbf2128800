/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/frames.h"
#include "bus/raw.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void bus_frame_init(struct bus_frame *frame) {
  zmq_msg_init(raw_frame(frame));
}

enum evald_status bus_frame_init_size(struct bus_frame *frame, size_t size) {
  return zmq_msg_init_size(raw_frame(frame), size) == 0 ? EVALD_OK
                                                        : EVALD_MEMORY;
}

enum evald_status bus_frame_init_copy(struct bus_frame *frame, const void *data,
                                      size_t size) {
  enum evald_status status = bus_frame_init_size(frame, size);
  if (status == EVALD_OK && size > 0) memcpy(bus_frame_data(frame), data, size);
  return status;
}

void bus_frame_fini(struct bus_frame *frame) {
  zmq_msg_close(raw_frame(frame));
}

void *bus_frame_data(struct bus_frame *frame) {
  return zmq_msg_data(raw_frame(frame));
}

size_t bus_frame_size(const struct bus_frame *frame) {
  return zmq_msg_size(raw_frame_const(frame));
}

bool bus_frame_more(const struct bus_frame *frame) {
  return zmq_msg_more(raw_frame_const(frame)) != 0;
}

struct bus_frames *bus_frames_new(uint32_t room) {
  struct bus_frames *frames = calloc(1, sizeof *frames);
  if (frames == NULL) return NULL;
  frames->items = calloc(room, sizeof *frames->items);
  if (frames->items == NULL) {
    free(frames);
    return NULL;
  }
  frames->room = room;
  return frames;
}

void bus_frames_free(struct bus_frames *frames) {
  if (frames == NULL) return;
  bus_frames_clear(frames);
  free(frames->items);
  free(frames);
}

void bus_frames_add(struct bus_frames *frames, struct bus_frame *frame) {
  assert(frames->count < frames->room);
  struct bus_frame *slot = &frames->items[frames->count++];
  zmq_msg_init(raw_frame(slot));
  zmq_msg_move(raw_frame(slot), raw_frame(frame));
  frames->bytes += bus_frame_size(slot);
}

void bus_frames_clear(struct bus_frames *frames) {
  for (uint32_t i = 0; i < frames->count; i++)
    bus_frame_fini(&frames->items[i]);
  frames->count = 0;
  frames->bytes = 0;
}
