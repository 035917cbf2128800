/* SPDX-License-Identifier: Apache-2.0 */
#include "form_send.h"
#include "evald/client.h"
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ARENA_BYTES = 1 << 20, QUEUE_BYTES = 8 << 20, FLUSH_MS = 120000 };

struct state {
  const struct form_send *send;
  struct evald_producer *producer;
  struct evald_arena *arena;
  struct wire_buffer frame;
  FILE *log;
  int64_t begin;
  int64_t *at; /* µs when due, by number; then how long it waited */
  uint64_t sent, answered, nacked;
};

static volatile sig_atomic_t stopped;

static void stop(int signal) {
  (void)signal;
  stopped = 1;
}

static int64_t now_us(clockid_t clock) {
  struct timespec time;
  (void)clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void tell(void *context, const struct evald_answer *answer) {
  struct state *state = context;
  int64_t *at = &state->at[answer->number - 1];
  *at = now_us(CLOCK_MONOTONIC) - *at;
  state->answered++;
  state->nacked += answer->kind == EVALD_ANSWER_NACK;
  if (state->log)
    (void)fprintf(state->log, "%" PRId64 " %" PRId64 "\n",
                  now_us(CLOCK_REALTIME), *at);
}

/* When job `number` is to be sent; without a rate, at once. */
static int64_t due(const struct state *state, uint64_t number) {
  if (state->send->rate == 0) return now_us(CLOCK_MONOTONIC);
  return state->begin + (int64_t)(number * 1000000 / state->send->rate);
}

static bool make(struct state *state, uint64_t number) {
  struct wire_job job;
  evald_arena_reset(state->arena);
  wire_buffer_reset(&state->frame);
  if (form_make(state->send->source, number, state->arena, &job) != EVALD_OK)
    return false;
  wire_job_encode(&job, &state->frame);
  return wire_buffer_done(&state->frame) == EVALD_OK;
}

/* One job. A wake-up up to two milliseconds late is the clock's, not the
 * door's. False: no room, or a failure, which `fault` names. */
static bool send_one(struct state *state, struct evald_fault *fault) {
  enum { CLOCK_US = 2000 };
  int64_t should = due(state, state->sent), now;
  if (!make(state, state->send->first + state->sent)) {
    (void)evald_fault_set(fault, EVALD_MEMORY, "form", "no memory");
    return false;
  }
  now = now_us(CLOCK_MONOTONIC);
  state->at[state->sent] = now - should > CLOCK_US ? should : now;
  enum evald_status status = evald_producer_submit(
      state->producer, state->frame.data, state->frame.size, NULL, fault);
  if (status == EVALD_LIMIT) evald_fault_clear(fault);
  if (status == EVALD_OK) state->sent++;
  return status == EVALD_OK;
}

static bool send_all(struct state *state, struct evald_fault *fault) {
  while (state->sent < state->send->count && !stopped) {
    enum { BURST = 256 };
    for (int i = 0; i < BURST && state->sent < state->send->count; i++) {
      if (due(state, state->sent) > now_us(CLOCK_MONOTONIC)) break;
      if (!send_one(state, fault)) break;
    }
    if (fault->text[0]) return false;
    enum evald_status status =
        evald_producer_poll(state->producer, state->send->rate ? 1 : 0, fault);
    if (status != EVALD_OK && status != EVALD_TIMEOUT) return false;
  }
  return evald_producer_flush(state->producer, FLUSH_MS, fault) == EVALD_OK;
}

static int compare(const void *left, const void *right) {
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

static void print(struct state *state) {
  double seconds = (double)(now_us(CLOCK_MONOTONIC) - state->begin) / 1e6;
  uint64_t count = state->answered;
  (void)printf(
      "{\"sent\": %" PRIu64 ", \"answered\": %" PRIu64 ", \"nacked\": %" PRIu64
      ", \"seconds\": %.3f, \"per_second\": %.0f",
      state->sent, count, state->nacked, seconds, (double)count / seconds);
  if (state->send->rate > 0 && count > 0 && count == state->sent) {
    qsort(state->at, count, sizeof *state->at, compare);
    (void)printf(", \"p50_us\": %" PRId64 ", \"p99_us\": %" PRId64
                 ", \"max_us\": %" PRId64,
                 state->at[count / 2], state->at[count * 99 / 100],
                 state->at[count - 1]);
  }
  (void)puts("}");
}

static bool begin(struct state *state, struct evald_fault *fault) {
  const struct evald_producer_options options = {.endpoint =
                                                     state->send->endpoint,
                                                 .source = "bench",
                                                 .bytes_max = QUEUE_BYTES,
                                                 .tell = tell,
                                                 .context = state};
  (void)signal(SIGTERM, stop);
  (void)signal(SIGINT, stop);
  if (state->send->log) state->log = fopen(state->send->log, "w");
  state->at = calloc(state->send->count + 1, sizeof *state->at);
  state->arena = evald_arena_new(ARENA_BYTES);
  if (!state->at || !state->arena || (state->send->log && !state->log))
    return evald_fault_set(fault, EVALD_IO, "log", "no memory, or no file") ==
           EVALD_OK;
  return evald_producer_open(&options, &state->producer, fault) == EVALD_OK;
}

bool form_send(const struct form_send *send) {
  struct state state = {.send = send};
  struct evald_fault fault = {0};
  bool fine = begin(&state, &fault);
  state.begin = now_us(CLOCK_MONOTONIC);
  if (fine) fine = send_all(&state, &fault);
  if (state.producer) print(&state);
  if (!fine)
    (void)fprintf(stderr, "bench_forms: %s: %s\n", fault.place,
                  fault.text[0] ? fault.text : "answers are missing");
  evald_producer_close(state.producer);
  if (state.log) (void)fclose(state.log);
  evald_arena_free(state.arena);
  wire_buffer_fini(&state.frame);
  free(state.at);
  return fine;
}
