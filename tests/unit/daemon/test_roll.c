/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/roll.h"
#include "unit.h"
#include <stdio.h>

static struct evald_text code_of(unsigned number, char out[16]) {
  (void)snprintf(out, 16, "p%u", number);
  return evald_text_of(out);
}

static void without_a_roll_nothing_is_lacking(void **state) {
  (void)state;
  struct roll roll = {0};
  roll_note(&roll, EVALD_TEXT("a"));
  assert_false(roll_lacks(&roll, EVALD_TEXT("a")));
  assert_false(roll_lacks(&roll, EVALD_TEXT("b")));
  assert_int_equal(roll_bytes(&roll), 0);
  roll_end(&roll);
}

/* Whatever was noted is there, however often it grew; and of what was not,
 * marks in 32 bits hide next to nothing. */
static void what_was_noted_is_not_lacking(void **state) {
  (void)state;
  enum { COUNT = 100000, HIDDEN = 100 };
  struct roll roll = {0};
  char text[16];
  unsigned lacking = 0;
  roll_begin(&roll);
  for (unsigned i = 0; i < COUNT; i++) {
    lacking += roll_lacks(&roll, code_of(i, text));
    roll_note(&roll, code_of(i, text));
    roll_note(&roll, code_of(i / 2, text));
  }
  assert_in_range(lacking, COUNT - HIDDEN, COUNT);
  assert_in_range(roll.count, COUNT - HIDDEN, COUNT);
  for (unsigned i = 0; i < COUNT; i++)
    assert_false(roll_lacks(&roll, code_of(i, text)));
  assert_in_range(roll_bytes(&roll), COUNT * 4, COUNT * 16);
  roll_end(&roll);
}

static void one_that_is_begun_again_is_empty(void **state) {
  (void)state;
  struct roll roll = {0};
  roll_begin(&roll);
  roll_note(&roll, EVALD_TEXT("a"));
  assert_false(roll_lacks(&roll, EVALD_TEXT("a")));
  roll_begin(&roll);
  assert_true(roll_lacks(&roll, EVALD_TEXT("a")));
  roll_end(&roll);
  assert_false(roll_lacks(&roll, EVALD_TEXT("a")));
}

/* It ends rather than grow without bound, and then claims nothing. */
static void one_too_long_ends(void **state) {
  (void)state;
  enum { MOST = 2000000 };
  struct roll roll = {0};
  char text[16];
  size_t top = 0;
  roll_begin(&roll);
  for (unsigned i = 0; i < MOST && roll.marks != NULL; i++) {
    roll_note(&roll, code_of(i, text));
    if (roll_bytes(&roll) > top) top = roll_bytes(&roll);
  }
  assert_null(roll.marks);
  assert_in_range(top, 1 << 20, 8 << 20);
  assert_false(roll_lacks(&roll, EVALD_TEXT("new")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_roll_nothing_is_lacking),
      cmocka_unit_test(what_was_noted_is_not_lacking),
      cmocka_unit_test(one_that_is_begun_again_is_empty),
      cmocka_unit_test(one_too_long_ends)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
