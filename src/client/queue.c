/* SPDX-License-Identifier: Apache-2.0 */
#include "client/queue.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void queue_init(struct queue *queue) {
  *queue = (struct queue){.first = 1};
}

void queue_fini(struct queue *queue) {
  for (size_t i = queue->begin; i < queue->end; i++)
    free(queue->jobs[i].frame);
  free(queue->jobs);
  queue_init(queue);
}

uint64_t queue_next(const struct queue *queue) {
  return queue->first + (queue->end - queue->begin);
}

/* Room for one more: moves what is there to the front where half is free,
 * else grows. */
static bool make_room(struct queue *queue) {
  size_t held = queue->end - queue->begin;
  if (queue->end < queue->room) return true;
  if (held > queue->room / 2 || queue->room == 0) {
    size_t room = queue->room ? queue->room * 2 : 256;
    struct queue_job *jobs = realloc(queue->jobs, room * sizeof *jobs);
    if (!jobs) return false;
    queue->jobs = jobs;
    queue->room = room;
  }
  if (held > 0)
    memmove(queue->jobs, queue->jobs + queue->begin,
            held * sizeof *queue->jobs);
  queue->begin = 0;
  queue->end = held;
  return true;
}

static bool append(struct queue *queue, struct queue_job job) {
  if (!make_room(queue)) return false;
  queue->jobs[queue->end++] = job;
  return true;
}

enum evald_status queue_add(struct queue *queue, uint64_t number, bool later,
                            const void *frame, size_t size) {
  assert(number >= queue_next(queue));
  if (queue->begin == queue->end) queue->first = number;
  if (number - queue->first >= QUEUE_SPAN_MAX) return EVALD_LIMIT;
  while (queue_next(queue) < number)
    if (!append(queue, (struct queue_job){.state = QUEUE_ANSWERED}))
      return EVALD_MEMORY;
  uint8_t *copy = malloc(size ? size : 1);
  if (copy && size > 0) memcpy(copy, frame, size);
  if (!copy || !append(queue, (struct queue_job){.frame = copy,
                                                 .size = (uint32_t)size,
                                                 .later = later})) {
    free(copy);
    return EVALD_MEMORY;
  }
  queue->unanswered++;
  queue->bytes += size;
  return EVALD_OK;
}

void queue_drop_last(struct queue *queue) {
  struct queue_job *job = &queue->jobs[--queue->end];
  queue->unanswered--;
  queue->bytes -= job->size;
  free(job->frame);
}

static struct queue_job *at(struct queue *queue, uint64_t number) {
  if (number < queue->first || number >= queue_next(queue)) return NULL;
  return &queue->jobs[queue->begin + (size_t)(number - queue->first)];
}

struct queue_job *queue_find(struct queue *queue, uint64_t number) {
  struct queue_job *job = at(queue, number);
  return job && job->state != QUEUE_ANSWERED ? job : NULL;
}

static void close_holes(struct queue *queue) {
  while (queue->begin < queue->end &&
         queue->jobs[queue->begin].state == QUEUE_ANSWERED) {
    queue->begin++;
    queue->first++;
    if (queue->cursor > 0) queue->cursor--;
  }
}

void queue_answered(struct queue *queue, uint64_t number) {
  struct queue_job *job = queue_find(queue, number);
  assert(job);
  queue->sent -= job->state == QUEUE_SENT;
  queue->unanswered--;
  queue->bytes -= job->size;
  free(job->frame);
  *job = (struct queue_job){.state = QUEUE_ANSWERED};
  close_holes(queue);
}

/* Where the first job waits, due or not. */
static size_t first_waiting(struct queue *queue) {
  size_t held = queue->end - queue->begin;
  while (queue->cursor < held &&
         queue->jobs[queue->begin + queue->cursor].state != QUEUE_WAITING)
    queue->cursor++;
  return queue->cursor;
}

uint64_t queue_due(struct queue *queue, uint64_t after, int64_t now_ms) {
  size_t i = first_waiting(queue);
  if (after >= queue->first + i) i = (size_t)(after + 1 - queue->first);
  for (; queue->begin + i < queue->end; i++) {
    const struct queue_job *job = &queue->jobs[queue->begin + i];
    if (job->state == QUEUE_WAITING && job->due_ms <= now_ms)
      return queue->first + i;
  }
  return 0;
}

void queue_sent(struct queue *queue, uint64_t number) {
  struct queue_job *job = queue_find(queue, number);
  assert(job && job->state == QUEUE_WAITING);
  job->state = QUEUE_SENT;
  queue->sent++;
}

void queue_retry(struct queue *queue, uint64_t number, int64_t due_ms) {
  struct queue_job *job = queue_find(queue, number);
  assert(job);
  size_t offset = (size_t)(number - queue->first);
  queue->sent -= job->state == QUEUE_SENT;
  job->state = QUEUE_WAITING;
  job->due_ms = due_ms;
  if (offset < queue->cursor) queue->cursor = offset;
}

void queue_resend(struct queue *queue) {
  for (size_t i = queue->begin; i < queue->end; i++)
    if (queue->jobs[i].state != QUEUE_ANSWERED) {
      queue->jobs[i].state = QUEUE_WAITING;
      queue->jobs[i].due_ms = 0;
    }
  queue->sent = 0;
  queue->cursor = 0;
}
