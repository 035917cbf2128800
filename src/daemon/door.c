/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/door.h"
#include "base/fault.h"
#include "base/i18n.h"
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

enum {
  QUEUE = 100, /* messages a connection may have waiting, each way */
  READS = 256, /* frames in one go */
  LINGER_MS = 1000,
  OVERSIZE = 16, /* of a frame that is let in, to be rejected */
  FLUSH_MS = 20,
  SWEEP_MS = 10000,
  SILENT_MS = 60000,
  UNREAD_MS = 1000 /* after which a producer is said not to read */
};

/* ---- sending ---- */

static void note_owing(struct door *door) {
  uint32_t owing = 0;
  for (uint32_t i = 0; i < door->producers.room; i++)
    owing += door->producers.items[i].used &&
             door->producers.items[i].letters.count > 0;
  if (door->owing == 0 && owing > 0) door->next_flush = clock_ms() + FLUSH_MS;
  door->owing = owing;
}

static void forget(struct door *door, struct producer *producer) {
  if (door->from == producer) door->from = NULL;
  producers_forget(&door->producers, producer);
  metrics_set(door->metrics, METRIC_PRODUCERS, door->producers.count);
}

static void name_fault(struct door *door, struct producer *producer,
                       const char *what) {
  producer->named = true;
  if (log_allowed(&door->lines))
    log_line(LOG_WARNING, _("producer \"%s\" %s"), producer->name, what);
}

static void cut(struct door *door, struct producer *producer) {
  metrics_add(door->metrics, METRIC_CUT, 1);
  name_fault(door, producer,
             _("does not read its answers and is cut off; it "
               "may begin anew"));
  producer_cut(producer);
}

/* EVALD_TIMEOUT: the connection is full, EVALD_IO: it is gone. The body is
 * taken over with EVALD_OK. */
static enum evald_status post(struct door *door, struct producer *producer,
                              const char *verb, struct bus_frame *body) {
  enum evald_status status =
      bus_send(door->socket, producer->id, producer->id_size, BUS_MORE, 0);
  if (status != EVALD_OK) return status;
  int more = body != NULL ? BUS_MORE : BUS_LAST;
  status = bus_send(door->socket, verb, strlen(verb), more, 0);
  if (status == EVALD_OK && body != NULL)
    status = bus_send_frame(door->socket, body, BUS_LAST, 0);
  return status;
}

static void keep(struct door *door, struct producer *producer, uint32_t answers,
                 struct bus_frame *body) {
  size_t most = (size_t)door->config->submit_answer_bytes;
  bool fits = producer->letters.bytes + bus_frame_size(body) <= most;
  if (fits && producer_keep(producer, body, answers, clock_ms()) == EVALD_OK) {
    if (producer->letters.count == 1) note_owing(door);
    return;
  }
  bus_frame_fini(body);
  cut(door, producer);
  note_owing(door);
}

/* Sends answers, or keeps them; takes the body over. */
static void deliver(struct door *door, struct producer *producer,
                    uint32_t answers, struct bus_frame *body) {
  enum evald_status status = EVALD_TIMEOUT;
  if (producer->letters.count == 0)
    status = post(door, producer, "answers", body);
  if (status == EVALD_OK) {
    producer_give(producer, answers);
  } else if (status == EVALD_TIMEOUT) {
    keep(door, producer, answers, body);
  } else {
    bus_frame_fini(body);
    forget(door, producer);
  }
}

void door_answer(struct door *door, const struct sender *to, uint32_t answers,
                 struct bus_frame *body) {
  struct producer *producer =
      producers_at(&door->producers, to->producer, to->generation);
  metrics_add(door->metrics, METRIC_ANSWERS, answers);
  if (producer != NULL)
    deliver(door, producer, answers, body);
  else
    bus_frame_fini(body);
}

void door_cut_all(struct door *door) {
  for (uint32_t i = 0; i < door->producers.room; i++)
    if (door->producers.items[i].used) cut(door, &door->producers.items[i]);
  note_owing(door);
}

/* ---- a store that went back in time ---- */

static void put_fall(const struct shard_fall *fall, struct wire_buffer *out) {
  struct wire_resend resend = {
      .shard = {evald_text_of(fall->division), fall->year},
      .epoch = (uint64_t)fall->epoch,
      .seq = (uint64_t)fall->seq};
  wire_resend_encode(&resend, out);
}

/* Of two falls of one division and year the newer epoch and the lower seq ask
 * for all that either lost. */
static void remember_fall(struct door *door, const struct shard_fall *fall) {
  struct shard_fall now = *fall;
  uint32_t at = 0;
  while (at < door->fall_count &&
         (door->falls[at].year != now.year ||
          strcmp(door->falls[at].division, now.division) != 0))
    at++;
  if (at < door->fall_count && door->falls[at].seq < now.seq)
    now.seq = door->falls[at].seq;
  if (at == door->fall_count) {
    if (door->fall_count < DOOR_FALLS_MAX)
      door->fall_count++;
    else
      at = 0; /* the oldest goes */
  }
  memmove(&door->falls[at], &door->falls[at + 1],
          (door->fall_count - 1 - at) * sizeof now);
  door->falls[door->fall_count - 1] = now;
}

/* Who cannot be told is cut off: it begins anew, and the welcome tells it. */
static void ask_one(struct door *door, struct producer *producer) {
  struct bus_frame body;
  struct wire_bytes bytes = wire_buffer_bytes(&door->buffer);
  enum evald_status status = wire_buffer_done(&door->buffer);
  if (status == EVALD_OK)
    status = bus_frame_init_copy(&body, bytes.data, bytes.size);
  if (status == EVALD_OK) {
    status = post(door, producer, "resend", &body);
    if (status != EVALD_OK) bus_frame_fini(&body);
  }
  if (status == EVALD_IO)
    forget(door, producer);
  else if (status != EVALD_OK)
    cut(door, producer);
  else
    metrics_add(door->metrics, METRIC_RESENDS, 1);
}

void door_ask_resend(struct door *door, const struct shard_fall *fall) {
  remember_fall(door, fall);
  wire_buffer_reset(&door->buffer);
  put_fall(fall, &door->buffer);
  for (uint32_t i = 0; i < door->producers.room; i++) {
    struct producer *producer = &door->producers.items[i];
    if (producer->used && !producer->cut) ask_one(door, producer);
  }
  note_owing(door);
}

/* ---- letters ---- */

static void flush_letters(struct door *door, struct producer *producer) {
  struct letter *letter;
  while ((letter = producer_letter(producer)) != NULL) {
    enum evald_status status = post(door, producer, "answers", &letter->body);
    if (status == EVALD_TIMEOUT) break;
    if (status != EVALD_OK) {
      forget(door, producer);
      return;
    }
    producer_give(producer, letter->answers);
    bus_frame_init(&letter->body);
    producer_drop_letter(producer);
  }
  if (letter == NULL) {
    producer->named = false;
  } else if (!producer->named &&
             clock_ms() - producer->letters.since_ms > UNREAD_MS) {
    metrics_add(door->metrics, METRIC_UNREAD, 1);
    name_fault(door, producer,
               _("does not read its answers; it gets no more "
                 "credit until it does"));
  }
}

void door_tend(struct door *door) {
  int64_t now = clock_ms();
  if (door->owing > 0 && now >= door->next_flush) {
    for (uint32_t i = 0; i < door->producers.room; i++) {
      struct producer *producer = &door->producers.items[i];
      if (producer->used && producer->letters.count > 0)
        flush_letters(door, producer);
    }
    note_owing(door);
    door->next_flush = now + FLUSH_MS;
  }
  if (now < door->next_sweep) return;
  door->next_sweep = now + SWEEP_MS;
  if (door->from == NULL) producers_sweep(&door->producers, now - SILENT_MS);
  metrics_set(door->metrics, METRIC_PRODUCERS, door->producers.count);
}

int door_wait_ms(const struct door *door) {
  int64_t until = -1;
  if (door->producers.count > 0) until = door->next_sweep;
  if (door->owing > 0 && (until < 0 || door->next_flush < until))
    until = door->next_flush;
  if (until < 0) return -1;
  int64_t left = until - clock_ms();
  return left > 0 ? (int)left : 0;
}

/* ---- refusing ---- */

static void send_refusals(struct door *door, struct producer *producer) {
  struct bus_frame body;
  if (door->refused_count == 0) return;
  wire_buffer_reset(&door->buffer);
  wire_put_array(&door->buffer, door->refused_count);
  for (uint32_t i = 0; i < door->refused_count; i++)
    wire_answer_retry(door->refused[i], door->refused_for, &door->buffer);
  metrics_add(door->metrics, METRIC_RETRY + door->refused_for,
              door->refused_count);
  door->refused_count = 0;
  struct wire_bytes bytes = wire_buffer_bytes(&door->buffer);
  if (producer == NULL) return;
  if (wire_buffer_done(&door->buffer) == EVALD_OK &&
      bus_frame_init_copy(&body, bytes.data, bytes.size) == EVALD_OK)
    deliver(door, producer, 0, &body);
  else
    cut(door, producer);
}

static void refuse(struct door *door, struct producer *producer,
                   uint64_t correlation, enum wire_retry reason) {
  if (door->refused_count == DOOR_REFUSED_MAX ||
      (door->refused_count > 0 && door->refused_for != reason))
    send_refusals(door, producer);
  door->refused_for = reason;
  door->refused[door->refused_count++] = correlation;
}

void door_refuse(struct door *door, const struct sender *sender,
                 enum wire_retry reason) {
  struct producer *producer =
      producers_at(&door->producers, sender->producer, sender->generation);
  if (producer == NULL) return;
  send_refusals(door, door->from);
  producer_give(producer, 1);
  refuse(door, producer, sender->correlation, reason);
  send_refusals(door, producer);
}

/* ---- reading ---- */

enum stage {
  STAGE_IDENTITY,
  STAGE_VERB,
  STAGE_HELLO,
  STAGE_FIRST,
  STAGE_JOB,
  STAGE_SKIP
};

static struct evald_text text_of(struct bus_frame *frame) {
  return (struct evald_text){bus_frame_data(frame), bus_frame_size(frame)};
}

static void take_identity(struct door *door, struct bus_frame *frame) {
  door->from = producers_meet(&door->producers, text_of(frame), clock_ms());
  door->stage = door->from != NULL ? STAGE_VERB : STAGE_SKIP;
  if (door->from != NULL) return;
  metrics_add(door->metrics, METRIC_TURNED_AWAY, 1);
  if (log_allowed(&door->lines))
    log_line(LOG_WARNING,
             _("a producer was turned away: submit.producers (%" PRId64
               ") are there"),
             door->config->submit_producers);
}

static void send_pong(struct door *door) {
  if (post(door, door->from, "pong", NULL) == EVALD_IO)
    forget(door, door->from);
}

static void take_verb(struct door *door, struct bus_frame *frame) {
  static const struct {
    struct evald_text verb;
    unsigned stage;
    bool later;
  } verbs[] = {{EVALD_TEXT("hello"), STAGE_HELLO, false},
               {EVALD_TEXT("jobs"), STAGE_FIRST, false},
               {EVALD_TEXT("recalc-jobs"), STAGE_FIRST, true},
               {EVALD_TEXT("ping"), STAGE_SKIP, false},
               {EVALD_TEXT("pong"), STAGE_SKIP, false}};
  struct evald_text verb = text_of(frame);
  door->stage = STAGE_SKIP;
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
    if (!evald_text_equal(verb, verbs[i].verb)) continue;
    if (door->from->cut && verbs[i].stage != STAGE_HELLO) return;
    door->stage = verbs[i].stage;
    door->later = verbs[i].later;
    if (i == 3) send_pong(door);
    return;
  }
  metrics_add(door->metrics, METRIC_UNKNOWN_MESSAGES, 1);
}

/* The body is what the buffer holds. */
static void reply(struct door *door, const char *verb) {
  struct bus_frame body;
  struct wire_bytes bytes = wire_buffer_bytes(&door->buffer);
  if (wire_buffer_done(&door->buffer) != EVALD_OK ||
      bus_frame_init_copy(&body, bytes.data, bytes.size) != EVALD_OK)
    return;
  enum evald_status status = post(door, door->from, verb, &body);
  if (status != EVALD_OK) bus_frame_fini(&body);
  if (status == EVALD_IO) forget(door, door->from);
}

static void send_welcome(struct door *door) {
  const struct config *config = door->config;
  struct wire_welcome welcome = {.window = door->from->window,
                                 .durability = door->durability,
                                 .instance = door->instance,
                                 .max_message_bytes =
                                     (uint64_t)config->intake_max_message_bytes,
                                 .resends = door->fall_count};
  wire_buffer_reset(&door->buffer);
  wire_welcome_encode(&welcome, &door->buffer);
  for (uint32_t i = 0; i < door->fall_count; i++)
    put_fall(&door->falls[i], &door->buffer);
  reply(door, "welcome");
}

static void send_unwelcome(struct door *door, uint64_t version) {
  metrics_add(door->metrics, METRIC_UNKNOWN_MESSAGES, 1);
  if (log_allowed(&door->lines))
    log_line(LOG_WARNING,
             _("a producer speaks version %" PRIu64
               " of the protocol, here it is %d; it was told"),
             version, WIRE_MESSAGE_VERSION);
  wire_buffer_reset(&door->buffer);
  wire_unwelcome_encode(&door->buffer);
  reply(door, "unwelcome");
}

static void take_hello(struct door *door, struct bus_frame *frame) {
  struct wire_hello hello;
  struct evald_text text = text_of(frame);
  door->stage = STAGE_SKIP;
  if (wire_hello_decode(
          (struct wire_bytes){(const uint8_t *)text.data, text.size}, &hello) !=
      EVALD_OK) {
    metrics_add(door->metrics, METRIC_UNKNOWN_MESSAGES, 1);
    return;
  }
  if (hello.v != WIRE_MESSAGE_VERSION) {
    send_unwelcome(door, hello.v);
    return;
  }
  door->from->cut = door->from->named = false;
  producer_name(door->from, hello.source);
  producer_ask(&door->producers, door->from, hello.window);
  metrics_set(door->metrics, METRIC_PRODUCERS, door->producers.count);
  send_welcome(door);
}

static void take_first(struct door *door, struct bus_frame *frame) {
  const uint8_t *bytes = bus_frame_data(frame);
  door->stage = bus_frame_size(frame) == 8 ? STAGE_JOB : STAGE_SKIP;
  if (door->stage == STAGE_SKIP) {
    metrics_add(door->metrics, METRIC_UNKNOWN_MESSAGES, 1);
    return;
  }
  door->correlation = door->frames = 0;
  for (int i = 0; i < 8; i++)
    door->correlation = door->correlation << 8 | bytes[i];
}

static void say_over_credit(struct door *door) {
  if (door->from->named) return;
  name_fault(door, door->from,
             door->frames > DOOR_FRAMES_MAX
                 ? _("sends more than 1,024 jobs in a message; what is over "
                     "is to be sent again")
                 : _("sends more than its window allows; what is over is to "
                     "be sent again"));
}

/* Whether the job is let in. */
static bool take_job(struct door *door, enum wire_retry reason) {
  uint64_t correlation = door->correlation++;
  bool fits = ++door->frames <= DOOR_FRAMES_MAX;
  if (reason == WIRE_RETRY_COUNT && fits && producer_take(door->from))
    return true;
  if (reason == WIRE_RETRY_COUNT) {
    reason = WIRE_RETRY_OVER_CREDIT;
    say_over_credit(door);
  }
  refuse(door, door->from, correlation, reason);
  return false;
}

/* One frame; true: it is a job that was let in. */
static bool take_frame(struct door *door, struct bus_frame *frame,
                       enum wire_retry reason) {
  static void (*const stages[])(struct door *, struct bus_frame *) = {
      [STAGE_IDENTITY] = take_identity,
      [STAGE_VERB] = take_verb,
      [STAGE_HELLO] = take_hello,
      [STAGE_FIRST] = take_first};
  bool job = false;
  if (door->stage == STAGE_JOB && door->from != NULL && !door->from->cut)
    job = take_job(door, reason);
  else if (door->stage < STAGE_JOB)
    stages[door->stage](door, frame);
  return job;
}

static void end_message(struct door *door) {
  send_refusals(door, door->from);
  door->stage = STAGE_IDENTITY;
  door->from = NULL;
}

bool door_read(struct door *door, enum wire_retry reason,
               struct door_job *out) {
  struct bus_frame frame;
  bool job = false;
  bus_frame_init(&frame);
  for (int i = 0; i < READS && !job; i++) {
    if (bus_receive(door->socket, &frame, 0) != EVALD_OK) break;
    bool last = !bus_frame_more(&frame);
    job = take_frame(door, &frame, reason);
    if (job)
      *out = (struct door_job){.frame = frame,
                               .sender = {door->from->number,
                                          door->from->generation,
                                          door->correlation - 1},
                               .later = door->later};
    if (last) end_message(door);
  }
  if (!job) bus_frame_fini(&frame);
  return job;
}

/* ---- opening ---- */

enum evald_status door_open(struct door *door, struct bus_context *context,
                            const struct config *config,
                            struct metrics *metrics,
                            struct evald_fault *fault) {
  door->config = config;
  door->metrics = metrics;
  if (getrandom(&door->instance, sizeof door->instance, 0) < 0)
    door->instance = (uint64_t)clock_wall_ms();
  struct bus_options options = {.receive_bound = QUEUE,
                                .send_bound = QUEUE,
                                .linger_ms = LINGER_MS,
                                .frame_bytes_max =
                                    config->intake_max_message_bytes * OVERSIZE,
                                .must_route = true};
  enum evald_status status =
      producers_init(&door->producers, (uint32_t)config->submit_producers,
                     (uint32_t)config->submit_window);
  if (status != EVALD_OK)
    return evald_fault_set(fault, status, "submit", _("no memory"));
  status = bus_socket_open(context, BUS_ROUTER, &options, &door->socket, fault);
  const struct config_list *at = &config->doors_submit;
  for (size_t i = 0; i < at->count && status == EVALD_OK; i++) {
    status = bus_socket_bind(door->socket, at->item[i], fault);
    if (status == EVALD_OK)
      log_line(LOG_INFO, _("submit (ROUTER): %s"),
               bus_socket_endpoint(door->socket));
  }
  return status;
}

void door_close(struct door *door) {
  bus_socket_close(door->socket);
  producers_fini(&door->producers);
  wire_buffer_fini(&door->buffer);
}
