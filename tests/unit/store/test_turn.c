/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Writers that share shards at full load: several processes commit for a
 * while; afterwards each must have had its share, the sequences be dense and
 * the aggregates the sums of the results.
 *
 *   unit_store_turn [SECONDS [WRITERS [JOBS [SHARDS]]]]
 *
 * prints the figures of a longer run.
 */

#include "harness/redis.h"
#include "support.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WRITERS = 8, CODES = 500 };

struct plan {
  int writers, jobs, shards;
  double seconds;
  int turn_ms;  /* 0: the store's own */
  double begin; /* the same for all writers, whenever each of them is ready */
};

struct figures {
  int64_t committed, interfered, reloads, waits, longest_us;
  int64_t waits_later; /* after the first commit */
};

static struct harness_redis redis;

static double now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* A batch of jobs spread over the shards. */
static void make(struct toy *toy, const struct plan *plan, unsigned *seed) {
  int each = plan->jobs / plan->shards;
  toy_clear(toy);
  for (int shard = 0; shard < plan->shards; shard++) {
    unsigned first = (unsigned)rand_r(seed) % CODES;
    for (int i = 0; i < each; i++) {
      char code[TOY_TEXT];
      (void)snprintf(code, sizeof code, "P%08u", (first + (unsigned)i) % CODES);
      toy_add(toy, shard, code, rand_r(seed) % 10000);
    }
  }
}

static void must(enum evald_status status, const struct evald_fault *fault) {
  if (status == EVALD_OK) return;
  (void)fprintf(stderr, "%s: %s: %s\n", evald_status_name(status), fault->place,
                fault->text);
  abort();
}

static void reload(struct toy *toy, struct store_loaded *out) {
  struct evald_fault fault = {EVALD_OK, "", ""};
  enum evald_status status;
  toy->reloads++;
  toy_want(toy, STORE_WANT_FULL);
  do {
    status = store_load(toy->store, toy->wants, (size_t)toy->shard_count, 0,
                        out, &fault);
    toy->waits += status == EVALD_TIMEOUT;
  } while (status == EVALD_TIMEOUT);
  must(status, &fault);
}

/* Commits one batch after the other; `loaded` is what is known for the next
 * one, if anything. */
static void run(struct toy *toy, const struct plan *plan,
                struct figures *figures) {
  struct evald_fault fault = {EVALD_OK, "", ""};
  struct store_outcome outcome = {.committed = false};
  struct store_loaded loaded = {NULL, 0, NULL, 0};
  unsigned seed = (unsigned)getpid();
  double end = plan->begin + plan->seconds, last = plan->begin;
  int64_t waits_first = 0;
  make(toy, plan, &seed);
  while (now() < end) {
    if (loaded.state_count == 0) reload(toy, &loaded);
    if (!toy_apply(toy, &loaded)) {
      reload(toy, &loaded);
      (void)toy_apply(toy, &loaded);
    }
    struct store_batch batch = toy_batch(toy);
    batch.more = true;
    /* The next batch is made now, so that its projects can be looked up behind
     * this one; this one's jobs are kept until it is sent, or sent again. */
    toy_swap(toy);
    struct store_want next[TOY_SHARDS];
    make(toy, plan, &seed);
    toy_want(toy, STORE_WANT_LIGHT);
    memcpy(next, toy->wants, sizeof next);
    must(store_commit_send(toy->store, &batch, next, (size_t)plan->shards,
                           &fault),
         &fault);
    must(store_commit_wait(toy->store, &outcome, &fault), &fault);
    loaded = outcome.next;
    if (outcome.committed) {
      if (figures->committed == 0) waits_first = toy->waits;
      toy_commit(toy);
      figures->committed += plan->jobs / plan->shards * plan->shards;
      int64_t gap = (int64_t)((now() - last) * 1e6);
      if (gap > figures->longest_us) figures->longest_us = gap;
      last = now();
    } else {
      figures->interfered++;
      toy_swap(toy);
      loaded.state_count = 0;
    }
  }
  store_commit_abandon(toy->store); /* the others need not wait for it */
  figures->reloads = toy->reloads;
  figures->waits = toy->waits;
  figures->waits_later = toy->waits - waits_first;
}

static void reopen(struct toy *toy, int turn_ms) {
  struct evald_fault fault = {EVALD_OK, "", ""};
  struct store_options options = toy_options(redis.socket);
  options.turn_ms = turn_ms;
  store_close(toy->store);
  must(store_open(&options, &toy->store, &fault), &fault);
  must(store_connect(toy->store, &fault), &fault);
}

/* Says that it is ready, and begins when the parent says that all are: a
 * writer that came later would have the smaller share. */
static void child(struct plan plan, int channel) {
  struct toy toy;
  struct figures figures = {0};
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  toy_open(&toy, redis.socket, plan.shards, 240);
  if (plan.turn_ms > 0) reopen(&toy, plan.turn_ms);
  if (write(channel, "", 1) != 1 ||
      read(channel, &plan.begin, sizeof plan.begin) != sizeof plan.begin) {
    _exit(1);
  }
  run(&toy, &plan, &figures);
  toy_close(&toy);
  _exit(write(channel, &figures, sizeof figures) == sizeof figures ? 0 : 1);
}

/* `begin` 0: when all are ready. */
static void let_go(const struct plan *plan, const int *channels) {
  char ready;
  for (int i = 0; i < plan->writers; i++) {
    if (read(channels[i], &ready, 1) != 1) abort();
  }
  double begin = plan->begin > 0 ? plan->begin : now();
  for (int i = 0; i < plan->writers; i++) {
    if (write(channels[i], &begin, sizeof begin) != sizeof begin) abort();
  }
}

static void contend(const struct plan *plan, struct figures *figures) {
  pid_t pids[MOST_WRITERS];
  int channels[MOST_WRITERS];
  for (int i = 0; i < plan->writers; i++) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) abort();
    pids[i] = fork();
    if (pids[i] == 0) child(*plan, pair[1]);
    (void)close(pair[1]);
    channels[i] = pair[0];
  }
  let_go(plan, channels);
  for (int i = 0; i < plan->writers; i++) {
    int status = 0;
    figures[i] = (struct figures){0};
    if (read(channels[i], &figures[i], sizeof *figures) < 0) abort();
    (void)close(channels[i]);
    (void)waitpid(pids[i], &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
}

static void verify(int shards) {
  struct toy toy;
  toy_open(&toy, redis.socket, shards, 240);
  assert_true(toy_verify(&toy));
  toy_close(&toy);
}

static int64_t sum(const struct figures *figures, int count) {
  int64_t total = 0;
  for (int i = 0; i < count; i++)
    total += figures[i].committed;
  return total;
}

static void report(const struct plan *plan, const struct figures *figures) {
  int64_t total = sum(figures, plan->writers);
  for (int i = 0; i < plan->writers; i++) {
    (void)printf("writer %d: %7.0f jobs/s, share %4.1f%%, interfered %lld, "
                 "reloads %lld, waits %lld, longest gap %lld us\n",
                 i, (double)figures[i].committed / plan->seconds,
                 100.0 * (double)figures[i].committed / (double)total,
                 (long long)figures[i].interfered,
                 (long long)figures[i].reloads, (long long)figures[i].waits,
                 (long long)figures[i].longest_us);
  }
  (void)printf("%d writers, %d jobs over %d shards: %.0f jobs/s\n",
               plan->writers, plan->jobs, plan->shards,
               (double)total / plan->seconds);
}

/* The daemon's promise: of two, neither commits less than a third. It holds
 * among writers that are alive, however long the machine lets one wait: turns
 * must not expire meanwhile. */
static void shared(struct plan plan) {
  struct figures figures[MOST_WRITERS];
  plan.turn_ms = 10000;
  harness_redis_start(&redis, NULL);
  contend(&plan, figures);
  report(&plan, figures);
  for (int i = 0; i < plan.writers; i++) {
    assert_true(figures[i].committed * 3 * plan.writers >=
                2 * sum(figures, plan.writers));
  }
  verify(plan.shards);
  harness_redis_stop(&redis);
}

static void test_two(void **state) {
  (void)state;
  shared((struct plan){2, 1024, 17, 1.5, 0, 0});
}

static void test_two_small(void **state) {
  (void)state;
  shared((struct plan){2, 1, 1, 1.0, 0, 0});
}

static void test_four(void **state) {
  (void)state;
  shared((struct plan){4, 256, 3, 1.0, 0, 0});
}

/* A writer that died in the queue holds the others up once, for turn_ms: until
 * then nothing is committed, and after the first commit nobody waits again. */
static void test_dead(void **state) {
  (void)state;
  struct plan plan = {1, 256, 3, 1.5, 0, 0};
  struct figures figures[MOST_WRITERS];
  char text[64];
  harness_redis_start(&redis, NULL);
  plan.begin = now();
  for (int i = 0; i < plan.shards; i++) {
    char key[STORE_KEY_TEXT];
    struct store_shard_key shard = toy_shard(i);
    (void)store_key_print(STORE_KEY_TURN, &shard, key);
    harness_redis_command(&redis, text, sizeof text, "RPUSH %s dead", key);
    harness_redis_command(&redis, text, sizeof text, "PEXPIRE %s 250", key);
  }
  contend(&plan, figures);
  report(&plan, figures);
  assert_true(figures[0].longest_us >= 200000);
  assert_true(figures[0].committed > 0);
  assert_int_equal(figures[0].waits_later, 0);
  verify(plan.shards);
  harness_redis_stop(&redis);
}

int main(int count, char **values) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two),
      cmocka_unit_test(test_two_small),
      cmocka_unit_test(test_four),
      cmocka_unit_test(test_dead),
  };
  if (count > 1) {
    struct plan plan = {2, 1024, 17, atof(values[1]), 0, 0};
    if (count > 2) plan.writers = atoi(values[2]);
    if (count > 3) plan.jobs = atoi(values[3]);
    if (count > 4) plan.shards = atoi(values[4]);
    shared(plan);
    return 0;
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
