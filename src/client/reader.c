/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "bus/wait.h"
#include "client/clock.h"
#include "client/view.h"
#include "evald/client.h"
#include <stdlib.h>
#include <string.h>

enum {
  TEXT = 256,
  PAGE = 16, /* stream entries a read */
  BATCH_MEMORY = 64 << 20,
  DOUBT_MS = 200
};

/* A division and year that is followed. `epoch` 0: the shard is empty as far as
 * is known. */
struct followed {
  char division[10];
  int year;
  bool placed; /* epoch and seq hold; else they are what the caller said */
  uint64_t epoch, seq;
  uint64_t shown; /* seq of the last aggregate told */
};

/* The daemon said that one of the topic's readers lost a message. The next one
 * on this connection is that very message, or the reader was this one. */
struct doubt {
  bool open;
  uint8_t of; /* enum wire_message */
  size_t shard;
  uint64_t epoch, seq;
  int64_t until_ms;
};

struct evald_reader {
  char endpoint[TEXT];
  int check_ms;
  evald_news_tell tell;
  void *context;
  struct bus_context *bus;
  struct bus_socket *socket;
  struct bus_frame frame;
  struct redis *redis;
  struct evald_arena *arena;
  struct followed *shards;
  size_t count;
  int64_t check_at_ms;
  struct doubt doubt;
  bool away, told; /* `told`: something, in this poll */
  struct evald_counter counters[CORE_COUNTER_COUNT];
};

const char *evald_news_name(enum evald_news_kind kind) {
  static const char *const names[] = {
#define X(name, what) #name,
      EVALD_NEWS_LIST(X)
#undef X
  };
  return kind < EVALD_NEWS_COUNT ? names[kind] : "?";
}

static enum evald_status open_all(struct evald_reader *reader,
                                  const struct evald_reader_options *options,
                                  struct evald_fault *fault) {
  const struct bus_options bounds = {.receive_bound = 100000};
  reader->bus = bus_context_new(1);
  reader->arena = evald_arena_new(BATCH_MEMORY);
  reader->redis = redis_new(options->redis ? options->redis : "127.0.0.1:6379",
                            options->user, options->password);
  if (!reader->bus || !reader->arena || !reader->redis)
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  enum evald_status status =
      bus_socket_open(reader->bus, BUS_SUB, &bounds, &reader->socket, fault);
  return status == EVALD_OK
             ? bus_socket_connect(reader->socket, reader->endpoint, fault)
             : status;
}

enum evald_status evald_reader_open(const struct evald_reader_options *options,
                                    struct evald_reader **out,
                                    struct evald_fault *fault) {
  struct evald_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return EVALD_MEMORY;
  fault_print(reader->endpoint, TEXT, "%s",
              options->endpoint ? options->endpoint : "tcp://127.0.0.1:5703");
  reader->check_ms = options->check_ms ? options->check_ms : 2000;
  reader->tell = options->tell;
  reader->context = options->context;
  bus_frame_init(&reader->frame);
  for (size_t i = 0; i < CORE_COUNTER_COUNT; i++)
    reader->counters[i].name = core_counter_name((enum core_counter)i);
  enum evald_status status = open_all(reader, options, fault);
  if (status == EVALD_OK)
    *out = reader;
  else
    evald_reader_close(reader);
  return status;
}

void evald_reader_close(struct evald_reader *reader) {
  if (!reader) return;
  bus_frame_fini(&reader->frame);
  bus_socket_close(reader->socket);
  bus_context_free(reader->bus);
  redis_free(reader->redis);
  evald_arena_free(reader->arena);
  free(reader->shards);
  free(reader);
}

static struct followed *find(struct evald_reader *reader,
                             struct evald_text division, int year) {
  for (size_t i = 0; i < reader->count; i++)
    if (reader->shards[i].year == year &&
        evald_text_equal(evald_text_of(reader->shards[i].division), division))
      return &reader->shards[i];
  return NULL;
}

enum evald_status evald_reader_follow(struct evald_reader *reader,
                                      const char *mof_div_code, int fiscal_year,
                                      uint64_t epoch, uint64_t seq) {
  char topic[WIRE_TOPIC];
  struct evald_text division = evald_text_of(mof_div_code);
  if (division.size != 9 || strspn(mof_div_code, "0123456789") != 9 ||
      fiscal_year < 1000 || fiscal_year > 9999)
    return EVALD_RANGE;
  if (find(reader, division, fiscal_year)) return EVALD_OK;
  struct followed *shards =
      realloc(reader->shards, (reader->count + 1) * sizeof *shards);
  if (!shards) return EVALD_MEMORY;
  reader->shards = shards;
  struct followed *one = &shards[reader->count++];
  *one = (struct followed){.year = fiscal_year, .epoch = epoch, .seq = seq};
  fault_copy(one->division, sizeof one->division, division);
  reader->check_at_ms = 0;
  const struct wire_shard shard = {division, (uint16_t)fiscal_year};
  wire_topic_of_shard(WIRE_MESSAGE_EVENT, &shard, topic);
  enum evald_status status = bus_socket_subscribe(reader->socket, topic);
  wire_topic_of_shard(WIRE_MESSAGE_AGGREGATE, &shard, topic);
  if (status == EVALD_OK) status = bus_socket_subscribe(reader->socket, topic);
  if (status != EVALD_OK) reader->count--; /* so that it can be tried again */
  return status;
}

/* Telling. */

static void tell(struct evald_reader *reader, const struct followed *one,
                 struct evald_news news) {
  news.mof_div_code = one->division;
  news.fiscal_year = one->year;
  news.epoch = one->epoch;
  if (!news.seq) news.seq = one->seq;
  reader->told = true;
  if (reader->tell) reader->tell(reader->context, &news);
}

static void tell_range(struct evald_reader *reader, const struct followed *one,
                       enum evald_news_kind kind, uint64_t from, uint64_t to) {
  tell(reader, one, (struct evald_news){.kind = kind, .from = from, .to = to});
}

static void tell_event(struct evald_reader *reader, struct followed *one,
                       uint64_t seq, const struct wire_event *event,
                       struct evald_news news) {
  const struct evald_event told = {.pro_code = event->pro_code,
                                   .job_id = event->job_id,
                                   .source = event->source,
                                   .outcome = evald_text_of(wire_outcome_name(
                                       (enum wire_outcome)event->outcome)),
                                   .grade = event->grade_name,
                                   .department = event->dept_key,
                                   .ruleset = event->ruleset_id,
                                   .revision = event->revision,
                                   .has_total = event->total.present,
                                   .total_e6 = event->total.value,
                                   .errors = event->errors,
                                   .warnings = event->warnings,
                                   .infos = event->infos,
                                   .form_digest = event->form_digest};
  one->seq = seq;
  news.kind = EVALD_NEWS_EVENT;
  news.event = &told;
  news.checksum = event->checksum;
  tell(reader, one, news);
}

static void tell_counters(struct evald_reader *reader, struct followed *one,
                          const struct contribution *sum,
                          struct evald_news news) {
  for (size_t i = 0; i < CORE_COUNTER_COUNT; i++)
    reader->counters[i].value = sum->counter[i];
  news.counters = reader->counters;
  news.counter_count = CORE_COUNTER_COUNT;
  news.checksum = core_contribution_checksum(sum);
  one->shown = news.seq ? news.seq : one->seq;
  tell(reader, one, news);
}

/* The store. */

static void stand_at(struct evald_reader *reader, struct followed *one,
                     const struct view_state *state) {
  one->placed = true;
  one->epoch = state->epoch;
  one->seq = state->seq;
  tell_counters(reader, one, &state->sum,
                (struct evald_news){.kind = EVALD_NEWS_SNAPSHOT,
                                    .at_ms = state->updated_ms,
                                    .log_begins = state->log_begins});
}

static enum evald_status read_state(struct evald_reader *reader,
                                    const struct followed *one,
                                    struct view_state *out) {
  return view_state(reader->redis, one->division, one->year, out);
}

/* A walk over the stream from one->seq on. */
struct filling {
  struct evald_reader *reader;
  struct followed *one;
  bool broken; /* a hole, or another epoch: no more is told */
};

static void fill(void *context, const struct wire_batch *batch) {
  struct filling *filling = context;
  struct followed *one = filling->one;
  if (one->epoch == 0 && one->seq == 0) one->epoch = batch->epoch;
  if (batch->epoch != one->epoch || batch->first_seq > one->seq + 1)
    filling->broken = true;
  for (size_t i = 0; i < batch->event_count && !filling->broken; i++)
    if (batch->first_seq + i > one->seq)
      tell_event(filling->reader, one, batch->first_seq + i, &batch->events[i],
                 (struct evald_news){.at_ms = batch->at_ms});
}

/* Tells what the stream has behind one->seq. */
static enum evald_status replay(struct evald_reader *reader,
                                struct followed *one, bool *broken) {
  struct filling filling = {reader, one, false};
  struct view_page page = {.division = one->division,
                           .year = one->year,
                           .most = PAGE,
                           .arena = reader->arena,
                           .each = fill,
                           .context = &filling};
  size_t entries = 0;
  enum evald_status status;
  do {
    page.after = one->seq;
    status = view_events(reader->redis, &page, &entries);
  } while (status == EVALD_OK && entries == PAGE && !filling.broken &&
           one->seq > page.after);
  *broken = filling.broken;
  return status;
}

/* What lies between cannot be told: begins anew at the snapshot. */
static void skip_to(struct evald_reader *reader, struct followed *one,
                    const struct view_state *state) {
  bool same = state->epoch == one->epoch;
  tell(reader, one,
       (struct evald_news){.kind = same ? EVALD_NEWS_LOST : EVALD_NEWS_EPOCH,
                           .from = one->seq + 1,
                           .to = state->seq,
                           .log_begins = state->log_begins});
  stand_at(reader, one, state);
}

/* Brings a shard to where the store is, by the stream where that reaches back,
 * else by a snapshot. */
static enum evald_status catch_up(struct evald_reader *reader,
                                  struct followed *one) {
  struct view_state state;
  bool broken = false;
  uint64_t from = one->seq + 1;
  enum evald_status status = read_state(reader, one, &state);
  if (status != EVALD_OK) return status;
  bool same = state.epoch == one->epoch && state.seq >= one->seq;
  if (!same && one->epoch != 0) {
    tell(reader, one, (struct evald_news){.kind = EVALD_NEWS_EPOCH});
    stand_at(reader, one, &state);
    return EVALD_OK;
  }
  one->placed = true;
  if (state.seq == one->seq) return EVALD_OK;
  if (from < state.log_begins) { /* no need to look */
    skip_to(reader, one, &state);
    return EVALD_OK;
  }
  status = replay(reader, one, &broken);
  if (status != EVALD_OK) return status;
  if (one->seq >= from)
    tell_range(reader, one, EVALD_NEWS_HEALED, from, one->seq);
  if (!broken && one->seq >= state.seq) return EVALD_OK;
  status = read_state(reader, one, &state);
  if (status == EVALD_OK) skip_to(reader, one, &state);
  return status;
}

static enum evald_status place(struct evald_reader *reader,
                               struct followed *one) {
  struct view_state state;
  if (one->epoch != 0) return catch_up(reader, one);
  enum evald_status status = read_state(reader, one, &state);
  if (status == EVALD_OK) stand_at(reader, one, &state);
  return status;
}

/* Redis that is away is told once; the gap stays, and is looked at again at the
 * next check. */
static void heal(struct evald_reader *reader, struct followed *one) {
  enum evald_status status =
      one->placed ? catch_up(reader, one) : place(reader, one);
  if (status != EVALD_OK && !reader->away)
    tell(reader, one,
         (struct evald_news){.kind = EVALD_NEWS_AWAY,
                             .reason = status == EVALD_AWAY
                                           ? redis_reason(reader->redis)
                                           : evald_status_text(status, 0)});
  reader->away = status != EVALD_OK;
}

static void heal_all(struct evald_reader *reader) {
  for (size_t i = 0; i < reader->count; i++)
    heal(reader, &reader->shards[i]);
  reader->check_at_ms = clock_now() + reader->check_ms;
}

/* Nothing that came over this connection need be whole. */
static void fell_behind(struct evald_reader *reader) {
  const struct doubt *doubt = &reader->doubt;
  reader->doubt.open = false;
  tell(reader, &reader->shards[doubt->shard],
       (struct evald_news){.kind = EVALD_NEWS_BEHIND, .from = doubt->seq});
  heal_all(reader);
}

static void check(struct evald_reader *reader) {
  int64_t now = clock_now();
  if (reader->doubt.open && now >= reader->doubt.until_ms) fell_behind(reader);
  if (now >= reader->check_at_ms) heal_all(reader);
}

static int64_t next_check(const struct evald_reader *reader) {
  return reader->doubt.open && reader->doubt.until_ms < reader->check_at_ms
             ? reader->doubt.until_ms
             : reader->check_at_ms;
}

/* The feed. */

/* Whether something is missing before the message can be told: healing may
 * have told the message itself already. */
static bool behind(const struct followed *one,
                   const struct wire_published *message, uint64_t before) {
  return message->epoch != one->epoch || before > one->seq;
}

static void on_event(struct evald_reader *reader, struct followed *one,
                     const struct wire_published *message) {
  if (message->epoch < one->epoch) return;
  if (behind(one, message, message->seq - 1)) heal(reader, one);
  if (message->epoch == one->epoch && message->seq == one->seq + 1)
    tell_event(reader, one, message->seq, &message->event,
               (struct evald_news){.at_ms = message->at_ms, .live = true});
}

/* An aggregate comes after the events that it counts. */
static void on_aggregate(struct evald_reader *reader, struct followed *one,
                         const struct wire_published *message) {
  if (message->epoch < one->epoch) return;
  if (behind(one, message, message->seq)) heal(reader, one);
  if (message->epoch != one->epoch || message->seq < one->seq ||
      message->seq <= one->shown)
    return;
  if (core_contribution_checksum(&message->sum) != message->checksum)
    tell(reader, one, (struct evald_news){.kind = EVALD_NEWS_DIFFERS});
  else
    tell_counters(reader, one, &message->sum,
                  (struct evald_news){.kind = EVALD_NEWS_AGGREGATE,
                                      .at_ms = message->at_ms,
                                      .live = true});
}

static void on_behind(struct evald_reader *reader, const struct followed *one,
                      const struct wire_published *message) {
  reader->doubt = (struct doubt){.open = true,
                                 .of = message->of,
                                 .shard = (size_t)(one - reader->shards),
                                 .epoch = message->epoch,
                                 .seq = message->seq,
                                 .until_ms = clock_now() + DOUBT_MS};
}

/* The first message after that. */
static void end_doubt(struct evald_reader *reader, const struct followed *one,
                      const struct wire_published *message) {
  struct doubt *doubt = &reader->doubt;
  if (!doubt->open) return;
  if (one == &reader->shards[doubt->shard] && message->message == doubt->of &&
      message->epoch == doubt->epoch && message->seq == doubt->seq)
    doubt->open = false;
  else
    fell_behind(reader);
}

static void on_message(struct evald_reader *reader, struct wire_bytes bytes) {
  struct wire_published message;
  if (wire_published_decode(bytes, &message) != EVALD_OK) return;
  struct followed *one =
      find(reader, message.shard.mof_div_code, message.shard.fiscal_year);
  if (one && !one->placed && message.message == WIRE_MESSAGE_BEHIND) {
    heal_all(reader); /* the connection lost something: whose, it cannot tell */
    return;
  }
  if (!one || !one->placed) return; /* the check will place it */
  end_doubt(reader, one, &message);
  /* Was empty so far: what comes later than the first event may be of a store
   * that is gone, or of the second epoch; then the store says. */
  if (one->epoch == 0 && message.seq == 1) one->epoch = message.epoch;
  if (message.message == WIRE_MESSAGE_EVENT) on_event(reader, one, &message);
  if (message.message == WIRE_MESSAGE_AGGREGATE)
    on_aggregate(reader, one, &message);
  if (message.message == WIRE_MESSAGE_BEHIND) on_behind(reader, one, &message);
}

static enum evald_status hear(struct evald_reader *reader) {
  struct bus_frame *frame = &reader->frame;
  enum evald_status status = bus_receive(reader->socket, frame, 0);
  if (status != EVALD_OK || !bus_frame_more(frame)) return status;
  status = bus_receive(reader->socket, frame, -1);
  if (status == EVALD_OK)
    on_message(reader, (struct wire_bytes){bus_frame_data(frame),
                                           bus_frame_size(frame)});
  while (status == EVALD_OK && bus_frame_more(frame))
    status = bus_receive(reader->socket, frame, -1);
  return status;
}

enum evald_status evald_reader_poll(struct evald_reader *reader, int wait_ms,
                                    struct evald_fault *fault) {
  enum { AT_ONCE = 256 };
  enum evald_status status = EVALD_OK;
  int64_t now = clock_now(), end = wait_ms < 0 ? INT64_MAX : now + wait_ms;
  reader->told = false;
  do {
    check(reader);
    now = clock_now();
    int64_t until = next_check(reader) < end ? next_check(reader) : end;
    struct bus_wait wait = {.socket = reader->socket};
    int nap = reader->told || until <= now ? 0 : (int)(until - now);
    status = bus_wait(&wait, 1, nap);
    for (int i = 0; i < AT_ONCE && status == EVALD_OK; i++)
      status = hear(reader);
    if (status != EVALD_OK && status != EVALD_TIMEOUT)
      return evald_fault_set(fault, status, reader->endpoint, "%s",
                             evald_status_text(status, 0));
  } while (!reader->told && clock_now() < end);
  return reader->told ? EVALD_OK : EVALD_TIMEOUT;
}
