/* SPDX-License-Identifier: Apache-2.0 */
#include "store/redis.h"

#include "base/fault.h"
#include "store/pack_inside.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static int or_default(int value, int otherwise) {
  return value > 0 ? value : otherwise;
}

static struct store_options complete(struct store_options options) {
  if (!options.host) options.host = "127.0.0.1";
  options.port = or_default(options.port, 6379);
  options.connect_ms = or_default(options.connect_ms, 2000);
  options.reply_ms = or_default(options.reply_ms, 5000);
  options.turn_ms = or_default(options.turn_ms, 250);
  options.wait_ms = or_default(options.wait_ms, 1000);
  if (options.rejects_max <= 0) options.rejects_max = 100000;
  if (options.unpack_max == 0) options.unpack_max = (size_t)1 << 30;
  return options;
}

/* The fields that HMGET reads, once and for all as protocol. */
static bool prepare_fields(struct store *store) {
  resp_string(&store->light, store_field_name(STORE_FIELD_EPOCH));
  resp_string(&store->light, store_field_name(STORE_FIELD_SEQ));
  resp_string(&store->light, store_field_name(STORE_FIELD_COMMIT));
  resp_raw(&store->full, store->light.data, store->light.size);
  resp_string(&store->full, store_field_name(STORE_FIELD_LOG_BEGINS));
  for (size_t i = 0; i < store->options.counter_count; i++) {
    resp_string(&store->full, store->options.counters[i]);
  }
  return !store->light.failed && !store->full.failed;
}

static bool prepare(struct store *store) {
  uint64_t id;
  if (getrandom(&id, sizeof id, 0) != sizeof id) return false;
  (void)fault_print(store->writer, sizeof store->writer, "%016llx",
                    (unsigned long long)id);
  return prepare_fields(store);
}

enum evald_status store_address(const char *address, struct evald_arena *arena,
                                struct store_options *out) {
  if (strncmp(address, "unix:", 5) == 0) {
    if (address[5] != '/') return EVALD_SYNTAX;
    out->unix_path = address + 5;
    return EVALD_OK;
  }
  const char *colon = strrchr(address, ':');
  if (!colon || colon == address) return EVALD_SYNTAX;
  char *end;
  long port = strtol(colon + 1, &end, 10);
  if (*end != '\0' || port < 1 || port > 65535) return EVALD_SYNTAX;
  size_t size = (size_t)(colon - address);
  char *host = evald_arena_take(arena, size + 1); /* zero */
  if (!host) return EVALD_MEMORY;
  memcpy(host, address, size);
  out->host = host;
  out->port = (int)port;
  return EVALD_OK;
}

enum evald_status store_open(const struct store_options *options,
                             struct store **out, struct evald_fault *fault) {
  if (options->counter_count > STORE_COUNTER_MAX) {
    return evald_fault_set(fault, EVALD_LIMIT, NULL, "more than %d counters",
                           STORE_COUNTER_MAX);
  }
  struct store *store = calloc(1, sizeof *store);
  if (!store) return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  store->options = complete(*options);
  if (!prepare(store)) {
    store_close(store);
    return evald_fault_set(fault, EVALD_MEMORY, NULL,
                           "no memory or no randomness");
  }
  *out = store;
  return EVALD_OK;
}

void store_close(struct store *store) {
  if (!store) return;
  store_disconnect(store);
  for (size_t i = 0; i < store->held.count; i++) {
    freeReplyObject(store->held.replies[i]);
  }
  free(store->held.replies);
  free(store->ready.replies);
  free(store->load.shapes);
  free(store->load.states);
  free(store->load.values);
  free(store->load.sources);
  free(store->load.asks);
  free(store->commit.shards);
  free(store->commit.reject_ids);
  free(store->turn.queued);
  pack_free(store->pack);
  resp_free(&store->out);
  resp_free(&store->light);
  resp_free(&store->full);
  free(store);
}

/* What was sent to the end of EXEC may have been carried out. */
void store_disconnect(struct store *store) {
  struct commit *commit = &store->commit;
  if (!store->context) return;
  if (commit->sent) {
    commit->unknown = store->sent >= commit->exec_end;
    commit->was_unknown |= commit->unknown;
    commit->sent = false;
  }
  link_forget(store);
  redisFree(store->context);
  store->context = NULL;
}

bool store_connected(const struct store *store) {
  return store->context != NULL;
}

int store_fd(const struct store *store) {
  return store->context ? store->context->fd : -1;
}

const char *store_run(const struct store *store) {
  return store->run;
}

const char *store_writer(const struct store *store) {
  return store->writer;
}

static enum evald_status dial(struct store *store, struct evald_fault *fault) {
  const struct store_options *o = &store->options;
  int64_t most = link_left_ms(store, o->connect_ms);
  struct timeval limit = {most / 1000, most % 1000 * 1000};
  store->context = o->unix_path
                       ? redisConnectUnixWithTimeout(o->unix_path, limit)
                       : redisConnectWithTimeout(o->host, o->port, limit);
  if (!store->context) {
    return evald_fault_set(fault, EVALD_MEMORY, "connect", "no memory");
  }
  if (store->context->err == 0) return EVALD_OK;
  enum evald_status status =
      o->unix_path ? evald_fault_set(fault, EVALD_AWAY, "connect", "%s: %s",
                                     o->unix_path, store->context->errstr)
                   : evald_fault_set(fault, EVALD_AWAY, "connect", "%s:%d: %s",
                                     o->host, o->port, store->context->errstr);
  store_disconnect(store);
  return status;
}

static void write_greeting(struct store *store) {
  const struct store_options *o = &store->options;
  if (o->password) {
    resp_command(&store->out, o->user ? 3 : 2, "AUTH");
    if (o->user) resp_string(&store->out, o->user);
    resp_string(&store->out, o->password);
  }
  resp_command(&store->out, 2, "SELECT");
  resp_integer(&store->out, o->database);
  resp_command(&store->out, 2, "CLIENT");
  resp_string(&store->out, "ID");
  resp_command(&store->out, 2, "INFO");
  resp_string(&store->out, "server");
}

/* The value behind "name:" in an INFO answer; cut to fit. False where there
 * is none. */
static bool info_value(struct evald_text info, const char *name, char *out,
                       size_t size) {
  const char *at = info.data ? strstr(info.data, name) : NULL;
  if (!at) return false;
  at += strlen(name);
  (void)fault_copy(out, size, (struct evald_text){at, strcspn(at, "\r\n")});
  return true;
}

/* A connection that an earlier Redis process knew by this id may be somebody
 * else's in the present one. */
static int64_t ghost_of(const struct store *store, const char *run) {
  if (!store->commit.unknown || strcmp(run, store->run) != 0) return 0;
  return store->client_id;
}

static enum evald_status read_greeting(struct store *store, int64_t *ghost,
                                       struct evald_fault *fault) {
  redisReply *id = NULL, *info = NULL;
  enum evald_status status = EVALD_OK;
  if (store->options.password) {
    status = link_expect(store, "AUTH", REDIS_REPLY_STATUS, NULL, fault);
  }
  status = link_first(
      status, link_expect(store, "SELECT", REDIS_REPLY_STATUS, NULL, fault));
  status = link_first(
      status, link_expect(store, "CLIENT ID", REDIS_REPLY_INTEGER, &id, fault));
  status = link_first(
      status, link_expect(store, "INFO", REDIS_REPLY_STRING, &info, fault));
  if (status != EVALD_OK) return status;
  char run[STORE_RUN_TEXT] = "?";
  (void)info_value(link_text(info), "run_id:", run, sizeof run);
  *ghost = ghost_of(store, run);
  memcpy(store->run, run, sizeof run);
  store->client_id = id->integer;
  return EVALD_OK;
}

/* Without leave for MULTI a commit's commands would run one by one; so it is
 * tried here, where nothing can go wrong. */
static void write_trial(struct store *store, int64_t ghost) {
  resp_command(&store->out, 1, "MULTI");
  resp_command(&store->out, 1, "EXEC");
  for (enum store_key key = STORE_SHARD_KEY_COUNT; key < STORE_KEY_COUNT;
       key++) {
    resp_command(&store->out, 2, "TYPE");
    resp_key(&store->out, key, NULL);
  }
  if (ghost == 0) return;
  resp_command(&store->out, 4, "CLIENT");
  resp_string(&store->out, "KILL");
  resp_string(&store->out, "ID");
  resp_integer(&store->out, ghost);
}

static enum evald_status read_trial(struct store *store, int64_t ghost,
                                    struct evald_fault *fault) {
  enum evald_status status =
      link_expect(store, "MULTI", REDIS_REPLY_STATUS, NULL, fault);
  status = link_first(
      status, link_expect(store, "EXEC", REDIS_REPLY_ARRAY, NULL, fault));
  for (enum store_key key = STORE_SHARD_KEY_COUNT; key < STORE_KEY_COUNT;
       key++) {
    status = link_first(status, link_type(store, key, NULL, NULL, fault));
  }
  if (ghost == 0) return status;
  /* Not having the right to kill it is no fault: WATCH guards us as well. */
  redisReply *reply = NULL;
  status = link_first(status, link_reply(store, "CLIENT KILL", &reply, fault));
  if (reply) freeReplyObject(reply);
  return status;
}

static enum evald_status greet(struct store *store, struct evald_fault *fault) {
  int64_t ghost = 0;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  write_greeting(store);
  status = link_written(store, fault);
  if (status == EVALD_OK) status = read_greeting(store, &ghost, fault);
  if (status == EVALD_OK) status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  write_trial(store, ghost);
  status = link_written(store, fault);
  return status == EVALD_OK ? read_trial(store, ghost, fault) : status;
}

enum evald_status store_connect(struct store *store,
                                struct evald_fault *fault) {
  store_disconnect(store);
  pack_forget(store->pack); /* it may be another store's by now */
  enum evald_status status = dial(store, fault);
  if (status == EVALD_OK) status = greet(store, fault);
  if (status != EVALD_OK) store_disconnect(store);
  return status;
}

enum evald_status store_ping(struct store *store, struct evald_fault *fault) {
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 1, "PING");
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  return link_expect(store, "PING", REDIS_REPLY_STATUS, NULL, fault);
}

static void read_memory(struct evald_text info, struct store_settings *out) {
  char number[24];
  if (info_value(info, "maxmemory:", number, sizeof number)) {
    (void)link_integer(evald_text_of(number), &out->memory_max);
  }
  if (info_value(info, "used_memory:", number, sizeof number)) {
    (void)link_integer(evald_text_of(number), &out->memory_used);
  }
  (void)info_value(info, "maxmemory_policy:", out->eviction,
                   sizeof out->eviction);
}

static void read_info(struct evald_text info, struct store_settings *out) {
  char number[24];
  int64_t value;
  if (info_value(info, "aof_enabled:", number, sizeof number)) {
    out->append_only = number[0] == '1';
  }
  if (info_value(info, "connected_slaves:", number, sizeof number) &&
      link_integer(evald_text_of(number), &value)) {
    out->replicas = (int)value;
  }
  char before[48];
  if (info_value(info, "master_replid2:", before, sizeof before)) {
    out->promoted = before[strspn(before, "0")] != '\0';
  }
  (void)info_value(info, "redis_version:", out->version, sizeof out->version);
  read_memory(info, out);
}

/* The answer to a CONFIG GET, which a user may not be allowed: held. */
static enum evald_status read_config(struct store *store, redisReply **out,
                                     struct evald_fault *fault) {
  enum evald_status status = link_reply(store, "CONFIG", out, fault);
  return status == EVALD_OK ? link_hold(store, *out, fault) : status;
}

static struct evald_text config_value(const redisReply *reply) {
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
    return (struct evald_text){NULL, 0};
  return link_text(reply->element[1]);
}

enum evald_status store_settings_read(struct store *store,
                                      struct store_settings *out,
                                      struct evald_fault *fault) {
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 1, "INFO");
  resp_command(&store->out, 3, "CONFIG");
  resp_string(&store->out, "GET");
  resp_string(&store->out, "appendfsync");
  resp_command(&store->out, 3, "CONFIG");
  resp_string(&store->out, "GET");
  resp_string(&store->out, "no-appendfsync-on-rewrite");
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  redisReply *info = NULL, *config = NULL, *pauses = NULL;
  status = link_expect(store, "INFO", REDIS_REPLY_STRING, &info, fault);
  status = link_first(status, read_config(store, &config, fault));
  status = link_first(status, read_config(store, &pauses, fault));
  if (status != EVALD_OK) return status;
  struct store_settings found = {.append_only = -1,
                                 .append_pauses = -1,
                                 .memory_max = -1,
                                 .memory_used = -1,
                                 .replicas = -1};
  read_info(link_text(info), &found);
  (void)fault_copy(found.append_fsync, sizeof found.append_fsync,
                   config_value(config));
  if (config_value(pauses).size > 0)
    found.append_pauses =
        evald_text_equal(config_value(pauses), evald_text_of("yes"));
  *out = found;
  return EVALD_OK;
}

enum evald_status store_confirm(struct store *store, int *replicas,
                                struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 3, "SET");
  resp_key(&store->out, STORE_KEY_PROOF, NULL);
  resp_string(&store->out, store->writer);
  resp_command(&store->out, 3, "WAIT");
  resp_integer(&store->out, store->options.wait_replicas);
  resp_integer(&store->out, store->options.wait_ms);
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  status = link_expect(store, "SET", REDIS_REPLY_STATUS, NULL, fault);
  status = link_first(
      status, link_expect(store, "WAIT", REDIS_REPLY_INTEGER, &reply, fault));
  if (status == EVALD_OK) *replicas = (int)reply->integer;
  return status;
}
