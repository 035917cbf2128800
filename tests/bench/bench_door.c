/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_door SUBMIT COUNT DIVISIONS FIRST WINDOW [EVENTS]
 *
 * Sends COUNT jobs, numbers FIRST, FIRST + 1, … of jobs.h, through the
 * acknowledged door at SUBMIT with the C client of evald/client.h, at most
 * WINDOW of them unanswered, and ends when the last is acknowledged. Frames are
 * encoded before the clock starts, which is after the welcome. Where EVENTS is
 * given a second thread listens there to the aggregates, as bench_load does,
 * and forgets them. One line of JSON.
 */

#include "evald/client.h"
#include "jobs.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

enum { WAIT_MS = 60000 };

struct door {
  struct evald_producer *producer;
  struct jobs jobs;
  size_t committed;
};

static void told(void *context, const struct evald_answer *answer) {
  struct door *door = context;
  if (!evald_text_equal(answer->outcome, evald_text_of("committed")))
    bench_stop("answer", "not every job was committed");
  door->committed++;
}

static void must(enum evald_status status, const struct evald_fault *fault) {
  if (status != EVALD_OK) bench_stop(evald_status_name(status), fault->text);
}

static struct evald_producer_state state_of(const struct door *door) {
  struct evald_producer_state state;
  evald_producer_look(door->producer, &state);
  return state;
}

static void open_door(struct door *door, const char *endpoint, size_t window) {
  struct evald_fault fault;
  evald_fault_clear(&fault);
  const struct evald_producer_options options = {.endpoint = endpoint,
                                                 .source = "bench",
                                                 .window = (uint32_t)window,
                                                 .tell = told,
                                                 .context = door};
  must(evald_producer_open(&options, &door->producer, &fault), &fault);
  int64_t end = bench_now() + (int64_t)WAIT_MS * 1000000;
  while (!state_of(door).connected) {
    (void)evald_producer_poll(door->producer, 100, &fault);
    if (bench_now() > end) bench_stop(endpoint, "nobody there");
  }
}

/* Submits ahead of the window, so that answers are met by the next jobs. */
static void send_all(struct door *door, size_t window) {
  struct evald_fault fault;
  size_t sent = 0;
  evald_fault_clear(&fault);
  while (door->committed < door->jobs.count) {
    while (sent < door->jobs.count && sent < door->committed + 2 * window) {
      struct wire_bytes frame = jobs_frame(&door->jobs, sent++);
      must(evald_producer_submit(door->producer, frame.data, frame.size, NULL,
                                 &fault),
           &fault);
    }
    must(evald_producer_poll(door->producer, WAIT_MS, &fault), &fault);
  }
}

/* --- a listener --- */

struct listener {
  void *context, *socket;
  atomic_bool ended;
  pthread_t thread;
};

static void *listen_on(void *argument) {
  struct listener *listener = argument;
  char body[1024];
  while (!atomic_load(&listener->ended))
    (void)zmq_recv(listener->socket, body, sizeof body, 0);
  return NULL;
}

static void start_listening(struct listener *listener, const char *endpoint) {
  int tick = 100;
  listener->context = zmq_ctx_new();
  listener->socket = zmq_socket(listener->context, ZMQ_SUB);
  (void)zmq_setsockopt(listener->socket, ZMQ_RCVTIMEO, &tick, sizeof tick);
  (void)zmq_setsockopt(listener->socket, ZMQ_SUBSCRIBE, "aggregate.", 10);
  if (zmq_connect(listener->socket, endpoint))
    bench_stop(endpoint, zmq_strerror(errno));
  if (pthread_create(&listener->thread, NULL, listen_on, listener))
    bench_stop("thread", "failed");
}

static void stop_listening(struct listener *listener) {
  if (!listener->context) return;
  atomic_store(&listener->ended, true);
  (void)pthread_join(listener->thread, NULL);
  (void)zmq_close(listener->socket);
  (void)zmq_ctx_term(listener->context);
}

int main(int argc, char **argv) {
  static struct door door;
  static struct listener listener;
  if (argc != 6 && argc != 7) {
    bench_stop("usage",
               "bench_door SUBMIT COUNT DIVISIONS FIRST WINDOW [EVENTS]");
  }
  struct jobs_plan plan = {.count = bench_number(argv[2], 1),
                           .divisions = bench_number(argv[3], 1),
                           .first = bench_number(argv[4], 0),
                           .stride = 1,
                           .revision = 1};
  size_t window = bench_number(argv[5], 1);
  jobs_make(&door.jobs, &plan);
  open_door(&door, argv[1], window);
  if (argc == 7) start_listening(&listener, argv[6]);
  int64_t begin = bench_now();
  send_all(&door, window);
  double seconds = (double)(bench_now() - begin) / 1e9;
  struct evald_producer_state state = state_of(&door);
  printf("{\"jobs\": %zu, \"seconds\": %.4f, \"per_second\": %.0f, "
         "\"retried\": %llu, \"connections\": %llu, \"durability\": \"%s\"}\n",
         plan.count, seconds, (double)plan.count / seconds,
         (unsigned long long)state.retried,
         (unsigned long long)state.connections, state.durability);
  stop_listening(&listener);
  evald_producer_close(door.producer);
  jobs_free(&door.jobs);
  return 0;
}
