/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/reader.h"

#include "base/bytes.h"
#include "base/fault.h"
#include "base/utf8.h"
#include "wire/number.h"
#include <string.h>

enum { KEY_SHOWN = 40 };

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

void reader_push_key(struct reader *reader, const struct evald_text *key) {
  reader->steps[reader->depth++].key = key;
}

void reader_push_index(struct reader *reader, size_t index) {
  reader->steps[reader->depth++] = (struct reader_step){.index = index};
}

void reader_pop(struct reader *reader) {
  reader->depth--;
}

static size_t print_step(char *out, size_t room, bool first,
                         const struct reader_step *step) {
  const struct evald_text *key = step->key;
  if (!key) return fault_print(out, room, "[%zu]", step->index);
  size_t shown = utf8_cut(key->data, key->size, KEY_SHOWN);
  return fault_print(out, room, "%s%.*s", first ? "" : ".", (int)shown,
                     key->data);
}

static void write_path(const struct reader *reader, char out[WIRE_KEY_PATH]) {
  size_t length = 0;
  out[0] = '\0';
  for (unsigned i = 0; i < reader->depth; i++) {
    length += print_step(out + length, WIRE_KEY_PATH - length, i == 0,
                         &reader->steps[i]);
  }
}

/* A problem; on trial the end of the reading. */
static void add_problem(struct reader *reader, struct wire_problem problem) {
  if (reader->on_trial) {
    wire_cursor_fail(&reader->cursor);
    return;
  }
  write_path(reader, problem.key);
  wire_reject_add(reader->rejects, problem);
}

void reader_reject(struct reader *reader, enum wire_reject code,
                   enum wire_expected expected, struct evald_text printed) {
  add_problem(reader, (struct wire_problem){.code = (uint8_t)code,
                                            .offset = reader->value_at,
                                            .expected = (uint8_t)expected,
                                            .printed = printed});
}

void reader_problem_at(struct reader *reader, enum wire_reject code,
                       struct evald_text key, size_t offset) {
  reader_push_key(reader, &key);
  add_problem(reader,
              (struct wire_problem){.code = (uint8_t)code, .offset = offset});
  reader_pop(reader);
}

/* Keys of its own that a map may have without ending a trial. */
enum { OWN_KEYS_MAX = 8 };

/* How far a map has been read, besides: the rows whose value was nil, and on
 * trial the producer's own keys. */
struct place {
  struct reader_pairs pairs;
  unsigned own_count;
  uint64_t nils;
  struct evald_text own[OWN_KEYS_MAX];
};

static bool begins_with_x(struct evald_text key) {
  return key.size >= 2 && key.data[0] == 'x' && key.data[1] == '_';
}

static inline bool is_key(const struct reader_field *field,
                          struct evald_text key) {
  return field->key.size == key.size &&
         bytes_equal(field->key.data, key.data, key.size);
}

/* The row of a key; table->count where it has none. Producers send keys in one
 * order, so the row behind the last one found, `next`, is tried first. */
static unsigned find(const struct reader_table *table, struct evald_text key,
                     unsigned next) {
  if (next < table->count && is_key(&table->fields[next], key)) return next;
  if (begins_with_x(key)) return table->count;
  for (unsigned row = next + 1; row < table->count; row++) {
    if (is_key(&table->fields[row], key)) return row;
  }
  for (unsigned row = 0; row < next; row++) {
    if (is_key(&table->fields[row], key)) return row;
  }
  return table->count;
}

static void read_value(struct reader *reader, const struct reader_field *field,
                       void *into) {
  reader_push_key(reader, &field->key);
  reader->value_at = wire_cursor_offset(&reader->cursor);
  field->read(reader, field, (char *)into + field->offset);
  reader_pop(reader);
}

/* Whether a text is as the pre-scan wants it; a trial ends where not. Most are
 * short and ASCII, or short and Chinese. */
static bool sound(struct reader *reader, struct evald_text text) {
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

/* On trial: a key of the producer's own, once in its map, and its value. */
static bool try_own(struct reader *reader, struct place *place,
                    struct evald_text key) {
  for (unsigned i = 0; i < place->own_count; i++) {
    if (evald_text_equal(place->own[i], key)) return false;
  }
  if (place->own_count == OWN_KEYS_MAX) return false;
  place->own[place->own_count++] = key;
  if (!begins_with_x(key) || !sound(reader, key)) return false;
  struct wire_cursor *cursor = &reader->cursor;
  struct evald_text text;
  const uint8_t *behind = NULL;
  if (cursor->end - cursor->at >= QUICK_ROOM) {
    behind = quick_text(&reader->frame, cursor->at, &text);
  }
  if (behind) cursor->at = behind;
  if (behind) return true;
  /* Around the value is a container for each step, and the job. */
  return wire_prescan_value(cursor, reader->limits, reader->depth + 1);
}

/* Passes the value of a key that has no row. */
static void pass_unknown(struct reader *reader, struct place *place,
                         struct evald_text key, size_t key_at) {
  if (reader->on_trial) {
    if (!try_own(reader, place, key)) wire_cursor_fail(&reader->cursor);
    return;
  }
  if (!begins_with_x(key)) {
    reader_problem_at(reader, WIRE_REJECT_UNKNOWN_KEY, key, key_at);
  }
  wire_skip(&reader->cursor);
}

/* One pair of a map. Whether a row, the one before place->pairs.next, got a
 * value. */
static bool read_pair(struct reader *reader, const struct reader_table *table,
                      void *into, struct place *place) {
  size_t key_at = wire_cursor_offset(&reader->cursor);
  struct evald_text key = wire_get_text(&reader->cursor);
  unsigned row = find(table, key, place->pairs.next);
  if (row == table->count) {
    pass_unknown(reader, place, key, key_at);
    return false;
  }
  place->pairs.next = row + 1;
  uint64_t bit = UINT64_C(1) << row;
  if (place->pairs.keys & bit) { /* never once scanned */
    wire_cursor_fail(&reader->cursor);
    return false;
  }
  place->pairs.keys |= bit;
  if (wire_take_nil(&reader->cursor)) {
    place->nils |= bit;
    return false;
  }
  read_value(reader, &table->fields[row], into);
  return true;
}

/* The row whose key stands at `at`, `next` tried first; table->count where
 * none does. */
static inline unsigned find_quick(const struct reader_table *table,
                                  const uint8_t *at, unsigned next) {
  if (next < table->count && quick_key_is(at, &table->fields[next].quick)) {
    return next;
  }
  if (at[1] == 'x' && at[2] == '_') return table->count;
  for (unsigned row = next + 1; row < table->count; row++) {
    if (quick_key_is(at, &table->fields[row].quick)) return row;
  }
  for (unsigned row = 0; row < next; row++) {
    if (quick_key_is(at, &table->fields[row].quick)) return row;
  }
  return table->count;
}

/* Takes pairs as long as key and value are ordinary, in whatever order. */
static void take_pairs(struct reader *reader, const struct reader_table *table,
                       void *into, struct reader_pairs *pairs) {
  const uint8_t *at = reader->cursor.at;
  const uint8_t *end = reader->cursor.end;
  if (end - at < READER_PAIR_ROOM) return;
  const uint8_t *last = end - READER_PAIR_ROOM; /* where a pair may begin */
  for (; pairs->left > 0 && at <= last; pairs->left--, pairs->next++) {
    unsigned row = find_quick(table, at, pairs->next);
    uint64_t bit = UINT64_C(1) << row;
    pairs->next = row;
    if (row == table->count || (pairs->keys & bit)) break;
    const struct reader_field *field = &table->fields[row];
    const uint8_t *value = at + 1 + field->key.size;
    const uint8_t *behind =
        reader_quick(reader, field, value, (char *)into + field->offset);
    if (!behind) break;
    at = behind;
    pairs->keys |= bit;
  }
  reader->cursor.at = at;
}

/* The pairs of a map; a few, with as many bytes behind them as they need, at
 * once. */
static inline size_t reader_open_map(struct reader *reader) {
  enum { FEW = 16, FEW_BYTES = 2 * FEW };
  struct wire_cursor *cursor = &reader->cursor;
  if (cursor->end - cursor->at <= FEW_BYTES || (*cursor->at & 0xF0) != 0x80 ||
      cursor->failed) {
    return wire_get_map(cursor);
  }
  return *cursor->at++ & 15U;
}

static void try_map(struct reader *reader, const struct reader_table *table,
                    void *into, struct place *place) {
  struct reader_pairs *pairs = &place->pairs;
  pairs->left = reader_open_map(reader);
  table->in_order(reader, into, pairs);
  while (pairs->left > 0 && !reader->cursor.failed) {
    take_pairs(reader, table, into, pairs);
    if (pairs->left == 0) return;
    (void)read_pair(reader, table, into, place);
    pairs->left--;
  }
}

static void reject_map(struct reader *reader) {
  reader->value_at = wire_cursor_offset(&reader->cursor);
  reader_reject(reader, WIRE_REJECT_WRONG_TYPE, WIRE_EXPECTED_MAP,
                (struct evald_text){0});
  wire_skip(&reader->cursor);
}

void reader_map(struct reader *reader, const struct reader_table *table,
                void *into, struct reader_seen *seen) {
  if (wire_peek(&reader->cursor) != WIRE_TYPE_MAP) {
    reject_map(reader);
    return;
  }
  struct place place;
  place.pairs = (struct reader_pairs){0};
  place.own_count = 0;
  place.nils = 0;
  if (reader->on_trial) {
    try_map(reader, table, into, &place);
    if (seen) seen->rows = place.pairs.keys & ~place.nils;
    return;
  }
  size_t pairs = wire_get_map(&reader->cursor);
  for (; pairs > 0 && !reader->cursor.failed; pairs--) {
    size_t at = wire_cursor_offset(&reader->cursor);
    if (!read_pair(reader, table, into, &place) || !seen) continue;
    seen->rows |= UINT64_C(1) << (place.pairs.next - 1);
    seen->at[place.pairs.next - 1] = (uint32_t)at;
  }
}

size_t reader_array(struct reader *reader, size_t most,
                    enum wire_expected expected) {
  const struct evald_text nothing = {0};
  if (wire_peek(&reader->cursor) != WIRE_TYPE_ARRAY) {
    reader_reject(reader, WIRE_REJECT_WRONG_TYPE, WIRE_EXPECTED_ARRAY, nothing);
    wire_skip(&reader->cursor);
    return 0;
  }
  size_t count = wire_get_array(&reader->cursor);
  if (count > 0 && count <= most) return count;
  reader_reject(reader, count ? WIRE_REJECT_TOO_LONG : WIRE_REJECT_EMPTY_ARRAY,
                expected, nothing);
  wire_skip_many(&reader->cursor, count);
  return 0;
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
  return sound(reader, *out);
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
      if (!sound(reader, text)) return;
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
