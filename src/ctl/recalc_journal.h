/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_RECALC_JOURNAL_H
#define CTL_RECALC_JOURNAL_H

/*
 * The journal of a recalculation: what each form was before, and what came of
 * it, so that the summary of a run that was killed and gone on with is that of
 * the whole. msgpack arrays, one behind the other, appended:
 *
 *   ["evald-recalc", 1, what is recalculated]     once, at the beginning
 *   [1, division, year, [counter, …]]             a shard as it was found
 *   [2, chunk, division, year, [[code, form, ruleset, total, rank, grade], …]]
 *                                                 about to be sent
 *   [3, chunk, [[how, total, rank, grade], …]]    answered; `how` is 0 where a
 *                                                 form was scored
 *
 * It lies in $XDG_STATE_HOME/evald, else ~/.local/state/evald, under a name
 * made from what is recalculated, and is removed at the end. One process has
 * it open at a time. A torn end is cut off: its chunk is sent again.
 */

#include "ctl/recalc.h"

enum { JOURNAL_PATH = 1024, JOURNAL_CHUNKS = 16 };

/* What came of an item: left[] where it was not scored. */
struct chunk_outcome {
  bool scored;
  enum recalc_left left;
  struct standing after;
};

/* Forms on their way to the daemon. */
struct chunk {
  bool used, answered;
  uint64_t number;                /* of the journal */
  uint64_t sent;                  /* number of the producer's job */
  struct recalc_item *items;      /* owned */
  struct chunk_outcome *outcomes; /* owned, as many; NULL: not known yet */
  size_t count;
};

/* Frees what it owns; it is unused then. */
void chunk_clear(struct chunk *chunk);

struct journal_shard {
  struct store_shard_key shard;
  struct contribution before;
};

struct journal {
  int fd; /* -1: there is none */
  char path[JOURNAL_PATH];
  struct wire_buffer record;
  uint64_t chunks; /* numbers given so far */
  struct journal_shard *shards;
  size_t shard_count, shard_room;
};

/* Opens the journal of `what`. With `resume`, what it holds is counted into
 * `recalc`, and chunks without an answer are left in `open`, which has room
 * for JOURNAL_CHUNKS; else it must not exist.
 *  EVALD_INTERFERED  another process has it open
 *  EVALD_INVALID     there is one, and `resume` is false; or it is no journal
 *  EVALD_IO          it cannot be made: the fault says why; go on without */
enum evald_status journal_open(struct journal *journal, const char *what,
                               bool resume, struct recalc *recalc,
                               struct chunk *open, struct evald_fault *fault);
void journal_close(struct journal *journal);
/* Done with: removes the file. */
void journal_remove(struct journal *journal);

/* EVALD_IO where it cannot be written, e.g. a full disk. Without a file they
 * do nothing. */
enum evald_status journal_shard(struct journal *journal,
                                const struct store_shard_key *shard,
                                const struct contribution *before,
                                struct evald_fault *fault);
enum evald_status journal_sent(struct journal *journal,
                               const struct chunk *chunk,
                               struct evald_fault *fault);

/* Its outcomes are known. */
enum evald_status journal_done(struct journal *journal,
                               const struct chunk *chunk,
                               struct evald_fault *fault);

/* Counts one outcome into the summary. */
void chunk_count(struct recalc *recalc, struct recalc_item *item,
                 const struct chunk_outcome *outcome);

/* The aggregate a shard had when it was first found; NULL: not met yet. */
const struct contribution *journal_before(const struct journal *journal,
                                          const struct store_shard_key *shard);

#endif
