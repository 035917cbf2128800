/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/redis.h"
#include "support.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>

static struct harness_redis redis;
static struct toy toy;
static char text[4096];

static int start(void **state) {
  (void)state;
  harness_redis_start(&redis, NULL);
  toy_open(&toy, redis.socket, 3, 8);
  return 0;
}

static int stop(void **state) {
  (void)state;
  toy_close(&toy);
  harness_redis_stop(&redis);
  return 0;
}

static int fill(void **state) {
  (void)state;
  harness_redis_command(&redis, text, sizeof text, "FLUSHALL");
  toy_clear(&toy);
  toy_add(&toy, 0, "A", 1);
  toy_add(&toy, 0, "B", 2);
  toy_add(&toy, 2, "A", 3);
  return toy_step(&toy, NULL) == EVALD_OK ? 0 : -1;
}

static void test_get(void **state) {
  (void)state;
  struct store_shard_key shard = toy_shard(0), nowhere = toy_shard(9);
  struct evald_text found = {NULL, 0};
  struct evald_fault fault = {EVALD_OK, "", ""};
  assert_int_equal(store_get(toy.store, STORE_KEY_RESULTS, &shard,
                             EVALD_TEXT("B"), &found, NULL),
                   EVALD_OK);
  assert_true(evald_text_equal(found, EVALD_TEXT("2       ")));
  assert_int_equal(store_get(toy.store, STORE_KEY_RESULTS, &shard,
                             EVALD_TEXT("C"), &found, &fault),
                   EVALD_NOT_FOUND);
  assert_string_equal(fault.place, "evald:1:{310100000:2024}:results");
  assert_int_equal(store_get(toy.store, STORE_KEY_FORMS, &nowhere,
                             EVALD_TEXT("B"), &found, NULL),
                   EVALD_NOT_FOUND);
}

static void test_get_many(void **state) {
  (void)state;
  struct store_shard_key shard = toy_shard(0);
  struct evald_text codes[3] = {EVALD_TEXT("B"), EVALD_TEXT("X"),
                                EVALD_TEXT("A")};
  struct evald_text found[3];
  assert_int_equal(store_get_many(toy.store, STORE_KEY_RESULTS, &shard,
                                  (struct store_fields){codes, 3}, found, NULL),
                   EVALD_OK);
  assert_true(found[0].data && !found[1].data && found[2].data);
  assert_int_equal(store_get_many(toy.store, STORE_KEY_RESULTS, &shard,
                                  (struct store_fields){codes, 0}, found, NULL),
                   EVALD_OK);
}

static void test_aggregate(void **state) {
  (void)state;
  struct store_shard_key shard = toy_shard(0), nowhere = toy_shard(9);
  struct store_shard_state found;
  int64_t updated = 0;
  assert_int_equal(
      store_get_aggregate(toy.store, &shard, &found, &updated, NULL), EVALD_OK);
  assert_int_equal(found.seq, 2);
  assert_int_equal(found.counter[1], 3);
  assert_int_equal(updated, 1);
  assert_memory_equal(found.commit, store_writer(toy.store), 16);
  assert_int_equal(store_get_aggregate(toy.store, &nowhere, &found, NULL, NULL),
                   EVALD_NOT_FOUND);
}

/* An aggregate says which Redis took its last commit. */
static void test_a_redis_that_has_ended_is_noticed(void **state) {
  (void)state;
  struct store_shard_key shard = toy_shard(0);
  struct store_shard_state found;
  static const struct {
    const char *commit;
    bool restarted;
  } cases[] = {{NULL, false}, {"a-1@00000000", true}, {"a-1", false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (cases[i].commit)
      harness_redis_command(&redis, text, sizeof text, "HSET %s commit %s",
                            "evald:1:{310100000:2024}:aggregate",
                            cases[i].commit);
    assert_int_equal(store_get_aggregate(toy.store, &shard, &found, NULL, NULL),
                     EVALD_OK);
    assert_int_equal(found.restarted, cases[i].restarted);
    if (cases[i].commit) assert_string_equal(found.commit, "a-1");
  }
}

static enum evald_status count_event(void *context,
                                     const struct store_event *event) {
  int64_t *last = context;
  *last = *last * 10 + event->last_seq;
  return EVALD_OK;
}

static void test_events(void **state) {
  (void)state;
  struct store_shard_key shard = toy_shard(0);
  static const struct {
    int64_t after;
    size_t most;
    int64_t seen;
  } cases[] = {{0, 9, 246}, {1, 9, 246}, {2, 9, 46}, {2, 1, 4}, {6, 9, 0}};
  assert_int_equal(toy_step(&toy, NULL), EVALD_OK);
  assert_int_equal(toy_step(&toy, NULL), EVALD_OK);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t seen = 0;
    assert_int_equal(
        store_events(toy.store, &shard,
                     (struct store_range){cases[i].after, cases[i].most},
                     count_event, &seen, NULL),
        EVALD_OK);
    assert_int_equal(seen, cases[i].seen);
  }
}

static enum evald_status list_shard(void *context,
                                    const struct store_shard_key *shard) {
  char *list = context, name[STORE_SHARD_TEXT];
  (void)store_shard_print(shard, name);
  strcat(strcat(list, name), " ");
  return EVALD_OK;
}

static void test_shards(void **state) {
  (void)state;
  char list[128] = "";
  harness_redis_command(&redis, text, sizeof text,
                        "SADD evald:1:shards rubbish 110000000:2025");
  assert_int_equal(store_shards(toy.store, list_shard, list, NULL), EVALD_OK);
  assert_string_equal(list, "110000000:2025 310100000:2024 310100001:2024 "
                            "310100002:2024 ");
}

static enum evald_status stop_at_once(void *context, struct evald_text field,
                                      struct evald_text value) {
  (void)field;
  (void)value;
  ++*(int *)context;
  return EVALD_REJECTED;
}

static void test_scan(void **state) {
  (void)state;
  struct store_shard_key shard = toy_shard(0);
  int calls = 0;
  int64_t count = 0;
  assert_int_equal(store_scan(toy.store, STORE_KEY_RESULTS, &shard,
                              stop_at_once, &calls, NULL),
                   EVALD_REJECTED);
  assert_int_equal(calls, 1);
  assert_int_equal(
      store_count(toy.store, STORE_KEY_RESULTS, &shard, &count, NULL),
      EVALD_OK);
  assert_int_equal(count, 2);
  assert_int_equal(
      store_count(toy.store, STORE_KEY_EVENTS, &shard, &count, NULL), EVALD_OK);
  assert_int_equal(count, 1);
  assert_int_equal(store_count(toy.store, STORE_KEY_SHARDS, NULL, &count, NULL),
                   EVALD_OK);
  assert_int_equal(count, 3);
}

struct view {
  int starts, results;
  bool meddle; /* write to the shard during the scan */
};

static void start_view(void *context, const struct store_shard_state *state) {
  struct view *view = context;
  view->starts++;
  view->results = 0;
  assert_true(state->exists);
}

static enum evald_status meddle(void *context, struct evald_text field,
                                struct evald_text value) {
  struct view *view = context;
  (void)field;
  (void)value;
  if (view->results++ == 0 && view->meddle) {
    (void)harness_redis_integer(
        &redis, "HINCRBY evald:1:{310100000:2024}:aggregate seq 1");
  }
  return EVALD_OK;
}

/* A large shard that is written to is scanned again; one that is written to
 * without end is given up. */
static void test_snapshot(void **state) {
  (void)state;
  struct store_shard_key shard = toy_shard(0), nowhere = toy_shard(9);
  struct view view = {0, 0, false};
  struct store_snapshot_reader reader = {&view, start_view, meddle, NULL};
  char code[TOY_TEXT];
  toy_clear(&toy);
  for (int i = 0; i < 30000; i++) {
    (void)snprintf(code, sizeof code, "P%d", i);
    toy_add(&toy, 0, code, i);
  }
  assert_int_equal(toy_step(&toy, NULL), EVALD_OK);
  assert_int_equal(store_snapshot(toy.store, &shard, &reader, 2, NULL),
                   EVALD_OK);
  assert_int_equal(view.starts, 1);
  assert_int_equal(view.results, 30002);
  view.meddle = true;
  assert_int_equal(store_snapshot(toy.store, &shard, &reader, 2, NULL),
                   EVALD_TIMEOUT);
  assert_int_equal(view.starts, 3);
  assert_int_equal(store_snapshot(toy.store, &nowhere, &reader, 2, NULL),
                   EVALD_NOT_FOUND);
}

static enum evald_status list_reject(void *context, struct evald_text id,
                                     const struct store_reject *reject) {
  char *list = context;
  size_t at = strlen(list);
  assert_true(reject->frame.size == 2 && reject->frame.data[0] == '\0');
  assert_true(evald_text_equal(reject->job_id, EVALD_TEXT("j")));
  (void)snprintf(list + at, 256 - at, "%lld:%.*s ", (long long)reject->at_ms,
                 (int)id.size, id.data);
  return EVALD_OK;
}

static void test_rejects(void **state) {
  (void)state;
  char list[256] = "", id[32];
  struct store_outcome outcome;
  struct store_reject rejects[2] = {
      {1, 2, EVALD_TEXT("s"), EVALD_TEXT("j"), EVALD_TEXT("p"), {"\0x", 2}},
      {2, 2, EVALD_TEXT("s"), EVALD_TEXT("j"), EVALD_TEXT("p"), {"\0x", 2}}};
  struct store_batch batch = {.rejects = rejects, .reject_count = 2};
  int64_t evicted = 5;
  assert_int_equal(store_commit_send(toy.store, &batch, NULL, 0, NULL),
                   EVALD_OK);
  assert_int_equal(store_commit_wait(toy.store, &outcome, NULL), EVALD_OK);
  (void)snprintf(id, sizeof id, "%.*s", (int)outcome.reject_ids[0].size,
                 outcome.reject_ids[0].data);
  assert_int_equal(
      store_rejects(toy.store, evald_text_of(id), 9, list_reject, list, NULL),
      EVALD_OK);
  assert_memory_equal(list, "2:", 2);
  assert_int_equal(store_reject_remove(toy.store, evald_text_of(id), NULL),
                   EVALD_OK);
  assert_int_equal(store_reject_remove(toy.store, evald_text_of(id), NULL),
                   EVALD_NOT_FOUND);
  list[0] = '\0';
  assert_int_equal(store_rejects(toy.store, (struct evald_text){NULL, 0}, 9,
                                 list_reject, list, NULL),
                   EVALD_OK);
  assert_memory_equal(list, "2:", 2);
  assert_int_equal(store_rejects_evicted(toy.store, &evicted, NULL), EVALD_OK);
  assert_int_equal(evicted, 0);
}

int main(void) {
#define T(name) cmocka_unit_test_setup(name, fill)
  const struct CMUnitTest tests[] = {
      T(test_get),
      T(test_get_many),
      T(test_aggregate),
      T(test_events),
      T(test_shards),
      T(test_scan),
      T(test_snapshot),
      T(test_rejects),
      T(test_a_redis_that_has_ended_is_noticed),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
