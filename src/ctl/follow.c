/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/follow.h"
#include "ctl/clock.h"
#include <string.h>

/* How long events may come later than the aggregate that counts them. */
enum { LATE_MS = 500, DOUBT_MS = 200, PAGE = 64 };

struct followed {
  struct followed *next;
  struct store_shard_key shard;
  uint64_t epoch, seq; /* the last one told */
  uint64_t ahead;      /* an aggregate has shown this one */
  int64_t ahead_since;
};

/* The daemon said that one of the topic's readers lost a message: the next one
 * is that very message, or the reader was this one. */
struct doubt {
  const struct followed *of; /* NULL: none */
  uint8_t kind;              /* enum wire_message */
  uint64_t epoch, seq;
  int64_t since;
};

struct follower {
  struct ctl *ctl;
  follow_tell tell;
  void *context;
  struct followed *shards;
  struct doubt doubt;
};

struct follower *follow_new(struct ctl *ctl, follow_tell tell, void *context) {
  struct follower *follower = evald_arena_take(ctl->arena, sizeof *follower);
  if (follower)
    *follower = (struct follower){.ctl = ctl, .tell = tell, .context = context};
  return follower;
}

static struct followed *find(struct follower *follower,
                             const struct store_shard_key *shard) {
  for (struct followed *one = follower->shards; one; one = one->next)
    if (store_shard_equal(&one->shard, shard)) return one;
  return NULL;
}

static struct followed *add(struct follower *follower,
                            const struct store_shard_key *shard, uint64_t epoch,
                            uint64_t seq) {
  struct followed *one = evald_arena_take(follower->ctl->arena, sizeof *one);
  if (!one) return NULL;
  *one = (struct followed){
      .next = follower->shards, .shard = *shard, .epoch = epoch, .seq = seq};
  return follower->shards = one;
}

static enum evald_status tell(struct follower *follower,
                              const struct followed *one,
                              struct follow_news news) {
  news.shard = &one->shard;
  news.epoch = one->epoch;
  return follower->tell(follower->context, &news);
}

static enum evald_status tell_range(struct follower *follower,
                                    const struct followed *one,
                                    enum follow_kind kind, uint64_t from,
                                    uint64_t to) {
  return tell(follower, one,
              (struct follow_news){.kind = kind, .from = from, .to = to});
}

static enum evald_status tell_event(struct follower *follower,
                                    struct followed *one,
                                    const struct follow_news *news) {
  enum evald_status status = EVALD_OK;
  if (news->seq > one->seq + 1)
    status =
        tell_range(follower, one, FOLLOW_LOST, one->seq + 1, news->seq - 1);
  if (status == EVALD_OK) status = follower->tell(follower->context, news);
  one->seq = news->seq;
  return status;
}

/* A walk over the log, from one->seq up to `last`. */
struct filling {
  struct follower *follower;
  struct followed *one;
  uint64_t last;
  enum evald_status status; /* of telling */
};

static enum evald_status fill_batch(void *context,
                                    const struct store_event *entry) {
  struct filling *filling = context;
  struct follower *follower = filling->follower;
  struct followed *one = filling->one;
  struct wire_batch batch;
  struct wire_bytes bytes = {(const uint8_t *)entry->batch.data,
                             entry->batch.size};
  evald_arena_reset(follower->ctl->job);
  enum evald_status status =
      wire_batch_decode(bytes, follower->ctl->job, &batch);
  for (size_t i = 0; status == EVALD_OK && i < batch.event_count; i++) {
    struct follow_news news = {.kind = FOLLOW_EVENT,
                               .shard = &one->shard,
                               .epoch = batch.epoch,
                               .seq = batch.first_seq + i,
                               .at_ms = batch.at_ms,
                               .event = &batch.events[i]};
    if (news.seq > one->seq && news.seq <= filling->last)
      status = tell_event(follower, one, &news);
  }
  filling->status = status;
  return status;
}

/* Tells everything that the log has after one->seq up to `last`. */
static enum evald_status fill(struct follower *follower, struct followed *one,
                              uint64_t last, struct evald_fault *fault) {
  struct filling filling = {follower, one, last, EVALD_OK};
  enum evald_status status = ctl_store(follower->ctl, fault);
  uint64_t before;
  do {
    before = one->seq;
    if (status == EVALD_OK && one->seq < last)
      status = store_events(follower->ctl->store, &one->shard,
                            (struct store_range){(int64_t)one->seq, PAGE},
                            fill_batch, &filling, fault);
  } while (status == EVALD_OK && one->seq != before);
  return status;
}

/* Passes what the log is known to have no more, up to `last`. */
static enum evald_status pass_cut(struct follower *follower,
                                  struct followed *one, uint64_t last,
                                  const struct store_shard_state *state) {
  uint64_t begins = (uint64_t)state->log_begins, from = one->seq + 1;
  if ((uint64_t)state->epoch != one->epoch || begins <= from) return EVALD_OK;
  one->seq = begins - 1 < last ? begins - 1 : last;
  return tell(follower, one,
              (struct follow_news){.kind = FOLLOW_LOST,
                                   .from = from,
                                   .to = one->seq,
                                   .log_begins = begins});
}

static enum evald_status read_state(struct follower *follower,
                                    const struct followed *one,
                                    struct store_shard_state *out,
                                    struct evald_fault *fault) {
  enum evald_status status = ctl_store(follower->ctl, fault);
  if (status == EVALD_OK)
    status = store_get_aggregate(follower->ctl->store, &one->shard, out, NULL,
                                 fault);
  return status == EVALD_NOT_FOUND ? EVALD_OK : status;
}

static enum evald_status heal(struct follower *follower, struct followed *one,
                              uint64_t last, struct evald_fault *fault) {
  struct store_shard_state state = {0};
  enum evald_status status = read_state(follower, one, &state, fault);
  if (status == EVALD_OK) status = pass_cut(follower, one, last, &state);
  uint64_t from = one->seq + 1;
  if (status == EVALD_OK) status = fill(follower, one, last, fault);
  if (status != EVALD_OK) return status;
  if (one->seq >= from)
    status = tell_range(follower, one, FOLLOW_FILLED, from, one->seq);
  if (status == EVALD_OK && one->seq < last)
    status = tell_range(follower, one, FOLLOW_LOST, one->seq + 1, last);
  one->seq = last;
  return status;
}

enum evald_status follow_from(struct follower *follower,
                              const struct store_shard_key *shard, uint64_t seq,
                              struct evald_fault *fault) {
  struct store_shard_state state = {0};
  struct followed *one = add(follower, shard, 0, seq - 1);
  if (!one) return EVALD_MEMORY;
  enum evald_status status = read_state(follower, one, &state, fault);
  if (status != EVALD_OK) return status;
  uint64_t last = (uint64_t)state.seq;
  one->epoch = (uint64_t)state.epoch;
  if (last <= one->seq) return EVALD_OK;
  status = pass_cut(follower, one, last, &state);
  return status == EVALD_OK ? fill(follower, one, last, fault) : status;
}

static enum evald_status new_epoch(struct follower *follower,
                                   struct followed *one, uint64_t epoch,
                                   uint64_t seq) {
  one->epoch = epoch;
  one->seq = seq;
  one->ahead = 0;
  return tell_range(follower, one, FOLLOW_EPOCH, one->epoch, epoch);
}

static enum evald_status take_event(struct follower *follower,
                                    struct followed *one,
                                    const struct wire_published *message,
                                    struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  if (message->seq <= one->seq) return EVALD_OK;
  if (message->prev > one->seq)
    status = heal(follower, one, message->prev, fault);
  if (status != EVALD_OK) return status;
  const struct follow_news news = {.kind = FOLLOW_EVENT,
                                   .shard = &one->shard,
                                   .epoch = message->epoch,
                                   .seq = message->seq,
                                   .at_ms = message->at_ms,
                                   .event = &message->event};
  return tell_event(follower, one, &news);
}

static void take_aggregate(struct followed *one, uint64_t seq) {
  if (seq <= one->seq || seq <= one->ahead) return;
  if (one->ahead <= one->seq) one->ahead_since = clock_ms();
  one->ahead = seq;
}

/* ---- falling behind ---- */

/* To where the store is. */
static enum evald_status compare(struct follower *follower,
                                 struct followed *one,
                                 struct evald_fault *fault) {
  struct store_shard_state state = {0};
  enum evald_status status = read_state(follower, one, &state, fault);
  if (status != EVALD_OK) return status;
  uint64_t epoch = (uint64_t)state.epoch, seq = (uint64_t)state.seq;
  if (epoch > one->epoch) return new_epoch(follower, one, epoch, seq);
  return seq > one->seq ? heal(follower, one, seq, fault) : EVALD_OK;
}

static enum evald_status fell_behind(struct follower *follower,
                                     struct evald_fault *fault) {
  struct doubt doubt = follower->doubt;
  follower->doubt.of = NULL;
  enum evald_status status =
      tell_range(follower, doubt.of, FOLLOW_BEHIND, doubt.seq, doubt.seq);
  for (struct followed *one = follower->shards; one && status == EVALD_OK;
       one = one->next)
    status = compare(follower, one, fault);
  return status;
}

/* Whether this is the message that another reader lost, and not we. */
static bool is_doubted(const struct doubt *doubt, const struct followed *one,
                       const struct wire_published *message) {
  return one == doubt->of && message->message == doubt->kind &&
         message->epoch == doubt->epoch && message->seq == doubt->seq;
}

static enum evald_status end_doubt(struct follower *follower,
                                   const struct followed *one,
                                   const struct wire_published *message,
                                   struct evald_fault *fault) {
  struct doubt *doubt = &follower->doubt;
  if (!doubt->of) return EVALD_OK;
  if (!is_doubted(doubt, one, message)) return fell_behind(follower, fault);
  doubt->of = NULL;
  return EVALD_OK;
}

static bool shard_of(const struct wire_published *message,
                     struct store_shard_key *out) {
  *out = (struct store_shard_key){.year = message->shard.fiscal_year};
  if (message->shard.mof_div_code.size != 9) return false;
  memcpy(out->division, message->shard.mof_div_code.data, 9);
  return store_shard_valid(out);
}

/* Where a reader stands that has got all that was published before. */
static uint64_t before_of(const struct wire_published *message) {
  bool aggregate = message->message == WIRE_MESSAGE_AGGREGATE;
  return aggregate ? message->seq : message->seq - 1;
}

static enum evald_status take(struct follower *follower, struct followed *one,
                              const struct wire_published *message,
                              struct evald_fault *fault) {
  if (message->message == WIRE_MESSAGE_EVENT)
    return take_event(follower, one, message, fault);
  if (message->message == WIRE_MESSAGE_AGGREGATE)
    take_aggregate(one, message->seq);
  if (message->message == WIRE_MESSAGE_BEHIND)
    follower->doubt = (struct doubt){one, message->of, message->epoch,
                                     message->seq, clock_ms()};
  return EVALD_OK;
}

enum evald_status follow_message(struct follower *follower,
                                 struct wire_bytes bytes,
                                 struct evald_fault *fault) {
  struct wire_published message;
  struct store_shard_key shard;
  if (wire_published_decode(bytes, &message) != EVALD_OK ||
      !shard_of(&message, &shard))
    return EVALD_OK;
  struct followed *one = find(follower, &shard);
  uint64_t before = before_of(&message);
  if (!one) one = add(follower, &shard, message.epoch, before);
  if (!one) return EVALD_MEMORY;
  enum evald_status status = end_doubt(follower, one, &message, fault);
  if (status != EVALD_OK) return status;
  if (one->epoch == 0) /* followed from before its first event */
    one->epoch = message.epoch;
  if (message.epoch > one->epoch)
    status = new_epoch(follower, one, message.epoch, before);
  return status == EVALD_OK ? take(follower, one, &message, fault) : status;
}

enum evald_status follow_idle(struct follower *follower,
                              struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  int64_t now = clock_ms();
  if (follower->doubt.of && now - follower->doubt.since >= DOUBT_MS)
    status = fell_behind(follower, fault);
  for (struct followed *one = follower->shards; one && status == EVALD_OK;
       one = one->next)
    if (one->ahead > one->seq && now - one->ahead_since > LATE_MS)
      status = heal(follower, one, one->ahead, fault);
  return status;
}
