/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/wait.h"
#include "bus/raw.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>

/* What is slept on. Without a socket among it the system is asked straight:
 * zmq_poll looks at everything twice before it sleeps. */
struct sleep {
  zmq_pollitem_t items[BUS_WAIT_MAX];
  size_t pipes, sockets, count;
};

static void look_at(struct sleep *sleep, const struct bus_wait *wait) {
  zmq_pollitem_t *item = &sleep->items[sleep->count++];
  *item = (zmq_pollitem_t){.fd = wait->fd,
                           .events = wait->writable ? ZMQ_POLLOUT : ZMQ_POLLIN};
  if (wait->pipe != NULL) {
    item->fd = bus_pipe_fd(wait->pipe);
    sleep->pipes++;
  } else if (wait->socket != NULL) {
    item->socket = wait->socket->zmq;
    sleep->sockets++;
  }
}

static bool any_has(const struct bus_wait *waits, size_t count) {
  bool any = false;
  for (size_t i = 0; i < count; i++)
    any = any || (waits[i].pipe != NULL && bus_pipe_has(waits[i].pipe));
  return any;
}

/* All say that they sleep. False: there is something after all. */
static bool doze(const struct bus_wait *waits, size_t count) {
  bool quiet = true;
  for (size_t i = 0; i < count; i++)
    if (waits[i].pipe != NULL && !bus_pipe_doze(waits[i].pipe)) quiet = false;
  return quiet;
}

static void rouse(const struct bus_wait *waits, const struct sleep *sleep) {
  for (size_t i = 0; i < sleep->count; i++)
    if (waits[i].pipe != NULL)
      bus_pipe_rouse(waits[i].pipe, sleep->items[i].revents != 0);
}

static int poll_plainly(struct sleep *sleep, int wait_ms) {
  struct pollfd items[BUS_WAIT_MAX];
  for (size_t i = 0; i < sleep->count; i++)
    items[i] = (struct pollfd){
        .fd = sleep->items[i].fd,
        .events = sleep->items[i].events == ZMQ_POLLOUT ? POLLOUT : POLLIN};
  int ready = poll(items, (nfds_t)sleep->count, wait_ms);
  for (size_t i = 0; i < sleep->count; i++)
    sleep->items[i].revents = ready > 0 ? items[i].revents : 0;
  return ready;
}

static int sleep_on(struct sleep *sleep, int wait_ms) {
  if (wait_ms == 0 && sleep->pipes == sleep->count) return 0;
  return sleep->sockets > 0 ? zmq_poll(sleep->items, (int)sleep->count, wait_ms)
                            : poll_plainly(sleep, wait_ms);
}

enum evald_status bus_wait(struct bus_wait *waits, size_t count, int wait_ms) {
  struct sleep sleep = {.count = 0};
  assert(count <= BUS_WAIT_MAX);
  for (size_t i = 0; i < count; i++)
    look_at(&sleep, &waits[i]);
  bool any = any_has(waits, count);
  bool dozes = !any && wait_ms != 0;
  if (dozes && !doze(waits, count)) any = true;
  int ready = sleep_on(&sleep, any ? 0 : wait_ms);
  int error = errno;
  if (dozes) rouse(waits, &sleep);
  for (size_t i = 0; i < count; i++)
    waits[i].ready = waits[i].pipe != NULL
                         ? bus_pipe_has(waits[i].pipe)
                         : ready > 0 && sleep.items[i].revents != 0;
  if (ready > 0 || any) return EVALD_OK;
  return ready == 0 || error == EINTR ? EVALD_TIMEOUT : EVALD_IO;
}
