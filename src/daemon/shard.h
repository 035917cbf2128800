/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_SHARD_H
#define DAEMON_SHARD_H

/*
 * A division and year as a worker holds it: the aggregate, the sequence, the
 * departments; and the decision what becomes of a job.
 *
 * Invariants
 *  1. While `known`, sum, seq, epoch and the departments are those of the
 *     store at the last commit, plus what the batch at work has applied.
 *  2. shard_begin remembers where the batch began; shard_commit makes what it
 *     applied the truth, shard_undo takes it back. One batch at a time.
 *  3. seq rises by one with each change, and with nothing else.
 *  4. Since `mixed` nothing but what the rescorer read ahead has changed it.
 *  5. An epoch belongs to one process of Redis: who finds that another took
 *     the last commit begins a new one. No process forgets what it executed,
 *     so a pair of epoch and seq is never used for two changes. Only where
 *     Redis `keeps` what it answered, and the last commit is the one known
 *     here, the epoch goes on.
 *
 * Nothing here does I/O; one thread owns all of it.
 */

#include "daemon/projects.h"
#include "daemon/roll.h"
#include "store/redis.h"
#include "wire/outcome.h"

struct department {
  char *key, *name; /* owned, terminated after `…_size` bytes */
  uint16_t key_size, name_size;
  bool known;   /* `sum` is what the store has; else it must be asked */
  bool touched; /* by the batch at work */
  struct contribution sum;
};

struct departments {
  struct department *items;
  uint32_t count, room;
  size_t text_bytes; /* of their keys and names */
  struct index index;
};

/* Where a shard stands in the store. */
struct shard_mark {
  int64_t epoch, seq;
  char commit[40]; /* nonce of the last batch; empty: there was none */
};

struct shard {
  char division[10]; /* nine digits, terminated */
  uint16_t year;
  uint32_t number, generation;
  uint32_t holds; /* works that point to it */
  size_t counted; /* bytes of it in the worker's account */
  bool used;      /* since the hand passed last */
  bool vacant;    /* its place may be taken by another */
  uint32_t next_vacant;
  bool known;   /* the aggregate was read and is believed */
  bool met;     /* epoch and seq were known once: a smaller seq is a rollback */
  bool watched; /* Redis will refuse a commit if anybody touches it */
  bool checked; /* the types of its keys were seen on this connection */
  uint64_t rider; /* the last work whose commit watches it again */
  bool damaged; /* its keys hold what is not ours; looked at again at look_at */
  int64_t look_at;
  int64_t epoch, seq;
  int64_t log_begins; /* the store's log has all from this seq on; 0: all */
  int64_t
      written; /* the epoch in the store: `epoch` may be yet to be written */
  char run[STORE_RUN_TEXT]; /* the process of Redis in which that was seen */
  char commit[40]; /* nonce of the last batch in the store; empty: there was
                      none */
  bool unread;     /* the last batch is ours, and its nonce is yet to be read */
  int64_t mixed_seq;     /* the last change that was not read ahead */
  char mixed_commit[40]; /* its nonce, where it is another's */
  struct contribution sum;
  struct departments departments;
  struct roll roll; /* of its projects, where it was empty when first seen */

  struct { /* where the batch at work began */
    bool open;
    int64_t epoch, seq;
    struct contribution sum;
  } before;
};

/* What it takes of memory, about. */
size_t shard_bytes(const struct shard *shard);

/* Texts are copied. */
void shard_init(struct shard *shard, uint32_t number,
                struct evald_text division, uint16_t year);
void shard_fini(struct shard *shard);

/* A store that fell back, for those who were told what it lost. */
struct shard_fall {
  char division[10];
  uint16_t year;
  int64_t epoch, seq; /* that begins; where the store stands */
};

struct shard_falls {
  struct shard_fall *items;
  uint32_t count, room;
};

/* What the store says of a shard. */
struct shard_seen {
  bool exists;
  int64_t epoch, seq;
  int64_t stream_seq; /* last id of the stream; -1 not asked, or empty */
  const char *commit;
  const int64_t *counters; /* NULL: not asked */
  int64_t log_begins;      /* with the counters */
  const char *run;         /* which process of Redis says it */
  bool restarted; /* another took the last commit, and may have lost what came
                     behind */
  bool keeps;     /* a Redis that was started anew has all that it answered */
  int64_t now_ms; /* the wall clock: where an epoch begins */
  int64_t floor;  /* no epoch of a shard that was forgotten is above it */
};

enum shard_change {
  SHARD_AS_KNOWN,  /* epoch, seq and nonce are what we left */
  SHARD_MOVED,     /* somebody else wrote: what was known is gone */
  SHARD_FELL_BACK, /* the store is behind what we know: the epoch grew */
  SHARD_UNSURE     /* it may be behind what others knew: the epoch grew */
};

/* Holds what the store says against what is known, and takes it over where it
 * differs (all projects and departments are then forgotten). Without counters
 * a shard that differs is only marked as not known, to be asked in full. */
enum shard_change shard_see(struct shard *shard, const struct shard_seen *seen);

/* Everything known is forgotten, except epoch and seq, which must not fall. */
void shard_forget(struct shard *shard);

/* The number of a department, added if new; INDEX_NONE: no memory. The name is
 * taken over where one is given. */
uint32_t shard_department(struct shard *shard, struct evald_text key,
                          struct evald_text name);

/* What a job wants of its project. */
enum shard_wish { SHARD_EVALUATE, SHARD_WITHDRAW };

struct shard_claim {
  uint8_t wish; /* enum shard_wish */
  int64_t revision;
  struct evald_digest form_digest, ruleset_digest;
};

/* What becomes of it. Pure. */
enum wire_outcome shard_decide(const struct project *project,
                               const struct shard_claim *claim);

/* Opens the batch on this shard; once per batch. */
void shard_begin(struct shard *shard);
static inline bool shard_begun(const struct shard *shard) {
  return shard->before.open;
}

/* Applies a decided change: old contribution out, new one in, in the aggregate
 * and in the departments, the project set to the new state, seq one on.
 * `added` is all zero in a withdrawal. EVALD_RANGE: a sum would leave 64 bits;
 * nothing was changed. */
enum evald_status shard_apply(struct shard *shard, struct project *project,
                              const struct shard_claim *claim,
                              uint32_t department,
                              const struct contribution *added);

/* Which counters (a bit each) made shard_apply answer EVALD_RANGE to the same.
 */
uint64_t shard_misfits(const struct shard *shard, const struct project *project,
                       uint32_t department, const struct contribution *added);

/* Where the log is to begin after the batch, of which it keeps the last `most`
 * changes (0: all); 0: nothing was ever cut off. */
int64_t shard_log_begins(const struct shard *shard, int64_t most);

/* Notes that the last change was of a job that came with its form. */
void shard_mix(struct shard *shard);

/* Whether what was read of the store behind that mark is still so, but for
 * projects that have changed since by what was read ahead itself. */
bool shard_stands(const struct shard *shard, const struct shard_mark *mark);

/* The two ends of a batch. After an undo the touched departments are unknown;
 * the caller forgets the touched projects. */
void shard_commit(struct shard *shard);
void shard_undo(struct shard *shard);

#endif
