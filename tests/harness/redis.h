/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HARNESS_REDIS_H
#define HARNESS_REDIS_H

/*
 * A private redis-server for a test: on a Unix socket in a directory of its
 * own under /tmp, no port, dead with the test that started it. Every call
 * aborts the test where it fails.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct harness_redis {
  char directory[64];
  char socket[96];
  char settings[256]; /* as given to harness_redis_start */
  pid_t pid;
};

/* `settings`: arguments of redis-server, blank-separated ("--appendonly yes"),
 * or NULL. Returns when it answers. */
void harness_redis_start(struct harness_redis *redis, const char *settings);

/* Kills it, and removes its directory. */
void harness_redis_stop(struct harness_redis *redis);

/* SIGKILL, as a crash; and the same server again on the same files. */
void harness_redis_kill(struct harness_redis *redis);
void harness_redis_restart(struct harness_redis *redis);

void harness_redis_pause(struct harness_redis *redis);
void harness_redis_continue(struct harness_redis *redis);

/* Sends a command through a connection of its own and gives the answer: an
 * integer's value, or its text printed into `out`, one element a line for an
 * array; an error begins with "!", nil is "-". */
const char *harness_redis_command(const struct harness_redis *redis, char *out,
                                  size_t size, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int64_t harness_redis_integer(const struct harness_redis *redis,
                              const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
