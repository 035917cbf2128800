/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/options.h"
#include "unit.h"

static bool read_words(struct options *out, const char *const words[]) {
  static char room[8][32];
  char *argv[9];
  int argc = 0;
  for (; words[argc] != NULL; argc++) {
    strcpy(room[argc], words[argc]);
    argv[argc] = room[argc];
  }
  argv[argc] = NULL;
  return options_read(argc, argv, out);
}

#define READ(...)                                                              \
  read_words(&options, (const char *const[]){"evald", __VA_ARGS__})

static void options_are_read(void **state) {
  (void)state;
  struct options options;
  assert_true(READ(NULL));
  assert_null(options.config);
  assert_null(options.dev);
  assert_true(READ("-c", "a", "--check-config", NULL));
  assert_string_equal(options.config, "a");
  assert_non_null(options.check_config);
  assert_true(READ("--config=b", "--log-level", "debug", NULL));
  assert_string_equal(options.config, "b");
  assert_string_equal(options.log_level, "debug");
}

static void dev_takes_a_folder_or_none(void **state) {
  (void)state;
  struct options options;
  assert_true(READ("--dev", NULL));
  assert_string_equal(options.dev, "");
  assert_true(READ("--dev", "dir", "-l", "info", NULL));
  assert_string_equal(options.dev, "dir");
  assert_string_equal(options.log_level, "info");
  assert_true(READ("--dev=dir", NULL));
  assert_string_equal(options.dev, "dir");
  assert_true(READ("--dev", "--log-level", "info", NULL));
  assert_string_equal(options.dev, "");
}

static void nonsense_is_refused(void **state) {
  (void)state;
  struct options options;
  assert_false(READ("--no-such", NULL));
  assert_false(READ("--config", NULL));
  assert_false(READ("extra", NULL));
  assert_false(READ("--version=1", NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_are_read),
      cmocka_unit_test(dev_takes_a_folder_or_none),
      cmocka_unit_test(nonsense_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
