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

#include "bus/pipe.h"

struct bus_actor;

enum { BUS_READY = 1, BUS_FAILED, BUS_STOP, BUS_EXITED, BUS_FIRST_FREE = 16 };

/* The body of an actor; `pipe` leads to the owner and is the thread's until
 * it returns. Must call bus_actor_ready or bus_actor_failed once. */
typedef void bus_actor_body(struct bus_pipe *pipe, void *argument);

void bus_actor_ready(struct bus_pipe *pipe);
/* `fault` is copied: it may stand on
 * the body's stack. */
void bus_actor_failed(struct bus_pipe *pipe, const struct evald_fault *fault);

/* Starts a thread named `name` (15 bytes shown by ps) and waits for it. */
enum evald_status bus_actor_start(const char *name, bus_actor_body *body,
                                  void *argument, struct bus_actor **out,
                                  struct evald_fault *fault);

/* Takes the calling thread, and those that it starts, behind others: niceness
 * as of nice(1), and the shortest slices that Linux gives, since from 6.6 on
 * even a nice thread keeps a core to the end of its slice from one that is
 * woken. Unlike a thread of SCHED_IDLE it still has its share where others
 * never rest. It need not succeed. */
void bus_step_back(int niceness);

/* The owner's end of the pipe. */
struct bus_pipe *bus_actor_pipe(struct bus_actor *actor);

/* Sends BUS_STOP, joins, frees. What the body has said and says until it ends
 * is passed over. NULL does nothing. */
void bus_actor_stop(struct bus_actor *actor);

#endif
