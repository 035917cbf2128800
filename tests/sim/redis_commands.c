/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/redis_call.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What each command does. A command that the store begins to use is one more
 * function and one more row of the table at the end. */

/* ---- answers ---- */

void call_integer(struct call *call, int64_t value) {
  sim_print(call->out, ":%" PRId64 "\r\n", value);
}

void call_bulk(struct call *call, const char *data, size_t size) {
  sim_print(call->out, "$%zu\r\n", size);
  sim_put(call->out, data, size);
  sim_put(call->out, "\r\n", 2);
}

void call_say(struct call *call, const char *text) {
  sim_print(call->out, "%s\r\n", text);
}

static void call_nil(struct call *call) {
  call_say(call, "$-1");
}

void call_array(struct call *call, size_t count) {
  sim_print(call->out, "*%zu\r\n", count);
}

static void wrong_type(struct call *call) {
  call_say(call, "-WRONGTYPE Operation against a key holding the wrong kind of "
                 "value");
}

bool call_is(struct redis_text text, const char *word) {
  return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

int64_t call_number(struct redis_text text) {
  char digits[24] = "";
  if (text.size < sizeof digits) memcpy(digits, text.data, text.size);
  return strtoll(digits, NULL, 10);
}

/* The key of argument 1 to be read; false: it is of another type, and the
 * answer says so. *out NULL: it is not there. */
bool call_to_read(struct call *call, enum redis_type type,
                  struct redis_key **out) {
  *out = redis_key_find(&redis.keys, call->argv[1]);
  if (*out == NULL || (*out)->type == type) return true;
  wrong_type(call);
  return false;
}

struct redis_key *call_to_write(struct call *call, enum redis_type type) {
  struct redis_key *key = redis_key_make(&redis.keys, call->argv[1], type);
  if (key == NULL) wrong_type(call);
  return key;
}

void call_written(struct call *call, struct redis_key *key) {
  redis_touch(key);
  redis_log(call->argc, call->argv);
  if (key->count == 0 && key->type != REDIS_STREAM)
    redis_key_remove(&redis.keys, key);
}

/* ---- hashes ---- */

static void do_hset(struct call *call) {
  struct redis_key *key = call_to_write(call, REDIS_HASH);
  int added = 0;
  if (key == NULL) return;
  for (int i = 2; i + 1 < call->argc; i += 2)
    added += redis_item_set(key, call->argv[i], call->argv[i + 1]);
  call_integer(call, added);
  call_written(call, key);
}

static void do_hdel(struct call *call) {
  struct redis_key *key;
  int removed = 0;
  if (!call_to_read(call, REDIS_HASH, &key)) return;
  for (int i = 2; key != NULL && i < call->argc; i++) {
    struct redis_item *item = redis_item_find(key, call->argv[i]);
    if (item == NULL) continue;
    redis_item_remove(key, (size_t)(item - key->items), 1);
    removed++;
  }
  call_integer(call, removed);
  if (removed > 0) call_written(call, key);
}

static void value_of(struct call *call, struct redis_key *key,
                     struct redis_text field) {
  struct redis_item *item = key != NULL ? redis_item_find(key, field) : NULL;
  if (item != NULL)
    call_bulk(call, item->value, item->value_size);
  else
    call_nil(call);
}

static void do_hget(struct call *call) {
  struct redis_key *key;
  if (call_to_read(call, REDIS_HASH, &key)) value_of(call, key, call->argv[2]);
}

static void do_hmget(struct call *call) {
  struct redis_key *key;
  if (!call_to_read(call, REDIS_HASH, &key)) return;
  call_array(call, (size_t)call->argc - 2);
  for (int i = 2; i < call->argc; i++)
    value_of(call, key, call->argv[i]);
}

static void pairs(struct call *call, const struct redis_key *key) {
  size_t count = key != NULL ? key->count : 0;
  call_array(call, 2 * count);
  for (size_t i = 0; i < count; i++) {
    call_bulk(call, key->items[i].field, key->items[i].field_size);
    call_bulk(call, key->items[i].value, key->items[i].value_size);
  }
}

static void do_hgetall(struct call *call) {
  struct redis_key *key;
  if (call_to_read(call, REDIS_HASH, &key)) pairs(call, key);
}

/* All of it at once, as Redis does with a small hash. */
static void do_hscan(struct call *call) {
  struct redis_key *key;
  if (!call_to_read(call, REDIS_HASH, &key)) return;
  call_array(call, 2);
  call_bulk(call, "0", 1);
  pairs(call, key);
}

void call_count(struct call *call, enum redis_type type) {
  struct redis_key *key;
  if (call_to_read(call, type, &key))
    call_integer(call, key != NULL ? (int64_t)key->count : 0);
}

static void do_hlen(struct call *call) {
  call_count(call, REDIS_HASH);
}

/* ---- sets, strings, any key ---- */

static void do_sadd(struct call *call) {
  struct redis_key *key = call_to_write(call, REDIS_SET);
  int added = 0;
  if (key == NULL) return;
  for (int i = 2; i < call->argc; i++)
    added += redis_item_set(key, call->argv[i], (struct redis_text){"", 0});
  call_integer(call, added);
  if (added > 0) call_written(call, key);
}

static void do_smembers(struct call *call) {
  struct redis_key *key;
  if (!call_to_read(call, REDIS_SET, &key)) return;
  call_array(call, key != NULL ? key->count : 0);
  for (size_t i = 0; key != NULL && i < key->count; i++)
    call_bulk(call, key->items[i].field, key->items[i].field_size);
}

/* Whatever was there, and however long it had to live. */
static void do_set(struct call *call) {
  struct redis_key *key = redis_key_find(&redis.keys, call->argv[1]);
  if (key != NULL && key->type != REDIS_STRING) {
    redis_touch(key);
    redis_key_remove(&redis.keys, key);
  }
  key = redis_key_make(&redis.keys, call->argv[1], REDIS_STRING);
  key->expires = 0;
  (void)redis_item_set(key, (struct redis_text){"", 0}, call->argv[2]);
  call_say(call, "+OK");
  call_written(call, key);
}

static void do_get(struct call *call) {
  struct redis_key *key;
  if (call_to_read(call, REDIS_STRING, &key))
    value_of(call, key, (struct redis_text){"", 0});
}

static bool is_number(const struct redis_item *item) {
  return item->value_size > 0 && item->value_size < 20 &&
         strspn(item->value, "-0123456789") == item->value_size;
}

void call_incrby(struct call *call) {
  struct redis_key *key = call_to_write(call, REDIS_STRING);
  char text[24];
  if (key == NULL) return;
  int64_t value = call_number(call->argv[2]);
  if (key->count > 0 && !is_number(&key->items[0])) {
    call_say(call, "-ERR value is not an integer or out of range");
    return;
  }
  if (key->count > 0) value += strtoll(key->items[0].value, NULL, 10);
  int size = snprintf(text, sizeof text, "%" PRId64, value);
  (void)redis_item_set(key, (struct redis_text){"", 0},
                       (struct redis_text){text, (size_t)size});
  call_integer(call, value);
  call_written(call, key);
}

static void do_type(struct call *call) {
  static const char *const names[] = {"+none", "+string", "+list",
                                      "+set",  "+hash",   "+stream"};
  const struct redis_key *key = redis_key_find(&redis.keys, call->argv[1]);
  call_say(call, names[key != NULL ? key->type : REDIS_NONE]);
}

static void do_exists(struct call *call) {
  int found = 0;
  for (int i = 1; i < call->argc; i++)
    found += redis_key_find(&redis.keys, call->argv[i]) != NULL;
  call_integer(call, found);
}

static void do_del(struct call *call) {
  int removed = 0;
  for (int i = 1; i < call->argc; i++) {
    struct redis_key *key = redis_key_find(&redis.keys, call->argv[i]);
    if (key == NULL) continue;
    redis_touch(key);
    redis_key_remove(&redis.keys, key);
    removed++;
  }
  call_integer(call, removed);
  if (removed > 0) redis_log(call->argc, call->argv);
}

static void do_pexpire(struct call *call) {
  struct redis_key *key = redis_key_find(&redis.keys, call->argv[1]);
  if (key != NULL) {
    key->expires = sim_now() + call_number(call->argv[2]) * SIM_MS;
    redis_log(call->argc, call->argv);
    redis_touch(key);
  }
  call_integer(call, key != NULL);
}

/* ---- lists ---- */

static void do_rpush(struct call *call) {
  struct redis_key *key = call_to_write(call, REDIS_LIST);
  if (key == NULL) return;
  for (int i = 2; i < call->argc; i++)
    (void)redis_item_set(key, (struct redis_text){"", 0}, call->argv[i]);
  call_integer(call, (int64_t)key->count);
  call_written(call, key);
}

static void do_lrange(struct call *call) {
  struct redis_key *key;
  if (!call_to_read(call, REDIS_LIST, &key)) return;
  size_t count = key != NULL ? key->count : 0;
  size_t first = (size_t)call_number(call->argv[2]);
  int64_t last = call_number(call->argv[3]);
  size_t end = last < 0 ? count : (size_t)last + 1;
  if (end > count) end = count;
  if (first > end) first = end;
  call_array(call, end - first);
  for (size_t i = first; i < end; i++)
    call_bulk(call, key->items[i].value, key->items[i].value_size);
}

static void do_lrem(struct call *call) {
  struct redis_key *key;
  int removed = 0;
  if (!call_to_read(call, REDIS_LIST, &key)) return;
  for (size_t i = 0; key != NULL && i < key->count;) {
    if (!call_is(call->argv[3], key->items[i].value)) {
      i++;
      continue;
    }
    redis_item_remove(key, i, 1);
    removed++;
  }
  call_integer(call, removed);
  if (removed > 0) call_written(call, key);
}

static void do_incr(struct call *call) {
  struct redis_text by_one[] = {call->argv[0], call->argv[1], {"1", 1}};
  struct call increase = {3, by_one, call->out};
  bool replaying = redis.replaying;
  redis.replaying = true; /* the log has the command as it was given */
  call_incrby(&increase);
  redis.replaying = replaying;
  redis_log(call->argc, call->argv);
}

static void do_sismember(struct call *call) {
  struct redis_key *key;
  if (call_to_read(call, REDIS_SET, &key))
    call_integer(call, key && redis_item_find(key, call->argv[2]));
}

/* ---- the table ---- */

static const struct row {
  const char *name;
  int least;
  bool writes, grows;
  void (*run)(struct call *);
} rows[] = {
    {"HSET", 4, true, true, do_hset},
    {"HDEL", 3, true, false, do_hdel},
    {"HGET", 3, false, false, do_hget},
    {"HMGET", 3, false, false, do_hmget},
    {"HGETALL", 2, false, false, do_hgetall},
    {"HSCAN", 3, false, false, do_hscan},
    {"HLEN", 2, false, false, do_hlen},
    {"SADD", 3, true, true, do_sadd},
    {"SMEMBERS", 2, false, false, do_smembers},
    {"SET", 3, true, true, do_set},
    {"GET", 2, false, false, do_get},
    {"INCR", 2, true, true, do_incr},
    {"SISMEMBER", 3, false, false, do_sismember},
    {"INCRBY", 3, true, true, call_incrby},
    {"TYPE", 2, false, false, do_type},
    {"EXISTS", 2, false, false, do_exists},
    {"DEL", 2, true, false, do_del},
    {"PEXPIRE", 3, true, false, do_pexpire},
    {"RPUSH", 3, true, true, do_rpush},
    {"LRANGE", 4, false, false, do_lrange},
    {"LREM", 4, true, false, do_lrem},
    {"XADD", 5, true, true, call_xadd},
    {"XRANGE", 4, false, false, call_xrange},
    {"XLEN", 2, false, false, call_xlen},
    {"XDEL", 3, true, false, call_xdel},
    {"XINFO", 3, false, false, call_xinfo},
    {"EVAL", 6, true, false, call_eval},
};

/* What a mood refuses, and how. */
static const struct {
  const char *words;
  enum { NOTHING, GROWTH, WRITES, ALL } what;
} moods[REDIS_MOOD_COUNT] = {
    [REDIS_FINE] = {"", NOTHING},
    [REDIS_OOM] = {"OOM command not allowed when used memory > 'maxmemory'.",
                   GROWTH},
    [REDIS_MISCONF] = {"MISCONF Errors writing to the AOF file: No space left "
                       "on device",
                       WRITES},
    [REDIS_READONLY] = {"READONLY You can't write against a read only replica.",
                        WRITES},
    [REDIS_LOADING] = {"LOADING Redis is loading the dataset in memory", ALL}};

static const char *refusal(const struct row *row) {
  bool refused = moods[redis.mood].what == ALL ||
                 (moods[redis.mood].what == WRITES && row->writes) ||
                 (moods[redis.mood].what == GROWTH && row->grows);
  return refused ? moods[redis.mood].words : NULL;
}

static const struct row *row_of(struct redis_text name) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (call_is(name, rows[i].name)) return &rows[i];
  return NULL;
}

const char *redis_refusal(const struct redis_text *argv) {
  const struct row *row = row_of(argv[0]);
  return row != NULL ? refusal(row) : NULL;
}

/* Where memory is short, what is queued takes of it, whatever it does. */
const char *redis_queue_refusal(const struct redis_text *argv) {
  if (moods[redis.mood].what == GROWTH) return moods[redis.mood].words;
  return redis_refusal(argv);
}

/* False: no command about keys. */
bool redis_keyed(int argc, struct redis_text *argv, struct sim_bytes *out) {
  const struct row *row = row_of(argv[0]);
  struct call call = {argc, argv, out};
  if (row == NULL) return false;
  if (argc < row->least) {
    sim_print(out, "-ERR wrong number of arguments for '%s' command\r\n",
              row->name);
    return true;
  }
  row->run(&call);
  return true;
}
