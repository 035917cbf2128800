/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REDIS_H
#define STORE_REDIS_H

/*
 * A connection to one Redis, and what is known about it.
 *
 * A `struct store` belongs to one thread. It is opened without a connection;
 * store_connect makes one, and makes another after the first was lost (a lost
 * context is freed, never reconnected). All writing is done here, with
 * MSG_NOSIGNAL: the process's SIGPIPE is nobody's business.
 *
 * Statuses shared by every call of this room:
 *  EVALD_AWAY     Redis cannot be reached, did not answer in time, or cannot
 *                 do the work at present (loading, out of memory, read-only,
 *                 disk full …). The same call may succeed later. After it,
 *                 store_connected() says whether to connect anew first.
 *  EVALD_SYNTAX   Redis holds something that is not ours under one of our
 *                 keys: that division and year is damaged, others are not.
 *  EVALD_INVALID  Redis refused a command for good. For both an operator is
 *                 needed.
 *  EVALD_MEMORY   no memory; nothing was sent.
 * The fault's place is the Redis command.
 */

#include "evald/arena.h"
#include "evald/status.h"
#include "evald/text.h"

struct store;

/* The counters of an aggregate are named by whoever opens the store; a store
 * without names reads and writes none. */
enum { STORE_COUNTER_MAX = 64 };

/* Texts are the caller's and live as long as the store. A zero takes the
 * default in brackets. */
struct store_options {
  const char *unix_path; /* NULL: TCP */
  const char *host;      /* ["127.0.0.1"] */
  int port;              /* [6379] */
  const char *user;      /* for AUTH; NULL: the default user */
  const char *password;  /* NULL: no AUTH */
  int database;
  int connect_ms; /* [2000] */
  int reply_ms;   /* [5000] between two sends or answers that make progress */
  /* Of CLOCK_MONOTONIC, in milliseconds; 0: none yet. From then on nothing is
   * waited for any more. Set by whoever ends this thread; may be NULL. */
  const _Atomic int64_t *stop_by;

  const char *const *counters; /* fields of the aggregate, in order */
  size_t counter_count;        /* at most STORE_COUNTER_MAX */

  int64_t rejects_max; /* [100000] rejected jobs kept */
  size_t unpack_max;   /* [1 GiB] bytes that the values of one answer may unpack
                          to; what is beyond stays packed: see pack.h */
  int turn_ms;         /* [250] how long a waiting writer is believed alive */
  int wait_replicas;   /* WAIT for so many replicas after each commit */
  int wait_ms;         /* [1000] and for so long */
};

/* Points the options at "HOST:PORT" or "unix:/PATH"; texts live in the arena
 * and in `address`. EVALD_SYNTAX where it is neither, EVALD_MEMORY. */
enum evald_status store_address(const char *address, struct evald_arena *arena,
                                struct store_options *out);

/* EVALD_LIMIT for too many counters, EVALD_MEMORY. */
enum evald_status store_open(const struct store_options *options,
                             struct store **out, struct evald_fault *fault);
void store_close(struct store *store);

/* Connects, authenticates, selects; drops a connection that was there. Blocks
 * for at most connect_ms + reply_ms. Everything watched is forgotten. Where
 * the last commit ended unknown, its old connection is killed in Redis first,
 * so that store_commit_resolve sees a final state. */
enum evald_status store_connect(struct store *store, struct evald_fault *fault);
bool store_connected(const struct store *store);
void store_disconnect(struct store *store);

/* For poll(2): readable when an answer is there; -1 without a connection. The
 * number changes with each connection. */
int store_fd(const struct store *store);

/* A round trip. */
enum evald_status store_ping(struct store *store, struct evald_fault *fault);

/* 16 hexadecimal digits that name this writer, drawn at random by store_open.
 */
const char *store_writer(const struct store *store);

/* Names the process of Redis that was connected to last: the first digits of
 * its run_id, as they stand in the field `commit` of what it took. */
enum { STORE_RUN_TEXT = 9 };
const char *store_run(const struct store *store);

/* What Redis promises about what it was told; -1 or "" where it would not
 * say. For the daemon to hold against its durability mode. */
struct store_settings {
  int append_only;       /* 0 or 1 */
  char append_fsync[16]; /* "always", "everysec", "no" */
  int append_pauses;     /* no-appendfsync-on-rewrite: 0 or 1 */
  char eviction[32];     /* "noeviction", "allkeys-lru", … */
  int64_t memory_max;    /* bytes; 0: no limit */
  int64_t memory_used;
  int replicas;     /* connected now */
  bool promoted;    /* it was a replica once, or its data are a replica's */
  char version[16]; /* "7.0.15" */
};
enum evald_status store_settings_read(struct store *store,
                                      struct store_settings *out,
                                      struct evald_fault *fault);

/* Writes a mark and waits until `wait_replicas` replicas, or wait_ms, have
 * passed; then what was committed before is on as many. */
enum evald_status store_confirm(struct store *store, int *replicas,
                                struct evald_fault *fault);

#endif
