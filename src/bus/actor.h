/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUS_ACTOR_H
#define BUS_ACTOR_H

/*
 * Actors: a thread with a pipe to whoever started it.
 *
 * Invariants
 *  1. bus_actor_start returns when the body has said BUS_READY (EVALD_OK), or
 *     has failed and been joined (the status and fault of the failure).
 *  2. A body answers BUS_STOP by returning; bus_actor_stop sends it and joins.
 *  3. A body that returns for whatever reason leaves BUS_EXITED in the pipe:
 *     the owner learns that an actor died.
 *  4. Nothing is shared but what a signal's pointer hands over, to one side
 *     at a time; there is no lock.
 * Signals of the process are for the thread that starts actors: it blocks them
 * before, and actors inherit the mask.
 */

#include "bus/socket.h"

struct bus_actor;

/* What travels on a pipe. Codes up to 15 are the bus's own, the rest the
 * owner's. */
struct bus_signal {
  uint32_t code;
  uint32_t number;
  void *pointer;
};

enum { BUS_READY = 1, BUS_FAILED, BUS_STOP, BUS_EXITED, BUS_FIRST_FREE = 16 };

enum evald_status bus_signal_send(struct bus_socket *socket,
                                  struct bus_signal signal, int wait_ms);
enum evald_status bus_signal_receive(struct bus_socket *socket,
                                     struct bus_signal *out, int wait_ms);

/* The body of an actor; `pipe` leads to the owner and is the thread's until
 * it returns. Must call bus_actor_ready or bus_actor_failed once. */
typedef void bus_actor_body(struct bus_socket *pipe, void *argument);

void bus_actor_ready(struct bus_socket *pipe);
/* `fault` is copied: it may stand on
 * the body's stack. */
void bus_actor_failed(struct bus_socket *pipe, const struct evald_fault *fault);

/* Starts a thread named `name` (15 bytes shown by ps) and waits for it. */
enum evald_status bus_actor_start(struct bus_context *context, const char *name,
                                  bus_actor_body *body, void *argument,
                                  struct bus_actor **out,
                                  struct evald_fault *fault);

/* The owner's end of the pipe. */
struct bus_socket *bus_actor_pipe(struct bus_actor *actor);

/* Sends BUS_STOP, joins, frees. NULL does nothing. */
void bus_actor_stop(struct bus_actor *actor);

/* Two PAIR sockets joined inside the process; the first end is to be handed to
 * another thread before it is used there. `bound`: signals that wait each way,
 * 0: without bound. */
enum evald_status bus_pipe_open(struct bus_context *context, int bound,
                                struct bus_socket *out[2],
                                struct evald_fault *fault);

#endif
