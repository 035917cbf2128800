/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_load JOBS EVENTS COUNT DIVISIONS FIRST STRIDE REVISION [GROUP]
 *
 * Sends COUNT jobs, numbers FIRST, FIRST + STRIDE, … of jobs.h, to the PULL
 * door at JOBS, and waits until the aggregate messages at EVENTS say that all
 * were committed. Frames are encoded before the clock starts. One line of
 * JSON.
 *
 * With GROUP, so many jobs go in one multipart message, and the next message
 * when they have been committed: batches that are the same in every run, for
 * counting instructions.
 */

#include "jobs.h"
#include "wire/event_codec.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { WAIT_MS = 60000, SNAPSHOT_MS = 250, PAUSE_NS = 1000000 };

struct load {
  void *context;
  const char *jobs_door, *events_door;
  struct jobs jobs;
  struct jobs_plan plan;
  size_t group; /* 0: none */
  atomic_size_t committed;
  uint64_t seq[JOBS_DIVISIONS_MAX], base[JOBS_DIVISIONS_MAX];
};

/* Whether more of the same message follows behind `sent` jobs. */
static int more_of_group(struct load *load, size_t sent) {
  if (load->group == 0) return 0;
  return sent % load->group == 0 || sent == load->jobs.count ? 0 : ZMQ_SNDMORE;
}

static void await(struct load *load, size_t count) {
  while (load->group > 0 && atomic_load(&load->committed) < count)
    bench_sleep_until(bench_now() + PAUSE_NS);
}

/* The frames stay where they are until the context has ended. */
static void keep(void *data, void *hint) {
  (void)data;
  (void)hint;
}

static void send_one(void *push, struct wire_bytes frame, int more) {
  zmq_msg_t message;
  void *data = (void *)(uintptr_t)frame.data; /* it is not written to */
  if (zmq_msg_init_data(&message, data, frame.size, keep, NULL) ||
      zmq_msg_send(&message, push, more) < 0)
    bench_stop("send", zmq_strerror(errno));
}

static void *send_all(void *argument) {
  struct load *load = argument;
  void *push = zmq_socket(load->context, ZMQ_PUSH);
  int high_water = 10000;
  (void)zmq_setsockopt(push, ZMQ_SNDHWM, &high_water, sizeof high_water);
  if (zmq_connect(push, load->jobs_door))
    bench_stop(load->jobs_door, zmq_strerror(errno));
  for (size_t i = 0; i < load->jobs.count; i++) {
    struct wire_bytes frame = jobs_frame(&load->jobs, i);
    int more = more_of_group(load, i + 1);
    send_one(push, frame, more);
    if (!more) await(load, i + 1);
  }
  (void)zmq_close(push);
  return NULL;
}

static void take_aggregate(struct load *load, struct wire_bytes bytes) {
  struct wire_published message;
  char division[16] = {0};
  if (wire_published_decode(bytes, &message))
    bench_stop("events", "not a message");
  size_t size = message.shard.mof_div_code.size;
  if (size == 9) memcpy(division, message.shard.mof_div_code.data, size);
  size_t index = strtoul(division, NULL, 10) - JOBS_DIVISION_FIRST;
  if (index < load->plan.divisions) load->seq[index] = message.seq;
}

static void read_aggregate(struct load *load, void *subscriber) {
  zmq_msg_t topic;
  zmq_msg_t body;
  (void)zmq_msg_init(&topic);
  (void)zmq_msg_init(&body);
  if (zmq_msg_recv(&topic, subscriber, 0) < 0 ||
      zmq_msg_recv(&body, subscriber, 0) < 0) {
    bench_stop("events", "nothing was committed for a minute");
  }
  take_aggregate(load,
                 (struct wire_bytes){zmq_msg_data(&body), zmq_msg_size(&body)});
  (void)zmq_msg_close(&topic);
  (void)zmq_msg_close(&body);
}

static size_t committed(struct load *load) {
  size_t sum = 0;
  for (size_t i = 0; i < load->plan.divisions; i++)
    sum += load->seq[i] - load->base[i];
  atomic_store(&load->committed, sum);
  return sum;
}

/* What comes at joining is the state before the first job. */
static void *subscribe(struct load *load) {
  void *subscriber = zmq_socket(load->context, ZMQ_SUB);
  int none = 0;
  int wait = WAIT_MS;
  (void)zmq_setsockopt(subscriber, ZMQ_RCVHWM, &none, sizeof none);
  (void)zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &wait, sizeof wait);
  (void)zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "aggregate.", 10);
  if (zmq_connect(subscriber, load->events_door))
    bench_stop(load->events_door, zmq_strerror(errno));
  zmq_pollitem_t item = {subscriber, 0, ZMQ_POLLIN, 0};
  while (zmq_poll(&item, 1, SNAPSHOT_MS) > 0)
    read_aggregate(load, subscriber);
  memcpy(load->base, load->seq, sizeof load->seq);
  return subscriber;
}

static void run(struct load *load) {
  pthread_t sender;
  void *subscriber = subscribe(load);
  int64_t begin = bench_now();
  if (pthread_create(&sender, NULL, send_all, load))
    bench_stop("thread", "failed");
  while (committed(load) < load->jobs.count)
    read_aggregate(load, subscriber);
  double seconds = (double)(bench_now() - begin) / 1e9;
  (void)pthread_join(sender, NULL);
  (void)zmq_close(subscriber);
  printf("{\"jobs\": %zu, \"seconds\": %.4f, \"per_second\": %.0f, "
         "\"frame.bytes\": %zu, \"payload.bytes\": %zu}\n",
         load->jobs.count, seconds, (double)load->jobs.count / seconds,
         load->jobs.bytes.size / load->jobs.count, load->jobs.bytes.size);
}

int main(int argc, char **argv) {
  static struct load load;
  if (argc != 8 && argc != 9) {
    bench_stop("usage", "bench_load JOBS EVENTS COUNT DIVISIONS FIRST STRIDE "
                        "REVISION [GROUP]");
  }
  load.jobs_door = argv[1];
  load.events_door = argv[2];
  load.plan = (struct jobs_plan){.count = bench_number(argv[3], 1),
                                 .divisions = bench_number(argv[4], 1),
                                 .first = bench_number(argv[5], 0),
                                 .stride = bench_number(argv[6], 1),
                                 .revision = (int64_t)bench_number(argv[7], 1)};
  if (load.plan.divisions > JOBS_DIVISIONS_MAX)
    bench_stop("usage", "DIVISIONS from 1 to 1000");
  if (argc == 9) load.group = bench_number(argv[8], 1);
  jobs_make(&load.jobs, &load.plan);
  load.context = zmq_ctx_new();
  run(&load);
  (void)zmq_ctx_term(load.context);
  jobs_free(&load.jobs);
  return 0;
}
