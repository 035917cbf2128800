/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/redis.h"
#include "store/load.h"
#include "store/pack.h"
#include "support.h"
#include "unit.h"
#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Values are written as a commit writes them, packed, and read again in every
 * way in which this room reads: nobody may see a difference.
 */

enum { COUNT = 1200, VALUE_MAX = 2000 };

static struct harness_redis redis;
static redisContext *raw; /* what really lies in Redis */
static struct store *store;
static const struct store_shard_key shard = {"310113000", 2024};
static char codes[COUNT][16];
static struct evald_text code_texts[COUNT];

/* Alike as forms are: the same words, other figures and order. */
static size_t make_value(const char *kind, int number, char out[VALUE_MAX]) {
  static const char *const words[] = {
      "产出指标",     "数量指标", "培训对象覆盖率", "满意度指标",
      "工作计划完成", "及时",     "达成预期指标",   "社会效益指标"};
  size_t size = (size_t)snprintf(out, VALUE_MAX, "\xdc%s %d;", kind, number);
  unsigned seed = (unsigned)number * 2654435761U + 1;
  for (int i = 0; i < 24; i++) {
    seed = seed * 1103515245U + 12345U;
    size += (size_t)snprintf(out + size, VALUE_MAX - size, "%s %u.%02u;",
                             words[seed >> 16 & 7], seed >> 20 & 1023,
                             seed >> 8 & 63);
  }
  return size;
}

static void *command(const char *format, ...) {
  va_list list;
  va_start(list, format);
  void *reply = redisvCommand(raw, format, list);
  va_end(list);
  assert_non_null(reply);
  return reply;
}

static void put(const char *hash, int number) {
  char value[VALUE_MAX];
  size_t size = make_value(hash, number, value);
  freeReplyObject(command("HSET evald:1:{310113000:2024}:%s %s %b", hash,
                          codes[number], value, size));
}

static int start(void **state) {
  (void)state;
  harness_redis_start(&redis, NULL);
  raw = redisConnectUnix(redis.socket);
  struct store_options options = {.unix_path = redis.socket};
  assert_int_equal(store_open(&options, &store, NULL), EVALD_OK);
  assert_int_equal(store_connect(store, NULL), EVALD_OK);
  return 0;
}

static int stop(void **state) {
  (void)state;
  store_close(store);
  redisFree(raw);
  harness_redis_stop(&redis);
  return 0;
}

static int fill(void **state) {
  (void)state;
  freeReplyObject(command("FLUSHALL"));
  store_close(store); /* forgets its dictionaries */
  struct store_options options = {.unix_path = redis.socket};
  assert_int_equal(store_open(&options, &store, NULL), EVALD_OK);
  assert_int_equal(store_connect(store, NULL), EVALD_OK);
  for (int i = 0; i < COUNT; i++) {
    (void)snprintf(codes[i], sizeof codes[i], "P%05d", i);
    code_texts[i] = evald_text_of(codes[i]);
    put("results", i);
    put("forms", i);
  }
  freeReplyObject(command("SADD evald:1:shards 310113000:2024"));
  freeReplyObject(command("HSET evald:1:{310113000:2024}:aggregate epoch 1 "
                          "seq 7 commit x"));
  return 0;
}

static struct store_packed pack_all(void) {
  struct store_packed done = {0};
  int trained = 0;
  struct store_pack_wish wish = {{code_texts, COUNT}, {1, 7}};
  assert_int_equal(store_pack_train(store, &trained, NULL), EVALD_OK);
  assert_int_equal(trained, 2);
  assert_int_equal(store_pack(store, &shard, &wish, &done, NULL), EVALD_OK);
  return done;
}

static void is_value(struct evald_text text, const char *kind, int number) {
  char value[VALUE_MAX];
  size_t size = make_value(kind, number, value);
  assert_non_null(text.data);
  assert_int_equal(text.size, size);
  assert_memory_equal(text.data, value, size);
}

static void test_packing(void **state) {
  (void)state;
  struct store_packed done = pack_all();
  assert_int_equal(done.values, 2 * COUNT);
  assert_true(done.after * 2 < done.before);
  for (int i = 0; i < COUNT; i += 100) {
    redisReply *reply =
        command("HGET evald:1:{310113000:2024}:forms %s", codes[i]);
    assert_memory_equal(reply->str, "\x93\0\x01", 3);
    freeReplyObject(reply);
  }
  struct store_mark mark;
  assert_int_equal(store_pack_mark(store, &shard, &mark, NULL), EVALD_OK);
  assert_true(mark.epoch == 1 && mark.seq == 7);
  struct store_pack_wish again = {{code_texts, COUNT}, {1, 7}};
  assert_int_equal(store_pack(store, &shard, &again, &done, NULL), EVALD_OK);
  assert_int_equal(done.values, 0);
}

static enum evald_status each_once(void *context, struct evald_text field,
                                   struct evald_text value) {
  int *seen = context;
  is_value(value, "results", atoi(field.data + 1));
  ++*seen;
  return EVALD_OK;
}

static void start_over(void *context, const struct store_shard_state *seen) {
  assert_int_equal(seen->seq, 7);
  *(int *)context = 0;
}

/* By a store that has to find the dictionaries first. */
static void test_reading(void **state) {
  (void)state;
  pack_all();
  store_disconnect(store);
  struct store *fresh;
  struct store_options options = {.unix_path = redis.socket};
  assert_int_equal(store_open(&options, &fresh, NULL), EVALD_OK);
  assert_int_equal(store_connect(fresh, NULL), EVALD_OK);

  struct store_want want = {shard, STORE_WANT_LIGHT, code_texts, COUNT};
  struct store_loaded loaded;
  assert_int_equal(store_load(fresh, &want, 1, 0, &loaded, NULL), EVALD_OK);
  assert_int_equal(loaded.value_count, COUNT);
  for (int i = 0; i < COUNT; i++)
    is_value(loaded.values[i], "results", i);

  struct evald_text found;
  assert_int_equal(
      store_get(fresh, STORE_KEY_FORMS, &shard, code_texts[17], &found, NULL),
      EVALD_OK);
  is_value(found, "forms", 17);

  int seen = 0;
  assert_int_equal(
      store_scan(fresh, STORE_KEY_RESULTS, &shard, each_once, &seen, NULL),
      EVALD_OK);
  assert_true(seen >= COUNT);
  struct store_snapshot_reader reader = {&seen, start_over, each_once, NULL};
  assert_int_equal(store_snapshot(fresh, &shard, &reader, 1, NULL), EVALD_OK);
  assert_int_equal(seen, COUNT);
  store_close(fresh);
}

/* What is beyond the bound of an answer is left for the next one: whoever asks
 * again for the rest has them all in the end. */
static void test_bound(void **state) {
  (void)state;
  enum { MOST = 10000 };
  pack_all();
  struct store *small;
  struct store_options options = {.unix_path = redis.socket,
                                  .unpack_max = MOST};
  struct store_loaded loaded;
  assert_int_equal(store_open(&options, &small, NULL), EVALD_OK);
  assert_int_equal(store_connect(small, NULL), EVALD_OK);
  int rounds = 0;
  for (size_t at = 0, count = 0; at < COUNT; at += count, rounds++) {
    struct store_want want = {shard, STORE_WANT_LIGHT, code_texts + at,
                              COUNT - at};
    size_t size = 0;
    assert_int_equal(store_load(small, &want, 1, 0, &loaded, NULL), EVALD_OK);
    for (count = 0; count < COUNT - at; count++) {
      struct evald_text value = loaded.values[count];
      if (value.data == store_value_left) break;
      is_value(value, "results", (int)(at + count));
      size += value.size;
    }
    assert_in_range(size, 1, MOST);
    for (size_t i = count; i < COUNT - at; i++)
      assert_ptr_equal(loaded.values[i].data, store_value_left);
  }
  assert_true(rounds > 2);
  store_close(small);
}

static atomic_bool meddling;

/* Commits without end, as far as the guard can see. */
static void *meddle(void *unused) {
  (void)unused;
  redisContext *other = redisConnectUnix(redis.socket);
  while (atomic_load(&meddling)) {
    freeReplyObject(redisCommand(
        other, "HINCRBY evald:1:{310113000:2024}:aggregate seq 1"));
  }
  redisFree(other);
  return NULL;
}

/* A commit that comes between the reading and the writing wins. */
static void test_interference(void **state) {
  (void)state;
  pack_all();
  for (int i = 0; i < COUNT; i++)
    put("results", i);
  struct store_packed done = {0};
  struct store_pack_wish wish = {{code_texts, COUNT}, {1, 8}};
  pthread_t thread;
  atomic_store(&meddling, true);
  assert_int_equal(pthread_create(&thread, NULL, meddle, NULL), 0);
  (void)usleep(50000);
  enum evald_status status = store_pack(store, &shard, &wish, &done, NULL);
  atomic_store(&meddling, false);
  pthread_join(thread, NULL);
  assert_int_equal(status, EVALD_INTERFERED);
  redisReply *reply = command("HGET evald:1:{310113000:2024}:results P00003");
  assert_int_equal((unsigned char)reply->str[0], 0xdc);
  freeReplyObject(reply);
  assert_int_equal(store_pack(store, &shard, &wish, &done, NULL), EVALD_OK);
  assert_int_equal(done.values, COUNT);
}

/* What cannot be unpacked is handed out as it is. */
static void test_damage(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t size;
  } damaged[] = {
      {"\x93\x00\x63\xc4\x01x", 6}, /* no such dictionary */
      {"\x93\x00\x01\xc4\x05x", 6}, /* shorter than it says */
      {"\x93\x00\x01\xc6\xff\xff\xff\xff", 8},
      {"\x93\x00\x01\xa1x", 5}, /* a text, not bytes */
      {"\x93\x00\xce\x00", 4},
      {"\x93\x00\xc4\x01x", 5},
      {"\x93\x00\x01\xc4\x04zzzz", 9}, /* no zstd frame */
      {"\x93\x00\x01\xc4\x0d\x28\xb5\x2f\xfd\xe0\xff\xff\xff\xff\xff\xff\xff"
       "\x7f",
       18}, /* a frame that claims 2^63 bytes */
  };
  pack_all();
  for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
    struct evald_text found;
    freeReplyObject(command("HSET evald:1:{310113000:2024}:results X %b",
                            damaged[i].bytes, damaged[i].size));
    assert_int_equal(store_get(store, STORE_KEY_RESULTS, &shard,
                               EVALD_TEXT("X"), &found, NULL),
                     EVALD_OK);
    assert_int_equal(found.size, damaged[i].size);
    assert_memory_equal(found.data, damaged[i].bytes, found.size);
  }
}

/* A store that was emptied under a connection that lives on has none of the
 * dictionaries that the connection remembers; nothing may be packed by them. */
static void test_emptied_store(void **state) {
  (void)state;
  struct store_packed done = {0};
  struct store_pack_wish wish = {{code_texts, COUNT}, {1, 7}};
  pack_all();
  freeReplyObject(command("DEL evald:1:dictionaries"));
  for (int i = 0; i < COUNT; i++) {
    put("results", i);
    put("forms", i);
  }
  assert_int_equal(store_pack(store, &shard, &wish, &done, NULL),
                   EVALD_INTERFERED);
  redisReply *reply = command("HGET evald:1:{310113000:2024}:forms P00003");
  assert_int_equal((unsigned char)reply->str[0], 0xdc);
  freeReplyObject(reply);
  assert_int_equal(pack_all().values, 2 * COUNT);
}

/* Makes the dictionary another one, of another id, by which zstd reads nearly
 * the same: only what is copied from it differs. */
static void exchange_dictionary(const char *name) {
  enum { ID = 4 };
  redisReply *reply = command("HGET evald:1:dictionaries %s", name);
  reply->str[ID] = (char)(reply->str[ID] ^ 1);
  for (size_t at = reply->len / 2; at < reply->len; at++)
    reply->str[at] = (char)(reply->str[at] ^ 1);
  freeReplyObject(
      command("HSET evald:1:dictionaries %s %b", name, reply->str, reply->len));
  freeReplyObject(reply);
}

/* Another's dictionary under a number that this one remembers otherwise. */
static void test_other_dictionary(void **state) {
  (void)state;
  struct evald_text found;
  struct store *other;
  struct store_packed done = {0};
  struct store_pack_wish wish = {{code_texts, COUNT}, {1, 7}};
  struct store_options options = {.unix_path = redis.socket};
  int trained = 1;
  pack_all();
  exchange_dictionary("results:1");
  exchange_dictionary("forms:1");
  for (int i = 0; i < COUNT; i++)
    put("forms", i);
  assert_int_equal(store_open(&options, &other, NULL), EVALD_OK);
  assert_int_equal(store_connect(other, NULL), EVALD_OK);
  assert_int_equal(store_pack_train(other, &trained, NULL), EVALD_OK);
  assert_int_equal(trained, 0);
  assert_int_equal(store_pack(other, &shard, &wish, &done, NULL), EVALD_OK);
  assert_int_equal(done.values, COUNT);
  store_close(other);
  for (int i = 0; i < COUNT; i++) {
    assert_int_equal(
        store_get(store, STORE_KEY_FORMS, &shard, code_texts[i], &found, NULL),
        EVALD_OK);
    is_value(found, "forms", i);
  }
}

/* Numbers that a packed value cannot name are nobody's. */
static void test_large_numbers(void **state) {
  (void)state;
  struct store_packed done = {0};
  struct store_pack_wish wish = {{code_texts, COUNT}, {1, 7}};
  pack_all();
  freeReplyObject(command("HSET evald:1:dictionaries results:2147483648 x "
                          "results:99999999999 x forms:4294967297 x"));
  int trained = 0;
  for (int i = 0; i < COUNT; i++)
    put("results", i);
  assert_int_equal(store_pack_train(store, &trained, NULL), EVALD_OK);
  assert_int_equal(store_pack(store, &shard, &wish, &done, NULL), EVALD_OK);
  struct evald_text found;
  assert_int_equal(
      store_get(store, STORE_KEY_RESULTS, &shard, code_texts[17], &found, NULL),
      EVALD_OK);
  is_value(found, "results", 17);
}

static void test_too_few(void **state) {
  (void)state;
  int trained = 5;
  struct store_packed done = {0};
  struct store_pack_wish wish = {{code_texts, COUNT}, {1, 7}};
  assert_int_equal(store_pack(store, &shard, &wish, &done, NULL),
                   EVALD_NOT_FOUND);
  for (int i = 0; i < 300; i++) {
    freeReplyObject(
        command("HDEL evald:1:{310113000:2024}:results %s", codes[i]));
    freeReplyObject(
        command("HDEL evald:1:{310113000:2024}:forms %s", codes[i]));
  }
  assert_int_equal(store_pack_train(store, &trained, NULL), EVALD_NOT_FOUND);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_packing, fill),
      cmocka_unit_test_setup(test_reading, fill),
      cmocka_unit_test_setup(test_bound, fill),
      cmocka_unit_test_setup(test_interference, fill),
      cmocka_unit_test_setup(test_damage, fill),
      cmocka_unit_test_setup(test_emptied_store, fill),
      cmocka_unit_test_setup(test_other_dictionary, fill),
      cmocka_unit_test_setup(test_large_numbers, fill),
      cmocka_unit_test_setup(test_too_few, fill),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
