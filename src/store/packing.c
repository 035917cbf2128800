/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pack_inside.h"

#include "base/fault.h"
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* Values of a kilobyte: beyond this level they hardly get smaller. */
enum { LEVEL = 9, HEAD_MAX = 16 };

/* A value that became smaller, in `bytes`. */
struct item {
  enum pack_kind kind;
  struct evald_text code;
  size_t at, size;
};

struct packing {
  struct store *store;
  const struct store_shard_key *shard;
  struct pack_dictionary *dictionaries[PACK_KIND_COUNT]; /* NULL: none */
  struct resp bytes;
  char *frame; /* of the value at work */
  size_t frame_capacity;
  struct item *items;
  size_t count, capacity;
  struct store_packed done;
};

static enum evald_status no_memory(struct evald_fault *fault) {
  return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory to pack values");
}

/* --- one value --- */

/* zstd's own context. The dictionary's id stays in the frame, four bytes: a
 * number may stand for another dictionary once a store was emptied, and by that
 * one a frame would be read as other bytes, as many as it should be. */
static ZSTD_CCtx *context_of(struct pack *pack) {
  if (pack->packer) return pack->packer;
  ZSTD_CCtx *context = ZSTD_createCCtx();
  if (context) {
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_dictIDFlag, 1);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0);
  }
  pack->packer = context;
  return context;
}

/* A number behind one of msgpack's heads: `first` is that of one byte, the
 * next ones those of two and four. */
static size_t put_sized(char *to, uint8_t first, uint64_t number) {
  unsigned shift = number > UINT16_MAX ? 2 : number > UINT8_MAX ? 1 : 0;
  size_t width = (size_t)1 << shift;
  to[0] = (char)(first + shift);
  for (size_t i = 0; i < width; i++) {
    to[1 + i] = (char)(uint8_t)(number >> 8 * (width - 1 - i));
  }
  return 1 + width;
}

/* [0, number, bytes] as far as the bytes. */
static size_t put_head(char *to, int64_t number, size_t size) {
  to[0] = (char)0x93;
  to[1] = 0;
  size_t at = 2;
  if (number <= INT8_MAX) {
    to[at++] = (char)number;
  } else {
    at += put_sized(to + at, 0xcc, (uint64_t)number);
  }
  return at + put_sized(to + at, 0xc4, size);
}

/* The frame; 0: no memory, or zstd would not. */
static size_t compress(struct packing *packing,
                       struct pack_dictionary *dictionary,
                       struct evald_text value) {
  ZSTD_CCtx *context = context_of(packing->store->pack);
  size_t most = ZSTD_compressBound(value.size);
  if (!dictionary->writing) {
    dictionary->writing =
        ZSTD_createCDict(dictionary->bytes, dictionary->size, LEVEL);
  }
  if (!context || !dictionary->writing ||
      !LINK_ROOM(packing->frame, packing->frame_capacity, most) ||
      ZSTD_isError(ZSTD_CCtx_refCDict(context, dictionary->writing))) {
    return 0;
  }
  size_t size =
      ZSTD_compress2(context, packing->frame, most, value.data, value.size);
  return ZSTD_isError(size) ? 0 : size;
}

/* A value that does not become smaller stays as it is. */
static bool pack_value(struct packing *packing, enum pack_kind kind,
                       struct evald_text code, struct evald_text value) {
  char head[HEAD_MAX];
  struct pack_dictionary *dictionary = packing->dictionaries[kind];
  if (!value.data || !dictionary || pack_is_packed(value)) return true;
  size_t size = compress(packing, dictionary, value);
  size_t head_size = put_head(head, dictionary->number, size);
  if (size == 0 || head_size + size >= value.size) return size > 0;
  if (!LINK_ROOM(packing->items, packing->capacity, packing->count + 1)) {
    return false;
  }
  packing->items[packing->count++] =
      (struct item){kind, code, packing->bytes.size, head_size + size};
  resp_raw(&packing->bytes, head, head_size);
  resp_raw(&packing->bytes, packing->frame, size);
  packing->done.values++;
  packing->done.before += value.size;
  packing->done.after += head_size + size;
  return true;
}

/* --- reading what to pack --- */

/* Those that are at work are read again. */
static void write_dictionaries(struct packing *packing) {
  struct resp *out = &packing->store->out;
  size_t count = 0;
  for (int kind = 0; kind < PACK_KIND_COUNT; kind++) {
    count += packing->dictionaries[kind] != NULL;
  }
  resp_command(out, 2 + count, "HMGET");
  resp_key(out, STORE_KEY_DICTIONARIES, NULL);
  for (int kind = 0; kind < PACK_KIND_COUNT; kind++) {
    const struct pack_dictionary *at_work = packing->dictionaries[kind];
    if (at_work) pack_write_name(out, at_work->kind, at_work->number);
  }
}

/* What is packed by a dictionary that the store lost is lost with it. */
static bool are_there(const struct packing *packing, const redisReply *reply) {
  size_t at = 0;
  for (int kind = 0; kind < PACK_KIND_COUNT; kind++) {
    const struct pack_dictionary *at_work = packing->dictionaries[kind];
    if (!at_work) continue;
    if (at == reply->elements ||
        !pack_is_dictionary(at_work, reply->element[at++])) {
      return false;
    }
  }
  return true;
}

static void write_reading(struct packing *packing, struct store_fields codes) {
  struct resp *out = &packing->store->out;
  resp_command(out, 1, "UNWATCH"); /* what a packing given up left watched */
  resp_command(out, 4, "WATCH");
  resp_key(out, STORE_KEY_AGGREGATE, packing->shard);
  resp_key(out, STORE_KEY_PACKED, packing->shard);
  resp_key(out, STORE_KEY_DICTIONARIES, NULL);
  write_dictionaries(packing);
  for (int kind = 0; kind < PACK_KIND_COUNT; kind++) {
    resp_command(out, 2 + codes.count, "HMGET");
    resp_key(out, pack_key((enum pack_kind)kind), packing->shard);
    for (size_t i = 0; i < codes.count; i++) {
      resp_text(out, codes.items[i]);
    }
  }
}

static enum evald_status pack_all(struct packing *packing, enum pack_kind kind,
                                  struct store_fields codes,
                                  const redisReply *reply,
                                  struct evald_fault *fault) {
  for (size_t i = 0; i < codes.count && i < reply->elements; i++) {
    if (!pack_value(packing, kind, codes.items[i],
                    link_text(reply->element[i]))) {
      return no_memory(fault);
    }
  }
  return packing->bytes.failed ? no_memory(fault) : EVALD_OK;
}

static enum evald_status read_and_pack(struct packing *packing,
                                       struct store_fields codes,
                                       struct evald_fault *fault) {
  struct store *store = packing->store;
  redisReply *replies[PACK_KIND_COUNT] = {NULL}, *dictionaries = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  write_reading(packing, codes);
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  status = link_expect(store, "UNWATCH", REDIS_REPLY_STATUS, NULL, fault);
  status = link_first(
      status, link_expect(store, "WATCH", REDIS_REPLY_STATUS, NULL, fault));
  status =
      link_first(status, link_expect(store, "HMGET dictionaries",
                                     REDIS_REPLY_ARRAY, &dictionaries, fault));
  for (int kind = 0; kind < PACK_KIND_COUNT; kind++) {
    status = link_first(status, link_expect(store, "HMGET", REDIS_REPLY_ARRAY,
                                            &replies[kind], fault));
  }
  if (status == EVALD_OK && !are_there(packing, dictionaries)) {
    return EVALD_INTERFERED;
  }
  for (int kind = 0; kind < PACK_KIND_COUNT && status == EVALD_OK; kind++) {
    status =
        pack_all(packing, (enum pack_kind)kind, codes, replies[kind], fault);
  }
  return status;
}

/* --- writing it back --- */

static size_t count_of(const struct packing *packing, enum pack_kind kind) {
  size_t count = 0;
  for (size_t i = 0; i < packing->count; i++) {
    count += packing->items[i].kind == kind;
  }
  return count;
}

/* Returns how many commands were written. */
static int write_values(struct packing *packing, enum pack_kind kind) {
  struct resp *out = &packing->store->out;
  size_t count = count_of(packing, kind);
  if (count == 0) return 0;
  resp_command(out, 2 + 2 * count, "HSET");
  resp_key(out, pack_key(kind), packing->shard);
  for (size_t i = 0; i < packing->count; i++) {
    const struct item *item = &packing->items[i];
    if (item->kind != kind) continue;
    resp_text(out, item->code);
    resp_bytes(out, packing->bytes.data + item->at, item->size);
  }
  return 1;
}

static int write_back(struct packing *packing, const struct store_mark *mark) {
  struct resp *out = &packing->store->out;
  char text[48];
  int commands = 1;
  size_t size = fault_print(text, sizeof text, "%lld:%lld",
                            (long long)mark->epoch, (long long)mark->seq);
  resp_command(out, 1, "MULTI");
  for (int kind = 0; kind < PACK_KIND_COUNT; kind++) {
    commands += write_values(packing, (enum pack_kind)kind);
  }
  resp_command(out, 3, "SET");
  resp_key(out, STORE_KEY_PACKED, packing->shard);
  resp_bytes(out, text, size);
  resp_command(out, 1, "EXEC");
  return commands;
}

static enum evald_status commit(struct packing *packing,
                                const struct store_mark *mark,
                                struct evald_fault *fault) {
  struct store *store = packing->store;
  redisReply *reply = NULL;
  resp_clear(&store->out, SIZE_MAX);
  store->sent = 0;
  int commands = write_back(packing, mark);
  enum evald_status status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  for (int i = 0; i <= commands; i++) { /* OK, and QUEUED for each */
    status = link_first(
        status, link_expect(store, "MULTI", REDIS_REPLY_STATUS, NULL, fault));
  }
  status = link_first(status, link_expect(store, "EXEC", 0, &reply, fault));
  if (status != EVALD_OK) return status;
  if (reply->type == REDIS_REPLY_NIL) return EVALD_INTERFERED;
  for (size_t i = 0; i < reply->elements && status == EVALD_OK; i++) {
    if (reply->element[i]->type != REDIS_REPLY_ERROR) continue;
    status = link_judge("HSET", reply->element[i], fault);
  }
  return status;
}

static enum evald_status find_dictionaries(struct packing *packing,
                                           struct evald_fault *fault) {
  bool any = false;
  struct pack *pack = pack_of(packing->store);
  if (!pack) return no_memory(fault);
  for (int kind = 0; kind < PACK_KIND_COUNT; kind++) {
    packing->dictionaries[kind] = pack_find(pack, (enum pack_kind)kind, 0);
    any |= packing->dictionaries[kind] != NULL;
  }
  if (any) return EVALD_OK;
  return evald_fault_set(fault, EVALD_NOT_FOUND, NULL, "no dictionary yet");
}

enum evald_status store_pack(struct store *store,
                             const struct store_shard_key *shard,
                             const struct store_pack_wish *wish,
                             struct store_packed *out,
                             struct evald_fault *fault) {
  struct packing packing = {.store = store, .shard = shard};
  enum evald_status status = find_dictionaries(&packing, fault);
  if (status == EVALD_OK) status = read_and_pack(&packing, wish->codes, fault);
  if (status == EVALD_OK) status = commit(&packing, &wish->mark, fault);
  if (status == EVALD_OK) *out = packing.done;
  resp_free(&packing.bytes);
  free(packing.frame);
  free(packing.items);
  return status;
}

/* --- the mark --- */

enum evald_status store_pack_mark(struct store *store,
                                  const struct store_shard_key *shard,
                                  struct store_mark *out,
                                  struct evald_fault *fault) {
  struct store_mark mark = {0, 0};
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 2, "GET");
  resp_key(&store->out, STORE_KEY_PACKED, shard);
  status = link_written(store, fault);
  if (status == EVALD_OK) status = link_expect(store, "GET", 0, &reply, fault);
  if (status != EVALD_OK) return status;
  struct evald_text text = link_text(reply);
  const char *colon = text.data ? memchr(text.data, ':', text.size) : NULL;
  if (colon) {
    size_t at = (size_t)(colon - text.data);
    struct evald_text seq = {colon + 1, text.size - at - 1};
    if (!link_integer((struct evald_text){text.data, at}, &mark.epoch) ||
        !link_integer(seq, &mark.seq)) {
      mark = (struct store_mark){0, 0};
    }
  }
  *out = mark;
  return EVALD_OK;
}
