/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "wire/event_codec.h"
#include "wire/pairs.h"
#include "wire/prescan.h"
#include "wire/reader.h"

static const struct evald_text messages[] = {
#define X(name, spelling) {spelling, sizeof(spelling) - 1},
    WIRE_MESSAGE_LIST(X)
#undef X
};

const char *wire_message_name(enum wire_message message) {
  return (unsigned)message < WIRE_MESSAGE_COUNT ? messages[message].data : "?";
}

size_t wire_topic_of_shard(enum wire_message message,
                           const struct wire_shard *shard,
                           char out[WIRE_TOPIC]) {
  return fault_print(out, WIRE_TOPIC, "%s.%.*s.%u", wire_message_name(message),
                     (int)shard->mof_div_code.size,
                     shard->mof_div_code.data ? shard->mof_div_code.data : "",
                     (unsigned)shard->fiscal_year);
}

size_t wire_topic_of_source(enum wire_message message, struct evald_text source,
                            char out[WIRE_TOPIC]) {
  return fault_print(out, WIRE_TOPIC, "%s.%.*s", wire_message_name(message),
                     (int)source.size, source.data ? source.data : "");
}

static struct wire_map open_message(struct wire_buffer *out,
                                    enum wire_message message, size_t most) {
  struct wire_map map = wire_map_open(out, most);
  wire_map_int(&map, "v", WIRE_MESSAGE_VERSION);
  wire_map_string(&map, "kind", wire_message_name(message));
  return map;
}

static void put_sequence(struct wire_map *map, uint64_t epoch, uint64_t seq,
                         uint64_t previous) {
  wire_map_uint(map, "epoch", epoch);
  wire_map_uint(map, "seq", seq);
  wire_map_uint(map, "prev", previous);
}

static void put_shard(struct wire_map *map, const struct wire_shard *shard) {
  wire_map_text(map, "mof_div_code", shard->mof_div_code);
  wire_map_int(map, "fiscal_year", shard->fiscal_year);
}

void wire_event_publish(const struct wire_shard *shard,
                        const struct wire_batch *batch, size_t position,
                        struct wire_buffer *out) {
  const struct wire_event *event = &batch->events[position];
  uint64_t seq = batch->first_seq + position;
  struct wire_map map = open_message(out, WIRE_MESSAGE_EVENT, 22);
  put_sequence(&map, batch->epoch, seq, seq - 1);
  put_shard(&map, shard);
  wire_map_text(&map, "pro_code", event->pro_code);
  wire_map_int(&map, "revision", event->revision);
  wire_map_text(&map, "job_id", event->job_id);
  wire_map_text(&map, "source", event->source);
  wire_map_string(&map, "outcome", wire_outcome_name(event->outcome));
  wire_map_decimal(&map, "total", event->total.present, event->total.value);
  wire_map_text(&map, "grade", event->grade_name);
  wire_map_uint(&map, "errors", event->errors);
  wire_map_uint(&map, "warnings", event->warnings);
  wire_map_uint(&map, "infos", event->infos);
  wire_map_text(&map, "dept_code", event->dept_key);
  wire_map_digest(&map, "form_digest", &event->form_digest);
  wire_map_text(&map, "ruleset", event->ruleset_id);
  wire_map_hex(&map, "checksum", event->checksum);
  wire_map_int(&map, "at_ms", batch->at_ms);
  wire_map_close(&map);
}

void wire_aggregate_publish(const struct wire_shard *shard,
                            const struct wire_batch *batch, uint64_t previous,
                            struct wire_buffer *out) {
  struct wire_map map =
      open_message(out, WIRE_MESSAGE_AGGREGATE, 9 + CORE_COUNTER_COUNT);
  put_sequence(&map, batch->epoch, batch->last_seq, previous);
  put_shard(&map, shard);
  wire_map_hex(&map, "checksum", batch->checksum);
  for (unsigned i = 0; i < CORE_COUNTER_COUNT; i++) {
    wire_map_int(&map, core_counter_name(i), batch->sum.counter[i]);
  }
  wire_map_int(&map, "at_ms", batch->at_ms);
  wire_map_close(&map);
}

static void put_project(const struct wire_project_outcome *project,
                        struct wire_buffer *out) {
  wire_put_array(out, 5);
  wire_put_uint(out, project->outcome);
  if (!project->scored) {
    for (int i = 0; i < 4; i++)
      wire_put_nil(out);
    return;
  }
  wire_put_int(out, project->total);
  wire_put_uint(out, project->grade);
  wire_put_text(out, project->grade_name);
  wire_put_digest(out, &project->form_digest);
}

static void put_projects(struct wire_map *map,
                         const struct wire_receipt *receipt) {
  if (receipt->outcomes == NULL) return;
  wire_map_digest(map, "ruleset_digest", &receipt->ruleset_digest);
  wire_map_key(map, "outcomes");
  wire_put_array(map->out, receipt->outcome_count);
  for (size_t i = 0; i < receipt->outcome_count; i++)
    put_project(&receipt->outcomes[i], map->out);
}

void wire_receipt_publish(const struct wire_receipt *receipt,
                          struct wire_buffer *out) {
  struct wire_map map = open_message(out, WIRE_MESSAGE_RECEIPT,
                                     receipt->outcomes != NULL ? 17 : 15);
  wire_map_text(&map, "job_id", receipt->job_id);
  wire_map_text(&map, "source", receipt->source);
  wire_map_string(&map, "outcome", wire_outcome_name(receipt->outcome));
  put_shard(&map, &receipt->shard);
  wire_map_text(&map, "pro_code", receipt->pro_code);
  wire_map_int(&map, "revision", receipt->revision);
  wire_map_uint(&map, "epoch", receipt->epoch);
  wire_map_uint(&map, "seq", receipt->seq);
  wire_map_decimal(&map, "total", receipt->total.present, receipt->total.value);
  wire_map_text(&map, "grade", receipt->grade_name);
  wire_map_digest(&map, "form_digest", &receipt->form_digest);
  wire_map_text(&map, "ruleset", receipt->ruleset_id);
  put_projects(&map, receipt);
  wire_map_close(&map);
}

void wire_reject_publish(const struct wire_reject_notice *notice,
                         struct wire_buffer *out) {
  struct wire_map map = open_message(out, WIRE_MESSAGE_REJECT, 7);
  wire_map_text(&map, "job_id", notice->job_id);
  wire_map_text(&map, "source", notice->source);
  wire_map_string(&map, "outcome", wire_outcome_name(WIRE_OUTCOME_REJECTED));
  wire_map_key(&map, "problems");
  wire_rejects_encode(notice->rejects, out);
  wire_map_text(&map, "rejects_id", notice->rejects_id);
  wire_map_close(&map);
}

void wire_behind_publish(const struct wire_behind *behind,
                         struct wire_buffer *out) {
  struct wire_map map = open_message(out, WIRE_MESSAGE_BEHIND, 7);
  wire_map_string(&map, "of", wire_message_name(behind->of));
  if (behind->shard.mof_div_code.data) {
    wire_map_uint(&map, "epoch", behind->epoch);
    wire_map_uint(&map, "seq", behind->seq);
    put_shard(&map, &behind->shard);
  } else {
    wire_map_text(&map, "source", behind->source);
  }
  wire_map_close(&map);
}

/* Reading published messages: one table for the keys of all kinds. */

/* `kind` comes first: see wire_published_decode. */
#define FIELD(key, function, member)                                           \
  { {key, sizeof(key) - 1}, function, offsetof(struct wire_published, member) }

static READER_FUNCTION(read_uint) {
  (void)field;
  if (wire_peek(&reader->cursor) == WIRE_TYPE_INT) {
    *(uint64_t *)into = wire_get_uint(&reader->cursor);
  } else {
    wire_cursor_fail(&reader->cursor);
  }
}

static READER_FUNCTION(read_signed) {
  (void)field;
  *(int64_t *)into = wire_get_int(&reader->cursor);
}

static READER_FUNCTION(read_count) {
  (void)field;
  uint64_t value = wire_get_uint(&reader->cursor);
  if (value > UINT32_MAX) wire_cursor_fail(&reader->cursor);
  *(uint32_t *)into = (uint32_t)value;
}

static READER_FUNCTION(read_year) {
  (void)field;
  uint64_t value = wire_get_uint(&reader->cursor);
  if (value > UINT16_MAX) wire_cursor_fail(&reader->cursor);
  *(uint16_t *)into = (uint16_t)value;
}

static READER_FUNCTION(read_message) {
  (void)field;
  struct evald_text text = wire_get_text(&reader->cursor);
  unsigned i = 0;
  while (i < WIRE_MESSAGE_COUNT && !evald_text_equal(messages[i], text))
    i++;
  *(uint8_t *)into = (uint8_t)i;
}

static READER_FUNCTION(read_outcome) {
  (void)field;
  *(uint8_t *)into =
      (uint8_t)wire_outcome_named(wire_get_text(&reader->cursor));
}

static bool hex_digits(struct evald_text text, uint8_t *out, size_t size) {
  if (text.size != 2 * size) return false;
  for (size_t i = 0; i < text.size; i++) {
    char c = text.data[i];
    int value = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                       : -1;
    if (value < 0) return false;
    out[i / 2] = (uint8_t)(out[i / 2] << 4 | value);
  }
  return true;
}

static READER_FUNCTION(read_digest) {
  (void)field;
  struct evald_digest digest = {0};
  if (hex_digits(wire_get_text(&reader->cursor), digest.bytes,
                 sizeof digest.bytes)) {
    *(struct evald_digest *)into = digest;
  } else {
    wire_cursor_fail(&reader->cursor);
  }
}

static READER_FUNCTION(read_checksum) {
  (void)field;
  uint8_t bytes[8] = {0};
  if (!hex_digits(wire_get_text(&reader->cursor), bytes, sizeof bytes)) {
    wire_cursor_fail(&reader->cursor);
    return;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof bytes; i++)
    value = value << 8 | bytes[i];
  *(uint64_t *)into = value;
}

static READER_FUNCTION(read_problems) {
  (void)field;
  size_t count = wire_get_array(&reader->cursor);
  wire_skip_many(&reader->cursor, count);
  *(size_t *)into = count;
}

static const struct reader_field published_fields[] = {
    FIELD("kind", read_message, message),
    FIELD("of", read_message, of),
    FIELD("epoch", read_uint, epoch),
    FIELD("seq", read_uint, seq),
    FIELD("prev", read_uint, prev),
    FIELD("mof_div_code", reader_text, shard.mof_div_code),
    FIELD("fiscal_year", read_year, shard.fiscal_year),
    FIELD("pro_code", reader_text, event.pro_code),
    FIELD("revision", read_signed, event.revision),
    FIELD("job_id", reader_text, event.job_id),
    FIELD("source", reader_text, event.source),
    FIELD("outcome", read_outcome, event.outcome),
    FIELD("total", reader_figure, event.total),
    FIELD("grade", reader_text, event.grade_name),
    FIELD("errors", read_count, event.errors),
    FIELD("warnings", read_count, event.warnings),
    FIELD("infos", read_count, event.infos),
    FIELD("dept_code", reader_text, event.dept_key),
    FIELD("form_digest", read_digest, event.form_digest),
    FIELD("ruleset", reader_text, event.ruleset_id),
    FIELD("checksum", read_checksum, checksum),
    FIELD("at_ms", read_signed, at_ms),
    FIELD("problems", read_problems, problem_count)};
static const struct reader_table published_table = {
    published_fields, sizeof published_fields / sizeof published_fields[0]};

#define COUNTER(name, key)                                                     \
  FIELD(key, read_signed, sum.counter[CORE_COUNTER_##name]),
static const struct reader_field aggregate_fields[] = {
    FIELD("kind", read_message, message),
    FIELD("epoch", read_uint, epoch),
    FIELD("seq", read_uint, seq),
    FIELD("prev", read_uint, prev),
    FIELD("mof_div_code", reader_text, shard.mof_div_code),
    FIELD("fiscal_year", read_year, shard.fiscal_year),
    FIELD("checksum", read_checksum, checksum),
    CORE_COUNTER_LIST(COUNTER) FIELD("at_ms", read_signed, at_ms)};
#undef COUNTER
static const struct reader_table aggregate_table = {
    aggregate_fields, sizeof aggregate_fields / sizeof aggregate_fields[0]};

/* Unknown keys of a newer daemon are no reason to refuse its message; anything
 * else is. */
static bool only_unknown_keys(const struct wire_rejects *rejects) {
  for (size_t i = 0; i < rejects->count; i++) {
    if (rejects->items[i].code != WIRE_REJECT_UNKNOWN_KEY) return false;
  }
  return true;
}

static enum evald_status read_as(struct wire_bytes bytes,
                                 const struct reader_table *table,
                                 struct wire_published *out) {
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  struct reader reader = {.cursor = wire_cursor_of(bytes), .rejects = &rejects};
  *out = (struct wire_published){.message = WIRE_MESSAGE_COUNT};
  reader_map(&reader, table, out, NULL);
  if (wire_cursor_done(&reader.cursor) != EVALD_OK) return EVALD_SYNTAX;
  return only_unknown_keys(&rejects) ? EVALD_OK : EVALD_SYNTAX;
}

enum evald_status wire_published_decode(struct wire_bytes bytes,
                                        struct wire_published *out) {
  static const struct reader_table kind_table = {published_fields, 1};
  if (!wire_sound(bytes)) return EVALD_SYNTAX;
  struct wire_published read;
  enum evald_status status = read_as(bytes, &kind_table, &read);
  if (status != EVALD_OK) return status;
  if (read.message == WIRE_MESSAGE_COUNT) return EVALD_UNSUPPORTED;
  /* An aggregate has counters under keys that an event uses for its own. */
  bool is_aggregate = read.message == WIRE_MESSAGE_AGGREGATE;
  status =
      read_as(bytes, is_aggregate ? &aggregate_table : &published_table, &read);
  if (status != EVALD_OK) return status;
  read.event.checksum = read.checksum;
  *out = read;
  return EVALD_OK;
}
