/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUS_RAW_H
#define BUS_RAW_H

/* The one place where libzmq's header enters; for files of bus/ alone. */

#include "bus/frames.h"
#include "bus/socket.h"
#include <zmq.h>

struct bus_context {
  void *zmq;
};

struct bus_socket {
  void *zmq;
  char endpoint[256]; /* the last one bound or connected, for messages */
};

_Static_assert(sizeof(struct bus_frame) == sizeof(zmq_msg_t),
               "a frame has exactly the room of libzmq's message");

static inline zmq_msg_t *raw_frame(struct bus_frame *frame) {
  return (zmq_msg_t *)(void *)frame;
}

static inline const zmq_msg_t *raw_frame_const(const struct bus_frame *frame) {
  return (const zmq_msg_t *)(const void *)frame;
}

#endif
