/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_NET_H
#define SIM_NET_H

/*
 * libzmq, as far as src/bus and the clients of the world use it: sockets that
 * bind and connect by name, links between them, messages that travel.
 *
 * Between processes a message takes a while, in order; within one it is there
 * at once. A link has a bound; what the bound does is what libzmq documents
 * for each kind of socket. Nobody connects again by himself.
 */

#include "sim/sim.h"
#include <zmq.h>

struct net_frame {
  char *data;
  size_t size;
};

struct net_message {
  struct net_frame *frames;
  size_t count;
  int64_t due;
};

struct net_queue {
  struct net_message *items;
  size_t first, count, room;
  int bound; /* 0: none */
};

struct net_socket;

/* [0] connected, [1] bound. */
struct net_link {
  struct net_socket *ends[2]; /* NULL: closed */
  struct net_queue to[2];     /* what waits for each end */
  char name[5];               /* of end 0, as a ROUTER sees it */
  char **prefixes;            /* a SUB's */
  size_t prefix_count;
  struct net_link *next;
};

struct net_socket {
  int kind;
  struct sim_process *owner;
  char endpoint[64];
  bool bound, drops, mandatory;
  int send_bound, receive_bound;
  struct net_message sending, reading;
  size_t read; /* frames of `reading` that were taken */
  struct net_link *targets[16];
  size_t target_count;
  char **prefixes;
  size_t prefix_count;
  struct net_socket *next;
};

/* Called for each message that leaves a process through a ROUTER or an XPUB,
 * when it leaves. */
extern void (*net_watch)(struct sim_process *from, int kind,
                         const struct net_message *message);

/* A killed process: its links to others are gone, and what was on the way. */
void net_cut(struct sim_process *process);
/* Breaks the links of a socket of the world. */
void net_break(void *socket);
/* Whether a socket has anybody at its other end. */
bool net_is_linked(const void *socket);
/* Everything is closed: complains of sockets that are open, by process. */
void net_end(void);

/* zmq_message.c */
void net_message_add(struct net_message *message, const void *data,
                     size_t size);
void net_message_free(struct net_message *message);
void net_message_copy(const struct net_message *message,
                      struct net_message *out);
void net_push(struct net_queue *queue, struct net_message message);
bool net_pop(struct net_queue *queue, struct net_message *out);
bool net_has(const struct net_queue *queue);
bool net_full(const struct net_queue *queue);
void net_queue_free(struct net_queue *queue);

#endif
