/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "daemon/answers.h"
#include "daemon/publisher.h"
#include <stdlib.h>
#include <string.h>

void expansion_fini(struct expansion *expansion) {
  wire_buffer_fini(&expansion->buffer);
  index_fini(&expansion->value_index);
  free(expansion->values);
}

static void send_buffer(struct expansion *expansion, struct evald_text topic,
                        struct wire_behind behind) {
  if (wire_buffer_done(&expansion->buffer) != EVALD_OK) return;
  const struct expansion_message message = {
      topic, wire_buffer_bytes(&expansion->buffer), behind};
  expansion->send(expansion->context, &message);
}

/* ---- last values ---- */

static bool is_value(const void *context, uint32_t number, const void *wanted) {
  const struct last_value *value =
      &((const struct expansion *)context)->values[number];
  const struct wire_shard *shard = wanted;
  return value->year == shard->fiscal_year &&
         evald_text_equal(evald_text_of(value->division), shard->mof_div_code);
}

/* The number of a place: a new one, or that of one told longest ago, about;
 * INDEX_NONE: no memory. */
static uint32_t value_place(struct expansion *expansion) {
  while (expansion->value_count == LAST_VALUES_MAX) {
    uint32_t number = expansion->value_hand;
    struct last_value *value = &expansion->values[number];
    expansion->value_hand = (number + 1) % LAST_VALUES_MAX;
    if (!value->told) {
      index_remove(&expansion->value_index,
                   index_hash(evald_text_of(value->division), value->year),
                   number);
      return number;
    }
    value->told = false;
  }
  if (expansion->value_count == expansion->value_room) {
    uint32_t room = expansion->value_room > 0 ? expansion->value_room * 2 : 32;
    struct last_value *values =
        realloc(expansion->values, room * sizeof *values);
    if (values == NULL) return INDEX_NONE;
    expansion->values = values;
    expansion->value_room = room;
  }
  return expansion->value_count;
}

static struct last_value *add_value(struct expansion *expansion,
                                    const struct wire_shard *shard,
                                    uint32_t hash) {
  uint32_t number = value_place(expansion);
  if (number == INDEX_NONE ||
      index_add(&expansion->value_index, hash, number) != EVALD_OK)
    return NULL;
  if (number == expansion->value_count) expansion->value_count++;
  struct last_value *value = &expansion->values[number];
  *value = (struct last_value){.year = shard->fiscal_year};
  fault_copy(value->division, sizeof value->division, shard->mof_div_code);
  return value;
}

static struct last_value *value_of(struct expansion *expansion,
                                   const struct wire_shard *shard) {
  uint32_t hash = index_hash(shard->mof_div_code, shard->fiscal_year);
  uint32_t number =
      index_find(&expansion->value_index, hash, is_value, expansion, shard);
  if (number != INDEX_NONE) return &expansion->values[number];
  return add_value(expansion, shard, hash);
}

/* ---- aggregates and events ---- */

static struct evald_text shard_topic(enum wire_message message,
                                     const struct wire_shard *shard,
                                     char out[WIRE_TOPIC]) {
  return (struct evald_text){out, wire_topic_of_shard(message, shard, out)};
}

static void tell_events(struct expansion *expansion,
                        const struct work_shard *slot) {
  char room[WIRE_TOPIC];
  struct evald_text topic = shard_topic(WIRE_MESSAGE_EVENT, &slot->name, room);
  if (!subscriptions_match(expansion->subscriptions, topic)) return;
  for (size_t i = 0; i < slot->sum.event_count; i++) {
    wire_buffer_reset(&expansion->buffer);
    wire_event_publish(&slot->name, &slot->sum, i, &expansion->buffer);
    send_buffer(expansion, topic,
                (struct wire_behind){.of = WIRE_MESSAGE_EVENT,
                                     .shard = slot->name,
                                     .epoch = slot->sum.epoch,
                                     .seq = slot->sum.first_seq + i});
  }
}

static void tell_aggregate(struct expansion *expansion,
                           const struct wire_shard *shard,
                           const struct wire_batch *sum, uint64_t previous) {
  char room[WIRE_TOPIC];
  struct evald_text topic = shard_topic(WIRE_MESSAGE_AGGREGATE, shard, room);
  if (!subscriptions_match(expansion->subscriptions, topic)) return;
  wire_buffer_reset(&expansion->buffer);
  wire_aggregate_publish(shard, sum, previous, &expansion->buffer);
  send_buffer(expansion, topic,
              (struct wire_behind){.of = WIRE_MESSAGE_AGGREGATE,
                                   .shard = *shard,
                                   .epoch = sum->epoch,
                                   .seq = sum->last_seq});
}

static bool is_news(const struct last_value *value,
                    const struct wire_batch *sum) {
  return value->sum.epoch != sum->epoch || value->sum.last_seq != sum->last_seq;
}

static void tell_slot(struct expansion *expansion,
                      const struct work_shard *slot) {
  if (slot->sum.epoch == 0) return; /* the work changed nothing there */
  tell_events(expansion, slot);
  struct last_value *value = value_of(expansion, &slot->name);
  if (value == NULL) return;
  bool news = is_news(value, &slot->sum);
  uint64_t previous = value->sum.epoch == slot->sum.epoch
                          ? value->sum.last_seq
                          : slot->sum.first_seq - 1;
  value->told = true;
  value->sum = slot->sum;
  value->sum.events = NULL;
  value->sum.event_count = 0;
  if (news) tell_aggregate(expansion, &slot->name, &slot->sum, previous);
}

void expansion_greet(struct expansion *expansion, struct evald_text prefix) {
  for (uint32_t i = 0; i < expansion->value_count; i++) {
    const struct last_value *value = &expansion->values[i];
    struct wire_shard shard = {evald_text_of(value->division), value->year};
    char room[WIRE_TOPIC];
    struct evald_text topic = shard_topic(WIRE_MESSAGE_AGGREGATE, &shard, room);
    if (prefix.size > topic.size ||
        (prefix.size > 0 && memcmp(prefix.data, topic.data, prefix.size) != 0))
      continue;
    tell_aggregate(expansion, &shard, &value->sum, value->sum.last_seq);
  }
}

/* ---- receipts and rejects ---- */

static void tell_receipt(struct expansion *expansion, const struct work *work,
                         const struct work_unit *unit,
                         struct evald_text topic) {
  struct wire_receipt receipt = receipt_of(work, unit);
  wire_buffer_reset(&expansion->buffer);
  wire_receipt_publish(&receipt, &expansion->buffer);
  send_buffer(
      expansion, topic,
      (struct wire_behind){.of = WIRE_MESSAGE_RECEIPT, .source = unit->source});
}

static void tell_reject(struct expansion *expansion,
                        const struct work_unit *unit, struct evald_text topic) {
  struct wire_reject_notice notice = {.job_id = unit->job_id,
                                      .source = unit->source,
                                      .rejects_id = unit->rejects_id,
                                      .rejects = unit->rejects};
  if (unit->rejects == NULL) return;
  wire_buffer_reset(&expansion->buffer);
  wire_reject_publish(&notice, &expansion->buffer);
  send_buffer(
      expansion, topic,
      (struct wire_behind){.of = WIRE_MESSAGE_REJECT, .source = unit->source});
}

static enum wire_message message_of(const struct work_unit *unit) {
  return unit->outcome == WIRE_OUTCOME_REJECTED ? WIRE_MESSAGE_REJECT
                                                : WIRE_MESSAGE_RECEIPT;
}

/* Whether any source's messages of that kind are heard. */
static bool is_heard(const struct expansion *expansion,
                     enum wire_message message) {
  char room[WIRE_TOPIC];
  struct evald_text topic = {room, 0};
  topic.size = wire_topic_of_source(message, (struct evald_text){0}, room);
  return subscriptions_overlap(expansion->subscriptions, topic);
}

static void tell_unit(struct expansion *expansion, const struct work *work,
                      const struct work_unit *unit) {
  enum wire_message message = message_of(unit);
  char room[WIRE_TOPIC];
  struct evald_text topic = {room, 0};
  if (unit->source.data == NULL) return; /* nobody to tell */
  if (unit->damaged && message == WIRE_MESSAGE_RECEIPT)
    return; /* its answer says all there is */
  topic.size = wire_topic_of_source(message, unit->source, room);
  if (topic.size == 0 || !subscriptions_match(expansion->subscriptions, topic))
    return;
  if (message == WIRE_MESSAGE_REJECT)
    tell_reject(expansion, unit, topic);
  else
    tell_receipt(expansion, work, unit, topic);
}

/* What may be gone with a Redis that went before it was proven is not told:
 * where it is not gone, readers find it in the log. */
void expansion_tell(struct expansion *expansion, const struct work *work) {
  if (work->doubtful) return;
  for (uint32_t i = 0; i < work->shard_count; i++)
    tell_slot(expansion, &work->shards[i]);
  bool receipts = is_heard(expansion, WIRE_MESSAGE_RECEIPT);
  bool rejects = is_heard(expansion, WIRE_MESSAGE_REJECT);
  if (!receipts && !rejects) return;
  for (uint32_t i = 0; i < work->unit_count; i++) {
    bool reject = message_of(&work->units[i]) == WIRE_MESSAGE_REJECT;
    if (reject ? rejects : receipts)
      tell_unit(expansion, work, &work->units[i]);
  }
}
