/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/redis_call.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct redis_server redis;

static bool is(struct redis_text text, const char *word) {
  return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

/* ---- protocol ---- */

/* "<mark><number>\r\n" at `at`: the place behind it, 0: not whole. */
static size_t parse_head(const char *data, size_t size, size_t at, char mark,
                         size_t *out) {
  if (at >= size) return 0;
  if (data[at] != mark) abort();
  *out = 0;
  for (size_t i = at + 1; i + 1 < size; i++) {
    if (data[i] == '\r') return i + 2;
    *out = *out * 10 + (size_t)(data[i] - '0');
  }
  return 0;
}

size_t redis_parse(const char *data, size_t size, int *argc,
                   struct redis_text *argv) {
  size_t count = 0, length = 0;
  size_t at = parse_head(data, size, 0, '*', &count);
  if (at == 0) return 0;
  if (count > REDIS_ARGUMENTS) abort();
  for (size_t i = 0; i < count; i++) {
    at = parse_head(data, size, at, '$', &length);
    if (at == 0 || at + length + 2 > size) return 0;
    argv[i] = (struct redis_text){data + at, length};
    at += length + 2;
  }
  *argc = (int)count;
  return at;
}

static void write_command(struct sim_bytes *to, int argc,
                          const struct redis_text *argv) {
  sim_print(to, "*%d\r\n", argc);
  for (int i = 0; i < argc; i++) {
    sim_print(to, "$%zu\r\n", argv[i].size);
    sim_put(to, argv[i].data, argv[i].size);
    sim_put(to, "\r\n", 2);
  }
}

/* ---- the log ---- */

void redis_log(int argc, const struct redis_text *argv) {
  if (!redis.replaying) write_command(&redis.unit, argc, argv);
}

void redis_close_unit(void) {
  if (redis.unit.size == 0) return;
  sim_put(&redis.log, redis.unit.data, redis.unit.size);
  redis.unit.size = 0;
  if (redis.unit_count == redis.unit_room) {
    redis.unit_room = redis.unit_room > 0 ? 2 * redis.unit_room : 256;
    redis.units = sim_grow(redis.units, redis.unit_room * sizeof *redis.units);
  }
  redis.units[redis.unit_count++] =
      (struct redis_unit){redis.log.size, sim_now()};
  if (redis.watch != NULL) redis.watch(&redis);
}

static void replay(void) {
  static struct redis_text argv[REDIS_ARGUMENTS];
  struct sim_bytes ignored = {0};
  redis.replaying = true;
  for (size_t at = 0; at < redis.log.size;) {
    int argc;
    at += redis_parse(redis.log.data + at, redis.log.size - at, &argc, argv);
    ignored.size = 0;
    (void)redis_keyed(argc, argv, &ignored);
  }
  redis.replaying = false;
  sim_bytes_free(&ignored);
}

/* ---- watching ---- */

static bool watches(const struct redis_client *client,
                    const struct redis_key *key) {
  for (size_t i = 0; i < client->watch_count; i++)
    if (strcmp(client->watched[i], key->name) == 0) return true;
  return false;
}

void redis_touch(const struct redis_key *key) {
  for (size_t i = 0; i < redis.client_count; i++)
    if (watches(redis.clients[i], key)) redis.clients[i]->dirty = true;
}

static void do_watch(struct redis_client *client, int argc,
                     const struct redis_text *argv) {
  for (int i = 1; i < argc; i++) {
    char *name = client->watched[client->watch_count++];
    if (client->watch_count > 64 || argv[i].size >= 80) abort();
    memcpy(name, argv[i].data, argv[i].size);
    name[argv[i].size] = '\0';
  }
}

static void unwatch(struct redis_client *client) {
  client->watch_count = 0;
  client->dirty = false;
}

/* ---- transactions ---- */

static void end_multi(struct redis_client *client) {
  client->multi = client->aborted = false;
  client->queue.size = client->queued = 0;
  unwatch(client);
}

static void enqueue(struct redis_client *client, int argc,
                    const struct redis_text *argv, struct sim_bytes *out) {
  const char *why = redis_queue_refusal(argv);
  if (why != NULL) {
    client->aborted = true;
    sim_print(out, "-%s\r\n", why);
    return;
  }
  if (!client->aborted && !client->dirty) { /* else it comes to nothing */
    write_command(&client->queue, argc, argv);
    client->queued++;
  }
  sim_print(out, "+QUEUED\r\n");
}

/* What has come to be refused since it was queued. */
static const char *refused_now(const struct redis_client *client) {
  static struct redis_text argv[REDIS_ARGUMENTS];
  const char *why = NULL;
  for (size_t at = 0; at < client->queue.size && why == NULL;) {
    int argc;
    at += redis_parse(client->queue.data + at, client->queue.size - at, &argc,
                      argv);
    why = redis_refusal(argv);
  }
  return why;
}

static void run_queue(struct redis_client *client, struct sim_bytes *out) {
  static struct redis_text argv[REDIS_ARGUMENTS];
  sim_print(out, "*%zu\r\n", client->queued);
  for (size_t at = 0; at < client->queue.size;) {
    int argc;
    at += redis_parse(client->queue.data + at, client->queue.size - at, &argc,
                      argv);
    if (!redis_keyed(argc, argv, out)) abort();
  }
}

static void do_exec(struct redis_client *client, struct sim_bytes *out) {
  if (!client->multi) {
    sim_print(out, "-ERR EXEC without MULTI\r\n");
    return;
  }
  const char *why = client->queued > 0 ? refused_now(client) : NULL;
  if (why != NULL)
    sim_print(out, "-EXECABORT Transaction discarded because of: %s\r\n", why);
  else if (client->aborted)
    sim_print(out, "-EXECABORT Transaction discarded because of previous "
                   "errors.\r\n");
  else if (client->dirty)
    sim_print(out, "*-1\r\n");
  else
    run_queue(client, out);
  end_multi(client);
}

/* ---- about the server ---- */

static void put_bulk(struct sim_bytes *out, const struct sim_bytes *text) {
  sim_print(out, "$%zu\r\n", text->size);
  sim_put(out, text->data, text->size);
  sim_put(out, "\r\n", 2);
}

static void do_info(struct sim_bytes *out) {
  struct sim_bytes text = {0};
  unsigned run = redis.run * 2654435761U; /* forty digits, as Redis has them */
  sim_print(&text, "# Server\r\nredis_version:7.0.15\r\nrun_id:");
  sim_print(&text, "%08x%08x%08x%08x%08x\r\n", run, run, run, run, run);
  sim_print(&text, "used_memory:1000000\r\nmaxmemory:0\r\n"
                   "maxmemory_policy:noeviction\r\n");
  sim_print(&text, "aof_enabled:%d\r\nconnected_slaves:%u\r\n",
            redis.append_only, redis.replicas);
  put_bulk(out, &text);
  sim_bytes_free(&text);
}

static void do_config(const struct redis_text *argv, struct sim_bytes *out) {
  const char *value = "no";
  if (is(argv[2], "appendfsync")) value = redis.append_fsync;
  sim_print(out, "*2\r\n$%zu\r\n%.*s\r\n$%zu\r\n%s\r\n", argv[2].size,
            (int)argv[2].size, argv[2].data, strlen(value), value);
}

static void do_client(struct redis_client *client,
                      const struct redis_text *argv, struct sim_bytes *out) {
  if (is(argv[1], "ID")) {
    sim_print(out, ":%" PRId64 "\r\n", client->id);
    return;
  }
  int64_t id = strtoll(argv[3].data, NULL, 10);
  int killed = 0;
  for (size_t i = 0; i < redis.client_count; i++) {
    struct redis_client *other = redis.clients[i];
    if (other->id != id || !other->there) continue;
    redis_break(other);
    other->up.size = 0;
    killed++;
  }
  sim_print(out, ":%d\r\n", killed);
}

/* How many replicas have what the client wrote, after a wait that is not
 * waited here. */
static void do_wait(struct redis_client *client, const struct redis_text *argv,
                    struct sim_bytes *out) {
  unsigned wanted = (unsigned)strtoul(argv[1].data, NULL, 10), have = 0;
  if (redis.mood == REDIS_READONLY) {
    sim_print(out,
              "-ERR WAIT cannot be used with replica instances. Please "
              "also note that since Redis 4.0 if a replica is configured ");
    sim_print(out, "to be writable (which is not the default) writes to "
                   "replicas are just local and are not propagated.\r\n");
    return;
  }
  for (unsigned i = 0; i < redis.replicas; i++) {
    if (sim_now() >= redis.lags_until && sim_chance(800))
      redis.replica_at[i] = redis.unit_count;
    have += redis.replica_at[i] >= client->written;
  }
  if (have >= wanted && client->written > redis.confirmed)
    redis.confirmed = client->written;
  sim_print(out, ":%u\r\n", have);
}

static bool do_server(struct redis_client *client, int argc,
                      struct redis_text *argv, struct sim_bytes *out) {
  if (is(argv[0], "WATCH")) {
    do_watch(client, argc, argv);
    sim_print(out, "+OK\r\n");
  } else if (is(argv[0], "UNWATCH") || is(argv[0], "MULTI")) {
    client->multi = is(argv[0], "MULTI");
    if (!client->multi) unwatch(client);
    sim_print(out, "+OK\r\n");
  } else if (is(argv[0], "EXEC")) {
    do_exec(client, out);
  } else if (is(argv[0], "SELECT") || is(argv[0], "AUTH")) {
    sim_print(out, "+OK\r\n");
  } else if (is(argv[0], "PING")) {
    sim_print(out, "+PONG\r\n");
  } else if (is(argv[0], "INFO")) {
    do_info(out);
  } else if (is(argv[0], "CONFIG")) {
    do_config(argv, out);
  } else if (is(argv[0], "CLIENT")) {
    do_client(client, argv, out);
  } else if (is(argv[0], "WAIT")) {
    do_wait(client, argv, out);
  } else {
    return false;
  }
  return true;
}

static void tell(const struct redis_client *client, int argc,
                 const struct redis_text *argv) {
  if (!sim_verbose) return;
  sim_note("    redis %" PRId64 " (%s): %.*s %.*s%s", client->id,
           client->owner->name, (int)argv[0].size, argv[0].data,
           argc > 1 ? (int)argv[1].size : 0, argc > 1 ? argv[1].data : "",
           argv[0].size == 4 && memcmp(argv[0].data, "EXEC", 4) == 0 &&
                   client->dirty
               ? " in vain"
               : "");
}

void redis_run(struct redis_client *client, int argc, struct redis_text *argv,
               struct sim_bytes *out) {
  size_t before = redis.unit_count;
  tell(client, argc, argv);
  if (client->multi && !is(argv[0], "EXEC")) {
    enqueue(client, argc, argv, out);
    return;
  }
  if (!do_server(client, argc, argv, out)) {
    const char *why = redis_refusal(argv);
    if (why != NULL) {
      sim_print(out, "-%s\r\n", why);
    } else if (!redis_keyed(argc, argv, out)) {
      (void)fprintf(stderr,
                    "the Redis of the simulation knows no %.*s: teach "
                    "it (tests/sim/redis_commands.c)\n",
                    (int)argv[0].size, argv[0].data);
      abort();
    }
  }
  redis_close_unit();
  if (redis.unit_count > before) client->written = redis.unit_count;
}

void redis_operate(const char *command, const char *key, const char *field,
                   const char *value) {
  struct redis_text argv[] = {{command, strlen(command)},
                              {key, strlen(key)},
                              {field, strlen(field)},
                              {value, strlen(value)}};
  struct sim_bytes ignored = {0};
  (void)redis_keyed(4, argv, &ignored);
  redis_close_unit();
  sim_bytes_free(&ignored);
}

/* ---- life and death ---- */

void redis_begin(void) {
  redis = (struct redis_server){.up = true,
                                .run = 1,
                                .next_id = 7,
                                .append_only = true,
                                .append_fsync = "always"};
}

void redis_kill(void) {
  redis.up = false;
  redis.paused = false;
  for (size_t i = 0; i < redis.client_count; i++)
    redis_break(redis.clients[i]);
}

void redis_start(size_t units) {
  if (units < redis.unit_count) redis.unit_count = units;
  redis.log.size = units > 0 ? redis.units[redis.unit_count - 1].end : 0;
  for (unsigned i = 0; i < REDIS_REPLICAS; i++)
    if (redis.replica_at[i] > units) redis.replica_at[i] = units;
  if (redis.confirmed > units) redis.confirmed = units;
  redis.run++;
  redis.next_id = 3 + (int64_t)sim_random(5);
  redis.up = true;
  redis_keys_clear(&redis.keys);
  replay();
}

void redis_end(void) {
  redis_keys_clear(&redis.keys);
  for (size_t i = 0; i < redis.client_count; i++) {
    sim_bytes_free(&redis.clients[i]->up);
    sim_bytes_free(&redis.clients[i]->down);
    sim_bytes_free(&redis.clients[i]->queue);
    free(redis.clients[i]);
  }
  sim_bytes_free(&redis.log);
  sim_bytes_free(&redis.unit);
  free(redis.units);
  redis = (struct redis_server){0};
}
