/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUS_WAIT_H
#define BUS_WAIT_H

#include "bus/pipe.h"
#include "bus/socket.h"

/* One thing to wait for: a pipe, or else a socket, or else a descriptor. */
struct bus_wait {
  struct bus_pipe *pipe;
  struct bus_socket *socket;
  int fd;
  bool writable; /* wait for room to write, instead of something to read */
  bool ready;    /* set by bus_wait */
};

enum { BUS_WAIT_MAX = 24 };

/* Sleeps until one of them is ready or `wait_ms` (-1: no limit) has passed,
 * or a signal of the process came (EVALD_TIMEOUT for both). Sets `ready` of
 * each. May also end early, with EVALD_OK and none ready. */
enum evald_status bus_wait(struct bus_wait *waits, size_t count, int wait_ms);

#endif
