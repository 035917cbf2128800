/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/commit.h"
#include "jobs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  SHARDS_MAX = 64,
  WAYS = 2, /* transactions on their way */
  WORDS = 2 + 2 * PEER_BATCH,
  KEY = 64
};

/* The jobs of a batch that lie in one shard. */
struct shard {
  char name[PEER_SHARD_TEXT];
  size_t jobs[PEER_BATCH], count;
  struct contribution sum;
};

struct peer_commit {
  redisContext *redis;
  struct peer_scorer *scorer;
  struct peer_scored scored[PEER_BATCH];
  struct shard shards[SHARDS_MAX];
  size_t shard_count;
  struct {
    int replies;
    size_t jobs;
  } ways[WAYS]; /* the oldest first */
  size_t pending;
};

struct peer_commit *peer_commit_new(const char *socket, const char *ruleset) {
  struct peer_commit *commit = calloc(1, sizeof *commit);
  if (!commit) bench_stop("commit", "no memory");
  commit->redis = redisConnectUnix(socket);
  if (!commit->redis || commit->redis->err)
    bench_stop(socket, "cannot be reached");
  commit->scorer = peer_scorer_new(ruleset);
  if (!commit->scorer) bench_stop(ruleset, "cannot be used");
  return commit;
}

void peer_commit_free(struct peer_commit *commit) {
  redisFree(commit->redis);
  peer_scorer_free(commit->scorer);
  free(commit);
}

/* --- sorting the batch --- */

static struct shard *shard_of(struct peer_commit *commit, const char *name) {
  for (size_t i = 0; i < commit->shard_count; i++)
    if (strcmp(commit->shards[i].name, name) == 0) return &commit->shards[i];
  if (commit->shard_count == SHARDS_MAX)
    bench_stop("batch", "too many divisions");
  struct shard *shard = &commit->shards[commit->shard_count++];
  memset(shard, 0, sizeof *shard);
  (void)snprintf(shard->name, sizeof shard->name, "%s", name);
  return shard;
}

static void score_all(struct peer_commit *commit,
                      const struct wire_bytes *frames, size_t count) {
  commit->shard_count = 0;
  peer_scorer_reset(commit->scorer);
  for (size_t i = 0; i < count; i++) {
    struct peer_scored *scored = &commit->scored[i];
    if (!peer_score(commit->scorer, frames[i], scored))
      bench_stop("job", "cannot be scored");
    struct shard *shard = shard_of(commit, scored->shard);
    shard->jobs[shard->count++] = i;
    if (core_contribution_add(&shard->sum, &scored->contribution))
      bench_stop("sum", "out of range");
  }
}

/* --- commands --- */

static int append(struct peer_commit *commit, int count, const char **words,
                  const size_t *sizes) {
  if (redisAppendCommandArgv(commit->redis, count, words, sizes))
    bench_stop("redis", commit->redis->errstr);
  return 1;
}

static int set_fields(struct peer_commit *commit, const struct shard *shard,
                      bool forms) {
  static _Thread_local const char *words[WORDS];
  static _Thread_local size_t sizes[WORDS];
  char key[KEY];
  int count = 2;
  words[0] = "HSET";
  sizes[0] = 4;
  words[1] = key;
  sizes[1] = (size_t)snprintf(key, sizeof key, "peer:{%s}:%s", shard->name,
                              forms ? "forms" : "results");
  for (size_t i = 0; i < shard->count; i++) {
    const struct peer_scored *scored = &commit->scored[shard->jobs[i]];
    struct wire_bytes value = forms ? scored->form : scored->result;
    words[count] = scored->pro_code.data;
    sizes[count++] = scored->pro_code.size;
    words[count] = (const char *)value.data;
    sizes[count++] = value.size;
  }
  return append(commit, count, words, sizes);
}

static int add_counters(struct peer_commit *commit, const struct shard *shard) {
  int commands = 0;
  for (int i = 0; i < CORE_COUNTER_COUNT; i++) {
    long long delta = shard->sum.counter[i];
    if (delta == 0) continue;
    (void)redisAppendCommand(commit->redis,
                             "HINCRBY peer:{%s}:aggregate %s %lld", shard->name,
                             core_counter_name((enum core_counter)i), delta);
    commands++;
  }
  return commands;
}

static int add_events(struct peer_commit *commit, const struct shard *shard) {
  struct wire_event events[PEER_BATCH];
  for (size_t i = 0; i < shard->count; i++)
    events[i] = commit->scored[shard->jobs[i]].event;
  struct wire_bytes bytes =
      peer_events(commit->scorer, events, shard->count, &shard->sum);
  if (!bytes.data) bench_stop("events", "no memory");
  (void)redisAppendCommand(commit->redis, "XADD peer:{%s}:events * b %b",
                           shard->name, bytes.data, bytes.size);
  return 1;
}

static void write_all(redisContext *redis) {
  int done = 0;
  while (!done)
    if (redisBufferWrite(redis, &done)) bench_stop("redis", redis->errstr);
}

void peer_commit_send(struct peer_commit *commit,
                      const struct wire_bytes *frames, size_t count,
                      peer_commit_also also, void *context) {
  score_all(commit, frames, count);
  if (commit->pending == WAYS) bench_stop("commit", "too many on their way");
  (void)redisAppendCommand(commit->redis, "MULTI");
  int commands = 2;
  for (size_t i = 0; i < commit->shard_count; i++) {
    const struct shard *shard = &commit->shards[i];
    commands += set_fields(commit, shard, false);
    commands += set_fields(commit, shard, true);
    commands += add_counters(commit, shard);
    commands += add_events(commit, shard);
  }
  if (also) commands += also(context, commit->redis);
  (void)redisAppendCommand(commit->redis, "EXEC");
  write_all(commit->redis);
  commit->ways[commit->pending].replies = commands;
  commit->ways[commit->pending++].jobs = count;
}

size_t peer_commit_wait(struct peer_commit *commit) {
  if (commit->pending == 0) return 0;
  int type = 0;
  for (int i = 0; i < commit->ways[0].replies; i++) {
    void *reply = NULL;
    if (redisGetReply(commit->redis, &reply))
      bench_stop("redis", commit->redis->errstr);
    type = ((redisReply *)reply)->type;
    if (type == REDIS_REPLY_ERROR)
      bench_stop("redis", ((redisReply *)reply)->str);
    freeReplyObject(reply);
  }
  if (type != REDIS_REPLY_ARRAY) bench_stop("redis", "EXEC was refused");
  size_t jobs = commit->ways[0].jobs;
  commit->ways[0] = commit->ways[1];
  commit->pending--;
  return jobs;
}

size_t peer_commit_pending(const struct peer_commit *commit) {
  return commit->pending;
}
