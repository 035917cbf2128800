/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CURSOR_H
#define WIRE_CURSOR_H

/*
 * A cursor over msgpack with a sticky error.
 *
 * Every call is bounded by the bytes, so a cursor is safe over any input; over
 * input that was not pre-scanned, texts may be invalid UTF-8. A call that does
 * not find what it wants sets the error, leaves the cursor where it stood and
 * answers zero, absent or false; from then on all calls do. So a reader of a
 * known layout reads straight through and looks once, at the end.
 *
 * Texts point into the bytes.
 */

#include "wire/buffer.h"

struct wire_cursor {
  const uint8_t *begin, *at, *end;
  bool failed;
};

/* What a value is. INT is any integer, whatever its width and sign. */
enum wire_type {
  WIRE_TYPE_END, /* no byte is left */
  WIRE_TYPE_NIL,
  WIRE_TYPE_BOOL,
  WIRE_TYPE_INT,
  WIRE_TYPE_FLOAT,
  WIRE_TYPE_TEXT,
  WIRE_TYPE_BINARY,
  WIRE_TYPE_ARRAY,
  WIRE_TYPE_MAP,
  WIRE_TYPE_OTHER /* ext, reserved */
};

/* The type that each first byte stands for. */
extern const uint8_t wire_types[256];

static inline struct wire_cursor wire_cursor_of(struct wire_bytes bytes) {
  const uint8_t *end = bytes.size ? bytes.data + bytes.size : bytes.data;
  return (struct wire_cursor){bytes.data, bytes.data, end, false};
}

/* The type of the next value. Does not move, never fails. */
static inline enum wire_type wire_peek(const struct wire_cursor *cursor) {
  if (cursor->at == cursor->end) return WIRE_TYPE_END;
  return (enum wire_type)wire_types[*cursor->at];
}

/* The length or count that the next value's head declares, whether it can be
 * true or not; 0 where the head is cut off or declares none. Does not move. */
size_t wire_peek_size(const struct wire_cursor *cursor);

/* How many bytes were read. */
static inline size_t wire_cursor_offset(const struct wire_cursor *cursor) {
  return (size_t)(cursor->at - cursor->begin);
}

/* The sticky error by hand, for a reader that finds a value it cannot use. */
void wire_cursor_fail(struct wire_cursor *cursor);

/* EVALD_OK where nothing failed and every byte was read; else EVALD_SYNTAX. */
enum evald_status wire_cursor_done(const struct wire_cursor *cursor);

bool wire_get_bool(struct wire_cursor *cursor);
/* An integer of any width that fits int64 (uint64). */
int64_t wire_get_int(struct wire_cursor *cursor);
uint64_t wire_get_uint(struct wire_cursor *cursor);
/* The same for a reader that must go on where the integer does not fit int64:
 * passes it and answers false. Not an integer is the sticky error as ever. */
bool wire_try_int(struct wire_cursor *cursor, int64_t *out);
struct evald_text wire_get_long_text(struct wire_cursor *cursor);
static inline struct evald_text wire_get_text(struct wire_cursor *cursor) {
  /* The short form here: nearly every key and value is one. */
  size_t left = (size_t)(cursor->end - cursor->at);
  if (left == 0 || cursor->failed || (*cursor->at & 0xE0) != 0xA0 ||
      (*cursor->at & 31U) >= left) {
    return wire_get_long_text(cursor);
  }
  const char *data = (const char *)cursor->at + 1;
  size_t size = *cursor->at & 31U;
  cursor->at += 1 + size;
  return (struct evald_text){data, size};
}
struct wire_bytes wire_get_binary(struct wire_cursor *cursor);

/* The number of values (pairs) that follow: never more than the bytes left can
 * hold, so it is safe to allocate by. */
size_t wire_get_array(struct wire_cursor *cursor);
size_t wire_get_map(struct wire_cursor *cursor);

/* Takes a nil where one is next and answers whether it did; never fails. */
static inline bool wire_take_nil(struct wire_cursor *cursor) {
  if (cursor->failed || cursor->at == cursor->end || *cursor->at != 0xC0) {
    return false;
  }
  cursor->at++;
  return true;
}

/* Nil gives the absent text; the unknown digest. */
struct evald_text wire_get_text_or_nil(struct wire_cursor *cursor);
struct evald_digest wire_get_digest(struct wire_cursor *cursor);

/* An array of exactly (at least) `count` elements; else it fails. Returns the
 * number of elements beyond `count`, which a reader of a newer layout skips. */
void wire_want_array(struct wire_cursor *cursor, size_t count);
size_t wire_want_array_of(struct wire_cursor *cursor, size_t count);

/* Passes one value with all that is inside it; and `count` of them. */
void wire_skip(struct wire_cursor *cursor);
void wire_skip_many(struct wire_cursor *cursor, size_t count);

/* The raw bits of a float, binary32 where `is_single`, else binary64: number.h
 * makes a decimal of them. */
uint64_t wire_get_float_bits(struct wire_cursor *cursor, bool *is_single);

#endif
