/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/event_codec.h"

#include "wire/counters.h"
#include "wire/prescan.h"

enum { BATCH_FIELDS = 8, EVENT_FIELDS = 15 };

static void put_total(struct wire_buffer *out, const struct wire_event *event) {
  if (!event->total.present) {
    wire_put_nil(out);
    wire_put_nil(out);
    wire_put_nil(out);
    return;
  }
  wire_put_int(out, event->total.value);
  wire_put_uint(out, event->grade);
  wire_put_text(out, event->grade_name);
}

static void put_event(struct wire_buffer *out, const struct wire_event *event) {
  wire_put_array(out, EVENT_FIELDS);
  wire_put_uint(out, event->outcome);
  wire_put_text(out, event->pro_code);
  wire_put_int(out, event->revision);
  wire_put_text(out, event->job_id);
  wire_put_text(out, event->source);
  put_total(out, event);
  wire_put_uint(out, event->errors);
  wire_put_uint(out, event->warnings);
  wire_put_uint(out, event->infos);
  wire_put_text(out, event->dept_key);
  wire_put_digest(out, &event->form_digest);
  wire_put_text(out, event->ruleset_id);
  wire_put_uint(out, event->checksum);
}

void wire_batch_encode(const struct wire_batch *batch,
                       struct wire_buffer *out) {
  wire_put_array(out, BATCH_FIELDS);
  wire_put_uint(out, WIRE_BATCH_VERSION);
  wire_put_uint(out, batch->epoch);
  wire_put_uint(out, batch->first_seq);
  wire_put_uint(out, batch->last_seq);
  wire_put_int(out, batch->at_ms);
  wire_put_uint(out, batch->checksum);
  wire_put_array(out, CORE_COUNTER_COUNT);
  wire_put_counters(out, &batch->sum);
  wire_put_array(out, batch->event_count);
  for (size_t i = 0; i < batch->event_count; i++) {
    put_event(out, &batch->events[i]);
  }
}

static uint32_t get_count(struct wire_cursor *cursor) {
  uint64_t value = wire_get_uint(cursor);
  if (value > UINT32_MAX) wire_cursor_fail(cursor);
  return (uint32_t)value;
}

static void get_total(struct wire_cursor *cursor, struct wire_event *event) {
  if (wire_take_nil(cursor)) {
    wire_skip_many(cursor, 2);
    return;
  }
  event->total = (struct evald_figure){true, wire_get_int(cursor)};
  event->grade = (uint8_t)wire_get_uint(cursor);
  event->grade_name = wire_get_text_or_nil(cursor);
}

static void get_event(struct wire_cursor *cursor, struct wire_event *event) {
  size_t more = wire_want_array_of(cursor, EVENT_FIELDS);
  uint64_t outcome = wire_get_uint(cursor);
  if (outcome >= WIRE_OUTCOME_COUNT) wire_cursor_fail(cursor);
  event->outcome = (uint8_t)outcome;
  event->pro_code = wire_get_text(cursor);
  event->revision = wire_get_int(cursor);
  event->job_id = wire_get_text_or_nil(cursor);
  event->source = wire_get_text_or_nil(cursor);
  get_total(cursor, event);
  event->errors = get_count(cursor);
  event->warnings = get_count(cursor);
  event->infos = get_count(cursor);
  event->dept_key = wire_get_text_or_nil(cursor);
  event->form_digest = wire_get_digest(cursor);
  event->ruleset_id = wire_get_text_or_nil(cursor);
  event->checksum = wire_get_uint(cursor);
  wire_skip_many(cursor, more);
}

static enum evald_status get_events(struct wire_cursor *cursor,
                                    struct evald_arena *arena,
                                    struct wire_batch *batch) {
  size_t count = wire_get_array(cursor);
  if (cursor->failed) return EVALD_SYNTAX;
  struct wire_event *events = evald_arena_take(arena, count * sizeof *events);
  if (!events) return EVALD_MEMORY;
  for (size_t i = 0; i < count && !cursor->failed; i++) {
    get_event(cursor, &events[i]);
  }
  batch->events = events;
  batch->event_count = count;
  return cursor->failed ? EVALD_SYNTAX : EVALD_OK;
}

static void get_batch(struct wire_cursor *cursor, struct wire_batch *batch) {
  batch->epoch = wire_get_uint(cursor);
  batch->first_seq = wire_get_uint(cursor);
  batch->last_seq = wire_get_uint(cursor);
  batch->at_ms = wire_get_int(cursor);
  batch->checksum = wire_get_uint(cursor);
  wire_get_counters(cursor, wire_get_array(cursor), &batch->sum);
}

/* The sequence is dense: as many numbers as events, and at least one. */
static bool dense(const struct wire_batch *batch) {
  return batch->event_count > 0 && batch->first_seq > 0 &&
         batch->last_seq - batch->first_seq == batch->event_count - 1;
}

enum evald_status wire_batch_decode(struct wire_bytes bytes,
                                    struct evald_arena *arena,
                                    struct wire_batch *out) {
  if (!wire_sound(bytes)) return EVALD_SYNTAX;
  struct wire_cursor cursor = wire_cursor_of(bytes);
  size_t more = wire_want_array_of(&cursor, BATCH_FIELDS);
  uint64_t version = wire_get_uint(&cursor);
  if (cursor.failed) return EVALD_SYNTAX;
  if (version != WIRE_BATCH_VERSION) return EVALD_UNSUPPORTED;
  struct wire_batch batch = {0};
  get_batch(&cursor, &batch);
  enum evald_status status = get_events(&cursor, arena, &batch);
  if (status != EVALD_OK) return status;
  wire_skip_many(&cursor, more);
  status = wire_cursor_done(&cursor);
  if (status == EVALD_OK && !dense(&batch)) status = EVALD_SYNTAX;
  if (status == EVALD_OK) *out = batch;
  return status;
}
