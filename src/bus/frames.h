/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUS_FRAMES_H
#define BUS_FRAMES_H

/*
 * Frames of ZeroMQ messages, and batches of them that travel between actors
 * by pointer: the bytes that arrived from a socket are never copied.
 *
 * A frame or a batch belongs to one thread at a time; sending its pointer
 * (bus_signal_send) gives it away.
 */

#include "evald/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One frame; its room is that of libzmq's message, its bytes are libzmq's.
 * Moving a struct bus_frame by assignment moves the frame: leave the old one
 * alone afterwards. */
struct bus_frame {
  _Alignas(void *) unsigned char opaque[64];
};

void bus_frame_init(struct bus_frame *frame);
/* A frame of `size` bytes to be written to bus_frame_data. EVALD_MEMORY. */
enum evald_status bus_frame_init_size(struct bus_frame *frame, size_t size);
/* A frame with a copy of the bytes. EVALD_MEMORY. */
enum evald_status bus_frame_init_copy(struct bus_frame *frame, const void *data,
                                      size_t size);
void bus_frame_fini(struct bus_frame *frame);

void *bus_frame_data(struct bus_frame *frame);
size_t bus_frame_size(const struct bus_frame *frame);
/* Whether more frames of the same message follow. */
bool bus_frame_more(const struct bus_frame *frame);

/* A batch: up to `room` frames. `bytes` is the sum of their sizes. */
struct bus_frames {
  struct bus_frame *items;
  uint32_t count, room;
  size_t bytes;
};

/* NULL where memory could not be had. */
struct bus_frames *bus_frames_new(uint32_t room);
void bus_frames_free(struct bus_frames *frames);

/* Takes `frame` over. The batch must have room. */
void bus_frames_add(struct bus_frames *frames, struct bus_frame *frame);

/* Gives every frame back to libzmq; the batch is empty, its room stays. */
void bus_frames_clear(struct bus_frames *frames);

#endif
