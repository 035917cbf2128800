/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The commit against its floor, in alternation, on a private redis-server.
 *
 *   store_bench [ROUNDS]
 *
 * Floor: SET and XADD of the same bytes for each job, 1024 jobs a pipeline,
 * written by the same formatter over a bare socket; "windowed" keeps two
 * pipelines on their way. Commit: transactions of 1024 jobs over 17 shards,
 * sent and waited for, nothing on its way meanwhile. Prints the medians in
 * jobs per second, and the CPU time per job of Redis and of the client: on a
 * machine that has other work the CPU times are the ones to compare.
 */

#include "harness/redis.h"
#include "store/resp.h"
#include "store/transaction.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
  JOBS = 1024,
  SHARDS = 17,
  PROJECTS = 100000,
  RESULT = 240,
  EVENT = 120,
  FORM = 700,
  COUNTERS = 28,
  BATCHES = 200,
  MOST_ROUNDS = 99
};

struct variant {
  const char *name;
  bool forms, lookups;
  bool joined; /* result and form as one value */
};

static const struct variant variants[] = {
    {"result", false, false, false},
    {"result+lookup", false, true, false},
    {"result+form+lookup", true, true, false},
    {"result+form+lookup, joined", false, true, true},
};

static struct harness_redis redis;
static char filler[EVENT * JOBS];
static char codes[PROJECTS][16];
static const char *counter_names[COUNTERS];
static char counter_texts[COUNTERS][16];

static void must(bool fine, const char *what) {
  if (fine) return;
  (void)fprintf(stderr, "store_bench: %s failed\n", what);
  exit(1);
}

static double seconds(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double cpu(void) {
  struct rusage used;
  (void)getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

/* CPU time of Redis's main thread. */
static double redis_cpu(void) {
  static char text[4096];
  double user = 0, system = 0;
  harness_redis_command(&redis, text, sizeof text, "INFO cpu");
  const char *at = strstr(text, "used_cpu_user_main_thread:");
  if (at) user = atof(strchr(at, ':') + 1);
  at = strstr(text, "used_cpu_sys_main_thread:");
  if (at) system = atof(strchr(at, ':') + 1);
  return user + system;
}

struct figures {
  double rate, client_us, redis_us;
};

struct stopwatch {
  double wall, client, server;
};

static struct stopwatch begin(void) {
  double server = redis_cpu();
  return (struct stopwatch){seconds(), cpu(), server};
}

static struct figures end(const struct stopwatch *watch) {
  double jobs = (double)BATCHES * JOBS, wall = seconds(), client = cpu();
  return (struct figures){jobs / (wall - watch->wall),
                          (client - watch->client) * 1e6 / jobs,
                          (redis_cpu() - watch->server) * 1e6 / jobs};
}

/* --- the floor --- */

static int dial(void) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", redis.socket);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  must(connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "connect");
  return fd;
}

static void floor_send(int fd, struct resp *out, const struct variant *v,
                       int *at) {
  size_t size = RESULT;
  if (v->forms || v->joined) size += FORM;
  resp_clear(out, SIZE_MAX);
  for (int i = 0; i < JOBS; i++) {
    resp_command(out, 3, "SET");
    resp_string(out, codes[*at]);
    resp_bytes(out, filler, size);
    resp_command(out, 5, "XADD");
    resp_string(out, "stream");
    resp_string(out, "*");
    resp_string(out, "b");
    resp_bytes(out, filler, EVENT);
    *at = (*at + 7919) % PROJECTS;
  }
  for (size_t sent = 0; sent < out->size;) {
    ssize_t done = write(fd, out->data + sent, out->size - sent);
    must(done > 0, "write");
    sent += (size_t)done;
  }
}

/* Answers are "+OK\r\n" and "$<n>\r\n<id>\r\n": three line ends a job. */
static void floor_receive(int fd, int *lines) {
  static char answer[1 << 16];
  while (*lines < 3 * JOBS) {
    ssize_t size = read(fd, answer, sizeof answer);
    must(size > 0, "read");
    for (ssize_t i = 0; i < size; i++)
      *lines += answer[i] == '\n';
  }
  *lines -= 3 * JOBS;
}

static struct figures run_floor(const struct variant *v, int window) {
  struct resp out = {NULL, 0, 0, false};
  int fd = dial(), at = 0, lines = 0, waiting = 0;
  struct stopwatch watch = begin();
  for (int i = 0; i < BATCHES; i++) {
    floor_send(fd, &out, v, &at);
    if (++waiting == window) floor_receive(fd, &lines), waiting--;
  }
  while (waiting-- > 0)
    floor_receive(fd, &lines);
  struct figures figures = end(&watch);
  (void)close(fd);
  resp_free(&out);
  return figures;
}

/* --- the commit --- */

struct work {
  struct store *store;
  struct store_want wants[SHARDS];
  struct store_shard_write writes[SHARDS];
  struct evald_text fields[2][JOBS];
  struct store_pair results[JOBS], forms[JOBS], department;
  int64_t counters[COUNTERS];
  int64_t seq[SHARDS];
  int at;
};

static struct store_shard_key shard_of(int index) {
  struct store_shard_key shard = {"310100000", 2024};
  shard.division[7] = (char)('0' + index / 10);
  shard.division[8] = (char)('0' + index % 10);
  return shard;
}

static int first_of(int shard) {
  return shard * JOBS / SHARDS;
}

static void choose(struct work *work, struct evald_text *fields,
                   const struct variant *v) {
  for (int i = 0; i < JOBS; i++) {
    fields[i] = evald_text_of(codes[work->at]);
    work->at = (work->at + 7919) % PROJECTS;
  }
  for (int i = 0; i < SHARDS; i++) {
    int first = first_of(i), end = first_of(i + 1);
    work->wants[i] =
        (struct store_want){shard_of(i), STORE_WANT_LIGHT, fields + first,
                            v->lookups ? (size_t)(end - first) : 0};
  }
}

static void fill_shard(struct work *work, int i, const struct variant *v) {
  int first = first_of(i), count = first_of(i + 1) - first;
  struct store_shard_write *write = &work->writes[i];
  *write = (struct store_shard_write){.shard = shard_of(i), .epoch = 1};
  write->first_seq = work->seq[i] + 1;
  write->last_seq = work->seq[i] += count;
  write->counters = work->counters;
  write->results = work->results + first;
  write->result_count = (size_t)count;
  write->forms = work->forms + first;
  write->form_count = v->forms ? (size_t)count : 0;
  write->departments = &work->department;
  write->department_count = 1;
  write->events = (struct evald_text){filler, (size_t)(EVENT * count)};
}

static void fill(struct work *work, const struct evald_text *fields,
                 const struct variant *v) {
  size_t size = RESULT;
  if (v->joined) size += FORM;
  for (int i = 0; i < JOBS; i++) {
    work->results[i] = (struct store_pair){fields[i], {filler, size}};
    work->forms[i] = (struct store_pair){fields[i], {filler, FORM}};
  }
  work->department =
      (struct store_pair){EVALD_TEXT("dept"), {filler, COUNTERS * 4}};
  for (int i = 0; i < SHARDS; i++)
    fill_shard(work, i, v);
}

static void commit_all(struct work *work, const struct variant *v) {
  struct store_outcome outcome;
  for (int i = 0; i < BATCHES; i++) {
    fill(work, work->fields[i % 2], v);
    choose(work, work->fields[(i + 1) % 2], v);
    struct store_batch batch = {.shards = work->writes, .shard_count = SHARDS};
    must(store_commit_send(work->store, &batch, work->wants, SHARDS, NULL) ==
                 EVALD_OK &&
             store_commit_wait(work->store, &outcome, NULL) == EVALD_OK &&
             outcome.committed && outcome.next.state_count == SHARDS,
         "commit");
  }
}

static struct figures run_commit(const struct variant *v) {
  static struct work work;
  struct store_loaded loaded;
  struct store_options options = {.unix_path = redis.socket,
                                  .counters = counter_names,
                                  .counter_count = COUNTERS};
  work = (struct work){.at = 0};
  must(store_open(&options, &work.store, NULL) == EVALD_OK &&
           store_connect(work.store, NULL) == EVALD_OK,
       "connect");
  choose(&work, work.fields[0], v);
  must(store_load(work.store, work.wants, SHARDS, 0, &loaded, NULL) == EVALD_OK,
       "load");
  for (int i = 0; i < SHARDS; i++)
    work.seq[i] = loaded.states[i].seq;
  struct stopwatch watch = begin();
  commit_all(&work, v);
  struct figures figures = end(&watch);
  store_close(work.store);
  return figures;
}

/* --- the table --- */

static int compare(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static double median(const struct figures *figures, int count, size_t offset) {
  double values[MOST_ROUNDS];
  for (int i = 0; i < count; i++) {
    memcpy(&values[i], (const char *)&figures[i] + offset, sizeof *values);
  }
  qsort(values, (size_t)count, sizeof *values, compare);
  return values[count / 2];
}

static double print(const char *name, const struct figures *figures, int count,
                    double floor) {
  double rate = median(figures, count, offsetof(struct figures, rate));
  (void)printf("  %-16s %8.0f jobs/s  %5.2f  redis %.2f us  client %.2f us\n",
               name, rate, floor > 0 ? rate / floor : 1.0,
               median(figures, count, offsetof(struct figures, redis_us)),
               median(figures, count, offsetof(struct figures, client_us)));
  return rate;
}

static void measure(const struct variant *v, int rounds) {
  static struct figures figures[3][MOST_ROUNDS];
  char text[64];
  for (int i = 0; i < rounds; i++) {
    for (int j = 0; j < 3; j++) {
      harness_redis_command(&redis, text, sizeof text, "FLUSHALL");
      figures[j][i] = j < 2 ? run_floor(v, j + 1) : run_commit(v);
    }
  }
  (void)printf("%s\n", v->name);
  double floor = print("floor", figures[0], rounds, 0);
  (void)print("floor, windowed", figures[1], rounds, floor);
  (void)print("commit", figures[2], rounds, floor);
}

int main(int count, char **values) {
  int rounds = count > 1 ? atoi(values[1]) : 5;
  must(rounds > 0 && rounds <= MOST_ROUNDS, "ROUNDS");
  memset(filler, 'x', sizeof filler);
  for (int i = 0; i < PROJECTS; i++) {
    (void)snprintf(codes[i], sizeof codes[i], "P3101130%07d", i);
  }
  for (int i = 0; i < COUNTERS; i++) {
    (void)snprintf(counter_texts[i], sizeof *counter_texts, "counter_%d", i);
    counter_names[i] = counter_texts[i];
  }
  harness_redis_start(&redis, NULL);
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
    measure(&variants[i], rounds);
  }
  harness_redis_stop(&redis);
  return 0;
}
