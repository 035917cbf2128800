/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

/*
 * A world in one thread: whole daemons, their Redis, their network and their
 * clock, driven by one random number.
 *
 * The code of src/ is linked as it is. What it asks of the system is answered
 * here instead, at link time:
 *
 *   threads        tasks that run in turn, one at a time (loop.c, system.c)
 *   the clock      a number that the loop moves on (system.c)
 *   libzmq         queues in memory (zmq_*.c)
 *   the socket to Redis, and Redis   redis_*.c
 *   randomness, signals, memory      system.c
 *
 * A task gives way where it waits: in zmq_poll, poll, nanosleep, pthread_join.
 * Which one goes on, how long bytes travel, what breaks, is drawn from the
 * seed, and nothing else is: the same seed gives the same run.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the loop ---- */

enum { SIM_US = 1, SIM_MS = 1000, SIM_S = 1000000 };

/* A process of the world; NULL is the world itself. */
struct sim_process {
  const char *name;
  bool cut;         /* killed: nothing of it reaches anybody any more */
  unsigned signals; /* pending, a bit each */
  int tasks;        /* that have not ended */
};

typedef void sim_body(void *argument);
struct sim_task;

void sim_begin(uint64_t seed);
void sim_end(void);

int64_t sim_now(void); /* microseconds */
uint64_t sim_random(uint64_t below);
bool sim_chance(unsigned per_mille);

struct sim_task *sim_start(struct sim_process *process, sim_body *body,
                           void *argument);
bool sim_is_done(const struct sim_task *task);

/* The process of the task that runs; NULL: the world. */
struct sim_process *sim_self(void);

/* Gives way until `ready` says yes (true) or `us` have passed (false); below 0:
 * without limit; `ready` NULL: never. For tasks only. */
typedef bool sim_ready(void *context);
bool sim_wait(sim_ready *ready, void *context, int64_t us);
void sim_sleep(int64_t us);

/* Calls `what` in `us` microseconds, outside of any task. */
typedef void sim_event(void *context, uint64_t number);
void sim_later(int64_t us, sim_event *what, void *context, uint64_t number);

/* Runs until `over` says yes: true; false: `us` have passed first. */
bool sim_run(sim_ready *over, void *context, int64_t us);

/* ---- what went wrong ---- */

/* Notes what the world did, printed where the run fails. */
void sim_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The run has failed; the first word is kept. */
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool sim_failed(void);
extern bool sim_verbose;

/* ---- memory ---- */

/* The world's own memory is never refused. */
void *sim_take(size_t size);
void *sim_grow(void *memory, size_t size);

/* From now on the n-th allocation of any process fails, once; 0: none. */
void sim_refuse_memory(uint64_t number);
/* Whether this one, of the process that runs, is the n-th. */
bool sim_memory_refused(void);
/* How many allocations processes have asked for since then. */
uint64_t sim_allocations(void);

/* Bytes that grow. */
struct sim_bytes {
  char *data;
  size_t size, room;
};
void sim_put(struct sim_bytes *bytes, const void *data, size_t size);
void sim_print(struct sim_bytes *bytes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sim_drop(struct sim_bytes *bytes, size_t size); /* from the front */
void sim_bytes_free(struct sim_bytes *bytes);

#endif
