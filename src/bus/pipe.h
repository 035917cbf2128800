/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUS_PIPE_H
#define BUS_PIPE_H

/*
 * Pipes between two threads of this process: signals each way, in order.
 *
 * Invariants
 *  1. One thread at a time uses an end; what was written before a send is seen
 *     after the receive of it.
 *  2. A send costs no system call unless the other side sleeps (bus_wait), and
 *     a receive none at all. So threads that work for each other beat by beat
 *     pay for their sleep, and for nothing else.
 *  3. Each direction holds BUS_PIPE_ROOM signals. A sender that may wait naps
 *     until there is room again.
 */

#include "evald/status.h"
#include <stdbool.h>
#include <stdint.h>

struct bus_pipe; /* one end */

enum { BUS_PIPE_ROOM = 1024 };

/* What travels. Codes up to 15 are the bus's own, the rest the owner's. */
struct bus_signal {
  uint32_t code;
  uint32_t number;
  void *pointer;
};

/* Both ends; they may go to two threads. EVALD_MEMORY, EVALD_IO. */
enum evald_status bus_pipe_open(struct bus_pipe *out[2],
                                struct evald_fault *fault);
/* One end; the pipe is freed with its second. NULL does nothing. */
void bus_pipe_close(struct bus_pipe *end);
/* Whether the other end was closed. */
bool bus_pipe_alone(const struct bus_pipe *end);

/* `wait_ms` 0: never blocks; -1: without limit. EVALD_TIMEOUT: no room, or
 * nothing there. */
enum evald_status bus_signal_send(struct bus_pipe *end,
                                  struct bus_signal signal, int wait_ms);
enum evald_status bus_signal_receive(struct bus_pipe *end,
                                     struct bus_signal *out, int wait_ms);

/* For bus_wait. Says that this side is about to sleep, unless a signal is
 * there already (false); from then on a send makes the descriptor readable.
 * And that it is awake again; `readable`: the descriptor was. */
bool bus_pipe_doze(struct bus_pipe *end);
void bus_pipe_rouse(struct bus_pipe *end, bool readable);
bool bus_pipe_has(const struct bus_pipe *end);
int bus_pipe_fd(const struct bus_pipe *end);

#endif
