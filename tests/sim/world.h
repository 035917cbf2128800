/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

/* A run: what there is, what breaks, and what must be true in the end. */

#include "sim/sim.h"

struct world_result {
  unsigned jobs, events, told, faults;
  uint64_t allocations, answers;
};

struct world_plan {
  uint64_t seed;
  bool quiet;       /* nothing breaks */
  uint64_t refused; /* the allocation of the daemons that fails; 0: none does */
  uint64_t spoilt;  /* the answer of Redis that is spoilt, and how */
  unsigned how;     /* enum redis_spoilt */
};

/* True: nothing went wrong. */
bool world_run(const struct world_plan *plan, struct world_result *out);

/* Faults of the world, X(NAME, what it does). */
#define WORLD_FAULT_LIST(X)                                                    \
  X(BREAK_REDIS, "a connection to Redis breaks")                               \
  X(PAUSE_REDIS, "Redis stops for a while")                                    \
  X(KILL_REDIS, "Redis is killed and comes again")                             \
  X(MOOD, "Redis refuses")                                                     \
  X(OPERATOR, "somebody touches an aggregate")                                 \
  X(TURN, "the queues of writers vanish")                                      \
  X(KILL_DAEMON, "a daemon is killed and comes again")                         \
  X(KILL_BOTH, "Redis and a daemon are killed and come again")                 \
  X(RESTORE, "all are killed, and an older file may be restored")              \
  X(STOP_DAEMON, "a daemon is stopped and comes again")                        \
  X(BREAK_LINK, "a producer's connection breaks")                              \
  X(REPLICAS, "replicas fall behind")

enum world_fault {
#define X(name, text) WORLD_##name,
  WORLD_FAULT_LIST(X)
#undef X
      WORLD_FAULT_COUNT
};

#endif
