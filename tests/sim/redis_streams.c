/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/redis_call.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Streams, and the scripts that deal with them. */

struct id {
  int64_t first, second;
};

static struct id id_of(struct redis_text text) {
  char digits[48] = "";
  struct id id = {0, 0};
  if (text.size < sizeof digits) memcpy(digits, text.data, text.size);
  (void)sscanf(digits, "%" SCNd64 "-%" SCNd64, &id.first, &id.second);
  return id;
}

static bool below(struct id a, struct id b) {
  return a.first != b.first ? a.first < b.first : a.second < b.second;
}

/* "*": the time, or one more than the last. */
static struct id next_id(const struct redis_key *key, struct redis_text given) {
  if (!call_is(given, "*")) return id_of(given);
  int64_t now = 1700000000000LL + sim_now() / SIM_MS;
  if (key != NULL && key->last_id >= now)
    return (struct id){key->last_id, key->last_part + 1};
  return (struct id){now, 0};
}

/* Entries below an id are cut off. */
static void cut_below(struct redis_key *key, struct id least) {
  size_t count = 0;
  while (count < key->count &&
         below(id_of((struct redis_text){key->items[count].field,
                                         key->items[count].field_size}),
               least))
    count++;
  redis_item_remove(key, 0, count);
}

/* XADD key [MINID = id] id field value … */
void call_xadd(struct call *call) {
  int at = call_is(call->argv[2], "MINID") ? 5 : 2;
  struct redis_key *key = call_to_write(call, REDIS_STREAM);
  char text[48];
  struct sim_bytes fields = {0};
  if (key == NULL) return;
  struct id id = next_id(key, call->argv[at]);
  if (!below((struct id){key->last_id, key->last_part}, id)) {
    call_say(call, "-ERR The ID specified in XADD is equal or smaller than the "
                   "target stream top item");
    return;
  }
  int size =
      snprintf(text, sizeof text, "%" PRId64 "-%" PRId64, id.first, id.second);
  call->argv[at] = (struct redis_text){text, (size_t)size};
  struct call answer = {.out = &fields};
  call_array(&answer, (size_t)(call->argc - at - 1));
  for (int i = at + 1; i < call->argc; i++)
    call_bulk(&answer, call->argv[i].data, call->argv[i].size);
  (void)redis_item_set(key, call->argv[at],
                       (struct redis_text){fields.data, fields.size});
  key->items[key->count - 1].unit = redis.replaying ? 0 : redis.unit_count + 1;
  sim_bytes_free(&fields);
  if (at > 2) cut_below(key, id_of(call->argv[4]));
  key->last_id = id.first;
  key->last_part = id.second;
  call_bulk(call, text, (size_t)size);
  call_written(call, key);
}

static bool within(struct redis_text id, struct redis_text from,
                   struct redis_text to) {
  struct id at = id_of(id);
  if (from.data[0] == '(') {
    struct redis_text rest = {from.data + 1, from.size - 1};
    if (!below(id_of(rest), at)) return false;
  } else if (!call_is(from, "-") && below(at, id_of(from))) {
    return false;
  }
  return call_is(to, "+") || !below(id_of(to), at);
}

void call_xrange(struct call *call) {
  struct redis_key *key;
  struct sim_bytes found = {0};
  struct call inner = {.out = &found};
  int64_t most = call->argc > 5 ? call_number(call->argv[5]) : INT64_MAX;
  int64_t count = 0;
  if (!call_to_read(call, REDIS_STREAM, &key)) return;
  for (size_t i = 0; key != NULL && i < key->count && count < most; i++) {
    struct redis_item *item = &key->items[i];
    struct redis_text id = {item->field, item->field_size};
    if (!within(id, call->argv[2], call->argv[3])) continue;
    call_array(&inner, 2);
    call_bulk(&inner, item->field, item->field_size);
    sim_put(&found, item->value, item->value_size);
    count++;
  }
  call_array(call, (size_t)count);
  sim_put(call->out, found.data, found.size);
  sim_bytes_free(&found);
}

void call_xlen(struct call *call) {
  call_count(call, REDIS_STREAM);
}

void call_xdel(struct call *call) {
  struct redis_key *key;
  int removed = 0;
  if (!call_to_read(call, REDIS_STREAM, &key)) return;
  for (int i = 2; key != NULL && i < call->argc; i++) {
    struct redis_item *item = redis_item_find(key, call->argv[i]);
    if (item == NULL) continue;
    redis_item_remove(key, (size_t)(item - key->items), 1);
    removed++;
  }
  call_integer(call, removed);
  if (removed > 0) call_written(call, key);
}

void call_xinfo(struct call *call) {
  struct call named = {2, &call->argv[1], call->out};
  struct redis_key *key;
  char text[48];
  if (!call_to_read(&named, REDIS_STREAM, &key)) return;
  if (key == NULL) {
    call_say(call, "-ERR no such key");
    return;
  }
  int size = snprintf(text, sizeof text, "%" PRId64 "-%" PRId64, key->last_id,
                      key->last_part);
  call_array(call, 4);
  call_bulk(call, "length", 6);
  call_integer(call, (int64_t)key->count);
  call_bulk(call, "last-generated-id", 17);
  call_bulk(call, text, (size_t)size);
}

static bool has(struct redis_text text, const char *word) {
  size_t size = strlen(word);
  for (size_t i = 0; i + size <= text.size; i++)
    if (memcmp(text.data + i, word, size) == 0) return true;
  return false;
}

/* What the script does second: false where that cannot be; then the answer is
 * why, and what was cut stays cut. (Short memory is no reason: a script that
 * has written may go on.) */
static bool count_cut(struct call *call, size_t cut) {
  char text[24];
  int size = snprintf(text, sizeof text, "%zu", cut);
  struct sim_bytes answer = {0};
  struct redis_text count[] = {
      {"INCRBY", 6}, call->argv[4], {text, (size_t)size}};
  struct call increase = {3, count, &answer};
  bool replaying = redis.replaying;
  redis.replaying = true; /* the script is in the log, not what it does */
  call_incrby(&increase);
  redis.replaying = replaying;
  bool fine = answer.data[0] != '-';
  if (!fine) sim_put(call->out, answer.data, answer.size);
  sim_bytes_free(&answer);
  return fine;
}

/* One script is known, the one that caps the rejects. */
void call_eval(struct call *call) {
  struct call trim = {2, &call->argv[2], call->out};
  struct redis_key *key;
  size_t most = (size_t)call_number(call->argv[5]);
  if (!has(call->argv[1], "XTRIM")) abort();
  if (!call_to_read(&trim, REDIS_STREAM, &key)) return;
  size_t cut = key != NULL && key->count > most ? key->count - most : 0;
  if (cut > 0) {
    redis_item_remove(key, 0, cut);
    redis_touch(key);
    redis_log(call->argc, call->argv);
    if (!count_cut(call, cut)) return;
  }
  call_integer(call, (int64_t)cut);
}
