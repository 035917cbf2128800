/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STORE_SUPPORT_H
#define TESTS_STORE_SUPPORT_H

/*
 * A toy worker over the store: a project's result is a decimal number in text,
 * padded; a shard's counters are how many projects it has ("forms") and the
 * sum of their numbers ("sum"); an event entry says "<first>-<last>".
 */

#include "store/query.h"

enum { TOY_SHARDS = 32, TOY_JOBS = 1 << 17, TOY_TEXT = 24 };

struct toy_job {
  int shard;
  char code[TOY_TEXT];
  int64_t number;
};

struct toy {
  struct store *store;
  int shard_count;
  int padding;   /* bytes that a result is filled up to */
  int64_t keeps; /* changes in the log; 0: all */
  struct store_shard_state state[TOY_SHARDS];
  /* of the batch */
  struct toy_job *jobs, *spare;
  int job_count;
  struct store_want wants[TOY_SHARDS];
  struct evald_text *codes;
  char *results;
  struct store_pair *pairs;
  char events[TOY_SHARDS][48];
  struct store_shard_write writes[TOY_SHARDS];
  int64_t interfered, reloads, waits; /* seen so far */
};

extern const char *const toy_counters[2];

struct store_options toy_options(const char *socket);
struct store_shard_key toy_shard(int index);

/* Opens and connects; aborts where it cannot. */
void toy_open(struct toy *toy, const char *socket, int shards, int padding);
void toy_close(struct toy *toy);

/* Adds a job to the batch; jobs must come sorted by shard, a code once. */
void toy_add(struct toy *toy, int shard, const char *code, int64_t number);
void toy_clear(struct toy *toy);
void toy_swap(struct toy *toy); /* another batch's jobs, as many */

/* The shards of the batch (all of them, used or not) with their codes. */
void toy_want(struct toy *toy, enum store_want_level level);

/* Takes over what was loaded, and makes the batch's writes of it. False where
 * the loaded states are light and not those that the toy knows. */
bool toy_apply(struct toy *toy, const struct store_loaded *loaded);
struct store_batch toy_batch(const struct toy *toy);

/* Counts the batch as committed. */
void toy_commit(struct toy *toy);

/* All of it, without overlap, until committed: load, apply, send, wait. */
enum evald_status toy_step(struct toy *toy, struct evald_fault *fault);

/* Whether each shard's counters are those of its results, and its events are
 * dense up to its seq. Prints what is wrong. */
bool toy_verify(struct toy *toy);

#endif
