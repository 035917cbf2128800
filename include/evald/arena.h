/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_ARENA_H
#define EVALD_ARENA_H

/*
 * An arena: memory that is handed out piece by piece and taken back all at
 * once. Everything that belongs to one job comes from one arena, so that an
 * evaluation frees nothing and, once warm, allocates nothing.
 *
 * An arena belongs to one thread at a time.
 */

#include "evald/status.h"
#include <stddef.h>

struct evald_arena;

/* An empty arena that will never hold more than `limit` bytes. NULL where
 * memory could not be had. */
struct evald_arena *evald_arena_new(size_t limit);
void evald_arena_free(struct evald_arena *arena);

/* `size` bytes aligned for any object, zeroed; NULL where the limit or the
 * memory of the machine ends. They live until the next reset. */
void *evald_arena_take(struct evald_arena *arena, size_t size);

/* How much has been taken. What is taken after a mark can be taken back alone,
 * as long as nothing before it was. */
struct evald_arena_mark {
  void *block;
  size_t used;
};
struct evald_arena_mark evald_arena_mark(const struct evald_arena *arena);
void evald_arena_return(struct evald_arena *arena,
                        struct evald_arena_mark mark);

/* Takes everything back. Keeps the memory for the next job. */
void evald_arena_reset(struct evald_arena *arena);

#endif
