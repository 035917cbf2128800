/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "unit.h"

static void each_command_is_found_and_translated(void **state) {
  (void)state;
  const struct command *command;
  size_t count = 0;
  i18n_set_language("zh_CN.UTF-8");
  for (; (command = command_at(count)); count++) {
    assert_ptr_equal(command_find(command->name), command);
    assert_string_not_equal(_(command->sentence), command->sentence);
    assert_true(command->least <= command->most);
  }
  assert_true(count >= 12);
  assert_null(command_find("frob"));
  i18n_set_language("en");
  assert_string_equal(_(command_at(0)->sentence), command_at(0)->sentence);
}

/* Reads `line` as a shell would split it, into `words`. */
static int read_line(const char *line, option_set allowed, struct options *out,
                     char *words[16]) {
  static char copy[256];
  int count = 0;
  snprintf(copy, sizeof copy, "%s", line);
  for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
    words[count++] = word;
  words[count] = NULL;
  return options_read(count, words, allowed, out);
}

static void options_stand_anywhere(void **state) {
  (void)state;
  struct options options;
  char *words[16];
  int first = read_line("score a.json --json -r cn-2020 b.json --redis=unix:/x",
                        WITH(ruleset), &options, words);
  assert_int_equal(first, 5);
  assert_string_equal(words[5], "a.json");
  assert_string_equal(words[6], "b.json");
  assert_non_null(options.json);
  assert_string_equal(options.ruleset, "cn-2020");
  assert_string_equal(options.redis, "unix:/x");
  assert_null(options.strict);
}

static void options_of_other_commands_are_refused(void **state) {
  (void)state;
  struct options options;
  char *words[16];
  assert_int_equal(read_line("score --worst 3", WITH(ruleset), &options, words),
                   -1);
  assert_int_equal(read_line("list --worst", WITH(worst), &options, words), -1);
}

static void numbers_are_whole_and_bounded(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool fine;
  } cases[] = {{"1", true},    {"20", true},  {"0", false},
               {"21", false},  {"", false},   {"2x", false},
               {"1.5", false}, {"-3", false}, {"99999999999999999999", false}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t value = 7;
    assert_int_equal(option_number("worst", cases[i].text, 1, 20, &value),
                     cases[i].fine);
    assert_true(cases[i].fine || value == 7);
  }
}

int main(void) {
  i18n_init();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_command_is_found_and_translated),
      cmocka_unit_test(options_stand_anywhere),
      cmocka_unit_test(options_of_other_commands_are_refused),
      cmocka_unit_test(numbers_are_whole_and_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
