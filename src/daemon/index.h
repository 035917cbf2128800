/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_INDEX_H
#define DAEMON_INDEX_H

/*
 * From a hash to numbers: what finds a project, a department or a shard in an
 * array that somebody else keeps. Grows as needed, never more than half full.
 */

#include "evald/status.h"
#include "evald/text.h"

struct index_slot {
  uint32_t hash;
  uint32_t number_plus_one; /* 0: empty */
};

struct index {
  struct index_slot *slots;
  uint32_t mask; /* slots - 1; without slots 0 */
  uint32_t used;
};

#define INDEX_NONE UINT32_MAX

/* An index that is all zero is an empty one. */
void index_fini(struct index *index);
void index_clear(struct index *index);

/* Whether item `number` of `context` is what is looked for. */
typedef bool index_match(const void *context, uint32_t number,
                         const void *wanted);

/* The number for which `match` says yes among those of that hash, or
 * INDEX_NONE. */
uint32_t index_find(const struct index *index, uint32_t hash,
                    index_match *match, const void *context,
                    const void *wanted);

/* EVALD_MEMORY. */
enum evald_status index_add(struct index *index, uint32_t hash,
                            uint32_t number);
/* Takes a number out that was added under that hash. */
void index_remove(struct index *index, uint32_t hash, uint32_t number);

/* The hash of a text, begun from a seed (0, or another hash). */
uint32_t index_hash(struct evald_text text, uint32_t seed);

#endif
