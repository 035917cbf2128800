/* SPDX-License-Identifier: Apache-2.0 */
#include "store/load.h"

#include "base/fault.h"
#include "store/pack_inside.h"
#include <string.h>

/* See prepare_fields: epoch, seq, commit; in full log_begins, counters. */
enum { LIGHT_FIELDS = 3, FULL_FIELDS = 4 };

static const enum store_key checked[] = {
    STORE_KEY_AGGREGATE,   STORE_KEY_RESULTS, STORE_KEY_FORMS,
    STORE_KEY_DEPARTMENTS, STORE_KEY_EVENTS,  STORE_KEY_TURN};
enum { CHECKED_COUNT = sizeof checked / sizeof *checked };

/* --- writing --- */

static void write_watch(struct resp *out, const struct store_want *wants,
                        size_t count) {
  resp_command(out, 1 + count, "WATCH");
  for (size_t i = 0; i < count; i++) {
    resp_key(out, STORE_KEY_AGGREGATE, &wants[i].shard);
  }
}

void load_write_state(struct store *store, const struct store_shard_key *shard,
                      enum store_want_level level) {
  bool full = level != STORE_WANT_LIGHT;
  size_t count =
      full ? FULL_FIELDS + store->options.counter_count : LIGHT_FIELDS;
  const struct resp *fields = full ? &store->full : &store->light;
  resp_command(&store->out, 2 + count, "HMGET");
  resp_key(&store->out, STORE_KEY_AGGREGATE, shard);
  resp_raw(&store->out, fields->data, fields->size);
}

static void write_checks(struct resp *out,
                         const struct store_shard_key *shard) {
  for (size_t i = 0; i < CHECKED_COUNT; i++) {
    resp_command(out, 2, "TYPE");
    resp_key(out, checked[i], shard);
  }
  resp_command(out, 3, "XINFO");
  resp_string(out, "STREAM");
  resp_key(out, STORE_KEY_EVENTS, shard);
}

static void write_codes(struct resp *out, const struct store_want *want) {
  resp_command(out, 2 + want->code_count, "HMGET");
  resp_key(out, STORE_KEY_RESULTS, &want->shard);
  for (size_t i = 0; i < want->code_count; i++)
    resp_text(out, want->codes[i]);
}

static void write_want(struct store *store, const struct store_want *want) {
  load_write_state(store, &want->shard, want->level);
  if (want->level == STORE_WANT_CHECKED) {
    write_checks(&store->out, &want->shard);
  }
  if (want->code_count > 0) write_codes(&store->out, want);
}

/* Keeps what was asked, and room for what will be answered. */
static bool remember(struct load_result *load, const struct store_want *wants,
                     size_t count) {
  size_t values = 0;
  if (!LINK_ROOM(load->shapes, load->shape_capacity, count)) return false;
  for (size_t i = 0; i < count; i++) {
    load->shapes[i] = (struct load_shape){wants[i].shard, wants[i].level,
                                          wants[i].code_count};
    values += wants[i].code_count;
  }
  load->shape_count = count;
  load->value_count = 0;
  load->wanted = values;
  return LINK_ROOM(load->states, load->state_capacity, count) &&
         LINK_ROOM(load->values, load->value_capacity, values) &&
         LINK_ROOM(load->sources, load->source_capacity, values);
}

enum evald_status load_write(struct store *store,
                             const struct store_want *wants, size_t count,
                             struct evald_fault *fault) {
  if (!remember(&store->load, wants, count)) {
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  }
  if (count == 0) return EVALD_OK;
  write_watch(&store->out, wants, count);
  for (size_t i = 0; i < count; i++)
    write_want(store, &wants[i]);
  turn_write_look(store, &store->load);
  return EVALD_OK;
}

/* Takes back what was written since, where memory ended on the way. */
static enum evald_status forget_written(struct store *store, size_t size,
                                        size_t commands,
                                        struct evald_fault *fault) {
  store->out.size = size;
  store->out.commands = commands;
  store->out.failed = false;
  return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
}

enum evald_status store_ask(struct store *store, const struct store_want *want,
                            struct evald_fault *fault) {
  struct load_result *load = &store->load;
  size_t size = store->out.size, commands = store->out.commands;
  if (!store->context || !store->commit.sent) {
    return evald_fault_set(fault, EVALD_AWAY, "HMGET",
                           "no commit is under way");
  }
  if (!LINK_ROOM(load->asks, load->ask_capacity, load->ask_count + 1) ||
      !LINK_ROOM(load->values, load->value_capacity,
                 load->wanted + want->code_count) ||
      !LINK_ROOM(load->sources, load->source_capacity,
                 load->wanted + want->code_count)) {
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  }
  write_codes(&store->out, want);
  if (store->out.failed) return forget_written(store, size, commands, fault);
  load->asks[load->ask_count++] = want->code_count;
  load->wanted += want->code_count;
  return EVALD_OK;
}

/* --- reading --- */

static enum evald_status not_ours(const struct store_shard_key *shard,
                                  const char *field, const redisReply *value,
                                  struct evald_fault *fault) {
  char name[STORE_KEY_TEXT];
  (void)store_key_print(STORE_KEY_AGGREGATE, shard, name);
  return evald_fault_set(fault, EVALD_SYNTAX, name,
                         "field %s holds \"%.40s\", which is no integer", field,
                         value->type == REDIS_REPLY_STRING ? value->str : "?");
}

/* An integer field; one that is absent leaves *out. */
static bool read_field(const redisReply *value, int64_t *out) {
  if (value->type == REDIS_REPLY_NIL) return true;
  return link_integer(link_text(value), out);
}

static enum evald_status read_full(const struct store *store,
                                   const struct store_shard_key *shard,
                                   const redisReply *reply,
                                   struct store_shard_state *state,
                                   struct evald_fault *fault) {
  if (reply->elements == LIGHT_FIELDS) return EVALD_OK;
  if (!read_field(reply->element[LIGHT_FIELDS], &state->log_begins)) {
    return not_ours(shard, "log_begins", reply->element[LIGHT_FIELDS], fault);
  }
  for (size_t i = 0; i + FULL_FIELDS < reply->elements; i++) {
    const redisReply *value = reply->element[FULL_FIELDS + i];
    if (read_field(value, &state->counter[i])) continue;
    return not_ours(shard, store->options.counters[i], value, fault);
  }
  return EVALD_OK;
}

/* For faults, which name the key: it may be another program's. */
enum { COMMAND = STORE_KEY_TEXT + 8 };
static const char *name_command(enum store_key key,
                                const struct store_shard_key *shard,
                                char out[COMMAND]) {
  char name[STORE_KEY_TEXT];
  (void)store_key_print(key, shard, name);
  (void)fault_print(out, COMMAND, "HMGET %s", name);
  return out;
}

/* An evald of old wrote no run: then nothing is said. */
static void read_commit(const struct store *store, struct evald_text commit,
                        struct store_shard_state *state) {
  struct evald_text run;
  (void)fault_copy(state->commit, sizeof state->commit,
                   link_nonce(commit, &run));
  state->restarted = run.size == LINK_RUN_DIGITS &&
                     strncmp(run.data, store->run, LINK_RUN_DIGITS) != 0;
}

enum evald_status load_parse_state(const struct store *store,
                                   const struct store_shard_key *shard,
                                   const redisReply *reply,
                                   struct store_shard_state *out,
                                   struct evald_fault *fault) {
  struct store_shard_state state = {.stream_seq = -1};
  char command[COMMAND];
  if (reply->type == REDIS_REPLY_ERROR) {
    return link_judge(name_command(STORE_KEY_AGGREGATE, shard, command), reply,
                      fault);
  }
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements < LIGHT_FIELDS ||
      reply->elements > FULL_FIELDS + store->options.counter_count) {
    return evald_fault_set(fault, EVALD_INVALID, "HMGET aggregate",
                           "strange answer");
  }
  if (!read_field(reply->element[0], &state.epoch)) {
    return not_ours(shard, "epoch", reply->element[0], fault);
  }
  if (!read_field(reply->element[1], &state.seq)) {
    return not_ours(shard, "seq", reply->element[1], fault);
  }
  state.exists = reply->element[1]->type != REDIS_REPLY_NIL;
  read_commit(store, link_text(reply->element[2]), &state);
  enum evald_status status = read_full(store, shard, reply, &state, fault);
  if (status == EVALD_OK) *out = state;
  return status;
}

enum evald_status load_read_state(struct store *store,
                                  const struct store_shard_key *shard,
                                  struct store_shard_state *out,
                                  struct evald_fault *fault) {
  redisReply *reply = NULL;
  char command[COMMAND];
  enum evald_status status =
      link_expect(store, name_command(STORE_KEY_AGGREGATE, shard, command),
                  REDIS_REPLY_ARRAY, &reply, fault);
  if (status != EVALD_OK) return status;
  return load_parse_state(store, shard, reply, out, fault);
}

/* "last-generated-id" of XINFO STREAM; an error says that there is none. */
static int64_t last_id(const redisReply *reply) {
  int64_t seq = 0;
  size_t pairs = reply->type == REDIS_REPLY_ARRAY ? reply->elements / 2 * 2 : 0;
  for (size_t i = 0; i < pairs; i += 2) {
    struct evald_text name = link_text(reply->element[i]);
    struct evald_text id = link_text(reply->element[i + 1]);
    if (!evald_text_equal(name, EVALD_TEXT("last-generated-id"))) continue;
    const char *dash = memchr(id.data, '-', id.size);
    if (dash) id.size = (size_t)(dash - id.data);
    if (!link_integer(id, &seq)) seq = INT64_MAX;
  }
  return seq;
}

static enum evald_status read_checks(struct store *store,
                                     const struct load_shape *shape,
                                     struct store_shard_state *state,
                                     struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (size_t i = 0; i < CHECKED_COUNT; i++) {
    bool there = false;
    status = link_first(
        status, link_type(store, checked[i], &shape->shard, &there, fault));
    if (checked[i] == STORE_KEY_RESULTS) state->results = there;
  }
  redisReply *reply = NULL;
  status = link_first(status, link_reply(store, "XINFO", &reply, fault));
  if (!reply) return status;
  state->stream_seq = last_id(reply);
  freeReplyObject(reply);
  return status;
}

static enum evald_status read_values(struct store *store, const char *command,
                                     size_t count, struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status =
      link_expect(store, command, REDIS_REPLY_ARRAY, &reply, fault);
  if (status != EVALD_OK) return status;
  if (reply->elements != count) {
    return evald_fault_set(fault, EVALD_INVALID, "HMGET results",
                           "answered %zu of %zu", reply->elements, count);
  }
  struct load_result *load = &store->load;
  for (size_t i = 0; i < count; i++) {
    load->sources[load->value_count++] = reply->element[i];
  }
  return EVALD_OK;
}

static enum evald_status read_all_of(struct store *store, size_t index,
                                     struct evald_fault *fault) {
  const struct load_shape *shape = &store->load.shapes[index];
  struct store_shard_state *state = &store->load.states[index];
  char command[COMMAND];
  enum evald_status status =
      load_read_state(store, &shape->shard, state, fault);
  if (shape->level == STORE_WANT_CHECKED) {
    status = link_first(status, read_checks(store, shape, state, fault));
  }
  if (shape->code_count > 0) {
    (void)name_command(STORE_KEY_RESULTS, &shape->shard, command);
    status = link_first(status,
                        read_values(store, command, shape->code_count, fault));
  }
  return status;
}

/* What is damaged is so by itself: the others of the load are as they are. */
static void mark_damaged(struct load_result *load, size_t index,
                         size_t first_value, const struct evald_fault *why) {
  static redisReply nothing = {.type = REDIS_REPLY_NIL};
  struct store_shard_state *state = &load->states[index];
  *state = (struct store_shard_state){.stream_seq = -1, .damaged = true};
  (void)fault_print(state->damage, sizeof state->damage, "%s: %s", why->place,
                    why->text);
  load->value_count = first_value;
  for (size_t i = 0; i < load->shapes[index].code_count; i++) {
    load->sources[load->value_count++] = &nothing;
  }
}

static enum evald_status read_want(struct store *store, size_t index,
                                   struct evald_fault *fault) {
  struct load_result *load = &store->load;
  struct evald_fault why = {EVALD_OK, "", ""};
  size_t first_value = load->value_count;
  enum evald_status status = read_all_of(store, index, &why);
  if (status == EVALD_OK) return EVALD_OK;
  if (status != EVALD_SYNTAX) {
    return evald_fault_set(fault, status, why.place, "%s", why.text);
  }
  mark_damaged(load, index, first_value, &why);
  load->damaged = true;
  return EVALD_OK;
}

const char store_value_left[1] = "";

/* Last of all: a dictionary may have to be read for it. */
static enum evald_status open_values(struct store *store,
                                     struct evald_fault *fault) {
  struct load_result *load = &store->load;
  enum evald_status status = pack_open(store, STORE_KEY_RESULTS, load->sources,
                                       load->value_count, fault);
  for (size_t i = 0; i < load->value_count; i++) {
    load->values[i] = link_text(load->sources[i]);
    if (store->pack && i >= store->pack->opened &&
        pack_is_packed(load->values[i]))
      load->values[i] = (struct evald_text){store_value_left, 0};
  }
  return status;
}

static enum evald_status read_wants(struct store *store,
                                    struct evald_fault *fault) {
  enum evald_status status =
      link_expect(store, "WATCH", REDIS_REPLY_STATUS, NULL, fault);
  for (size_t i = 0; i < store->load.shape_count; i++) {
    status = link_first(status, read_want(store, i, fault));
  }
  return link_first(status, turn_read_look(store, &store->load, fault));
}

enum evald_status load_read(struct store *store, struct evald_fault *fault) {
  struct load_result *load = &store->load;
  enum evald_status status = EVALD_OK;
  load->others = false;
  load->alone = true;
  load->damaged = false;
  if (load->shape_count > 0) status = read_wants(store, fault);
  load->loaded = load->value_count;
  for (size_t i = 0; i < load->ask_count; i++) {
    status = link_first(
        status, read_values(store, "HMGET results", load->asks[i], fault));
  }
  return status == EVALD_OK ? open_values(store, fault) : status;
}

struct store_loaded load_loaded(const struct store *store) {
  const struct load_result *load = &store->load;
  return (struct store_loaded){load->states, load->shape_count, load->values,
                               load->loaded};
}

static enum evald_status load(struct store *store,
                              const struct store_want *wants, size_t count,
                              unsigned flags, struct evald_fault *fault) {
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  bool fresh = !(flags & STORE_LOAD_ADD);
  if (fresh) resp_command(&store->out, 1, "UNWATCH");
  status = load_write(store, wants, count, fault);
  if (status == EVALD_OK) status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  if (fresh) {
    status = link_expect(store, "UNWATCH", REDIS_REPLY_STATUS, NULL, fault);
  }
  return link_first(status, load_read(store, fault));
}

enum evald_status store_load(struct store *store,
                             const struct store_want *wants, size_t count,
                             unsigned flags, struct store_loaded *out,
                             struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  if (!(flags & STORE_LOAD_ADD)) status = turn_take(store, wants, count, fault);
  if (status == EVALD_OK) status = load(store, wants, count, flags, fault);
  if (status != EVALD_OK) return status;
  if (store->load.others) {
    store->turn.contended = true;
    return EVALD_TIMEOUT;
  }
  *out = load_loaded(store);
  return EVALD_OK;
}
