/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_ANSWERS_H
#define DAEMON_ANSWERS_H

/*
 * What became of the jobs of a committed work, told to those who sent them
 * through the acknowledged door: one body for each producer. And what the
 * store lost of what they were told, for all of them.
 *
 * Made by the publisher, sent by intake, which frees it.
 */

#include "daemon/work.h"

struct answer_bundle {
  struct sender to;
  uint32_t count;
  struct bus_frame body; /* the array of answers */
};

struct answers {
  struct shard_falls falls;
  uint32_t bundle_count;
  struct answer_bundle bundles[];
};

/* What a maker keeps between two works. */
struct answer_maker {
  struct wire_buffer buffer;
  uint32_t *first; /* unit of each group */
  uint32_t *next;  /* of the same group, of each unit */
  uint32_t room;
  struct wire_project_outcome outcomes[WIRE_PROJECTS_MAX];
};

void answer_maker_fini(struct answer_maker *maker);

/* EVALD_OK with *out NULL where there is nothing to tell. EVALD_MEMORY:
 * nothing was made. */
enum evald_status answers_make(struct answer_maker *maker,
                               const struct work *work, struct answers **out);
void answers_free(struct answers *answers);

/* The receipt of a unit that was not rejected. */
struct wire_receipt receipt_of(const struct work *work,
                               const struct work_unit *unit);

#endif
