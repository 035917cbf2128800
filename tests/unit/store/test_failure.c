/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Every way in which a commit can be disturbed: afterwards each batch stands
 * in the store exactly once.
 */

#include "harness/proxy.h"
#include "harness/redis.h"
#include "support.h"
#include "unit.h"
#include <stdio.h>

#define SHARD "evald:1:{310100000:2024}:"

static struct harness_redis redis;
static char text[4096];

struct scene {
  struct toy toy;
  int64_t batches; /* that must be in the store */
};

static void open_scene(struct scene *scene, const char *socket) {
  harness_redis_command(&redis, text, sizeof text, "FLUSHALL");
  toy_open(&scene->toy, socket, 2, 8);
  scene->batches = 0;
}

static int start(void **state) {
  (void)state;
  harness_redis_start(&redis, "--appendonly yes --appendfsync no "
                              "--enable-protected-configs yes");
  return 0;
}

static int stop(void **state) {
  (void)state;
  harness_redis_stop(&redis);
  return 0;
}

static void fresh_batch(struct scene *scene, int jobs) {
  char code[TOY_TEXT];
  toy_clear(&scene->toy);
  for (int shard = 0; shard < 2; shard++) {
    for (int i = 0; i < jobs; i++) {
      (void)snprintf(code, sizeof code, "P%d", i);
      toy_add(&scene->toy, shard, code, scene->batches + 1);
    }
  }
}

static enum evald_status try_load(struct scene *scene,
                                  struct store_loaded *out) {
  struct store *store = scene->toy.store;
  enum evald_status status = EVALD_OK;
  if (!store_connected(store)) status = store_connect(store, NULL);
  if (status != EVALD_OK) return status;
  return store_load(store, scene->toy.wants, 2, 0, out, NULL);
}

/* On a busy machine a short patience may end before Redis had its turn. */
static void load(struct scene *scene) {
  struct store_loaded loaded;
  enum evald_status status = EVALD_AWAY;
  toy_want(&scene->toy, STORE_WANT_CHECKED);
  for (int i = 0; i < 100 && status == EVALD_AWAY; i++) {
    do {
      status = try_load(scene, &loaded);
    } while (status == EVALD_TIMEOUT);
  }
  assert_int_equal(status, EVALD_OK);
  assert_true(toy_apply(&scene->toy, &loaded));
}

static void send_batch(struct scene *scene) {
  struct store_batch batch = toy_batch(&scene->toy);
  assert_int_equal(
      store_commit_send(scene->toy.store, &batch, scene->toy.wants, 2, NULL),
      EVALD_OK);
}

/* What the worker does after a commit ended with EVALD_AWAY or was lost. */
static enum evald_status try_again(struct scene *scene, bool committed) {
  struct store_outcome outcome = {.committed = committed};
  struct store *store = scene->toy.store;
  enum evald_status status = EVALD_OK;
  if (!store_connected(store)) status = store_connect(store, NULL);
  if (status == EVALD_OK && !committed && store_commit_unknown(store)) {
    status = store_commit_resolve(store, &outcome, NULL);
  }
  if (status != EVALD_OK || outcome.committed) return status;
  return toy_step(&scene->toy, NULL);
}

/* On a busy machine the patience of a test may end more than once. */
static void recover(struct scene *scene, bool committed) {
  enum evald_status status = EVALD_AWAY;
  for (int i = 0; i < 100 && status == EVALD_AWAY; i++) {
    status = try_again(scene, committed);
  }
  assert_int_equal(status, EVALD_OK);
  assert_false(store_commit_unknown(scene->toy.store));
  scene->batches++;
}

/* Exactly once: every batch added as many events as it had jobs. */
static void check_scene(struct scene *scene, int64_t jobs) {
  assert_int_equal(harness_redis_integer(&redis, "HGET " SHARD "aggregate seq"),
                   scene->batches * jobs);
  assert_int_equal(harness_redis_integer(&redis, "HGET " SHARD "aggregate sum"),
                   scene->batches * jobs);
  assert_true(toy_verify(&scene->toy));
}

static struct store_outcome wait_for(struct scene *scene,
                                     enum evald_status *status) {
  struct store_outcome outcome = {.committed = false};
  *status = store_commit_wait(scene->toy.store, &outcome, NULL);
  return outcome;
}

/* The conversation is cut after every few bytes, once on its way up and once
 * on its way down. */
static int cut_through(struct harness_proxy *proxy, bool up, long step) {
  struct scene scene;
  enum evald_status status = EVALD_AWAY;
  int unknown = 0;
  open_scene(&scene, proxy->socket);
  for (long bytes = 1; status != EVALD_OK || bytes < 200; bytes += step) {
    fresh_batch(&scene, 3);
    load(&scene);
    harness_proxy_limit(proxy, up ? bytes : -1, up ? -1 : bytes);
    send_batch(&scene);
    struct store_outcome outcome = wait_for(&scene, &status);
    harness_proxy_limit(proxy, -1, -1);
    assert_true(status == EVALD_OK || status == EVALD_AWAY);
    unknown += store_commit_unknown(scene.toy.store);
    recover(&scene, status == EVALD_OK && outcome.committed);
    assert_true(bytes < 100000);
  }
  check_scene(&scene, 3);
  toy_close(&scene.toy);
  return unknown;
}

static void test_cut_up(void **state) {
  (void)state;
  struct harness_proxy proxy;
  harness_proxy_start(&proxy, redis.socket);
  (void)cut_through(&proxy, true, 11);
  harness_proxy_stop(&proxy);
}

static void test_cut_down(void **state) {
  (void)state;
  struct harness_proxy proxy;
  harness_proxy_start(&proxy, redis.socket);
  assert_true(cut_through(&proxy, false, 1) > 10);
  harness_proxy_stop(&proxy);
}

/* The server drops the connection while the batch is on its way. */
static void test_client_kill(void **state) {
  (void)state;
  struct scene scene;
  open_scene(&scene, redis.socket);
  for (int i = 0; i < 20; i++) {
    enum evald_status status;
    fresh_batch(&scene, 10000);
    load(&scene);
    send_batch(&scene);
    harness_redis_command(&redis, text, sizeof text,
                          "CLIENT KILL TYPE normal SKIPME yes");
    struct store_outcome outcome = wait_for(&scene, &status);
    recover(&scene, status == EVALD_OK && outcome.committed);
  }
  check_scene(&scene, 10000);
  toy_close(&scene.toy);
}

/* By a reader that waits longer than the writer of the test. */
static void verify_patiently(void) {
  struct toy reader;
  toy_open(&reader, redis.socket, 2, 8);
  assert_true(toy_verify(&reader));
  toy_close(&reader);
}

/* Redis stands still; it goes on before or after the writer has lost patience,
 * and may then carry out what it was sent. */
static void test_pause(void **state) {
  (void)state;
  struct scene scene;
  struct store_options options = toy_options(redis.socket);
  options.reply_ms = 50;
  open_scene(&scene, redis.socket);
  store_close(scene.toy.store);
  assert_int_equal(store_open(&options, &scene.toy.store, NULL), EVALD_OK);
  for (int i = 0; i < 10; i++) {
    enum evald_status status;
    fresh_batch(&scene, i < 5 ? 10 : 10000);
    load(&scene);
    harness_redis_pause(&redis);
    send_batch(&scene);
    (void)wait_for(&scene, &status);
    assert_int_equal(status, EVALD_AWAY);
    assert_int_equal(store_commit_unknown(scene.toy.store), i < 5);
    assert_int_equal(store_connect(scene.toy.store, NULL), EVALD_AWAY);
    harness_redis_continue(&redis);
    recover(&scene, false);
  }
  verify_patiently();
  assert_int_equal(harness_redis_integer(&redis, "HGET " SHARD "aggregate seq"),
                   5 * 10 + 5 * 10000);
  toy_close(&scene.toy);
}

/* Redis dies with the batch and comes back with its append-only file. */
static void test_crash(void **state) {
  (void)state;
  struct scene scene;
  open_scene(&scene, redis.socket);
  for (int i = 0; i < 12; i++) {
    enum evald_status status = EVALD_AWAY;
    struct store_outcome outcome = {.committed = false};
    fresh_batch(&scene, 500);
    load(&scene);
    send_batch(&scene);
    if (i % 3 == 1) outcome = wait_for(&scene, &status);
    harness_redis_kill(&redis);
    if (i % 3 != 1) outcome = wait_for(&scene, &status);
    bool committed = status == EVALD_OK && outcome.committed;
    assert_true(committed || i % 3 != 1);
    assert_int_equal(store_ping(scene.toy.store, NULL), EVALD_AWAY);
    assert_int_equal(store_connect(scene.toy.store, NULL), EVALD_AWAY);
    harness_redis_restart(&redis);
    recover(&scene, committed);
  }
  check_scene(&scene, 500);
  toy_close(&scene.toy);
}

/* What Redis says while it cannot write, and how to make it say so. */
static const struct {
  const char *make, *unmake, *says;
} away[] = {
    {"CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", "OOM"},
    {"REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "READONLY"},
    {"CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0",
     "NOREPLICAS"},
};

/* redisvCommand with no arguments, for texts of the table. */
static void tell(const char *command) {
  char *at = text;
  (void)snprintf(text, sizeof text, "%s", command);
  char words[4][48] = {"", "", "", ""};
  int count =
      sscanf(at, "%47s %47s %47s %47s", words[0], words[1], words[2], words[3]);
  const char *answer =
      count == 3
          ? harness_redis_command(&redis, text, sizeof text, "%s %s %s",
                                  words[0], words[1], words[2])
          : harness_redis_command(&redis, text, sizeof text, "%s %s %s %s",
                                  words[0], words[1], words[2], words[3]);
  assert_string_equal(answer, "OK");
}

static void refuse_and_recover(struct scene *scene, const char *says) {
  struct evald_fault fault = {EVALD_OK, "", ""};
  struct store_outcome outcome;
  send_batch(scene);
  assert_int_equal(store_commit_wait(scene->toy.store, &outcome, &fault),
                   EVALD_AWAY);
  assert_non_null(strstr(fault.text, says));
  assert_true(store_connected(scene->toy.store));
  assert_false(store_commit_unknown(scene->toy.store));
}

static void test_refused(void **state) {
  (void)state;
  struct scene scene;
  for (size_t i = 0; i < sizeof away / sizeof *away; i++) {
    open_scene(&scene, redis.socket);
    fresh_batch(&scene, 5);
    load(&scene);
    tell(away[i].make);
    refuse_and_recover(&scene, away[i].says);
    assert_int_equal(harness_redis_integer(&redis, "DBSIZE"), 0);
    tell(away[i].unmake);
    recover(&scene, false);
    check_scene(&scene, 5);
    toy_close(&scene.toy);
  }
}

/* The disk is full: saving fails, and Redis takes no more writes. */
static void test_disk(void **state) {
  (void)state;
  struct scene scene;
  open_scene(&scene, redis.socket);
  fresh_batch(&scene, 5);
  load(&scene);
  harness_redis_command(&redis, text, sizeof text, "CONFIG SET save %s",
                        "3600 1");
  harness_redis_command(&redis, text, sizeof text, "CONFIG SET dir /proc");
  assert_string_equal(text, "OK");
  harness_redis_command(&redis, text, sizeof text, "BGSAVE");
  do {
    harness_redis_command(&redis, text, sizeof text, "INFO persistence");
  } while (!strstr(text, "rdb_last_bgsave_status:err"));
  refuse_and_recover(&scene, "MISCONF");
  harness_redis_command(&redis, text, sizeof text, "CONFIG SET dir %s",
                        redis.directory);
  harness_redis_command(&redis, text, sizeof text, "CONFIG SET save %s", "");
  recover(&scene, false);
  check_scene(&scene, 5);
  toy_close(&scene.toy);
}

static void test_wrong_type(void **state) {
  (void)state;
  static const char *const names[] = {"aggregate",   "results", "forms",
                                      "departments", "events",  "turn"};
  struct scene scene;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct evald_fault fault = {EVALD_OK, "", ""};
    struct store_loaded loaded;
    open_scene(&scene, redis.socket);
    fresh_batch(&scene, 1);
    toy_want(&scene.toy, STORE_WANT_CHECKED);
    harness_redis_command(&redis, text, sizeof text, "SET " SHARD "%s x",
                          names[i]);
    assert_int_equal(
        store_load(scene.toy.store, scene.toy.wants, 2, 0, &loaded, &fault),
        EVALD_OK);
    assert_true(loaded.states[0].damaged);
    assert_non_null(strstr(loaded.states[0].damage, names[i]));
    assert_false(loaded.states[1].damaged);
    harness_redis_command(&redis, text, sizeof text, "DEL " SHARD "%s",
                          names[i]);
    recover(&scene, false);
    check_scene(&scene, 1);
    toy_close(&scene.toy);
  }
}

static void test_not_numbers(void **state) {
  (void)state;
  struct scene scene;
  struct evald_fault fault = {EVALD_OK, "", ""};
  struct store_loaded loaded;
  open_scene(&scene, redis.socket);
  fresh_batch(&scene, 1);
  toy_want(&scene.toy, STORE_WANT_FULL);
  harness_redis_command(&redis, text, sizeof text,
                        "HSET " SHARD
                        "aggregate seq 1 sum 9223372036854775808");
  assert_int_equal(
      store_load(scene.toy.store, scene.toy.wants, 2, 0, &loaded, &fault),
      EVALD_OK);
  assert_true(loaded.states[0].damaged);
  assert_non_null(strstr(loaded.states[0].damage, SHARD "aggregate"));
  assert_non_null(strstr(loaded.states[0].damage, "sum"));
  assert_false(loaded.states[1].damaged);
  toy_close(&scene.toy);
}

/* A key changes its type between load and EXEC: Redis carries out the rest,
 * and the store must not call that committed. */
static void test_torn(void **state) {
  (void)state;
  struct scene scene;
  struct store_outcome outcome;
  struct evald_fault fault = {EVALD_OK, "", ""};
  open_scene(&scene, redis.socket);
  fresh_batch(&scene, 1);
  load(&scene);
  harness_redis_command(&redis, text, sizeof text, "SET " SHARD "results x");
  send_batch(&scene);
  assert_int_equal(store_commit_wait(scene.toy.store, &outcome, &fault),
                   EVALD_INVALID);
  assert_non_null(strstr(fault.text, "WRONGTYPE"));
  assert_non_null(strstr(fault.text, "verify"));
  toy_close(&scene.toy);
}

static enum evald_status connect_as(const char *user, const char *password) {
  struct store *store;
  struct store_options options = toy_options(redis.socket);
  options.user = user;
  options.password = password;
  assert_int_equal(store_open(&options, &store, NULL), EVALD_OK);
  enum evald_status status = store_connect(store, NULL);
  assert_int_equal(store_connected(store), status == EVALD_OK);
  store_close(store);
  return status;
}

static void test_rights(void **state) {
  (void)state;
  harness_redis_command(&redis, text, sizeof text,
                        "ACL SETUSER good on >pw ~* +@all");
  harness_redis_command(&redis, text, sizeof text,
                        "ACL SETUSER poor on >pw ~* +@all -multi");
  assert_int_equal(connect_as("good", "pw"), EVALD_OK);
  assert_int_equal(connect_as("good", "no"), EVALD_INVALID);
  assert_int_equal(connect_as("poor", "pw"), EVALD_INVALID);
  assert_int_equal(connect_as(NULL, NULL), EVALD_OK);
}

static void test_nobody(void **state) {
  (void)state;
  struct store *store;
  struct store_options options = toy_options("/tmp/nothing/here.sock");
  struct evald_fault fault = {EVALD_OK, "", ""};
  struct store_batch batch = {.shard_count = 0};
  struct store_outcome outcome;
  assert_int_equal(store_open(&options, &store, NULL), EVALD_OK);
  assert_int_equal(store_connect(store, &fault), EVALD_AWAY);
  assert_non_null(strstr(fault.text, "/tmp/nothing/here.sock"));
  assert_int_equal(store_fd(store), -1);
  assert_int_equal(store_ping(store, NULL), EVALD_AWAY);
  assert_int_equal(store_commit_send(store, &batch, NULL, 0, NULL), EVALD_AWAY);
  assert_int_equal(store_commit_wait(store, &outcome, NULL), EVALD_AWAY);
  assert_false(store_commit_unknown(store));
  store_close(store);
  store_close(NULL);
}

static void test_settings(void **state) {
  (void)state;
  struct scene scene;
  struct store_settings settings;
  open_scene(&scene, redis.socket);
  assert_int_equal(store_settings_read(scene.toy.store, &settings, NULL),
                   EVALD_OK);
  assert_int_equal(settings.append_only, 1);
  assert_string_equal(settings.append_fsync, "no");
  assert_string_equal(settings.eviction, "noeviction");
  assert_int_equal(settings.memory_max, 0);
  assert_true(settings.memory_used > 100000);
  assert_int_equal(settings.replicas, 0);
  toy_close(&scene.toy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cut_up),      cmocka_unit_test(test_cut_down),
      cmocka_unit_test(test_client_kill), cmocka_unit_test(test_pause),
      cmocka_unit_test(test_crash),       cmocka_unit_test(test_refused),
      cmocka_unit_test(test_disk),        cmocka_unit_test(test_wrong_type),
      cmocka_unit_test(test_not_numbers), cmocka_unit_test(test_torn),
      cmocka_unit_test(test_rights),      cmocka_unit_test(test_nobody),
      cmocka_unit_test(test_settings),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
