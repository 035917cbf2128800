/* SPDX-License-Identifier: Apache-2.0 */
#include "store/resp.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>

static void expect_integer(int64_t value, const char *digits) {
  struct resp resp = {NULL, 0, 0, false};
  char wanted[64];
  int size =
      snprintf(wanted, sizeof wanted, "$%zu\r\n%s\r\n", strlen(digits), digits);
  resp_integer(&resp, value);
  assert_int_equal(resp.size, size);
  assert_memory_equal(resp.data, wanted, (size_t)size);
  resp_free(&resp);
}

static void test_integers(void **state) {
  (void)state;
  expect_integer(0, "0");
  expect_integer(-1, "-1");
  expect_integer(10, "10");
  expect_integer(INT64_MAX, "9223372036854775807");
  expect_integer(INT64_MIN, "-9223372036854775808");
}

static void test_command(void **state) {
  (void)state;
  static const char wanted[] = "*3\r\n$4\r\nHGET\r\n$34\r\n"
                               "evald:1:{310113000:2024}:aggregate\r\n"
                               "$0\r\n\r\n";
  struct resp resp = {NULL, 0, 0, false};
  struct store_shard_key shard = {"310113000", 2024};
  resp_command(&resp, 3, "HGET");
  resp_key(&resp, STORE_KEY_AGGREGATE, &shard);
  resp_text(&resp, (struct evald_text){NULL, 0});
  assert_int_equal(resp.size, sizeof wanted - 1);
  assert_memory_equal(resp.data, wanted, resp.size);
  resp_free(&resp);
}

static void test_grows(void **state) {
  (void)state;
  struct resp resp = {NULL, 0, 0, false};
  char block[5000];
  memset(block, 'x', sizeof block);
  for (int i = 0; i < 200; i++)
    resp_raw(&resp, block, sizeof block);
  assert_int_equal(resp.size, 1000000);
  size_t capacity = resp.capacity;
  resp_clear(&resp, capacity);
  assert_int_equal(resp.capacity, capacity);
  resp_clear(&resp, 0);
  assert_int_equal(resp.capacity, 0);
  /* more than there is: sticks until cleared */
  resp_bytes(&resp, block, SIZE_MAX - 8);
  assert_true(resp.failed);
  resp_string(&resp, "PING");
  assert_int_equal(resp.size, 0);
  resp_clear(&resp, 0);
  resp_string(&resp, "PING");
  assert_int_equal(resp.size, 10);
  resp_free(&resp);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_integers),
      cmocka_unit_test(test_command),
      cmocka_unit_test(test_grows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
