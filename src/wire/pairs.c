/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/pairs.h"

#include <assert.h>

enum { SMALL = 15 };

struct wire_map wire_map_open(struct wire_buffer *out, size_t most) {
  assert(most <= UINT16_MAX);
  struct wire_map map = {.out = out, .head = out->size, .most = most};
  wire_put_map(out, most);
  return map;
}

/* The shortest head for the count that it came to: msgpack has one encoding
 * that everybody writes, and ours are compared byte by byte. Where the map
 * could have been large and is not, what follows moves two bytes. */
void wire_map_close(struct wire_map *map) {
  struct wire_buffer *out = map->out;
  assert(map->count <= map->most);
  if (out->failed) return;
  uint8_t *head = out->data + map->head;
  if (map->most <= SMALL) {
    head[0] = (uint8_t)(0x80 | map->count);
    return;
  }
  if (map->count > SMALL) {
    head[1] = (uint8_t)(map->count >> 8);
    head[2] = (uint8_t)map->count;
    return;
  }
  head[0] = (uint8_t)(0x80 | map->count);
  for (size_t i = map->head + 1; i + 2 < out->size; i++) {
    out->data[i] = out->data[i + 2];
  }
  out->size -= 2;
}

void wire_map_key(struct wire_map *map, const char *key) {
  map->count++;
  wire_put_string(map->out, key);
}

void wire_map_text(struct wire_map *map, const char *key,
                   struct evald_text value) {
  wire_map_key(map, key);
  wire_put_text(map->out, value);
}

void wire_map_text_if(struct wire_map *map, const char *key,
                      struct evald_text value) {
  if (value.data) wire_map_text(map, key, value);
}

void wire_map_string(struct wire_map *map, const char *key, const char *value) {
  wire_map_text(map, key, evald_text_of(value));
}

void wire_map_int(struct wire_map *map, const char *key, int64_t value) {
  wire_map_key(map, key);
  wire_put_int(map->out, value);
}

void wire_map_uint(struct wire_map *map, const char *key, uint64_t value) {
  wire_map_key(map, key);
  wire_put_uint(map->out, value);
}

void wire_map_decimal(struct wire_map *map, const char *key, bool present,
                      evald_decimal value) {
  wire_map_key(map, key);
  wire_put_decimal_if(map->out, present, value);
}

void wire_map_figure_if(struct wire_map *map, const char *key,
                        struct evald_figure figure) {
  if (figure.present) wire_map_decimal(map, key, true, figure.value);
}

void wire_map_digest(struct wire_map *map, const char *key,
                     const struct evald_digest *digest) {
  wire_map_key(map, key);
  wire_put_digest_hex(map->out, digest);
}

void wire_map_hex(struct wire_map *map, const char *key, uint64_t value) {
  static const char digits[] = "0123456789abcdef";
  char hex[16];
  for (unsigned i = 0; i < sizeof hex; i++) {
    hex[i] = digits[value >> (60 - 4 * i) & 15];
  }
  wire_map_text(map, key, (struct evald_text){hex, sizeof hex});
}
