/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/memory.h"

#include "harness/redis.h"
#include "store/pack.h"
#include "unit.h"
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

/* Packing with memory that ends: whoever reads sees what was written. */

enum { COUNT = 1000, VALUE = 400 };

static const struct store_shard_key shard = {"310113000", 2024};
static struct harness_redis redis;
static redisContext *raw;
static char codes[COUNT][16];
static struct evald_text code_texts[COUNT];

static void make_value(int number, char out[VALUE]) {
  unsigned seed = (unsigned)number * 2654435761U + 1;
  size_t size = (size_t)snprintf(out, VALUE, "\xdc%d;", number);
  for (int i = 0; i < 8; i++) {
    seed = seed * 1103515245U + 12345U;
    size += (size_t)snprintf(out + size, VALUE - size, "满意度指标 %u.%02u;",
                             seed >> 20 & 1023, seed >> 8 & 63);
  }
}

static void ask(const char *format, ...) {
  va_list list;
  va_start(list, format);
  redisReply *reply = redisvCommand(raw, format, list);
  va_end(list);
  assert_non_null(reply);
  assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
  freeReplyObject(reply);
}

static void fill(void) {
  ask("FLUSHALL");
  for (int i = 0; i < COUNT; i++) {
    char value[VALUE];
    make_value(i, value);
    assert_int_equal(
        redisAppendCommand(raw, "HSET evald:1:{310113000:2024}:results %s %s",
                           codes[i], value),
        REDIS_OK);
  }
  for (int i = 0; i < COUNT; i++) {
    void *reply = NULL;
    assert_int_equal(redisGetReply(raw, &reply), REDIS_OK);
    freeReplyObject(reply);
  }
  ask("SADD evald:1:shards 310113000:2024");
  ask("HSET evald:1:{310113000:2024}:aggregate epoch 1 seq 7 commit x");
}

static struct store *open_store(void) {
  struct store *store = NULL;
  const struct store_options options = {.unix_path = redis.socket,
                                        .reply_ms = 10000};
  if (store_open(&options, &store, NULL) != EVALD_OK) return NULL;
  if (store_connect(store, NULL) == EVALD_OK) return store;
  store_close(store);
  return NULL;
}

/* Every value as it was written, by a reader that has memory. */
static void check_values(void) {
  struct store *reader = open_store();
  assert_non_null(reader);
  for (int i = 0; i < COUNT; i += 37) {
    char value[VALUE];
    struct evald_text found;
    make_value(i, value);
    assert_int_equal(store_get(reader, STORE_KEY_RESULTS, &shard, code_texts[i],
                               &found, NULL),
                     EVALD_OK);
    assert_true(evald_text_equal(found, evald_text_of(value)));
  }
  store_close(reader);
}

static enum evald_status train_and_pack(struct store *store,
                                        struct evald_fault *fault) {
  int trained = 77;
  struct store_packed done = {.values = 77};
  const struct store_pack_wish wish = {{code_texts, COUNT}, {1, 7}};
  enum evald_status status = store_pack_train(store, &trained, fault);
  if (status != EVALD_OK) {
    assert_int_equal(trained, 77);
    return status;
  }
  status = store_pack(store, &shard, &wish, &done, fault);
  if (status == EVALD_OK)
    assert_true(done.values == 0 || done.values == COUNT);
  else
    assert_int_equal(done.values, 77);
  return status;
}

/* The same store goes on after it: what failed must not stick. */
static enum evald_status work(void *context, struct evald_fault *fault) {
  (void)context;
  struct store *store = open_store();
  if (!store) return EVALD_MEMORY;
  enum evald_status status = train_and_pack(store, fault);
  (void)memory_disarm();
  if (status != EVALD_OK) {
    if (!store_connected(store))
      assert_int_equal(store_connect(store, NULL), EVALD_OK);
    assert_int_equal(train_and_pack(store, NULL), EVALD_OK);
  }
  store_close(store);
  check_values();
  fill();
  return status;
}

static void packs_or_says_that_memory_ended(void **state) {
  (void)state;
  memory_every(work, NULL, 40);
}

static int start(void **state) {
  (void)state;
  harness_redis_start(&redis, NULL);
  raw = redisConnectUnix(redis.socket);
  for (int i = 0; i < COUNT; i++) {
    (void)snprintf(codes[i], sizeof codes[i], "P%05d", i);
    code_texts[i] = evald_text_of(codes[i]);
  }
  fill();
  return 0;
}

static int stop(void **state) {
  (void)state;
  redisFree(raw);
  harness_redis_stop(&redis);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(packs_or_says_that_memory_ended),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
