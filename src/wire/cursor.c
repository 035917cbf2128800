/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cursor.h"

#include <string.h>

/* What stands at a byte: its type, how many bytes of a number follow the type
 * byte, and the number (a value, a length or a count). */
struct head {
  uint8_t type;
  uint8_t width;
  uint64_t number;
};

#define SIXTEEN(type)                                                          \
  type, type, type, type, type, type, type, type, type, type, type, type,      \
      type, type, type, type

const uint8_t wire_types[256] = {
    SIXTEEN(WIRE_TYPE_INT),  SIXTEEN(WIRE_TYPE_INT),   /* 0x00 */
    SIXTEEN(WIRE_TYPE_INT),  SIXTEEN(WIRE_TYPE_INT),   /* 0x20 */
    SIXTEEN(WIRE_TYPE_INT),  SIXTEEN(WIRE_TYPE_INT),   /* 0x40 */
    SIXTEEN(WIRE_TYPE_INT),  SIXTEEN(WIRE_TYPE_INT),   /* 0x60 */
    SIXTEEN(WIRE_TYPE_MAP),  SIXTEEN(WIRE_TYPE_ARRAY), /* 0x80 */
    SIXTEEN(WIRE_TYPE_TEXT), SIXTEEN(WIRE_TYPE_TEXT),  /* 0xA0 */
    WIRE_TYPE_NIL,           WIRE_TYPE_OTHER,
    WIRE_TYPE_BOOL,          WIRE_TYPE_BOOL,
    WIRE_TYPE_BINARY,        WIRE_TYPE_BINARY,
    WIRE_TYPE_BINARY,        WIRE_TYPE_OTHER,
    WIRE_TYPE_OTHER,         WIRE_TYPE_OTHER,
    WIRE_TYPE_FLOAT,         WIRE_TYPE_FLOAT,
    WIRE_TYPE_INT,           WIRE_TYPE_INT,
    WIRE_TYPE_INT,           WIRE_TYPE_INT,
    WIRE_TYPE_INT,           WIRE_TYPE_INT,
    WIRE_TYPE_INT,           WIRE_TYPE_INT,
    WIRE_TYPE_OTHER,         WIRE_TYPE_OTHER,
    WIRE_TYPE_OTHER,         WIRE_TYPE_OTHER,
    WIRE_TYPE_OTHER,         WIRE_TYPE_TEXT,
    WIRE_TYPE_TEXT,          WIRE_TYPE_TEXT,
    WIRE_TYPE_ARRAY,         WIRE_TYPE_ARRAY,
    WIRE_TYPE_MAP,           WIRE_TYPE_MAP,
    SIXTEEN(WIRE_TYPE_INT),  SIXTEEN(WIRE_TYPE_INT)}; /* 0xE0 */

/* How many bytes of a number follow the first byte, 0xC0 to 0xDF. */
static const uint8_t widths[32] = {0, 0, 0, 0, 1, 2, 4, 0, 0, 0, 4,
                                   8, 1, 2, 4, 8, 1, 2, 4, 8, 0, 0,
                                   0, 0, 0, 1, 2, 4, 2, 4, 2, 4};

static size_t left(const struct wire_cursor *cursor) {
  return (size_t)(cursor->end - cursor->at);
}

void wire_cursor_fail(struct wire_cursor *cursor) {
  cursor->failed = true;
}

enum evald_status wire_cursor_done(const struct wire_cursor *cursor) {
  return cursor->failed || cursor->at != cursor->end ? EVALD_SYNTAX : EVALD_OK;
}

/* The head at the cursor without moving; false where it is cut off. */
static bool read_head(const struct wire_cursor *cursor, struct head *out) {
  if (cursor->failed || cursor->at == cursor->end) return false;
  uint8_t byte = *cursor->at;
  if (byte < 0xC0 || byte >= 0xE0) {
    uint8_t mask = byte < 0x80 || byte >= 0xE0 ? 0xFF : byte < 0xA0 ? 15 : 31;
    *out = (struct head){wire_types[byte], 0, byte & mask};
    return true;
  }
  *out = (struct head){wire_types[byte], widths[byte - 0xC0], 0};
  if (left(cursor) < 1U + out->width) return false;
  for (unsigned i = 1; i <= out->width; i++) {
    out->number = out->number << 8 | cursor->at[i];
  }
  return true;
}

size_t wire_peek_size(const struct wire_cursor *cursor) {
  struct head head;
  return read_head(cursor, &head) ? (size_t)head.number : 0;
}

/* Moves past a head of type `wanted`; else the sticky error. */
static bool take_head(struct wire_cursor *cursor, enum wire_type wanted,
                      struct head *out) {
  if (!read_head(cursor, out) || out->type != wanted) {
    cursor->failed = true;
    return false;
  }
  cursor->at += 1 + out->width;
  return true;
}

bool wire_get_bool(struct wire_cursor *cursor) {
  struct head head;
  if (!take_head(cursor, WIRE_TYPE_BOOL, &head)) return false;
  return cursor->at[-1] == 0xC3;
}

/* The integer of a head whose type byte is `byte`, as 64 bits; whether it is
 * negative tells which of the two 64-bit types holds it. */
static uint64_t integer_of(uint8_t byte, const struct head *head,
                           bool *negative) {
  uint64_t number = head->number;
  unsigned bits = head->width ? 8U * head->width : 8;
  bool is_signed = byte >= 0xD0; /* 0xD0..0xD3 and the negative fixint */
  *negative = is_signed && (number >> (bits - 1) & 1);
  if (*negative && bits < 64) number |= UINT64_MAX << bits;
  return number;
}

bool wire_try_int(struct wire_cursor *cursor, int64_t *out) {
  struct head head;
  uint8_t byte = left(cursor) ? *cursor->at : 0;
  if (!take_head(cursor, WIRE_TYPE_INT, &head)) return false;
  bool negative;
  uint64_t number = integer_of(byte, &head, &negative);
  if (!negative && number > INT64_MAX) return false;
  *out = (int64_t)number;
  return true;
}

int64_t wire_get_int(struct wire_cursor *cursor) {
  int64_t value = 0;
  const uint8_t *before = cursor->at;
  if (wire_try_int(cursor, &value)) return value;
  cursor->at = before;
  cursor->failed = true;
  return 0;
}

uint64_t wire_get_uint(struct wire_cursor *cursor) {
  struct head head;
  const uint8_t *before = cursor->at;
  if (!take_head(cursor, WIRE_TYPE_INT, &head)) return 0;
  bool negative;
  uint64_t number = integer_of(*before, &head, &negative);
  if (!negative) return number;
  cursor->at = before;
  cursor->failed = true;
  return 0;
}

/* A text or binary: its head, then as many bytes as that says. */
static struct wire_bytes take_bytes(struct wire_cursor *cursor,
                                    enum wire_type type) {
  struct head head;
  const uint8_t *before = cursor->at;
  if (!take_head(cursor, type, &head)) return (struct wire_bytes){0};
  if (head.number > left(cursor)) {
    cursor->at = before;
    cursor->failed = true;
    return (struct wire_bytes){0};
  }
  struct wire_bytes bytes = {cursor->at, (size_t)head.number};
  cursor->at += bytes.size;
  return bytes;
}

struct evald_text wire_get_long_text(struct wire_cursor *cursor) {
  struct wire_bytes bytes = take_bytes(cursor, WIRE_TYPE_TEXT);
  return (struct evald_text){(const char *)bytes.data, bytes.size};
}

struct wire_bytes wire_get_binary(struct wire_cursor *cursor) {
  return take_bytes(cursor, WIRE_TYPE_BINARY);
}

/* A count of containers' elements, each of at least `bytes_each`. */
static size_t take_count(struct wire_cursor *cursor, enum wire_type type,
                         size_t bytes_each) {
  struct head head;
  const uint8_t *before = cursor->at;
  if (!take_head(cursor, type, &head)) return 0;
  if (head.number > left(cursor) / bytes_each) {
    cursor->at = before;
    cursor->failed = true;
    return 0;
  }
  return (size_t)head.number;
}

size_t wire_get_array(struct wire_cursor *cursor) {
  return take_count(cursor, WIRE_TYPE_ARRAY, 1);
}

size_t wire_get_map(struct wire_cursor *cursor) {
  return take_count(cursor, WIRE_TYPE_MAP, 2);
}

struct evald_text wire_get_text_or_nil(struct wire_cursor *cursor) {
  if (wire_take_nil(cursor)) return (struct evald_text){0};
  return wire_get_text(cursor);
}

struct evald_digest wire_get_digest(struct wire_cursor *cursor) {
  struct evald_digest digest = {0};
  if (wire_take_nil(cursor)) return digest;
  struct wire_bytes bytes = wire_get_binary(cursor);
  if (bytes.size == sizeof digest.bytes) {
    memcpy(digest.bytes, bytes.data, sizeof digest.bytes);
  } else {
    cursor->failed = true;
  }
  return digest;
}

size_t wire_want_array_of(struct wire_cursor *cursor, size_t count) {
  size_t found = wire_get_array(cursor);
  if (found >= count) return found - count;
  cursor->failed = true;
  return 0;
}

void wire_want_array(struct wire_cursor *cursor, size_t count) {
  if (wire_want_array_of(cursor, count) > 0) cursor->failed = true;
}

/* How many values the value at the cursor brings with it, having moved past
 * its own bytes. */
static size_t skip_one(struct wire_cursor *cursor) {
  switch (wire_peek(cursor)) {
  case WIRE_TYPE_TEXT:
    (void)wire_get_text(cursor);
    return 0;
  case WIRE_TYPE_BINARY:
    (void)wire_get_binary(cursor);
    return 0;
  case WIRE_TYPE_ARRAY:
    return wire_get_array(cursor);
  case WIRE_TYPE_MAP:
    return 2 * wire_get_map(cursor);
  case WIRE_TYPE_NIL:
  case WIRE_TYPE_BOOL:
  case WIRE_TYPE_INT:
  case WIRE_TYPE_FLOAT: {
    struct head head;
    (void)take_head(cursor, wire_peek(cursor), &head);
    return 0;
  }
  case WIRE_TYPE_END:
  case WIRE_TYPE_OTHER:
  default:
    cursor->failed = true;
    return 0;
  }
}

void wire_skip_many(struct wire_cursor *cursor, size_t count) {
  while (count > 0 && !cursor->failed) {
    size_t inside = skip_one(cursor);
    count = count - 1 + inside;
  }
}

void wire_skip(struct wire_cursor *cursor) {
  wire_skip_many(cursor, 1);
}

uint64_t wire_get_float_bits(struct wire_cursor *cursor, bool *is_single) {
  struct head head;
  *is_single = false;
  if (!take_head(cursor, WIRE_TYPE_FLOAT, &head)) return 0;
  *is_single = head.width == 4;
  return head.number;
}
