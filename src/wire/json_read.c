/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include "base/fault.h"
#include "base/utf8.h"
#include "wire/pen.h"
#include "wire/real.h"
#include <string.h>

/*
 * JSON → msgpack, in one pass, by our own hand: the JSON libraries at hand do
 * not look whether their own buffers grew, so that a form read while memory
 * ended had other figures than the one that was sent. Here nothing is kept but
 * the output, whose failure is sticky.
 *
 * A head of a container or text is written when it is known how much follows:
 * until then the longest possible one holds its place.
 */

enum { HEAD = 5 };

struct key {
  size_t at, size; /* in the output */
};

struct reader {
  struct evald_text json;
  size_t at;
  unsigned depth; /* of containers that may yet be opened */
  struct wire_buffer *out;
  struct wire_problem *problem;
};

static bool fail_at(struct reader *reader, enum wire_reject code, size_t at) {
  *reader->problem = wire_problem_of(code, "", at);
  return false;
}

static bool is_digit(int byte) {
  return byte >= '0' && byte <= '9';
}

/* -1: the end. */
static int peek(const struct reader *reader) {
  return reader->at < reader->json.size
             ? (unsigned char)reader->json.data[reader->at]
             : -1;
}

/* What stands here is not what must: the text ends, or is no JSON. */
static bool fail_here(struct reader *reader) {
  return fail_at(
      reader, peek(reader) < 0 ? WIRE_REJECT_TRUNCATED : WIRE_REJECT_BAD_JSON,
      reader->at);
}

static int skip_blanks(struct reader *reader) {
  int byte;
  while ((byte = peek(reader)) == ' ' || byte == '\n' || byte == '\r' ||
         byte == '\t')
    reader->at++;
  return byte;
}

/* --- heads --- */

static size_t begin_head(struct reader *reader) {
  static const char empty[HEAD] = "";
  size_t at = reader->out->size;
  wire_put_raw(reader->out, empty, HEAD);
  return at;
}

/* Puts the head that ends at `end` into the place kept at `at`. */
static void end_head(struct reader *reader, size_t at, const uint8_t *head,
                     const uint8_t *end) {
  struct wire_buffer *out = reader->out;
  size_t size = (size_t)(end - head);
  if (out->failed) return;
  memmove(out->data + at + size, out->data + at + HEAD, out->size - at - HEAD);
  memcpy(out->data + at, head, size);
  out->size -= HEAD - size;
}

/* --- texts --- */

static bool read_hex(struct reader *reader, uint32_t *out) {
  static const char digits[] = "0123456789abcdef0123456789ABCDEF";
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    int byte = peek(reader);
    const char *digit = byte > 0 ? strchr(digits, byte) : NULL;
    if (!digit) return fail_here(reader);
    value = value << 4 | ((uint32_t)(digit - digits) & 15);
    reader->at++;
  }
  *out = value;
  return true;
}

static void put_character(struct wire_buffer *out, uint32_t code) {
  static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  uint8_t bytes[4];
  size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = size; i-- > 1; code >>= 6)
    bytes[i] = (uint8_t)(0x80 | (code & 0x3F));
  bytes[0] = (uint8_t)(leads[size] | code);
  wire_put_raw(out, bytes, size);
}

/* Behind "\u": one character, of two escapes where it is a pair. */
static bool read_unicode(struct reader *reader, size_t begin) {
  uint32_t code, low;
  if (!read_hex(reader, &code)) return false;
  if (code >= 0xDC00 && code < 0xE000)
    return fail_at(reader, WIRE_REJECT_BAD_JSON, begin);
  if (code >= 0xD800 && code < 0xDC00) {
    if (peek(reader) != '\\') return fail_here(reader);
    reader->at++;
    if (peek(reader) != 'u') return fail_here(reader);
    reader->at++;
    if (!read_hex(reader, &low)) return false;
    if (low < 0xDC00 || low >= 0xE000)
      return fail_at(reader, WIRE_REJECT_BAD_JSON, begin);
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  put_character(reader->out, code);
  return true;
}

static bool read_escape(struct reader *reader) {
  static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  size_t begin = reader->at++;
  int byte = peek(reader);
  const char *name = byte > 0 ? strchr(names, byte) : NULL;
  if (!name && byte != 'u') return fail_here(reader);
  reader->at++;
  if (!name) return read_unicode(reader, begin);
  wire_put_raw(reader->out, &values[name - names], 1);
  return true;
}

/* The bytes of a text up to the next escape or its end. */
static bool read_run(struct reader *reader) {
  const char *run = reader->json.data + reader->at;
  size_t begin = reader->at;
  int byte;
  while ((byte = peek(reader)) >= 0x20 && byte != '"' && byte != '\\')
    reader->at++;
  size_t size = reader->at - begin;
  if (!utf8_valid(run, size))
    return fail_at(reader, WIRE_REJECT_INVALID_UTF8,
                   begin + utf8_cut(run, size, size));
  wire_put_raw(reader->out, run, size);
  return byte == '"' || byte == '\\' || fail_here(reader);
}

static bool read_text(struct reader *reader, struct key *out) {
  uint8_t head[PEN_HEAD];
  size_t at = begin_head(reader);
  reader->at++;
  for (;;) {
    if (!read_run(reader)) return false;
    if (peek(reader) == '"') break;
    if (!read_escape(reader)) return false;
  }
  reader->at++;
  if (reader->out->failed) return true;
  size_t size = reader->out->size - at - HEAD;
  const uint8_t *end = pen_text_head(head, size);
  end_head(reader, at, head, end);
  *out = (struct key){at + (size_t)(end - head), size};
  return true;
}

/* --- numbers and words --- */

static void skip_digits(struct reader *reader) {
  while (is_digit(peek(reader)))
    reader->at++;
}

static bool some_digits(struct reader *reader) {
  if (!is_digit(peek(reader))) return fail_here(reader);
  skip_digits(reader);
  return true;
}

/* Passes a number; *real: it has a fraction or an exponent. */
static bool pass_number(struct reader *reader, bool *real) {
  reader->at += peek(reader) == '-';
  if (peek(reader) == '0')
    reader->at++;
  else if (!some_digits(reader))
    return false;
  *real = peek(reader) == '.';
  reader->at += *real;
  if (*real && !some_digits(reader)) return false;
  if (peek(reader) != 'e' && peek(reader) != 'E') return true;
  *real = true;
  reader->at++;
  reader->at += peek(reader) == '+' || peek(reader) == '-';
  return some_digits(reader);
}

/* False: past int64. */
static bool int_of(struct evald_text text, int64_t *out) {
  bool negative = text.data[0] == '-';
  int64_t value = 0;
  for (size_t i = negative; i < text.size; i++) {
    int digit = text.data[i] - '0';
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_sub_overflow(value, digit, &value))
      return false;
  }
  /* Counted downwards: the lowest has no counterpart above. */
  if (!negative && value == INT64_MIN) return false;
  *out = negative ? value : -value;
  return true;
}

static bool read_number(struct reader *reader) {
  size_t begin = reader->at;
  bool real;
  uint64_t bits;
  int64_t whole;
  if (!pass_number(reader, &real)) return false;
  const struct evald_text text = {reader->json.data + begin,
                                  reader->at - begin};
  if (text.size >= WIRE_REAL_MAX)
    return fail_at(reader, WIRE_REJECT_TOO_LONG, begin);
  if (real ? !wire_real_parse(text, &bits) : !int_of(text, &whole))
    return fail_at(reader, WIRE_REJECT_OUT_OF_RANGE, begin);
  if (real)
    wire_put_float_bits(reader->out, bits);
  else
    wire_put_int(reader->out, whole);
  return true;
}

static bool read_word(struct reader *reader, const char *word) {
  for (; *word; word++, reader->at++)
    if (peek(reader) != *word) return fail_here(reader);
  return true;
}

static bool read_literal(struct reader *reader, int byte) {
  if (byte == 'n') {
    wire_put_nil(reader->out);
    return read_word(reader, "null");
  }
  if (byte != 't' && byte != 'f') return fail_here(reader);
  wire_put_bool(reader->out, byte == 't');
  return read_word(reader, byte == 't' ? "true" : "false");
}

/* --- containers --- */

static bool read_value(struct reader *reader);

/* Behind an element: true where another one comes, at its first byte; `close`
 * is passed. False, and *fine false: what stands here is neither. */
static bool goes_on(struct reader *reader, int close, bool *fine) {
  int byte = skip_blanks(reader);
  *fine = byte == ',' || byte == close || fail_here(reader);
  if (*fine) reader->at++;
  if (!*fine || byte == close) return false;
  (void)skip_blanks(reader);
  return true;
}

static bool read_array(struct reader *reader, size_t *count) {
  bool fine = true;
  if (skip_blanks(reader) == ']') {
    reader->at++;
    return true;
  }
  do {
    if (!read_value(reader)) return false;
    ++*count;
  } while (goes_on(reader, ']', &fine));
  return fine;
}

static struct evald_text key_text(const struct reader *reader, struct key key) {
  return (struct evald_text){(const char *)reader->out->data + key.at,
                             key.size};
}

/* A key that stood before is refused, and one with a NUL: printed, it would be
 * another. */
static bool check_key(struct reader *reader, const struct key *keys,
                      size_t count, size_t begin) {
  if (reader->out->failed) return true;
  struct evald_text new = key_text(reader, keys[count]);
  if (memchr(new.data, '\0', new.size))
    return fail_at(reader, WIRE_REJECT_BAD_JSON, begin);
  for (size_t i = 0; i < count; i++) {
    if (!evald_text_equal(key_text(reader, keys[i]), new)) continue;
    (void)fail_at(reader, WIRE_REJECT_DUPLICATE_KEY, begin);
    (void)fault_copy(reader->problem->key, sizeof reader->problem->key, new);
    return false;
  }
  return true;
}

static bool read_pair(struct reader *reader, struct key *keys, size_t count) {
  size_t begin = reader->at;
  if (peek(reader) != '"') return fail_here(reader);
  if (count == WIRE_KEYS_MAX)
    return fail_at(reader, WIRE_REJECT_TOO_MANY_KEYS, begin);
  if (!read_text(reader, &keys[count]) ||
      !check_key(reader, keys, count, begin))
    return false;
  if (skip_blanks(reader) != ':') return fail_here(reader);
  reader->at++;
  (void)skip_blanks(reader);
  return read_value(reader);
}

static bool read_object(struct reader *reader, size_t *count) {
  struct key keys[WIRE_KEYS_MAX];
  bool fine = true;
  if (skip_blanks(reader) == '}') {
    reader->at++;
    return true;
  }
  do {
    if (!read_pair(reader, keys, *count)) return false;
    ++*count;
  } while (goes_on(reader, '}', &fine));
  return fine;
}

static bool read_container(struct reader *reader, bool is_map) {
  uint8_t head[PEN_HEAD];
  size_t count = 0;
  if (reader->depth == 0)
    return fail_at(reader, WIRE_REJECT_TOO_DEEP, reader->at);
  size_t at = begin_head(reader);
  reader->at++;
  reader->depth--;
  if (!(is_map ? read_object : read_array)(reader, &count)) return false;
  reader->depth++;
  end_head(reader, at, head,
           is_map ? pen_map(head, count) : pen_array(head, count));
  return true;
}

static bool read_value(struct reader *reader) {
  struct key unused;
  int byte = peek(reader);
  if (byte == '{' || byte == '[') return read_container(reader, byte == '{');
  if (byte == '"') return read_text(reader, &unused);
  if (byte == '-' || is_digit(byte)) return read_number(reader);
  return read_literal(reader, byte);
}

static bool read_whole(struct reader *reader) {
  (void)skip_blanks(reader);
  if (!read_value(reader)) return false;
  return skip_blanks(reader) < 0 ||
         fail_at(reader, WIRE_REJECT_TRAILING_BYTES, reader->at);
}

enum evald_status wire_json_to_msgpack(struct evald_text json,
                                       const struct wire_limits *limits,
                                       struct wire_buffer *out,
                                       struct wire_rejects *rejects) {
  struct wire_problem problem =
      wire_problem_of(WIRE_REJECT_OVERSIZED, "", limits->bytes);
  struct reader reader = {
      .json = json, .depth = limits->depth, .out = out, .problem = &problem};
  if (json.size <= limits->bytes && read_whole(&reader))
    return wire_buffer_done(out);
  if (out->failed) return EVALD_MEMORY;
  wire_reject_add(rejects, problem);
  return EVALD_REJECTED;
}
