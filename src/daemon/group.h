/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_GROUP_H
#define DAEMON_GROUP_H

/*
 * A few jobs led from the form to the stored result together, one stage after
 * the other: the canonical forms of all, then the scores of all, then the
 * results of all. What a job runs through is larger than the first cache; so
 * the code of a stage is fetched once a group and not once a job.
 *
 * Whoever has a group reads the jobs of its places, names their rulesets and
 * then calls group_score().
 */

#include "core/contribution.h"
#include "evald/evaluate.h"
#include "wire/job_codec.h"

/* Bytes in a buffer, which may move while it grows. */
struct span {
  size_t at, size;
};

struct group_place {
  struct wire_bytes frame; /* in which most of the form's texts lie, or none */
  struct wire_job job;
  struct evald_ruleset *ruleset; /* NULL: the job is not scored */
  uint32_t unit;                 /* its owner's */

  /* What comes of it; where the status is not fine the fault's place may name
   * the cell, and the rest is unknown. */
  enum evald_status status;
  struct evald_fault fault;
  struct evald_verdict verdict;
  struct contribution contribution;
  struct span form, stored; /* in the group's bytes */
};

enum { GROUP_JOBS = 8 };

struct group {
  struct evald_arena *scratch; /* for all of its jobs; their owner's */
  struct wire_buffer *bytes;   /* what is written to; likewise */
  size_t count;
  struct group_place places[GROUP_JOBS];
};

/* A place for one more job; its job and its unit are not set, all else is
 * empty. At most GROUP_JOBS until the group is emptied. */
struct group_place *group_add(struct group *group);

/* Scores the forms of all places that have a ruleset. A form whose digest is
 * known is not written. EVALD_MEMORY in a place: the arena is full or the
 * machine's memory at its end. */
void group_score(struct group *group);

#endif
