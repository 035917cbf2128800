/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_latency evald|bare JOBS EVENTS RATE COUNT DIVISIONS
 *
 * How long a job takes from the moment it was to be sent until its event is in
 * the hands of a subscriber. An open loop: job i is due at begin + i / RATE
 * whether or not the one before it has come back, and its time counts from
 * when it was due, so that a server that stalls pays for every job that had to
 * wait (no coordinated omission). What the sender's own timer was late by is in
 * it, for evald as for the bare round trip.
 *
 * evald: the frames are jobs, the end is the message on event.<division>.
 * bare: bench_echo is on the other side; the same frames with their number in
 * the first eight bytes, and the end is the echo. Both by this same program,
 * which sends and receives in two threads, as a platform and a dashboard would.
 *
 * The first WARM_MS of jobs are not counted. What never came back counts as
 * slower than everything else. One line of JSON, times in microseconds; -1 is
 * "never".
 */

#include "jobs.h"
#include "wire/event_codec.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <zmq.h>

enum { JOIN_MS = 300, WARM_MS = 300, QUIET_MS = 5000 };

struct trial {
  void *context;
  const char *jobs_door, *events_door;
  struct jobs jobs;
  bool bare;
  size_t rate, warm; /* jobs per second; jobs that are not counted */
  int64_t begin;
  int64_t *took, *late; /* of each job, nanoseconds; took 0: not back yet */
  size_t back;
  uint64_t event_bytes;
};

static int64_t due(const struct trial *trial, size_t index) {
  return trial->begin + (int64_t)(index * (uint64_t)1000000000 / trial->rate);
}

/* --- sending --- */

static void send_one(struct trial *trial, void *push, size_t index) {
  struct wire_bytes frame = jobs_frame(&trial->jobs, index);
  zmq_msg_t message;
  (void)zmq_msg_init_size(&message, frame.size);
  memcpy(zmq_msg_data(&message), frame.data, frame.size);
  if (trial->bare) memcpy(zmq_msg_data(&message), &index, sizeof index);
  if (zmq_msg_send(&message, push, 0) < 0)
    bench_stop("send", zmq_strerror(errno));
}

static void *send_all(void *argument) {
  struct trial *trial = argument;
  void *push = zmq_socket(trial->context, ZMQ_PUSH);
  (void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  if (zmq_connect(push, trial->jobs_door))
    bench_stop(trial->jobs_door, zmq_strerror(errno));
  bench_sleep_until(trial->begin);
  for (size_t i = 0; i < trial->jobs.count; i++) {
    int64_t at = due(trial, i);
    int64_t now = bench_now();
    if (now < at) {
      bench_sleep_until(at);
      now = bench_now();
    }
    trial->late[i] = now - at;
    send_one(trial, push, i);
  }
  (void)zmq_close(push);
  return NULL;
}

/* --- receiving --- */

static size_t number_of(const struct trial *trial, struct wire_bytes body) {
  size_t number = SIZE_MAX;
  struct wire_published message;
  if (!trial->bare) {
    return wire_published_decode(body, &message)
               ? SIZE_MAX
               : jobs_number_of(message.event.pro_code);
  }
  if (body.size >= sizeof number) memcpy(&number, body.data, sizeof number);
  return number;
}

static void note(struct trial *trial, struct wire_bytes body, int64_t now) {
  size_t number = number_of(trial, body);
  if (number >= trial->jobs.count || trial->took[number])
    bench_stop("events", "one that was not asked for");
  trial->took[number] = now - due(trial, number);
  trial->event_bytes += body.size;
  trial->back++;
}

/* False when nothing came for QUIET_MS. */
static bool receive(struct trial *trial, void *subscriber) {
  zmq_msg_t topic;
  zmq_msg_t body;
  (void)zmq_msg_init(&topic);
  (void)zmq_msg_init(&body);
  if (zmq_msg_recv(&topic, subscriber, 0) < 0) return false;
  if (zmq_msg_recv(&body, subscriber, 0) < 0) return false;
  int64_t now = bench_now();
  note(trial, (struct wire_bytes){zmq_msg_data(&body), zmq_msg_size(&body)},
       now);
  (void)zmq_msg_close(&topic);
  (void)zmq_msg_close(&body);
  return true;
}

static void *subscribe(struct trial *trial) {
  void *subscriber = zmq_socket(trial->context, ZMQ_SUB);
  int none = 0;
  int quiet = QUIET_MS;
  (void)zmq_setsockopt(subscriber, ZMQ_RCVHWM, &none, sizeof none);
  (void)zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &quiet, sizeof quiet);
  (void)zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "event.", 6);
  if (zmq_connect(subscriber, trial->events_door))
    bench_stop(trial->events_door, zmq_strerror(errno));
  return subscriber;
}

static void run(struct trial *trial) {
  pthread_t sender;
  void *subscriber = subscribe(trial);
  trial->begin = bench_now() + (int64_t)JOIN_MS * 1000000;
  if (pthread_create(&sender, NULL, send_all, trial))
    bench_stop("thread", "failed");
  while (trial->back < trial->jobs.count && receive(trial, subscriber)) {
  }
  (void)pthread_join(sender, NULL);
  (void)zmq_close(subscriber);
}

/* --- telling --- */

static double micros(int64_t nanoseconds) {
  return nanoseconds == INT64_MAX ? -1.0 : (double)nanoseconds / 1e3;
}

static void tell(struct trial *trial) {
  int64_t *took = trial->took + trial->warm, *late = trial->late + trial->warm;
  size_t count = trial->jobs.count - trial->warm;
  for (size_t i = 0; i < count; i++)
    if (took[i] == 0) took[i] = INT64_MAX;
  bench_sort(took, count);
  bench_sort(late, count);
  if (trial->back == 0) bench_stop("events", "none came");
  printf("{\"jobs\": %zu, \"lost\": %zu, \"p50_us\": %.1f, \"p99_us\": %.1f, "
         "\"max_us\": %.1f, \"sender_late_p50_us\": %.1f, "
         "\"sender_late_p99_us\": %.1f, \"event_bytes\": %zu}\n",
         count, trial->jobs.count - trial->back,
         micros(bench_percentile(took, count, 500)),
         micros(bench_percentile(took, count, 990)), micros(took[count - 1]),
         micros(bench_percentile(late, count, 500)),
         micros(bench_percentile(late, count, 990)),
         (size_t)(trial->event_bytes / trial->back));
}

static void prepare(struct trial *trial, size_t count, size_t divisions) {
  trial->warm = trial->rate * WARM_MS / 1000;
  struct jobs_plan plan = {.count = count + trial->warm,
                           .divisions = divisions,
                           .stride = 1,
                           .revision = 1};
  jobs_make(&trial->jobs, &plan);
  trial->took = calloc(plan.count, sizeof *trial->took);
  trial->late = calloc(plan.count, sizeof *trial->late);
  if (!trial->took || !trial->late) bench_stop("times", "no memory");
}

int main(int argc, char **argv) {
  static struct trial trial;
  if (argc != 7) {
    bench_stop("usage", "bench_latency evald|bare JOBS EVENTS RATE COUNT "
                        "DIVISIONS");
  }
  trial.bare = strcmp(argv[1], "bare") == 0;
  trial.jobs_door = argv[2];
  trial.events_door = argv[3];
  trial.rate = bench_number(argv[4], 1);
  prepare(&trial, bench_number(argv[5], 1), bench_number(argv[6], 1));
  trial.context = zmq_ctx_new();
  run(&trial);
  tell(&trial);
  (void)zmq_ctx_term(trial.context);
  jobs_free(&trial.jobs);
  free(trial.took);
  free(trial.late);
  return 0;
}
