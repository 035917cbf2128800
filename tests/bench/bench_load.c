/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_load JOBS EVENTS COUNT DIVISIONS FIRST FORM.json…
 *
 * Sends COUNT jobs, made from the forms with project codes of their own from
 * number FIRST on, over DIVISIONS divisions, to the PULL door at JOBS, and
 * waits until the aggregate messages at EVENTS say that all were committed.
 * Frames are encoded before the clock starts. One line of JSON.
 */

#include "wire/event_codec.h"
#include "wire/job_codec.h"
#include "wire/json.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum { TEMPLATES_MAX = 64, DIVISIONS_MAX = 1000, WAIT_MS = 60000 };

struct load {
  void *context;
  const char *jobs, *events;
  size_t count, divisions, first;
  struct wire_job templates[TEMPLATES_MAX];
  size_t template_count;
  struct wire_buffer frames;
  size_t *offsets; /* count + 1 of them */
  uint64_t seq[DIVISIONS_MAX], base[DIVISIONS_MAX];
};

static void stop(const char *what, const char *why) {
  (void)fprintf(stderr, "bench_load: %s: %s\n", what, why);
  exit(1);
}

static double now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The frame and the arena of a template live as long as the program. */
static void add_template(struct load *load, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) stop(path, "cannot be opened");
  static char json[1 << 20];
  size_t size = fread(json, 1, sizeof json, file);
  (void)fclose(file);
  struct wire_buffer frame = {0};
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  struct evald_arena *arena = evald_arena_new(1 << 20);
  if (wire_json_to_msgpack((struct evald_text){json, size},
                           &wire_limits_default, &frame, &rejects) ||
      wire_job_decode(wire_buffer_bytes(&frame), &wire_limits_default, arena,
                      &load->templates[load->template_count], &rejects)) {
    stop(path, rejects.items[0].key);
  }
  load->template_count++;
}

static void encode_frames(struct load *load) {
  char code[32];
  char division[16];
  char id[32];
  char department[16];
  for (size_t i = 0; i < load->count; i++) {
    size_t number = load->first + i;
    struct wire_job job = load->templates[i % load->template_count];
    (void)snprintf(code, sizeof code, "P%020zu", number);
    (void)snprintf(division, sizeof division, "%09zu",
                   310000000 + number % load->divisions);
    (void)snprintf(id, sizeof id, "load-%zu", number);
    (void)snprintf(department, sizeof department, "%03zu",
                   number / load->divisions % 40);
    job.job_id = evald_text_of(id);
    job.form.pro_code = evald_text_of(code);
    job.form.mof_div_code = evald_text_of(division);
    job.form.dept_code = evald_text_of(department);
    load->offsets[i] = load->frames.size;
    wire_job_encode(&job, &load->frames);
  }
  load->offsets[load->count] = load->frames.size;
  if (wire_buffer_done(&load->frames)) stop("frames", "no memory");
}

static void *send_all(void *argument) {
  struct load *load = argument;
  void *push = zmq_socket(load->context, ZMQ_PUSH);
  int high_water = 10000;
  (void)zmq_setsockopt(push, ZMQ_SNDHWM, &high_water, sizeof high_water);
  if (zmq_connect(push, load->jobs)) stop(load->jobs, zmq_strerror(errno));
  for (size_t i = 0; i < load->count; i++) {
    const uint8_t *frame = load->frames.data + load->offsets[i];
    size_t size = load->offsets[i + 1] - load->offsets[i];
    if (zmq_send(push, frame, size, 0) < 0) stop("send", zmq_strerror(errno));
  }
  (void)zmq_close(push);
  return NULL;
}

/* Takes one aggregate message into account; the first of a division, sent when
 * the subscriber joined, is its base. */
static void read_aggregate(struct load *load, void *subscriber) {
  zmq_msg_t topic;
  zmq_msg_t body;
  (void)zmq_msg_init(&topic);
  (void)zmq_msg_init(&body);
  if (zmq_msg_recv(&topic, subscriber, 0) < 0 ||
      zmq_msg_recv(&body, subscriber, 0) < 0) {
    stop("events", "nothing was committed for a minute");
  }
  struct wire_published message;
  struct wire_bytes bytes = {zmq_msg_data(&body), zmq_msg_size(&body)};
  if (wire_published_decode(bytes, &message)) stop("events", "not a message");
  char division[16] = {0};
  size_t size = message.shard.mof_div_code.size;
  if (size == 9) memcpy(division, message.shard.mof_div_code.data, size);
  size_t index = strtoul(division, NULL, 10) - 310000000;
  if (index < load->divisions) load->seq[index] = message.seq;
  (void)zmq_msg_close(&topic);
  (void)zmq_msg_close(&body);
}

static size_t committed(const struct load *load) {
  size_t sum = 0;
  for (size_t i = 0; i < load->divisions; i++) {
    sum += load->seq[i] - load->base[i];
  }
  return sum;
}

static void *subscribe(struct load *load) {
  void *subscriber = zmq_socket(load->context, ZMQ_SUB);
  int none = 0;
  int wait = WAIT_MS;
  (void)zmq_setsockopt(subscriber, ZMQ_RCVHWM, &none, sizeof none);
  (void)zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "aggregate.", 10);
  if (zmq_connect(subscriber, load->events)) {
    stop(load->events, zmq_strerror(errno));
  }
  int snapshot = 500;
  (void)zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &snapshot, sizeof snapshot);
  zmq_pollitem_t item = {subscriber, 0, ZMQ_POLLIN, 0};
  while (zmq_poll(&item, 1, snapshot) > 0)
    read_aggregate(load, subscriber);
  memcpy(load->base, load->seq, sizeof load->seq);
  (void)zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &wait, sizeof wait);
  return subscriber;
}

static void run(struct load *load) {
  void *subscriber = subscribe(load);
  double begin = now();
  pthread_t sender;
  if (pthread_create(&sender, NULL, send_all, load)) stop("thread", "failed");
  while (committed(load) < load->count)
    read_aggregate(load, subscriber);
  double seconds = now() - begin;
  (void)pthread_join(sender, NULL);
  (void)zmq_close(subscriber);
  printf("{\"jobs\": %zu, \"seconds\": %.4f, \"per_second\": %.0f, "
         "\"frame.bytes\": %zu}\n",
         load->count, seconds, (double)load->count / seconds,
         load->frames.size / load->count);
}

int main(int argc, char **argv) {
  static struct load load;
  if (argc < 7 || argc - 6 > TEMPLATES_MAX) {
    stop("usage", "bench_load JOBS EVENTS COUNT DIVISIONS FIRST FORM.json...");
  }
  load.jobs = argv[1];
  load.events = argv[2];
  load.count = strtoul(argv[3], NULL, 10);
  load.divisions = strtoul(argv[4], NULL, 10);
  load.first = strtoul(argv[5], NULL, 10);
  if (load.count < 1 || load.divisions < 1 || load.divisions > DIVISIONS_MAX) {
    stop("usage", "COUNT from 1, DIVISIONS from 1 to 1000");
  }
  for (int i = 6; i < argc; i++)
    add_template(&load, argv[i]);
  load.offsets = calloc(load.count + 1, sizeof *load.offsets);
  if (!load.offsets) stop("offsets", "no memory");
  encode_frames(&load);
  load.context = zmq_ctx_new();
  run(&load);
  (void)zmq_ctx_term(load.context);
  wire_buffer_fini(&load.frames);
  free(load.offsets);
  return 0;
}
