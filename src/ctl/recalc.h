/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_RECALC_H
#define CTL_RECALC_H

/*
 * Scoring what is stored by another ruleset: for good, through the daemon
 * (recalc_send.c), or for show, here (recalc_what_if.c). Both walk the same
 * way and count the same things, so what is shown is what would happen.
 *
 * What is left to do is read from the store, not from a list: a result that
 * bears the target's digest is done, whoever did it. So nothing is done twice
 * and nothing is forgotten, whatever was killed. The journal
 * (recalc_journal.h) is there for the summary alone: the store does not keep
 * what a result was before.
 */

#include "ctl/codeset.h"
#include "ctl/migration.h"
#include "ctl/shards.h"

/* X(name, key in JSON, sentence): forms that were met and not scored. */
#define RECALC_LEFT_LIST(X)                                                    \
  X(ALREADY, "already", N_("stood under this ruleset already"))                \
  X(WITHDRAWN, "withdrawn", N_("are withdrawn"))                               \
  X(WITHOUT_FORM, "without_form",                                              \
    N_("cannot be scored: the form is not kept"))                              \
  X(MEANWHILE, "changed_meanwhile", N_("were changed by others meanwhile"))    \
  X(UNREADABLE, "unreadable", N_("cannot be read"))

enum recalc_left {
#define X(name, key, sentence) RECALC_##name,
  RECALC_LEFT_LIST(X)
#undef X
      RECALC_LEFT_COUNT
};

/* A form to be scored: its mover's `before` is set. */
struct recalc_item {
  struct mover mover;
  struct evald_digest form;
  struct contribution counts; /* what it adds to the aggregate at present */
};

struct recalc;

/* Takes items off the front of `pending` as it likes; all of them, and to the
 * end, where `last` says that the shard has no more. */
typedef enum evald_status (*recalc_process)(struct recalc *recalc, bool last,
                                            struct evald_fault *fault);

struct recalc {
  struct ctl *ctl;
  recalc_process process;
  void *context; /* of process */
  int step;      /* how many results to read at once; 0: many */

  struct store_shard_key shard; /* the one that is walked */
  struct evald_digest target;   /* of its ruleset */
  struct evald_ruleset *ruleset;
  struct codeset seen;
  struct recalc_item *pending;
  size_t pending_count, pending_room;

  struct migration migration;
  struct contribution before, after;
  uint64_t left[RECALC_LEFT_COUNT];
  uint64_t earlier; /* scored before the walk began, which meets them again */

  uint64_t expected, met; /* results: in the store; walked over */
  int64_t began_ms, shown_ms;
};

/* Walks the shards; `before_of` (may be NULL) gives the aggregate with which a
 * shard began where it is known, and is told it where it is not. */
struct recalc_walk {
  const struct shard_item *shards;
  enum evald_status (*before_of)(struct recalc *recalc,
                                 struct contribution *before,
                                 struct evald_fault *fault);
};
enum evald_status recalc_run(struct recalc *recalc,
                             const struct recalc_walk *walk,
                             struct evald_fault *fault);
void recalc_fini(struct recalc *recalc);

/* Removes the first `count` items of `pending`. */
void recalc_drop(struct recalc *recalc, size_t count);

/* The ruleset of a shard, into `ruleset` and `target`. */
enum evald_status recalc_aim(struct recalc *recalc,
                             const struct store_shard_key *shard,
                             struct evald_fault *fault);

/* The aggregate of the shard as the store has it. */
enum evald_status recalc_aggregate(struct recalc *recalc,
                                   struct contribution *out,
                                   struct evald_fault *fault);

/* Where a form stands after it was scored. */
void recalc_note(struct recalc *recalc, struct mover *mover,
                 const struct standing *after);

/* How far it is, on a terminal often, else from time to time. */
void recalc_progress(struct recalc *recalc, bool last);

/* The two ways; the exit status. */
int recalc_for_good(struct ctl *ctl, const struct shard_item *shards);
int recalc_what_if(struct ctl *ctl, const struct shard_item *shards);

/* The summary: with --json the movers, then one line that ends it. */
void recalc_report(struct recalc *recalc, const char *kind);

#endif
