/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#include "base/fault.h"
#include "store/pack_inside.h"
#include <stdlib.h>
#include <string.h>

static enum evald_status missing(enum store_key key,
                                 const struct store_shard_key *shard,
                                 struct evald_fault *fault) {
  char name[STORE_KEY_TEXT];
  (void)store_key_print(key, shard, name);
  return evald_fault_set(fault, EVALD_NOT_FOUND, name, "not in the store");
}

static void write_many(struct store *store, enum store_key key,
                       const struct store_shard_key *shard,
                       struct store_fields fields) {
  resp_command(&store->out, 2 + fields.count, "HMGET");
  resp_key(&store->out, key, shard);
  for (size_t i = 0; i < fields.count; i++) {
    resp_text(&store->out, fields.items[i]);
  }
}

enum evald_status store_get_many(struct store *store, enum store_key key,
                                 const struct store_shard_key *shard,
                                 struct store_fields fields,
                                 struct evald_text *out,
                                 struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK || fields.count == 0) return status;
  write_many(store, key, shard, fields);
  status = link_ask(store, "HMGET", REDIS_REPLY_ARRAY, &reply, fault);
  if (status == EVALD_OK) {
    status = pack_open(store, key, reply->element, reply->elements, fault);
  }
  if (status != EVALD_OK) return status;
  for (size_t i = 0; i < fields.count && i < reply->elements; i++) {
    out[i] = link_text(reply->element[i]);
  }
  return EVALD_OK;
}

enum evald_status store_get(struct store *store, enum store_key key,
                            const struct store_shard_key *shard,
                            struct evald_text field, struct evald_text *out,
                            struct evald_fault *fault) {
  struct evald_text value = {NULL, 0};
  enum evald_status status = store_get_many(
      store, key, shard, (struct store_fields){&field, 1}, &value, fault);
  if (status != EVALD_OK) return status;
  if (!value.data) return missing(key, shard, fault);
  *out = value;
  return EVALD_OK;
}

/* An answer to write_many, to be unpacked when none is due any more. */
static enum evald_status read_many(struct store *store, size_t count,
                                   redisReply **out,
                                   struct evald_fault *fault) {
  enum evald_status status =
      link_expect(store, "HMGET", REDIS_REPLY_ARRAY, out, fault);
  if (status == EVALD_OK && (*out)->elements != count)
    return evald_fault_set(fault, EVALD_INVALID, "HMGET", "answered %zu of %zu",
                           (*out)->elements, count);
  return status;
}

static enum evald_status open_many(struct store *store, enum store_key key,
                                   const redisReply *reply,
                                   struct evald_text *out,
                                   struct evald_fault *fault) {
  enum evald_status status =
      pack_open(store, key, reply->element, reply->elements, fault);
  for (size_t i = 0; i < reply->elements; i++) {
    out[i] = link_text(reply->element[i]);
  }
  return status;
}

enum evald_status store_get_stored(struct store *store,
                                   const struct store_shard_key *shard,
                                   struct store_fields fields,
                                   struct store_stored *out,
                                   struct evald_fault *fault) {
  struct load_result *load = &store->load;
  struct store_shard_state state;
  redisReply *results = NULL, *forms = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  if (!LINK_ROOM(load->values, load->value_capacity, 2 * fields.count))
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  load_write_state(store, shard, STORE_WANT_LIGHT);
  write_many(store, STORE_KEY_RESULTS, shard, fields);
  write_many(store, STORE_KEY_FORMS, shard, fields);
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  status = load_read_state(store, shard, &state, fault);
  status = link_first(status, read_many(store, fields.count, &results, fault));
  status = link_first(status, read_many(store, fields.count, &forms, fault));
  if (status != EVALD_OK) return status;
  struct evald_text *values = load->values;
  status = open_many(store, STORE_KEY_RESULTS, results, values, fault);
  if (status == EVALD_OK)
    status =
        open_many(store, STORE_KEY_FORMS, forms, values + fields.count, fault);
  if (status == EVALD_OK)
    *out = (struct store_stored){state, values, values + fields.count};
  return status;
}

enum evald_status store_get_aggregate(struct store *store,
                                      const struct store_shard_key *shard,
                                      struct store_shard_state *out,
                                      int64_t *updated_ms,
                                      struct evald_fault *fault) {
  struct store_shard_state state;
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  load_write_state(store, shard, STORE_WANT_FULL);
  resp_command(&store->out, 3, "HGET");
  resp_key(&store->out, STORE_KEY_AGGREGATE, shard);
  resp_string(&store->out, store_field_name(STORE_FIELD_UPDATED));
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  status = load_read_state(store, shard, &state, fault);
  status = link_first(status, link_expect(store, "HGET", 0, &reply, fault));
  if (status != EVALD_OK) return status;
  if (!state.exists) return missing(STORE_KEY_AGGREGATE, shard, fault);
  *out = state;
  if (updated_ms && !link_integer(link_text(reply), updated_ms)) {
    *updated_ms = 0;
  }
  return EVALD_OK;
}

enum evald_status store_count(struct store *store, enum store_key key,
                              const struct store_shard_key *shard, int64_t *out,
                              struct evald_fault *fault) {
  static const char *const commands[][2] = {
      {"hash", "HLEN"}, {"stream", "XLEN"}, {"list", "LLEN"}, {"set", "SCARD"}};
  const char *command = "STRLEN";
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(commands[i][0], store_key_type(key)) == 0) {
      command = commands[i][1];
    }
  }
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 2, command);
  resp_key(&store->out, key, shard);
  status = link_ask(store, command, REDIS_REPLY_INTEGER, &reply, fault);
  if (status == EVALD_OK) *out = reply->integer;
  return status;
}

/* --- walking a hash --- */

enum { SCAN_COUNT = 1000 };

/* Hands out field, value, field, value. The answer must outlive calls that the
 * callback makes on the same store, so it is taken out of the store's hands. */
static enum evald_status each_pair(const redisReply *pairs, store_each each,
                                   void *context) {
  for (size_t i = 0; i + 1 < pairs->elements; i += 2) {
    enum evald_status status = each(context, link_text(pairs->element[i]),
                                    link_text(pairs->element[i + 1]));
    if (status != EVALD_OK) return status;
  }
  return EVALD_OK;
}

/* Takes an answer out of the store's hands. */
static redisReply *take_reply(struct store *store, redisReply *reply) {
  struct link_held *held = &store->held;
  size_t at = held->count - 1;
  while (held->replies[at] != reply)
    at--;
  held->replies[at] = held->replies[--held->count];
  return reply;
}

static enum evald_status scan_step(struct store *store, enum store_key key,
                                   const struct store_shard_key *shard,
                                   struct store_cursor *cursor,
                                   redisReply **out,
                                   struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  turn_write_keep(store);
  resp_command(&store->out, 5, "HSCAN");
  resp_key(&store->out, key, shard);
  resp_string(&store->out, cursor->at[0] ? cursor->at : "0");
  resp_string(&store->out, "COUNT");
  resp_integer(&store->out, cursor->step ? cursor->step : SCAN_COUNT);
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  status = turn_read_keep(store, fault);
  status = link_first(
      status, link_expect(store, "HSCAN", REDIS_REPLY_ARRAY, &reply, fault));
  if (status != EVALD_OK) return status;
  if (reply->elements != 2 || reply->element[1]->type != REDIS_REPLY_ARRAY) {
    return evald_fault_set(fault, EVALD_INVALID, "HSCAN", "strange answer");
  }
  (void)fault_copy(cursor->at, sizeof cursor->at, link_text(reply->element[0]));
  cursor->end = strcmp(cursor->at, "0") == 0;
  status = pack_open(store, key, reply->element[1]->element,
                     reply->element[1]->elements, fault);
  if (status == EVALD_OK) *out = take_reply(store, reply);
  return status;
}

enum evald_status store_scan_step(struct store *store,
                                  const struct store_scan_of *of,
                                  struct store_cursor *cursor, store_each each,
                                  void *context, struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status =
      scan_step(store, of->key, of->shard, cursor, &reply, fault);
  if (status != EVALD_OK) return status;
  status = each_pair(reply->element[1], each, context);
  freeReplyObject(reply);
  return status;
}

enum evald_status store_scan(struct store *store, enum store_key key,
                             const struct store_shard_key *shard,
                             store_each each, void *context,
                             struct evald_fault *fault) {
  const struct store_scan_of of = {key, shard};
  struct store_cursor cursor = {.at = ""};
  enum evald_status status = EVALD_OK;
  while (!cursor.end && status == EVALD_OK)
    status = store_scan_step(store, &of, &cursor, each, context, fault);
  return status;
}

/* --- events --- */

static struct evald_text field_of(const redisReply *fields, const char *name) {
  struct evald_text wanted = evald_text_of(name);
  for (size_t i = 0; i + 1 < fields->elements; i += 2) {
    if (evald_text_equal(link_text(fields->element[i]), wanted)) {
      return link_text(fields->element[i + 1]);
    }
  }
  return (struct evald_text){NULL, 0};
}

/* An entry of a stream: [id, [field, value, …]]. */
static bool is_entry(const redisReply *entry) {
  return entry->type == REDIS_REPLY_ARRAY && entry->elements == 2 &&
         entry->element[1]->type == REDIS_REPLY_ARRAY;
}

static enum evald_status give_event(const redisReply *entry,
                                    store_each_event each, void *context) {
  struct store_event event;
  if (!is_entry(entry)) return EVALD_OK;
  struct evald_text id = link_text(entry->element[0]);
  const char *dash = id.data ? memchr(id.data, '-', id.size) : NULL;
  if (dash) id.size = (size_t)(dash - id.data);
  if (!link_integer(id, &event.last_seq)) return EVALD_OK;
  event.batch = field_of(entry->element[1], "b");
  return each(context, &event);
}

struct walk {
  enum store_key key;
  const struct store_shard_key *shard;
  struct evald_text after; /* a whole id, or empty for the beginning */
  size_t most;
};

static enum evald_status read_stream(struct store *store,
                                     const struct walk *walk, redisReply **out,
                                     struct evald_fault *fault) {
  char from[64] = "-";
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  if (walk->after.size > 0) {
    (void)fault_print(from, sizeof from, "(%.*s", (int)walk->after.size,
                      walk->after.data);
  }
  resp_command(&store->out, 6, "XRANGE");
  resp_key(&store->out, walk->key, walk->shard);
  resp_string(&store->out, from);
  resp_string(&store->out, "+");
  resp_string(&store->out, "COUNT");
  resp_integer(&store->out, (int64_t)walk->most);
  status = link_ask(store, "XRANGE", REDIS_REPLY_ARRAY, &reply, fault);
  if (status == EVALD_OK) *out = take_reply(store, reply);
  return status;
}

enum evald_status store_events(struct store *store,
                               const struct store_shard_key *shard,
                               struct store_range range, store_each_event each,
                               void *context, struct evald_fault *fault) {
  char id[48];
  redisReply *reply = NULL;
  size_t size = fault_print(id, sizeof id, "%lld-18446744073709551615",
                            (long long)range.after);
  struct walk walk = {STORE_KEY_EVENTS, shard, {id, size}, range.most};
  if (range.after <= 0) walk.after.size = 0;
  enum evald_status status = read_stream(store, &walk, &reply, fault);
  if (status != EVALD_OK) return status;
  for (size_t i = 0; i < reply->elements && status == EVALD_OK; i++) {
    status = give_event(reply->element[i], each, context);
  }
  freeReplyObject(reply);
  return status;
}

/* --- shards --- */

static int compare_shards(const void *a, const void *b) {
  const struct store_shard_key *left = a, *right = b;
  int order = memcmp(left->division, right->division, 9);
  return order ? order : left->year - right->year;
}

static enum evald_status give_shards(const redisReply *reply,
                                     struct store_shard_key *shards,
                                     store_each_shard each, void *context) {
  size_t count = 0;
  for (size_t i = 0; i < reply->elements; i++) {
    if (store_shard_parse(link_text(reply->element[i]), &shards[count])) {
      count++;
    }
  }
  qsort(shards, count, sizeof *shards, compare_shards);
  enum evald_status status = EVALD_OK;
  for (size_t i = 0; i < count && status == EVALD_OK; i++) {
    status = each(context, &shards[i]);
  }
  return status;
}

enum evald_status store_shards(struct store *store, store_each_shard each,
                               void *context, struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 2, "SMEMBERS");
  resp_key(&store->out, STORE_KEY_SHARDS, NULL);
  status = link_ask(store, "SMEMBERS", REDIS_REPLY_ARRAY, &reply, fault);
  if (status != EVALD_OK) return status;
  struct store_shard_key *shards = calloc(reply->elements + 1, sizeof *shards);
  if (!shards) return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  status = give_shards(reply, shards, each, context);
  free(shards);
  return status;
}

enum evald_status store_shard_listed(struct store *store,
                                     const struct store_shard_key *shard,
                                     bool *out, struct evald_fault *fault) {
  char text[STORE_SHARD_TEXT];
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 3, "SISMEMBER");
  resp_key(&store->out, STORE_KEY_SHARDS, NULL);
  resp_bytes(&store->out, text, store_shard_print(shard, text));
  status = link_ask(store, "SISMEMBER", REDIS_REPLY_INTEGER, &reply, fault);
  if (status == EVALD_OK) *out = reply->integer != 0;
  return status;
}

/* --- rejects --- */

static enum evald_status give_reject(const redisReply *entry,
                                     store_each_reject each, void *context) {
  struct store_reject reject = {.at_ms = 0};
  if (!is_entry(entry)) return EVALD_OK;
  const redisReply *fields = entry->element[1];
  (void)link_integer(field_of(fields, "at_ms"), &reject.at_ms);
  (void)link_integer(field_of(fields, "size"), &reject.size);
#define X(name) reject.name = field_of(fields, #name);
  STORE_REJECT_FIELD_LIST(X)
#undef X
  return each(context, link_text(entry->element[0]), &reject);
}

enum evald_status store_rejects(struct store *store, struct evald_text after,
                                size_t most, store_each_reject each,
                                void *context, struct evald_fault *fault) {
  redisReply *reply = NULL;
  struct walk walk = {STORE_KEY_REJECTS, NULL, after, most};
  enum evald_status status = read_stream(store, &walk, &reply, fault);
  if (status != EVALD_OK) return status;
  for (size_t i = 0; i < reply->elements && status == EVALD_OK; i++) {
    status = give_reject(reply->element[i], each, context);
  }
  freeReplyObject(reply);
  return status;
}

enum evald_status store_reject_get(struct store *store, struct evald_text id,
                                   store_each_reject each, void *context,
                                   struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 4, "XRANGE");
  resp_key(&store->out, STORE_KEY_REJECTS, NULL);
  resp_text(&store->out, id);
  resp_text(&store->out, id);
  status = link_ask(store, "XRANGE", REDIS_REPLY_ARRAY, &reply, fault);
  if (status != EVALD_OK) return status;
  if (reply->elements == 0) return missing(STORE_KEY_REJECTS, NULL, fault);
  reply = take_reply(store, reply);
  status = give_reject(reply->element[0], each, context);
  freeReplyObject(reply);
  return status;
}

static enum evald_status get_number(struct store *store, enum store_key key,
                                    int64_t *out, struct evald_fault *fault) {
  redisReply *reply = NULL;
  int64_t count = 0;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 2, "GET");
  resp_key(&store->out, key, NULL);
  status = link_ask(store, "GET", 0, &reply, fault);
  if (status != EVALD_OK) return status;
  (void)link_integer(link_text(reply), &count);
  *out = count;
  return EVALD_OK;
}

enum evald_status store_rejects_evicted(struct store *store, int64_t *out,
                                        struct evald_fault *fault) {
  return get_number(store, STORE_KEY_EVICTED, out, fault);
}

enum evald_status store_repairs(struct store *store, int64_t *out,
                                struct evald_fault *fault) {
  return get_number(store, STORE_KEY_REPAIRS, out, fault);
}

enum evald_status store_reject_remove(struct store *store, struct evald_text id,
                                      struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 3, "XDEL");
  resp_key(&store->out, STORE_KEY_REJECTS, NULL);
  resp_text(&store->out, id);
  status = link_ask(store, "XDEL", REDIS_REPLY_INTEGER, &reply, fault);
  if (status != EVALD_OK) return status;
  return reply->integer > 0 ? EVALD_OK
                            : missing(STORE_KEY_REJECTS, NULL, fault);
}
