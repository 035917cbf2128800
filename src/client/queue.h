/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_QUEUE_H
#define CLIENT_QUEUE_H

/*
 * The jobs of a producer that have no answer, in the order of their numbers.
 * Numbers are dense: that of the job at position i is first + i, so finding one
 * is a subtraction. Answered jobs leave holes that close when they reach the
 * front.
 *
 * Positions and pointers hold until the next queue_add or queue_answered.
 */

#include "evald/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum queue_state {
  QUEUE_WAITING, /* to be sent, not before due_ms */
  QUEUE_SENT,
  QUEUE_ANSWERED
};

struct queue_job {
  uint8_t *frame; /* NULL once answered */
  uint32_t size;
  uint8_t state; /* enum queue_state */
  bool later;    /* may wait until live jobs are served */
  int64_t due_ms;
};

struct queue {
  struct queue_job *jobs;
  size_t begin, end, room; /* jobs[begin..end) */
  uint64_t first;          /* number of jobs[begin] */
  size_t unanswered, sent;
  uint64_t bytes;
  size_t cursor; /* offset from begin: nothing before it is waiting */
};

void queue_init(struct queue *queue);
void queue_fini(struct queue *queue);

/* From the oldest job without an answer to the newest: what one job that is
 * told to retry for ever may hold up. */
enum { QUEUE_SPAN_MAX = 1 << 20 };

/* Appends a copy of the frame under `number`, which must be larger than any
 * before; numbers left out become holes. EVALD_MEMORY; EVALD_LIMIT where the
 * span would be too long. */
enum evald_status queue_add(struct queue *queue, uint64_t number, bool later,
                            const void *frame, size_t size);

/* Takes the one that was added last out again. */
void queue_drop_last(struct queue *queue);

/* The number that follows the last one. */
uint64_t queue_next(const struct queue *queue);

/* NULL where the job has an answer, or was never there. */
struct queue_job *queue_find(struct queue *queue, uint64_t number);

/* Frees the job of that number, which must be there. */
void queue_answered(struct queue *queue, uint64_t number);

/* The number of the first job after `after` that is waiting and due; 0: none.
 */
uint64_t queue_due(struct queue *queue, uint64_t after, int64_t now_ms);

/* One was sent; one is to be sent again at due_ms; all that were sent are to
 * be sent again now. */
void queue_sent(struct queue *queue, uint64_t number);
void queue_retry(struct queue *queue, uint64_t number, int64_t due_ms);
void queue_resend(struct queue *queue);

#endif
