/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_MIGRATION_H
#define CTL_MIGRATION_H

/*
 * What another ruleset did, or would do, to the scores of a city: how many
 * changed, from which grade to which, and whom it moved most.
 */

#include "core/contribution.h"
#include "ctl/ctl.h"
#include "evald/evaluate.h"

enum { MIGRATION_GRADES = 16, MIGRATION_MOVERS = 20, MIGRATION_CODE = 164 };

/* Where a form stands: its total and its grade, by rank and name. */
struct standing {
  evald_decimal total;
  uint8_t rank;
  char grade[24];
};

struct standing standing_of(evald_decimal total, uint8_t rank,
                            struct evald_text grade);

/* Of one form: where, from what, to what. */
struct mover {
  struct store_shard_key shard;
  char code[MIGRATION_CODE];
  struct evald_digest ruleset; /* that it came from */
  struct standing before, after;
};

struct migration {
  uint64_t forms, moved, regraded; /* scored; other total; other grade */
  struct standing grades[MIGRATION_GRADES]; /* rank and name */
  unsigned grade_count;
  uint64_t moves[MIGRATION_GRADES][MIGRATION_GRADES];
  struct mover movers[MIGRATION_MOVERS]; /* the largest change first */
  unsigned mover_count;
};

void migration_note(struct migration *migration, const struct mover *mover);

/* What is told at the end. */
struct migration_report {
  const struct migration *migration;
  const struct contribution *before, *after;
};

/* Tables for people: migration, aggregates. */
void migration_print(struct ctl *ctl, const struct migration_report *report);

/* The same as keys of a map that the caller has begun: forms, moved, regraded,
 * migration, before, after. */
enum { MIGRATION_KEYS = 6 };
void migration_put(const struct migration_report *report,
                   struct wire_buffer *out);

/* The biggest movers, each with the cells whose points changed and the rules
 * that did it: the form is scored under both rulesets again. For people under
 * a heading; with --json a line each. */
void movers_print(struct ctl *ctl, const struct migration *migration);

#endif
