/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

/* What programs of this house ask of an arena besides evald/arena.h. */

#include "evald/arena.h"
#include <stdbool.h>

/* evald_arena_take() of memory that its taker fills: what stands in it is not
 * known. */
void *arena_take_unset(struct evald_arena *arena, size_t size);

/* Whether the memory of the machine ended since the last reset, or since this
 * was asked last. An arena that is full says something of the job, this does
 * not: the job may be tried again. */
bool arena_was_starved(struct evald_arena *arena);

#endif
