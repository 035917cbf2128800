/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

/*
 * The worker: an actor that owns a connection to Redis and the shards that it
 * keeps there.
 *
 *    frame → job → evaluated → decided → transaction → receipts, events
 *
 * Invariants
 *  1. At most one work is past filling; the next is filled (decoded, scored)
 *     while that one is on its way. Whatever is queued when Redis answers is
 *     the next batch.
 *  2. What is told about a work is told after Redis has answered that it is
 *     committed, and not otherwise.
 *  3. A work that did not commit is undone in memory and settled anew; it is
 *     never dropped but by a stop that ran out of time, which is counted.
 *  4. Redis away: the work is kept, the next is filled up to its bound, then
 *     the inbox is left alone, and senders feel it.
 */

#include "bus/actor.h"
#include "daemon/config.h"
#include "daemon/metrics.h"
#include "store/redis.h"

struct worker_setup {
  const struct config *config;
  const struct store_options *store;
  struct bus_pipe *inbox;    /* parcels from intake, and back */
  struct bus_pipe *outbox;   /* works to the publisher, and back */
  struct bus_pipe *rescored; /* works from the scorer, and back */
  struct ruleset_set *rules; /* the worker takes a reference of its own */
  struct metrics *metrics;
  unsigned number, count; /* which worker of how many */
};

/* A bus_actor_body; the argument is a struct worker_setup that outlives it.
 * Understands SIGNAL_RULES and SIGNAL_PING; at BUS_STOP it commits what is in
 * its inbox, for at most shutdown.drain_ms. */
void worker_body(struct bus_pipe *pipe, void *setup);

/* Which of `count` workers keeps a division and year. */
unsigned worker_of(struct evald_text division, uint16_t year, unsigned count);

#endif
