/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/redis.h"
#include <stdlib.h>
#include <string.h>

static void free_item(struct redis_item *item) {
  free(item->field);
  free(item->value);
}

static void free_key(struct redis_key *key) {
  for (size_t i = 0; i < key->count; i++)
    free_item(&key->items[i]);
  free(key->items);
  free(key);
}

struct redis_key *redis_key_find(struct redis_keys *keys,
                                 struct redis_text name) {
  for (size_t i = 0; i < keys->count; i++) {
    struct redis_key *key = keys->items[i];
    if (key->size != name.size || memcmp(key->name, name.data, name.size) != 0)
      continue;
    if (key->expires == 0 || key->expires > sim_now()) return key;
    redis_touch(key);
    redis_key_remove(keys, key);
    return NULL;
  }
  return NULL;
}

struct redis_key *redis_key_make(struct redis_keys *keys,
                                 struct redis_text name, enum redis_type type) {
  struct redis_key *key = redis_key_find(keys, name);
  if (key != NULL) return key->type == type ? key : NULL;
  if (keys->count == sizeof keys->items / sizeof *keys->items ||
      name.size >= sizeof key->name)
    abort();
  key = sim_take(sizeof *key);
  memcpy(key->name, name.data, name.size);
  key->size = name.size;
  key->type = type;
  return keys->items[keys->count++] = key;
}

void redis_key_remove(struct redis_keys *keys, struct redis_key *key) {
  for (size_t i = 0; i < keys->count; i++) {
    if (keys->items[i] != key) continue;
    memmove(&keys->items[i], &keys->items[i + 1],
            (keys->count - i - 1) * sizeof keys->items[0]);
    keys->count--;
    free_key(key);
    return;
  }
}

void redis_keys_clear(struct redis_keys *keys) {
  while (keys->count > 0)
    free_key(keys->items[--keys->count]);
}

static bool is_field(const struct redis_item *item, struct redis_text field) {
  return item->field_size == field.size &&
         memcmp(item->field, field.data, field.size) == 0;
}

/* Fields are mostly asked for in the order in which they came. */
struct redis_item *redis_item_find(struct redis_key *key,
                                   struct redis_text field) {
  for (size_t i = 0; i < key->count; i++) {
    size_t at = (key->hint + i) % key->count;
    if (!is_field(&key->items[at], field)) continue;
    key->hint = at + 1;
    return &key->items[at];
  }
  return NULL;
}

static char *copy(struct redis_text text) {
  char *out = sim_take(text.size + 1);
  if (text.size > 0) memcpy(out, text.data, text.size);
  return out;
}

bool redis_item_set(struct redis_key *key, struct redis_text field,
                    struct redis_text value) {
  bool unique = key->type == REDIS_HASH || key->type == REDIS_SET ||
                key->type == REDIS_STRING;
  struct redis_item *item = unique ? redis_item_find(key, field) : NULL;
  if (item != NULL) {
    free(item->value);
    item->value = copy(value);
    item->value_size = value.size;
    return false;
  }
  if (key->count == key->room) {
    key->room = key->room > 0 ? 2 * key->room : 8;
    key->items = sim_grow(key->items, key->room * sizeof *key->items);
  }
  key->items[key->count++] = (struct redis_item){.field = copy(field),
                                                 .value = copy(value),
                                                 .field_size = field.size,
                                                 .value_size = value.size};
  return true;
}

void redis_item_remove(struct redis_key *key, size_t at, size_t count) {
  for (size_t i = at; i < at + count; i++)
    free_item(&key->items[i]);
  memmove(&key->items[at], &key->items[at + count],
          (key->count - at - count) * sizeof *key->items);
  key->count -= count;
  key->hint = 0;
}
