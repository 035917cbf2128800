/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection is one DEALER socket that libzmq may not mend by itself: were it
 * to reconnect in silence, the jobs in flight would be gone and nobody would
 * know. So: connect, hello, wait for the welcome, then everything without an
 * answer; and when nothing was heard for a while, close and begin again.
 */
#include "base/fault.h"
#include "base/i18n.h"
#include "bus/wait.h"
#include "client/answer.h"
#include "client/clock.h"
#include "client/outbox.h"
#include <stdlib.h>
#include <string.h>

enum {
  TEXT = 256,
  TICK_MS = 1000,       /* of silence, then a ping */
  SILENCE_MAX = 60000,  /* see patience() */
  RETRY_MS = 10,        /* how exactly a retry keeps its time */
  MESSAGE_FRAMES = 256, /* jobs in a message */
  WINDOW = 1024,
  BYTES_MAX = 256 << 20,
  FRAME_MAX = 32 << 20 /* where the daemon has not said */
};

struct evald_producer {
  char endpoint[TEXT], source[TEXT];
  uint32_t window_wanted, window; /* the second as granted */
  uint64_t bytes_max, frame_max;
  int silence_ms, patience_ms; /* configured; and in force */
  evald_answer_tell tell;
  evald_loss_tell lost;
  void *context;

  struct queue queue;
  struct outbox *outbox; /* NULL: none */
  struct bus_context *bus;
  struct bus_socket *socket; /* NULL: to be opened */
  struct bus_frame frame;
  struct wire_buffer buffer;
  int64_t heard_ms, pinged_ms;
  int64_t asked_ms; /* for a word; 0: it came */
  struct evald_producer_state state;
  bool unwelcome; /* said since the last step */
};

static const char *or_else(const char *text, const char *fallback) {
  return text ? text : fallback;
}

static void configure(struct evald_producer *producer,
                      const struct evald_producer_options *options) {
  fault_print(producer->endpoint, TEXT, "%s",
              or_else(options->endpoint, "tcp://127.0.0.1:5702"));
  fault_print(producer->source, TEXT, "%s", or_else(options->source, "client"));
  producer->window_wanted = options->window ? options->window : WINDOW;
  producer->bytes_max = options->bytes_max ? options->bytes_max : BYTES_MAX;
  producer->frame_max = FRAME_MAX;
  producer->silence_ms = options->silence_ms ? options->silence_ms : 5000;
  producer->patience_ms = producer->silence_ms;
  producer->tell = options->tell;
  producer->lost = options->lost;
  producer->context = options->context;
  queue_init(&producer->queue);
  bus_frame_init(&producer->frame);
}

enum evald_status evald_producer_open(
    const struct evald_producer_options *options, struct evald_producer **out,
    struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  struct evald_producer *producer = calloc(1, sizeof *producer);
  if (!producer) return EVALD_MEMORY;
  configure(producer, options);
  producer->bus = bus_context_new(1);
  if (!producer->bus)
    status = evald_fault_set(fault, EVALD_MEMORY, NULL, "no ZeroMQ context");
  if (status == EVALD_OK && options->outbox)
    status = outbox_open(options->outbox, &producer->queue, &producer->outbox,
                         &producer->state.torn_bytes, fault);
  if (status != EVALD_OK) {
    evald_producer_close(producer);
    return status;
  }
  producer->state.taken_over = producer->queue.unanswered;
  *out = producer;
  return EVALD_OK;
}

static void hang_up(struct evald_producer *producer) {
  bus_socket_close(producer->socket);
  producer->socket = NULL;
  producer->state.connected = false;
  queue_resend(&producer->queue);
}

void evald_producer_close(struct evald_producer *producer) {
  if (!producer) return;
  hang_up(producer);
  bus_frame_fini(&producer->frame);
  bus_context_free(producer->bus);
  outbox_close(producer->outbox, &producer->queue);
  queue_fini(&producer->queue);
  wire_buffer_fini(&producer->buffer);
  free(producer);
}

static enum evald_status take(struct evald_producer *producer, bool later,
                              struct wire_bytes job, uint64_t *number,
                              struct evald_fault *fault) {
  struct queue *queue = &producer->queue;
  if (job.size > FRAME_MAX || job.size > producer->bytes_max - queue->bytes)
    return evald_fault_set(fault, EVALD_LIMIT, NULL,
                           _("%zu jobs wait for their answers"),
                           queue->unanswered);
  uint64_t next = queue_next(queue);
  enum evald_status status = queue_add(queue, next, later, job.data, job.size);
  if (status != EVALD_OK) return status;
  if (producer->outbox)
    status =
        outbox_put(producer->outbox, next, later, job.data, job.size, fault);
  if (status != EVALD_OK)
    queue_drop_last(queue);
  else if (number)
    *number = next;
  return status;
}

enum evald_status evald_producer_submit(struct evald_producer *producer,
                                        const void *frame, size_t size,
                                        uint64_t *number,
                                        struct evald_fault *fault) {
  return take(producer, false, (struct wire_bytes){frame, size}, number, fault);
}

enum evald_status evald_producer_submit_later(struct evald_producer *producer,
                                              const void *frame, size_t size,
                                              uint64_t *number,
                                              struct evald_fault *fault) {
  return take(producer, true, (struct wire_bytes){frame, size}, number, fault);
}

enum evald_status evald_producer_sync(struct evald_producer *producer,
                                      struct evald_fault *fault) {
  return producer->outbox ? outbox_sync(producer->outbox, fault) : EVALD_OK;
}

/* The connection. */

static enum evald_status dial(struct evald_producer *producer,
                              struct evald_fault *fault) {
  const struct bus_options options = {
      .receive_bound = -1, .send_bound = -1, .no_reconnect = true};
  enum evald_status status = bus_socket_open(
      producer->bus, BUS_DEALER, &options, &producer->socket, fault);
  if (status == EVALD_OK)
    status = bus_socket_connect(producer->socket, producer->endpoint, fault);
  if (status != EVALD_OK) {
    hang_up(producer);
    return status;
  }
  producer->asked_ms = producer->pinged_ms = clock_now();
  wire_buffer_reset(&producer->buffer);
  hello_write(&producer->buffer, producer->source, producer->window_wanted);
  (void)bus_send(producer->socket, "hello", 5, BUS_MORE, 0);
  (void)bus_send(producer->socket, producer->buffer.data, producer->buffer.size,
                 BUS_LAST, 0);
  return EVALD_OK;
}

/* How long we wait for a word after asking for one: an unwelcomed connection
 * for a second, since nothing is on its way; one that was welcomed longer each
 * time, since a daemon that is only slow should not get everything again as
 * fast as it can take it. */
static int64_t patience(const struct evald_producer *producer) {
  bool short_one =
      !producer->state.connected && producer->patience_ms > TICK_MS;
  return short_one ? TICK_MS : producer->patience_ms;
}

static int64_t tick(const struct evald_producer *producer) {
  int third = producer->silence_ms / 3;
  return third < TICK_MS ? third : TICK_MS;
}

/* Silence counts from when we asked, not from when we last heard: a caller may
 * not have polled for an hour. A ping that finds no connection tells that it
 * broke. */
static void keep(struct evald_producer *producer, int64_t now) {
  if (!producer->socket) return;
  if (producer->asked_ms && now - producer->asked_ms >= patience(producer)) {
    if (producer->state.connected && producer->patience_ms < SILENCE_MAX)
      producer->patience_ms *= 2;
    hang_up(producer);
    return;
  }
  int64_t last = producer->asked_ms ? producer->pinged_ms : producer->heard_ms;
  if (!producer->state.connected || now - last < tick(producer)) return;
  producer->pinged_ms = now;
  if (!producer->asked_ms) producer->asked_ms = now;
  if (bus_send(producer->socket, "ping", 4, BUS_LAST, 0) != EVALD_OK)
    hang_up(producer);
}

/* Sending. */

static void tell(struct evald_producer *producer, uint64_t number,
                 struct evald_answer *answer) {
  answer->number = number;
  if (answer->kind == EVALD_ANSWER_ACK)
    producer->state.acked++;
  else
    producer->state.nacked++;
  if (producer->tell) producer->tell(producer->context, answer);
  if (producer->outbox) outbox_answered(producer->outbox, number);
  queue_answered(&producer->queue, number);
}

/* A frame that the daemon would cut the connection for, with every resend
 * again, is answered here as the daemon would. */
static void refuse(struct evald_producer *producer, uint64_t number) {
  const struct evald_problem problem = {.code = EVALD_TEXT("oversized"),
                                        .key = EVALD_TEXT(""),
                                        .text =
                                            EVALD_TEXT("消息超过允许的大小")};
  struct evald_answer answer = {.kind = EVALD_ANSWER_NACK,
                                .outcome = EVALD_TEXT("rejected"),
                                .problems = &problem,
                                .problem_count = 1};
  tell(producer, number, &answer);
}

/* The run of jobs from `first` that fits one message: dense numbers, one kind,
 * within the window. */
static size_t run_of(struct evald_producer *producer, uint64_t first,
                     int64_t now) {
  size_t most = producer->window - producer->queue.sent, count = 0;
  const struct queue_job *head = queue_find(&producer->queue, first);
  if (most > MESSAGE_FRAMES) most = MESSAGE_FRAMES;
  for (; count < most; count++) {
    const struct queue_job *job = queue_find(&producer->queue, first + count);
    if (!job || job->state != QUEUE_WAITING || job->due_ms > now ||
        job->later != head->later || job->size > producer->frame_max)
      break;
  }
  return count;
}

static enum evald_status send_run(struct evald_producer *producer,
                                  uint64_t first, size_t count) {
  uint8_t number[8];
  const struct queue_job *job = queue_find(&producer->queue, first);
  const char *word = job->later ? "recalc-jobs" : "jobs";
  for (int i = 0; i < 8; i++)
    number[i] = (uint8_t)(first >> (8 * (7 - i)));
  enum evald_status status =
      bus_send(producer->socket, word, strlen(word), BUS_MORE, 0);
  if (status == EVALD_OK)
    status = bus_send(producer->socket, number, sizeof number, BUS_MORE, 0);
  for (size_t i = 0; i < count && status == EVALD_OK; i++) {
    job = queue_find(&producer->queue, first + i);
    status = bus_send(producer->socket, job->frame, job->size,
                      i + 1 < count ? BUS_MORE : BUS_LAST, 0);
    if (status == EVALD_OK) queue_sent(&producer->queue, first + i);
  }
  return status;
}

/* Nothing leaves before it is on disk. */
static enum evald_status send_due(struct evald_producer *producer, int64_t now,
                                  struct evald_fault *fault) {
  uint64_t number = 0;
  struct queue *queue = &producer->queue;
  if (!producer->state.connected || queue->sent == queue->unanswered)
    return EVALD_OK;
  enum evald_status status = evald_producer_sync(producer, fault);
  while (status == EVALD_OK && queue->sent < producer->window &&
         (number = queue_due(queue, number, now)) > 0) {
    if (queue_find(queue, number)->size > producer->frame_max) {
      refuse(producer, number);
      continue;
    }
    size_t count = run_of(producer, number, now);
    if (send_run(producer, number, count) != EVALD_OK) {
      hang_up(producer);
      return EVALD_OK;
    }
    number += count - 1;
  }
  return status;
}

/* Hearing. */

static void welcomed(struct evald_producer *producer, struct wire_bytes body) {
  struct welcome welcome;
  if (welcome_read(body, &welcome) != EVALD_OK) return;
  if (!producer->state.connected) producer->state.connections++;
  producer->state.connected = true;
  producer->window = producer->window_wanted;
  if (welcome.window > 0 && welcome.window < producer->window)
    producer->window = (uint32_t)welcome.window;
  producer->frame_max =
      welcome.max_message_bytes ? welcome.max_message_bytes : FRAME_MAX;
  fault_copy(producer->state.durability, sizeof producer->state.durability,
             welcome.durability);
  if (producer->lost)
    (void)welcome_losses(body, producer->lost, producer->context);
}

static void unwelcome(struct evald_producer *producer, struct wire_bytes body) {
  (void)body;
  producer->unwelcome = true;
}

/* Another try would be answered the same. */
static enum evald_status end_unwelcome(struct evald_producer *producer,
                                       struct evald_fault *fault) {
  producer->unwelcome = false;
  hang_up(producer);
  return evald_fault_set(fault, EVALD_UNSUPPORTED, producer->endpoint,
                         "the daemon does not speak version 1 of the "
                         "protocol, which is this client's");
}

static void lost(struct evald_producer *producer, struct wire_bytes body) {
  struct evald_loss loss;
  if (producer->lost && loss_read(body, &loss) == EVALD_OK)
    producer->lost(producer->context, &loss);
}

static void retry(struct evald_producer *producer,
                  const struct answer *answer) {
  uint64_t after =
      answer->after_ms < SILENCE_MAX ? answer->after_ms : (uint64_t)SILENCE_MAX;
  producer->state.retried++;
  fault_copy(producer->state.retry_reason, sizeof producer->state.retry_reason,
             answer->reason);
  queue_retry(&producer->queue, answer->correlation,
              clock_now() + (int64_t)after);
}

/* An answer to what is not in flight is one to an earlier sending. */
static void answered(struct evald_producer *producer, struct wire_bytes body) {
  struct wire_cursor cursor = wire_cursor_of(body);
  struct answer answer;
  for (size_t left = answer_count(&cursor); left > 0; left--) {
    answer_next(&cursor, &answer);
    if (cursor.failed) return;
    const struct queue_job *job =
        queue_find(&producer->queue, answer.correlation);
    if (!job || job->state != QUEUE_SENT) continue;
    if (answer.type == ANSWER_RETRY)
      retry(producer, &answer);
    else
      tell(producer, answer.correlation, &answer.told);
    producer->patience_ms = producer->silence_ms;
  }
}

static bool frame_is(struct bus_frame *frame, const char *word) {
  return evald_text_equal(
      (struct evald_text){bus_frame_data(frame), bus_frame_size(frame)},
      evald_text_of(word));
}

/* One message, its body in producer->frame where it has one. */
static enum evald_status hear(struct evald_producer *producer) {
  typedef void hearing(struct evald_producer *, struct wire_bytes);
  struct bus_frame *frame = &producer->frame;
  hearing *react = NULL;
  enum evald_status status = bus_receive(producer->socket, frame, 0);
  if (status != EVALD_OK) return status;
  producer->heard_ms = clock_now();
  producer->asked_ms = 0;
  if (frame_is(frame, "answers")) react = answered;
  if (frame_is(frame, "welcome")) react = welcomed;
  if (frame_is(frame, "resend")) react = lost;
  if (frame_is(frame, "unwelcome")) react = unwelcome;
  if (frame_is(frame, "ping"))
    (void)bus_send(producer->socket, "pong", 4, BUS_LAST, 0);
  while (bus_frame_more(frame)) {
    status = bus_receive(producer->socket, frame, -1);
    if (status != EVALD_OK) return status;
    if (react)
      react(producer,
            (struct wire_bytes){bus_frame_data(frame), bus_frame_size(frame)});
    react = NULL;
  }
  return EVALD_OK;
}

static enum evald_status hear_all(struct evald_producer *producer, int wait_ms,
                                  struct evald_fault *fault) {
  struct bus_wait wait = {.socket = producer->socket};
  enum evald_status status = bus_wait(&wait, 1, wait_ms);
  for (size_t i = 0; status == EVALD_OK && i < 64; i++) {
    enum evald_status one = hear(producer);
    if (one == EVALD_TIMEOUT) break;
    status = one;
  }
  if (producer->unwelcome) return end_unwelcome(producer, fault);
  if (!producer->outbox || status == EVALD_TIMEOUT) return status;
  enum evald_status written = outbox_write(producer->outbox, fault);
  if (written == EVALD_OK)
    written = outbox_tidy(producer->outbox, &producer->queue, fault);
  return written == EVALD_OK ? status : written;
}

/* Until the next thing that is due by itself. */
static int nap(const struct evald_producer *producer, int64_t now,
               int64_t end) {
  const struct queue *queue = &producer->queue;
  bool retries = producer->state.connected && queue->sent < queue->unanswered &&
                 queue->sent < producer->window;
  int64_t until = now + (retries ? RETRY_MS : tick(producer));
  if (until > end) until = end;
  return until > now ? (int)(until - now) : 0;
}

/* What has come is heard before silence is judged. */
static enum evald_status step(struct evald_producer *producer, int64_t end,
                              struct evald_fault *fault) {
  enum evald_status status = EVALD_OK, heard = EVALD_TIMEOUT;
  if (producer->socket) heard = hear_all(producer, 0, fault);
  if (heard != EVALD_OK && heard != EVALD_TIMEOUT) return heard;
  int64_t now = clock_now();
  keep(producer, now);
  if (!producer->socket) status = dial(producer, fault);
  if (status == EVALD_OK) status = send_due(producer, now, fault);
  if (status != EVALD_OK || heard == EVALD_OK || !producer->socket)
    return status;
  return hear_all(producer, nap(producer, now, end), fault);
}

enum evald_status evald_producer_poll(struct evald_producer *producer,
                                      int wait_ms, struct evald_fault *fault) {
  enum evald_status status;
  int64_t end = wait_ms < 0 ? INT64_MAX : clock_now() + wait_ms;
  do
    status = step(producer, end, fault);
  while (status == EVALD_TIMEOUT && clock_now() < end);
  return status;
}

enum evald_status evald_producer_flush(struct evald_producer *producer,
                                       int wait_ms, struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  int64_t end = wait_ms < 0 ? INT64_MAX : clock_now() + wait_ms;
  while (producer->queue.unanswered > 0 &&
         (status == EVALD_OK || status == EVALD_TIMEOUT)) {
    if (clock_now() >= end) return EVALD_TIMEOUT;
    status = step(producer, end, fault);
  }
  return producer->queue.unanswered == 0 ? EVALD_OK : status;
}

void evald_producer_look(const struct evald_producer *producer,
                         struct evald_producer_state *out) {
  *out = producer->state;
  out->unanswered = producer->queue.unanswered;
  out->in_flight = producer->queue.sent;
}
