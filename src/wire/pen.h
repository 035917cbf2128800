/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_PEN_H
#define WIRE_PEN_H

/*
 * msgpack values written to memory that is large enough: each function writes
 * one value, or the head of one, in its shortest form and returns the place
 * behind it. A writer of a record reserves room for all of it in its buffer
 * first, by the bounds below, and then asks no more.
 */

#include "base/bytes.h"
#include "evald/text.h"

/* A number, a nil, a bool or the head of anything takes at most so much; a
 * text or binary so much and its bytes. */
enum { PEN_HEAD = 9 };

static inline uint8_t *pen_byte(uint8_t *to, uint8_t byte) {
  *to = byte;
  return to + 1;
}

static inline uint8_t *pen_nil(uint8_t *to) {
  return pen_byte(to, 0xC0);
}

static inline uint8_t *pen_bool(uint8_t *to, bool value) {
  return pen_byte(to, value ? 0xC3 : 0xC2);
}

/* A type byte and 2 (4, 8) bytes of a number, the highest first. */
static inline uint8_t *pen_head2(uint8_t *to, uint8_t type, uint64_t value) {
  to[0] = type;
  for (unsigned i = 0; i < 2; i++)
    to[1 + i] = (uint8_t)(value >> (8 - 8 * i));
  return to + 3;
}

static inline uint8_t *pen_head4(uint8_t *to, uint8_t type, uint64_t value) {
  to[0] = type;
  for (unsigned i = 0; i < 4; i++)
    to[1 + i] = (uint8_t)(value >> (24 - 8 * i));
  return to + 5;
}

static inline uint8_t *pen_head8(uint8_t *to, uint8_t type, uint64_t value) {
  to[0] = type;
  for (unsigned i = 0; i < 8; i++)
    to[1 + i] = (uint8_t)(value >> (56 - 8 * i));
  return to + 9;
}

static inline uint8_t *pen_head1(uint8_t *to, uint8_t type, uint64_t value) {
  to[0] = type;
  to[1] = (uint8_t)value;
  return to + 2;
}

static inline uint8_t *pen_uint(uint8_t *to, uint64_t value) {
  if (value < 0x80) return pen_byte(to, (uint8_t)value);
  if (value > UINT32_MAX) return pen_head8(to, 0xCF, value);
  if (value > UINT16_MAX) return pen_head4(to, 0xCE, value);
  if (value > UINT8_MAX) return pen_head2(to, 0xCD, value);
  return pen_head1(to, 0xCC, value);
}

static inline uint8_t *pen_negative(uint8_t *to, int64_t value) {
  if (value >= -32) return pen_byte(to, (uint8_t)value);
  if (value < INT32_MIN) return pen_head8(to, 0xD3, (uint64_t)value);
  if (value < INT16_MIN) return pen_head4(to, 0xD2, (uint64_t)value);
  if (value < INT8_MIN) return pen_head2(to, 0xD1, (uint64_t)value);
  return pen_head1(to, 0xD0, (uint64_t)value);
}

static inline uint8_t *pen_int(uint8_t *to, int64_t value) {
  return value < 0 ? pen_negative(to, value) : pen_uint(to, (uint64_t)value);
}

/* A number of millionths: nearly all are between a tenth and four thousand. */
BYTES_INLINE uint8_t *pen_millionths(uint8_t *to, int64_t value) {
  const uint64_t low = UINT64_C(1) << 16;
  const uint64_t high = UINT32_MAX;
  if ((uint64_t)value - low > high - low) return pen_int(to, value);
  return pen_head4(to, 0xCE, (uint64_t)value);
}

/* A count that may stand in the type byte itself where it is below `small`,
 * else behind the 16-bit type, which the 32-bit type follows. Counts past
 * UINT32_MAX are for the caller to refuse. */
static inline uint8_t *pen_count(uint8_t *to, uint8_t fixed, size_t small,
                                 uint8_t type16, size_t count) {
  if (count < small) return pen_byte(to, (uint8_t)(fixed | count));
  if (count <= UINT16_MAX) return pen_head2(to, type16, count);
  return pen_head4(to, (uint8_t)(type16 + 1), count);
}

static inline uint8_t *pen_array(uint8_t *to, size_t count) {
  return pen_count(to, 0x90, 16, 0xDC, count);
}

static inline uint8_t *pen_map(uint8_t *to, size_t count) {
  return pen_count(to, 0x80, 16, 0xDE, count);
}

static inline uint8_t *pen_binary(uint8_t *to, const void *data, size_t size) {
  to = size <= UINT8_MAX ? pen_head1(to, 0xC4, size)
                         : pen_count(to, 0, 0, 0xC5, size);
  bytes_copy(to, data, size);
  return to + size;
}

static inline uint8_t *pen_text_head(uint8_t *to, size_t size) {
  return size >= 32 && size <= UINT8_MAX ? pen_head1(to, 0xD9, size)
                                         : pen_count(to, 0xA0, 32, 0xDA, size);
}

/* An absent text is nil. */
static inline uint8_t *pen_text(uint8_t *to, struct evald_text text) {
  if (!text.data) return pen_nil(to);
  to = pen_text_head(to, text.size);
  bytes_copy(to, text.data, text.size);
  return to + text.size;
}

/*
 * Where most of the texts lie that are written, such as a frame. A text of up
 * to PEN_SHORT bytes that has PEN_WIDE from its first byte on in there is
 * copied with what is behind it, whatever its size: the next value goes over
 * the rest. So PEN_WIDE bytes of room must be behind all that is written.
 */
enum { PEN_SHORT = 31, PEN_WIDE = 32 };

struct pen_source {
  uintptr_t last; /* where a text may begin at the latest */
  uintptr_t span; /* and how far before that */
};

static inline struct pen_source pen_source_of(const void *data, size_t size) {
  if (size < PEN_WIDE) return (struct pen_source){UINTPTR_MAX, 0};
  return (struct pen_source){(uintptr_t)data + size - PEN_WIDE,
                             size - PEN_WIDE};
}

BYTES_INLINE uint8_t *pen_text_from(uint8_t *to, struct evald_text text,
                                    struct pen_source source) {
  if (text.size > PEN_SHORT ||
      source.last - (uintptr_t)text.data > source.span) {
    return pen_text(to, text);
  }
  to[0] = (uint8_t)(0xA0 | text.size);
  memcpy(to + 1, text.data, PEN_WIDE);
  return to + 1 + text.size;
}

static inline uint8_t *pen_digest(uint8_t *to,
                                  const struct evald_digest *digest) {
  if (!evald_digest_known(digest)) return pen_nil(to);
  return pen_binary(to, digest->bytes, sizeof digest->bytes);
}

#endif
