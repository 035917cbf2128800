/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_PACKER_H
#define DAEMON_PACKER_H

/*
 * The packer: an actor that compresses what was committed, behind the workers'
 * backs and never in their way (store/pack.h tells what packing is).
 *
 * It has a connection of its own, and takes a core only where nobody else is
 * ready to (SCHED_IDLE). Once a second it looks at the workers' counters: where
 * nothing was committed it sleeps on; while they score more than a thousand
 * forms a second it waits, for up to a minute. It works in pieces of some two
 * milliseconds, of which Redis gives a tenth; beside live jobs it rests nine
 * times as long after each. Which projects are to be packed it reads from the
 * shards' event streams, from where each shard's mark stands; a stream that was
 * trimmed beyond the mark costs one walk over the shard.
 *
 * Nothing depends on it: stopped, killed or refused at any point it leaves
 * values packed or not, and both are read alike.
 */

#include "bus/actor.h"
#include "daemon/config.h"
#include "daemon/metrics.h"
#include "store/redis.h"

struct packer_setup {
  const struct config *config;
  const struct store_options *store;
  struct metrics *metrics;      /* its own block */
  const struct metrics *blocks; /* everybody's, to see who works */
  size_t block_count;
};

/* A bus_actor_body; the argument is a struct packer_setup that outlives it. */
void packer_body(struct bus_pipe *pipe, void *setup);

#endif
