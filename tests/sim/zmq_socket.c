/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/net.h"
#include "sim/system.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct net_socket *sockets;
static struct net_link *links;
void (*net_watch)(struct sim_process *, int, const struct net_message *);

/* ---- links ---- */

static bool is_far(const struct net_link *link) {
  return link->ends[0] == NULL || link->ends[1] == NULL ||
         link->ends[0]->owner != link->ends[1]->owner;
}

static void wake(void *context, uint64_t number) {
  (void)context, (void)number;
}

/* Sends towards an end; it arrives after all that went there before. */
static void travel(struct net_link *link, int end, struct net_message message) {
  struct net_queue *queue = &link->to[end];
  message.due = sim_now();
  if (is_far(link)) {
    message.due += 5 + (int64_t)sim_random(sim_chance(20) ? 20000 : 200);
    if (queue->count > queue->first &&
        queue->items[queue->count - 1].due > message.due)
      message.due = queue->items[queue->count - 1].due;
    sim_later(message.due - sim_now(), wake, NULL, 0);
  }
  net_push(queue, message);
}

static void tell_prefix(struct net_link *link, const char *prefix, char how) {
  struct net_message message = {0};
  struct sim_bytes bytes = {0};
  sim_put(&bytes, &how, 1);
  sim_put(&bytes, prefix, strlen(prefix));
  net_message_add(&message, bytes.data, bytes.size);
  sim_bytes_free(&bytes);
  travel(link, 1, message);
}

static void add_prefix(char ***prefixes, size_t *count, const char *prefix) {
  *prefixes = sim_grow(*prefixes, (*count + 1) * sizeof **prefixes);
  char *copy = sim_take(strlen(prefix) + 1);
  memcpy(copy, prefix, strlen(prefix));
  (*prefixes)[(*count)++] = copy;
}

static void free_prefixes(char **prefixes, size_t count) {
  for (size_t i = 0; i < count; i++)
    free(prefixes[i]);
  free(prefixes);
}

static int bound_of(int from, int to) {
  return from > 0 && to > 0 ? from + to : 0;
}

static void join(struct net_socket *from, struct net_socket *to) {
  struct net_link *link = sim_take(sizeof *link);
  link->ends[0] = from;
  link->ends[1] = to;
  link->to[0].bound = bound_of(to->send_bound, from->receive_bound);
  link->to[1].bound = bound_of(from->send_bound, to->receive_bound);
  for (int i = 1; i < 5; i++)
    link->name[i] = (char)sim_random(256);
  link->next = links;
  links = link;
  for (size_t i = 0; i < from->prefix_count; i++) {
    add_prefix(&link->prefixes, &link->prefix_count, from->prefixes[i]);
    tell_prefix(link, from->prefixes[i], 1);
  }
}

static void free_link(struct net_link *link) {
  net_queue_free(&link->to[0]);
  net_queue_free(&link->to[1]);
  free_prefixes(link->prefixes, link->prefix_count);
  free(link);
}

/* Takes an end out; what waits for the other one may still be read. */
static void leave(struct net_link *link, int end) {
  if (end == 0 && link->ends[1] != NULL && link->ends[1]->kind == ZMQ_XPUB)
    for (size_t i = 0; i < link->prefix_count; i++)
      tell_prefix(link, link->prefixes[i], 0);
  link->ends[end] = NULL;
  net_queue_free(&link->to[end]);
}

static void sweep(void) {
  for (struct net_link **at = &links; *at != NULL;) {
    struct net_link *link = *at;
    if (link->ends[0] != NULL || link->ends[1] != NULL) {
      at = &link->next;
      continue;
    }
    *at = link->next;
    free_link(link);
  }
}

static void forget_targets(const struct net_link *link) {
  for (struct net_socket *socket = sockets; socket; socket = socket->next)
    for (size_t i = 0; i < socket->target_count; i++)
      if (socket->targets[i] == link)
        socket->targets[i] = socket->targets[--socket->target_count];
}

/* A broken connection: what was on its way is lost. */
static void sever(struct net_link *link) {
  struct net_socket *bound = link->ends[1];
  forget_targets(link);
  if (bound != NULL && bound->kind == ZMQ_XPUB) {
    leave(link, 0);
    return;
  }
  link->ends[0] = link->ends[1] = NULL;
}

void net_cut(struct sim_process *process) {
  process->cut = true;
  for (struct net_link *link = links; link != NULL; link = link->next)
    if (is_far(link) &&
        ((link->ends[0] != NULL && link->ends[0]->owner == process) ||
         (link->ends[1] != NULL && link->ends[1]->owner == process))) {
      forget_targets(link);
      link->ends[0] = link->ends[1] = NULL;
    }
  sweep();
}

void net_break(void *socket) {
  for (struct net_link *link = links; link != NULL; link = link->next)
    if (link->ends[0] == socket) sever(link);
  sweep();
}

bool net_is_linked(const void *socket) {
  for (const struct net_link *link = links; link != NULL; link = link->next)
    if (link->ends[0] == socket && link->ends[1] != NULL) return true;
  return false;
}

/* ---- sockets ---- */

void *zmq_ctx_new(void) {
  return sim_take(1);
}

int zmq_ctx_set(void *context, int option, int value) {
  (void)context, (void)option, (void)value;
  return 0;
}

int zmq_ctx_term(void *context) {
  free(context);
  return 0;
}

void *zmq_socket(void *context, int kind) {
  struct net_socket *socket = sim_take(sizeof *socket);
  (void)context;
  *socket = (struct net_socket){.kind = kind,
                                .owner = sim_self(),
                                .drops = true,
                                .send_bound = 1000,
                                .receive_bound = 1000,
                                .next = sockets};
  return sockets = socket;
}

int zmq_close(void *closed) {
  struct net_socket *socket = closed;
  for (struct net_link *link = links; link != NULL; link = link->next)
    for (int end = 0; end < 2; end++)
      if (link->ends[end] == socket) {
        forget_targets(link);
        leave(link, end);
      }
  struct net_socket **at = &sockets;
  while (*at != socket)
    at = &(*at)->next;
  *at = socket->next;
  net_message_free(&socket->sending);
  net_message_free(&socket->reading);
  free_prefixes(socket->prefixes, socket->prefix_count);
  free(socket);
  sweep();
  return 0;
}

void net_end(void) {
  for (; sockets != NULL; (void)zmq_close(sockets))
    if (sockets->owner != NULL)
      sim_fail("%s left a socket open", sockets->owner->name);
}

static void subscribe(struct net_socket *socket, const void *value,
                      size_t size) {
  char *prefix = sim_take(size + 1);
  if (size > 0) memcpy(prefix, value, size);
  add_prefix(&socket->prefixes, &socket->prefix_count, prefix);
  for (struct net_link *link = links; link != NULL; link = link->next) {
    if (link->ends[0] != socket) continue;
    add_prefix(&link->prefixes, &link->prefix_count, prefix);
    tell_prefix(link, prefix, 1);
  }
  free(prefix);
}

int zmq_setsockopt(void *to, int option, const void *value, size_t size) {
  struct net_socket *socket = to;
  int number = 0;
  if (size == sizeof number) memcpy(&number, value, size);
  if (option == ZMQ_RCVHWM) socket->receive_bound = number;
  if (option == ZMQ_SNDHWM) socket->send_bound = number;
  if (option == ZMQ_XPUB_NODROP) socket->drops = number == 0;
  if (option == ZMQ_ROUTER_MANDATORY) socket->mandatory = number != 0;
  if (option == ZMQ_SUBSCRIBE) subscribe(socket, value, size);
  return 0;
}

int zmq_getsockopt(void *of, int option, void *value, size_t *size) {
  const struct net_socket *socket = of;
  if (option != ZMQ_LAST_ENDPOINT || *size < sizeof socket->endpoint) return -1;
  memcpy(value, socket->endpoint, sizeof socket->endpoint);
  return 0;
}

static struct net_socket *bound_at(const char *endpoint) {
  for (struct net_socket *socket = sockets; socket; socket = socket->next)
    if (socket->bound && strcmp(socket->endpoint, endpoint) == 0 &&
        (socket->owner == NULL || !socket->owner->cut ||
         socket->owner == sim_self()))
      return socket;
  return NULL;
}

static void name(struct net_socket *socket, const char *endpoint) {
  size_t size = strlen(endpoint);
  if (size >= sizeof socket->endpoint) abort();
  memcpy(socket->endpoint, endpoint, size + 1);
}

int zmq_bind(void *to, const char *endpoint) {
  struct net_socket *socket = to;
  if (bound_at(endpoint) != NULL) {
    errno = EADDRINUSE;
    return -1;
  }
  name(socket, endpoint);
  socket->bound = true;
  return 0;
}

/* To somebody who is there, or to nobody: see net_is_linked. */
int zmq_connect(void *from, const char *endpoint) {
  struct net_socket *there = bound_at(endpoint);
  name(from, endpoint);
  if (there != NULL) join(from, there);
  return 0;
}

const char *zmq_strerror(int number) {
  return strerror(number);
}

/* ---- sending ---- */

static bool wants(const struct net_link *link, const char *topic, size_t size) {
  for (size_t i = 0; i < link->prefix_count; i++) {
    size_t length = strlen(link->prefixes[i]);
    if (length <= size && memcmp(link->prefixes[i], topic, length) == 0)
      return true;
  }
  return false;
}

static int refuse(int error) {
  errno = error;
  return -1;
}

/* Whom a message goes to, seen from its first frame: 0, or -1 and errno. */
static int aim_router(struct net_socket *socket, const char *id, size_t size) {
  for (struct net_link *link = links; link != NULL; link = link->next) {
    if (link->ends[1] != socket || link->ends[0] == NULL ||
        size != sizeof link->name || memcmp(link->name, id, size) != 0)
      continue;
    if (net_full(&link->to[0])) return refuse(EAGAIN);
    socket->targets[socket->target_count++] = link;
    return 0;
  }
  return socket->mandatory ? refuse(EHOSTUNREACH) : 0;
}

static int aim_xpub(struct net_socket *socket, const char *topic, size_t size) {
  for (struct net_link *link = links; link != NULL; link = link->next) {
    if (link->ends[1] != socket || link->ends[0] == NULL ||
        !wants(link, topic, size))
      continue;
    if (!net_full(&link->to[0]))
      socket->targets[socket->target_count++] = link;
    else if (!socket->drops) {
      socket->target_count = 0;
      return refuse(EAGAIN);
    }
  }
  return 0;
}

static int aim_first(struct net_socket *socket) {
  for (struct net_link *link = links; link != NULL; link = link->next) {
    int here = link->ends[1] == socket;
    if (link->ends[here] != socket || link->ends[!here] == NULL ||
        net_full(&link->to[!here]))
      continue;
    socket->targets[socket->target_count++] = link;
    return 0;
  }
  return refuse(EAGAIN);
}

static int aim(struct net_socket *socket, const void *data, size_t size) {
  socket->target_count = 0;
  if (socket->kind == ZMQ_ROUTER) return aim_router(socket, data, size);
  if (socket->kind == ZMQ_XPUB) return aim_xpub(socket, data, size);
  return aim_first(socket);
}

static void let_go(struct net_socket *socket) {
  bool told = socket->kind == ZMQ_ROUTER || socket->kind == ZMQ_XPUB;
  if (told && net_watch != NULL && socket->target_count > 0)
    net_watch(socket->owner, socket->kind, &socket->sending);
  for (size_t i = 0; i < socket->target_count; i++) {
    struct net_message copy;
    net_message_copy(&socket->sending, &copy);
    travel(socket->targets[i], socket->targets[i]->ends[1] == socket ? 0 : 1,
           copy);
  }
  net_message_free(&socket->sending);
  socket->target_count = 0;
}

int zmq_send(void *to, const void *data, size_t size, int flags) {
  struct net_socket *socket = to;
  bool first = socket->sending.count == 0;
  if (first && aim(socket, data, size) != 0) return -1;
  if (first && socket->kind == ZMQ_ROUTER) {
    /* The name is for routing alone; an empty mark holds its place. */
    net_message_add(&socket->sending, NULL, 0);
    return (int)size;
  }
  net_message_add(&socket->sending, data, size);
  if (!(flags & ZMQ_SNDMORE)) {
    if (socket->kind == ZMQ_ROUTER) {
      free(socket->sending.frames[0].data);
      socket->sending.count--;
      memmove(socket->sending.frames, socket->sending.frames + 1,
              socket->sending.count * sizeof *socket->sending.frames);
    }
    let_go(socket);
  }
  return (int)size;
}

/* ---- receiving ---- */

bool net_receive(struct net_socket *socket, struct net_message *out);
bool net_readable(void *context);

bool net_receive(struct net_socket *socket, struct net_message *out) {
  struct net_link *chosen = NULL;
  uint64_t seen = 0;
  for (struct net_link *link = links; link != NULL; link = link->next)
    for (int end = 0; end < 2; end++)
      if (link->ends[end] == socket && net_has(&link->to[end]) &&
          sim_random(++seen) == 0)
        chosen = link;
  if (chosen == NULL) return false;
  struct net_message message;
  (void)net_pop(&chosen->to[chosen->ends[1] == socket], &message);
  if (socket->kind != ZMQ_ROUTER) {
    *out = message;
    return true;
  }
  *out = (struct net_message){0};
  net_message_add(out, chosen->name, sizeof chosen->name);
  for (size_t i = 0; i < message.count; i++)
    net_message_add(out, message.frames[i].data, message.frames[i].size);
  net_message_free(&message);
  return true;
}

bool net_readable(void *context) {
  struct net_socket *socket = context;
  if (socket->read < socket->reading.count) return true;
  for (struct net_link *link = links; link != NULL; link = link->next)
    for (int end = 0; end < 2; end++)
      if (link->ends[end] == socket && net_has(&link->to[end])) return true;
  return false;
}

struct poll {
  zmq_pollitem_t *items;
  int count;
};

static bool look(void *context) {
  struct poll *poll = context;
  bool any = false;
  for (int i = 0; i < poll->count; i++) {
    zmq_pollitem_t *item = &poll->items[i];
    bool ready = item->events & ZMQ_POLLOUT ? true
                 : item->socket != NULL     ? net_readable(item->socket)
                                            : sim_fd_readable(item->fd);
    item->revents = ready ? item->events : 0;
    any = any || ready;
  }
  return any;
}

int zmq_poll(zmq_pollitem_t *items, int count, long wait_ms) {
  struct poll poll = {items, count};
  (void)sim_wait(look, &poll, wait_ms < 0 ? -1 : wait_ms * (int64_t)SIM_MS);
  int ready = 0;
  (void)look(&poll);
  for (int i = 0; i < count; i++)
    ready += items[i].revents != 0;
  return ready;
}
