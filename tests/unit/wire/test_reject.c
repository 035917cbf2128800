/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/reject.h"

#include "unit.h"
#include "wire/outcome.h"

static void every_code_has_a_name_of_its_own(void **state) {
  (void)state;
  for (unsigned i = 0; i < WIRE_REJECT_COUNT; i++) {
    assert_int_equal(wire_reject_named(evald_text_of(wire_reject_name(i))), i);
    assert_true(wire_reject_text(i, 0)[0] != '\0');
    assert_true(wire_reject_text(i, 1)[0] != '\0');
  }
  assert_string_equal(wire_reject_name(WIRE_REJECT_COUNT), "?");
  assert_int_equal(wire_reject_named(EVALD_TEXT("no such")), WIRE_REJECT_COUNT);
}

static void every_outcome_has_a_name_of_its_own(void **state) {
  (void)state;
  for (unsigned i = 0; i < WIRE_OUTCOME_COUNT; i++) {
    assert_int_equal(wire_outcome_named(evald_text_of(wire_outcome_name(i))),
                     i);
    assert_string_not_equal(wire_outcome_text(i, 0), "?");
  }
  assert_true(wire_outcome_changes(WIRE_OUTCOME_SUPERSEDED));
  assert_false(wire_outcome_changes(WIRE_OUTCOME_STALE));
  assert_false(wire_outcome_changes(WIRE_OUTCOME_COUNT));
}

static void says_key_value_and_byte(void **state) {
  (void)state;
  struct wire_problem problem =
      wire_problem_of(WIRE_REJECT_OUT_OF_RANGE, "fiscal_year", 118);
  char text[WIRE_SENTENCE];
  wire_problem_sentence(&problem, 0, text, sizeof text);
  assert_string_equal(text,
                      "fiscal_year: the number is outside its range, byte 118");
  problem.expected = WIRE_EXPECTED_YEAR;
  problem.printed = EVALD_TEXT("19\n94");
  wire_problem_sentence(&problem, 0, text, sizeof text);
  assert_string_equal(text, "fiscal_year: the number is outside its range "
                            "(19?94; allowed: 1994..2999), byte 118");
  wire_problem_sentence(&problem, 1, text, sizeof text);
  assert_string_equal(text, "fiscal_year：数值超出范围（19?94；允许："
                            "1994 至 2999），第 118 字节");
}

static bool has_letter_beyond_ascii(const char *text) {
  for (; *text; text++)
    if ((unsigned char)*text >= 0x80) return true;
  return false;
}

/* What is no figure alone is said in the reader's own language. */
static void what_is_expected_is_said_in_both_languages(void **state) {
  (void)state;
  for (unsigned i = WIRE_EXPECTED_NOTHING + 1; i < WIRE_EXPECTED_COUNT; i++) {
    const char *en = wire_expected_text(i, 0), *zh = wire_expected_text(i, 1);
    bool figure = strspn(en, "0123456789") == strlen(en);
    assert_true(en[0] != '\0');
    assert_true(figure ? strcmp(en, zh) == 0 : has_letter_beyond_ascii(zh));
  }
  assert_string_equal(wire_expected_text(WIRE_EXPECTED_NOTHING, 1), "");
  assert_string_equal(wire_expected_text(WIRE_EXPECTED_COUNT, 0), "?");
}

/* A long value is cut at a character, a short buffer never overrun. */
static void fits_any_room(void **state) {
  (void)state;
  char value[300];
  for (size_t i = 0; i < sizeof value; i++)
    value[i] = "中"[i % 3];
  struct wire_problem problem =
      wire_problem_of(WIRE_REJECT_TOO_LONG, "source", 9);
  problem.printed = (struct evald_text){value, sizeof value};
  char text[WIRE_SENTENCE + 1];
  for (size_t room = 1; room <= WIRE_SENTENCE; room++) {
    memset(text, '#', sizeof text);
    size_t length = wire_problem_sentence(&problem, 1, text, room);
    assert_true(length < room);
    assert_int_equal(strlen(text), length);
    assert_int_equal(text[room], '#');
  }
}

static void round_trips(void **state) {
  (void)state;
  struct wire_rejects rejects;
  struct wire_rejects read;
  struct wire_buffer packed = {0};
  wire_rejects_init(&rejects);
  wire_reject_add(&rejects,
                  wire_problem_of(WIRE_REJECT_MISSING_KEY, "funds", 0));
  wire_reject_add(&rejects,
                  wire_problem_of(WIRE_REJECT_WRONG_TYPE, "a\nb", 70));
  wire_rejects_encode(&rejects, &packed);
  assert_int_equal(wire_rejects_decode(wire_buffer_bytes(&packed), &read),
                   EVALD_OK);
  assert_int_equal(read.count, 2);
  assert_int_equal(read.items[0].code, WIRE_REJECT_MISSING_KEY);
  assert_string_equal(read.items[0].key, "funds");
  assert_string_equal(read.items[1].key, "a?b");
  assert_int_equal(read.items[1].offset, 70);
  assert_true(evald_text_equal(read.items[0].printed,
                               EVALD_TEXT("funds：缺少必需的键，第 0 字节")));
  packed.size--;
  assert_int_equal(wire_rejects_decode(wire_buffer_bytes(&packed), &read),
                   EVALD_SYNTAX);
  wire_buffer_fini(&packed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_code_has_a_name_of_its_own),
      cmocka_unit_test(every_outcome_has_a_name_of_its_own),
      cmocka_unit_test(says_key_value_and_byte),
      cmocka_unit_test(what_is_expected_is_said_in_both_languages),
      cmocka_unit_test(fits_any_room),
      cmocka_unit_test(round_trips),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
