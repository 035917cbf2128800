/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/buffer.h"

#include "wire/pen.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1024 };

void wire_buffer_init(struct wire_buffer *buffer) {
  *buffer = (struct wire_buffer){0};
}

void wire_buffer_fini(struct wire_buffer *buffer) {
  free(buffer->data);
  wire_buffer_init(buffer);
}

void wire_buffer_reset(struct wire_buffer *buffer) {
  buffer->size = 0;
  buffer->failed = false;
}

void wire_buffer_cut(struct wire_buffer *buffer, size_t size) {
  if (size < buffer->size) buffer->size = size;
  buffer->failed = false;
}

enum evald_status wire_buffer_done(const struct wire_buffer *buffer) {
  return buffer->failed ? EVALD_MEMORY : EVALD_OK;
}

struct wire_bytes wire_buffer_bytes(const struct wire_buffer *buffer) {
  return (struct wire_bytes){buffer->data, buffer->size};
}

static uint8_t *grow(struct wire_buffer *buffer, size_t size) {
  if (buffer->failed || size > SIZE_MAX / 4 || buffer->size > SIZE_MAX / 4) {
    buffer->failed = true;
    return NULL;
  }
  size_t room = buffer->room ? buffer->room : FIRST_ROOM;
  while (room - buffer->size < size)
    room *= 2;
  uint8_t *data = realloc(buffer->data, room);
  if (!data) {
    buffer->failed = true;
    return NULL;
  }
  buffer->data = data;
  buffer->room = room;
  return data + buffer->size;
}

uint8_t *wire_buffer_reserve(struct wire_buffer *buffer, size_t size) {
  if (buffer->room - buffer->size < size || buffer->failed) {
    return grow(buffer, size);
  }
  return buffer->data + buffer->size;
}

/* What a pen has written up to `end`. */
static void written(struct wire_buffer *buffer, const uint8_t *end) {
  buffer->size = (size_t)(end - buffer->data);
}

void wire_put_raw(struct wire_buffer *buffer, const void *data, size_t size) {
  uint8_t *to = wire_buffer_reserve(buffer, size);
  if (!to || size == 0) return;
  bytes_copy(to, data, size);
  buffer->size += size;
}

void wire_put_nil(struct wire_buffer *buffer) {
  uint8_t *to = wire_buffer_reserve(buffer, PEN_HEAD);
  if (to) written(buffer, pen_nil(to));
}

void wire_put_bool(struct wire_buffer *buffer, bool value) {
  uint8_t *to = wire_buffer_reserve(buffer, PEN_HEAD);
  if (to) written(buffer, pen_bool(to, value));
}

void wire_put_uint(struct wire_buffer *buffer, uint64_t value) {
  uint8_t *to = wire_buffer_reserve(buffer, PEN_HEAD);
  if (to) written(buffer, pen_uint(to, value));
}

void wire_put_int(struct wire_buffer *buffer, int64_t value) {
  uint8_t *to = wire_buffer_reserve(buffer, PEN_HEAD);
  if (to) written(buffer, pen_int(to, value));
}

void wire_put_float_bits(struct wire_buffer *buffer, uint64_t ieee754) {
  uint8_t *to = wire_buffer_reserve(buffer, PEN_HEAD);
  if (to) written(buffer, pen_head8(to, 0xCB, ieee754));
}

/* Room for a head and `size` bytes; NULL also for a count that msgpack has no
 * head for. */
static uint8_t *reserve_counted(struct wire_buffer *buffer, size_t count,
                                size_t size) {
  if (count > UINT32_MAX) buffer->failed = true;
  return wire_buffer_reserve(buffer, PEN_HEAD + size);
}

void wire_put_array(struct wire_buffer *buffer, size_t count) {
  uint8_t *to = reserve_counted(buffer, count, 0);
  if (to) written(buffer, pen_array(to, count));
}

void wire_put_map(struct wire_buffer *buffer, size_t count) {
  uint8_t *to = reserve_counted(buffer, count, 0);
  if (to) written(buffer, pen_map(to, count));
}

void wire_put_binary(struct wire_buffer *buffer, const void *data,
                     size_t size) {
  uint8_t *to = reserve_counted(buffer, size, size);
  if (to) written(buffer, pen_binary(to, data, size));
}

void wire_put_text(struct wire_buffer *buffer, struct evald_text text) {
  uint8_t *to = reserve_counted(buffer, text.size, text.size);
  if (to) written(buffer, pen_text(to, text));
}

void wire_put_string(struct wire_buffer *buffer, const char *string) {
  wire_put_text(buffer, evald_text_of(string));
}

void wire_put_digest(struct wire_buffer *buffer,
                     const struct evald_digest *digest) {
  uint8_t *to = wire_buffer_reserve(buffer, PEN_HEAD + sizeof digest->bytes);
  if (to) written(buffer, pen_digest(to, digest));
}

void wire_put_digest_hex(struct wire_buffer *buffer,
                         const struct evald_digest *digest) {
  char hex[EVALD_DIGEST_HEX];
  if (!evald_digest_known(digest)) {
    wire_put_nil(buffer);
    return;
  }
  evald_digest_print(digest, hex);
  wire_put_text(buffer, (struct evald_text){hex, EVALD_DIGEST_HEX - 1});
}
