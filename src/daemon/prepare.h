/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_PREPARE_H
#define DAEMON_PREPARE_H

/*
 * frame → job → checked form → score → verdict → contribution: everything that
 * needs no store. Runs while the batch before is on its way to Redis.
 */

#include "daemon/metrics.h"
#include "daemon/work.h"

struct preparer {
  struct wire_limits limits;
  struct evald_arena *scratch; /* reset for each group of jobs */
  struct ruleset_set *rules;   /* the set in force; a reference */
  struct metrics *metrics;
  bool keep_forms;
  /* The shard of a division and year; NULL: no memory. Itself NULL where
   * another will find it: then the work's `reading` names it. */
  struct shard *(*shard_of)(void *context, struct evald_text division,
                            uint16_t year);
  void *context;
  struct group group; /* the jobs being prepared */
};

/* Adds the units of some frames to the work, at most GROUP_JOBS and in their
 * order. A frame that is no sound job becomes a rejected unit; each has one,
 * but for a recalculation, which must come alone. Returns how many were added:
 * fewer than `count` where the process is out of memory. */
size_t prepare_frames(struct preparer *preparer, struct work *work,
                      const struct wire_bytes *frames, size_t count);

/* Whether it is a recalculation. That must have a work to itself: it reads
 * stored forms, which jobs before it in the same work could be about to
 * change. */
bool prepare_is_recalculation(struct wire_bytes frame);

/* Scores the stored form of a recalculation's project. `form` need not outlive
 * the call. Rejects the unit where the form cannot be read. EVALD_MEMORY: the
 * process is out of memory; to be tried again. */
enum evald_status prepare_stored_form(struct preparer *preparer,
                                      struct work *work, struct work_unit *unit,
                                      struct evald_text form);

#endif
