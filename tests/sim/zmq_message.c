/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/net.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Frames, messages and queues of them. */

void net_message_add(struct net_message *message, const void *data,
                     size_t size) {
  message->frames =
      sim_grow(message->frames, (message->count + 1) * sizeof *message->frames);
  struct net_frame *frame = &message->frames[message->count++];
  *frame = (struct net_frame){sim_take(size), size};
  if (size > 0) memcpy(frame->data, data, size);
}

void net_message_free(struct net_message *message) {
  for (size_t i = 0; i < message->count; i++)
    free(message->frames[i].data);
  free(message->frames);
  *message = (struct net_message){0};
}

void net_message_copy(const struct net_message *message,
                      struct net_message *out) {
  *out = (struct net_message){0};
  for (size_t i = 0; i < message->count; i++)
    net_message_add(out, message->frames[i].data, message->frames[i].size);
}

void net_push(struct net_queue *queue, struct net_message message) {
  if (queue->first > 0 && queue->count == queue->room) {
    memmove(queue->items, queue->items + queue->first,
            (queue->count - queue->first) * sizeof *queue->items);
    queue->count -= queue->first;
    queue->first = 0;
  }
  if (queue->count == queue->room) {
    queue->room = queue->room > 0 ? 2 * queue->room : 8;
    queue->items = sim_grow(queue->items, queue->room * sizeof *queue->items);
  }
  queue->items[queue->count++] = message;
}

bool net_has(const struct net_queue *queue) {
  return queue->first < queue->count &&
         queue->items[queue->first].due <= sim_now();
}

bool net_pop(struct net_queue *queue, struct net_message *out) {
  if (!net_has(queue)) return false;
  *out = queue->items[queue->first++];
  return true;
}

bool net_full(const struct net_queue *queue) {
  return queue->bound > 0 &&
         queue->count - queue->first >= (size_t)queue->bound;
}

void net_queue_free(struct net_queue *queue) {
  for (size_t i = queue->first; i < queue->count; i++)
    net_message_free(&queue->items[i]);
  free(queue->items);
  *queue = (struct net_queue){.bound = queue->bound};
}

/* ---- zmq_msg_t ---- */

struct frame {
  char *data; /* NULL: in `small` */
  size_t size;
  bool more;
  char small[39];
};
_Static_assert(sizeof(struct frame) <= sizeof(zmq_msg_t), "a frame fits");

static struct frame *frame_of(zmq_msg_t *message) {
  return (struct frame *)(void *)message;
}

static const struct frame *frame_const(const zmq_msg_t *message) {
  return (const struct frame *)(const void *)message;
}

int zmq_msg_init(zmq_msg_t *message) {
  *frame_of(message) = (struct frame){0};
  return 0;
}

int zmq_msg_init_size(zmq_msg_t *message, size_t size) {
  struct frame *frame = frame_of(message);
  *frame = (struct frame){.size = size};
  if (size <= sizeof frame->small) return 0;
  frame->data = malloc(size);
  if (frame->data != NULL) return 0;
  *frame = (struct frame){0};
  errno = ENOMEM;
  return -1;
}

int zmq_msg_close(zmq_msg_t *message) {
  free(frame_of(message)->data);
  *frame_of(message) = (struct frame){0};
  return 0;
}

int zmq_msg_move(zmq_msg_t *to, zmq_msg_t *from) {
  (void)zmq_msg_close(to);
  *frame_of(to) = *frame_of(from);
  *frame_of(from) = (struct frame){0};
  return 0;
}

void *zmq_msg_data(zmq_msg_t *message) {
  struct frame *frame = frame_of(message);
  return frame->data != NULL ? frame->data : frame->small;
}

size_t zmq_msg_size(const zmq_msg_t *message) {
  return frame_const(message)->size;
}

int zmq_msg_more(const zmq_msg_t *message) {
  return frame_const(message)->more;
}

int zmq_msg_send(zmq_msg_t *message, void *socket, int flags) {
  int size = (int)zmq_msg_size(message);
  if (zmq_send(socket, zmq_msg_data(message), (size_t)size, flags) < 0)
    return -1;
  (void)zmq_msg_close(message);
  return size;
}

/* Takes a frame over from a message that was received. */
static void receive_frame(zmq_msg_t *message, struct net_socket *socket) {
  struct net_frame *from = &socket->reading.frames[socket->read++];
  struct frame *frame = frame_of(message);
  (void)zmq_msg_close(message);
  frame->size = from->size;
  frame->more = socket->read < socket->reading.count;
  if (from->size <= sizeof frame->small) {
    memcpy(frame->small, from->data, from->size);
  } else {
    frame->data = from->data;
    from->data = NULL;
  }
}

static bool next_message(struct net_socket *socket, int flags) {
  extern bool net_receive(struct net_socket *, struct net_message *);
  extern bool net_readable(void *);
  if (socket->read < socket->reading.count) return true;
  net_message_free(&socket->reading);
  socket->read = 0;
  if (net_receive(socket, &socket->reading)) return true;
  if (flags & ZMQ_DONTWAIT) return false;
  (void)sim_wait(net_readable, socket, -1);
  return net_receive(socket, &socket->reading);
}

int zmq_msg_recv(zmq_msg_t *message, void *socket, int flags) {
  if (!next_message(socket, flags)) {
    errno = EAGAIN;
    return -1;
  }
  receive_frame(message, socket);
  return (int)zmq_msg_size(message);
}
