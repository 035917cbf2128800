/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mend.h"

#include "base/fault.h"
#include "store/link.h"
#include <string.h>

/* --- flaws --- */

/* What a reply points to is freed by the next pipeline, which a callback must
 * not start on this store: see store_each in query.h. */
static enum evald_status tell_types(struct store *store,
                                    const struct store_shard_key *shard,
                                    bool *aggregate_fine, store_each_flaw each,
                                    void *context, struct evald_fault *fault) {
  redisReply *types[STORE_SHARD_KEY_COUNT] = {NULL};
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  for (int key = 0; key < STORE_SHARD_KEY_COUNT; key++) {
    resp_command(&store->out, 2, "TYPE");
    resp_key(&store->out, (enum store_key)key, shard);
  }
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  for (int key = 0; key < STORE_SHARD_KEY_COUNT; key++) {
    status = link_first(status, link_expect(store, "TYPE", REDIS_REPLY_STATUS,
                                            &types[key], fault));
  }
  *aggregate_fine = true;
  for (int key = 0; key < STORE_SHARD_KEY_COUNT && status == EVALD_OK; key++) {
    struct store_flaw flaw = {.key = (enum store_key)key,
                              .found = link_text(types[key])};
    const char *type = store_key_type(flaw.key);
    if (link_status_is(types[key], "none") || link_status_is(types[key], type))
      continue;
    if (key == STORE_KEY_AGGREGATE) *aggregate_fine = false;
    status = each(context, &flaw);
  }
  return status;
}

/* The nonce of the last commit is the one field that is no integer. */
static bool is_fine(struct evald_text field, struct evald_text value) {
  int64_t number;
  struct evald_text nonce = evald_text_of(store_field_name(STORE_FIELD_COMMIT));
  return evald_text_equal(field, nonce) || link_integer(value, &number);
}

static enum evald_status tell_fields(struct store *store,
                                     const struct store_shard_key *shard,
                                     store_each_flaw each, void *context,
                                     struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 2, "HGETALL");
  resp_key(&store->out, STORE_KEY_AGGREGATE, shard);
  status = link_ask(store, "HGETALL", REDIS_REPLY_ARRAY, &reply, fault);
  for (size_t i = 0; status == EVALD_OK && i + 1 < reply->elements; i += 2) {
    struct store_flaw flaw = {STORE_KEY_AGGREGATE, link_text(reply->element[i]),
                              link_text(reply->element[i + 1])};
    if (!is_fine(flaw.field, flaw.found)) status = each(context, &flaw);
  }
  return status;
}

enum evald_status store_inspect(struct store *store,
                                const struct store_shard_key *shard,
                                store_each_flaw each, void *context,
                                struct evald_fault *fault) {
  bool fine = false;
  enum evald_status status =
      tell_types(store, shard, &fine, each, context, fault);
  if (status != EVALD_OK || !fine) return status;
  return tell_fields(store, shard, each, context, fault);
}

/* --- clearing the way --- */

enum evald_status store_set_aside(struct store *store, enum store_key key,
                                  const struct store_shard_key *shard,
                                  int64_t at_ms, char out[STORE_ASIDE_TEXT],
                                  struct evald_fault *fault) {
  static const char script[] =
      "local t = redis.call('TYPE', KEYS[1]).ok "
      "if t == 'none' or t == ARGV[1] then return 0 end "
      "return redis.call('RENAMENX', KEYS[1], KEYS[2])";
  char name[STORE_KEY_TEXT];
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  (void)store_key_print(key, shard, name);
  size_t size = fault_print(out, STORE_ASIDE_TEXT, "%s:aside:%lld", name,
                            (long long)at_ms);
  resp_command(&store->out, 6, "EVAL");
  resp_string(&store->out, script);
  resp_integer(&store->out, 2);
  resp_string(&store->out, name);
  resp_bytes(&store->out, out, size);
  resp_string(&store->out, store_key_type(key));
  status = link_ask(store, "RENAMENX", REDIS_REPLY_INTEGER, &reply, fault);
  if (status != EVALD_OK || reply->integer > 0) return status;
  return evald_fault_set(fault, EVALD_NOT_FOUND, name, "not in the store");
}

enum evald_status store_clear_field(struct store *store,
                                    const struct store_shard_key *shard,
                                    struct evald_text field,
                                    struct evald_text found,
                                    struct evald_fault *fault) {
  static const char script[] =
      "if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then "
      "return redis.call('HDEL', KEYS[1], ARGV[1]) end return 0";
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 6, "EVAL");
  resp_string(&store->out, script);
  resp_integer(&store->out, 1);
  resp_key(&store->out, STORE_KEY_AGGREGATE, shard);
  resp_text(&store->out, field);
  resp_text(&store->out, found);
  return link_ask(store, "HDEL", REDIS_REPLY_INTEGER, &reply, fault);
}

/* --- shards by their keys --- */

/* "evald:1:{310113000:2024}:results" */
static bool shard_of_key(struct evald_text key, struct store_shard_key *out) {
  enum { BEFORE = sizeof STORE_PREFIX, SHARD = 14 };
  return key.size > BEFORE + SHARD &&
         store_shard_parse((struct evald_text){key.data + BEFORE, SHARD}, out);
}

static enum evald_status search_step(struct store *store, char cursor[24],
                                     redisReply **out,
                                     struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 6, "SCAN");
  resp_string(&store->out, cursor);
  resp_string(&store->out, "MATCH");
  resp_string(&store->out, STORE_PREFIX "{*}:*");
  resp_string(&store->out, "COUNT");
  resp_integer(&store->out, 1000);
  status = link_ask(store, "SCAN", REDIS_REPLY_ARRAY, &reply, fault);
  if (status != EVALD_OK) return status;
  if (reply->elements != 2 || reply->element[1]->type != REDIS_REPLY_ARRAY) {
    return evald_fault_set(fault, EVALD_INVALID, "SCAN", "strange answer");
  }
  (void)fault_copy(cursor, 24, link_text(reply->element[0]));
  *out = reply->element[1];
  return EVALD_OK;
}

enum evald_status store_search_shards(struct store *store,
                                      store_each_shard each, void *context,
                                      struct evald_fault *fault) {
  char cursor[24] = "0";
  enum evald_status status = EVALD_OK;
  do {
    redisReply *names = NULL;
    status = search_step(store, cursor, &names, fault);
    for (size_t i = 0; status == EVALD_OK && i < names->elements; i++) {
      struct store_shard_key shard;
      if (shard_of_key(link_text(names->element[i]), &shard))
        status = each(context, &shard);
    }
  } while (status == EVALD_OK && strcmp(cursor, "0") != 0);
  return status;
}
