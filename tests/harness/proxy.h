/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HARNESS_PROXY_H
#define HARNESS_PROXY_H

/*
 * A thread that passes bytes between Unix sockets, one connection at a time,
 * and cuts the connection after so many of them: so that a test can break a
 * conversation at every byte. Aborts the test where it fails.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct harness_proxy {
  char socket[108]; /* where it listens */
  char target[108];
  int listener;
  pthread_t thread;
  atomic_bool ends;
  atomic_long up;   /* bytes still passed to the target; below 0: all */
  atomic_long down; /* and from it */
};

void harness_proxy_start(struct harness_proxy *proxy, const char *target);
void harness_proxy_stop(struct harness_proxy *proxy);

/* From now on; a cut connection is closed on both sides, and the next one is
 * cut at once until the limits are lifted. */
void harness_proxy_limit(struct harness_proxy *proxy, long up, long down);

#endif
