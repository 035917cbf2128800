/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_ROLL_H
#define DAEMON_ROLL_H

/*
 * The roll of a division and year: a mark for every project that was met there
 * since it was seen empty. A project without a mark cannot be in the store, so
 * it need not be asked for; one with a mark may be, or shares it with another.
 *
 * Invariant: while a roll is called, every project that is remembered, and so
 * every project that is ever written, has its mark. Whoever forgets the shard
 * ends the roll, and so does memory that ends, or a roll that grows too long:
 * then the store is asked, as for a shard that was not empty.
 */

#include "evald/text.h"

/* A roll that is all zero is not called. */
struct roll {
  uint32_t *marks; /* a power of two of them; 0: free */
  uint32_t mask, count;
};

/* Begins one: the store has no project there, and none is remembered. */
void roll_begin(struct roll *roll);
void roll_end(struct roll *roll);

/* Notes a project that was met. Without a roll nothing. */
void roll_note(struct roll *roll, struct evald_text code);

/* Whether the store cannot have it. Without a roll: it can. */
bool roll_lacks(const struct roll *roll, struct evald_text code);

/* What it takes of memory. */
static inline size_t roll_bytes(const struct roll *roll) {
  return roll->marks != NULL ? (roll->mask + 1U) * sizeof *roll->marks : 0;
}

#endif
