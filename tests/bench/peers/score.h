/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_PEERS_SCORE_H
#define BENCH_PEERS_SCORE_H

/*
 * What a peer does with a job frame between its queue and its store: exactly
 * what evald does, by the same functions. Pre-scan, decode, canonical form and
 * digest, every check, score, contribution, stored result, event.
 *
 * peer_score serves peers in C; peer_score_packed, with nothing but bytes and
 * numbers, serves those that call a shared library from another language.
 */

#include "wire/event_codec.h"

enum { PEER_SHARD_TEXT = 24 };

struct peer_scored {
  char shard[PEER_SHARD_TEXT]; /* "310000000:2024" */
  struct evald_text pro_code;
  struct wire_bytes result, form;
  struct contribution contribution;
  struct wire_event event;
};

struct peer_scorer;

/* NULL where the ruleset file cannot be used; standard error says why. */
struct peer_scorer *peer_scorer_new(const char *ruleset);
void peer_scorer_free(struct peer_scorer *scorer);

/* What was scored since the last reset stays where it is; the frame must. */
void peer_scorer_reset(struct peer_scorer *scorer);
bool peer_score(struct peer_scorer *scorer, struct wire_bytes frame,
                struct peer_scored *out);

/* A stream entry for these events: a packed batch, as evald writes. Without a
 * sequence, since no peer has one. */
struct wire_bytes peer_events(struct peer_scorer *scorer,
                              const struct wire_event *events, size_t count,
                              const struct contribution *sum);

/* Resets, scores one frame and writes a msgpack array into `out`:
 *   [shard, pro_code, result, form, event, [name, delta, …]]
 * with the counters that are not 0. Its size; 0 where the frame is no job or
 * `room` is too small. */
size_t peer_score_packed(struct peer_scorer *scorer, const uint8_t *frame,
                         size_t size, uint8_t *out, size_t room);

#endif
