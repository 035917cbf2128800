/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_PRODUCERS_H
#define DAEMON_PRODUCERS_H

/*
 * Who sends through the acknowledged door, and how much each may have
 * unanswered.
 *
 * Invariants
 *  1. A producer's unanswered jobs never exceed its window: what the daemon
 *     holds for it, as jobs or as answers that it does not read, is bounded.
 *  2. Credit is taken by a job that is let in and given back when its answer
 *     was handed to the connection, or when the producer is forgotten.
 *  3. A number with its generation names one stay of one connection: an answer
 *     to somebody who is gone reaches nobody.
 */

#include "bus/frames.h"
#include "daemon/index.h"

enum { PRODUCER_ID = 255, PRODUCER_NAME = 80 };

/* Answers that a full connection has not taken yet. */
struct letter {
  struct bus_frame body;
  uint32_t answers; /* credit that it gives back */
};

struct letters {
  struct letter *items;
  uint32_t first, count, room;
  size_t bytes;
  int64_t since_ms; /* when the oldest found no room */
};

struct producer {
  uint8_t id[PRODUCER_ID]; /* as the ROUTER names the connection */
  uint8_t id_size;
  bool used;
  bool cut;   /* heard no more until it says hello */
  bool named; /* its fault was logged, in this stretch of it */
  uint32_t number, generation, hash;
  uint32_t window, unanswered;
  int64_t heard_ms;
  char name[PRODUCER_NAME]; /* for people */
  struct letters letters;
};

struct producers {
  struct producer *items;
  uint32_t room, count, window;
  struct index index;
};

/* For at most `room` producers, each with that window. EVALD_MEMORY. */
enum evald_status producers_init(struct producers *producers, uint32_t room,
                                 uint32_t window);
void producers_fini(struct producers *producers);

/* The producer of a connection, made if new. NULL: all places are taken by
 * producers that were heard lately or wait for answers. */
struct producer *producers_meet(struct producers *producers,
                                struct evald_text id, int64_t now_ms);

/* NULL: that one is gone. */
struct producer *producers_at(struct producers *producers, uint32_t number,
                              uint32_t generation);

/* Frees its place and its letters. */
void producers_forget(struct producers *producers, struct producer *producer);

/* Forgets those that were silent for so long and wait for nothing. */
void producers_sweep(struct producers *producers, int64_t before_ms);

/* A name for the log, in place of the connection's own. */
void producer_name(struct producer *producer, struct evald_text name);

/* Sets the window as asked for, but never above that of the configuration;
 * 0 asks for nothing. */
void producer_ask(const struct producers *producers, struct producer *producer,
                  uint64_t window);

/* Takes credit for a job; false: it has none. */
bool producer_take(struct producer *producer);
void producer_give(struct producer *producer, uint32_t answers);

/* Ends this stay: letters and credit are dropped, answers to it reach nobody,
 * and what it says is not heard until it says hello. */
void producer_cut(struct producer *producer);

/* Keeps a letter, whose body is taken over. EVALD_MEMORY. */
enum evald_status producer_keep(struct producer *producer,
                                struct bus_frame *body, uint32_t answers,
                                int64_t now_ms);
/* The oldest letter, NULL: none; and away with it. */
struct letter *producer_letter(struct producer *producer);
void producer_drop_letter(struct producer *producer);

#endif
