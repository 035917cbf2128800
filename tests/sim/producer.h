/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_PRODUCER_H
#define SIM_PRODUCER_H

/*
 * Producers and readers of the world. A producer follows docs/PROTOCOL.md, as
 * plainly as can be: hello, jobs within the window, again what is to be sent
 * again, a new connection where nothing is heard; until each of its jobs has
 * an ack or a nack. Each job that it sends must be answered once, in its stay.
 */

#include "sim/daemon.h"
#include "sim/jobs.h"

enum { PRODUCER_JOBS = 64, PRODUCER_SENDS = 1024 };

struct producer {
  unsigned number;
  struct daemon *daemons;
  unsigned daemon_count;
  struct job *jobs; /* all of the run */
  unsigned mine[PRODUCER_JOBS];
  unsigned count, settled;
  bool done[PRODUCER_JOBS], out[PRODUCER_JOBS]; /* out: sent in this stay */
  int64_t again[PRODUCER_JOBS];                 /* not before */
  unsigned times[PRODUCER_JOBS]; /* it wants to send it after an ack */

  /* The stay. */
  void *socket;
  uint64_t correlation; /* of the next job */
  uint64_t base;        /* of the first job of this stay */
  uint64_t window;
  int sent[PRODUCER_SENDS]; /* job of each send; -1: answered */
  unsigned sends, unanswered;
  int64_t heard;
  bool welcome;
  struct sim_task *task;
};

/* Whether the world is at peace: then silence is a failure. */
extern bool producer_peace;

void producer_start(struct producer *producer);
void producer_free(struct producer *producer);
bool producer_is_done(const struct producer *producer);

/* Sends jobs through the PULL door, to whom it may; and a reader of
 * everything. The reader goes on until it is `settled`. */
void producer_push(struct producer *producer);
void reader_start(struct producer *producer);

#endif
