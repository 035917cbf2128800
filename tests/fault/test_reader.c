/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/memory.h"

#include "evald/client.h"
#include "harness/redis.h"
#include "unit.h"
#include "wire/event_codec.h"
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

/* A reader that comes back to a division whose log it has not seen, with memory
 * that ends: each event is told once and in order, and none is called lost. */

enum { BATCHES = 40, EACH = 3, EVENTS = BATCHES * EACH, POLLS = 2000 };

static struct harness_redis redis;

struct scene {
  char endpoint[112], address[112];
  uint64_t told; /* the seq of the last event */
  bool snapshot;
};

static void hear(void *context, const struct evald_news *news) {
  struct scene *scene = context;
  unsigned paused = memory_pause();
  assert_int_not_equal(news->kind, EVALD_NEWS_LOST);
  assert_int_not_equal(news->kind, EVALD_NEWS_EPOCH);
  assert_int_not_equal(news->kind, EVALD_NEWS_DIFFERS);
  if (news->kind == EVALD_NEWS_EVENT) {
    char job[16];
    assert_int_equal(news->seq, scene->told + 1);
    (void)snprintf(job, sizeof job, "j%d", (int)news->seq);
    assert_true(evald_text_equal(news->event->job_id, evald_text_of(job)));
    scene->told = news->seq;
  }
  if (news->kind == EVALD_NEWS_SNAPSHOT) {
    assert_int_equal(news->seq, EVENTS);
    assert_int_equal(news->counters[0].value, 77);
    scene->snapshot = true;
  }
  memory_resume(paused);
}

static bool is_done(const struct scene *scene, bool from_start) {
  return from_start ? scene->told == EVENTS : scene->snapshot;
}

/* Polls until all is told, whatever was refused on the way. */
static enum evald_status follow(struct scene *scene,
                                struct evald_reader *reader, bool from_start,
                                struct evald_fault *fault) {
  enum evald_status first = EVALD_OK;
  enum evald_status status = EVALD_MEMORY;
  for (int i = 0; i < 2 && status == EVALD_MEMORY; i++) {
    status =
        evald_reader_follow(reader, "310113000", 2024, from_start ? 9 : 0, 0);
    if (status != EVALD_OK) first = status;
  }
  for (int i = 0; i < POLLS && !is_done(scene, from_start); i++) {
    status = evald_reader_poll(reader, 1, fault);
    if (status != EVALD_OK && status != EVALD_TIMEOUT) first = status;
  }
  assert_true(is_done(scene, from_start));
  return first;
}

static enum evald_status read_all(void *context, struct evald_fault *fault) {
  struct scene *scene = context;
  enum evald_status status = EVALD_OK;
  for (int from_start = 0; from_start < 2 && status == EVALD_OK; from_start++) {
    const struct evald_reader_options options = {.endpoint = scene->endpoint,
                                                 .redis = scene->address,
                                                 .check_ms = 1,
                                                 .tell = hear,
                                                 .context = scene};
    struct evald_reader *reader = NULL;
    scene->told = 0;
    scene->snapshot = false;
    status = evald_reader_open(&options, &reader, fault);
    if (status == EVALD_OK)
      status = follow(scene, reader, from_start, fault);
    else
      assert_null(reader);
    evald_reader_close(reader);
  }
  return status;
}

static void tells_each_event_once(void **state) {
  memory_every(read_all, *state, 12);
}

/* --- what is there to read --- */

static void add_batch(redisContext *raw, uint64_t first) {
  char jobs[EACH][16], id[24];
  struct wire_event events[EACH];
  struct wire_buffer out = {0};
  struct wire_batch batch = {.epoch = 9,
                             .first_seq = first,
                             .last_seq = first + EACH - 1,
                             .events = events,
                             .event_count = EACH};
  for (unsigned i = 0; i < EACH; i++) {
    (void)snprintf(jobs[i], sizeof jobs[i], "j%d", (int)(first + i));
    events[i] = (struct wire_event){.pro_code = EVALD_TEXT("P"),
                                    .job_id = evald_text_of(jobs[i]),
                                    .source = EVALD_TEXT("s"),
                                    .dept_key = EVALD_TEXT("-"),
                                    .ruleset_id = EVALD_TEXT("r")};
  }
  wire_batch_encode(&batch, &out);
  assert_int_equal(wire_buffer_done(&out), EVALD_OK);
  (void)snprintf(id, sizeof id, "%d-0", (int)batch.last_seq);
  redisReply *reply =
      redisCommand(raw, "XADD evald:1:{310113000:2024}:events %s b %b", id,
                   out.data, out.size);
  assert_non_null(reply);
  assert_int_equal(reply->type, REDIS_REPLY_STRING);
  freeReplyObject(reply);
  wire_buffer_fini(&out);
}

static int start(void **state) {
  static struct scene scene;
  char ignored[64];
  harness_redis_start(&redis, NULL);
  redisContext *raw = redisConnectUnix(redis.socket);
  for (uint64_t i = 0; i < BATCHES; i++)
    add_batch(raw, 1 + EACH * i);
  redisFree(raw);
  (void)harness_redis_command(
      &redis, ignored, sizeof ignored,
      "HSET evald:1:{310113000:2024}:aggregate epoch 9 seq %d %s 77", EVENTS,
      core_counter_name((enum core_counter)0));
  (void)snprintf(scene.address, sizeof scene.address, "unix:%s", redis.socket);
  (void)snprintf(scene.endpoint, sizeof scene.endpoint, "ipc://%s/events",
                 redis.directory); /* where nobody listens */
  *state = &scene;
  return 0;
}

static int stop(void **state) {
  (void)state;
  harness_redis_stop(&redis);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_each_event_once),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
