/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/codeset.h"
#include "base/digest.h"
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 1024 };

void codeset_clear(struct codeset *set) {
  if (set->items) memset(set->items, 0, set->room * sizeof *set->items);
  set->count = 0;
}

void codeset_fini(struct codeset *set) {
  free(set->items);
  *set = (struct codeset){0};
}

/* Where the digest stands, or the free place for it. */
static struct evald_digest *place_of(const struct codeset *set,
                                     const struct evald_digest *digest) {
  uint64_t hash;
  memcpy(&hash, digest->bytes, sizeof hash);
  for (size_t at = (size_t)hash & (set->room - 1);;
       at = (at + 1) & (set->room - 1)) {
    struct evald_digest *item = &set->items[at];
    if (!evald_digest_known(item) || evald_digest_equal(item, digest))
      return item;
  }
}

static enum evald_status grow(struct codeset *set) {
  struct codeset bigger = {NULL, set->count,
                           set->room ? 2 * set->room : ROOM_FIRST};
  bigger.items = calloc(bigger.room, sizeof *bigger.items);
  if (!bigger.items) return EVALD_MEMORY;
  for (size_t i = 0; i < set->room; i++)
    if (evald_digest_known(&set->items[i]))
      *place_of(&bigger, &set->items[i]) = set->items[i];
  free(set->items);
  *set = bigger;
  return EVALD_OK;
}

enum evald_status codeset_add(struct codeset *set, struct evald_text code,
                              bool *fresh) {
  if (2 * set->count >= set->room && grow(set) != EVALD_OK) return EVALD_MEMORY;
  struct evald_digest digest = digest_of(code.data, code.size);
  struct evald_digest *place = place_of(set, &digest);
  *fresh = !evald_digest_known(place);
  if (*fresh) set->count++;
  *place = digest;
  return EVALD_OK;
}
