/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_PAIRS_H
#define WIRE_PAIRS_H

/*
 * Writing a map of which some pairs may be left out: the head is written with
 * room for its count, which is set at the end. A map of up to 15 pairs has a
 * head of one byte, so wire_map_open takes the most it can become.
 */

#include "evald/form.h"
#include "wire/number.h"

struct wire_map {
  struct wire_buffer *out;
  size_t head; /* offset of the head in the buffer */
  size_t most, count;
};

struct wire_map wire_map_open(struct wire_buffer *out, size_t most);
void wire_map_close(struct wire_map *map);

/* The key; its value must follow. */
void wire_map_key(struct wire_map *map, const char *key);

/* A pair each. The _if ones leave the pair out where the value is absent. */
void wire_map_text(struct wire_map *map, const char *key,
                   struct evald_text value);
void wire_map_text_if(struct wire_map *map, const char *key,
                      struct evald_text value);
void wire_map_string(struct wire_map *map, const char *key, const char *value);
void wire_map_int(struct wire_map *map, const char *key, int64_t value);
void wire_map_uint(struct wire_map *map, const char *key, uint64_t value);
void wire_map_decimal(struct wire_map *map, const char *key, bool present,
                      evald_decimal value);
void wire_map_figure_if(struct wire_map *map, const char *key,
                        struct evald_figure figure);
void wire_map_digest(struct wire_map *map, const char *key,
                     const struct evald_digest *digest);

/* 64 bits as 16 hexadecimal digits: a checksum that a JavaScript reader can
 * compare. */
void wire_map_hex(struct wire_map *map, const char *key, uint64_t value);

#endif
