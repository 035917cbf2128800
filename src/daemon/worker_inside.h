/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_WORKER_INSIDE_H
#define DAEMON_WORKER_INSIDE_H

/*
 * The worker's own state, and the steps of its way: shards.c keeps divisions
 * and years, settle.c loads what a work needs and decides it, ahead.c asks for
 * what the next one needs, commit.c sends it and takes the answer, reach.c
 * makes and loses the connection, rescore.c recalculates, tally.c counts,
 * worker.c is the loop.
 * For these files alone.
 */

#include "daemon/durability.h"
#include "daemon/log.h"
#include "daemon/prepare.h"
#include "daemon/rescorer.h"
#include "daemon/worker.h"
#include "store/query.h"
#include "store/transaction.h"

enum {
  WORKER_WORKS = 4,     /* filling, waiting, flying, one with the publisher */
  WORKER_PARCELS = 128, /* more than intake.batches allows */
  WORKER_RULESETS = 64, /* digests remembered as stored */
  WORKER_SOURCES = 16,  /* told apart when rejects are named in the log */
  WORKER_LOOK_MS = 1000 /* between two looks for what operators repaired */
};

struct worker {
  const struct worker_setup *setup;
  struct bus_pipe *pipe;
  struct metrics *metrics;
  struct preparer preparer;

  struct store *store;
  bool connected;
  struct durability promise;     /* AUTO: none yet */
  bool keeps;                    /* see shard_seen */
  int64_t retry_at, retry_pause; /* 0: try at once */
  int64_t look_at, repairs;      /* the next look, and what the last one saw */

  struct shard **shards;
  uint32_t shard_count, shard_room;
  struct index shard_index;
  uint32_t damaged; /* shards that are */
  uint32_t vacant, first_vacant,
      hand;            /* places of those forgotten; of the clock */
  size_t shard_bytes;  /* all of them, about */
  int64_t epoch_floor; /* see shard_seen */
  struct projects projects;
  struct evald_digest stored_rulesets[WORKER_RULESETS];
  uint32_t stored_ruleset_count;

  struct work *works[WORKER_WORKS], *idle[WORKER_WORKS];
  uint32_t idle_count;
  struct work *filling, *waiting, *flying; /* NULL: none; `waiting` is full */
  struct work *scored[RESCORER_WORKS];     /* the rescorer's, a ring */
  uint32_t scored_first, scored_count;
  uint32_t guests; /* of the rescorer's: flying, or with the publisher */
  bool answered;   /* the commit on its way may be finished without waiting */
  uint64_t work_number;
  struct evald_arena *scratch; /* of settling and sending */

  struct parcel *parcels[WORKER_PARCELS]; /* a ring of those to be taken */
  uint32_t parcel_first, parcel_count;

  struct shard_falls falls; /* for the next work that is published */
  bool stopping;
  int64_t stop_by;
  struct log_limit reject_lines[WORKER_SOURCES], trouble_lines;
};

/* worker.c */

/* An empty work, NULL: none is idle; and to the publisher with one. */
struct work *worker_take_idle(struct worker *worker);
void worker_publish(struct worker *worker, struct work *work);

/* The work that flies next, NULL: none; it may still take jobs. */
struct work *worker_next(const struct worker *worker);

/* shards.c */

/* The shard in memory, made if new; NULL: no memory. */
struct shard *worker_shard(struct worker *worker, struct evald_text division,
                           uint16_t year);

/* How many more fit worker.cache_bytes, about; and whether one is there. */
size_t shards_room(const struct worker *worker);
bool shards_has(const struct worker *worker, struct evald_text division,
                uint16_t year);

/* Counts the shards of a work whose decisions are through, and forgets those
 * that were not used for longest until all fit worker.cache_bytes. Only while
 * no work is under way: what a work has decided points into its shards. */
void shards_trim(struct worker *worker, const struct work *work);

/* Shards whose watch is gone, all of them; and what was seen of their keys'
 * types. */
void shards_unwatch(struct worker *worker);
void shards_uncheck(struct worker *worker);

/* Holds what the store says of a shard against what is known, takes it over,
 * and says aloud when the store fell back. */
enum shard_change shards_see(struct worker *worker, struct shard *shard,
                             const struct store_shard_state *state,
                             enum store_want_level level);

/* Marks a shard as one that nobody can work with at present, and says why; and
 * as one that somebody can again. */
void shards_damaged(struct worker *worker, struct shard *shard,
                    const char *damage);
void shards_mended(struct worker *worker, struct shard *shard);

/* settle.c */

/* Brings everything the work needs into memory, watched, and decides each
 * unit. EVALD_OK: to be sent. EVALD_TIMEOUT: another writer's turn; call
 * again. EVALD_INTERFERED: changed again and again while loading; call again.
 * Else what the store said. Nothing is decided but with EVALD_OK. */
enum evald_status settle_work(struct worker *worker, struct work *work,
                              struct evald_fault *fault);

/* Takes every decision back. */
void settle_undo(struct worker *worker, struct work *work);

/* Takes over what was read behind a commit. */
void settle_take_states(struct worker *worker, const struct work *work,
                        const struct store_loaded *loaded);

/* What is remembered of a project; NULL: nothing. */
struct project *settle_find(struct worker *worker, struct shard *shard,
                            struct evald_text code);

/* Remembers a stored result, absent or not, for the work; what is remembered
 * already stays. EVALD_MEMORY. */
enum evald_status settle_remember(struct worker *worker,
                                  const struct work *work, struct shard *shard,
                                  struct evald_text code,
                                  struct evald_text value);

struct store_shard_key settle_key(const struct shard *shard);

/* Whether a unit's project is to be looked at. */
bool settle_needs_project(const struct work_unit *unit);

/* rescore.c */

/* Makes a work of the rescorer one of this worker: its number and its shards.
 * EVALD_MEMORY: call again. */
enum evald_status rescore_take(struct worker *worker, struct work *work);

/* The unit's project as the rescorer read it, where that is still so; else
 * NULL. */
struct project *rescore_project(struct work *work,
                                const struct work_unit *unit);

/* Scores what a recalculation needs and the rescorer has not. Every unit's
 * project is at hand. */
enum evald_status rescore_work(struct worker *worker, struct work *work,
                               struct evald_fault *fault);

/* ahead.c */

/* Asks, behind the commit on its way, for what the next work will need. */
void ahead_ask(struct worker *worker);

/* Takes over what was asked behind the commit on its way, which has ended. */
void ahead_take(struct worker *worker, const struct store_outcome *outcome);

/* survey.c */

/* Reads the aggregates of every shard in the store that this worker keeps,
 * into the slots of `work`: for the publisher's first word, and to notice a
 * store that fell back. */
enum evald_status survey_shards(struct worker *worker, struct work *work,
                                struct evald_fault *fault);

/* commit.c */

/* Encodes and sends a settled work; EVALD_OK: stage is WORK_SENT, or
 * WORK_DONE where there was nothing to write. */
enum evald_status commit_send(struct worker *worker, struct work *work,
                              struct evald_fault *fault);

/* Waits for the answer to a sent work. EVALD_OK: committed, stage WORK_DONE.
 * EVALD_INTERFERED: undone, to be settled anew. Else what the store said; the
 * work is as it was, or undone where it is known not to be committed. */
enum evald_status commit_finish(struct worker *worker, struct work *work,
                                struct evald_fault *fault);

/* After a new connection: how did the work that was on its way end? As above.
 */
enum evald_status commit_resolve(struct worker *worker, struct work *work,
                                 struct evald_fault *fault);

/* tally.c */

/* Counts what became of a unit of a committed work; a rejection is logged. */
void tally_unit(struct worker *worker, const struct work_unit *unit);

/* Counts and names what is lost at a stop that came before Redis did. */
void tally_abandoned(struct worker *worker);

/* reach.c */

/* Connects, if Redis is there and is set to keep store.durability. */
void reach_try(struct worker *worker);

/* Whether an operator repaired shards since the last look: then everybody is
 * told how all of them stand. Between two works; at most every WORKER_LOOK_MS.
 */
void reach_look(struct worker *worker);

/* Something failed on the way; what was decided has been taken back, or waits
 * for commit_resolve. */
void reach_meet_trouble(struct worker *worker, enum evald_status status,
                        const struct evald_fault *fault);

/* Asks the replicas for a committed work that is not on enough of them; stage
 * WORK_DONE where it is. */
enum evald_status reach_prove(struct worker *worker, struct work *work,
                              struct evald_fault *fault);

#endif
