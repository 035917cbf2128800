/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_TRANSACTION_H
#define STORE_TRANSACTION_H

/*
 * The commit: one optimistic transaction for all shards of a batch.
 *
 *   store_load        WATCH the shards, read their state and some results
 *   store_commit_send MULTI, the batch, EXEC; and the next load's commands
 *   …                 the caller scores its next batch
 *   store_commit_wait how it ended, and what the next load read
 *
 * A writer that is alone needs one round trip for a batch, because the next
 * WATCH rides behind EXEC. A batch goes out shard by shard, and EXEC last: a
 * connection that ends before has changed nothing. The store reads none of the
 * bytes it is given.
 *
 * How a commit ends
 *  - committed: everything was written, nothing else came between.
 *  - interfered: nothing was written; another writer or an operator touched a
 *    shard since it was watched. Load again, apply the batch to the new
 *    states, send again.
 *  - EVALD_AWAY, and store_commit_unknown() is false: nothing was written.
 *    Connect if need be, load, apply, send again.
 *  - EVALD_AWAY, and store_commit_unknown() is true: the connection was lost
 *    after EXEC may have been sent. Connect, then store_commit_resolve().
 *  - EVALD_INVALID: a key holds something that is not ours, or a command was
 *    refused. If it came from within EXEC (a key changed its type since it
 *    was loaded: the fault says so), the other commands of the batch stand,
 *    the batch is not committed, and `evalctl verify` is due.
 *
 * Invariants
 *  1. "committed" is only said after EXEC answered an array without an error,
 *     or after a later look found the batch's nonce in the store.
 *  2. A nonce names a batch, not an attempt: an attempt that Redis executes
 *     late (it was stopped while it held our bytes) is recognised as ours.
 *  3. No command within the transaction can fail at run time as long as types
 *     and stream ids are as store_load checked them (STORE_WANT_CHECKED):
 *     memory, disk, replicas and rights are refused by Redis before EXEC runs
 *     anything.
 *
 * Two writers on one shard
 *  A writer that lost, or that sees others wait, queues for all shards of its
 *  batch (the `turn` lists) and store_load answers EVALD_TIMEOUT until it is
 *  first in each; its commit takes it out. So writers that share shards take
 *  turns by batch. A writer that dies while it waits is forgotten after
 *  turn_ms. A writer alone never queues.
 */

#include "store/load.h"

struct store_pair {
  struct evald_text field;
  struct evald_text value;
};

/* What a batch writes to a shard. The texts may be gone after
 * store_commit_send. */
struct store_shard_write {
  struct store_shard_key shard;
  int64_t epoch;
  int64_t first_seq; /* of the batch's events; state.seq + 1 */
  int64_t last_seq;  /* first_seq - 1: no events, only what else is here */
  const int64_t *counters; /* absolute, as many as the store has names */
  const int64_t *before;   /* what the store has of them, as it was loaded: only
                            * those that differ are written. NULL: all are */
  const struct store_pair *results;
  size_t result_count;
  const struct store_pair *forms;
  size_t form_count;
  const struct store_pair *departments;
  size_t department_count;
  const struct evald_text *deleted_forms;
  size_t deleted_form_count;
  const struct evald_text *deleted_departments;
  size_t deleted_department_count;
  struct evald_text events; /* one stream entry; absent: none is added */
  int64_t log_begins; /* the first seq that the stream is to keep: entries that
                       * end before it are cut off, and the aggregate says so.
                       * 0: nothing is, and what it says stays */
  bool keeps_log;     /* a repair: it says so, but nothing is cut off */
};

/* A rejected job: kept, capped, evictions counted. */
#define STORE_REJECT_FIELD_LIST(X)                                             \
  X(source)                                                                    \
  X(job_id)                                                                    \
  X(problems)                                                                  \
  X(frame)

struct store_reject {
  int64_t at_ms;
  int64_t size; /* of the whole job, where `frame` is only its beginning */
#define X(name) struct evald_text name;
  STORE_REJECT_FIELD_LIST(X)
#undef X
};

struct store_batch {
  const struct store_shard_write *shards; /* each shard once */
  size_t shard_count;
  const struct store_pair *rulesets; /* digest in hex -> canonical text */
  size_t ruleset_count;
  const struct store_reject *rejects;
  size_t reject_count;
  int64_t at_ms; /* updated_ms */
  bool repair;   /* of an operator: counted in `repairs`, by which daemons that
                  * have nothing to do with the shard notice it */
  bool more;     /* the next batch waits already, and has the shards of `next`:
                  * where writers take turns, this one queues again at once.
                  * Then do follow with it, or store_commit_abandon: the others
                  * wait for up to turn_ms. */
};

/* Formats and starts to send the transaction, and behind it the load of
 * `next` (what the next batch is likely to need: the shards of this one and
 * whichever is already known). Each shard of the batch must be watched. Does
 * not wait: what the socket would not take goes with store_commit_pump or
 * store_commit_wait. EVALD_LIMIT for a batch of over a million fields. */
enum evald_status store_commit_send(struct store *store,
                                    const struct store_batch *batch,
                                    const struct store_want *next, size_t count,
                                    struct evald_fault *fault);

/* Sends what is left of it as far as the socket takes it, and reads what has
 * been answered. True: all of it has, or the connection is gone; then
 * store_commit_wait does not block. Call it now and then while scoring, and
 * when store_fd is ready. */
bool store_commit_pump(struct store *store);

/* Sends what the socket takes at once, and reads nothing: cheap where all of it
 * has gone. */
void store_commit_push(struct store *store);

/* Whether something is still to be sent: then wait for room on store_fd, else
 * for something to read. */
bool store_commit_sending(const struct store *store);

/* The state of a shard that was touched by somebody else. */
struct store_outcome {
  bool committed;   /* else interfered */
  bool others;      /* another writer waits, or was there: call store_load for
                     * all shards of the next batch before it is applied */
  int acknowledged; /* replicas, with wait_replicas; else 0 */
  /* Of `next`, empty where others is set or its reading failed: then load. */
  struct store_loaded next;
  /* Of store_ask, in the order of asking; none where `next` is empty. */
  const struct evald_text *asked;
  size_t asked_count;
  /* Ids in the rejects stream, as many as the batch had. */
  const struct evald_text *reject_ids;
  size_t reject_id_count;
};

/* Waits for the end. Blocks for up to reply_ms without progress. */
enum evald_status store_commit_wait(struct store *store,
                                    struct store_outcome *out,
                                    struct evald_fault *fault);

/* Whether the last commit was sent and its end is not known. */
bool store_commit_unknown(const struct store *store);

/* After store_connect: finds out how the unknown commit ended. Its `next` is
 * empty, its reject_ids too. Forgets the commit: when it was not committed,
 * load, apply and send again. */
enum evald_status store_commit_resolve(struct store *store,
                                       struct store_outcome *out,
                                       struct evald_fault *fault);

/* With `hold`: from now on loads queue for their turn, also where nobody else
 * is known to write, and scans keep the place, so that others wait while a
 * large shard is read. Without: as it was. */
void store_turn_hold(struct store *store, bool hold);

/* Gives the batch up for good: what was not committed of it will not be sent
 * again, and others need not wait for it. (A batch that ended committed needs
 * no such call; one that did not keeps its nonce until it does.) */
void store_commit_abandon(struct store *store);

#endif
