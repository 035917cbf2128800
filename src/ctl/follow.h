/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_FOLLOW_H
#define CTL_FOLLOW_H

/*
 * Following the events of divisions and years without missing one.
 *
 * PUB drops messages to a slow reader and at joining, in silence. So a follower
 * believes numbers, not the socket: it knows of each shard the last seq it has
 * seen, and an event whose `prev` is another one reveals a gap, as does an
 * aggregate that is ahead for a while. A gap is filled from the log in Redis,
 * in order, and told; what the log has no more is told too.
 */

#include "ctl/ctl.h"
#include "wire/event_codec.h"

enum follow_kind {
  FOLLOW_EVENT,  /* `batch`, `position`; `live` where it came from the socket */
  FOLLOW_FILLED, /* from..to were missed and have been filled */
  FOLLOW_LOST,   /* from..to are no longer in the log, which begins at
                  * `log_begins` */
  FOLLOW_BEHIND, /* the daemon said that we were too slow and lost messages,
                  * from..to first; all that is followed is compared */
  FOLLOW_EPOCH   /* the store went back, or may have: `epoch` is the new one */
};

struct follow_news {
  enum follow_kind kind;
  const struct store_shard_key *shard;
  uint64_t epoch, seq;
  int64_t at_ms;
  const struct wire_event *event;
  uint64_t from, to, log_begins;
};

struct follower;

/* Tells of everything in order. Anything but EVALD_OK ends the following. */
typedef enum evald_status (*follow_tell)(void *context,
                                         const struct follow_news *news);

/* Everything of it lives in ctl->arena. */
struct follower *follow_new(struct ctl *ctl, follow_tell tell, void *context);

/* Takes everything of a shard from `seq` on: what the log has is told at
 * once. */
enum evald_status follow_from(struct follower *follower,
                              const struct store_shard_key *shard, uint64_t seq,
                              struct evald_fault *fault);

/* A message that was published. */
enum evald_status follow_message(struct follower *follower,
                                 struct wire_bytes message,
                                 struct evald_fault *fault);

/* To be called when nothing came for a moment: fills what an aggregate has
 * shown to be missing. */
enum evald_status follow_idle(struct follower *follower,
                              struct evald_fault *fault);

#endif
