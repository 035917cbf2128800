/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/against.h"
#include "harness/redis.h"
#include "sim/redis.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * sim_against [--sequences N] [--seed N]
 *
 * The Redis of the simulation is held against a redis-server: sequences of
 * commands on three connections, of the shapes that src/store sends, are sent
 * to both, and each answer must have the same bytes, but for what a server
 * chooses:
 *
 *   ids of XADD *     the n-th that either chose is the same id
 *   XINFO STREAM      length and last-generated-id, which are what is read
 *   INFO              which of the lines the simulation gives are there, and
 *                     those without a number of its own
 *   SMEMBERS          in alphabetical order
 *   an error of EVAL  without the script's name behind it
 *
 * Some sequences are run while the server refuses what grows, or what writes.
 * What it says while it loads, and when its disk is full, is not compared.
 */

static struct harness_redis server;
static int sockets[AGAINST_CLIENTS + 1];
static struct redis_client *clients[AGAINST_CLIENTS];
static struct sim_process nobody = {.name = "against"};
static struct against_ids ids[AGAINST_SIDES];

enum { OURS, THEIRS };

/* ---- the world of the simulation, without one ---- */

bool sim_verbose;
static uint64_t drawn;

uint64_t sim_random(uint64_t below) {
  uint64_t z = drawn += 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  z ^= z >> 31;
  return below > 0 ? z % below : z;
}

bool sim_chance(unsigned per_mille) {
  return sim_random(1000) < per_mille;
}

static int64_t now = 1000 * (int64_t)SIM_S;

int64_t sim_now(void) {
  return now;
}

void sim_note(const char *format, ...) {
  (void)format;
}

void *sim_take(size_t size) {
  void *memory = calloc(1, size > 0 ? size : 1);
  if (memory == NULL) abort();
  return memory;
}

void *sim_grow(void *memory, size_t size) {
  memory = realloc(memory, size);
  if (memory == NULL) abort();
  return memory;
}

void redis_break(struct redis_client *client) {
  client->there = false;
}

/* ---- answers ---- */

/* The place behind the line at `at`; 0: it is not whole. */
static size_t line_end(const struct sim_bytes *bytes, size_t at) {
  for (; at + 1 < bytes->size; at++)
    if (bytes->data[at] == '\r' && bytes->data[at + 1] == '\n') return at + 2;
  return 0;
}

/* The place behind one answer; 0: it is not whole. */
static size_t reply_end(const struct sim_bytes *bytes, size_t at) {
  size_t end = line_end(bytes, at);
  if (end == 0) return 0;
  long count = strtol(bytes->data + at + 1, NULL, 10);
  if (bytes->data[at] == '$' && count >= 0) {
    end += (size_t)count + 2;
    return end <= bytes->size ? end : 0;
  }
  if (bytes->data[at] != '*') return end;
  for (; count > 0 && end > 0; count--)
    end = reply_end(bytes, end);
  return end;
}

static void ask_theirs(unsigned client, const struct sim_bytes *command,
                       struct sim_bytes *out) {
  char room[65536];
  size_t sent = 0;
  while (sent < command->size) {
    ssize_t some =
        write(sockets[client], command->data + sent, command->size - sent);
    if (some <= 0) abort();
    sent += (size_t)some;
  }
  out->size = 0;
  while (out->size == 0 || reply_end(out, 0) == 0) {
    ssize_t got = read(sockets[client], room, sizeof room);
    if (got <= 0) abort();
    sim_put(out, room, (size_t)got);
  }
}

static void ask_ours(unsigned client, const struct sim_bytes *command,
                     struct sim_bytes *out) {
  static struct redis_text argv[REDIS_ARGUMENTS];
  int argc = 0;
  out->size = 0;
  now += SIM_MS; /* no two ids of two commands are the same */
  if (redis_parse(command->data, command->size, &argc, argv) != command->size)
    abort();
  redis_run(clients[client], argc, argv, out);
}

/* ---- what a server chooses ---- */

/* "1700000001000-0": thirteen digits. */
static bool is_chosen(const char *text, size_t size) {
  return size > 14 && size < 40 && strspn(text, "0123456789") == 13 &&
         text[13] == '-';
}

static unsigned number_of(struct against_ids *list, const char *text,
                          size_t size) {
  unsigned at = 0;
  while (at < list->count && (strlen(list->items[at]) != size ||
                              memcmp(list->items[at], text, size) != 0))
    at++;
  if (at == list->count && at < AGAINST_IDS) {
    memcpy(list->items[at], text, size);
    list->items[at][size] = '\0';
    list->count++;
  }
  return at;
}

static void put_normal(unsigned side, const struct sim_bytes *in,
                       struct sim_bytes *out) {
  for (size_t at = 0; at < in->size;) {
    size_t end = line_end(in, at);
    const char *script = NULL;
    if (in->data[at] == '-') script = strstr(in->data + at, " script: ");
    size_t size =
        script != NULL ? (size_t)(script - in->data) - at : end - 2 - at;
    sim_put(out, in->data + at, size);
    sim_put(out, "\r\n", 2);
    long length = in->data[at] == '$' ? strtol(in->data + at + 1, NULL, 10) : 0;
    const char *text = in->data + end;
    at = end;
    if (length < 0 || in->data[at - 1] != '\n') continue;
    if (length == 0) continue;
    if (is_chosen(text, (size_t)length)) {
      out->size -= size + 2; /* and its length, which may differ */
      sim_print(out, "id %u\r\n", number_of(&ids[side], text, (size_t)length));
    } else {
      sim_put(out, text, (size_t)length + 2);
    }
    at += (size_t)length + 2;
  }
}

/* "name" and the item behind it of an answer of XINFO. */
static void put_named(const struct sim_bytes *in, const char *name,
                      struct sim_bytes *out) {
  size_t at = line_end(in, 0);
  while (at > 0 && at < in->size) {
    size_t value = reply_end(in, at), end = reply_end(in, value);
    const char *text = in->data + line_end(in, at);
    if (strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == '\r')
      sim_put(out, in->data + at, end - at);
    at = end;
  }
}

static void normal_xinfo(struct sim_bytes *bytes) {
  struct sim_bytes kept = {0};
  if (bytes->data[0] != '*') return;
  put_named(bytes, "length", &kept);
  put_named(bytes, "last-generated-id", &kept);
  bytes->size = 0;
  sim_put(bytes, kept.data, kept.size);
  sim_bytes_free(&kept);
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Members are terminated texts without line ends here. */
static void normal_smembers(struct sim_bytes *bytes) {
  char *members[64];
  size_t count = 0;
  struct sim_bytes copy = {0};
  if (bytes->data[0] != '*') return;
  sim_put(&copy, bytes->data, bytes->size);
  char *rest = copy.data;
  for (char *word; (word = strsep(&rest, "\n")) != NULL && count < 64;)
    if (word[0] != '*' && word[0] != '$' && *word) members[count++] = word;
  qsort(members, count, sizeof *members, by_text);
  bytes->size = 0;
  for (size_t i = 0; i < count; i++)
    sim_print(bytes, "%s\n", members[i]);
  sim_bytes_free(&copy);
}

/* INFO: which names there are, and what they say where that is not a number
 * that changes. */
static void normal_info(struct sim_bytes *bytes, const struct sim_bytes *ours) {
  static const char *const names[] = {"run_id:", "redis_version:"};
  char found[64] = "";
  for (size_t i = 0; i < 2; i++) {
    const char *at = strstr(bytes->data, names[i]);
    if (at == NULL || strstr(ours->data, names[i]) == NULL) continue;
    size_t size = strcspn(at, "\r") - strlen(names[i]);
    (void)snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s;",
                   names[i], i == 0 && size == 40 ? "40" : "some");
  }
  bytes->size = 0;
  sim_print(bytes, "%s", found);
}

static void normalise(unsigned side, const char *name,
                      const struct sim_bytes *ours, struct sim_bytes *bytes) {
  struct sim_bytes out = {0};
  if (strcmp(name, "INFO") == 0) {
    normal_info(bytes, ours);
    return;
  }
  if (strcmp(name, "XINFO") == 0) normal_xinfo(bytes);
  if (strcmp(name, "SMEMBERS") == 0) {
    normal_smembers(bytes);
    return;
  }
  put_normal(side, bytes, &out);
  sim_bytes_free(bytes);
  *bytes = out;
}

/* ---- a sequence ---- */

static void print_bytes(const char *what, const struct sim_bytes *bytes) {
  (void)fprintf(stderr, "  %s ", what);
  for (size_t i = 0; i < bytes->size && i < 600; i++) {
    unsigned char byte = (unsigned char)bytes->data[i];
    if (byte == '\r') continue;
    if (byte == '\n')
      (void)fputc(' ', stderr);
    else if (byte >= 0x20 && byte < 0x7F)
      (void)fputc(byte, stderr);
    else
      (void)fprintf(stderr, "\\x%02x", byte);
  }
  (void)fputc('\n', stderr);
}

static bool compare(unsigned client, const struct against_command *command,
                    bool telling) {
  static struct sim_bytes answers[AGAINST_SIDES], whole;
  ask_ours(client, &command->bytes[OURS], &answers[OURS]);
  ask_theirs(client, &command->bytes[THEIRS], &answers[THEIRS]);
  whole.size = 0;
  sim_put(&whole, answers[OURS].data, answers[OURS].size);
  for (unsigned side = 0; side < AGAINST_SIDES; side++)
    normalise(side, command->name, &whole, &answers[side]);
  bool same =
      answers[OURS].size == answers[THEIRS].size &&
      memcmp(answers[OURS].data, answers[THEIRS].data, answers[OURS].size) == 0;
  if (!telling && same) return true;
  (void)fprintf(stderr, "client %u%s\n", client, same ? "" : ": DIFFERS");
  print_bytes("sent  ", &command->bytes[OURS]);
  print_bytes("ours  ", &answers[OURS]);
  print_bytes("theirs", &answers[THEIRS]);
  return same;
}

static bool say(unsigned client, const char *word, bool telling) {
  struct against_command command = {.name = ""};
  (void)snprintf(command.name, sizeof command.name, "%s", word);
  for (unsigned side = 0; side < AGAINST_SIDES; side++)
    sim_print(&command.bytes[side], "*1\r\n$%zu\r\n%s\r\n", strlen(word), word);
  bool same = compare(client, &command, telling);
  for (unsigned side = 0; side < AGAINST_SIDES; side++)
    sim_bytes_free(&command.bytes[side]);
  return same;
}

/* A line for the real one alone, on a connection of its own. */
static void tell_server(const char *line) {
  struct sim_bytes command = {0}, answer = {0};
  sim_print(&command, "%s\r\n", line);
  ask_theirs(AGAINST_CLIENTS, &command, &answer);
  if (strncmp(answer.data, "+OK", 3) != 0) abort();
  sim_bytes_free(&command);
  sim_bytes_free(&answer);
}

/* What the server refuses from now on, on both sides. */
static void set_mood(enum redis_mood mood) {
  static const char *const begin[REDIS_MOOD_COUNT] = {
      [REDIS_OOM] = "CONFIG SET maxmemory 1",
      [REDIS_READONLY] = "REPLICAOF 127.0.0.1 1"};
  static const char *const end[REDIS_MOOD_COUNT] = {
      [REDIS_OOM] = "CONFIG SET maxmemory 0",
      [REDIS_READONLY] = "REPLICAOF NO ONE"};
  if (redis.mood != REDIS_FINE) tell_server(end[redis.mood]);
  if (mood != REDIS_FINE) tell_server(begin[mood]);
  redis.mood = mood;
}

static void begin(void) {
  redis_end();
  redis_begin();
  redis.append_only = false;
  redis.append_fsync = "everysec";
  for (unsigned i = 0; i < AGAINST_CLIENTS; i++) {
    clients[i] = sim_take(sizeof *clients[i]);
    *clients[i] = (struct redis_client){
        .id = i, .owner = &nobody, .open = true, .there = true};
    redis.clients[redis.client_count++] = clients[i];
  }
  memset(ids, 0, sizeof ids);
}

static bool end(bool telling) {
  bool same = true;
  set_mood(REDIS_FINE);
  for (unsigned i = 0; i < AGAINST_CLIENTS; i++) {
    if (clients[i]->multi) same = say(i, "EXEC", telling) && same;
    same = say(i, "UNWATCH", telling) && same;
  }
  tell_server("FLUSHALL");
  return same;
}

static bool run(uint64_t seed, bool telling) {
  static struct against_command command;
  drawn = seed * 0xD1342543DE82EF95U;
  begin();
  bool same = true, moody = sim_chance(100);
  uint64_t count = 5 + sim_random(30), client = 0;
  for (uint64_t i = 0; i < count && same; i++) {
    if (moody && i > 8 && sim_chance(150))
      set_mood(redis.mood != REDIS_FINE ? REDIS_FINE
               : sim_chance(500)        ? REDIS_OOM
                                        : REDIS_READONLY);
    if (sim_chance(300)) client = sim_random(AGAINST_CLIENTS);
    against_draw(clients[client]->multi, ids, &command);
    same = compare((unsigned)client, &command, telling);
  }
  return end(telling) && same;
}

static int connect_to(const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  (void)snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
  if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
    abort();
  return fd;
}

int main(int argc, char **argv) {
  uint64_t count = 1000, seed = 0, failed = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--sequences") == 0)
      count = strtoull(argv[i + 1], NULL, 10);
    if (strcmp(argv[i], "--seed") == 0) seed = strtoull(argv[i + 1], NULL, 10);
  }
  harness_redis_start(&server, NULL);
  for (unsigned i = 0; i <= AGAINST_CLIENTS; i++)
    sockets[i] = connect_to(server.socket);
  if (seed > 0) count = 1;
  for (uint64_t i = 1; i <= count && failed < 3; i++) {
    if (run(seed > 0 ? seed : i, seed > 0)) continue;
    (void)fprintf(stderr, "see it: sim_against --seed %llu\n",
                  (unsigned long long)(seed > 0 ? seed : i));
    failed++;
  }
  redis_end();
  harness_redis_stop(&server);
  (void)printf("%llu sequences, %llu differ\n", (unsigned long long)count,
               (unsigned long long)failed);
  return failed > 0;
}
