/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_PEERS_PEER_H
#define BENCH_PEERS_PEER_H

/*
 * What the peers in C have in common: a thread that puts jobs into a queue
 * while others take them out, score and commit them; and the clock, from the
 * first job put until the last transaction has answered.
 */

#include "jobs.h"
#include "peers/commit.h"
#include <pthread.h>
#include <stdatomic.h>

struct peer {
  const char *queue, *redis; /* sockets */
  struct jobs jobs;
  atomic_size_t committed;
  int64_t begin;
  _Atomic int64_t end;
};

struct peer_worker {
  struct peer *peer;
  struct peer_commit *commit;
  size_t number;
  pthread_t thread;
};

struct peer_kind {
  void (*prepare)(struct peer *peer); /* before the clock starts */
  void (*produce)(struct peer *peer);
  void (*work)(struct peer_worker *worker); /* until peer_done */
};

bool peer_done(const struct peer *peer);

/* Waits for the oldest transaction of the worker and counts its jobs. */
void peer_settle_one(struct peer_worker *worker);

/* QUEUE REDIS RULESET COUNT DIVISIONS WORKERS; prints one line of JSON. */
int peer_main(int argc, char **argv, const struct peer_kind *kind);

#endif
