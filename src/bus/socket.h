/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUS_SOCKET_H
#define BUS_SOCKET_H

/*
 * ZeroMQ sockets with the settings that evald needs. Waiting for several of
 * them: bus/wait.h.
 *
 * A context belongs to the process, a socket to one thread at a time. Every
 * socket: LINGER as given (0 unless said), TCP keepalive, IPv6 for
 * an address in brackets ("tcp://[::1]:5701"; a machine may have none). No
 * ZMTP heartbeats: a socket that may stop reading, which is what back-pressure
 * is, would cut its peers off with them (libzmq 4.3.4).
 */

#include "bus/frames.h"

struct bus_context;
struct bus_socket;

/* NULL where the context could not be made (too many files open). */
struct bus_context *bus_context_new(int io_threads);
/* Waits until every socket is closed. NULL does nothing. */
void bus_context_free(struct bus_context *context);

/* X(name): kinds of sockets in use. */
#define BUS_KIND_LIST(X) X(SUB) X(XPUB) X(PUSH) X(PULL) X(DEALER) X(ROUTER)

enum bus_kind {
#define X(name) BUS_##name,
  BUS_KIND_LIST(X)
#undef X
      BUS_KIND_COUNT
};

/* Zero means libzmq's default, for each. */
struct bus_options {
  int receive_bound;       /* messages that wait at most, each way; */
  int send_bound;          /* -1: without bound */
  int64_t frame_bytes_max; /* a longer frame costs the peer its connection */
  int linger_ms;           /* how long a close waits for what is unsent */
  int receive_buffer;      /* of the kernel, bytes */
  int send_buffer;
  bool connected_only;    /* PUSH: a message waits with the sender until a peer
                             is there, rather than in a queue to nobody */
  bool no_reconnect;      /* a broken connection stays broken: for a protocol
                             that must know */
  bool all_subscriptions; /* XPUB: tell of each (un)subscription, not only of
                             the first and last of a topic */
  bool must_route;        /* ROUTER: a message to a connection that is gone
                             answers EVALD_IO, to a full one EVALD_TIMEOUT,
                             instead of being lost in silence; and a peer that
                             comes again under its name is the same one */
};

/* Opens a socket; `options` may be NULL. The caller owns *out. */
enum evald_status bus_socket_open(struct bus_context *context,
                                  enum bus_kind kind,
                                  const struct bus_options *options,
                                  struct bus_socket **out,
                                  struct evald_fault *fault);
void bus_socket_close(struct bus_socket *socket);

/* `endpoint` as libzmq spells it ("tcp://127.0.0.1:5701", "ipc:///run/…").
 * EVALD_IO with the endpoint as the fault's place. */
enum evald_status bus_socket_bind(struct bus_socket *socket,
                                  const char *endpoint,
                                  struct evald_fault *fault);
enum evald_status bus_socket_connect(struct bus_socket *socket,
                                     const char *endpoint,
                                     struct evald_fault *fault);
/* The endpoint in force, where a bind left the port to the system
 * ("tcp://127.0.0.1:*"). */
const char *bus_socket_endpoint(const struct bus_socket *socket);

/* SUB: every topic that begins with the text; "" is all. */
enum evald_status bus_socket_subscribe(struct bus_socket *socket,
                                       const char *prefix);

/* XPUB: `drops` false: a send that a full reader cannot take answers
 * EVALD_TIMEOUT and nobody gets it; true (the default): that reader loses it,
 * the others get it. */
void bus_socket_set_drops(struct bus_socket *socket, bool drops);

/* How many messages may wait to be sent to each peer from now on. Connections
 * that stand get it too. */
void bus_socket_set_send_bound(struct bus_socket *socket, int bound);

/* Sending and receiving. With `wait_ms` 0 a call never blocks, with -1 it
 * blocks without limit. EVALD_TIMEOUT: not now. EVALD_DRAINING: the context is
 * ending. bus_send_frame takes the frame over only with EVALD_OK.
 * bus_receive fills an initialised frame, whose old bytes are given back. */
enum { BUS_MORE = 1, BUS_LAST = 0 };
enum evald_status bus_send(struct bus_socket *socket, const void *data,
                           size_t size, int more, int wait_ms);
enum evald_status bus_send_frame(struct bus_socket *socket,
                                 struct bus_frame *frame, int more,
                                 int wait_ms);
enum evald_status bus_receive(struct bus_socket *socket,
                              struct bus_frame *frame, int wait_ms);

#endif
