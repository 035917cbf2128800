/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_SCORER_H
#define DAEMON_SCORER_H

/*
 * The scorer: an actor that scores what the rescorer has read, while that reads
 * the next, and hands the work on to its worker; and back from there. It needs
 * no store, and has the rescorer's low priority. What it cannot score goes on
 * unscored.
 */

#include "bus/actor.h"
#include "daemon/config.h"
#include "daemon/metrics.h"

struct scorer_setup {
  const struct config *config;
  struct bus_pipe *inbox;          /* works from the rescorer, and back */
  struct bus_pipe *const *workers; /* works to each, and back */
  unsigned worker_count;
  struct metrics *metrics;
};

/* A bus_actor_body; the argument is a struct scorer_setup that outlives it.
 * Understands SIGNAL_PING; at BUS_STOP it hands on what is in its inbox. */
void scorer_body(struct bus_pipe *pipe, void *setup);

#endif
