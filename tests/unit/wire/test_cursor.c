/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cursor.h"

#include "unit.h"

static const int64_t integers[] = {
    0,           1,           127,        128,        255,       256,
    65535,       65536,       4294967295, 4294967296, INT64_MAX, -1,
    -32,         -33,         -128,       -129,       -32768,    -32769,
    -2147483648, -2147483649, INT64_MIN};

static void integers_round_trip(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  const size_t count = sizeof integers / sizeof integers[0];
  for (size_t i = 0; i < count; i++)
    wire_put_int(&buffer, integers[i]);
  wire_put_uint(&buffer, UINT64_MAX);
  struct wire_cursor cursor = wire_cursor_of(wire_buffer_bytes(&buffer));
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(wire_get_int(&cursor), integers[i]);
  }
  assert_false(cursor.failed);
  struct wire_cursor copy = cursor;
  assert_int_equal(wire_get_int(&copy), 0);
  assert_true(copy.failed);
  assert_true(copy.at == cursor.at); /* stands where it stood */
  int64_t value = 3;
  copy = cursor;
  assert_false(wire_try_int(&copy, &value));
  assert_false(copy.failed); /* passed, not failed */
  assert_int_equal(wire_cursor_done(&copy), EVALD_OK);
  assert_true(wire_get_uint(&cursor) == UINT64_MAX);
  assert_int_equal(wire_cursor_done(&cursor), EVALD_OK);
  wire_buffer_fini(&buffer);
}

/* Every size at which a head changes its form, written and read back. */
static void texts_and_counts_round_trip(void **state) {
  (void)state;
  static char data[70000];
  memset(data, 'a', sizeof data);
  static const size_t sizes[] = {0,   1,   15,    16,    31,   32,
                                 255, 256, 65535, 65536, 70000};
  struct wire_buffer buffer = {0};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    wire_buffer_reset(&buffer);
    wire_put_text(&buffer, (struct evald_text){data, sizes[i]});
    wire_put_binary(&buffer, data, sizes[i]);
    wire_put_array(&buffer, sizes[i]);
    for (size_t j = 0; j < sizes[i]; j++)
      wire_put_nil(&buffer);
    wire_put_map(&buffer, sizes[i]);
    for (size_t j = 0; j < 2 * sizes[i]; j++)
      wire_put_bool(&buffer, true);
    struct wire_cursor cursor = wire_cursor_of(wire_buffer_bytes(&buffer));
    assert_int_equal(wire_get_text(&cursor).size, sizes[i]);
    assert_int_equal(wire_get_binary(&cursor).size, sizes[i]);
    struct wire_cursor skipped = cursor;
    wire_skip_many(&skipped, 2);
    assert_int_equal(wire_cursor_done(&skipped), EVALD_OK);
    assert_int_equal(wire_get_array(&cursor), sizes[i]);
    wire_skip_many(&cursor, sizes[i]);
    assert_int_equal(wire_get_map(&cursor), sizes[i]);
    wire_skip_many(&cursor, 2 * sizes[i]);
    assert_int_equal(wire_cursor_done(&cursor), EVALD_OK);
  }
  wire_buffer_fini(&buffer);
}

static void the_first_error_sticks(void **state) {
  (void)state;
  static const uint8_t bytes[] = {0x01, 0xA1, 'x'};
  struct wire_cursor cursor =
      wire_cursor_of((struct wire_bytes){bytes, sizeof bytes});
  assert_null(wire_get_text(&cursor).data);
  assert_true(cursor.failed);
  assert_int_equal(wire_get_int(&cursor), 0); /* though an int stands there */
  assert_int_equal(wire_cursor_offset(&cursor), 0);
  assert_int_equal(wire_cursor_done(&cursor), EVALD_SYNTAX);
}

/* Five bytes that declare four thousand million elements. */
static void false_counts_fail(void **state) {
  (void)state;
  static const uint8_t kinds[] = {0xDD, 0xDF, 0xDB, 0xC6};
  for (size_t i = 0; i < sizeof kinds; i++) {
    uint8_t bytes[] = {kinds[i], 0xFF, 0xFF, 0xFF, 0xFF};
    struct wire_cursor cursor =
        wire_cursor_of((struct wire_bytes){bytes, sizeof bytes});
    wire_skip(&cursor);
    assert_true(cursor.failed);
  }
}

static void reads_nothing_past_the_end(void **state) {
  (void)state;
  struct wire_cursor cursor = wire_cursor_of((struct wire_bytes){0});
  assert_int_equal(wire_peek(&cursor), WIRE_TYPE_END);
  assert_int_equal(wire_cursor_done(&cursor), EVALD_OK);
  wire_skip(&cursor);
  assert_true(cursor.failed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(integers_round_trip),
      cmocka_unit_test(texts_and_counts_round_trip),
      cmocka_unit_test(the_first_error_sticks),
      cmocka_unit_test(false_counts_fail),
      cmocka_unit_test(reads_nothing_past_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
