/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keys.h"

#include <string.h>

struct name {
  const char *suffix;
  size_t size;
  const char *type;
};

#define X(name, suffix, type, holds) {suffix, sizeof suffix - 1, type},
static const struct name names[STORE_KEY_COUNT] = {
    STORE_SHARD_KEY_LIST(X) STORE_GLOBAL_KEY_LIST(X)};
#undef X

bool store_shard_valid(const struct store_shard_key *shard) {
  if (shard->year < 1000 || shard->year > 9999) return false;
  for (int i = 0; i < 9; i++) {
    if (shard->division[i] < '0' || shard->division[i] > '9') return false;
  }
  return shard->division[9] == '\0';
}

bool store_shard_equal(const struct store_shard_key *a,
                       const struct store_shard_key *b) {
  return a->year == b->year && memcmp(a->division, b->division, 9) == 0;
}

size_t store_shard_print(const struct store_shard_key *shard,
                         char out[STORE_SHARD_TEXT]) {
  memcpy(out, shard->division, 9);
  out[9] = ':';
  for (int i = 3, year = shard->year; i >= 0; i--, year /= 10) {
    out[10 + i] = (char)('0' + year % 10);
  }
  out[14] = '\0';
  return 14;
}

bool store_shard_parse(struct evald_text text, struct store_shard_key *out) {
  struct store_shard_key shard = {.year = 0};
  if (text.size != 14 || text.data[9] != ':') return false;
  memcpy(shard.division, text.data, 9);
  for (size_t i = 10; i < 14; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
    shard.year = shard.year * 10 + (text.data[i] - '0');
  }
  if (!store_shard_valid(&shard)) return false;
  *out = shard;
  return true;
}

static size_t append(char *out, size_t at, const char *text, size_t size) {
  memcpy(out + at, text, size);
  return at + size;
}

size_t store_key_print(enum store_key key, const struct store_shard_key *shard,
                       char out[STORE_KEY_TEXT]) {
  size_t at = append(out, 0, STORE_PREFIX, sizeof STORE_PREFIX - 1);
  if (key < STORE_SHARD_KEY_COUNT) {
    out[at] = '{';
    at += 1 + store_shard_print(shard, out + at + 1);
    at = append(out, at, "}:", 2);
  }
  at = append(out, at, names[key].suffix, names[key].size);
  out[at] = '\0';
  return at;
}

const char *store_key_name(enum store_key key) {
  return names[key].suffix;
}

const char *store_key_type(enum store_key key) {
  return names[key].type;
}

const char *store_field_name(enum store_field field) {
  static const char *const fields[] = {
#define X(name, field) field,
      STORE_AGGREGATE_FIELD_LIST(X)
#undef X
  };
  return fields[field];
}
