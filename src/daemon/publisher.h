/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_PUBLISHER_H
#define DAEMON_PUBLISHER_H

/*
 * The publisher: an actor that owns the events door (XPUB) and tells what
 * became of each committed work.
 *
 * A work is expanded into messages only for topics that somebody subscribed
 * to. The last aggregate of each division and year is kept, so that a new
 * subscriber of aggregate.* gets the present state at once.
 *
 * A reader that cannot keep up loses messages: its queue is full. Then it is
 * told so by the last message that is put into its queue, one above the bound;
 * it is counted and logged, and the stream in Redis has what it missed. From
 * there on libzmq leaves that reader out, without a word, until it has read
 * half of its queue.
 */

#include "bus/actor.h"
#include "bus/socket.h"
#include "daemon/config.h"
#include "daemon/metrics.h"
#include "daemon/subscriptions.h"
#include "daemon/work.h"

struct publisher_setup {
  const struct config *config;
  struct bus_context *context;
  struct bus_pipe *const *workers; /* a pipe to each */
  unsigned worker_count;
  struct metrics *metrics;
  struct bus_pipe *answers; /* struct answers to intake; NULL where a
                                 message went lost for want of memory */
};

/* A bus_actor_body; the argument is a struct publisher_setup that outlives it.
 * At BUS_STOP it tells what the workers have sent, then closes the door. */
void publisher_body(struct bus_pipe *pipe, void *setup);

/* ---- the expansion by itself, without a socket ---- */

/* A message, and what its reader is told where it does not fit. */
struct expansion_message {
  struct evald_text topic;
  struct wire_bytes body;
  struct wire_behind behind;
};

/* The last aggregate told of a division and year. */
struct last_value {
  char division[10];
  uint16_t year;
  bool told;             /* since the hand passed last */
  struct wire_batch sum; /* without events */
};

/* Beyond so many the one that was told longest ago makes room: a new subscriber
 * gets it with its next change. */
enum { LAST_VALUES_MAX = 65536 };

struct expansion {
  const struct subscriptions *subscriptions;
  struct wire_buffer buffer;
  struct last_value *values;
  uint32_t value_count, value_room, value_hand;
  struct index value_index;
  /* Takes a message; what it is given lives until it returns. */
  void (*send)(void *context, const struct expansion_message *message);
  void *context;
};

void expansion_fini(struct expansion *expansion);

/* Sends every message of a committed work that somebody listens to, events
 * before their aggregate, receipts and rejects last; and takes over the last
 * values. A work without units (a survey) brings values only, told where they
 * are new. */
void expansion_tell(struct expansion *expansion, const struct work *work);

/* Sends the present state of what a new subscription to `prefix` covers. */
void expansion_greet(struct expansion *expansion, struct evald_text prefix);

#endif
