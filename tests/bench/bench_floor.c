/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_floor SOCKET COUNT SET_BYTES EVENT_BYTES
 *
 * The floor: what Redis takes of bare writes. COUNT times SET of a record and
 * XADD of an event, of the sizes that evald itself stores, pipelined over a
 * Unix socket by a client that does nothing else: the next pipeline is written
 * while the last is answered. One line of JSON.
 */

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIPELINE = 256, IN_FLIGHT = 2, RECORD_MAX = 1 << 16 };

static void stop(const char *what, const char *why) {
  (void)fprintf(stderr, "bench_floor: %s: %s\n", what, why);
  exit(1);
}

static double now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fill(char *data, size_t size) {
  for (size_t i = 0; i < size; i++)
    data[i] = (char)(i * 31 + 7);
}

static size_t append(redisContext *redis, size_t from, size_t count,
                     const size_t size[2]) {
  static char record[RECORD_MAX];
  static char event[RECORD_MAX];
  if (from == 0) fill(record, size[0]);
  if (from == 0) fill(event, size[1]);
  size_t end = from + PIPELINE < count ? from + PIPELINE : count;
  for (size_t i = from; i < end; i++) {
    char key[32];
    (void)snprintf(key, sizeof key, "floor:%zu", i);
    (void)redisAppendCommand(redis, "SET %s %b", key, record, size[0]);
    (void)redisAppendCommand(redis, "XADD floor:events * b %b", event, size[1]);
  }
  int done = 0;
  while (!done) {
    if (redisBufferWrite(redis, &done)) stop("write", redis->errstr);
  }
  return end;
}

static void answer(redisContext *redis, size_t commands) {
  for (size_t i = 0; i < commands; i++) {
    void *reply = NULL;
    if (redisGetReply(redis, &reply)) stop("read", redis->errstr);
    if (((redisReply *)reply)->type == REDIS_REPLY_ERROR) {
      stop("redis", ((redisReply *)reply)->str);
    }
    freeReplyObject(reply);
  }
}

int main(int argc, char **argv) {
  if (argc != 5) stop("usage", "SOCKET COUNT SET_BYTES EVENT_BYTES");
  size_t count = strtoul(argv[2], NULL, 10);
  size_t size[2] = {strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10)};
  if (size[0] > RECORD_MAX || size[1] > RECORD_MAX) stop("usage", "too large");
  redisContext *redis = redisConnectUnix(argv[1]);
  if (!redis || redis->err) stop(argv[1], "cannot be reached");
  double begin = now();
  size_t sent = 0;
  size_t answered = 0;
  size_t bounds[IN_FLIGHT] = {0};
  for (size_t turn = 0; answered < count; turn++) {
    if (sent < count) sent = append(redis, sent, count, size);
    size_t wanted = bounds[turn % IN_FLIGHT];
    bounds[turn % IN_FLIGHT] = sent;
    if (wanted > answered) answer(redis, 2 * (wanted - answered));
    if (wanted > answered) answered = wanted;
  }
  double seconds = now() - begin;
  redisFree(redis);
  printf("{\"writes\": %zu, \"seconds\": %.4f, \"per_second\": %.0f}\n", count,
         seconds, (double)count / seconds);
  return 0;
}
