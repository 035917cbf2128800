/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/event_codec.h"

#include "golden.h"

static struct wire_event events[2] = {
    {.outcome = WIRE_OUTCOME_SUPERSEDED,
     .pro_code = {"P-1", 3},
     .revision = 3,
     .job_id = {"j-1", 3},
     .source = {"test", 4},
     .total = {true, 99900000},
     .grade = 0,
     .grade_name = {"优", 3},
     .errors = 1,
     .warnings = 2,
     .infos = 3,
     .dept_key = {"101", 3},
     .form_digest = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
     .ruleset_id = {"cn-sh-2024", 10},
     .checksum = UINT64_C(0x0123456789ABCDEF)},
    {.outcome = WIRE_OUTCOME_WITHDRAWN,
     .pro_code = {"P-2", 3},
     .revision = 4,
     .job_id = {"j-2", 3},
     .source = {"test", 4},
     .dept_key = {"-", 1},
     .checksum = UINT64_MAX}};

static struct wire_batch a_batch(void) {
  struct wire_batch batch = {.epoch = 2,
                             .first_seq = 41,
                             .last_seq = 42,
                             .at_ms = 1732365296789,
                             .checksum = UINT64_MAX,
                             .events = events,
                             .event_count = 2};
  for (unsigned i = 0; i < CORE_COUNTER_COUNT; i++) {
    batch.sum.counter[i] = (int64_t)i * 1000 - 500;
  }
  return batch;
}

static const struct wire_shard shard = {{"310113000", 9}, 2024};

static void batches_round_trip(void **state) {
  (void)state;
  struct wire_batch batch = a_batch();
  struct wire_batch read;
  struct wire_buffer first = {0};
  struct wire_buffer second = {0};
  struct evald_arena *arena = evald_arena_new(1 << 20);
  wire_batch_encode(&batch, &first);
  assert_int_equal(wire_batch_decode(wire_buffer_bytes(&first), arena, &read),
                   EVALD_OK);
  assert_int_equal(read.epoch, 2);
  assert_int_equal(read.last_seq, 42);
  assert_int_equal(read.at_ms, 1732365296789);
  assert_memory_equal(&read.sum, &batch.sum, sizeof read.sum);
  assert_int_equal(read.event_count, 2);
  assert_int_equal(read.events[0].total.value, 99900000);
  assert_false(read.events[1].total.present);
  assert_null(read.events[1].grade_name.data);
  wire_batch_encode(&read, &second);
  assert_int_equal(second.size, first.size);
  assert_memory_equal(second.data, first.data, first.size);
  wire_buffer_fini(&first);
  wire_buffer_fini(&second);
  evald_arena_free(arena);
}

/* These bytes lie in streams for years: event_codec.h says how to change them.
 */
static void golden(void **state) {
  (void)state;
  struct wire_batch batch = a_batch();
  struct wire_buffer out = {0};
  wire_batch_encode(&batch, &out);
  assert_golden("wire/batch-v1.hex", wire_buffer_bytes(&out));
  wire_buffer_fini(&out);
}

/* A hole or a surplus in the sequence is no batch; nor are cut bytes. */
static void refuses_other_bytes(void **state) {
  (void)state;
  struct wire_buffer out = {0};
  struct wire_batch read;
  struct evald_arena *arena = evald_arena_new(1 << 20);
  static const uint64_t wrong[][2] = {{41, 43}, {41, 41}, {0, 1}, {42, 41}};
  for (size_t i = 0; i < 4; i++) {
    struct wire_batch batch = a_batch();
    batch.first_seq = wrong[i][0];
    batch.last_seq = wrong[i][1];
    wire_buffer_reset(&out);
    wire_batch_encode(&batch, &out);
    assert_int_equal(wire_batch_decode(wire_buffer_bytes(&out), arena, &read),
                     EVALD_SYNTAX);
  }
  struct wire_batch batch = a_batch();
  wire_buffer_reset(&out);
  wire_batch_encode(&batch, &out);
  for (size_t size = 0; size < out.size; size++) {
    assert_int_equal(
        wire_batch_decode((struct wire_bytes){out.data, size}, arena, &read),
        EVALD_SYNTAX);
  }
  out.data[1] = 2; /* the version */
  assert_int_equal(wire_batch_decode(wire_buffer_bytes(&out), arena, &read),
                   EVALD_UNSUPPORTED);
  wire_buffer_fini(&out);
  evald_arena_free(arena);
}

static struct wire_published decoded(const struct wire_buffer *message) {
  struct wire_published published;
  assert_int_equal(
      wire_published_decode(wire_buffer_bytes(message), &published), EVALD_OK);
  return published;
}

static void publishes_events(void **state) {
  (void)state;
  struct wire_batch batch = a_batch();
  struct wire_buffer out = {0};
  wire_event_publish(&shard, &batch, 0, &out);
  struct wire_published p = decoded(&out);
  assert_int_equal(p.message, WIRE_MESSAGE_EVENT);
  assert_int_equal(p.epoch, 2);
  assert_int_equal(p.seq, 41);
  assert_int_equal(p.prev, 40);
  assert_int_equal(p.shard.fiscal_year, 2024);
  assert_true(evald_text_equal(p.shard.mof_div_code, shard.mof_div_code));
  assert_int_equal(p.event.outcome, WIRE_OUTCOME_SUPERSEDED);
  assert_int_equal(p.event.total.value, 99900000);
  assert_int_equal(p.event.infos, 3);
  assert_true(evald_text_equal(p.event.dept_key, EVALD_TEXT("101")));
  assert_true(evald_digest_equal(&p.event.form_digest, &events[0].form_digest));
  assert_true(p.checksum == UINT64_C(0x0123456789ABCDEF));
  wire_buffer_reset(&out);
  wire_event_publish(&shard, &batch, 1, &out);
  p = decoded(&out);
  assert_int_equal(p.seq, 42);
  assert_false(p.event.total.present);
  wire_buffer_fini(&out);
}

static void publishes_aggregates(void **state) {
  (void)state;
  struct wire_batch batch = a_batch();
  batch.sum.counter[CORE_COUNTER_ERRORS] = INT64_MAX;
  struct wire_buffer out = {0};
  wire_aggregate_publish(&shard, &batch, 40, &out);
  struct wire_published p = decoded(&out);
  assert_int_equal(p.message, WIRE_MESSAGE_AGGREGATE);
  assert_int_equal(p.seq, 42);
  assert_int_equal(p.prev, 40);
  assert_true(p.checksum == UINT64_MAX);
  assert_memory_equal(&p.sum, &batch.sum, sizeof p.sum);
  wire_buffer_fini(&out);
}

static void publishes_receipts_and_rejects(void **state) {
  (void)state;
  struct wire_receipt receipt = {.job_id = EVALD_TEXT("j"),
                                 .source = EVALD_TEXT("s"),
                                 .outcome = WIRE_OUTCOME_STALE,
                                 .shard = shard,
                                 .pro_code = EVALD_TEXT("P-1"),
                                 .revision = 2};
  struct wire_buffer out = {0};
  wire_receipt_publish(&receipt, &out);
  struct wire_published p = decoded(&out);
  assert_int_equal(p.message, WIRE_MESSAGE_RECEIPT);
  assert_int_equal(p.event.outcome, WIRE_OUTCOME_STALE);
  assert_int_equal(p.seq, 0);
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  wire_reject_add(&rejects, wire_problem_of(WIRE_REJECT_BAD_KIND, "kind", 7));
  struct wire_reject_notice notice = {.source = EVALD_TEXT("s"),
                                      .rejects_id = EVALD_TEXT("1-0"),
                                      .rejects = &rejects};
  wire_buffer_reset(&out);
  wire_reject_publish(&notice, &out);
  p = decoded(&out);
  assert_int_equal(p.message, WIRE_MESSAGE_REJECT);
  assert_int_equal(p.problem_count, 1);
  assert_null(p.event.job_id.data);
  wire_buffer_fini(&out);
}

static void names_topics(void **state) {
  (void)state;
  char topic[WIRE_TOPIC];
  assert_int_equal(wire_topic_of_shard(WIRE_MESSAGE_EVENT, &shard, topic), 20);
  assert_string_equal(topic, "event.310113000.2024");
  wire_topic_of_source(WIRE_MESSAGE_REJECT, EVALD_TEXT("财政局"), topic);
  assert_string_equal(topic, "reject.财政局");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(batches_round_trip),
      cmocka_unit_test(golden),
      cmocka_unit_test(refuses_other_bytes),
      cmocka_unit_test(publishes_events),
      cmocka_unit_test(publishes_aggregates),
      cmocka_unit_test(publishes_receipts_and_rejects),
      cmocka_unit_test(names_topics),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
