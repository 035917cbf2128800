/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/work.h"
#include <stdlib.h>
#include <string.h>

struct work *work_new(uint32_t room, size_t arena_limit) {
  struct work *work = calloc(1, sizeof *work);
  if (work == NULL) return NULL;
  work->arena = evald_arena_new(arena_limit);
  work->units = calloc(room, sizeof *work->units);
  work->unit_room = room;
  if (work->arena == NULL || work->units == NULL) {
    work_free(work);
    return NULL;
  }
  return work;
}

void work_free(struct work *work) {
  if (work == NULL) return;
  ruleset_set_unref(work->rules);
  wire_buffer_fini(&work->bytes);
  evald_arena_free(work->arena);
  free(work->units);
  free(work->shards);
  free(work->falls.items);
  free(work->parcels);
  free(work->own);
  free(work);
}

void work_leave_shards(struct work *work) {
  for (uint32_t i = 0; i < work->shard_count; i++)
    work->shards[i].shard->holds--;
  work->shard_count = 0;
}

void work_reset(struct work *work) {
  work_leave_shards(work);
  ruleset_set_unref(work->rules);
  work->rules = NULL;
  work->unit_count = work->parcel_count = 0;
  work->reading = (struct work_reading){0};
  work->looked_at = work->asked = 0;
  free(work->falls.items);
  work->falls = (struct shard_falls){0};
  work->stage = WORK_FILLING;
  work->closed = work->doubtful = false;
  work->kept_bytes = 0;
  wire_buffer_reset(&work->bytes);
  evald_arena_reset(work->arena);
}

/* Makes room for one more item of `size` bytes in an array. */
static bool grow(void **items, uint32_t count, uint32_t *room, size_t size) {
  if (count < *room) return true;
  uint32_t bigger = *room > 0 ? *room * 2 : 16;
  void *moved = realloc(*items, bigger * size);
  if (moved == NULL) return false;
  *items = moved;
  *room = bigger;
  return true;
}

struct work_unit *work_add_unit(struct work *work) {
  void *items = work->units;
  if (!grow(&items, work->unit_count, &work->unit_room, sizeof *work->units))
    return NULL;
  work->units = items;
  struct work_unit *unit = &work->units[work->unit_count++];
  *unit = (struct work_unit){.slot = INDEX_NONE, .answer = INDEX_NONE};
  return unit;
}

void work_address(struct work *work, uint32_t first, struct sender sender) {
  for (uint32_t i = first; i < work->unit_count; i++) {
    work->units[i].sender = sender;
    work->units[i].follows = i > first;
  }
}

struct project *work_own(struct work *work, const struct work_unit *unit) {
  if (work->own_room < work->unit_count) {
    struct project *own =
        realloc(work->own, work->unit_room * sizeof *work->own);
    if (own == NULL) return NULL;
    work->own = own;
    work->own_room = work->unit_room;
  }
  return &work->own[unit - work->units];
}

/* A batch touches few shards, and mostly the last one again. */
static uint32_t find_slot(const struct work *work, const struct shard *shard) {
  for (uint32_t i = work->shard_count; i > 0; i--)
    if (work->shards[i - 1].shard == shard) return i - 1;
  return INDEX_NONE;
}

enum evald_status work_set_shard(struct work *work, struct work_unit *unit,
                                 struct shard *shard) {
  unit->slot = find_slot(work, shard);
  if (unit->slot != INDEX_NONE) return EVALD_OK;
  void *items = work->shards;
  if (!grow(&items, work->shard_count, &work->shard_room, sizeof *work->shards))
    return EVALD_MEMORY;
  work->shards = items;
  unit->slot = work->shard_count++;
  shard->holds++;
  work->shards[unit->slot] =
      (struct work_shard){.shard = shard,
                          .name = {evald_text_of(shard->division), shard->year},
                          .first_wanted = INDEX_NONE};
  return EVALD_OK;
}

enum evald_status work_hold(struct work *work, struct parcel *parcel) {
  uint32_t count = work->parcel_count;
  if (count > 0 && work->parcels[count - 1] == parcel) return EVALD_OK;
  void *items = work->parcels;
  if (!grow(&items, count, &work->parcel_room, sizeof(struct parcel *)))
    return EVALD_MEMORY;
  work->parcels = items;
  work->parcels[work->parcel_count++] = parcel;
  parcel->holds++;
  return EVALD_OK;
}

struct evald_text work_keep(struct work *work, struct wire_bytes frame,
                            struct evald_text text) {
  uintptr_t at = (uintptr_t)text.data, begin = (uintptr_t)frame.data;
  if (text.data == NULL) return text;
  if (at >= begin && at + text.size <= begin + frame.size) return text;
  char *copy = evald_arena_take(work->arena, text.size + 1);
  if (copy == NULL) return (struct evald_text){0};
  memcpy(copy, text.data, text.size);
  return (struct evald_text){copy, text.size};
}

void work_reject(struct work *work, struct work_unit *unit,
                 const struct wire_rejects *rejects) {
  unit->outcome = WIRE_OUTCOME_REJECTED;
  /* Only the problems that there are: the rest of the list is not read. */
  size_t size = offsetof(struct wire_rejects, items) +
                rejects->count * sizeof rejects->items[0];
  unit->rejects = evald_arena_take(work->arena, size);
  if (unit->rejects != NULL) memcpy(unit->rejects, rejects, size);
}

void work_reject_for(struct work *work, struct work_unit *unit,
                     enum wire_reject code, const char *key) {
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  wire_reject_add(&rejects, wire_problem_of(code, key, 0));
  work_reject(work, unit, &rejects);
}
