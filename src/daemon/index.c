/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/index.h"
#include "base/digest.h"
#include <stdlib.h>
#include <string.h>

void index_fini(struct index *index) {
  free(index->slots);
  *index = (struct index){0};
}

void index_clear(struct index *index) {
  if (index->slots != NULL)
    memset(index->slots, 0, (index->mask + 1U) * sizeof *index->slots);
  index->used = 0;
}

uint32_t index_find(const struct index *index, uint32_t hash,
                    index_match *match, const void *context,
                    const void *wanted) {
  if (index->slots == NULL) return INDEX_NONE;
  for (uint32_t at = hash & index->mask;; at = (at + 1) & index->mask) {
    const struct index_slot *slot = &index->slots[at];
    if (slot->number_plus_one == 0) return INDEX_NONE;
    if (slot->hash == hash && match(context, slot->number_plus_one - 1, wanted))
      return slot->number_plus_one - 1;
  }
}

static void place(struct index *index, struct index_slot slot) {
  uint32_t at = slot.hash & index->mask;
  while (index->slots[at].number_plus_one != 0)
    at = (at + 1) & index->mask;
  index->slots[at] = slot;
}

static enum evald_status grow(struct index *index) {
  uint32_t old = index->slots != NULL ? index->mask + 1 : 0;
  uint32_t room = old > 0 ? old * 2 : 8;
  struct index bigger = {calloc(room, sizeof *index->slots), room - 1,
                         index->used};
  if (bigger.slots == NULL) return EVALD_MEMORY;
  for (uint32_t i = 0; i < old; i++)
    if (index->slots[i].number_plus_one != 0) place(&bigger, index->slots[i]);
  free(index->slots);
  *index = bigger;
  return EVALD_OK;
}

enum evald_status index_add(struct index *index, uint32_t hash,
                            uint32_t number) {
  if (index->slots == NULL || (index->used + 1) * 2 > index->mask + 1) {
    enum evald_status status = grow(index);
    if (status != EVALD_OK) return status;
  }
  place(index, (struct index_slot){hash, number + 1});
  index->used++;
  return EVALD_OK;
}

/* Closes the gap: what stands behind it and would be found through it moves
 * up, so no grave is needed. */
static void close_gap(struct index *index, uint32_t gap) {
  uint32_t mask = index->mask;
  for (uint32_t at = (gap + 1) & mask;; at = (at + 1) & mask) {
    struct index_slot slot = index->slots[at];
    if (slot.number_plus_one == 0) break;
    uint32_t home = slot.hash & mask;
    if (((at - home) & mask) < ((at - gap) & mask)) continue;
    index->slots[gap] = slot;
    gap = at;
  }
  index->slots[gap] = (struct index_slot){0, 0};
}

void index_remove(struct index *index, uint32_t hash, uint32_t number) {
  if (index->slots == NULL) return;
  for (uint32_t at = hash & index->mask;; at = (at + 1) & index->mask) {
    const struct index_slot *slot = &index->slots[at];
    if (slot->number_plus_one == 0) return;
    if (slot->hash != hash || slot->number_plus_one != number + 1) continue;
    close_gap(index, at);
    index->used--;
    return;
  }
}

uint32_t index_hash(struct evald_text text, uint32_t seed) {
  return (uint32_t)digest_hash(text.data, text.size, seed);
}
