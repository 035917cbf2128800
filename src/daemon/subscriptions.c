/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/subscriptions.h"
#include <stdlib.h>
#include <string.h>

void subscriptions_fini(struct subscriptions *subscriptions) {
  for (size_t i = 0; i < subscriptions->count; i++)
    free(subscriptions->items[i].prefix);
  free(subscriptions->items);
  *subscriptions = (struct subscriptions){0};
}

static struct subscription *find(const struct subscriptions *subscriptions,
                                 struct evald_text prefix) {
  for (size_t i = 0; i < subscriptions->count; i++) {
    struct subscription *item = &subscriptions->items[i];
    if (item->size == prefix.size &&
        (prefix.size == 0 ||
         memcmp(item->prefix, prefix.data, prefix.size) == 0))
      return item;
  }
  return NULL;
}

static enum evald_status add(struct subscriptions *subscriptions,
                             struct evald_text prefix) {
  if (subscriptions->count == SUBSCRIPTIONS_MAX) {
    subscriptions->overflown = true;
    return EVALD_OK;
  }
  if (subscriptions->count == subscriptions->room) {
    size_t room = subscriptions->room > 0 ? subscriptions->room * 2 : 16;
    struct subscription *items =
        realloc(subscriptions->items, room * sizeof *items);
    if (items == NULL) return EVALD_MEMORY;
    subscriptions->items = items;
    subscriptions->room = room;
  }
  char *copy = malloc(prefix.size + 1);
  if (copy == NULL) return EVALD_MEMORY;
  if (prefix.size > 0) memcpy(copy, prefix.data, prefix.size);
  copy[prefix.size] = '\0';
  subscriptions->items[subscriptions->count++] =
      (struct subscription){copy, prefix.size, 1};
  return EVALD_OK;
}

enum evald_status subscriptions_note(struct subscriptions *subscriptions,
                                     struct evald_text prefix, bool begins) {
  struct subscription *item = find(subscriptions, prefix);
  if (item == NULL) return begins ? add(subscriptions, prefix) : EVALD_OK;
  if (begins) {
    item->readers++;
    return EVALD_OK;
  }
  if (--item->readers > 0) return EVALD_OK;
  free(item->prefix);
  *item = subscriptions->items[--subscriptions->count];
  if (subscriptions->count == 0) subscriptions->overflown = false;
  return EVALD_OK;
}

bool subscriptions_match(const struct subscriptions *subscriptions,
                         struct evald_text topic) {
  if (subscriptions->overflown) return true;
  for (size_t i = 0; i < subscriptions->count; i++) {
    const struct subscription *item = &subscriptions->items[i];
    if (item->size <= topic.size &&
        (item->size == 0 || memcmp(item->prefix, topic.data, item->size) == 0))
      return true;
  }
  return false;
}

bool subscriptions_overlap(const struct subscriptions *subscriptions,
                           struct evald_text begin) {
  if (subscriptions->overflown) return true;
  for (size_t i = 0; i < subscriptions->count; i++) {
    const struct subscription *item = &subscriptions->items[i];
    size_t size = item->size < begin.size ? item->size : begin.size;
    if (size == 0 || memcmp(item->prefix, begin.data, size) == 0) return true;
  }
  return false;
}
