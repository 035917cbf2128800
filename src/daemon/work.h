/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_WORK_H
#define DAEMON_WORK_H

/*
 * A work: the jobs of one transaction, from their frames to their receipts.
 *
 * A worker fills a work (prepare.h), decides and commits it (worker.c) and
 * sends it to the publisher, which tells what became of it and sends it back
 * to be filled again. Whoever holds the pointer owns it. Its texts point into
 * the frames of its parcels, into its rulesets and into its arena, so they
 * live until work_reset.
 */

#include "daemon/group.h"
#include "daemon/parcel.h"
#include "daemon/shard.h"
#include "evald/arena.h"
#include "rules/ruleset_set.h"
#include "wire/event_codec.h"
#include "wire/job_codec.h"

/* A stored result as it was when its form was read: of a recalculation. */
struct work_before {
  int64_t revision;
  struct evald_digest form_digest, ruleset_digest;
  struct contribution contribution;
  struct evald_text dept_key, dept_name;
};

/* A unit's stored result and form; absent where the worker is to read them. */
struct work_values {
  struct evald_text result, form;
};

/* What the rescorer read of one division and year for a work (rescorer.h). */
struct work_reading {
  char division[10]; /* "": of none */
  uint16_t year;
  struct shard_mark mark;     /* where it stood when the reading began */
  struct work_values *values; /* one a unit; NULL: nothing was read */
};

/* One project of one job. */
struct work_unit {
  uint8_t kind;    /* enum wire_kind */
  uint8_t outcome; /* enum wire_outcome */
  bool bad;        /* rejected by what the job is, whatever the store holds */
  bool scored;
  bool follows;  /* of the same frame as the unit before */
  bool damaged;  /* its division and year is: an answer asks to send it again,
                    without one it is rejected */
  uint32_t slot; /* in `shards`; INDEX_NONE: no division and year known */
  uint32_t next; /* commit.c: of the same slot */
  uint32_t next_wanted, answer; /* ahead.c: a chain; what it was asked as */
  struct sender sender;         /* who is answered */
  struct wire_bytes frame;
  struct evald_text job_id, source, pro_code;
  struct evald_text dept_key, dept_name;
  int64_t revision;
  struct evald_digest form_digest;
  struct evald_ruleset *ruleset; /* held by the work's set */
  struct evald_figure total;
  uint8_t grade;
  uint32_t levels[EVALD_LEVEL_COUNT];
  struct span form, stored, problems;
  struct contribution contribution;
  struct work_before *before; /* NULL: not read ahead, or true no longer */

  /* What the decision added. */
  uint32_t department; /* its number within the shard */
  struct project *project;
  int64_t seq; /* 0: nothing changed */
  uint64_t checksum;
  struct wire_rejects *rejects;
  struct evald_text rejects_id;
};

/* A division and year that the work touches. */
struct work_shard {
  struct shard *shard;
  struct wire_shard name;
  uint32_t missing;      /* units whose project must be read */
  uint32_t first_wanted; /* of them, while they are asked for */
  uint32_t changes;      /* events */
  uint32_t first;        /* unit that changed something, while it is sent */
  int64_t shard_epoch;   /* after the decision */
  struct wire_batch sum; /* what is told of the shard where it changed (epoch
                            0: it did not); events in the arena */
  struct span events;
};

enum work_stage {
  WORK_FILLING,  /* in the worker, taking jobs */
  WORK_SETTLING, /* to be loaded, decided and sent */
  WORK_SENT,     /* on its way to Redis */
  WORK_UNPROVEN, /* committed, but not on as many replicas as promised */
  WORK_DONE
};

struct work {
  uint64_t number; /* rises with each work of a worker */
  uint8_t stage;   /* enum work_stage */
  bool closed;     /* takes no more jobs */
  bool rescored;   /* the rescorer's: goes back to it */
  bool writes;     /* what was sent of it changes the store */
  bool doubtful;   /* committed, and then Redis went before it was proven: its
                      jobs are to be sent again */
  struct work_unit *units;
  uint32_t unit_count, unit_room;
  uint32_t looked_at, asked; /* ahead.c: units; results asked for */
  struct work_shard *shards;
  uint32_t shard_count, shard_room;
  struct parcel **parcels;
  uint32_t parcel_count, parcel_room;
  struct work_reading reading;
  struct project *own; /* one a unit, for projects that are not remembered
                          beyond the work; made when first needed */
  uint32_t own_room;
  struct ruleset_set *rules; /* a reference, while there are units */
  struct evald_arena *arena;
  struct wire_buffer bytes; /* forms, results, events, problems */
  size_t kept_bytes;        /* of `bytes`, made before the decision */
  struct shard_falls falls; /* seen since the work before it */
  int64_t at_ms;            /* of the commit, wall clock */
  int64_t sent_us;
};

/* NULL: no memory. `room` units to begin with; it grows. */
struct work *work_new(uint32_t room, size_t arena_limit);
void work_free(struct work *work);

/* Empties it; keeps the memory. Parcels are the caller's to give back first.
 */
void work_reset(struct work *work);

/* Lets go of its shards: by who owns them, before another thread resets it. */
void work_leave_shards(struct work *work);

/* The unit's place in `own`; NULL: no memory. */
struct project *work_own(struct work *work, const struct work_unit *unit);

/* A new unit, zero but for slot INDEX_NONE; NULL: no memory. Units move when
 * one is added. */
struct work_unit *work_add_unit(struct work *work);

/* The units from `first` on came out of one frame of that sender. */
void work_address(struct work *work, uint32_t first, struct sender sender);

/* Points the unit at the slot of a shard, made if new. EVALD_MEMORY. */
enum evald_status work_set_shard(struct work *work, struct work_unit *unit,
                                 struct shard *shard);

/* Notes that units point into the parcel; once for each run of frames. */
enum evald_status work_hold(struct work *work, struct parcel *parcel);

/* A text that lives as long as the work: the text itself where it lies in the
 * frame, else a copy. Absent where memory ends. */
struct evald_text work_keep(struct work *work, struct wire_bytes frame,
                            struct evald_text text);

/* Marks the unit as rejected, with a copy of the problems. */
void work_reject(struct work *work, struct work_unit *unit,
                 const struct wire_rejects *rejects);
/* The same with one problem. */
void work_reject_for(struct work *work, struct work_unit *unit,
                     enum wire_reject code, const char *key);

static inline struct evald_text work_text(const struct work *work,
                                          struct span span) {
  if (span.size == 0) return (struct evald_text){0};
  return (struct evald_text){(const char *)work->bytes.data + span.at,
                             span.size};
}

#endif
