/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include "base/fault.h"
#include "wire/number.h"
#include "wire/real.h"
#include <string.h>

static void put_literal(struct wire_buffer *out, const char *text) {
  wire_put_raw(out, text, strlen(text));
}

static const char *escape_of(unsigned char byte, char room[8]) {
  static const struct {
    unsigned char byte;
    const char *text;
  } escapes[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\r', "\\r"},
                 {'\t', "\\t"}, {'\b', "\\b"},  {'\f', "\\f"}};
  for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
    if (escapes[i].byte == byte) return escapes[i].text;
  }
  if (byte >= 0x20 && byte != 0x7F) return NULL;
  (void)fault_print(room, 8, "\\u%04x", (unsigned)byte);
  return room;
}

static void put_json_text(struct wire_buffer *out, struct evald_text text) {
  char room[8];
  size_t plain = 0; /* where the run that needs no escape begins */
  put_literal(out, "\"");
  for (size_t i = 0; i < text.size; i++) {
    const char *escape = escape_of((unsigned char)text.data[i], room);
    if (!escape) continue;
    wire_put_raw(out, text.data + plain, i - plain);
    put_literal(out, escape);
    plain = i + 1;
  }
  wire_put_raw(out, text.data + plain, text.size - plain);
  put_literal(out, "\"");
}

static void put_hex(struct wire_buffer *out, struct wire_bytes bytes) {
  static const char digits[] = "0123456789abcdef";
  put_literal(out, "\"");
  for (size_t i = 0; i < bytes.size; i++) {
    char hex[2] = {digits[bytes.data[i] >> 4], digits[bytes.data[i] & 15]};
    wire_put_raw(out, hex, sizeof hex);
  }
  put_literal(out, "\"");
}

static void put_json_int(struct wire_buffer *out, struct wire_cursor *cursor) {
  char text[32];
  struct wire_cursor ahead = *cursor;
  long long value = wire_get_int(&ahead);
  if (!ahead.failed) {
    *cursor = ahead;
    (void)fault_print(text, sizeof text, "%lld", value);
  } else {
    unsigned long long large = wire_get_uint(cursor);
    (void)fault_print(text, sizeof text, "%llu", large);
  }
  put_literal(out, text);
}

/* JSON knows no NaN and no infinity: null. */
static void put_json_float(struct wire_buffer *out,
                           struct wire_cursor *cursor) {
  char text[WIRE_REAL_TEXT];
  bool is_single;
  uint64_t bits = wire_get_float_bits(cursor, &is_single);
  if (is_single)
    bits = wire_bits_of_double(wire_double_of_single((uint32_t)bits));
  size_t size = wire_real_print(bits, text);
  if (size > 0)
    wire_put_raw(out, text, size);
  else
    put_literal(out, "null");
}

static void put_value(struct wire_buffer *out, struct wire_cursor *cursor);

static void put_json_map(struct wire_buffer *out, struct wire_cursor *cursor) {
  size_t pairs = wire_get_map(cursor);
  put_literal(out, "{");
  for (size_t i = 0; i < pairs && !cursor->failed; i++) {
    if (i > 0) put_literal(out, ",");
    put_json_text(out, wire_get_text(cursor));
    put_literal(out, ":");
    put_value(out, cursor);
  }
  put_literal(out, "}");
}

static void put_json_array(struct wire_buffer *out,
                           struct wire_cursor *cursor) {
  size_t count = wire_get_array(cursor);
  put_literal(out, "[");
  for (size_t i = 0; i < count && !cursor->failed; i++) {
    if (i > 0) put_literal(out, ",");
    put_value(out, cursor);
  }
  put_literal(out, "]");
}

/* Recursion ends at the depth of the pre-scan, WIRE_DEPTH_MAX. */
static void put_value(struct wire_buffer *out, struct wire_cursor *cursor) {
  switch (wire_peek(cursor)) {
  case WIRE_TYPE_MAP:
    put_json_map(out, cursor);
    break;
  case WIRE_TYPE_ARRAY:
    put_json_array(out, cursor);
    break;
  case WIRE_TYPE_TEXT:
    put_json_text(out, wire_get_text(cursor));
    break;
  case WIRE_TYPE_BINARY:
    put_hex(out, wire_get_binary(cursor));
    break;
  case WIRE_TYPE_INT:
    put_json_int(out, cursor);
    break;
  case WIRE_TYPE_FLOAT:
    put_json_float(out, cursor);
    break;
  case WIRE_TYPE_BOOL:
    put_literal(out, wire_get_bool(cursor) ? "true" : "false");
    break;
  case WIRE_TYPE_NIL:
    put_literal(out, wire_take_nil(cursor) ? "null" : "");
    break;
  case WIRE_TYPE_END:
  case WIRE_TYPE_OTHER:
  default:
    wire_cursor_fail(cursor);
  }
}

enum evald_status wire_msgpack_to_json(struct wire_bytes bytes,
                                       struct wire_buffer *out) {
  if (!wire_sound(bytes)) return EVALD_SYNTAX;
  struct wire_cursor cursor = wire_cursor_of(bytes);
  put_value(out, &cursor);
  if (out->failed) return EVALD_MEMORY;
  return wire_cursor_done(&cursor);
}
