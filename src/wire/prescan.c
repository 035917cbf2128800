/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/prescan.h"

#include "base/fault.h"
#include "base/utf8.h"
#include <string.h>

#if defined(__GNUC__)
#define WIRE_COLD __attribute__((cold, noinline))
#else
#define WIRE_COLD
#endif

const struct wire_limits wire_limits_default = {
    .bytes = (size_t)1 << 20, .depth = 8, .text = (size_t)1 << 16};

/* A key that was seen: where it is, and a hash that tells keys apart. */
struct key {
  uint32_t offset, hash;
};

/* An open container. `filter` has a bit for each key seen: only where the bit
 * of a new key is set already are the keys compared. */
struct level {
  bool is_map;
  uint32_t left;  /* elements, pairs of a map, to come */
  uint32_t taken; /* elements so far, for the path */
  uint64_t filter;
  struct evald_text key; /* the one whose value is being read */
};

struct scan {
  struct wire_cursor cursor;
  const struct wire_limits *limits;
  unsigned depth; /* of open containers */
  struct level levels[WIRE_DEPTH_MAX];
  struct key keys[WIRE_DEPTH_MAX][WIRE_KEYS_MAX];
  struct wire_problem problem;
};

/* "funds.total", "indicators[3].name": from the open containers. */
static void write_path(const struct scan *scan, char out[WIRE_KEY_PATH]) {
  size_t length = 0;
  out[0] = '\0';
  for (unsigned i = 0; i < scan->depth && length + 1 < WIRE_KEY_PATH; i++) {
    const struct level *level = &scan->levels[i];
    char *to = out + length;
    size_t room = WIRE_KEY_PATH - length;
    if (!level->is_map) {
      length += fault_print(to, room, "[%u]", level->taken);
    } else if (level->key.data) {
      length += fault_print(to, room, "%s%.*s", length ? "." : "",
                            (int)level->key.size, level->key.data);
    }
  }
}

WIRE_COLD
static bool fail(struct scan *scan, enum wire_reject code, size_t offset,
                 enum wire_expected expected) {
  scan->problem = (struct wire_problem){
      .code = (uint8_t)code, .expected = (uint8_t)expected, .offset = offset};
  write_path(scan, scan->problem.key);
  return false;
}

/* The word with all but its first `size` bytes, in memory, made zero. */
static uint64_t first_bytes(uint64_t word, size_t size) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return word & ((UINT64_C(1) << 8 * size) - 1);
#else
  return size == 0 ? 0 : word >> (64 - 8 * size) << (64 - 8 * size);
#endif
}

/* The first eight bytes of a text, zeros behind a shorter one. */
static uint64_t word_of(const struct scan *scan, struct evald_text text) {
  uint64_t word = 0;
  const char *end = (const char *)scan->cursor.end;
  if (end - text.data >= (ptrdiff_t)sizeof word) {
    memcpy(&word, text.data, sizeof word);
    return text.size < sizeof word ? first_bytes(word, text.size) : word;
  }
  memcpy(&word, text.data, text.size);
  return word;
}

/* Whether a text is valid, given its first word: nearly all keys and figures
 * are short and ASCII, so that one look is enough. */
static bool valid(const struct scan *scan, struct evald_text text,
                  uint64_t word) {
  if (text.size <= sizeof word && !(word & UINT64_C(0x8080808080808080))) {
    return true;
  }
  return utf8_valid_within(text.data, text.size,
                           (const char *)scan->cursor.end);
}

/* The first eight bytes, the last one and the size: equal keys have equal
 * hashes, and of those that one map holds nearly all differ. (What the hash is
 * depends on the machine's byte order; whether keys are equal does not.) */
static uint32_t hash_of(struct evald_text key, uint64_t word) {
  if (key.size > sizeof word) {
    word ^= (uint64_t)(unsigned char)key.data[key.size - 1] << 32;
  }
  return (uint32_t)((word + key.size) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static bool same_key(const struct scan *scan, uint32_t offset,
                     struct evald_text key) {
  struct wire_cursor other = scan->cursor;
  other.at = other.begin + offset;
  return evald_text_equal(wire_get_text(&other), key);
}

static bool seen(const struct scan *scan, const struct key *keys,
                 unsigned count, struct key new, struct evald_text key) {
  for (unsigned i = 0; i < count; i++) {
    if (keys[i].hash == new.hash && same_key(scan, keys[i].offset, key)) {
      return true;
    }
  }
  return false;
}

/* A key was read: remember it, refuse it where it was there before. */
static bool note_key(struct scan *scan, struct level *level,
                     struct evald_text key, struct key new) {
  struct key *keys = scan->keys[scan->depth - 1];
  uint64_t bit = UINT64_C(1) << (new.hash >> 26);
  level->key = key;
  if ((level->filter & bit) && seen(scan, keys, level->taken, new, key)) {
    return fail(scan, WIRE_REJECT_DUPLICATE_KEY, new.offset,
                WIRE_EXPECTED_NOTHING);
  }
  level->filter |= bit;
  keys[level->taken++] = new;
  return true;
}

/* Why a text or binary could not be taken: does it end early, or does it claim
 * what no message may hold? */
static bool fail_bytes(struct scan *scan, size_t offset) {
  struct wire_cursor ahead = scan->cursor;
  ahead.failed = false;
  size_t size = wire_peek_size(&ahead);
  return fail(scan,
              size > scan->limits->text ? WIRE_REJECT_FALSE_COUNT
                                        : WIRE_REJECT_TRUNCATED,
              offset, WIRE_EXPECTED_NOTHING);
}

/* A text; where it is a key of `level`, which is NULL for a value. */
static bool scan_text(struct scan *scan, struct level *level) {
  size_t offset = wire_cursor_offset(&scan->cursor);
  struct evald_text text = wire_get_text(&scan->cursor);
  if (scan->cursor.failed) return fail_bytes(scan, offset);
  if (text.size > scan->limits->text) {
    return fail(scan, WIRE_REJECT_TOO_LONG, offset, WIRE_EXPECTED_NOTHING);
  }
  uint64_t word = word_of(scan, text);
  if (!valid(scan, text, word)) {
    size_t begin = wire_cursor_offset(&scan->cursor) - text.size;
    size_t good = utf8_cut(text.data, text.size, text.size);
    return fail(scan, WIRE_REJECT_INVALID_UTF8, begin + good,
                WIRE_EXPECTED_NOTHING);
  }
  if (!level) return true;
  struct key key = {(uint32_t)offset, hash_of(text, word)};
  return note_key(scan, level, text, key);
}

static bool scan_binary(struct scan *scan) {
  size_t offset = wire_cursor_offset(&scan->cursor);
  struct wire_bytes bytes = wire_get_binary(&scan->cursor);
  if (scan->cursor.failed) return fail_bytes(scan, offset);
  if (bytes.size > scan->limits->text) {
    return fail(scan, WIRE_REJECT_TOO_LONG, offset, WIRE_EXPECTED_NOTHING);
  }
  return true;
}

static bool open_container(struct scan *scan, bool is_map) {
  struct wire_cursor *cursor = &scan->cursor;
  size_t offset = wire_cursor_offset(cursor);
  size_t count = is_map ? wire_get_map(cursor) : wire_get_array(cursor);
  if (cursor->failed) {
    cursor->failed = false;
    bool cut = wire_peek_size(cursor) == 0;
    return fail(scan, cut ? WIRE_REJECT_TRUNCATED : WIRE_REJECT_FALSE_COUNT,
                offset, WIRE_EXPECTED_NOTHING);
  }
  if (is_map && count > WIRE_KEYS_MAX) {
    return fail(scan, WIRE_REJECT_TOO_MANY_KEYS, offset, WIRE_EXPECTED_KEYS);
  }
  if (scan->depth >= scan->limits->depth || scan->depth == WIRE_DEPTH_MAX) {
    return fail(scan, WIRE_REJECT_TOO_DEEP, offset, WIRE_EXPECTED_NOTHING);
  }
  scan->levels[scan->depth++] =
      (struct level){.is_map = is_map, .left = (uint32_t)count};
  return true;
}

/* One value, of whatever type. Its container has counted it already. */
static bool scan_value(struct scan *scan) {
  size_t offset = wire_cursor_offset(&scan->cursor);
  switch (wire_peek(&scan->cursor)) {
  case WIRE_TYPE_TEXT:
    return scan_text(scan, NULL);
  case WIRE_TYPE_BINARY:
    return scan_binary(scan);
  case WIRE_TYPE_ARRAY:
    return open_container(scan, false);
  case WIRE_TYPE_MAP:
    return open_container(scan, true);
  case WIRE_TYPE_NIL:
  case WIRE_TYPE_BOOL:
  case WIRE_TYPE_INT:
  case WIRE_TYPE_FLOAT:
    wire_skip(&scan->cursor);
    if (!scan->cursor.failed) return true;
    return fail(scan, WIRE_REJECT_TRUNCATED, offset, WIRE_EXPECTED_NOTHING);
  case WIRE_TYPE_END:
    return fail(scan, WIRE_REJECT_TRUNCATED, offset, WIRE_EXPECTED_NOTHING);
  case WIRE_TYPE_OTHER:
  default:
    return fail(scan, WIRE_REJECT_BAD_BYTE, offset, WIRE_EXPECTED_NOTHING);
  }
}

static bool scan_key(struct scan *scan, struct level *level) {
  level->key = (struct evald_text){0};
  enum wire_type type = wire_peek(&scan->cursor);
  if (type == WIRE_TYPE_TEXT) return scan_text(scan, level);
  return fail(scan,
              type == WIRE_TYPE_END ? WIRE_REJECT_TRUNCATED
                                    : WIRE_REJECT_WRONG_TYPE,
              wire_cursor_offset(&scan->cursor), WIRE_EXPECTED_TEXT);
}

/* The elements of the innermost container, up to one that opens another. */
static bool scan_elements(struct scan *scan) {
  unsigned depth = scan->depth;
  struct level *level = &scan->levels[depth - 1];
  while (level->left > 0 && scan->depth == depth) {
    level->left--;
    if (level->is_map && !scan_key(scan, level)) return false;
    if (!scan_value(scan)) return false;
    /* An array counts an element once it is passed, so that the path inside
     * shows its own index; for a container that is when it closes. */
    if (!level->is_map && scan->depth == depth) level->taken++;
  }
  return true;
}

static void close_container(struct scan *scan) {
  scan->depth--;
  if (scan->depth == 0) return;
  struct level *outer = &scan->levels[scan->depth - 1];
  if (!outer->is_map) outer->taken++;
}

/* One value with all that is inside it. */
static bool scan_whole(struct scan *scan) {
  if (!scan_value(scan)) return false;
  while (scan->depth > 0) {
    if (scan->levels[scan->depth - 1].left == 0) {
      close_container(scan);
    } else if (!scan_elements(scan)) {
      return false;
    }
  }
  return true;
}

static bool scan_message(struct scan *scan) {
  if (!scan_whole(scan)) return false;
  if (scan->cursor.at == scan->cursor.end) return true;
  return fail(scan, WIRE_REJECT_TRAILING_BYTES,
              wire_cursor_offset(&scan->cursor), WIRE_EXPECTED_NOTHING);
}

enum evald_status wire_prescan(struct wire_bytes message,
                               const struct wire_limits *limits,
                               struct wire_rejects *rejects) {
  struct scan scan; /* its large arrays stay as they are until used */
  scan.cursor = wire_cursor_of(message);
  scan.limits = limits;
  scan.depth = 0;
  bool fine = message.size <= limits->bytes && message.size <= UINT32_MAX
                  ? scan_message(&scan)
                  : fail(&scan, WIRE_REJECT_OVERSIZED, limits->bytes,
                         WIRE_EXPECTED_NOTHING);
  if (fine) return EVALD_OK;
  wire_reject_add(rejects, scan.problem);
  return EVALD_REJECTED;
}

bool wire_prescan_value(struct wire_cursor *cursor,
                        const struct wire_limits *limits, unsigned open) {
  struct wire_limits inside = *limits;
  if (inside.depth > WIRE_DEPTH_MAX) inside.depth = WIRE_DEPTH_MAX;
  inside.depth = inside.depth > open ? inside.depth - open : 0;
  struct scan scan; /* as above */
  scan.cursor = *cursor;
  scan.limits = &inside;
  scan.depth = 0;
  bool fine = scan_whole(&scan);
  *cursor = scan.cursor;
  return fine;
}

bool wire_sound(struct wire_bytes bytes) {
  static const struct wire_limits limits = {.bytes = (size_t)64 << 20,
                                            .depth = WIRE_DEPTH_MAX,
                                            .text = (size_t)16 << 20};
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  return wire_prescan(bytes, &limits, &rejects) == EVALD_OK;
}
