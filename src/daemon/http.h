/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_HTTP_H
#define DAEMON_HTTP_H

/*
 * The door for monitoring: /metrics, /healthz, /readyz over HTTP.
 *
 * Runs in a thread of libmicrohttpd's, which sleeps until somebody asks, and
 * reads nothing but atomics. At most 16 connections, each for 10 seconds.
 */

#include "daemon/metrics.h"

/* X(NAME, what /readyz says of it, whether it is ready) */
#define HTTP_PHASE_LIST(X)                                                     \
  X(STARTING, "starting", false)                                               \
  X(SERVING, "ready", true)                                                    \
  X(DRAINING, "draining", false)

enum http_phase {
#define X(name, text, ready) HTTP_##name,
  HTTP_PHASE_LIST(X)
#undef X
};

struct http {
  const struct metrics *blocks;
  size_t block_count;
  unsigned workers; /* that must be connected to Redis to be ready */
  atomic_int phase; /* enum http_phase, set by the supervisor */
  void *server;
};

/* Opens "127.0.0.1:5709", "[::1]:5709" or ":5709" (every address); "off" opens
 * nothing. `http` is set up but for `server`, and stays where it is. */
enum evald_status http_start(struct http *http, const char *address,
                             struct evald_fault *fault);
void http_stop(struct http *http);

#endif
