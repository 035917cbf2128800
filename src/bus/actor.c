/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/actor.h"
#include "base/fault.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SLICE_NS = 100000 };

struct bus_actor {
  pthread_t thread;
  struct bus_pipe *owner_end, *body_end;
  bus_actor_body *body;
  void *argument;
  char name[16];
};

static void send_code(struct bus_pipe *pipe, uint32_t code) {
  bus_signal_send(pipe, (struct bus_signal){.code = code}, -1);
}

void bus_actor_ready(struct bus_pipe *pipe) {
  send_code(pipe, BUS_READY);
}

void bus_actor_failed(struct bus_pipe *pipe, const struct evald_fault *fault) {
  struct evald_fault *copy = malloc(sizeof *copy);
  if (copy != NULL) *copy = *fault;
  bus_signal_send(pipe,
                  (struct bus_signal){.code = BUS_FAILED, .pointer = copy}, -1);
}

static void *run(void *argument) {
  struct bus_actor *actor = argument;
  prctl(PR_SET_NAME, actor->name, 0, 0, 0);
  actor->body(actor->body_end, actor->argument);
  send_code(actor->body_end, BUS_EXITED);
  bus_pipe_close(actor->body_end);
  return NULL;
}

/* struct sched_attr of Linux, version 0; its header and pthread.h do not stand
 * each other. */
struct wish {
  uint32_t size, policy; /* 0: ordinary */
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period; /* runtime: the slice */
};

void bus_step_back(int niceness) {
  struct wish wish = {
      .size = sizeof wish, .nice = niceness, .runtime = SLICE_NS};
  (void)setpriority(PRIO_PROCESS, 0, niceness); /* in Linux the thread's */
  (void)syscall(SYS_sched_setattr, 0, &wish, 0U);
}

/* Waits for the body's first word. */
static enum evald_status first_word(struct bus_actor *actor,
                                    struct evald_fault *fault) {
  struct bus_signal signal = {0};
  while (bus_signal_receive(actor->owner_end, &signal, -1) == EVALD_TIMEOUT)
    continue;
  if (signal.code == BUS_READY) return EVALD_OK;
  struct evald_fault *cause = signal.code == BUS_FAILED ? signal.pointer : NULL;
  enum evald_status status = EVALD_IO;
  if (cause != NULL) {
    status = cause->status != EVALD_OK ? cause->status : EVALD_IO;
    evald_fault_set(fault, status, cause->place, "%s", cause->text);
  }
  free(cause);
  return evald_fault_set(fault, status, actor->name, "did not become ready");
}

static void actor_free(struct bus_actor *actor) {
  bus_pipe_close(actor->owner_end);
  free(actor);
}

enum evald_status bus_actor_start(const char *name, bus_actor_body *body,
                                  void *argument, struct bus_actor **out,
                                  struct evald_fault *fault) {
  struct bus_actor *actor = calloc(1, sizeof *actor);
  if (actor == NULL)
    return evald_fault_set(fault, EVALD_MEMORY, name, "no memory");
  actor->body = body;
  actor->argument = argument;
  fault_print(actor->name, sizeof actor->name, "%s", name);
  struct bus_pipe *ends[2];
  enum evald_status status = bus_pipe_open(ends, fault);
  if (status != EVALD_OK) {
    free(actor);
    return status;
  }
  actor->owner_end = ends[0];
  actor->body_end = ends[1];
  if (pthread_create(&actor->thread, NULL, run, actor) != 0) {
    bus_pipe_close(actor->body_end);
    actor_free(actor);
    return evald_fault_set(fault, EVALD_IO, name, "no thread to be had");
  }
  status = first_word(actor, fault);
  if (status != EVALD_OK) {
    pthread_join(actor->thread, NULL);
    actor_free(actor);
    return status;
  }
  *out = actor;
  return EVALD_OK;
}

struct bus_pipe *bus_actor_pipe(struct bus_actor *actor) {
  return actor->owner_end;
}

/* Either direction may be full: of words that a busy body has not read, or of
 * those that an owner who wants to stop does not read any more. So the word to
 * stop is said until there is room for it, and what comes is taken away until
 * the body has ended, or else each would wait for the other for ever. */
static void stop_body(struct bus_pipe *pipe) {
  enum { AGAIN_MS = 1, QUIET_MS = 100 };
  struct bus_signal signal = {0};
  bool told = false;
  while (signal.code != BUS_EXITED && !bus_pipe_alone(pipe)) {
    if (!told)
      told = bus_signal_send(pipe, (struct bus_signal){.code = BUS_STOP}, 0) ==
             EVALD_OK;
    (void)bus_signal_receive(pipe, &signal, told ? QUIET_MS : AGAIN_MS);
  }
}

void bus_actor_stop(struct bus_actor *actor) {
  if (actor == NULL) return;
  stop_body(actor->owner_end);
  pthread_join(actor->thread, NULL);
  actor_free(actor);
}
