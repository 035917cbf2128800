/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include "base/fault.h"
#include "wire/number.h"
#include <errno.h>
#include <jansson.h>
#include <string.h>

/* JSON → msgpack */

static const struct {
  enum json_error_code from;
  enum wire_reject to;
} json_errors[] = {
    {json_error_stack_overflow, WIRE_REJECT_TOO_DEEP},
    {json_error_invalid_utf8, WIRE_REJECT_INVALID_UTF8},
    {json_error_premature_end_of_input, WIRE_REJECT_TRUNCATED},
    {json_error_end_of_input_expected, WIRE_REJECT_TRAILING_BYTES},
    {json_error_duplicate_key, WIRE_REJECT_DUPLICATE_KEY},
    {json_error_numeric_overflow, WIRE_REJECT_OUT_OF_RANGE}};

static enum wire_reject reject_of(enum json_error_code code) {
  for (size_t i = 0; i < sizeof json_errors / sizeof json_errors[0]; i++) {
    if (json_errors[i].from == code) return json_errors[i].to;
  }
  return WIRE_REJECT_BAD_JSON;
}

/* jansson tells a duplicate key only in its sentence: "… near '"key"'". */
static void copy_near(char *out, size_t size, const char *sentence) {
  const char *begin = strstr(sentence, "near '\"");
  if (!begin) return;
  begin += sizeof "near '\"" - 1;
  const char *end = strstr(begin, "\"'");
  if (!end) return;
  (void)fault_copy(out, size,
                   (struct evald_text){begin, (size_t)(end - begin)});
}

static enum evald_status refuse(const json_error_t *error,
                                struct wire_rejects *rejects) {
  enum json_error_code code = json_error_code(error);
  /* Where memory ends, jansson tells of it by errno alone, or calls the text
   * broken. */
  if (code == json_error_out_of_memory || errno == ENOMEM) {
    return EVALD_MEMORY;
  }
  size_t at = error->position > 0 ? (size_t)error->position : 0;
  struct wire_problem problem = wire_problem_of(reject_of(code), "", at);
  if (code == json_error_duplicate_key) {
    copy_near(problem.key, sizeof problem.key, error->text);
  }
  wire_reject_add(rejects, problem);
  return EVALD_REJECTED;
}

static bool put_json(struct wire_buffer *out, json_t *value, unsigned depth);

static bool put_object(struct wire_buffer *out, json_t *object,
                       unsigned depth) {
  const char *key;
  size_t size;
  json_t *value;
  bool fine = depth > 0;
  wire_put_map(out, json_object_size(object));
  json_object_keylen_foreach(object, key, size, value) {
    wire_put_text(out, (struct evald_text){key, size});
    fine = fine && put_json(out, value, depth - 1);
  }
  return fine;
}

static bool put_array(struct wire_buffer *out, json_t *array, unsigned depth) {
  size_t count = json_array_size(array);
  wire_put_array(out, count);
  for (size_t i = 0; i < count; i++) {
    if (depth == 0 || !put_json(out, json_array_get(array, i), depth - 1)) {
      return false;
    }
  }
  return depth > 0;
}

/* False where it is nested more deeply than `depth`. */
static bool put_json(struct wire_buffer *out, json_t *value, unsigned depth) {
  switch (json_typeof(value)) {
  case JSON_OBJECT:
    return put_object(out, value, depth);
  case JSON_ARRAY:
    return put_array(out, value, depth);
  case JSON_STRING:
    wire_put_text(out, (struct evald_text){json_string_value(value),
                                           json_string_length(value)});
    return true;
  case JSON_INTEGER:
    wire_put_int(out, json_integer_value(value));
    return true;
  case JSON_REAL:
    wire_put_float_bits(out, wire_bits_of_double(json_real_value(value)));
    return true;
  case JSON_TRUE:
  case JSON_FALSE:
    wire_put_bool(out, json_is_true(value));
    return true;
  case JSON_NULL:
  default:
    wire_put_nil(out);
    return true;
  }
}

enum evald_status wire_json_to_msgpack(struct evald_text json,
                                       const struct wire_limits *limits,
                                       struct wire_buffer *out,
                                       struct wire_rejects *rejects) {
  if (json.size > limits->bytes) {
    wire_reject_add(rejects,
                    wire_problem_of(WIRE_REJECT_OVERSIZED, "", limits->bytes));
    return EVALD_REJECTED;
  }
  json_error_t error;
  errno = 0;
  json_t *value = json_loadb(
      json.data ? json.data : "", json.size,
      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
  if (!value) return refuse(&error, rejects);
  bool fine = put_json(out, value, limits->depth);
  json_decref(value);
  if (out->failed) return EVALD_MEMORY;
  if (fine) return EVALD_OK;
  wire_reject_add(rejects, wire_problem_of(WIRE_REJECT_TOO_DEEP, "", 0));
  return EVALD_REJECTED;
}

/* msgpack → JSON */

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

/* Whether a text reads back as the same float. */
static bool reads_back(const char *text, size_t size, const json_t *real) {
  json_t *again = json_loadb(text, size, JSON_DECODE_ANY, NULL);
  bool same =
      json_is_real(again) && wire_bits_of_double(json_real_value(again)) ==
                                 wire_bits_of_double(json_real_value(real));
  json_decref(again);
  return same;
}

/* With as many digits as it takes. JSON knows no NaN and no infinity: null. */
static void put_json_float(struct wire_buffer *out,
                           struct wire_cursor *cursor) {
  char text[64];
  bool is_single;
  size_t size = 0;
  uint64_t bits = wire_get_float_bits(cursor, &is_single);
  json_t *real = json_real(is_single ? wire_double_of_single((uint32_t)bits)
                                     : wire_double_of_bits(bits));
  for (size_t digits = 15; real && digits <= 17; digits++) {
    size = json_dumpb(real, text, sizeof text,
                      JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
    if (size <= sizeof text && reads_back(text, size, real)) break;
  }
  json_decref(real);
  if (size > 0 && size <= sizeof text) {
    wire_put_raw(out, text, size);
  } else {
    put_literal(out, "null");
  }
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
