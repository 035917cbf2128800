/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keys.h"
#include "unit.h"

/* The read contract: other programs know these names. */
static void test_names(void **state) {
  (void)state;
  static const char *const names[STORE_KEY_COUNT] = {
      "evald:1:{310113000:2024}:aggregate",
      "evald:1:{310113000:2024}:results",
      "evald:1:{310113000:2024}:forms",
      "evald:1:{310113000:2024}:departments",
      "evald:1:{310113000:2024}:events",
      "evald:1:{310113000:2024}:turn",
      "evald:1:{310113000:2024}:packed",
      "evald:1:rulesets",
      "evald:1:shards",
      "evald:1:rejects",
      "evald:1:rejects:evicted",
      "evald:1:proof",
      "evald:1:repairs",
      "evald:1:dictionaries"};
  struct store_shard_key shard = {"310113000", 2024};
  for (enum store_key key = 0; key < STORE_KEY_COUNT; key++) {
    char text[STORE_KEY_TEXT];
    size_t size = store_key_print(key, &shard, text);
    assert_int_equal(size, strlen(text));
    assert_string_equal(text, names[key]);
  }
}

static void test_shards(void **state) {
  (void)state;
  static const char *const wrong[] = {"",
                                      "310113000",
                                      "310113000:202",
                                      "310113000:20244",
                                      "31011300:2024",
                                      "31011300a:2024",
                                      "310113000;2024",
                                      "310113000:0024",
                                      "310113000:20a4"};
  struct store_shard_key shard = {"000000000", 1};
  char text[STORE_SHARD_TEXT];
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(store_shard_parse(evald_text_of(wrong[i]), &shard));
    assert_int_equal(shard.year, 1);
  }
  assert_true(store_shard_parse(EVALD_TEXT("310113000:2024"), &shard));
  assert_int_equal(store_shard_print(&shard, text), 14);
  assert_string_equal(text, "310113000:2024");
  assert_true(store_shard_valid(&shard));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_shards),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
