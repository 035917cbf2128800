/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/publisher.h"
#include "base/i18n.h"
#include "bus/wait.h"
#include "daemon/answers.h"
#include "daemon/log.h"
#include "daemon/signals.h"
#include <stdlib.h>

/* A reader sends subscriptions only, and none is longer than a topic. */
enum { WORKERS_MAX = 16, LINGER_MS = 1000, PREFIX_MAX = 1024 };

struct publisher {
  const struct publisher_setup *setup;
  struct bus_pipe *pipe;
  struct bus_socket *door;
  struct subscriptions subscriptions;
  struct expansion expansion;
  struct answer_maker answers;
  struct wire_buffer notice;
  struct log_limit slow_lines;
  bool stopping;
};

/* Both frames or none. */
static enum evald_status send_frames(struct publisher *publisher,
                                     struct evald_text topic,
                                     struct wire_bytes body) {
  struct bus_socket *door = publisher->door;
  enum evald_status status =
      bus_send(door, topic.data, topic.size, BUS_MORE, 0);
  if (status == EVALD_OK) bus_send(door, body.data, body.size, BUS_LAST, 0);
  return status;
}

/* The last word into the full queue, for which its bound is lifted by one. */
static void tell_behind(struct publisher *publisher,
                        const struct expansion_message *message) {
  int bound = (int)publisher->setup->config->events_queue;
  struct wire_buffer *notice = &publisher->notice;
  wire_buffer_reset(notice);
  wire_behind_publish(&message->behind, notice);
  if (wire_buffer_done(notice) != EVALD_OK) return;
  bus_socket_set_send_bound(publisher->door, bound + 1);
  (void)send_frames(publisher, message->topic, wire_buffer_bytes(notice));
  bus_socket_set_send_bound(publisher->door, bound);
}

/* Counted is how often one fell behind, not what it lost. */
static void note_behind(struct publisher *publisher, struct evald_text topic) {
  metrics_add(publisher->setup->metrics, METRIC_FELL_BEHIND, 1);
  if (log_allowed(&publisher->slow_lines))
    log_line(LOG_WARNING,
             _("a reader of %.*s fell behind and loses messages; it is told "
               "to compare what it holds with Redis"),
             (int)topic.size, topic.data);
}

/* A message that a full reader cannot take is sent again with drops allowed:
 * the others get it, and we know that somebody did not. */
static void send(void *context, const struct expansion_message *message) {
  struct publisher *publisher = context;
  metrics_add(publisher->setup->metrics, METRIC_PUBLISHED, 1);
  if (send_frames(publisher, message->topic, message->body) != EVALD_TIMEOUT)
    return;
  tell_behind(publisher, message);
  bus_socket_set_drops(publisher->door, true);
  (void)send_frames(publisher, message->topic, message->body);
  bus_socket_set_drops(publisher->door, false);
  note_behind(publisher, message->topic);
}

/* XPUB gives one frame: 1 or 0, and the prefix. */
static void read_subscriptions(struct publisher *publisher) {
  struct bus_frame frame;
  bus_frame_init(&frame);
  while (bus_receive(publisher->door, &frame, 0) == EVALD_OK) {
    const char *bytes = bus_frame_data(&frame);
    size_t size = bus_frame_size(&frame);
    if (size == 0 || (bytes[0] != 0 && bytes[0] != 1)) continue;
    struct evald_text prefix = {bytes + 1, size - 1};
    bool begins = bytes[0] == 1;
    subscriptions_note(&publisher->subscriptions, prefix, begins);
    if (begins) expansion_greet(&publisher->expansion, prefix);
  }
  bus_frame_fini(&frame);
  metrics_set(publisher->setup->metrics, METRIC_SUBSCRIPTIONS,
              publisher->subscriptions.count);
}

/* Those who wait come first. Without memory for it intake hears of it: then
 * the answers are to be asked for again. */
static void answer(struct publisher *publisher, const struct work *work) {
  struct answers *answers = NULL;
  enum evald_status status = answers_make(&publisher->answers, work, &answers);
  if (answers == NULL && status == EVALD_OK) return;
  bus_signal_send(
      publisher->setup->answers,
      (struct bus_signal){.code = SIGNAL_ANSWERS, .pointer = answers}, -1);
}

static void read_works(struct publisher *publisher, struct bus_pipe *worker) {
  struct bus_signal signal;
  while (bus_signal_receive(worker, &signal, 0) == EVALD_OK) {
    answer(publisher, signal.pointer);
    expansion_tell(&publisher->expansion, signal.pointer);
    bus_signal_send(worker, signal, -1);
  }
}

static void read_pipe(struct publisher *publisher) {
  struct bus_signal signal;
  while (signals_next(publisher->pipe, &signal))
    if (signal.code == BUS_STOP) publisher->stopping = true;
}

static void run(struct publisher *publisher) {
  const struct publisher_setup *setup = publisher->setup;
  struct bus_wait waits[WORKERS_MAX + 2] = {{.pipe = publisher->pipe},
                                            {.socket = publisher->door}};
  for (unsigned i = 0; i < setup->worker_count; i++)
    waits[2 + i].pipe = setup->workers[i];
  while (!publisher->stopping) {
    bus_wait(waits, 2 + setup->worker_count, -1);
    if (waits[1].ready) read_subscriptions(publisher);
    for (unsigned i = 0; i < setup->worker_count; i++)
      if (waits[2 + i].ready) read_works(publisher, setup->workers[i]);
    if (waits[0].ready) read_pipe(publisher);
  }
  for (unsigned i = 0; i < setup->worker_count; i++)
    read_works(publisher, setup->workers[i]);
}

static enum evald_status open_door(struct publisher *publisher,
                                   struct evald_fault *fault) {
  const struct config *config = publisher->setup->config;
  struct bus_options options = {.send_bound = (int)config->events_queue,
                                .frame_bytes_max = PREFIX_MAX,
                                .linger_ms = LINGER_MS,
                                .all_subscriptions = true};
  enum evald_status status = bus_socket_open(
      publisher->setup->context, BUS_XPUB, &options, &publisher->door, fault);
  if (status == EVALD_OK) bus_socket_set_drops(publisher->door, false);
  for (size_t i = 0; i < config->doors_events.count && status == EVALD_OK;
       i++) {
    status =
        bus_socket_bind(publisher->door, config->doors_events.item[i], fault);
    if (status == EVALD_OK)
      log_line(LOG_INFO, _("events (XPUB): %s"),
               bus_socket_endpoint(publisher->door));
  }
  return status;
}

void publisher_body(struct bus_pipe *pipe, void *setup) {
  struct evald_fault fault = {0};
  struct publisher *publisher = calloc(1, sizeof *publisher);
  if (publisher == NULL) return;
  publisher->setup = setup;
  publisher->pipe = pipe;
  publisher->expansion =
      (struct expansion){.subscriptions = &publisher->subscriptions,
                         .send = send,
                         .context = publisher};
  if (open_door(publisher, &fault) == EVALD_OK) {
    bus_actor_ready(pipe);
    run(publisher);
  } else {
    bus_actor_failed(pipe, &fault);
  }
  bus_socket_close(publisher->door);
  expansion_fini(&publisher->expansion);
  wire_buffer_fini(&publisher->notice);
  answer_maker_fini(&publisher->answers);
  subscriptions_fini(&publisher->subscriptions);
  free(publisher);
}
