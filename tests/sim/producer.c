/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/producer.h"
#include "sim/model.h"
#include "sim/net.h"
#include "wire/answer_codec.h"
#include "wire/cursor.h"
#include <stdlib.h>
#include <string.h>

enum { SILENCE_US = 6 * SIM_S, STAY_SENDS = 400 };

bool producer_peace;

bool producer_is_done(const struct producer *producer) {
  return producer->settled == producer->count;
}

/* ---- coming and going ---- */

static struct life *choose_life(const struct producer *producer) {
  unsigned first = (unsigned)sim_random(producer->daemon_count);
  for (unsigned i = 0; i < producer->daemon_count; i++) {
    struct life *life =
        daemon_life(&producer->daemons[(first + i) % producer->daemon_count]);
    if (life != NULL) return life;
  }
  return NULL;
}

static void leave(struct producer *producer) {
  if (producer->socket != NULL)
    sim_note("producer %u leaves, %u unanswered", producer->number,
             producer->unanswered);
  if (producer->socket != NULL) (void)zmq_close(producer->socket);
  producer->socket = NULL;
  memset(producer->out, 0, sizeof producer->out);
  producer->unanswered = 0;
}

static bool come(struct producer *producer) {
  struct life *life = choose_life(producer);
  if (life == NULL) return false;
  producer->socket = zmq_socket(NULL, ZMQ_DEALER);
  (void)zmq_connect(producer->socket, life->doors[1]);
  if (!net_is_linked(producer->socket)) {
    leave(producer);
    return false;
  }
  producer->welcome = false;
  producer->sends = 0;
  producer->base = producer->correlation;
  producer->heard = sim_now();
  producer->window = 0;
  sim_note("producer %u comes to %s", producer->number, life->name);
  (void)zmq_send(producer->socket, "hello", 5, ZMQ_SNDMORE);
  (void)zmq_send(producer->socket, "\x81\xa1v\x01", 4, 0);
  return true;
}

/* ---- sending ---- */

/* The next job that may be sent; -1: none. */
static int due_job(const struct producer *producer) {
  for (unsigned i = 0; i < producer->count; i++)
    if (!producer->done[i] && !producer->out[i] &&
        producer->again[i] <= sim_now())
      return (int)i;
  return -1;
}

static void put_correlation(struct producer *producer) {
  unsigned char bytes[8];
  for (int i = 0; i < 8; i++)
    bytes[i] = (unsigned char)(producer->correlation >> (56 - 8 * i));
  (void)zmq_send(producer->socket, bytes, sizeof bytes, ZMQ_SNDMORE);
}

static bool is_later(const struct producer *producer, int at) {
  return producer->jobs[producer->mine[at]].kind == WIRE_KIND_RECALCULATE;
}

static void note_send(struct producer *producer, int at) {
  producer->out[at] = true;
  producer->jobs[producer->mine[at]].sends++;
  producer->sent[producer->sends++] = at;
  producer->unanswered++;
  producer->correlation++;
}

/* One message: jobs of one kind of urgency, as many as there is credit for. */
static void send_some(struct producer *producer) {
  int at = due_job(producer);
  size_t most = 1 + sim_random(4);
  if (at < 0 || producer->unanswered >= producer->window) return;
  bool later = is_later(producer, at);
  const char *verb = later ? "recalc-jobs" : "jobs";
  if (zmq_send(producer->socket, verb, strlen(verb), ZMQ_SNDMORE) < 0) return;
  put_correlation(producer);
  for (;;) {
    const struct sim_bytes *frame = &producer->jobs[producer->mine[at]].frame;
    note_send(producer, at);
    int next = due_job(producer);
    bool more = --most > 0 && next >= 0 && is_later(producer, next) == later &&
                producer->unanswered < producer->window;
    (void)zmq_send(producer->socket, frame->data, frame->size,
                   more ? ZMQ_SNDMORE : 0);
    if (!more) return;
    at = next;
  }
}

/* ---- hearing ---- */

static void settle(struct producer *producer, int at) {
  if (producer->times[at] > 0) {
    producer->times[at]--; /* and once more, as if the ack had been lost */
    return;
  }
  if (producer->done[at]) return;
  producer->done[at] = true;
  producer->settled++;
}

static void take_answer(void *context, const struct model_answer *answer) {
  struct producer *producer = context;
  uint64_t place = answer->correlation - producer->base;
  if (place >= producer->sends || producer->sent[place] < 0) {
    sim_fail("producer %u was answered %s for correlation %llu",
             producer->number, place < producer->sends ? "twice" : "unasked",
             (unsigned long long)answer->correlation);
    return;
  }
  int at = producer->sent[place];
  producer->sent[place] = -1;
  producer->out[at] = false;
  producer->unanswered--;
  if (answer->type != WIRE_ANSWER_RETRY && answer->job != producer->mine[at] &&
      (answer->job != UINT32_MAX ||
       producer->jobs[producer->mine[at]].kind != JOBS_BAD))
    sim_fail("producer %u was answered j%u for j%u", producer->number,
             answer->job, producer->mine[at]);
  if (answer->type == WIRE_ANSWER_RETRY)
    producer->again[at] = sim_now() + 20 * SIM_MS;
  else
    settle(producer, at);
}

static void take_welcome(struct producer *producer,
                         const struct net_frame *body) {
  struct wire_cursor cursor = wire_cursor_of(
      (struct wire_bytes){(const uint8_t *)body->data, body->size});
  size_t pairs = wire_get_map(&cursor);
  for (size_t i = 0; i < pairs && !cursor.failed; i++) {
    struct evald_text key = wire_get_text(&cursor);
    if (evald_text_equal(key, EVALD_TEXT("window")))
      producer->window = wire_get_uint(&cursor);
    else
      wire_skip(&cursor);
  }
  producer->welcome = true;
}

static void take_message(struct producer *producer, const char *verb,
                         const struct net_frame *body) {
  producer->heard = sim_now();
  if (strcmp(verb, "welcome") == 0)
    take_welcome(producer, body);
  else if (strcmp(verb, "answers") == 0)
    (void)model_answers(body, take_answer, producer);
}

static bool hear(struct producer *producer) {
  char verb[16] = "";
  zmq_msg_t frame;
  (void)zmq_msg_init(&frame);
  bool heard = zmq_msg_recv(&frame, producer->socket, ZMQ_DONTWAIT) >= 0;
  if (heard && zmq_msg_size(&frame) < sizeof verb) {
    memcpy(verb, zmq_msg_data(&frame), zmq_msg_size(&frame));
    struct net_frame body = {NULL, 0};
    if (zmq_msg_more(&frame)) {
      (void)zmq_msg_recv(&frame, producer->socket, ZMQ_DONTWAIT);
      body = (struct net_frame){zmq_msg_data(&frame), zmq_msg_size(&frame)};
    }
    take_message(producer, verb, &body);
  }
  (void)zmq_msg_close(&frame);
  return heard;
}

/* ---- the way of a producer ---- */

static bool must_leave(struct producer *producer) {
  if (!net_is_linked(producer->socket)) return true;
  if (producer->sends >= STAY_SENDS) return producer->unanswered == 0;
  bool silent = sim_now() - producer->heard > SILENCE_US &&
                (producer->unanswered > 0 || !producer->welcome);
  if (silent && producer_peace)
    sim_fail("producer %u hears nothing; %u jobs are not answered",
             producer->number, producer->unanswered);
  return silent;
}

static void step(struct producer *producer) {
  zmq_pollitem_t item = {.socket = producer->socket, .events = ZMQ_POLLIN};
  (void)zmq_poll(&item, 1, (long)sim_random(20));
  if (!producer_peace && sim_chance(20))
    sim_sleep((int64_t)sim_random(50 * SIM_MS));
  while (hear(producer))
    continue;
  if (producer->welcome && producer->sends < STAY_SENDS) send_some(producer);
}

static void run(void *argument) {
  struct producer *producer = argument;
  while (!producer_is_done(producer) && !sim_failed()) {
    if (producer->socket == NULL && !come(producer)) {
      sim_sleep(5 * SIM_MS);
      continue;
    }
    step(producer);
    if (must_leave(producer) || (!producer_peace && sim_chance(3)))
      leave(producer);
  }
  leave(producer);
}

void producer_start(struct producer *producer) {
  producer->task = sim_start(NULL, run, producer);
}

void producer_free(struct producer *producer) {
  if (producer->socket != NULL) (void)zmq_close(producer->socket);
  producer->socket = NULL;
}

/* ---- the other doors ---- */

static void push(void *argument) {
  struct producer *producer = argument;
  for (unsigned i = 0; i < producer->count; i++) {
    const struct sim_bytes *frame = &producer->jobs[producer->mine[i]].frame;
    struct life *life = choose_life(producer);
    sim_sleep((int64_t)sim_random(30 * SIM_MS));
    if (life == NULL) continue;
    if (producer->socket != NULL) (void)zmq_close(producer->socket);
    producer->socket = zmq_socket(NULL, ZMQ_PUSH);
    (void)zmq_connect(producer->socket, life->doors[0]);
    producer->jobs[producer->mine[i]].sends++;
    (void)zmq_send(producer->socket, frame->data, frame->size, 0);
  }
  producer->settled = producer->count;
}

void producer_push(struct producer *producer) {
  producer->task = sim_start(NULL, push, producer);
}

static void read_all(void *argument) {
  struct producer *producer = argument;
  zmq_msg_t frame;
  (void)zmq_msg_init(&frame);
  while (producer->settled == 0 && !sim_failed()) {
    struct life *life = choose_life(producer);
    if (producer->socket == NULL && life != NULL) {
      producer->socket = zmq_socket(NULL, ZMQ_SUB);
      (void)zmq_setsockopt(producer->socket, ZMQ_SUBSCRIBE, "", 0);
      (void)zmq_connect(producer->socket, life->doors[2]);
    }
    sim_sleep((int64_t)sim_random(40 * SIM_MS));
    if (producer->socket == NULL) continue;
    while (zmq_msg_recv(&frame, producer->socket, ZMQ_DONTWAIT) >= 0)
      continue;
    if (net_is_linked(producer->socket)) continue;
    producer_free(producer);
  }
  (void)zmq_msg_close(&frame);
  producer_free(producer);
}

void reader_start(struct producer *producer) {
  producer->task = sim_start(NULL, read_all, producer);
}
