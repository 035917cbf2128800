/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/memory.h"

#include "bus/socket.h"
#include "evald/client.h"
#include "unit.h"
#include "wire/answer_codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A producer with an outbox and a door that answers it, with memory that ends:
 * a job that was taken gets its answer, from this producer or from the next
 * one that opens the outbox. */

enum { JOBS = 20, TURNS = 2000 };

struct scene {
  char folder[32], endpoint[64], outbox[64];
  struct bus_context *context;
  struct bus_socket *door;
  bool taken[JOBS + 1], told[JOBS + 1], came[JOBS + 1];
};

/* --- the door --- */

static void answer(struct scene *scene, struct bus_frame *peer,
                   const char *word, const struct wire_buffer *body) {
  assert_int_equal(bus_send(scene->door, bus_frame_data(peer),
                            bus_frame_size(peer), BUS_MORE, -1),
                   EVALD_OK);
  (void)bus_send(scene->door, word, strlen(word), BUS_MORE, -1);
  (void)bus_send(scene->door, body->data, body->size, BUS_LAST, -1);
}

/* Every fifth job is refused, and another fifth at its first coming told to
 * come again. */
static bool is_bad(uint64_t number) {
  return number % 5 == 2;
}

static void put_answer(struct scene *scene, struct wire_buffer *out,
                       uint64_t number) {
  static const struct wire_rejects rejects = {
      .count = 1, .items = {{.code = WIRE_REJECT_MISSING_KEY, .key = "v"}}};
  static const struct wire_reject_notice notice = {.job_id = EVALD_TEXT("j"),
                                                   .source = EVALD_TEXT("s"),
                                                   .rejects_id =
                                                       EVALD_TEXT("1-0"),
                                                   .rejects = &rejects};
  const struct wire_receipt receipt = {.outcome = WIRE_OUTCOME_COMMITTED};
  if (number % 5 == 1 && !scene->came[number])
    wire_answer_retry(number, WIRE_RETRY_OVER_CREDIT, out);
  else if (is_bad(number))
    wire_answer_nack(number, &notice, out);
  else
    wire_answer_ack(number, &receipt, out);
  scene->came[number] = true;
}

static void put_answers(struct scene *scene, struct wire_buffer *out,
                        uint64_t first, size_t count) {
  wire_put_array(out, count);
  for (size_t i = 0; i < count; i++)
    put_answer(scene, out, first + i);
}

/* The rest of a message: `first` is the number in its first frame. */
static size_t read_jobs(struct scene *scene, struct bus_frame *frame,
                        uint64_t *first) {
  size_t count = 0;
  const uint8_t *number;
  assert_int_equal(bus_receive(scene->door, frame, -1), EVALD_OK);
  number = bus_frame_data(frame);
  *first = 0;
  for (size_t i = 0; i < bus_frame_size(frame) && i < 8; i++)
    *first = *first << 8 | number[i];
  for (; bus_frame_more(frame); count++)
    assert_int_equal(bus_receive(scene->door, frame, -1), EVALD_OK);
  return count;
}

static void serve_one(struct scene *scene, struct bus_frame *peer) {
  struct bus_frame word;
  struct wire_buffer body = {0};
  bus_frame_init(&word);
  assert_int_equal(bus_receive(scene->door, &word, -1), EVALD_OK);
  struct evald_text kind = {bus_frame_data(&word), bus_frame_size(&word)};
  bool hello = evald_text_equal(kind, EVALD_TEXT("hello"));
  bool jobs = evald_text_equal(kind, EVALD_TEXT("jobs"));
  uint64_t first = 0;
  size_t count = 0;
  if (bus_frame_more(&word)) count = read_jobs(scene, &word, &first);
  if (hello) {
    wire_put_map(&body, 1);
    wire_put_string(&body, "window");
    wire_put_uint(&body, 1024);
    answer(scene, peer, "welcome", &body);
  } else if (jobs) {
    put_answers(scene, &body, first, count);
    answer(scene, peer, "answers", &body);
  }
  wire_buffer_fini(&body);
  bus_frame_fini(&word);
}

static void serve(struct scene *scene) {
  struct bus_frame peer;
  unsigned paused = memory_pause();
  bus_frame_init(&peer);
  while (bus_receive(scene->door, &peer, 1) == EVALD_OK)
    serve_one(scene, &peer);
  bus_frame_fini(&peer);
  memory_resume(paused);
}

/* --- the producer --- */

static void hear(void *context, const struct evald_answer *told) {
  struct scene *scene = context;
  assert_true(told->number >= 1 && told->number <= JOBS);
  bool bad = is_bad(told->number);
  assert_int_equal(told->kind, bad ? EVALD_ANSWER_NACK : EVALD_ANSWER_ACK);
  assert_int_equal(told->problem_count, bad);
  assert_true(evald_text_equal(told->outcome, bad ? EVALD_TEXT("rejected")
                                                  : EVALD_TEXT("committed")));
  if (bad)
    assert_true(
        evald_text_equal(told->problems[0].code, EVALD_TEXT("missing_key")));
  assert_true(scene->taken[told->number]);
  scene->told[told->number] = true;
}

static enum evald_status open_producer(struct scene *scene,
                                       struct evald_producer **out,
                                       struct evald_fault *fault) {
  const struct evald_producer_options options = {.endpoint = scene->endpoint,
                                                 .outbox = scene->outbox,
                                                 .tell = hear,
                                                 .context = scene};
  return evald_producer_open(&options, out, fault);
}

static enum evald_status finish(struct scene *scene,
                                struct evald_producer *producer,
                                struct evald_fault *fault) {
  struct evald_producer_state state = {.unanswered = 1};
  enum evald_status status = EVALD_OK;
  for (int turn = 0; turn < TURNS && state.unanswered > 0; turn++) {
    status = evald_producer_poll(producer, 1, fault);
    if (status != EVALD_OK && status != EVALD_TIMEOUT) return status;
    serve(scene);
    evald_producer_look(producer, &state);
  }
  assert_int_equal(state.unanswered, 0);
  return EVALD_OK;
}

static enum evald_status submit(struct scene *scene,
                                struct evald_producer *producer,
                                struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (int i = 0; i < JOBS && status == EVALD_OK; i++) {
    uint64_t number = 0;
    status = evald_producer_submit(producer, "job", 3, &number, fault);
    assert_true(status == EVALD_OK || number == 0);
    if (status == EVALD_OK) scene->taken[number] = true;
  }
  return status;
}

/* Whoever comes next takes over what has no answer. */
static void take_over(struct scene *scene) {
  struct evald_producer *next = NULL;
  assert_int_equal(open_producer(scene, &next, NULL), EVALD_OK);
  assert_int_equal(finish(scene, next, NULL), EVALD_OK);
  evald_producer_close(next);
  for (int i = 1; i <= JOBS; i++)
    assert_true(scene->told[i] == scene->taken[i]);
}

static enum evald_status produce(void *context, struct evald_fault *fault) {
  struct scene *scene = context;
  struct evald_producer *producer = NULL;
  memset(scene->taken, 0, sizeof scene->taken);
  memset(scene->told, 0, sizeof scene->told);
  memset(scene->came, 0, sizeof scene->came);
  (void)unlink(scene->outbox);
  enum evald_status status = open_producer(scene, &producer, fault);
  if (status == EVALD_OK)
    status = submit(scene, producer, fault);
  else
    assert_null(producer);
  if (status == EVALD_OK) status = finish(scene, producer, fault);
  evald_producer_close(producer);
  bool refused = memory_disarm();
  assert_true(status == EVALD_OK || refused);
  take_over(scene);
  return status;
}

static void a_job_that_was_taken_is_answered(void **state) {
  (void)state;
  struct scene scene = {.folder = "/tmp/evald-fault-XXXXXX"};
  assert_non_null(mkdtemp(scene.folder));
  (void)snprintf(scene.endpoint, sizeof scene.endpoint, "ipc://%s/door",
                 scene.folder);
  (void)snprintf(scene.outbox, sizeof scene.outbox, "%s/outbox", scene.folder);
  scene.context = bus_context_new(1);
  assert_int_equal(
      bus_socket_open(scene.context, BUS_ROUTER, NULL, &scene.door, NULL),
      EVALD_OK);
  assert_int_equal(bus_socket_bind(scene.door, scene.endpoint, NULL), EVALD_OK);
  memory_every(produce, &scene, 30);
  bus_socket_close(scene.door);
  bus_context_free(scene.context);
  (void)unlink(scene.outbox);
  (void)unlink(scene.endpoint + strlen("ipc://"));
  assert_int_equal(rmdir(scene.folder), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_job_that_was_taken_is_answered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
