/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/follow.h"
#include "harness/redis.h"
#include "unit.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct wire_shard shard = {{"310113000", 9}, 2024};
#define KEY "evald:1:{310113000:2024}:"

/* What was told, as a text: "3 4 filled(2,3) …". */
struct story {
  struct harness_redis redis;
  struct ctl ctl;
  struct follower *follower;
  char told[512];
};

static enum evald_status tell(void *context, const struct follow_news *news) {
  static const char *const names[] = {"event", "filled", "lost", "behind"};
  struct story *story = context;
  size_t used = strlen(story->told);
  char *end = story->told + used;
  size_t room = sizeof story->told - used;
  if (news->kind == FOLLOW_EVENT)
    snprintf(end, room, "%" PRIu64 " ", news->seq);
  else if (news->kind == FOLLOW_EPOCH)
    snprintf(end, room, "epoch(%" PRIu64 ") ", news->epoch);
  else
    snprintf(end, room, "%s(%" PRIu64 ",%" PRIu64 ")%s ", names[news->kind],
             news->from, news->to, news->log_begins ? "<" : "");
  return EVALD_OK;
}

static struct wire_event one_event(void) {
  return (struct wire_event){.outcome = WIRE_OUTCOME_COMMITTED,
                             .pro_code = EVALD_TEXT("P1"),
                             .revision = 1,
                             .job_id = EVALD_TEXT("j"),
                             .source = EVALD_TEXT("s"),
                             .dept_key = EVALD_TEXT("d"),
                             .ruleset_id = EVALD_TEXT("cn-2020")};
}

/* Puts the batch first..last into the log. */
static void log_batch(struct story *story, uint64_t first, uint64_t last) {
  struct wire_event events[16];
  struct wire_buffer bytes = {0};
  char command[256];
  struct wire_batch batch = {.epoch = 1,
                             .first_seq = first,
                             .last_seq = last,
                             .events = events,
                             .event_count = (size_t)(last - first + 1)};
  for (size_t i = 0; i < batch.event_count; i++)
    events[i] = one_event();
  wire_batch_encode(&batch, &bytes);
  snprintf(command, sizeof command,
           "redis-cli -s %s -x XADD '" KEY "events' %" PRIu64
           "-0 n x b >/dev/null",
           story->redis.socket, last);
  FILE *pipe = popen(command, "w");
  fwrite(bytes.data, 1, bytes.size, pipe);
  assert_int_equal(pclose(pipe), 0);
  wire_buffer_fini(&bytes);
}

static void publish(struct story *story, uint64_t epoch, uint64_t seq,
                    bool aggregate) {
  struct evald_fault fault = {0};
  struct wire_buffer bytes = {0};
  struct wire_event event = one_event();
  struct wire_batch batch = {.epoch = epoch,
                             .first_seq = seq,
                             .last_seq = seq,
                             .events = &event,
                             .event_count = 1};
  if (aggregate)
    wire_aggregate_publish(&shard, &batch, seq - 1, &bytes);
  else
    wire_event_publish(&shard, &batch, 0, &bytes);
  assert_int_equal(
      follow_message(story->follower, wire_buffer_bytes(&bytes), &fault),
      EVALD_OK);
  wire_buffer_fini(&bytes);
}

static void begin(struct story *story) {
  evald_arena_reset(story->ctl.arena);
  story->told[0] = '\0';
  story->follower = follow_new(&story->ctl, tell, story);
}

static void tells_what_comes_and_nothing_twice(void **state) {
  struct story *story = *state;
  begin(story);
  publish(story, 1, 4, true); /* the state at joining: nothing to tell */
  publish(story, 1, 5, false);
  publish(story, 1, 5, false);
  publish(story, 1, 3, false);
  publish(story, 1, 6, false);
  assert_string_equal(story->told, "5 6 ");
}

static void fills_a_gap_from_the_log(void **state) {
  struct story *story = *state;
  begin(story);
  publish(story, 1, 1, false);
  publish(story, 1, 6, false);
  assert_string_equal(story->told, "1 2 3 4 5 filled(2,5) 6 ");
}

static void says_what_the_log_has_no_more(void **state) {
  struct story *story = *state;
  begin(story);
  publish(story, 1, 20, false);
  publish(story, 1, 31, false); /* the log has 25 to 28 of that */
  assert_string_equal(story->told,
                      "20 lost(21,24) 25 26 27 28 filled(21,28) lost(29,30) "
                      "31 ");
}

/* What is known to be cut off is not looked for. */
static void says_at_once_what_was_cut_off(void **state) {
  struct story *story = *state;
  struct evald_fault fault = {0};
  const struct store_shard_key key = {"310113000", 2024};
  harness_redis_integer(&story->redis, "HSET " KEY "aggregate log_begins 4");
  begin(story);
  publish(story, 1, 1, false);
  publish(story, 1, 6, false);
  assert_string_equal(story->told, "1 lost(2,3)< 4 5 filled(4,5) 6 ");
  begin(story);
  assert_int_equal(follow_from(story->follower, &key, 2, &fault), EVALD_OK);
  assert_string_equal(story->told, "lost(2,3)< 4 5 ");
  harness_redis_integer(&story->redis, "HSET " KEY "aggregate log_begins 40");
  begin(story);
  publish(story, 1, 1, false);
  publish(story, 1, 6, false);
  assert_string_equal(story->told, "1 lost(2,5)< 6 ");
  harness_redis_integer(&story->redis, "HDEL " KEY "aggregate log_begins");
}

static void an_aggregate_ahead_reveals_a_gap(void **state) {
  struct story *story = *state;
  struct evald_fault fault = {0};
  begin(story);
  publish(story, 1, 1, false);
  publish(story, 1, 3, true);
  assert_int_equal(follow_idle(story->follower, &fault), EVALD_OK);
  assert_string_equal(story->told, "1 "); /* it may still come */
  nanosleep(&(struct timespec){.tv_nsec = 600000000}, NULL);
  assert_int_equal(follow_idle(story->follower, &fault), EVALD_OK);
  assert_string_equal(story->told, "1 2 3 filled(2,3) ");
}

static void begins_where_it_is_told_to(void **state) {
  struct story *story = *state;
  struct evald_fault fault = {0};
  const struct store_shard_key key = {"310113000", 2024};
  begin(story);
  assert_int_equal(follow_from(story->follower, &key, 4, &fault), EVALD_OK);
  publish(story, 1, 6, false);
  assert_string_equal(story->told, "4 5 6 ");
}

static void a_shard_is_followed_from_before_its_first_event(void **state) {
  struct story *story = *state;
  struct evald_fault fault = {0};
  const struct store_shard_key other = {"310114000", 2024};
  const struct wire_shard name = {{"310114000", 9}, 2024};
  struct wire_event event = one_event();
  const struct wire_batch batch = {.epoch = 1,
                                   .first_seq = 1,
                                   .last_seq = 1,
                                   .events = &event,
                                   .event_count = 1};
  struct wire_buffer bytes = {0};
  begin(story);
  assert_int_equal(follow_from(story->follower, &other, 1, &fault), EVALD_OK);
  wire_event_publish(&name, &batch, 0, &bytes);
  follow_message(story->follower, wire_buffer_bytes(&bytes), &fault);
  assert_string_equal(story->told, "1 ");
  wire_buffer_fini(&bytes);
}

static void say_behind(struct story *story, enum wire_message of,
                       uint64_t seq) {
  struct evald_fault fault = {0};
  struct wire_buffer bytes = {0};
  const struct wire_behind behind = {
      .of = (uint8_t)of, .shard = shard, .epoch = 1, .seq = seq};
  wire_behind_publish(&behind, &bytes);
  assert_int_equal(
      follow_message(story->follower, wire_buffer_bytes(&bytes), &fault),
      EVALD_OK);
  wire_buffer_fini(&bytes);
}

static void idle_after(struct story *story, long ms) {
  struct evald_fault fault = {0};
  nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
  assert_int_equal(follow_idle(story->follower, &fault), EVALD_OK);
}

static void told_that_it_fell_behind_it_looks(void **state) {
  struct story *story = *state;
  begin(story);
  publish(story, 1, 1, false);
  say_behind(story, WIRE_MESSAGE_EVENT, 2);
  idle_after(story, 0);
  assert_string_equal(story->told, "1 "); /* it may still come */
  idle_after(story, 250);
  assert_string_equal(story->told, "1 behind(2,2) 2 3 4 5 filled(2,5) ");
  begin(story);
  publish(story, 1, 1, false);
  say_behind(story, WIRE_MESSAGE_AGGREGATE, 1);
  publish(story, 1, 2, false); /* not what did not fit */
  assert_string_equal(story->told, "1 behind(1,1) 2 3 4 5 filled(2,5) ");
}

static void who_kept_up_was_not_meant(void **state) {
  struct story *story = *state;
  begin(story);
  publish(story, 1, 1, false);
  say_behind(story, WIRE_MESSAGE_EVENT, 2);
  publish(story, 1, 2, false);
  say_behind(story, WIRE_MESSAGE_AGGREGATE, 2);
  publish(story, 1, 2, true);
  idle_after(story, 250);
  assert_string_equal(story->told, "1 2 ");
}

/* The hole is in all that came over the connection. */
static void what_else_is_followed_is_looked_at(void **state) {
  struct story *story = *state;
  struct evald_fault fault = {0};
  const struct store_shard_key other = {"310115000", 2024};
  begin(story);
  assert_int_equal(follow_from(story->follower, &other, 1, &fault), EVALD_OK);
  publish(story, 1, 5, false);
  harness_redis_integer(&story->redis,
                        "HSET evald:1:{310115000:2024}:aggregate epoch 7 "
                        "seq 9");
  say_behind(story, WIRE_MESSAGE_EVENT, 6);
  idle_after(story, 250);
  assert_string_equal(story->told, "5 behind(6,6) epoch(7) ");
}

static void a_new_epoch_is_told(void **state) {
  struct story *story = *state;
  begin(story);
  publish(story, 1, 40, false);
  publish(story, 2, 12, false);
  assert_string_equal(story->told, "40 epoch(2) 12 ");
}

static int start(void **state) {
  static struct story story;
  harness_redis_start(&story.redis, NULL);
  story.ctl = (struct ctl){.settings.store.unix_path = story.redis.socket};
  if (!ctl_init(&story.ctl)) return -1;
  log_batch(&story, 1, 3);
  log_batch(&story, 4, 5);
  log_batch(&story, 25, 28);
  harness_redis_integer(&story.redis, "HSET " KEY "aggregate epoch 1 seq 5");
  *state = &story;
  return 0;
}

static int stop(void **state) {
  struct story *story = *state;
  ctl_fini(&story->ctl);
  harness_redis_stop(&story->redis);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_what_comes_and_nothing_twice),
      cmocka_unit_test(fills_a_gap_from_the_log),
      cmocka_unit_test(says_what_the_log_has_no_more),
      cmocka_unit_test(says_at_once_what_was_cut_off),
      cmocka_unit_test(an_aggregate_ahead_reveals_a_gap),
      cmocka_unit_test(begins_where_it_is_told_to),
      cmocka_unit_test(a_shard_is_followed_from_before_its_first_event),
      cmocka_unit_test(told_that_it_fell_behind_it_looks),
      cmocka_unit_test(who_kept_up_was_not_meant),
      cmocka_unit_test(what_else_is_followed_is_looked_at),
      cmocka_unit_test(a_new_epoch_is_told),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
