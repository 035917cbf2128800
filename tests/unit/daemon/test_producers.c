/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/producers.h"
#include "unit.h"

static int setup(void **state) {
  static struct producers producers;
  assert_int_equal(producers_init(&producers, 3, 10), EVALD_OK);
  *state = &producers;
  return 0;
}

static int teardown(void **state) {
  producers_fini(*state);
  return 0;
}

static struct bus_frame frame_of(const char *text) {
  struct bus_frame frame;
  assert_int_equal(bus_frame_init_copy(&frame, text, strlen(text)), EVALD_OK);
  return frame;
}

static void credit_ends_with_the_window(void **state) {
  struct producer *one = producers_meet(*state, EVALD_TEXT("one"), 0);
  for (int i = 0; i < 10; i++)
    assert_true(producer_take(one));
  assert_false(producer_take(one));
  assert_int_equal(one->unanswered, 10);
  producer_give(one, 3);
  for (int i = 0; i < 3; i++)
    assert_true(producer_take(one));
  assert_false(producer_take(one));
  producer_give(one, 1000);
  assert_int_equal(one->unanswered, 0);
}

static void a_window_is_asked_for_and_never_above_the_configured(void **state) {
  struct producers *producers = *state;
  struct producer *one = producers_meet(producers, EVALD_TEXT("one"), 0);
  assert_int_equal(one->window, 10);
  producer_ask(producers, one, 4);
  assert_int_equal(one->window, 4);
  producer_ask(producers, one, 11);
  assert_int_equal(one->window, 10);
  producer_ask(producers, one, UINT64_MAX);
  assert_int_equal(one->window, 10);
  producer_ask(producers, one, 0);
  assert_int_equal(one->window, 10);
}

static void one_connection_is_one_producer(void **state) {
  struct producer *one = producers_meet(*state, EVALD_TEXT("one"), 0);
  struct producer *two = producers_meet(*state, EVALD_TEXT("two"), 0);
  assert_ptr_not_equal(one, two);
  assert_ptr_equal(producers_meet(*state, EVALD_TEXT("one"), 5), one);
  assert_int_equal(one->heard_ms, 5);
  assert_string_equal(one->name, "6f6e65");
  producer_name(one, EVALD_TEXT("a\nb"));
  assert_string_equal(one->name, "a?b");
  producer_name(one, EVALD_TEXT("\xff"));
  assert_string_equal(one->name, "a?b");
}

static void a_place_that_was_left_has_another_generation(void **state) {
  struct producers *producers = *state;
  struct producer *one = producers_meet(producers, EVALD_TEXT("one"), 0);
  uint32_t number = one->number, generation = one->generation;
  assert_ptr_equal(producers_at(producers, number, generation), one);
  producers_forget(producers, one);
  assert_null(producers_at(producers, number, generation));
  struct producer *again = producers_meet(producers, EVALD_TEXT("new"), 0);
  assert_int_equal(again->number, number);
  assert_null(producers_at(producers, number, generation));
  assert_non_null(producers_at(producers, number, again->generation));
  assert_null(producers_at(producers, 0, 0));
  assert_null(producers_at(producers, 4, 0));
}

static void a_full_house_takes_the_place_of_the_silent_alone(void **state) {
  struct producers *producers = *state;
  producers_meet(producers, EVALD_TEXT("one"), 0);
  struct producer *two = producers_meet(producers, EVALD_TEXT("two"), 0);
  producers_meet(producers, EVALD_TEXT("three"), 50000);
  assert_null(producers_meet(producers, EVALD_TEXT("four"), 50000));
  assert_true(producer_take(two)); /* who waits for an answer stays */
  assert_non_null(producers_meet(producers, EVALD_TEXT("four"), 70000));
  assert_null(producers_meet(producers, EVALD_TEXT("five"), 70000));
  assert_ptr_equal(producers_meet(producers, EVALD_TEXT("two"), 70000), two);
}

static void letters_keep_their_order_and_their_bytes(void **state) {
  struct producer *one = producers_meet(*state, EVALD_TEXT("one"), 0);
  assert_null(producer_letter(one));
  for (uint32_t i = 0; i < 40; i++) {
    struct bus_frame body = frame_of("answer");
    assert_int_equal(producer_keep(one, &body, i, 7), EVALD_OK);
    if (i % 3 == 2) producer_drop_letter(one);
  }
  assert_int_equal(one->letters.count, 27);
  for (uint32_t i = 13; i < 40; i++) {
    assert_int_equal(producer_letter(one)->answers, i);
    producer_drop_letter(one);
  }
  assert_int_equal(one->letters.bytes, 0);
}

static void who_is_cut_owes_and_is_owed_nothing(void **state) {
  struct producer *one = producers_meet(*state, EVALD_TEXT("one"), 0);
  uint32_t generation = one->generation;
  struct bus_frame body = frame_of("answer");
  assert_true(producer_take(one));
  assert_int_equal(producer_keep(one, &body, 1, 0), EVALD_OK);
  producer_cut(one);
  assert_true(one->cut);
  assert_int_equal(one->unanswered, 0);
  assert_null(producer_letter(one));
  assert_null(producers_at(*state, one->number, generation));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(credit_ends_with_the_window),
      TEST(a_window_is_asked_for_and_never_above_the_configured),
      TEST(one_connection_is_one_producer),
      TEST(a_place_that_was_left_has_another_generation),
      TEST(a_full_house_takes_the_place_of_the_silent_alone),
      TEST(letters_keep_their_order_and_their_bytes),
      TEST(who_is_cut_owes_and_is_owed_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
