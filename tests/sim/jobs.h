/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_JOBS_H
#define SIM_JOBS_H

/*
 * The jobs of a run: a few divisions, projects and contents, so that jobs meet
 * each other; each job with what it would add, computed beforehand.
 */

#include "core/contribution.h"
#include "rules/ruleset_set.h"
#include "sim/sim.h"
#include "store/keys.h"
#include "wire/job_codec.h"

enum {
  JOBS_SHARDS = 3,
  JOBS_PROJECTS = 5, /* of a shard */
  JOBS_CONTENTS = 6,
  JOBS_DEPARTMENTS = 3,
  JOBS_RULESETS = 3,
  JOBS_MAX = 200,
  JOBS_BAD = WIRE_KIND_COUNT /* a kind: no job that evald takes */
};

struct job {
  char id[24];
  uint8_t kind; /* enum wire_kind, or JOBS_BAD */
  uint8_t shard, project, content, department;
  uint8_t ruleset;  /* JOBS_RULESETS: none is named */
  uint8_t projects; /* of a recalculation: a bit each */
  int64_t revision;
  unsigned sends; /* how often it has left a producer */
  struct sim_bytes frame;
  struct evald_digest digest; /* of an evaluation's form */
};

extern const struct store_shard_key jobs_shards[JOBS_SHARDS];
extern struct ruleset_set *jobs_rules;

/* Once a process: loads the rulesets of a folder and scores the contents. */
bool jobs_open(const char *folder);
void jobs_close(void);

/* Draws a job and encodes it. */
void jobs_draw(struct job *job, unsigned number);
void jobs_free(struct job *job);

/* "P3" */
void jobs_project(unsigned project, char out[8]);
const char *jobs_department(unsigned department);

/* The ruleset of that id, JOBS_RULESETS: none; and the one that serves a shard
 * where a job names none. */
unsigned jobs_ruleset(struct evald_text id);
unsigned jobs_default(unsigned shard);

/* What a content adds by a ruleset. */
const struct contribution *jobs_adds(unsigned content, unsigned ruleset);

#endif
