/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

/*
 * Reading, for evalctl and for whoever shows what is stored. Nothing here
 * writes, except store_reject_remove. All calls block. Texts that are handed
 * out live until the next call on the same store; those of a callback until
 * it returns, and a callback must not use the same store.
 */

#include "store/transaction.h"

/* Called for each thing found; anything but EVALD_OK ends the walk and is what
 * the walk returns. */
typedef enum evald_status (*store_each)(void *context, struct evald_text field,
                                        struct evald_text value);

/* A field of a hash: STORE_KEY_RESULTS, _FORMS, _DEPARTMENTS of a shard, or
 * STORE_KEY_RULESETS (`shard` may be NULL). EVALD_NOT_FOUND. */
enum evald_status store_get(struct store *store, enum store_key key,
                            const struct store_shard_key *shard,
                            struct evald_text field, struct evald_text *out,
                            struct evald_fault *fault);

/* Several fields at once, in order; absent where there is none. */
struct store_fields {
  const struct evald_text *items;
  size_t count;
};
enum evald_status store_get_many(struct store *store, enum store_key key,
                                 const struct store_shard_key *shard,
                                 struct store_fields fields,
                                 struct evald_text *out,
                                 struct evald_fault *fault);

/* The results and the forms of some projects, and where their shard stood (its
 * counters are not read) before they were read: a round trip. */
struct store_stored {
  struct store_shard_state state;
  const struct evald_text *results, *forms; /* in order; absent where none */
};
enum evald_status store_get_stored(struct store *store,
                                   const struct store_shard_key *shard,
                                   struct store_fields fields,
                                   struct store_stored *out,
                                   struct evald_fault *fault);

/* The state with its counters (the store's options name them) and, where
 * `updated_ms` is not NULL, when it was written. EVALD_NOT_FOUND. */
enum evald_status store_get_aggregate(struct store *store,
                                      const struct store_shard_key *shard,
                                      struct store_shard_state *out,
                                      int64_t *updated_ms,
                                      struct evald_fault *fault);

/* How many fields a hash, or entries a stream, has. */
enum evald_status store_count(struct store *store, enum store_key key,
                              const struct store_shard_key *shard, int64_t *out,
                              struct evald_fault *fault);

/* Every field of a hash, in batches (HSCAN): each field at least once, twice
 * if Redis resizes meanwhile, in no order; what is written meanwhile may or
 * may not be seen. */
enum evald_status store_scan(struct store *store, enum store_key key,
                             const struct store_shard_key *shard,
                             store_each each, void *context,
                             struct evald_fault *fault);

/* The same a step at a time, for a walk that does other things between: begin
 * with a cursor that is all zero, go on until `end`. `step` is about how many
 * fields one step brings (0: 1000). The callback may use the same store. */
struct store_cursor {
  char at[24];
  int step;
  bool end;
};
struct store_scan_of {
  enum store_key key;
  const struct store_shard_key *shard;
};
enum evald_status store_scan_step(struct store *store,
                                  const struct store_scan_of *of,
                                  struct store_cursor *cursor, store_each each,
                                  void *context, struct evald_fault *fault);

/* A consistent view of a shard: `state`, every result and every department as
 * they stood at one seq, each exactly once. A small shard is read in one
 * transaction; a large one is scanned and, if it was written to meanwhile,
 * scanned again: `start` is called before each attempt, to forget what the
 * last one brought. EVALD_TIMEOUT after `attempts` of them. EVALD_NOT_FOUND
 * where the shard has neither an aggregate nor a result. Whatever was watched
 * is not any more. */
struct store_snapshot_reader {
  void *context;
  void (*start)(void *context, const struct store_shard_state *state);
  store_each result;
  store_each department;
};
enum evald_status store_snapshot(struct store *store,
                                 const struct store_shard_key *shard,
                                 const struct store_snapshot_reader *reader,
                                 int attempts, struct evald_fault *fault);

/* Event batches that end after `after`, oldest first, at most `most`. */
struct store_range {
  int64_t after;
  size_t most;
};
struct store_event {
  int64_t last_seq;
  struct evald_text batch; /* the field b */
};
typedef enum evald_status (*store_each_event)(void *context,
                                              const struct store_event *event);
enum evald_status store_events(struct store *store,
                               const struct store_shard_key *shard,
                               struct store_range range, store_each_event each,
                               void *context, struct evald_fault *fault);

/* Every shard that was ever written, sorted by division and year; and whether
 * one is among them. */
typedef enum evald_status (*store_each_shard)(
    void *context, const struct store_shard_key *shard);
enum evald_status store_shards(struct store *store, store_each_shard each,
                               void *context, struct evald_fault *fault);
enum evald_status store_shard_listed(struct store *store,
                                     const struct store_shard_key *shard,
                                     bool *out, struct evald_fault *fault);

/* How often a batch with `repair` was committed, to any shard. */
enum evald_status store_repairs(struct store *store, int64_t *out,
                                struct evald_fault *fault);

/* Rejected jobs after the id `after` ("" or absent: from the first), oldest
 * first, at most `most`. */
typedef enum evald_status (*store_each_reject)(void *context,
                                               struct evald_text id,
                                               const struct store_reject *);
enum evald_status store_rejects(struct store *store, struct evald_text after,
                                size_t most, store_each_reject each,
                                void *context, struct evald_fault *fault);
/* One of them. EVALD_NOT_FOUND; EVALD_INVALID where that is no id. */
enum evald_status store_reject_get(struct store *store, struct evald_text id,
                                   store_each_reject each, void *context,
                                   struct evald_fault *fault);
/* How many fell out of the cap. */
enum evald_status store_rejects_evicted(struct store *store, int64_t *out,
                                        struct evald_fault *fault);
/* EVALD_NOT_FOUND where it is not there. */
enum evald_status store_reject_remove(struct store *store, struct evald_text id,
                                      struct evald_fault *fault);

#endif
