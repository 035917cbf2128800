/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_DEV_H
#define DAEMON_DEV_H

/*
 * evald --dev: a private Redis in a directory of its own.
 *
 * redis-server is started with an append-only file and a Unix socket, no TCP
 * port; it gets SIGTERM when evald ends, however evald ends. A lock on the
 * directory, which Redis inherits, keeps two from sharing it.
 */

#include "daemon/config.h"
#include <sys/types.h>

struct dev {
  char folder[256]; /* "" where evald was not started with --dev */
  char socket[108]; /* folder/redis.sock, or in /tmp where that is too long */
  int lock;
  pid_t server; /* 0: not running */
  int64_t restart_at;
};

/* Makes the directory, starts Redis, waits until it answers, and points the
 * configuration at it. `folder` "" is the default. Signals that the process
 * blocks are not blocked in Redis. */
enum evald_status dev_start(struct dev *dev, const char *folder,
                            struct config *config, struct evald_fault *fault);

/* After a SIGCHLD: notes that Redis has ended, to be started again. */
void dev_reap(struct dev *dev);

/* Starts it again where that is due; answers in how many milliseconds to call
 * again, -1 for not at all. */
int dev_tend(struct dev *dev);

/* Asks Redis to save and end, and waits up to ten seconds. */
void dev_stop(struct dev *dev);

#endif
