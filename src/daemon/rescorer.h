/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_RESCORER_H
#define DAEMON_RESCORER_H

/*
 * The rescorer: an actor that reads the stored forms of recalculations, for the
 * scorer to score (scorer.h), ahead of the worker that will commit them and
 * behind everybody's back: it has a connection of its own, both have low
 * priority, so a live job never waits for the scoring of a recalculation, only
 * for the commit of one.
 *
 *    recalculation → results and forms, read → scorer: scored → worker
 *
 * Invariants
 *  1. It decides nothing. Beside each scored unit stands the result that was
 *     read (work_before), beside the work where its shard stood before that
 *     (work_reading); the worker believes them where both are still so, and
 *     else reads and scores the unit itself, under its watch.
 *  2. So whatever fails here, the work goes on to the worker, unscored: nothing
 *     is retried, refused or lost here.
 *  3. No two works that are out at a time have a scored unit of one project:
 *     what one of them changes was not read for another.
 */

#include "bus/actor.h"
#include "daemon/config.h"
#include "daemon/metrics.h"
#include "daemon/parcel.h"
#include "rules/ruleset_set.h"
#include "store/redis.h"

enum {
  RESCORER_WORKS = 6,    /* being read, or out */
  RESCORER_NICENESS = 10 /* below the workers, above the packer */
};

struct work;

struct rescorer_setup {
  const struct config *config;
  const struct store_options *store;
  struct bus_pipe *inbox;    /* parcels from intake, and back */
  struct bus_pipe *scorer;   /* works that were read, and back */
  struct work *const *works; /* RESCORER_WORKS, idle */
  struct ruleset_set *rules; /* it takes a reference of its own */
  struct metrics *metrics;
};

/* Into `out`, to be freed with work_free when all actors have ended. False: no
 * memory; some may be there. */
bool rescorer_works_new(const struct config *config,
                        struct work *out[RESCORER_WORKS]);

/* A bus_actor_body; the argument is a struct rescorer_setup that outlives it.
 * Understands SIGNAL_RULES and SIGNAL_PING; at BUS_STOP it hands on what is in
 * its inbox. */
void rescorer_body(struct bus_pipe *pipe, void *setup);

#endif
