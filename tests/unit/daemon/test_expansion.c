/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/publisher.h"
#include "unit.h"
#include <stdlib.h>

struct told {
  char topics[32][WIRE_TOPIC];
  struct wire_published messages[32];
  size_t count;
};

/* What is told of each message where it does not fit names that message. */
static void assert_behind(const struct expansion_message *message) {
  struct wire_buffer bytes = {0};
  struct wire_published lost, said;
  assert_int_equal(wire_published_decode(message->body, &lost), EVALD_OK);
  wire_behind_publish(&message->behind, &bytes);
  assert_int_equal(wire_published_decode(wire_buffer_bytes(&bytes), &said),
                   EVALD_OK);
  assert_int_equal(said.message, WIRE_MESSAGE_BEHIND);
  assert_int_equal(said.of, lost.message);
  if (lost.message == WIRE_MESSAGE_RECEIPT ||
      lost.message == WIRE_MESSAGE_REJECT) {
    assert_true(evald_text_equal(said.event.source, lost.event.source));
  } else {
    assert_int_equal(said.epoch, lost.epoch);
    assert_int_equal(said.seq, lost.seq);
    assert_int_equal(said.shard.fiscal_year, lost.shard.fiscal_year);
    assert_true(
        evald_text_equal(said.shard.mof_div_code, lost.shard.mof_div_code));
  }
  wire_buffer_fini(&bytes);
}

static void hear(void *context, const struct expansion_message *message) {
  struct told *told = context;
  struct evald_text topic = message->topic;
  struct wire_bytes body = message->body;
  assert_true(told->count < 32);
  assert_behind(message);
  memcpy(told->topics[told->count], topic.data, topic.size);
  told->topics[told->count][topic.size] = '\0';
  assert_int_equal(wire_published_decode(body, &told->messages[told->count]),
                   EVALD_OK);
  told->count++;
}

struct scene {
  struct subscriptions subscriptions;
  struct expansion expansion;
  struct told told;
  struct work *work;
  struct shard shard;
  struct wire_event event;
};

/* A work of two jobs: one committed, one rejected. */
static int setup(void **state) {
  struct scene *scene = calloc(1, sizeof *scene);
  scene->expansion = (struct expansion){.subscriptions = &scene->subscriptions,
                                        .send = hear,
                                        .context = &scene->told};
  scene->work = work_new(4, 1 << 20);
  shard_init(&scene->shard, 0, EVALD_TEXT("310113000"), 2024);
  struct work_unit *unit = work_add_unit(scene->work);
  unit->source = EVALD_TEXT("src");
  unit->job_id = EVALD_TEXT("j1");
  unit->pro_code = EVALD_TEXT("p1");
  unit->outcome = WIRE_OUTCOME_COMMITTED;
  unit->seq = 1;
  work_set_shard(scene->work, unit, &scene->shard);
  scene->event = (struct wire_event){.pro_code = EVALD_TEXT("p1"),
                                     .job_id = EVALD_TEXT("j1"),
                                     .source = EVALD_TEXT("src"),
                                     .revision = 1};
  scene->work->shards[0].sum = (struct wire_batch){.epoch = 1,
                                                   .first_seq = 1,
                                                   .last_seq = 1,
                                                   .events = &scene->event,
                                                   .event_count = 1};
  unit = work_add_unit(scene->work);
  unit->source = EVALD_TEXT("src");
  unit->job_id = EVALD_TEXT("j2");
  work_reject_for(scene->work, unit, WIRE_REJECT_TRUNCATED, "");
  *state = scene;
  return 0;
}

static int teardown(void **state) {
  struct scene *scene = *state;
  expansion_fini(&scene->expansion);
  subscriptions_fini(&scene->subscriptions);
  work_free(scene->work);
  shard_fini(&scene->shard);
  free(scene);
  return 0;
}

static void subscribe(struct scene *scene, const char *prefix) {
  subscriptions_note(&scene->subscriptions, evald_text_of(prefix), true);
}

static void nobody_listens_nothing_is_sent(void **state) {
  struct scene *scene = *state;
  expansion_tell(&scene->expansion, scene->work);
  assert_int_equal(scene->told.count, 0);
  assert_int_equal(scene->expansion.value_count, 1);
}

static void all_is_told_in_order(void **state) {
  struct scene *scene = *state;
  subscribe(scene, "");
  expansion_tell(&scene->expansion, scene->work);
  static const char *const topics[] = {"event.310113000.2024",
                                       "aggregate.310113000.2024",
                                       "receipt.src", "reject.src"};
  assert_int_equal(scene->told.count, 4);
  for (int i = 0; i < 4; i++)
    assert_string_equal(scene->told.topics[i], topics[i]);
  assert_int_equal(scene->told.messages[1].prev, 0);
  assert_int_equal(scene->told.messages[2].seq, 1);
}

/* assert_behind holds each message against its notice. */
static void each_event_of_a_batch_is_told(void **state) {
  struct scene *scene = *state;
  struct wire_event events[3] = {scene->event, scene->event, scene->event};
  struct wire_batch *sum = &scene->work->shards[0].sum;
  sum->events = events;
  sum->event_count = 3;
  sum->first_seq = 5;
  sum->last_seq = 7;
  subscribe(scene, "event.");
  expansion_tell(&scene->expansion, scene->work);
  assert_int_equal(scene->told.count, 3);
  for (unsigned i = 0; i < 3; i++)
    assert_int_equal(scene->told.messages[i].seq, 5 + i);
}

static void only_what_is_wanted_is_told(void **state) {
  struct scene *scene = *state;
  subscribe(scene, "aggregate.31");
  subscribe(scene, "event.32");
  subscribe(scene, "receipt.s");
  expansion_tell(&scene->expansion, scene->work);
  assert_int_equal(scene->told.count, 2);
  assert_string_equal(scene->told.topics[0], "aggregate.310113000.2024");
  assert_string_equal(scene->told.topics[1], "receipt.src");
}

static void a_new_reader_gets_the_present_state(void **state) {
  struct scene *scene = *state;
  expansion_tell(&scene->expansion, scene->work);
  subscribe(scene, "aggregate.");
  expansion_greet(&scene->expansion, EVALD_TEXT("aggregate."));
  assert_int_equal(scene->told.count, 1);
  assert_int_equal(scene->told.messages[0].seq, 1);
  assert_int_equal(scene->told.messages[0].prev, 1);
  expansion_greet(&scene->expansion, EVALD_TEXT("event."));
  expansion_greet(&scene->expansion, EVALD_TEXT("aggregate.9"));
  assert_int_equal(scene->told.count, 1);
}

static void aggregates_name_the_one_before(void **state) {
  struct scene *scene = *state;
  subscribe(scene, "aggregate.");
  expansion_tell(&scene->expansion, scene->work);
  scene->work->shards[0].sum.first_seq = 2;
  scene->work->shards[0].sum.last_seq = 5;
  scene->work->shards[0].sum.event_count = 0;
  expansion_tell(&scene->expansion, scene->work);
  expansion_tell(&scene->expansion, scene->work); /* no news */
  assert_int_equal(scene->told.count, 2);
  assert_int_equal(scene->told.messages[1].seq, 5);
  assert_int_equal(scene->told.messages[1].prev, 1);
}

static void subscriptions_are_counted(void **state) {
  (void)state;
  struct subscriptions subscriptions = {0};
  struct evald_text a = EVALD_TEXT("a"), ab = EVALD_TEXT("ab");
  assert_false(subscriptions_match(&subscriptions, a));
  subscriptions_note(&subscriptions, ab, true);
  subscriptions_note(&subscriptions, ab, true);
  assert_false(subscriptions_match(&subscriptions, a));
  assert_true(subscriptions_match(&subscriptions, ab));
  subscriptions_note(&subscriptions, ab, false);
  assert_true(subscriptions_match(&subscriptions, EVALD_TEXT("abc")));
  subscriptions_note(&subscriptions, ab, false);
  subscriptions_note(&subscriptions, ab, false);
  assert_false(subscriptions_match(&subscriptions, ab));
  subscriptions_fini(&subscriptions);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(nobody_listens_nothing_is_sent),
      SCENE(all_is_told_in_order),
      SCENE(each_event_of_a_batch_is_told),
      SCENE(only_what_is_wanted_is_told),
      SCENE(a_new_reader_gets_the_present_state),
      SCENE(aggregates_name_the_one_before),
      cmocka_unit_test(subscriptions_are_counted)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
