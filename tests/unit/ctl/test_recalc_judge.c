/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "ctl/recalc_judge.h"
#include "unit.h"
#include "wire/buffer.h"
#include "wire/outcome.h"
#include <stdlib.h>

/* Two forms sent, and what the daemon may say of them. */
struct told {
  struct recalc recalc;
  struct recalc_item items[2];
  struct chunk chunk;
  struct wire_buffer bytes;
  char target[EVALD_DIGEST_HEX];
  struct evald_answer answer;
};

static void begin(struct told *told) {
  *told = (struct told){.recalc.target.bytes = {7},
                        .chunk = {.used = true, .count = 2},
                        .answer.kind = EVALD_ANSWER_ACK};
  told->chunk.items = told->items;
  for (int i = 0; i < 2; i++)
    told->items[i].form.bytes[0] = (uint8_t)(1 + i);
  evald_digest_print(&told->recalc.target, told->target);
  told->answer.ruleset_digest = evald_text_of(told->target);
}

static void say(struct told *told, enum wire_outcome outcome, uint8_t form) {
  const struct evald_digest digest = {{form}};
  wire_put_array(&told->bytes, 5);
  wire_put_uint(&told->bytes, outcome);
  wire_put_int(&told->bytes, 85 * (evald_decimal)EVALD_DECIMAL_ONE);
  wire_put_uint(&told->bytes, 1);
  wire_put_string(&told->bytes, "良");
  wire_put_digest(&told->bytes, &digest);
}

static void say_not_found(struct told *told) {
  wire_put_array(&told->bytes, 5);
  wire_put_uint(&told->bytes, WIRE_OUTCOME_NOT_FOUND);
  for (int i = 0; i < 4; i++)
    wire_put_nil(&told->bytes);
}

static const struct chunk_outcome *judged(struct told *told) {
  struct wire_bytes bytes = wire_buffer_bytes(&told->bytes);
  told->answer.outcomes =
      (struct evald_text){(const char *)bytes.data, bytes.size};
  judge_answer(&told->recalc, &told->chunk, &told->answer);
  return told->chunk.outcomes;
}

static void end(struct told *told) {
  free(told->chunk.outcomes);
  wire_buffer_fini(&told->bytes);
}

/* A chunk that is sent again is told to be unchanged: the same came of it. */
static void what_was_scored_is_told(void **state) {
  (void)state;
  struct told told;
  begin(&told);
  say(&told, WIRE_OUTCOME_SUPERSEDED, 1);
  say(&told, WIRE_OUTCOME_UNCHANGED, 2);
  const struct chunk_outcome *outcomes = judged(&told);
  assert_non_null(outcomes);
  for (int i = 0; i < 2; i++) {
    assert_true(outcomes[i].scored);
    assert_int_equal(outcomes[i].after.total, 85 * EVALD_DECIMAL_ONE);
    assert_int_equal(outcomes[i].after.rank, 1);
    assert_string_equal(outcomes[i].after.grade, "良");
  }
  end(&told);
}

static void another_form_was_changed_meanwhile(void **state) {
  (void)state;
  struct told told;
  begin(&told);
  say(&told, WIRE_OUTCOME_SUPERSEDED, 1);
  say(&told, WIRE_OUTCOME_SUPERSEDED, 3);
  const struct chunk_outcome *outcomes = judged(&told);
  assert_non_null(outcomes);
  assert_true(outcomes[0].scored);
  assert_false(outcomes[1].scored);
  assert_int_equal(outcomes[1].left, RECALC_MEANWHILE);
  end(&told);
}

/* Whatever the answer leaves open is for the store to say. */
static void the_rest_is_left_to_the_store(void **state) {
  (void)state;
  struct told told;
  begin(&told);
  say(&told, WIRE_OUTCOME_SUPERSEDED, 1);
  assert_null(judged(&told)); /* one too few */
  say_not_found(&told);
  assert_null(judged(&told));
  end(&told);

  begin(&told);
  for (uint8_t i = 1; i <= 3; i++)
    say(&told, WIRE_OUTCOME_SUPERSEDED, i);
  assert_null(judged(&told)); /* one too many */
  end(&told);

  begin(&told);
  say(&told, WIRE_OUTCOME_SUPERSEDED, 1);
  say(&told, WIRE_OUTCOME_SUPERSEDED, 2);
  told.answer.ruleset_digest = EVALD_TEXT("00000000000000000000000000000000");
  assert_null(judged(&told)); /* by other rules */
  told.answer.ruleset_digest = evald_text_of(told.target);
  assert_non_null(judged(&told));
  end(&told);

  begin(&told);
  judge_answer(&told.recalc, &told.chunk, &told.answer);
  assert_null(told.chunk.outcomes); /* an older daemon */
  end(&told);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_scored_is_told),
      cmocka_unit_test(another_form_was_changed_meanwhile),
      cmocka_unit_test(the_rest_is_left_to_the_store),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
