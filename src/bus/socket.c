/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/socket.h"
#include "base/fault.h"
#include "bus/raw.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct bus_context *bus_context_new(int io_threads) {
  struct bus_context *context = calloc(1, sizeof *context);
  if (context == NULL) return NULL;
  context->zmq = zmq_ctx_new();
  if (context->zmq == NULL) {
    free(context);
    return NULL;
  }
  zmq_ctx_set(context->zmq, ZMQ_IO_THREADS, io_threads);
  zmq_ctx_set(context->zmq, ZMQ_BLOCKY, 0);
  return context;
}

void bus_context_free(struct bus_context *context) {
  if (context == NULL) return;
  while (zmq_ctx_term(context->zmq) != 0 && errno == EINTR)
    continue;
  free(context);
}

static int kind_number(enum bus_kind kind) {
  static const int numbers[] = {
#define X(name) ZMQ_##name,
      BUS_KIND_LIST(X)
#undef X
  };
  return numbers[kind];
}

static void set_int(struct bus_socket *socket, int option, int value) {
  zmq_setsockopt(socket->zmq, option, &value, sizeof value);
}

/* Keepalive finds a peer whose machine is gone within about two minutes. */
static void set_always(struct bus_socket *socket) {
  set_int(socket, ZMQ_TCP_KEEPALIVE, 1);
  set_int(socket, ZMQ_TCP_KEEPALIVE_IDLE, 60);
  set_int(socket, ZMQ_TCP_KEEPALIVE_INTVL, 15);
  set_int(socket, ZMQ_TCP_KEEPALIVE_CNT, 4);
}

/* -1 asks for no bound, which libzmq spells 0. */
static void set_bound(struct bus_socket *socket, int option, int bound) {
  if (bound != 0) set_int(socket, option, bound < 0 ? 0 : bound);
}

static void set_given(struct bus_socket *socket,
                      const struct bus_options *options) {
  set_int(socket, ZMQ_LINGER, options->linger_ms);
  set_bound(socket, ZMQ_RCVHWM, options->receive_bound);
  set_bound(socket, ZMQ_SNDHWM, options->send_bound);
  if (options->receive_buffer > 0)
    set_int(socket, ZMQ_RCVBUF, options->receive_buffer);
  if (options->send_buffer > 0)
    set_int(socket, ZMQ_SNDBUF, options->send_buffer);
  if (options->connected_only) set_int(socket, ZMQ_IMMEDIATE, 1);
  if (options->no_reconnect) set_int(socket, ZMQ_RECONNECT_IVL, -1);
  if (options->must_route) {
    set_int(socket, ZMQ_ROUTER_MANDATORY, 1);
    set_int(socket, ZMQ_ROUTER_HANDOVER, 1);
  }
  if (options->all_subscriptions) set_int(socket, ZMQ_XPUB_VERBOSER, 1);
  int64_t bytes = options->frame_bytes_max;
  if (bytes > 0)
    zmq_setsockopt(socket->zmq, ZMQ_MAXMSGSIZE, &bytes, sizeof bytes);
}

/* libzmq has errors of its own beside the system's. */
static const char *reason(void) {
  bool descriptors = errno == EMFILE || errno == ENFILE;
  return descriptors ? fault_reason(errno) : zmq_strerror(errno);
}

enum evald_status bus_socket_open(struct bus_context *context,
                                  enum bus_kind kind,
                                  const struct bus_options *options,
                                  struct bus_socket **out,
                                  struct evald_fault *fault) {
  static const struct bus_options defaults = {0};
  struct bus_socket *socket = calloc(1, sizeof *socket);
  if (socket == NULL)
    return evald_fault_set(fault, EVALD_MEMORY, "socket", "no memory");
  socket->zmq = zmq_socket(context->zmq, kind_number(kind));
  if (socket->zmq == NULL) {
    free(socket);
    return evald_fault_set(fault, EVALD_IO, "socket", "%s", reason());
  }
  set_always(socket);
  set_given(socket, options != NULL ? options : &defaults);
  *out = socket;
  return EVALD_OK;
}

void bus_socket_close(struct bus_socket *socket) {
  if (socket == NULL) return;
  zmq_close(socket->zmq);
  free(socket);
}

static enum evald_status attach(struct bus_socket *socket, const char *endpoint,
                                int (*how)(void *, const char *),
                                struct evald_fault *fault) {
  if (strchr(endpoint, '[') != NULL) set_int(socket, ZMQ_IPV6, 1);
  if (how(socket->zmq, endpoint) != 0)
    return evald_fault_set(fault, EVALD_IO, endpoint, "%s", reason());
  size_t size = sizeof socket->endpoint;
  if (zmq_getsockopt(socket->zmq, ZMQ_LAST_ENDPOINT, socket->endpoint, &size))
    fault_print(socket->endpoint, sizeof socket->endpoint, "%s", endpoint);
  return EVALD_OK;
}

/* Whether somebody answers at the address. */
static bool answers(const struct sockaddr_un *address) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  bool yes =
      connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
      errno == EAGAIN;
  close(fd);
  return yes;
}

/* libzmq removes whatever has the name of an ipc door before it binds. That
 * must be nothing but the socket that one who was killed left behind. */
static int error_of_path(const char *endpoint) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct stat found;
  const char *path = endpoint + 6;
  if (strncmp(endpoint, "ipc://", 6) != 0 || *path == '@' || *path == '*' ||
      lstat(path, &found) != 0)
    return 0;
  if (!S_ISSOCK(found.st_mode)) return EEXIST;
  if (fault_print(address.sun_path, sizeof address.sun_path, "%s", path) !=
      strlen(path))
    return ENAMETOOLONG;
  return answers(&address) ? EADDRINUSE : 0;
}

enum evald_status bus_socket_bind(struct bus_socket *socket,
                                  const char *endpoint,
                                  struct evald_fault *fault) {
  int error = error_of_path(endpoint);
  if (error != 0)
    return evald_fault_set(fault, EVALD_IO, endpoint, "%s", strerror(error));
  return attach(socket, endpoint, zmq_bind, fault);
}

enum evald_status bus_socket_connect(struct bus_socket *socket,
                                     const char *endpoint,
                                     struct evald_fault *fault) {
  return attach(socket, endpoint, zmq_connect, fault);
}

const char *bus_socket_endpoint(const struct bus_socket *socket) {
  return socket->endpoint;
}

enum evald_status bus_socket_subscribe(struct bus_socket *socket,
                                       const char *prefix) {
  size_t size = strlen(prefix);
  return zmq_setsockopt(socket->zmq, ZMQ_SUBSCRIBE, prefix, size) == 0
             ? EVALD_OK
             : EVALD_IO;
}

void bus_socket_set_drops(struct bus_socket *socket, bool drops) {
  set_int(socket, ZMQ_XPUB_NODROP, drops ? 0 : 1);
}

void bus_socket_set_send_bound(struct bus_socket *socket, int bound) {
  set_int(socket, ZMQ_SNDHWM, bound);
}

static enum evald_status status_of_errno(void) {
  if (errno == EAGAIN || errno == EINTR) return EVALD_TIMEOUT;
  if (errno == ETERM) return EVALD_DRAINING;
  if (errno == ENOMEM) return EVALD_MEMORY;
  return EVALD_IO;
}

/* A limited wait goes through zmq_poll: a time limit as a socket option would
 * be a system call's worth of work for each message. */
static enum evald_status await(struct bus_socket *socket, short events,
                               int wait_ms) {
  zmq_pollitem_t item = {.socket = socket->zmq, .events = events};
  int ready = zmq_poll(&item, 1, wait_ms);
  if (ready > 0) return EVALD_OK;
  return ready == 0 ? EVALD_TIMEOUT : status_of_errno();
}

static int flags_of(int more, int wait_ms) {
  return (more ? ZMQ_SNDMORE : 0) | (wait_ms < 0 ? 0 : ZMQ_DONTWAIT);
}

enum evald_status bus_send(struct bus_socket *socket, const void *data,
                           size_t size, int more, int wait_ms) {
  int flags = flags_of(more, wait_ms);
  if (zmq_send(socket->zmq, data, size, flags) >= 0) return EVALD_OK;
  enum evald_status status = status_of_errno();
  if (status != EVALD_TIMEOUT || wait_ms <= 0) return status;
  status = await(socket, ZMQ_POLLOUT, wait_ms);
  if (status != EVALD_OK) return status;
  return zmq_send(socket->zmq, data, size, flags) >= 0 ? EVALD_OK
                                                       : status_of_errno();
}

enum evald_status bus_send_frame(struct bus_socket *socket,
                                 struct bus_frame *frame, int more,
                                 int wait_ms) {
  int flags = flags_of(more, wait_ms);
  if (zmq_msg_send(raw_frame(frame), socket->zmq, flags) >= 0) return EVALD_OK;
  enum evald_status status = status_of_errno();
  if (status != EVALD_TIMEOUT || wait_ms <= 0) return status;
  status = await(socket, ZMQ_POLLOUT, wait_ms);
  if (status != EVALD_OK) return status;
  return zmq_msg_send(raw_frame(frame), socket->zmq, flags) >= 0
             ? EVALD_OK
             : status_of_errno();
}

enum evald_status bus_receive(struct bus_socket *socket,
                              struct bus_frame *frame, int wait_ms) {
  int flags = wait_ms < 0 ? 0 : ZMQ_DONTWAIT;
  if (zmq_msg_recv(raw_frame(frame), socket->zmq, flags) >= 0) return EVALD_OK;
  enum evald_status status = status_of_errno();
  if (status != EVALD_TIMEOUT || wait_ms <= 0) return status;
  status = await(socket, ZMQ_POLLIN, wait_ms);
  if (status != EVALD_OK) return status;
  return zmq_msg_recv(raw_frame(frame), socket->zmq, flags) >= 0
             ? EVALD_OK
             : status_of_errno();
}
