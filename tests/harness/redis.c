/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/redis.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void must(int fine, const char *what) {
  if (fine) return;
  (void)fprintf(stderr, "harness: %s failed\n", what);
  abort();
}

static void run(const struct harness_redis *redis) {
  char line[1024];
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)snprintf(line, sizeof line,
                 "exec redis-server --port 0 --unixsocket %s --dir %s "
                 "--save '' --loglevel warning %s >%s/log 2>&1",
                 redis->socket, redis->directory, redis->settings,
                 redis->directory);
  (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
  _exit(127);
}

static int answers(const struct harness_redis *redis) {
  redisContext *context = redisConnectUnix(redis->socket);
  redisReply *reply = NULL;
  if (context && !context->err) reply = redisCommand(context, "PING");
  int fine = reply && reply->type == REDIS_REPLY_STATUS;
  if (reply) freeReplyObject(reply);
  if (context) redisFree(context);
  return fine;
}

static void nap(void) {
  static const struct timespec time = {0, 5000000};
  (void)nanosleep(&time, NULL);
}

void harness_redis_restart(struct harness_redis *redis) {
  redis->pid = fork();
  must(redis->pid >= 0, "fork");
  if (redis->pid == 0) run(redis);
  for (int i = 0; i < 2000 && !answers(redis); i++)
    nap();
  must(answers(redis), "starting redis-server");
}

void harness_redis_start(struct harness_redis *redis, const char *settings) {
  strcpy(redis->directory, "/tmp/evald-test-XXXXXX");
  must(mkdtemp(redis->directory) != NULL, "mkdtemp");
  (void)snprintf(redis->socket, sizeof redis->socket, "%s/redis.sock",
                 redis->directory);
  (void)snprintf(redis->settings, sizeof redis->settings, "%s",
                 settings ? settings : "");
  harness_redis_restart(redis);
}

void harness_redis_kill(struct harness_redis *redis) {
  if (redis->pid <= 0) return;
  (void)kill(redis->pid, SIGKILL);
  (void)waitpid(redis->pid, NULL, 0);
  redis->pid = 0;
}

void harness_redis_stop(struct harness_redis *redis) {
  char line[128];
  harness_redis_kill(redis);
  (void)snprintf(line, sizeof line, "rm -rf %s", redis->directory);
  must(system(line) == 0, "removing the directory");
}

void harness_redis_pause(struct harness_redis *redis) {
  must(kill(redis->pid, SIGSTOP) == 0, "SIGSTOP");
}

void harness_redis_continue(struct harness_redis *redis) {
  must(kill(redis->pid, SIGCONT) == 0, "SIGCONT");
}

static redisReply *command(const struct harness_redis *redis,
                           const char *format, va_list arguments) {
  redisContext *context = redisConnectUnix(redis->socket);
  must(context && !context->err, "connecting");
  redisReply *reply = redisvCommand(context, format, arguments);
  must(reply != NULL, format);
  redisFree(context);
  return reply;
}

static size_t print(const redisReply *reply, char *out, size_t size) {
  int length = 0;
  if (reply->type == REDIS_REPLY_INTEGER) {
    length = snprintf(out, size, "%lld", reply->integer);
  } else if (reply->type == REDIS_REPLY_NIL) {
    length = snprintf(out, size, "-");
  } else if (reply->str) {
    const char *mark = reply->type == REDIS_REPLY_ERROR ? "!" : "";
    length = snprintf(out, size, "%s%s", mark, reply->str);
  }
  return (size_t)length < size ? (size_t)length : size - 1;
}

static size_t print_all(const redisReply *reply, char *out, size_t size) {
  if (reply->type != REDIS_REPLY_ARRAY) return print(reply, out, size);
  size_t at = 0;
  for (size_t i = 0; i < reply->elements && at + 1 < size; i++) {
    at += print_all(reply->element[i], out + at, size - at);
    if (at + 1 < size) out[at++] = '\n';
  }
  return at;
}

const char *harness_redis_command(const struct harness_redis *redis, char *out,
                                  size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  redisReply *reply = command(redis, format, arguments);
  va_end(arguments);
  out[print_all(reply, out, size)] = '\0';
  freeReplyObject(reply);
  return out;
}

int64_t harness_redis_integer(const struct harness_redis *redis,
                              const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  redisReply *reply = command(redis, format, arguments);
  va_end(arguments);
  int64_t value = reply->type == REDIS_REPLY_INTEGER ? reply->integer
                  : reply->str                       ? atoll(reply->str)
                                                     : -1;
  freeReplyObject(reply);
  return value;
}
