/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

/*
 * Every key that evald keeps in Redis. The 1 in the prefix is the version of
 * this schema: a change that an old reader would misread takes the next number
 * and leaves the old keys alone.
 */

#include "evald/text.h"

#define STORE_PREFIX "evald:1:"

/* Keys of a division and year: evald:1:{310113000:2024}:<name>.
 * X(name, suffix, type in Redis, what it holds) */
#define STORE_SHARD_KEY_LIST(X)                                                \
  X(AGGREGATE, "aggregate", "hash",                                            \
    "epoch, seq, commit, updated_ms, log_begins, counters")                    \
  X(RESULTS, "results", "hash", "pro_code -> compact result")                  \
  X(FORMS, "forms", "hash", "pro_code -> canonical form")                      \
  X(DEPARTMENTS, "departments", "hash", "department -> packed counters")       \
  X(EVENTS, "events", "stream", "<last seq>-0: b = packed batch, n = commit")  \
  X(TURN, "turn", "list", "writers that wait for this shard; short-lived")     \
  X(PACKED, "packed", "string", "epoch:seq up to which values are packed")

/* Keys that stand alone: evald:1:<name>. */
#define STORE_GLOBAL_KEY_LIST(X)                                               \
  X(RULESETS, "rulesets", "hash", "digest -> canonical text")                  \
  X(SHARDS, "shards", "set", "310113000:2024")                                 \
  X(REJECTS, "rejects", "stream", "rejected jobs, capped")                     \
  X(EVICTED, "rejects:evicted", "string", "rejects that fell out of the cap")  \
  X(PROOF, "proof", "string", "who asked replicas to confirm last")            \
  X(REPAIRS, "repairs", "string", "how often a shard was repaired")            \
  X(DICTIONARIES, "dictionaries", "hash",                                      \
    "forms:1 -> what values are packed by")

/* Fields of the aggregate before its counters. */
#define STORE_AGGREGATE_FIELD_LIST(X)                                          \
  X(EPOCH, "epoch")                                                            \
  X(SEQ, "seq")                                                                \
  X(COMMIT, "commit")                                                          \
  X(UPDATED, "updated_ms")                                                     \
  X(LOG_BEGINS, "log_begins")

enum store_key {
#define X(name, suffix, type, holds) STORE_KEY_##name,
  STORE_SHARD_KEY_LIST(X)
#undef X
      STORE_SHARD_KEY_COUNT,
  STORE_KEY_BEFORE_GLOBAL = STORE_SHARD_KEY_COUNT - 1,
#define X(name, suffix, type, holds) STORE_KEY_##name,
  STORE_GLOBAL_KEY_LIST(X)
#undef X
      STORE_KEY_COUNT
};

enum store_field {
#define X(name, field) STORE_FIELD_##name,
  STORE_AGGREGATE_FIELD_LIST(X)
#undef X
      STORE_FIELD_COUNT
};

/* A division and year. The division's nine digits, terminated. */
struct store_shard_key {
  char division[10];
  int year;
};

enum { STORE_KEY_TEXT = 64, STORE_SHARD_TEXT = 24 };

/* Whether division is nine digits and year four. Keys are made of nothing
 * else. */
bool store_shard_valid(const struct store_shard_key *shard);
bool store_shard_equal(const struct store_shard_key *a,
                       const struct store_shard_key *b);

/* "310113000:2024", and back; false where it is not that. */
size_t store_shard_print(const struct store_shard_key *shard,
                         char out[STORE_SHARD_TEXT]);
bool store_shard_parse(struct evald_text text, struct store_shard_key *out);

/* Writes the key and its terminator, returns its length. `shard` is not read
 * for a key that stands alone. */
size_t store_key_print(enum store_key key, const struct store_shard_key *shard,
                       char out[STORE_KEY_TEXT]);

/* "aggregate"; "hash"; and "epoch". */
const char *store_key_name(enum store_key key);
const char *store_key_type(enum store_key key);
const char *store_field_name(enum store_field field);

#endif
