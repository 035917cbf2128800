/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "store/pack_inside.h"
#include "store/query.h"
#include <stdlib.h>
#include <string.h>

/* Up to so many results a shard is read in one transaction: Redis answers
 * nobody else meanwhile (some milliseconds). */
enum { SMALL = 20000 };

/* --- a set of fields: HSCAN may name one twice --- */

struct seen {
  struct evald_digest *slots; /* all zero: empty */
  size_t capacity, count;
  store_each each;
  void *context;
};

/* True where it was not there before. */
static bool put(struct seen *seen, const struct evald_digest *digest) {
  uint64_t hash;
  memcpy(&hash, digest->bytes, sizeof hash);
  size_t at = (size_t)hash & (seen->capacity - 1);
  while (evald_digest_known(&seen->slots[at])) {
    if (evald_digest_equal(&seen->slots[at], digest)) return false;
    at = (at + 1) & (seen->capacity - 1);
  }
  seen->slots[at] = *digest;
  seen->count++;
  return true;
}

static bool widen(struct seen *seen) {
  struct seen wide = *seen;
  wide.capacity = seen->capacity ? seen->capacity * 2 : 4096;
  wide.count = 0;
  wide.slots = calloc(wide.capacity, sizeof *wide.slots);
  if (!wide.slots) return false;
  for (size_t i = 0; i < seen->capacity; i++) {
    if (evald_digest_known(&seen->slots[i])) (void)put(&wide, &seen->slots[i]);
  }
  free(seen->slots);
  *seen = wide;
  return true;
}

static enum evald_status each_once(void *context, struct evald_text field,
                                   struct evald_text value) {
  struct seen *seen = context;
  if (seen->count * 2 >= seen->capacity && !widen(seen)) return EVALD_MEMORY;
  struct evald_digest digest = digest_of(field.data, field.size);
  return put(seen, &digest) ? seen->each(seen->context, field, value)
                            : EVALD_OK;
}

static enum evald_status scan_once(struct store *store, enum store_key key,
                                   const struct store_shard_key *shard,
                                   const struct store_snapshot_reader *reader,
                                   struct evald_fault *fault) {
  struct seen seen = {.context = reader->context};
  seen.each = key == STORE_KEY_RESULTS ? reader->result : reader->department;
  enum evald_status status =
      seen.each ? store_scan(store, key, shard, each_once, &seen, fault)
                : EVALD_OK;
  free(seen.slots);
  return status;
}

/* --- the two ways --- */

static enum evald_status state_of(struct store *store,
                                  const struct store_shard_key *shard,
                                  struct store_shard_state *out,
                                  struct evald_fault *fault) {
  struct evald_fault unused = {EVALD_OK, "", ""};
  enum evald_status status =
      store_get_aggregate(store, shard, out, NULL, &unused);
  if (status == EVALD_NOT_FOUND) {
    *out = (struct store_shard_state){.exists = false, .stream_seq = -1};
    return EVALD_OK;
  }
  if (status == EVALD_OK || !fault) return status;
  return evald_fault_set(fault, status, unused.place, "%s", unused.text);
}

/* The commit's nonce tells two states apart even where seq fell back. */
static bool same(const struct store_shard_state *a,
                 const struct store_shard_state *b) {
  return a->exists == b->exists && a->epoch == b->epoch && a->seq == b->seq &&
         strcmp(a->commit, b->commit) == 0;
}

static enum evald_status scan_large(struct store *store,
                                    const struct store_shard_key *shard,
                                    const struct store_snapshot_reader *reader,
                                    bool *still, struct evald_fault *fault) {
  struct store_shard_state before, after;
  enum evald_status status = state_of(store, shard, &before, fault);
  if (status != EVALD_OK) return status;
  reader->start(reader->context, &before);
  status = scan_once(store, STORE_KEY_RESULTS, shard, reader, fault);
  if (status == EVALD_OK) {
    status = scan_once(store, STORE_KEY_DEPARTMENTS, shard, reader, fault);
  }
  if (status == EVALD_OK) status = state_of(store, shard, &after, fault);
  if (status == EVALD_OK) *still = same(&before, &after);
  return status;
}

static void write_small(struct store *store,
                        const struct store_shard_key *shard) {
  resp_command(&store->out, 1, "UNWATCH"); /* or EXEC might answer nil */
  resp_command(&store->out, 1, "MULTI");
  load_write_state(store, shard, STORE_WANT_FULL);
  resp_command(&store->out, 2, "HGETALL");
  resp_key(&store->out, STORE_KEY_RESULTS, shard);
  resp_command(&store->out, 2, "HGETALL");
  resp_key(&store->out, STORE_KEY_DEPARTMENTS, shard);
  resp_command(&store->out, 1, "EXEC");
}

static enum evald_status give(const redisReply *pairs, store_each each,
                              void *context, struct evald_fault *fault) {
  if (pairs->type == REDIS_REPLY_ERROR) {
    return link_judge("HGETALL", pairs, fault);
  }
  for (size_t i = 0; each && i + 1 < pairs->elements; i += 2) {
    enum evald_status status = each(context, link_text(pairs->element[i]),
                                    link_text(pairs->element[i + 1]));
    if (status != EVALD_OK) return status;
  }
  return EVALD_OK;
}

static enum evald_status give_small(struct store *store,
                                    const struct store_shard_key *shard,
                                    const redisReply *reply,
                                    const struct store_snapshot_reader *reader,
                                    struct evald_fault *fault) {
  struct store_shard_state state;
  if (reply->elements != 3) {
    return evald_fault_set(fault, EVALD_INVALID, "EXEC", "strange answer");
  }
  enum evald_status status =
      load_parse_state(store, shard, reply->element[0], &state, fault);
  if (status != EVALD_OK) return status;
  const redisReply *results = reply->element[1];
  status = pack_open(store, STORE_KEY_RESULTS, results->element,
                     results->elements, fault);
  if (status != EVALD_OK) return status;
  reader->start(reader->context, &state);
  status = give(results, reader->result, reader->context, fault);
  if (status != EVALD_OK) return status;
  return give(reply->element[2], reader->department, reader->context, fault);
}

static enum evald_status read_small(struct store *store,
                                    const struct store_shard_key *shard,
                                    const struct store_snapshot_reader *reader,
                                    struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  write_small(store, shard);
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  for (int i = 0; i < 5; i++) { /* OK twice and QUEUED three times */
    status = link_first(
        status, link_expect(store, "MULTI", REDIS_REPLY_STATUS, NULL, fault));
  }
  status = link_first(
      status, link_expect(store, "EXEC", REDIS_REPLY_ARRAY, &reply, fault));
  if (status != EVALD_OK) return status;
  return give_small(store, shard, reply, reader, fault);
}

enum evald_status store_snapshot(struct store *store,
                                 const struct store_shard_key *shard,
                                 const struct store_snapshot_reader *reader,
                                 int attempts, struct evald_fault *fault) {
  struct store_shard_state state;
  int64_t results = 0;
  enum evald_status status =
      store_count(store, STORE_KEY_RESULTS, shard, &results, fault);
  if (status == EVALD_OK) status = state_of(store, shard, &state, fault);
  if (status != EVALD_OK) return status;
  if (!state.exists && results == 0) {
    return evald_fault_set(fault, EVALD_NOT_FOUND, NULL, "no such shard");
  }
  if (results <= SMALL) return read_small(store, shard, reader, fault);
  for (int i = 0; i < attempts; i++) {
    bool still = false;
    status = scan_large(store, shard, reader, &still, fault);
    if (status != EVALD_OK || still) return status;
  }
  return evald_fault_set(fault, EVALD_TIMEOUT, "HSCAN",
                         "the shard was written to during each of %d scans",
                         attempts);
}
