/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const toy_counters[2] = {"forms", "sum"};

struct store_options toy_options(const char *socket) {
  return (struct store_options){.unix_path = socket,
                                .counters = toy_counters,
                                .counter_count = 2,
                                .reply_ms = 10000};
}

struct store_shard_key toy_shard(int index) {
  struct store_shard_key shard = {"310100000", 2024};
  shard.division[7] = (char)('0' + index / 10);
  shard.division[8] = (char)('0' + index % 10);
  return shard;
}

void toy_open(struct toy *toy, const char *socket, int shards, int padding) {
  struct evald_fault fault = {EVALD_OK, "", ""};
  struct store_options options = toy_options(socket);
  *toy = (struct toy){.shard_count = shards, .padding = padding};
  toy->jobs = calloc(TOY_JOBS, sizeof *toy->jobs);
  toy->spare = calloc(TOY_JOBS, sizeof *toy->spare);
  toy->codes = calloc(TOY_JOBS, sizeof *toy->codes);
  toy->pairs = calloc(TOY_JOBS, sizeof *toy->pairs);
  toy->results = calloc(TOY_JOBS, (size_t)padding + TOY_TEXT);
  if (store_open(&options, &toy->store, &fault) != EVALD_OK ||
      store_connect(toy->store, &fault) != EVALD_OK) {
    (void)fprintf(stderr, "%s: %s\n", fault.place, fault.text);
    abort();
  }
}

void toy_close(struct toy *toy) {
  store_close(toy->store);
  free(toy->jobs);
  free(toy->spare);
  free(toy->codes);
  free(toy->pairs);
  free(toy->results);
}

void toy_add(struct toy *toy, int shard, const char *code, int64_t number) {
  struct toy_job *job = &toy->jobs[toy->job_count++];
  job->shard = shard;
  job->number = number;
  (void)snprintf(job->code, sizeof job->code, "%s", code);
}

void toy_clear(struct toy *toy) {
  toy->job_count = 0;
}

void toy_swap(struct toy *toy) {
  struct toy_job *jobs = toy->jobs;
  toy->jobs = toy->spare;
  toy->spare = jobs;
}

void toy_want(struct toy *toy, enum store_want_level level) {
  int job = 0;
  for (int i = 0; i < toy->shard_count; i++) {
    toy->wants[i] =
        (struct store_want){toy_shard(i), level, &toy->codes[job], 0};
    for (; job < toy->job_count && toy->jobs[job].shard == i; job++) {
      toy->codes[job] = evald_text_of(toy->jobs[job].code);
      toy->wants[i].code_count++;
    }
  }
}

static bool known(const struct toy *toy, const struct store_loaded *loaded) {
  for (int i = 0; i < toy->shard_count; i++) {
    if (toy->wants[i].level != STORE_WANT_LIGHT) continue;
    if (loaded->states[i].seq != toy->state[i].seq) return false;
  }
  return true;
}

static void apply_job(struct toy *toy, int index, struct evald_text old) {
  const struct toy_job *job = &toy->jobs[index];
  struct store_shard_state *state = &toy->state[job->shard];
  size_t stride = (size_t)toy->padding + TOY_TEXT;
  char *result = toy->results + (size_t)index * stride;
  int size =
      snprintf(result, stride, "%-*lld", toy->padding, (long long)job->number);
  state->counter[0] += old.data == NULL;
  state->counter[1] += job->number - (old.data ? atoll(old.data) : 0);
  toy->pairs[index] =
      (struct store_pair){evald_text_of(job->code), {result, (size_t)size}};
}

static void apply_shard(struct toy *toy, int shard, int first, int end) {
  struct store_shard_state *state = &toy->state[shard];
  struct store_shard_write *write = &toy->writes[shard];
  *write = (struct store_shard_write){.shard = toy_shard(shard)};
  write->epoch = 1;
  write->first_seq = state->seq + 1;
  write->last_seq = state->seq + end - first;
  write->counters = state->counter;
  write->results = &toy->pairs[first];
  write->result_count = (size_t)(end - first);
  (void)snprintf(toy->events[shard], sizeof toy->events[shard], "%lld-%lld",
                 (long long)write->first_seq, (long long)write->last_seq);
  if (end > first) write->events = evald_text_of(toy->events[shard]);
  if (toy->keeps > 0 && write->last_seq > toy->keeps)
    write->log_begins = write->last_seq - toy->keeps + 1;
}

bool toy_apply(struct toy *toy, const struct store_loaded *loaded) {
  if (!known(toy, loaded)) return false;
  int job = 0;
  for (int i = 0; i < toy->shard_count; i++) {
    if (toy->wants[i].level != STORE_WANT_LIGHT) {
      toy->state[i] = loaded->states[i];
    }
    int first = job;
    for (; job < toy->job_count && toy->jobs[job].shard == i; job++) {
      apply_job(toy, job, loaded->values[job]);
    }
    apply_shard(toy, i, first, job);
  }
  return true;
}

struct store_batch toy_batch(const struct toy *toy) {
  return (struct store_batch){.shards = toy->writes,
                              .shard_count = (size_t)toy->shard_count,
                              .at_ms = 1};
}

void toy_commit(struct toy *toy) {
  for (int i = 0; i < toy->shard_count; i++) {
    toy->state[i].seq = toy->writes[i].last_seq;
  }
}

static enum evald_status load(struct toy *toy, struct store_loaded *out,
                              struct evald_fault *fault) {
  enum evald_status status;
  toy_want(toy, STORE_WANT_CHECKED);
  do {
    status = store_load(toy->store, toy->wants, (size_t)toy->shard_count, 0,
                        out, fault);
    toy->waits += status == EVALD_TIMEOUT;
  } while (status == EVALD_TIMEOUT);
  return status;
}

enum evald_status toy_step(struct toy *toy, struct evald_fault *fault) {
  struct store_outcome outcome = {.committed = false};
  while (!outcome.committed) {
    struct store_loaded loaded;
    enum evald_status status = load(toy, &loaded, fault);
    if (status != EVALD_OK) return status;
    (void)toy_apply(toy, &loaded);
    struct store_batch batch = toy_batch(toy);
    status = store_commit_send(toy->store, &batch, NULL, 0, fault);
    if (status == EVALD_OK) {
      status = store_commit_wait(toy->store, &outcome, fault);
    }
    if (status != EVALD_OK) return status;
    toy->interfered += !outcome.committed;
  }
  toy_commit(toy);
  return EVALD_OK;
}

/* --- verify --- */

struct sums {
  struct store_shard_state state;
  int64_t forms, sum, last;
  bool dense;
};

static void start(void *context, const struct store_shard_state *state) {
  struct sums *sums = context;
  sums->state = *state;
  sums->forms = sums->sum = 0;
}

static enum evald_status add(void *context, struct evald_text field,
                             struct evald_text value) {
  struct sums *sums = context;
  (void)field;
  sums->forms++;
  sums->sum += atoll(value.data);
  return EVALD_OK;
}

static enum evald_status follow(void *context,
                                const struct store_event *event) {
  struct sums *sums = context;
  long long first = 0, last = 0;
  char text[48] = "";
  (void)snprintf(text, sizeof text, "%.*s", (int)event->batch.size,
                 event->batch.data);
  if (sscanf(text, "%lld-%lld", &first, &last) != 2 ||
      first != sums->last + 1 || last != event->last_seq) {
    sums->dense = false;
  }
  sums->last = last;
  return EVALD_OK;
}

static bool verify_shard(struct toy *toy, int index) {
  struct sums sums = {.dense = true};
  struct evald_fault fault = {EVALD_OK, "", ""};
  struct store_shard_key shard = toy_shard(index);
  struct store_snapshot_reader reader = {&sums, start, add, NULL};
  if (store_snapshot(toy->store, &shard, &reader, 3, &fault) != EVALD_OK ||
      store_events(toy->store, &shard, (struct store_range){0, 10000000},
                   follow, &sums, &fault) != EVALD_OK) {
    (void)fprintf(stderr, "shard %d: %s: %s\n", index, fault.place, fault.text);
    return false;
  }
  bool fine = sums.dense && sums.last == sums.state.seq &&
              sums.forms == sums.state.counter[0] &&
              sums.sum == sums.state.counter[1];
  if (fine) return true;
  (void)fprintf(stderr,
                "shard %d: dense %d, last %lld of %lld, forms %lld of %lld, "
                "sum %lld of %lld\n",
                index, sums.dense, (long long)sums.last,
                (long long)sums.state.seq, (long long)sums.forms,
                (long long)sums.state.counter[0], (long long)sums.sum,
                (long long)sums.state.counter[1]);
  return false;
}

bool toy_verify(struct toy *toy) {
  bool fine = true;
  for (int i = 0; i < toy->shard_count; i++) {
    fine = verify_shard(toy, i) && fine;
  }
  return fine;
}
