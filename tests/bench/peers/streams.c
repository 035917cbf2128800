/* SPDX-License-Identifier: Apache-2.0 */

/*
 * peer_streams QUEUE REDIS RULESET COUNT DIVISIONS WORKERS
 *
 * The same work by a Redis Streams consumer group (QUEUE is the socket of that
 * Redis). A producer adds COUNT job frames to a stream, 256 commands a
 * pipeline; each of WORKERS threads reads up to 512 of them with XREADGROUP,
 * asks for the next ones before it scores these, and commits and acknowledges
 * them in one transaction, while the next is scored.
 */

#include "peers/peer.h"
#include <stdio.h>
#include <string.h>

enum { PIPELINE = 256, BLOCK_MS = 5 };

static redisContext *connect_to(const char *socket) {
  redisContext *redis = redisConnectUnix(socket);
  if (!redis || redis->err) bench_stop(socket, "cannot be reached");
  return redis;
}

static redisReply *reply_of(redisContext *redis) {
  void *reply = NULL;
  if (redisGetReply(redis, &reply)) bench_stop("redis", redis->errstr);
  if (((redisReply *)reply)->type == REDIS_REPLY_ERROR)
    bench_stop("redis", ((redisReply *)reply)->str);
  return reply;
}

static void prepare(struct peer *peer) {
  redisContext *redis = connect_to(peer->queue);
  (void)redisAppendCommand(redis, "XGROUP CREATE jobs group 0 MKSTREAM");
  freeReplyObject(reply_of(redis));
  redisFree(redis);
}

static void produce(struct peer *peer) {
  redisContext *redis = connect_to(peer->queue);
  for (size_t first = 0; first < peer->jobs.count; first += PIPELINE) {
    size_t end = first + PIPELINE;
    if (end > peer->jobs.count) end = peer->jobs.count;
    for (size_t i = first; i < end; i++) {
      struct wire_bytes frame = jobs_frame(&peer->jobs, i);
      (void)redisAppendCommand(redis, "XADD jobs * f %b", frame.data,
                               frame.size);
    }
    for (size_t i = first; i < end; i++)
      freeReplyObject(reply_of(redis));
  }
  redisFree(redis);
}

/* --- a worker --- */

struct batch {
  struct wire_bytes frames[PEER_BATCH];
  const char *words[3 + PEER_BATCH]; /* XACK jobs group id… */
  size_t sizes[3 + PEER_BATCH];
  size_t count;
};

/* [[stream, [[id, [field, frame]], …]]], or nil. */
static void take(const redisReply *reply, struct batch *batch) {
  batch->count = 0;
  if (reply->type != REDIS_REPLY_ARRAY) return;
  const redisReply *entries = reply->element[0]->element[1];
  for (size_t i = 0; i < entries->elements; i++) {
    const redisReply *entry = entries->element[i];
    const redisReply *frame = entry->element[1]->element[1];
    batch->words[3 + i] = entry->element[0]->str;
    batch->sizes[3 + i] = entry->element[0]->len;
    batch->frames[i] =
        (struct wire_bytes){(const uint8_t *)frame->str, frame->len};
  }
  batch->count = entries->elements;
}

static int acknowledge(void *context, redisContext *redis) {
  struct batch *batch = context;
  static const char *const head[] = {"XACK", "jobs", "group"};
  for (int i = 0; i < 3; i++) {
    batch->words[i] = head[i];
    batch->sizes[i] = strlen(head[i]);
  }
  if (redisAppendCommandArgv(redis, (int)(3 + batch->count), batch->words,
                             batch->sizes))
    bench_stop("redis", redis->errstr);
  return 1;
}

static void ask(redisContext *redis, size_t worker) {
  int done = 0;
  (void)redisAppendCommand(
      redis, "XREADGROUP GROUP group %d COUNT %d BLOCK %d STREAMS jobs >",
      (int)worker, PEER_BATCH, BLOCK_MS);
  while (!done)
    if (redisBufferWrite(redis, &done)) bench_stop("redis", redis->errstr);
}

/* Nothing to do: then what is on its way is waited for. */
static void commit_batch(struct peer_worker *worker, struct batch *batch) {
  size_t most = batch->count > 0 ? 1 : 0;
  while (peer_commit_pending(worker->commit) > most)
    peer_settle_one(worker);
  if (batch->count > 0)
    peer_commit_send(worker->commit, batch->frames, batch->count, acknowledge,
                     batch);
}

static void work(struct peer_worker *worker) {
  static _Thread_local struct batch batch;
  redisContext *redis = connect_to(worker->peer->queue);
  ask(redis, worker->number);
  while (!peer_done(worker->peer)) {
    redisReply *reply = reply_of(redis);
    take(reply, &batch);
    ask(redis, worker->number);
    commit_batch(worker, &batch);
    freeReplyObject(reply);
  }
  redisFree(redis);
}

int main(int argc, char **argv) {
  static const struct peer_kind kind = {prepare, produce, work};
  return peer_main(argc, argv, &kind);
}
