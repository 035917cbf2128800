/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Every file of tests/cases/bad-rulesets whose first lines say "# says: …" must
 * be refused with a message that holds each of these pieces, and that names the
 * file and the line that ends in "# here" (or "# line: 7", "# file: x.yaml").
 */

#include "evald/ruleset.h"
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER EVALD_SOURCE_DIR "/tests/cases/bad-rulesets"

enum { SAYS_MAX = 8, LINE_MAX_BYTES = 2048 };

struct expectation {
  char says[SAYS_MAX][128];
  unsigned count;
  unsigned line;
  char file[300];
};

static bool starts(const char *line, const char *with, const char **rest) {
  size_t size = strlen(with);
  if (strncmp(line, with, size) != 0) return false;
  *rest = line + size;
  return true;
}

static void read_line(struct expectation *expected, char *line,
                      unsigned number) {
  const char *rest;
  line[strcspn(line, "\n")] = '\0';
  if (starts(line, "# says: ", &rest)) {
    assert_true(expected->count < SAYS_MAX);
    (void)snprintf(expected->says[expected->count++], 128, "%.127s", rest);
  } else if (starts(line, "# line: ", &rest)) {
    expected->line = (unsigned)strtoul(rest, NULL, 10);
  } else if (starts(line, "# file: ", &rest)) {
    (void)snprintf(expected->file, sizeof expected->file, "%s/%.31s", FOLDER,
                   rest);
  } else if (strstr(line, "# here") && expected->line == 0) {
    expected->line = number;
  }
}

static void read_expectation(const char *path, struct expectation *expected) {
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  char line[LINE_MAX_BYTES];
  for (unsigned number = 1; fgets(line, sizeof line, file); number++)
    read_line(expected, line, number);
  (void)fclose(file);
}

static bool refused_as_expected(const char *path,
                                const struct expectation *expected) {
  struct evald_ruleset *const untouched = (struct evald_ruleset *)&path;
  struct evald_ruleset *out = untouched;
  struct evald_fault fault;
  evald_fault_clear(&fault);
  enum evald_status status = evald_ruleset_load(path, &out, &fault);
  char place[400];
  (void)snprintf(place, sizeof place, "%s:%u",
                 expected->file[0] ? expected->file : path, expected->line);
  bool right =
      status != EVALD_OK && out == untouched && strcmp(place, fault.place) == 0;
  for (unsigned i = 0; i < expected->count; i++)
    right = right && strstr(fault.text, expected->says[i]);
  if (!right)
    print_error("wanted %s\n got   %s: %s\n", place, fault.place, fault.text);
  else if (getenv("EVALD_SHOW"))
    print_message("%s: %s\n", strrchr(fault.place, '/') + 1, fault.text);
  return right;
}

static void bad_rulesets_are_refused(void **state) {
  (void)state;
  DIR *folder = opendir(FOLDER);
  assert_non_null(folder);
  unsigned tried = 0, wrong = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    char path[300];
    if (entry->d_name[0] == '.') continue;
    (void)snprintf(path, sizeof path, "%s/%s", FOLDER, entry->d_name);
    struct expectation expected = {.count = 0};
    read_expectation(path, &expected);
    if (expected.count == 0) continue;
    tried++;
    wrong += !refused_as_expected(path, &expected);
  }
  (void)closedir(folder);
  print_message("%u malformed rulesets\n", tried);
  assert_int_equal(wrong, 0);
  assert_true(tried >= 50);
}

static void large_and_missing_files(void **state) {
  (void)state;
  struct evald_fault fault;
  struct evald_ruleset *out = NULL;
  evald_fault_clear(&fault);
  assert_int_equal(evald_ruleset_load("/no/such/file.yaml", &out, &fault),
                   EVALD_NOT_FOUND);
  assert_string_equal(fault.place, "/no/such/file.yaml");
  evald_fault_clear(&fault);
  char *large = calloc(1, 300 * 1024);
  assert_non_null(large);
  memset(large, '#', 300 * 1024);
  assert_int_equal(
      evald_ruleset_load_text((struct evald_text){large, 300 * 1024}, "large",
                              &out, &fault),
      EVALD_LIMIT);
  free(large);
  assert_null(out);
}

/* Every prefix of a good file: refused or whole, never anything between. */
static void truncated_files(void **state) {
  (void)state;
  struct evald_ruleset *whole = NULL;
  assert_int_equal(evald_ruleset_load(EVALD_SOURCE_DIR
                                      "/config/rulesets/cn-2020.yaml",
                                      &whole, NULL),
                   EVALD_OK);
  struct evald_text text = evald_ruleset_canonical(whole);
  for (size_t size = 0; size < text.size; size += 7) {
    struct evald_ruleset *out = NULL;
    struct evald_fault fault;
    evald_fault_clear(&fault);
    enum evald_status status = evald_ruleset_load_text(
        (struct evald_text){text.data, size}, "cut", &out, &fault);
    if (status == EVALD_OK) {
      evald_ruleset_unref(out);
      continue;
    }
    assert_null(out);
    assert_true(fault.text[0] != '\0');
  }
  evald_ruleset_unref(whole);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_rulesets_are_refused),
      cmocka_unit_test(large_and_missing_files),
      cmocka_unit_test(truncated_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
