/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/buffer.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1024, HEAD = 9 /* a type byte and eight more */ };

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

void wire_put_raw(struct wire_buffer *buffer, const void *data, size_t size) {
  uint8_t *to = wire_buffer_reserve(buffer, size);
  if (!to || size == 0) return;
  memcpy(to, data, size);
  buffer->size += size;
}

static void put_byte(struct wire_buffer *buffer, uint8_t byte) {
  uint8_t *to = wire_buffer_reserve(buffer, 1);
  if (!to) return;
  *to = byte;
  buffer->size++;
}

/* A type byte and `width` bytes of a number, the highest first. */
static void put_head(struct wire_buffer *buffer, uint8_t type, unsigned width,
                     uint64_t value) {
  uint8_t *to = wire_buffer_reserve(buffer, HEAD);
  if (!to) return;
  to[0] = type;
  for (unsigned i = 0; i < width; i++) {
    to[1 + i] = (uint8_t)(value >> (8 * (width - 1 - i)));
  }
  buffer->size += 1 + width;
}

void wire_put_nil(struct wire_buffer *buffer) {
  put_byte(buffer, 0xC0);
}

void wire_put_bool(struct wire_buffer *buffer, bool value) {
  put_byte(buffer, value ? 0xC3 : 0xC2);
}

void wire_put_uint(struct wire_buffer *buffer, uint64_t value) {
  if (value < 0x80) {
    put_byte(buffer, (uint8_t)value);
  } else if (value <= UINT8_MAX) {
    put_head(buffer, 0xCC, 1, value);
  } else if (value <= UINT16_MAX) {
    put_head(buffer, 0xCD, 2, value);
  } else if (value <= UINT32_MAX) {
    put_head(buffer, 0xCE, 4, value);
  } else {
    put_head(buffer, 0xCF, 8, value);
  }
}

void wire_put_int(struct wire_buffer *buffer, int64_t value) {
  if (value >= 0) {
    wire_put_uint(buffer, (uint64_t)value);
  } else if (value >= -32) {
    put_byte(buffer, (uint8_t)value);
  } else if (value >= INT8_MIN) {
    put_head(buffer, 0xD0, 1, (uint64_t)value);
  } else if (value >= INT16_MIN) {
    put_head(buffer, 0xD1, 2, (uint64_t)value);
  } else if (value >= INT32_MIN) {
    put_head(buffer, 0xD2, 4, (uint64_t)value);
  } else {
    put_head(buffer, 0xD3, 8, (uint64_t)value);
  }
}

void wire_put_float_bits(struct wire_buffer *buffer, uint64_t ieee754) {
  put_head(buffer, 0xCB, 8, ieee754);
}

/* A count that may stand in the type byte itself where it is below `small`,
 * else behind the 16-bit type, which the 32-bit type follows. */
static void put_count(struct wire_buffer *buffer, uint8_t fixed, size_t small,
                      uint8_t type16, size_t count) {
  if (count < small) {
    put_byte(buffer, (uint8_t)(fixed | count));
  } else if (count <= UINT16_MAX) {
    put_head(buffer, type16, 2, count);
  } else if (count <= UINT32_MAX) {
    put_head(buffer, (uint8_t)(type16 + 1), 4, count);
  } else {
    buffer->failed = true;
  }
}

void wire_put_array(struct wire_buffer *buffer, size_t count) {
  put_count(buffer, 0x90, 16, 0xDC, count);
}

void wire_put_map(struct wire_buffer *buffer, size_t count) {
  put_count(buffer, 0x80, 16, 0xDE, count);
}

void wire_put_binary(struct wire_buffer *buffer, const void *data,
                     size_t size) {
  if (size <= UINT8_MAX) {
    put_head(buffer, 0xC4, 1, size);
  } else {
    put_count(buffer, 0, 0, 0xC5, size);
  }
  wire_put_raw(buffer, data, size);
}

void wire_put_text(struct wire_buffer *buffer, struct evald_text text) {
  if (!text.data) {
    wire_put_nil(buffer);
    return;
  }
  if (text.size >= 32 && text.size <= UINT8_MAX) {
    put_head(buffer, 0xD9, 1, text.size);
  } else {
    put_count(buffer, 0xA0, 32, 0xDA, text.size);
  }
  wire_put_raw(buffer, text.data, text.size);
}

void wire_put_string(struct wire_buffer *buffer, const char *string) {
  wire_put_text(buffer, evald_text_of(string));
}

void wire_put_digest(struct wire_buffer *buffer,
                     const struct evald_digest *digest) {
  if (evald_digest_known(digest)) {
    wire_put_binary(buffer, digest->bytes, sizeof digest->bytes);
  } else {
    wire_put_nil(buffer);
  }
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
