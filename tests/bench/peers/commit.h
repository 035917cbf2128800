/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_PEERS_COMMIT_H
#define BENCH_PEERS_COMMIT_H

/*
 * How the peers in C commit a batch of jobs: one MULTI … EXEC with, for each
 * division and year in it, HSET of all results, HSET of all forms, HINCRBY of
 * the aggregate by the batch's sum, XADD of one entry with the batch's events.
 * Two batches are on their way at most: one is scored while the last is
 * written. The caller waits (peer_commit_wait) before it sends a third.
 *
 * It is less than evald commits: no look at what was stored before (a job that
 * comes twice counts twice), no departments, no sequence.
 */

#include "peers/score.h"
#include <hiredis/hiredis.h>

enum { PEER_BATCH = 512 };

struct peer_commit;

/* Ends the program where Redis or the ruleset cannot be used. */
struct peer_commit *peer_commit_new(const char *socket, const char *ruleset);
void peer_commit_free(struct peer_commit *commit);

/* Scores the frames and sends their transaction. `also` (may be NULL) appends
 * commands to it. The frames may be gone afterwards. */
typedef int (*peer_commit_also)(void *context, redisContext *redis);
void peer_commit_send(struct peer_commit *commit,
                      const struct wire_bytes *frames, size_t count,
                      peer_commit_also also, void *context);

/* Waits for the oldest transaction on its way: how many jobs it had; 0 where
 * there is none. */
size_t peer_commit_wait(struct peer_commit *commit);

/* How many are on their way. */
size_t peer_commit_pending(const struct peer_commit *commit);

#endif
