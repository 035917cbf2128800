/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/projects.h"
#include <stdlib.h>
#include <string.h>

enum evald_status projects_init(struct projects *projects, uint32_t room) {
  *projects = (struct projects){.room = room};
  projects->items = calloc(room, sizeof *projects->items);
  return projects->items != NULL ? EVALD_OK : EVALD_MEMORY;
}

void projects_fini(struct projects *projects) {
  for (uint32_t i = 0; i < projects->count; i++)
    free(projects->items[i].code);
  free(projects->items);
  index_fini(&projects->index);
}

static bool matches(const void *context, uint32_t number, const void *wanted) {
  const struct project *item =
      &((const struct projects *)context)->items[number];
  const struct project_key *key = wanted;
  return item->shard == key->shard && item->generation == key->generation &&
         item->code_size == key->code.size &&
         memcmp(item->code, key->code.data, key->code.size) == 0;
}

static uint32_t hash_of(const struct project_key *key) {
  return index_hash(key->code, key->shard * 2654435761U + key->generation);
}

struct project *projects_find(struct projects *projects,
                              const struct project_key *key) {
  uint32_t number =
      index_find(&projects->index, hash_of(key), matches, projects, key);
  if (number == INDEX_NONE) return NULL;
  projects->items[number].used = true;
  return &projects->items[number];
}

/* The clock: an entry that was used since the hand passed gets another round.
 * Two rounds see every entry unused once; a third finds only pinned ones. */
static struct project *evict(struct projects *projects, uint64_t pin) {
  for (uint64_t step = 0; step < 2ULL * projects->room; step++) {
    struct project *item = &projects->items[projects->hand];
    projects->hand = (projects->hand + 1) % projects->room;
    if (item->pin == pin) continue;
    if (item->used) {
      item->used = false;
      continue;
    }
    if (item->hash != INDEX_NONE)
      index_remove(&projects->index, item->hash,
                   (uint32_t)(item - projects->items));
    return item;
  }
  return NULL;
}

static bool set_code(struct project *item, struct evald_text code) {
  if (code.size > item->code_room) {
    char *bigger = realloc(item->code, code.size);
    if (bigger == NULL) return false;
    item->code = bigger;
    item->code_room = (uint16_t)code.size;
  }
  memcpy(item->code, code.data, code.size);
  item->code_size = (uint16_t)code.size;
  return true;
}

/* An item without a place in the index: its hash says so. */
static void make_blank(struct project *item) {
  char *code = item->code;
  uint16_t room = item->code_room;
  *item = (struct project){.code = code, .code_room = room, .hash = INDEX_NONE};
}

struct project *projects_add(struct projects *projects,
                             const struct project_key *key, uint64_t pin) {
  struct project *item = projects->count < projects->room
                             ? &projects->items[projects->count++]
                             : evict(projects, pin);
  if (item == NULL) return NULL;
  make_blank(item);
  uint32_t hash = hash_of(key);
  if (!set_code(item, key->code) ||
      index_add(&projects->index, hash, (uint32_t)(item - projects->items)))
    return NULL;
  item->shard = key->shard;
  item->generation = key->generation;
  item->hash = hash;
  item->used = true;
  item->pin = pin;
  return item;
}

void projects_forget(struct projects *projects, struct project *item) {
  if (item->hash == INDEX_NONE) return;
  index_remove(&projects->index, item->hash,
               (uint32_t)(item - projects->items));
  make_blank(item);
}
