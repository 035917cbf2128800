/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

/*
 * Watching and reading the state of shards: what stands before a commit, and
 * rides behind one (transaction.h tells the whole story).
 */

#include "store/keys.h"
#include "store/redis.h"

enum { STORE_DAMAGE_TEXT = 200 };

struct store_shard_state {
  bool exists;
  int64_t epoch; /* 0 where there is no shard yet */
  int64_t seq;
  int64_t log_begins; /* STORE_WANT_FULL; see store_shard_write */
  char commit[40];    /* nonce of the last batch, "" where none */
  bool restarted;     /* that batch went to a Redis that has ended since */
  int64_t counter[STORE_COUNTER_MAX]; /* STORE_WANT_FULL; missing ones are 0 */
  bool results;       /* STORE_WANT_CHECKED: whether there are any */
  int64_t stream_seq; /* STORE_WANT_CHECKED: last id of the stream, else -1 */
  bool damaged;       /* one of its keys holds what is not ours, named in
                       * `damage`; nothing else is known of it */
  char damage[STORE_DAMAGE_TEXT];
};

/* How much of a shard's state to read. A writer that knows a shard's counters
 * needs only epoch, seq and commit: if they are as it left them, so is all. */
enum store_want_level {
  STORE_WANT_LIGHT,  /* epoch, seq, commit */
  STORE_WANT_FULL,   /* and where the log begins, and the counters */
  STORE_WANT_CHECKED /* and the types of all keys, and the stream's last id:
                      * when a shard is first met on a connection */
};

/* A shard to watch and read, and the projects whose stored results to fetch
 * with it. */
struct store_want {
  struct store_shard_key shard;
  enum store_want_level level;
  const struct evald_text *codes;
  size_t code_count;
};

/* What was read, in the order of the wants. Owned by the store; lives until
 * its next load, commit_send or connect. */
struct store_loaded {
  const struct store_shard_state *states; /* one a want */
  size_t state_count;
  const struct evald_text *values; /* all wants' codes in order; absent where
                                    * there is no such result */
  size_t value_count;
};

enum {
  STORE_LOAD_ADD = 1, /* keep what is watched (another shard of the same
                       * batch); else watches are dropped first */
};

/* Where a value points that is there, but was left packed because the answer
 * would have unpacked to more than unpack_max bytes: nothing is wrong with it;
 * ask again, for fewer. */
extern const char store_value_left[1];

/* A damaged shard does not fail the load of the others; its values are absent.
 *
 * Watches and reads: a round trip, blocking. EVALD_TIMEOUT: it is another
 * writer's turn; look after your other work and call again, with the same
 * shards (waits about a millisecond by itself). */
enum evald_status store_load(struct store *store,
                             const struct store_want *wants, size_t count,
                             unsigned flags, struct store_loaded *out,
                             struct evald_fault *fault);

/* Behind a commit that is on its way, and behind the load that rides with it:
 * asks for the stored results of `codes` in a shard of that load (`level` is
 * not looked at). Goes with the next store_commit_pump; store_commit_wait hands
 * the results out. EVALD_AWAY: no commit is on its way. */
enum evald_status store_ask(struct store *store, const struct store_want *want,
                            struct evald_fault *fault);

#endif
