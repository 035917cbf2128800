/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/pipe.h"
#include "base/fault.h"
#include "bus/wait.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 64, NAP_NS = 200000 };

/*
 * One direction: a ring with one writer and one reader. Whoever goes to sleep
 * says so and looks once more; whoever sends looks whether somebody sleeps
 * after the signal is in its place. Both in one order for all (the atomics'
 * default), so one of the two sees the other. A wake-up that comes too late is
 * found by the next sleep, which ends at once and takes it away: left there, it
 * would end every other sleep as well.
 */
struct lane {
  struct bus_signal ring[BUS_PIPE_ROOM];
  _Alignas(LINE) atomic_uint tail; /* the writer's: signals sent */
  _Alignas(LINE) atomic_uint head; /* the reader's: signals received */
  _Alignas(LINE) atomic_bool asleep;
  int fd;
};

struct bus_pipe {
  struct lane *in, *out;
  struct pair *pair;
};

struct pair {
  struct lane lanes[2];
  struct bus_pipe ends[2];
  atomic_int open; /* ends */
};

static void free_pair(struct pair *pair) {
  for (int i = 0; i < 2; i++)
    if (pair->lanes[i].fd >= 0) close(pair->lanes[i].fd);
  free(pair);
}

static void init_lane(struct lane *lane) {
  atomic_init(&lane->tail, 0);
  atomic_init(&lane->head, 0);
  atomic_init(&lane->asleep, false);
  lane->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

enum evald_status bus_pipe_open(struct bus_pipe *out[2],
                                struct evald_fault *fault) {
  struct pair *pair = aligned_alloc(LINE, sizeof *pair);
  if (pair == NULL)
    return evald_fault_set(fault, EVALD_MEMORY, "pipe", "no memory");
  atomic_init(&pair->open, 2);
  for (int i = 0; i < 2; i++)
    init_lane(&pair->lanes[i]);
  if (pair->lanes[0].fd < 0 || pair->lanes[1].fd < 0) {
    evald_fault_set(fault, EVALD_IO, "pipe", "%s", fault_reason(errno));
    free_pair(pair);
    return EVALD_IO;
  }
  for (int i = 0; i < 2; i++) {
    pair->ends[i] =
        (struct bus_pipe){&pair->lanes[i], &pair->lanes[1 - i], pair};
    out[i] = &pair->ends[i];
  }
  return EVALD_OK;
}

void bus_pipe_close(struct bus_pipe *end) {
  if (end != NULL && atomic_fetch_sub(&end->pair->open, 1) == 1)
    free_pair(end->pair);
}

bool bus_pipe_alone(const struct bus_pipe *end) {
  return atomic_load(&end->pair->open) < 2;
}

/* ---- sending ---- */

static void wake(struct lane *lane) {
  const uint64_t one = 1;
  if (!atomic_load(&lane->asleep) || !atomic_exchange(&lane->asleep, false))
    return;
  while (write(lane->fd, &one, sizeof one) < 0 && errno == EINTR)
    continue;
}

static bool put(struct lane *lane, struct bus_signal signal) {
  unsigned tail = atomic_load_explicit(&lane->tail, memory_order_relaxed);
  unsigned head = atomic_load_explicit(&lane->head, memory_order_acquire);
  if (tail - head == BUS_PIPE_ROOM) return false;
  lane->ring[tail % BUS_PIPE_ROOM] = signal;
  atomic_store(&lane->tail, tail + 1);
  return true;
}

enum evald_status bus_signal_send(struct bus_pipe *end,
                                  struct bus_signal signal, int wait_ms) {
  static const struct timespec nap = {0, NAP_NS};
  int64_t naps = wait_ms < 0 ? INT64_MAX : wait_ms * (1000000LL / NAP_NS);
  while (!put(end->out, signal)) {
    if (naps-- == 0) return EVALD_TIMEOUT;
    nanosleep(&nap, NULL);
  }
  wake(end->out);
  return EVALD_OK;
}

/* ---- receiving ---- */

bool bus_pipe_has(const struct bus_pipe *end) {
  const struct lane *lane = end->in;
  return atomic_load(&lane->tail) !=
         atomic_load_explicit(&lane->head, memory_order_relaxed);
}

static bool take(struct lane *lane, struct bus_signal *out) {
  unsigned head = atomic_load_explicit(&lane->head, memory_order_relaxed);
  if (atomic_load_explicit(&lane->tail, memory_order_acquire) == head)
    return false;
  *out = lane->ring[head % BUS_PIPE_ROOM];
  atomic_store_explicit(&lane->head, head + 1, memory_order_release);
  return true;
}

/* A wait may end early: see bus_wait. */
enum evald_status bus_signal_receive(struct bus_pipe *end,
                                     struct bus_signal *out, int wait_ms) {
  struct bus_wait wait = {.pipe = end};
  while (!take(end->in, out)) {
    if (wait_ms == 0 || bus_wait(&wait, 1, wait_ms) != EVALD_OK)
      return EVALD_TIMEOUT;
  }
  return EVALD_OK;
}

/* ---- sleeping ---- */

bool bus_pipe_doze(struct bus_pipe *end) {
  atomic_store(&end->in->asleep, true);
  return !bus_pipe_has(end);
}

void bus_pipe_rouse(struct bus_pipe *end, bool readable) {
  uint64_t count;
  if (atomic_exchange(&end->in->asleep, false) && !readable) return;
  /* Somebody woke us, or is about to; or did so too late for the last sleep. */
  while (read(end->in->fd, &count, sizeof count) < 0 && errno == EINTR)
    continue;
}

int bus_pipe_fd(const struct bus_pipe *end) {
  return end->in->fd;
}
