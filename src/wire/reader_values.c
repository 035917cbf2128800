/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/reader.h"

#include "base/bytes.h"
#include "base/utf8.h"
#include "wire/number.h"

/* ---- values of the ordinary shape, on trial ---- */

const uint8_t *quick_other_text(const struct quick_frame *frame,
                                const uint8_t *at, struct evald_text *out) {
  struct evald_text text;
  const uint8_t *behind = quick_bytes(at, frame->end, &text);
  if (!behind ||
      (!utf8_map_plain(frame->texts, text.data, text.size) &&
       !utf8_valid_within(text.data, text.size, (const char *)frame->end))) {
    return NULL;
  }
  *out = text;
  return behind;
}

const uint8_t *reader_take_text(const struct reader *reader, const uint8_t *at,
                                struct evald_text *out) {
  return quick_text(&reader->frame, at, out);
}

const uint8_t *reader_take_name(const struct reader *reader, const uint8_t *at,
                                size_t limit, struct evald_text *out) {
  return quick_name(&reader->frame, at, limit, out);
}

const uint8_t *reader_take_figure(const uint8_t *at, struct evald_figure *out) {
  return quick_figure(at, out);
}

const uint8_t *reader_take_claim(const struct reader *reader, const uint8_t *at,
                                 struct evald_claim *out) {
  return quick_claim(&reader->frame, at, out);
}

/* ---- any value ---- */

bool reader_sound(struct reader *reader, struct evald_text text) {
  if (!reader->on_trial) return true;
  if (text.size <= 8 && (text.size == 0 || !(bytes_few(text.data, text.size) &
                                             UINT64_C(0x8080808080808080)))) {
    return true;
  }
  if (text.size <= reader->limits->text &&
      utf8_valid_within(text.data, text.size,
                        (const char *)reader->cursor.end)) {
    return true;
  }
  wire_cursor_fail(&reader->cursor);
  return false;
}

/* The next value as text where it is one; else a problem, and it is passed. */
static bool take_text(struct reader *reader, const struct reader_field *field,
                      struct evald_text *out) {
  if (wire_peek(&reader->cursor) != WIRE_TYPE_TEXT) {
    reader_reject(reader, WIRE_REJECT_WRONG_TYPE,
                  field->expected ? field->expected : WIRE_EXPECTED_TEXT,
                  (struct evald_text){0});
    wire_skip(&reader->cursor);
    return false;
  }
  *out = wire_get_text(&reader->cursor);
  return reader_sound(reader, *out);
}

/* Whether valid UTF-8 has more than `limit` characters. */
static bool longer_than(struct evald_text text, size_t limit) {
  if (text.size <= limit) return false;
  size_t characters = 0;
  for (size_t i = 0; i < text.size; i++) {
    characters += ((unsigned char)text.data[i] & 0xC0) != 0x80;
  }
  return characters > limit;
}

READER_FUNCTION(reader_text) {
  struct evald_text text;
  if (!take_text(reader, field, &text)) return;
  if (field->limit && longer_than(text, field->limit)) {
    reader_reject(reader, WIRE_REJECT_TOO_LONG, field->expected, text);
    return;
  }
  *(struct evald_text *)into = text;
}

/* Those of ASCII, and those of Latin-1: 0xC2 with a second byte below 0xA0. */
static bool has_control(struct evald_text text) {
  unsigned char before = 0;
  for (size_t i = 0; i < text.size; i++) {
    unsigned char byte = (unsigned char)text.data[i];
    if (byte < 0x20 || byte == 0x7F) return true;
    if (before == 0xC2 && byte < 0xA0) return true;
    before = byte;
  }
  return false;
}

/* Most names begin with a letter or a digit: no need to look for more. */
static bool blank(struct evald_text text) {
  if (text.size > 0 && text.data[0] > ' ' && text.data[0] < 0x7F) return false;
  return utf8_blank(text);
}

bool reader_is_name(struct evald_text text, size_t limit) {
  return !blank(text) && !has_control(text) && !longer_than(text, limit);
}

READER_FUNCTION(reader_name) {
  struct evald_text text;
  if (!take_text(reader, field, &text)) return;
  if (reader_is_name(text, field->limit)) {
    *(struct evald_text *)into = text;
  } else if (blank(text)) {
    reader_reject(reader, WIRE_REJECT_EMPTY_TEXT, field->expected, text);
  } else if (has_control(text)) {
    reader_reject(reader, WIRE_REJECT_BAD_TEXT, WIRE_EXPECTED_NO_CONTROLS,
                  text);
  } else {
    reader_reject(reader, WIRE_REJECT_TOO_LONG, field->expected, text);
  }
}

/* A problem of the number that began at `before`, with the text where it was
 * one. */
static void reject_number(struct reader *reader, enum wire_reject code,
                          const uint8_t *before) {
  struct wire_cursor again = reader->cursor;
  struct evald_text printed = {0};
  again.at = before;
  if (wire_peek(&again) == WIRE_TYPE_TEXT) printed = wire_get_text(&again);
  reader_reject(reader, code,
                code == WIRE_REJECT_OUT_OF_RANGE ? WIRE_EXPECTED_DECIMAL_RANGE
                                                 : WIRE_EXPECTED_DECIMAL,
                printed);
}

/* A number, or a problem. What is a number is valid UTF-8; it may be long. */
static bool take_number(struct reader *reader, evald_decimal *out) {
  const uint8_t *before = reader->cursor.at;
  enum wire_reject code = wire_get_number(&reader->cursor, out);
  if (code != WIRE_REJECT_COUNT) {
    reject_number(reader, code, before);
    return false;
  }
  if (reader->on_trial &&
      (size_t)(reader->cursor.at - before) > reader->limits->text) {
    wire_cursor_fail(&reader->cursor);
    return false;
  }
  return true;
}

READER_FUNCTION(reader_figure) {
  (void)field;
  struct evald_figure *figure = into;
  evald_decimal value;
  if (!take_number(reader, &value)) return;
  *figure = (struct evald_figure){true, value};
}

READER_FUNCTION(reader_claim) {
  (void)field;
  struct evald_claim *claim = into;
  evald_decimal value;
  const uint8_t *before = reader->cursor.at;
  if (wire_peek(&reader->cursor) == WIRE_TYPE_TEXT) {
    struct evald_text text = wire_get_text(&reader->cursor);
    if (evald_decimal_parse(text, &value) == EVALD_SYNTAX) {
      if (!reader_sound(reader, text)) return;
      *claim = (struct evald_claim){.kind = EVALD_CLAIM_TEXT, .text = text};
      return;
    }
    reader->cursor.at = before;
  }
  if (!take_number(reader, &value)) return;
  *claim = (struct evald_claim){.kind = EVALD_CLAIM_NUMBER, .number = value};
}

READER_FUNCTION(reader_bool) {
  (void)field;
  if (wire_peek(&reader->cursor) == WIRE_TYPE_BOOL) {
    *(bool *)into = wire_get_bool(&reader->cursor);
    return;
  }
  reader_reject(reader, WIRE_REJECT_WRONG_TYPE, WIRE_EXPECTED_BOOL,
                (struct evald_text){0});
  wire_skip(&reader->cursor);
}

bool reader_int(struct reader *reader, const struct reader_field *field,
                int64_t low, int64_t high, int64_t *out) {
  int64_t value = 0;
  if (wire_peek(&reader->cursor) != WIRE_TYPE_INT) {
    reader_reject(reader, WIRE_REJECT_WRONG_TYPE, WIRE_EXPECTED_INTEGER,
                  (struct evald_text){0});
    wire_skip(&reader->cursor);
    return false;
  }
  if (wire_try_int(&reader->cursor, &value) && value >= low && value <= high) {
    *out = value;
    return true;
  }
  reader_reject(reader, WIRE_REJECT_OUT_OF_RANGE, field->expected,
                (struct evald_text){0});
  return false;
}
