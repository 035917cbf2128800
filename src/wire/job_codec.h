/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_JOB_CODEC_H
#define WIRE_JOB_CODEC_H

/*
 * Jobs: the msgpack map of docs/PROTOCOL.md, section "The job".
 *
 * Keys are rows of a table (key, how it is read, where it goes, which kinds
 * need it). Every problem of a job is collected. Keys that begin with "x_" are
 * passed over; any other key without a row is a problem.
 */

#include "evald/arena.h"
#include "evald/form.h"
#include "wire/prescan.h"

enum { WIRE_JOB_VERSION = 1, WIRE_PROJECTS_MAX = 512 };

/* X(name, spelling) */
#define WIRE_KIND_LIST(X)                                                      \
  X(EVALUATE, "evaluate")                                                      \
  X(WITHDRAW, "withdraw")                                                      \
  X(RECALCULATE, "recalculate")

enum wire_kind {
#define X(name, spelling) WIRE_KIND_##name,
  WIRE_KIND_LIST(X)
#undef X
      WIRE_KIND_COUNT
};

/* Texts and arrays point into the frame and the arena. Of a withdrawal and of
 * a recalculation, `form` holds the identity only (a recalculation has no
 * pro_code: its projects stand in `projects`). form.digest is not set: see
 * wire_form_encode. */
struct wire_job {
  int64_t version;
  uint8_t kind; /* enum wire_kind */
  struct evald_text job_id;
  struct evald_text source;
  int64_t revision;          /* 0 in a recalculation */
  struct evald_text ruleset; /* absent: what configuration maps */
  struct evald_form form;
  const struct evald_text *projects;
  size_t project_count;
};

const char *wire_kind_name(enum wire_kind kind);

/* Pre-scans and decodes. EVALD_REJECTED: `rejects` has every problem, and
 * `out` is set as far as it could be read (job_id, source and identity are
 * absent where not), so that the reject can be told to its source.
 * EVALD_MEMORY never: an arena that is full is a problem of the job
 * (no_memory). Call wire_rejects_init first. Allocates from the arena only. */
enum evald_status wire_job_decode(struct wire_bytes frame,
                                  const struct wire_limits *limits,
                                  struct evald_arena *arena,
                                  struct wire_job *out,
                                  struct wire_rejects *rejects);

/* What intake needs to send a frame to the worker of its shard. Reads the top
 * level only, allocates nothing, is safe over any bytes. False where division
 * or year cannot be read: any worker may reject such a frame. */
struct wire_route {
  struct evald_text mof_div_code;
  uint16_t fiscal_year;
};
bool wire_job_route(struct wire_bytes frame, struct wire_route *out);

/* Writes the job as a map, the keys in the order of PROTOCOL.md, without
 * those that are absent. Decoding it gives the same job. */
void wire_job_encode(const struct wire_job *job, struct wire_buffer *out);

#endif
