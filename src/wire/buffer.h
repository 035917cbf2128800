/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_BUFFER_H
#define WIRE_BUFFER_H

/*
 * Bytes to be read, and a buffer that msgpack is written into.
 *
 * A buffer grows as needed and keeps its memory over a reset, so that writing
 * allocates nothing once warm. A failed growth is sticky: later writes do
 * nothing and wire_buffer_done() answers EVALD_MEMORY, so that a writer checks
 * once, at the end. A buffer belongs to one thread at a time.
 */

#include "evald/status.h"
#include "evald/text.h"

/* Bytes that somebody else owns. */
struct wire_bytes {
  const uint8_t *data;
  size_t size;
};

struct wire_buffer {
  uint8_t *data;
  size_t size, room;
  bool failed;
};

/* A buffer that is all zero is an empty one; init does the same. */
void wire_buffer_init(struct wire_buffer *buffer);
void wire_buffer_fini(struct wire_buffer *buffer);

/* Empties it; keeps the memory. Also ends a failure. */
void wire_buffer_reset(struct wire_buffer *buffer);

/* Forgets what was written behind `size` bytes; ends a failure as well. */
void wire_buffer_cut(struct wire_buffer *buffer, size_t size);

/* EVALD_OK, or EVALD_MEMORY where any write since the last reset failed. */
enum evald_status wire_buffer_done(const struct wire_buffer *buffer);

/* What was written; valid until the next write, reset or fini. */
struct wire_bytes wire_buffer_bytes(const struct wire_buffer *buffer);

/* Room for `size` more bytes: where to write them, or NULL. The caller adds
 * what it wrote to buffer->size. */
uint8_t *wire_buffer_reserve(struct wire_buffer *buffer, size_t size);

/* Bytes as they are (a text, an encoded value made earlier). */
void wire_put_raw(struct wire_buffer *buffer, const void *data, size_t size);

/* One msgpack value each, always in its shortest form. After an array or map
 * header its `count` values (of a map: keys and values in turn) follow. */
void wire_put_nil(struct wire_buffer *buffer);
void wire_put_bool(struct wire_buffer *buffer, bool value);
void wire_put_int(struct wire_buffer *buffer, int64_t value);
void wire_put_uint(struct wire_buffer *buffer, uint64_t value);
void wire_put_float_bits(struct wire_buffer *buffer, uint64_t ieee754);
void wire_put_array(struct wire_buffer *buffer, size_t count);
void wire_put_map(struct wire_buffer *buffer, size_t count);
void wire_put_binary(struct wire_buffer *buffer, const void *data, size_t size);

/* An absent text (data NULL) is nil. */
void wire_put_text(struct wire_buffer *buffer, struct evald_text text);
void wire_put_string(struct wire_buffer *buffer, const char *string);

/* A digest as 16 bytes (bin), nil where it is not known; and as 32 hexadecimal
 * digits (str). */
void wire_put_digest(struct wire_buffer *buffer,
                     const struct evald_digest *digest);
void wire_put_digest_hex(struct wire_buffer *buffer,
                         const struct evald_digest *digest);

#endif
