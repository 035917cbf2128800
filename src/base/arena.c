/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * A chain of blocks, the newest first. A reset keeps the newest, which is the
 * largest, so after the first large job one block serves every job.
 */

enum { FIRST_BLOCK = 16 * 1024 };

struct block {
  struct block *older;
  size_t room, used;
  max_align_t memory[];
};

struct evald_arena {
  struct block *newest;
  size_t limit;
  size_t held; /* the room of all blocks */
  bool starved;
};

struct evald_arena *evald_arena_new(size_t limit) {
  struct evald_arena *arena = calloc(1, sizeof *arena);
  if (arena) arena->limit = limit;
  return arena;
}

static void free_blocks(struct block *block) {
  while (block) {
    struct block *older = block->older;
    free(block);
    block = older;
  }
}

void evald_arena_free(struct evald_arena *arena) {
  if (!arena) return;
  free_blocks(arena->newest);
  free(arena);
}

/* Adds a block of at least `size`, twice the newest where the limit allows. */
static struct block *add_block(struct evald_arena *arena, size_t size) {
  size_t left = arena->limit - arena->held;
  if (size > left) return NULL;
  size_t room = arena->newest ? arena->newest->room * 2 : FIRST_BLOCK;
  if (room < size) room = size;
  if (room > left) room = left;
  struct block *block = malloc(sizeof *block + room);
  arena->starved = arena->starved || !block;
  if (!block) return NULL;
  *block = (struct block){.older = arena->newest, .room = room};
  arena->newest = block;
  arena->held += room;
  return block;
}

void *arena_take_unset(struct evald_arena *arena, size_t size) {
  const size_t unit = _Alignof(max_align_t);
  if (size > arena->limit) return NULL;
  size = (size + unit - 1) / unit * unit;
  struct block *block = arena->newest;
  if (!block || block->room - block->used < size) {
    block = add_block(arena, size);
    if (!block) return NULL;
  }
  void *piece = (char *)block->memory + block->used;
  block->used += size;
  return piece;
}

void *evald_arena_take(struct evald_arena *arena, size_t size) {
  void *piece = arena_take_unset(arena, size);
  return piece ? memset(piece, 0, size) : NULL;
}

struct evald_arena_mark evald_arena_mark(const struct evald_arena *arena) {
  struct block *block = arena->newest;
  return (struct evald_arena_mark){block, block ? block->used : 0};
}

void evald_arena_return(struct evald_arena *arena,
                        struct evald_arena_mark mark) {
  while (arena->newest != mark.block) {
    struct block *newest = arena->newest;
    arena->newest = newest->older;
    arena->held -= newest->room;
    free(newest);
  }
  if (arena->newest) arena->newest->used = mark.used;
}

bool arena_was_starved(struct evald_arena *arena) {
  bool starved = arena->starved;
  arena->starved = false;
  return starved;
}

void evald_arena_reset(struct evald_arena *arena) {
  arena->starved = false;
  if (!arena->newest) return;
  free_blocks(arena->newest->older);
  arena->newest->older = NULL;
  arena->newest->used = 0;
  arena->held = arena->newest->room;
}
