/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/peer.h"
#include <stdio.h>
#include <stdlib.h>

struct task {
  const struct peer_kind *kind;
  struct peer *peer;
  struct peer_worker worker;
};

bool peer_done(const struct peer *peer) {
  return atomic_load(&peer->committed) >= peer->jobs.count;
}

void peer_settle_one(struct peer_worker *worker) {
  struct peer *peer = worker->peer;
  size_t jobs = peer_commit_wait(worker->commit);
  if (atomic_fetch_add(&peer->committed, jobs) + jobs >= peer->jobs.count)
    atomic_store(&peer->end, bench_now());
}

static void *produce(void *argument) {
  struct task *task = argument;
  task->kind->produce(task->peer);
  return NULL;
}

static void *work(void *argument) {
  struct task *task = argument;
  task->kind->work(&task->worker);
  return NULL;
}

static void run(struct peer *peer, const struct peer_kind *kind,
                const char *ruleset, size_t count) {
  struct task *tasks = calloc(count, sizeof *tasks);
  struct task producer = {.kind = kind, .peer = peer};
  pthread_t thread;
  if (!tasks) bench_stop("workers", "no memory");
  kind->prepare(peer);
  for (size_t i = 0; i < count; i++) {
    tasks[i] = (struct task){.kind = kind, .worker = {.peer = peer}};
    tasks[i].worker.commit = peer_commit_new(peer->redis, ruleset);
    tasks[i].worker.number = i;
  }
  peer->begin = bench_now();
  int failed = pthread_create(&thread, NULL, produce, &producer);
  for (size_t i = 0; i < count && !failed; i++)
    failed = pthread_create(&tasks[i].worker.thread, NULL, work, &tasks[i]);
  if (failed) bench_stop("thread", "failed");
  (void)pthread_join(thread, NULL);
  for (size_t i = 0; i < count; i++) {
    (void)pthread_join(tasks[i].worker.thread, NULL);
    peer_commit_free(tasks[i].worker.commit);
  }
  free(tasks);
}

int peer_main(int argc, char **argv, const struct peer_kind *kind) {
  static struct peer peer;
  if (argc != 7)
    bench_stop("usage", "QUEUE REDIS RULESET COUNT DIVISIONS WORKERS");
  peer.queue = argv[1];
  peer.redis = argv[2];
  struct jobs_plan plan = {.count = bench_number(argv[4], 1),
                           .divisions = bench_number(argv[5], 1),
                           .stride = 1,
                           .revision = 1};
  jobs_make(&peer.jobs, &plan);
  run(&peer, kind, argv[3], bench_number(argv[6], 1));
  double seconds = (double)(atomic_load(&peer.end) - peer.begin) / 1e9;
  printf("{\"jobs\": %zu, \"seconds\": %.4f, \"per_second\": %.0f}\n",
         plan.count, seconds, (double)plan.count / seconds);
  jobs_free(&peer.jobs);
  return 0;
}
