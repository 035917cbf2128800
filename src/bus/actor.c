/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/actor.h"
#include "base/fault.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

struct bus_actor {
  pthread_t thread;
  struct bus_socket *owner_end, *body_end;
  bus_actor_body *body;
  void *argument;
  char name[16];
};

/* ThreadSanitizer does not see into libzmq, which orders the two sides of a
 * hand-over; it is told here, in its own builds alone. */
#if defined(__SANITIZE_THREAD__)
void __tsan_acquire(void *address);
void __tsan_release(void *address);
const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void) {
  return "called_from_lib:libzmq.so\ncalled_from_lib:libmicrohttpd.so\n";
}

static char handed_over;
#define HAND_OVER() __tsan_release(&handed_over)
#define TAKE_OVER() __tsan_acquire(&handed_over)
#else
#define HAND_OVER() (void)0
#define TAKE_OVER() (void)0
#endif

enum evald_status bus_signal_send(struct bus_socket *socket,
                                  struct bus_signal signal, int wait_ms) {
  HAND_OVER();
  return bus_send(socket, &signal, sizeof signal, BUS_LAST, wait_ms);
}

enum evald_status bus_signal_receive(struct bus_socket *socket,
                                     struct bus_signal *out, int wait_ms) {
  struct bus_frame frame;
  bus_frame_init(&frame);
  enum evald_status status = bus_receive(socket, &frame, wait_ms);
  if (status == EVALD_OK && bus_frame_size(&frame) != sizeof *out)
    status = EVALD_SYNTAX;
  TAKE_OVER();
  if (status == EVALD_OK) memcpy(out, bus_frame_data(&frame), sizeof *out);
  bus_frame_fini(&frame);
  return status;
}

static void send_code(struct bus_socket *pipe, uint32_t code) {
  bus_signal_send(pipe, (struct bus_signal){.code = code}, -1);
}

void bus_actor_ready(struct bus_socket *pipe) {
  send_code(pipe, BUS_READY);
}

void bus_actor_failed(struct bus_socket *pipe,
                      const struct evald_fault *fault) {
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
  bus_socket_close(actor->body_end);
  return NULL;
}

enum evald_status bus_pipe_open(struct bus_context *context, int bound,
                                struct bus_socket *out[2],
                                struct evald_fault *fault) {
  static atomic_uint number;
  char endpoint[64];
  fault_print(endpoint, sizeof endpoint, "inproc://pipe-%u",
              atomic_fetch_add(&number, 1));
  int each = bound > 0 ? bound : -1;
  struct bus_options options = {.receive_bound = each, .send_bound = each};
  struct bus_socket *ends[2] = {NULL, NULL};
  enum evald_status status = EVALD_OK;
  for (int i = 0; i < 2 && status == EVALD_OK; i++)
    status = bus_socket_open(context, BUS_PAIR, &options, &ends[i], fault);
  if (status == EVALD_OK) status = bus_socket_bind(ends[0], endpoint, fault);
  if (status == EVALD_OK) status = bus_socket_connect(ends[1], endpoint, fault);
  if (status != EVALD_OK) {
    bus_socket_close(ends[0]);
    bus_socket_close(ends[1]);
    return status;
  }
  memcpy(out, ends, sizeof ends);
  return EVALD_OK;
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
  bus_socket_close(actor->owner_end);
  free(actor);
}

enum evald_status bus_actor_start(struct bus_context *context, const char *name,
                                  bus_actor_body *body, void *argument,
                                  struct bus_actor **out,
                                  struct evald_fault *fault) {
  struct bus_actor *actor = calloc(1, sizeof *actor);
  if (actor == NULL)
    return evald_fault_set(fault, EVALD_MEMORY, name, "no memory");
  actor->body = body;
  actor->argument = argument;
  fault_print(actor->name, sizeof actor->name, "%s", name);
  struct bus_socket *ends[2];
  enum evald_status status = bus_pipe_open(context, 0, ends, fault);
  if (status != EVALD_OK) {
    free(actor);
    return status;
  }
  actor->owner_end = ends[0];
  actor->body_end = ends[1];
  if (pthread_create(&actor->thread, NULL, run, actor) != 0) {
    bus_socket_close(actor->body_end);
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

struct bus_socket *bus_actor_pipe(struct bus_actor *actor) {
  return actor->owner_end;
}

void bus_actor_stop(struct bus_actor *actor) {
  if (actor == NULL) return;
  bus_signal_send(actor->owner_end, (struct bus_signal){.code = BUS_STOP}, 0);
  pthread_join(actor->thread, NULL);
  actor_free(actor);
}
