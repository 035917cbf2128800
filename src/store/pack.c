/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pack_inside.h"

#include "base/fault.h"
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum store_key pack_key(enum pack_kind kind) {
  static const enum store_key keys[PACK_KIND_COUNT] = {
#define X(name, key, size) key,
      PACK_KIND_LIST(X)
#undef X
  };
  return keys[kind];
}

struct pack *pack_of(struct store *store) {
  if (!store->pack) store->pack = calloc(1, sizeof *store->pack);
  return store->pack;
}

static void dictionary_free(struct pack_dictionary *dictionary) {
  (void)ZSTD_freeDDict(dictionary->reading);
  (void)ZSTD_freeCDict(dictionary->writing);
  free(dictionary->bytes);
}

void pack_forget(struct pack *pack) {
  if (!pack) return;
  for (size_t i = 0; i < pack->count; i++) {
    dictionary_free(&pack->dictionaries[i]);
  }
  pack->count = 0;
  memset(pack->tried, 0, sizeof pack->tried);
}

void pack_free(struct pack *pack) {
  if (!pack) return;
  pack_forget(pack);
  (void)ZSTD_freeDCtx(pack->unpacker);
  (void)ZSTD_freeCCtx(pack->packer);
  free(pack);
}

/* --- dictionaries --- */

bool pack_name_parse(struct evald_text name, struct pack_dictionary *out) {
  for (int kind = 0; kind < PACK_KIND_COUNT; kind++) {
    const char *prefix = store_key_name(pack_key((enum pack_kind)kind));
    size_t size = strlen(prefix);
    if (name.size <= size || memcmp(name.data, prefix, size) != 0) continue;
    struct evald_text number = {name.data + size + 1, name.size - size - 1};
    struct pack_dictionary found = {.kind = (enum pack_kind)kind};
    if (name.data[size] != ':' || !link_integer(number, &found.number) ||
        found.number < 1 || found.number > PACK_NUMBER_MAX) {
      return false;
    }
    *out = found;
    return true;
  }
  return false;
}

struct pack_dictionary *pack_find(struct pack *pack, enum pack_kind kind,
                                  int64_t number) {
  struct pack_dictionary *newest = NULL;
  for (size_t i = 0; i < pack->count; i++) {
    struct pack_dictionary *item = &pack->dictionaries[i];
    if (item->kind != kind) continue;
    if (item->number == number) return item;
    if (!newest || item->number > newest->number) newest = item;
  }
  return number == 0 ? newest : NULL;
}

void pack_write_name(struct resp *out, enum pack_kind kind, int64_t number) {
  char name[48];
  size_t size = fault_print(name, sizeof name, "%s:%lld",
                            store_key_name(pack_key(kind)), (long long)number);
  resp_bytes(out, name, size);
}

bool pack_is_dictionary(const struct pack_dictionary *dictionary,
                        const redisReply *reply) {
  return evald_text_equal(
      link_text(reply),
      (struct evald_text){dictionary->bytes, dictionary->size});
}

static bool is_among(const struct pack_dictionary *dictionary,
                     const redisReply *reply) {
  struct pack_dictionary name;
  for (size_t i = 0; i + 1 < reply->elements; i += 2) {
    if (pack_name_parse(link_text(reply->element[i]), &name) &&
        name.kind == dictionary->kind && name.number == dictionary->number) {
      return pack_is_dictionary(dictionary, reply->element[i + 1]);
    }
  }
  return false;
}

/* A store that was emptied, or put back to an older past, has others. */
static void drop_others(struct pack *pack, const redisReply *reply) {
  size_t kept = 0;
  for (size_t i = 0; i < pack->count; i++) {
    struct pack_dictionary *item = &pack->dictionaries[i];
    if (is_among(item, reply)) {
      pack->dictionaries[kept++] = *item;
    } else {
      pack->tried[item->kind] = 0;
      dictionary_free(item);
    }
  }
  pack->count = kept;
}

static enum evald_status keep(struct pack *pack, struct evald_text name,
                              struct evald_text bytes) {
  struct pack_dictionary item;
  if (!pack_name_parse(name, &item) || !bytes.data ||
      pack_find(pack, item.kind, item.number) ||
      pack->count == PACK_DICTIONARIES_MAX) {
    return EVALD_OK;
  }
  item.bytes = malloc(bytes.size + 1);
  if (!item.bytes) return EVALD_MEMORY;
  memcpy(item.bytes, bytes.data, bytes.size);
  item.size = bytes.size;
  pack->dictionaries[pack->count++] = item;
  return EVALD_OK;
}

enum evald_status pack_fetch(struct store *store, struct evald_fault *fault) {
  struct pack *pack = pack_of(store);
  if (!pack) return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  redisReply *reply = NULL;
  resp_clear(&store->out, SIZE_MAX);
  store->sent = 0;
  resp_command(&store->out, 2, "HGETALL");
  resp_key(&store->out, STORE_KEY_DICTIONARIES, NULL);
  enum evald_status status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  status = link_expect(store, "HGETALL dictionaries", REDIS_REPLY_ARRAY, &reply,
                       fault);
  if (status == EVALD_OK) drop_others(pack, reply);
  for (size_t i = 0; status == EVALD_OK && i + 1 < reply->elements; i += 2) {
    status = keep(pack, link_text(reply->element[i]),
                  link_text(reply->element[i + 1]));
  }
  return status;
}

/* --- unpacking --- */

/* [0, number, bytes]: what stands before the bytes. */
struct envelope {
  int64_t number;
  struct evald_text bytes;
};

/* A big-endian integer of `size` bytes at `at`; it must lie in the value. */
static bool get_number(struct evald_text value, size_t at, size_t size,
                       uint64_t *out) {
  uint64_t number = 0;
  if (at + size > value.size) return false;
  for (size_t i = 0; i < size; i++) {
    number = number << 8 | (uint8_t)value.data[at + i];
  }
  *out = number;
  return true;
}

/* msgpack's heads of one, two and four bytes stand one behind the other:
 * `first` is that of one byte. Returns how long the number is; 0: none. */
static size_t width_of(uint8_t head, uint8_t first) {
  return head >= first && head <= first + 2 ? (size_t)1 << (head - first) : 0;
}

enum { ARRAY_OF_3 = 0x93, PACKED = 0, UINT_8 = 0xcc, BIN_8 = 0xc4, FIX = 0x7f };

bool pack_is_packed(struct evald_text value) {
  return value.data && value.size > 4 && (uint8_t)value.data[0] == ARRAY_OF_3 &&
         value.data[1] == PACKED;
}

static bool read_envelope(struct evald_text value, struct envelope *out) {
  uint64_t number = (uint8_t)value.data[2], size = 0;
  size_t at = 3, width = width_of((uint8_t)value.data[2], UINT_8);
  if (width == 0 && number > FIX) return false;
  if (width > 0 && !get_number(value, at, width, &number)) return false;
  at += width;
  if (at >= value.size) return false;
  width = width_of((uint8_t)value.data[at++], BIN_8);
  if (width == 0 || !get_number(value, at, width, &size)) return false;
  at += width;
  if (value.size - at != size || number > PACK_NUMBER_MAX) return false;
  *out = (struct envelope){(int64_t)number, {value.data + at, (size_t)size}};
  return true;
}

/* Replaces the answer's bytes: hiredis takes them from malloc and gives them
 * back with free. */
static void replace(redisReply *value, char *bytes, size_t size) {
  bytes[size] = '\0';
  free(value->str);
  value->str = bytes;
  value->len = size;
}

/* A run over answers of one kind. */
struct opening {
  struct store *store;
  enum pack_kind kind;
  bool fetched; /* the dictionaries were read from the store: once a run */
  size_t left;  /* bytes that values may yet unpack to */
  bool full;    /* a value would have been more */
};

/* A value that cannot be unpacked stays as it is: `*done` is false. */
static enum evald_status unpack(struct opening *opening, redisReply *value,
                                const struct envelope *envelope,
                                struct pack_dictionary *dictionary,
                                bool *done) {
  struct pack *pack = opening->store->pack;
  const struct evald_text *from = &envelope->bytes;
  unsigned long long size = ZSTD_getFrameContentSize(from->data, from->size);
  if (size > STORE_PACK_MAX) return EVALD_OK; /* or an error, which is larger */
  opening->full = size > opening->left;
  if (opening->full) return EVALD_OK;
  if (!pack->unpacker) pack->unpacker = ZSTD_createDCtx();
  if (!dictionary->reading) {
    dictionary->reading = ZSTD_createDDict(dictionary->bytes, dictionary->size);
  }
  char *bytes = malloc((size_t)size + 1);
  if (!bytes || !pack->unpacker || !dictionary->reading) {
    free(bytes);
    return EVALD_MEMORY;
  }
  size_t got =
      ZSTD_decompress_usingDDict(pack->unpacker, bytes, (size_t)size,
                                 from->data, from->size, dictionary->reading);
  *done = got == size;
  if (*done) {
    opening->left -= got;
    replace(value, bytes, got);
  } else {
    free(bytes);
  }
  return EVALD_OK;
}

static enum evald_status fetch_once(struct opening *opening,
                                    struct evald_fault *fault) {
  if (opening->fetched) return EVALD_OK;
  opening->fetched = true;
  return pack_fetch(opening->store, fault);
}

static enum evald_status look_up(struct opening *opening, int64_t number,
                                 struct pack_dictionary **out,
                                 struct evald_fault *fault) {
  struct pack *pack = pack_of(opening->store);
  if (!pack) return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  *out = pack_find(pack, opening->kind, number);
  if (*out) return EVALD_OK;
  enum evald_status status = fetch_once(opening, fault);
  if (status == EVALD_OK) *out = pack_find(pack, opening->kind, number);
  return status;
}

static enum evald_status try_one(struct opening *opening, redisReply *value,
                                 const struct envelope *envelope, bool *done,
                                 struct evald_fault *fault) {
  struct pack_dictionary *dictionary = NULL;
  enum evald_status status =
      look_up(opening, envelope->number, &dictionary, fault);
  if (status != EVALD_OK || !dictionary) return status;
  status = unpack(opening, value, envelope, dictionary, done);
  if (status == EVALD_OK) return status;
  return evald_fault_set(fault, status, NULL, "no memory to unpack a value");
}

/* Where it cannot be unpacked the dictionary may be one that the store had
 * before it was emptied. */
static enum evald_status open_one(struct opening *opening, redisReply *value,
                                  struct evald_fault *fault) {
  struct evald_text text = link_text(value);
  struct envelope envelope;
  bool done = false;
  if (!pack_is_packed(text) || !read_envelope(text, &envelope)) return EVALD_OK;
  enum evald_status status = try_one(opening, value, &envelope, &done, fault);
  if (status != EVALD_OK || done || opening->full || opening->fetched)
    return status;
  status = fetch_once(opening, fault);
  if (status != EVALD_OK) return status;
  return try_one(opening, value, &envelope, &done, fault);
}

static bool kind_of(enum store_key key, enum pack_kind *out) {
  for (int kind = 0; kind < PACK_KIND_COUNT; kind++) {
    if (pack_key((enum pack_kind)kind) != key) continue;
    *out = (enum pack_kind)kind;
    return true;
  }
  return false;
}

enum evald_status pack_open(struct store *store, enum store_key key,
                            redisReply **values, size_t count,
                            struct evald_fault *fault) {
  struct opening opening = {.store = store, .left = store->options.unpack_max};
  enum evald_status status = EVALD_OK;
  if (!kind_of(key, &opening.kind)) return EVALD_OK;
  size_t i = 0;
  for (; i < count && status == EVALD_OK; i++) {
    status = open_one(&opening, values[i], fault);
    if (opening.full) break;
  }
  if (store->pack) store->pack->opened = i;
  return status;
}
