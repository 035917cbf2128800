/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/redis.h"
#include "support.h"
#include "unit.h"
#include <stdio.h>

#define AGGREGATE "evald:1:{310100000:2024}:aggregate"
#define RESULTS   "evald:1:{310100000:2024}:results"

static struct harness_redis redis;
static char text[4096];

static int set_up(void **state) {
  static struct toy toy;
  harness_redis_command(&redis, text, sizeof text, "FLUSHALL");
  toy_open(&toy, redis.socket, 2, 8);
  *state = &toy;
  return 0;
}

static int tear_down(void **state) {
  toy_close(*state);
  return 0;
}

static int start(void **state) {
  (void)state;
  harness_redis_start(&redis, NULL);
  return 0;
}

static int stop(void **state) {
  (void)state;
  harness_redis_stop(&redis);
  return 0;
}

static void test_commit(void **state) {
  struct toy *toy = *state;
  toy_add(toy, 0, "A", 7);
  toy_add(toy, 0, "B", 5);
  toy_add(toy, 1, "A", 1);
  assert_int_equal(toy_step(toy, NULL), EVALD_OK);
  toy_clear(toy);
  toy_add(toy, 0, "A", -2);
  assert_int_equal(toy_step(toy, NULL), EVALD_OK);
  harness_redis_command(&redis, text, sizeof text, "HMGET %s epoch seq %s",
                        AGGREGATE, "updated_ms");
  assert_string_equal(text, "1\n3\n1\n");
  harness_redis_command(&redis, text, sizeof text, "HMGET %s forms sum",
                        AGGREGATE);
  assert_string_equal(text, "2\n3\n");
  harness_redis_command(&redis, text, sizeof text, "HGET %s A", RESULTS);
  assert_string_equal(text, "-2      ");
  harness_redis_command(&redis, text, sizeof text,
                        "XRANGE evald:1:{310100000:2024}:events 3 3");
  assert_non_null(strstr(text, "3-0\nb\n3-3\nn\n"));
  harness_redis_command(&redis, text, sizeof text,
                        "SISMEMBER evald:1:shards 310100001:2024");
  assert_string_equal(text, "1");
  assert_true(toy_verify(toy));
}

/* Every kind of write that a batch may hold. */
static void test_kinds(void **state) {
  struct toy *toy = *state;
  struct store_loaded loaded;
  struct store_outcome outcome;
  int64_t counters[2] = {1, 2};
  struct store_pair pair = {EVALD_TEXT("f"), EVALD_TEXT("v")};
  struct store_pair other = {EVALD_TEXT("g"), EVALD_TEXT("")};
  struct evald_text gone = EVALD_TEXT("f");
  struct store_want want = {toy_shard(0), STORE_WANT_CHECKED, NULL, 0};
  struct store_shard_write write = {.shard = toy_shard(0),
                                    .epoch = 4,
                                    .first_seq = 1,
                                    .last_seq = 0,
                                    .counters = counters,
                                    .forms = &pair,
                                    .form_count = 1,
                                    .departments = &other,
                                    .department_count = 1};
  struct store_batch batch = {.shards = &write,
                              .shard_count = 1,
                              .rulesets = &pair,
                              .ruleset_count = 1};
  assert_int_equal(store_load(toy->store, &want, 1, 0, &loaded, NULL),
                   EVALD_OK);
  assert_false(loaded.states[0].exists);
  assert_int_equal(loaded.states[0].stream_seq, 0);
  assert_int_equal(store_commit_send(toy->store, &batch, &want, 1, NULL),
                   EVALD_OK);
  assert_int_equal(store_commit_wait(toy->store, &outcome, NULL), EVALD_OK);
  assert_true(outcome.committed);
  assert_false(outcome.others);
  assert_int_equal(outcome.next.state_count, 1);
  assert_true(outcome.next.states[0].exists);
  assert_int_equal(outcome.next.states[0].epoch, 4);
  assert_int_equal(outcome.next.states[0].counter[1], 2);
  harness_redis_command(&redis, text, sizeof text, "HGET evald:1:rulesets f");
  assert_string_equal(text, "v");
  write.deleted_forms = &gone;
  write.deleted_form_count = 1;
  write.form_count = 0;
  write.department_count = 0;
  assert_int_equal(store_commit_send(toy->store, &batch, NULL, 0, NULL),
                   EVALD_OK);
  assert_int_equal(store_commit_wait(toy->store, &outcome, NULL), EVALD_OK);
  assert_true(outcome.committed);
  assert_int_equal(
      harness_redis_integer(&redis, "EXISTS evald:1:{310100000:2024}:forms"),
      0);
}

static void test_empty(void **state) {
  struct toy *toy = *state;
  struct store_outcome outcome;
  struct store_batch batch = {.shard_count = 0};
  assert_int_equal(store_commit_send(toy->store, &batch, NULL, 0, NULL),
                   EVALD_OK);
  assert_int_equal(store_commit_wait(toy->store, &outcome, NULL), EVALD_OK);
  assert_true(outcome.committed);
  assert_int_equal(harness_redis_integer(&redis, "DBSIZE"), 0);
}

static void test_large(void **state) {
  struct toy *toy = *state;
  char code[TOY_TEXT];
  for (int i = 0; i < 10000; i++) {
    (void)snprintf(code, sizeof code, "P%d", i);
    toy_add(toy, 0, code, i);
  }
  for (int i = 0; i < 30000; i++) {
    (void)snprintf(code, sizeof code, "P%d", i);
    toy_add(toy, 1, code, i);
  }
  assert_int_equal(toy_step(toy, NULL), EVALD_OK);
  assert_int_equal(toy_step(toy, NULL), EVALD_OK);
  assert_int_equal(harness_redis_integer(&redis, "HGET %s sum", AGGREGATE),
                   49995000);
  assert_true(toy_verify(toy)); /* the second shard by scanning */
}

/* Bytes of any kind pass unread. */
static void test_bytes(void **state) {
  struct toy *toy = *state;
  struct store_outcome outcome;
  char bytes[256];
  for (int i = 0; i < 256; i++)
    bytes[i] = (char)i;
  struct store_pair pair = {{bytes, 256}, {bytes, 256}};
  struct store_batch batch = {.rulesets = &pair, .ruleset_count = 1};
  assert_int_equal(store_commit_send(toy->store, &batch, NULL, 0, NULL),
                   EVALD_OK);
  assert_int_equal(store_commit_wait(toy->store, &outcome, NULL), EVALD_OK);
  struct evald_text found;
  assert_int_equal(
      store_get(toy->store, STORE_KEY_RULESETS, NULL, pair.field, &found, NULL),
      EVALD_OK);
  assert_true(evald_text_equal(found, pair.value));
}

static void nothing(void) {
}

static void raise_seq(void) {
  (void)harness_redis_integer(&redis, "HINCRBY %s seq 1", AGGREGATE);
}

static void delete_aggregate(void) {
  (void)harness_redis_integer(&redis, "DEL %s", AGGREGATE);
}

/* Sends a batch whose shards were loaded, after somebody meddled. */
static struct store_outcome after(struct toy *toy, void (*meddle)(void)) {
  struct store_loaded loaded;
  struct store_outcome outcome;
  toy_clear(toy);
  toy_add(toy, 0, "A", 3);
  toy_want(toy, STORE_WANT_CHECKED);
  enum evald_status status;
  do {
    status = store_load(toy->store, toy->wants, 2, 0, &loaded, NULL);
  } while (status == EVALD_TIMEOUT);
  assert_int_equal(status, EVALD_OK);
  assert_true(toy_apply(toy, &loaded));
  meddle();
  struct store_batch batch = toy_batch(toy);
  assert_int_equal(store_commit_send(toy->store, &batch, toy->wants, 2, NULL),
                   EVALD_OK);
  assert_int_equal(store_commit_wait(toy->store, &outcome, NULL), EVALD_OK);
  return outcome;
}

static void test_interfered(void **state) {
  struct toy *toy = *state;
  assert_true(after(toy, nothing).committed);
  struct store_outcome outcome = after(toy, raise_seq);
  assert_false(outcome.committed);
  assert_true(outcome.others);
  assert_int_equal(harness_redis_integer(&redis, "HGET %s seq", AGGREGATE), 2);
  assert_int_equal(harness_redis_integer(&redis, "HGET %s sum", AGGREGATE), 3);
  assert_false(after(toy, delete_aggregate).committed);
  /* the stream goes on where it was, or XADD would refuse the id */
  struct store_want want = {toy_shard(0), STORE_WANT_CHECKED, NULL, 0};
  struct store_loaded loaded;
  enum evald_status status;
  do {
    status = store_load(toy->store, &want, 1, 0, &loaded, NULL);
  } while (status == EVALD_TIMEOUT);
  assert_false(loaded.states[0].exists);
  assert_int_equal(loaded.states[0].stream_seq, 1);
}

/* Asks for two codes of the first shard behind a commit that is on its way, and
 * pumps until all of it is answered. */
static struct store_outcome ask_behind(struct toy *toy, void (*meddle)(void)) {
  static const struct evald_text codes[2] = {{"A", 1}, {"none", 4}};
  struct store_want want = {toy_shard(0), STORE_WANT_LIGHT, codes, 2};
  struct store_loaded loaded;
  struct store_outcome outcome;
  enum evald_status status;
  toy_clear(toy);
  toy_add(toy, 0, "A", 3);
  toy_want(toy, STORE_WANT_CHECKED);
  do {
    status = store_load(toy->store, toy->wants, 2, 0, &loaded, NULL);
  } while (status == EVALD_TIMEOUT);
  assert_int_equal(status, EVALD_OK);
  assert_true(toy_apply(toy, &loaded));
  meddle();
  struct store_batch batch = toy_batch(toy);
  assert_int_equal(store_commit_send(toy->store, &batch, toy->wants, 2, NULL),
                   EVALD_OK);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(store_ask(toy->store, &want, NULL), EVALD_OK);
    while (!store_commit_pump(toy->store))
      continue;
    assert_false(store_commit_sending(toy->store));
  }
  assert_int_equal(store_commit_wait(toy->store, &outcome, NULL), EVALD_OK);
  assert_int_equal(store_ask(toy->store, &want, NULL), EVALD_AWAY);
  return outcome;
}

/* What is asked behind a commit is answered as that commit left it. */
static void test_ask(void **state) {
  struct store_outcome outcome = ask_behind(*state, nothing);
  assert_true(outcome.committed);
  assert_int_equal(outcome.next.state_count, 2);
  assert_int_equal(outcome.next.value_count, 1); /* of the load's own codes */
  assert_int_equal(outcome.asked_count, 4);
  for (int i = 0; i < 4; i += 2) {
    assert_int_equal(outcome.asked[i].size, 8);
    assert_memory_equal(outcome.asked[i].data, "3       ", 8);
    assert_null(outcome.asked[i + 1].data);
  }
  outcome = ask_behind(*state, raise_seq);
  assert_false(outcome.committed);
  assert_int_equal(outcome.asked_count, 0);
}

/* Of counters that the store has, those that differ are written. */
static void test_changed_counters(void **state) {
  struct toy *toy = *state;
  struct store_loaded loaded;
  struct store_outcome outcome;
  int64_t counters[2] = {1, 2}, before[2] = {1, 1};
  struct store_want want = {toy_shard(0), STORE_WANT_CHECKED, NULL, 0};
  struct store_shard_write write = {.shard = toy_shard(0),
                                    .epoch = 1,
                                    .first_seq = 1,
                                    .counters = counters,
                                    .before = before};
  struct store_batch batch = {.shards = &write, .shard_count = 1};
  assert_int_equal(store_load(toy->store, &want, 1, 0, &loaded, NULL),
                   EVALD_OK);
  assert_int_equal(store_commit_send(toy->store, &batch, NULL, 0, NULL),
                   EVALD_OK);
  assert_int_equal(store_commit_wait(toy->store, &outcome, NULL), EVALD_OK);
  assert_true(outcome.committed);
  harness_redis_command(&redis, text, sizeof text, "HMGET %s forms sum seq",
                        AGGREGATE);
  assert_string_equal(text, "-\n2\n0\n");
}

static void test_rejects(void **state) {
  struct toy *toy = *state;
  struct store_outcome outcome;
  struct store_reject reject = {.at_ms = 17,
                                .source = EVALD_TEXT("s"),
                                .job_id = EVALD_TEXT("j"),
                                .problems = EVALD_TEXT("p"),
                                .frame = {"\0\1", 2}};
  struct store_reject both[2] = {reject, reject};
  struct store_batch batch = {.rejects = both, .reject_count = 2};
  assert_int_equal(store_commit_send(toy->store, &batch, NULL, 0, NULL),
                   EVALD_OK);
  assert_int_equal(store_commit_wait(toy->store, &outcome, NULL), EVALD_OK);
  assert_int_equal(outcome.reject_id_count, 2);
  assert_non_null(memchr(outcome.reject_ids[1].data, '-', 20));
  assert_int_equal(harness_redis_integer(&redis, "XLEN evald:1:rejects"), 2);
}

static void test_rejects_capped(void **state) {
  (void)state;
  struct store *store;
  struct store_outcome outcome;
  int64_t evicted = -1;
  struct store_options options = toy_options(redis.socket);
  options.rejects_max = 3;
  struct store_reject rejects[5] = {{.at_ms = 1}};
  struct store_batch batch = {.rejects = rejects, .reject_count = 5};
  assert_int_equal(store_open(&options, &store, NULL), EVALD_OK);
  assert_int_equal(store_connect(store, NULL), EVALD_OK);
  assert_int_equal(store_commit_send(store, &batch, NULL, 0, NULL), EVALD_OK);
  assert_int_equal(store_commit_wait(store, &outcome, NULL), EVALD_OK);
  assert_int_equal(store_rejects_evicted(store, &evicted, NULL), EVALD_OK);
  assert_int_equal(evicted, 2);
  assert_int_equal(harness_redis_integer(&redis, "XLEN evald:1:rejects"), 3);
  store_close(store);
}

static enum evald_status note_first(void *context,
                                    const struct store_event *event) {
  int64_t *first = context;
  if (*first == 0) *first = event->last_seq;
  return EVALD_OK;
}

/* What is promised to be there is what is there. */
static void test_trimmed_events(void **state) {
  struct toy *toy = *state;
  const struct store_shard_key shard = toy_shard(0);
  struct store_shard_state seen;
  toy->keeps = 100;
  toy_add(toy, 0, "A", 1);
  for (int i = 1; i <= 350; i++) {
    int64_t first = 0;
    assert_int_equal(toy_step(toy, NULL), EVALD_OK);
    if (i % 50 != 0) continue;
    assert_int_equal(store_events(toy->store, &shard,
                                  (struct store_range){0, 1}, note_first,
                                  &first, NULL),
                     EVALD_OK);
    assert_int_equal(store_get_aggregate(toy->store, &shard, &seen, NULL, NULL),
                     EVALD_OK);
    assert_int_equal(seen.seq, i);
    assert_int_equal(seen.log_begins, i > 100 ? i - 99 : 0);
    assert_int_equal(first, i > 100 ? i - 99 : 1);
  }
  toy->keeps = 0; /* nothing more is cut off, and what was stays known */
  assert_int_equal(toy_step(toy, NULL), EVALD_OK);
  assert_int_equal(store_get_aggregate(toy->store, &shard, &seen, NULL, NULL),
                   EVALD_OK);
  assert_int_equal(seen.log_begins, 251);
  assert_int_equal(
      harness_redis_integer(&redis, "XLEN evald:1:{310100000:2024}:events"),
      101);
}

/* Two writers in one process, one after the other and in between. */
static void test_two_writers(void **state) {
  struct toy *one = *state;
  struct toy two;
  toy_open(&two, redis.socket, 2, 8);
  for (int i = 0; i < 50; i++) {
    toy_clear(one);
    toy_clear(&two);
    toy_add(one, 0, "A", i);
    toy_add(&two, 0, "A", 2 * i);
    toy_add(&two, 1, "B", i);
    assert_int_equal(toy_step(one, NULL), EVALD_OK);
    assert_int_equal(toy_step(&two, NULL), EVALD_OK);
  }
  assert_true(toy_verify(one));
  assert_int_equal(harness_redis_integer(&redis, "HGET %s sum", AGGREGATE), 98);
  toy_close(&two);
}

static void test_limit(void **state) {
  struct toy *toy = *state;
  struct store_pair pair = {EVALD_TEXT("a"), EVALD_TEXT("b")};
  struct store_batch batch = {.rulesets = &pair, .ruleset_count = 600000};
  assert_int_equal(store_commit_send(toy->store, &batch, NULL, 0, NULL),
                   EVALD_LIMIT);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_commit),
      T(test_kinds),
      T(test_empty),
      T(test_large),
      T(test_bytes),
      T(test_interfered),
      T(test_rejects),
      T(test_rejects_capped),
      T(test_trimmed_events),
      T(test_two_writers),
      T(test_limit),
      T(test_ask),
      T(test_changed_counters),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
