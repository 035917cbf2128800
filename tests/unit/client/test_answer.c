/* SPDX-License-Identifier: Apache-2.0 */
#include "client/answer.h"
#include "unit.h"
#include <stdlib.h>
#include <string.h>

static void put(struct wire_buffer *out, const char *key, const char *text) {
  wire_put_string(out, key);
  wire_put_string(out, text);
}

/* Two answers: an ack with a key and an element of a later version, and a nack
 * with 40 problems. */
static void write_answers(struct wire_buffer *out) {
  wire_put_array(out, 2);
  wire_put_array(out, 4);
  wire_put_uint(out, 7);
  wire_put_uint(out, 0);
  wire_put_map(out, 5);
  put(out, "job_id", "j");
  put(out, "total", "99.9");
  wire_put_string(out, "later");
  wire_put_array(out, 1);
  wire_put_map(out, 0);
  wire_put_string(out, "seq");
  wire_put_uint(out, UINT64_C(1) << 40);
  wire_put_string(out, "grade");
  wire_put_nil(out);
  wire_put_bool(out, true);
  wire_put_array(out, 3);
  wire_put_uint(out, 8);
  wire_put_uint(out, 1);
  wire_put_map(out, 1);
  wire_put_string(out, "problems");
  wire_put_array(out, 40);
  for (int i = 0; i < 40; i++) {
    wire_put_map(out, 2);
    put(out, "code", "bad_kind");
    wire_put_string(out, "offset");
    wire_put_uint(out, (uint64_t)i);
  }
}

static void test_answers_are_read(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  struct answer answer;
  write_answers(&buffer);
  struct wire_cursor cursor = wire_cursor_of(wire_buffer_bytes(&buffer));
  assert_int_equal(answer_count(&cursor), 2);
  answer_next(&cursor, &answer);
  assert_int_equal(answer.correlation, 7);
  assert_int_equal(answer.told.kind, EVALD_ANSWER_ACK);
  assert_int_equal(answer.told.seq, UINT64_C(1) << 40);
  assert_true(evald_text_equal(answer.told.total, EVALD_TEXT("99.9")));
  assert_null(answer.told.grade.data);
  answer_next(&cursor, &answer);
  assert_int_equal(answer.told.kind, EVALD_ANSWER_NACK);
  assert_int_equal(answer.told.problem_count, ANSWER_PROBLEMS_MAX);
  assert_int_equal(answer.told.problems[31].offset, 31);
  assert_int_equal(wire_cursor_done(&cursor), EVALD_OK);
  wire_buffer_fini(&buffer);
}

/* Every head of it and every byte of it changed: no read outside (the copies
 * are exact, for the sanitizer), and what is cut is noticed. */
static void test_bad_bytes_are_survived(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  struct answer answer;
  write_answers(&buffer);
  for (size_t size = 0; size < buffer.size; size++)
    for (unsigned change = 0; change < 256; change += 5) {
      uint8_t *copy = malloc(size + 1);
      assert_non_null(copy);
      memcpy(copy, buffer.data, size);
      if (change && size) copy[size / 2] ^= (uint8_t)change;
      struct wire_cursor cursor =
          wire_cursor_of((struct wire_bytes){copy, size});
      for (size_t left = answer_count(&cursor); left > 0 && !cursor.failed;
           left--)
        answer_next(&cursor, &answer);
      if (change == 0) assert_true(cursor.failed);
      free(copy);
    }
  wire_buffer_fini(&buffer);
}

static const uint8_t digest[16] = {1, 2, 3};

/* The ack of a recalculation: superseded; not found; a later outcome with a
 * later element. */
static void write_recalculation(struct wire_buffer *out) {
  wire_put_array(out, 1);
  wire_put_array(out, 3);
  wire_put_uint(out, 7);
  wire_put_uint(out, 0);
  wire_put_map(out, 2);
  put(out, "ruleset_digest", "0f");
  wire_put_string(out, "outcomes");
  wire_put_array(out, 3);
  for (unsigned i = 0; i < 3; i++) {
    static const unsigned outcomes[] = {2, 7, 99};
    wire_put_array(out, i < 2 ? 5 : 6);
    wire_put_uint(out, outcomes[i]);
    for (int k = 0; k < 4 && i == 1; k++)
      wire_put_nil(out);
    if (i == 1) continue;
    wire_put_int(out, 88500000);
    wire_put_uint(out, 1);
    wire_put_string(out, "良");
    wire_put_binary(out, digest, sizeof digest);
    if (i == 2) wire_put_bool(out, true);
  }
}

static void test_outcomes_are_read(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  struct answer answer;
  struct evald_outcome outcome;
  write_recalculation(&buffer);
  struct wire_cursor cursor = wire_cursor_of(wire_buffer_bytes(&buffer));
  assert_int_equal(answer_count(&cursor), 1);
  answer_next(&cursor, &answer);
  assert_int_equal(wire_cursor_done(&cursor), EVALD_OK);
  assert_true(evald_text_equal(answer.told.ruleset_digest, EVALD_TEXT("0f")));
  struct evald_text rest = answer.told.outcomes;
  assert_true(evald_outcome_next(&rest, &outcome));
  assert_true(evald_text_equal(outcome.outcome, EVALD_TEXT("superseded")));
  assert_true(outcome.scored);
  assert_int_equal(outcome.total_e6, 88500000);
  assert_int_equal(outcome.grade, 1);
  assert_true(evald_text_equal(outcome.grade_name, EVALD_TEXT("良")));
  assert_memory_equal(outcome.form_digest.bytes, digest, sizeof digest);
  assert_true(evald_outcome_next(&rest, &outcome));
  assert_true(evald_text_equal(outcome.outcome, EVALD_TEXT("not_found")));
  assert_false(outcome.scored);
  assert_true(evald_outcome_next(&rest, &outcome));
  assert_null(outcome.outcome.data);
  assert_true(outcome.scored);
  assert_false(evald_outcome_next(&rest, &outcome));
  wire_buffer_fini(&buffer);
}

/* Cut anywhere, an outcome is whole or there is none. */
static void test_cut_outcomes_end(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  struct answer answer;
  write_recalculation(&buffer);
  struct wire_cursor cursor = wire_cursor_of(wire_buffer_bytes(&buffer));
  assert_int_equal(answer_count(&cursor), 1);
  answer_next(&cursor, &answer);
  for (size_t size = 0; size < answer.told.outcomes.size; size++) {
    char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, answer.told.outcomes.data, size);
    struct evald_text rest = {copy, size};
    struct evald_outcome outcome;
    int count = 0;
    while (evald_outcome_next(&rest, &outcome))
      count++;
    assert_true(count < 3);
    free(copy);
  }
  wire_buffer_fini(&buffer);
}

static void test_a_type_that_is_none_fails(void **state) {
  (void)state;
  static const uint8_t bytes[] = {0x91, 0x93, 1, 3, 0x80};
  struct answer answer;
  struct wire_cursor cursor =
      wire_cursor_of((struct wire_bytes){bytes, sizeof bytes});
  assert_int_equal(answer_count(&cursor), 1);
  answer_next(&cursor, &answer);
  assert_true(cursor.failed);
}

static void write_loss(struct wire_buffer *out, uint64_t seq) {
  wire_put_map(out, 4);
  put(out, "mof_div_code", "310113000");
  wire_put_string(out, "seq");
  wire_put_uint(out, seq);
  wire_put_string(out, "later");
  wire_put_array(out, 0);
  wire_put_string(out, "epoch");
  wire_put_uint(out, 9);
}

static void sum_losses(void *context, const struct evald_loss *loss) {
  assert_true(evald_text_equal(loss->mof_div_code, EVALD_TEXT("310113000")));
  assert_int_equal(loss->epoch, 9);
  *(uint64_t *)context += loss->seq;
}

static void test_losses_are_read(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  struct evald_loss loss;
  uint64_t sum = 0;
  write_loss(&buffer, 3);
  assert_int_equal(loss_read(wire_buffer_bytes(&buffer), &loss), EVALD_OK);
  sum_losses(&sum, &loss);
  wire_buffer_fini(&buffer);
  buffer = (struct wire_buffer){0};
  wire_put_map(&buffer, 2);
  put(&buffer, "instance", "i");
  wire_put_string(&buffer, "resend");
  wire_put_array(&buffer, 2);
  write_loss(&buffer, 10);
  write_loss(&buffer, 100);
  struct wire_bytes bytes = wire_buffer_bytes(&buffer);
  assert_int_equal(welcome_losses(bytes, sum_losses, &sum), EVALD_OK);
  assert_int_equal(sum, 113);
  for (size_t cut = 0; cut < bytes.size; cut++)
    assert_int_not_equal(
        welcome_losses((struct wire_bytes){bytes.data, cut}, sum_losses, &sum),
        EVALD_OK);
  wire_buffer_fini(&buffer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_answers_are_read),
      cmocka_unit_test(test_losses_are_read),
      cmocka_unit_test(test_bad_bytes_are_survived),
      cmocka_unit_test(test_outcomes_are_read),
      cmocka_unit_test(test_cut_outcomes_end),
      cmocka_unit_test(test_a_type_that_is_none_fails)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
