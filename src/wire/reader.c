/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/reader.h"

#include "base/bytes.h"
#include "base/fault.h"
#include "base/utf8.h"

enum { KEY_SHOWN = 40 };

/* What must not become part of its caller. */
#if defined(__GNUC__)
#define READER_APART __attribute__((noinline))
#else
#define READER_APART
#endif

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

/* On trial: a key of the producer's own, once in its map, and its value. */
static bool try_own(struct reader *reader, struct place *place,
                    struct evald_text key) {
  for (unsigned i = 0; i < place->own_count; i++) {
    if (evald_text_equal(place->own[i], key)) return false;
  }
  if (place->own_count == OWN_KEYS_MAX) return false;
  place->own[place->own_count++] = key;
  if (!begins_with_x(key) || !reader_sound(reader, key)) return false;
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

/* Opens a map of a few pairs that has as many bytes behind it as they need. */
static inline bool open_few(struct reader *reader, size_t *pairs) {
  enum { FEW = 16, FEW_BYTES = 2 * FEW };
  struct wire_cursor *cursor = &reader->cursor;
  const uint8_t *at = cursor->at;
  if (cursor->end - at <= FEW_BYTES || (*at & 0xF0) != 0x80) return false;
  *pairs = *at & 15U;
  cursor->at = at + 1;
  return true;
}

/* Opens any map; what is none is a problem, and passed. */
static bool open_map(struct reader *reader, size_t *pairs) {
  bool is_map = wire_peek(&reader->cursor) == WIRE_TYPE_MAP;
  if (is_map) {
    *pairs = wire_get_map(&reader->cursor);
  } else {
    reader->value_at = wire_cursor_offset(&reader->cursor);
    reader_reject(reader, WIRE_REJECT_WRONG_TYPE, WIRE_EXPECTED_MAP,
                  (struct evald_text){0});
    wire_skip(&reader->cursor);
  }
  return is_map;
}

/* On trial: the pairs from the first one on that did not come in order or was
 * no ordinary value. Which of all rows had a value. Few maps need it, and each
 * would pay for it were it a part of reader_map(). */
READER_APART static uint64_t try_rest(struct reader *reader,
                                      const struct reader_table *table,
                                      void *into, struct reader_pairs pairs) {
  struct place place;
  place.pairs = pairs;
  place.own_count = 0;
  place.nils = 0;
  while (place.pairs.left > 0 && !reader->cursor.failed) {
    take_pairs(reader, table, into, &place.pairs);
    if (place.pairs.left == 0) break;
    (void)read_pair(reader, table, into, &place);
    place.pairs.left--;
  }
  return place.pairs.keys & ~place.nils;
}

/* Of a message that was pre-scanned. */
READER_APART static void read_pairs(struct reader *reader,
                                    const struct reader_table *table,
                                    void *into, struct reader_seen *seen) {
  struct place place = {.own_count = 0};
  size_t pairs = 0;
  if (!open_map(reader, &pairs)) return;
  for (; pairs > 0 && !reader->cursor.failed; pairs--) {
    size_t at = wire_cursor_offset(&reader->cursor);
    if (!read_pair(reader, table, into, &place) || !seen) continue;
    seen->rows |= UINT64_C(1) << (place.pairs.next - 1);
    seen->at[place.pairs.next - 1] = (uint32_t)at;
  }
}

void reader_map(struct reader *reader, const struct reader_table *table,
                void *into, struct reader_seen *seen) {
  if (!reader->on_trial) {
    read_pairs(reader, table, into, seen);
    return;
  }
  struct reader_pairs pairs = {0};
  if (!open_few(reader, &pairs.left) && !open_map(reader, &pairs.left)) return;
  table->in_order(reader, into, &pairs);
  uint64_t rows =
      pairs.left == 0 ? pairs.keys : try_rest(reader, table, into, pairs);
  if (seen) seen->rows = rows;
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
