/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UTF8_MAP_H
#define BASE_UTF8_MAP_H

/*
 * UTF-8 of many short texts that lie in one block of bytes, with other bytes
 * between them: the block is looked at once, from one end to the other, and
 * leaves a bit for each byte that does not go on with ASCII or Chinese. A text
 * is then plain where the first bit from its first byte on is that of the byte
 * behind it.
 *
 * "Plain" is ASCII and characters of three bytes whose second byte is free
 * (neither 0xE0 nor 0xED begins them). What is not plain may still be valid,
 * and is for utf8_valid() to tell.
 *
 * A bit stands for a byte that is neither ASCII nor part of such a character of
 * which all three bytes are there. So the byte behind a plain text has its bit
 * where it is 0x80 to 0xBF, the head of a short text, map or array of msgpack.
 * Where the text's last character is cut off it has none, being taken for the
 * rest of that; or a byte of the text has one.
 */

#include "base/bytes.h"

enum { UTF8_MAP_BYTES = 16 * 1024, UTF8_MAP_SHORT = 55 };

struct utf8_map {
  const char *begin;
  size_t size; /* of what is covered; 0 where nothing is */
  uint64_t words[UTF8_MAP_BYTES / 64 + 1];
};

/* Covers `size` bytes; none where they are more than UTF8_MAP_BYTES, or where
 * the processor has no way that pays. */
void utf8_map_make(struct utf8_map *out, const char *data, size_t size);

/* The bits from byte `at` on: those of UTF8_MAP_SHORT bytes and one more. */
static inline uint64_t utf8_map_bits(const struct utf8_map *map, size_t at) {
  const char *bits = (const char *)map->words;
  return bytes_load8(bits + at / 8) >> at % 8;
}

/* Whether a text of at most UTF8_MAP_SHORT bytes is known to be plain. The two
 * bytes before it must be below 0xE0, so that they ask for none of it. */
static inline bool utf8_map_short(const struct utf8_map *map, const char *text,
                                  size_t size) {
  size_t at = (size_t)(text - map->begin);
  if (at + size >= map->size) return false;
  uint64_t bits = utf8_map_bits(map, at) | UINT64_C(1) << 63;
  return (unsigned)__builtin_ctzll(bits) == size;
}

/* The same of a text of any length, whatever is before it. */
bool utf8_map_plain(const struct utf8_map *map, const char *text, size_t size);

#endif
