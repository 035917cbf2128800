/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_set.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * tests/golden/rules/digests.txt has one line per ruleset: digest, id, first
 * year. A line that changes means that verdicts name another law: raise the
 * version of the file, or, where evald has learnt a check, say so in the
 * commit. EVALD_UPDATE=1 writes it anew.
 */

#define RULESETS EVALD_SOURCE_DIR "/config/rulesets"
#define GOLDEN   EVALD_SOURCE_DIR "/tests/golden/rules/digests.txt"

static struct ruleset_set *load(void) {
  struct evald_fault fault;
  evald_fault_clear(&fault);
  struct ruleset_set *set = NULL;
  if (ruleset_set_load(RULESETS, NULL, 0, NULL, &set, &fault))
    fail_msg("%s: %s", fault.place, fault.text);
  return set;
}

static void loads_again_to_the_same_text(void **state) {
  (void)state;
  struct ruleset_set *set = load();
  const struct evald_ruleset *ruleset;
  for (size_t i = 0; (ruleset = ruleset_set_at(set, i)); i++) {
    struct evald_text text = evald_ruleset_canonical(ruleset);
    struct evald_ruleset *again = NULL;
    struct evald_fault fault;
    evald_fault_clear(&fault);
    if (evald_ruleset_load_text(text, "canonical", &again, &fault))
      fail_msg("%s: %s\n%s", fault.place, fault.text, text.data);
    struct evald_text printed = evald_ruleset_canonical(again);
    assert_int_equal(text.size, printed.size);
    assert_memory_equal(text.data, printed.data, text.size);
    assert_true(evald_digest_equal(evald_ruleset_digest(ruleset),
                                   evald_ruleset_digest(again)));
    for (unsigned rule = 0; rule < EVALD_RULE_COUNT; rule++)
      assert_true(evald_text_equal(evald_ruleset_source(ruleset, rule),
                                   evald_ruleset_source(again, rule)));
    evald_ruleset_unref(again);
  }
  ruleset_set_unref(set);
}

/* A text from a store may be older than a key: it loads, and prints as it was,
 * so that old verdicts can be explained. */
static void an_older_text_keeps_its_digest(void **state) {
  (void)state;
  struct ruleset_set *set = load();
  struct evald_text text = evald_ruleset_canonical(ruleset_set_at(set, 0));
  const char *operators = strstr(text.data, "\n    operators:");
  assert_non_null(operators);
  size_t size = 0;
  for (const char *at = text.data; at < operators; at++)
    if (strncmp(at, "\n  - source: ", 13) == 0)
      size = (size_t)(at - text.data) + 1;
  struct evald_ruleset *older = NULL;
  struct evald_fault fault;
  evald_fault_clear(&fault);
  if (evald_ruleset_load_text((struct evald_text){text.data, size}, "older",
                              &older, &fault))
    fail_msg("%s: %s", fault.place, fault.text);
  struct evald_text printed = evald_ruleset_canonical(older);
  assert_int_equal(printed.size, size);
  assert_memory_equal(printed.data, text.data, size);
  evald_ruleset_unref(older);
  ruleset_set_unref(set);
}

static void print_line(const struct evald_ruleset *ruleset, char *out,
                       size_t size) {
  char digest[EVALD_DIGEST_HEX];
  evald_digest_print(evald_ruleset_digest(ruleset), digest);
  struct evald_text id = evald_ruleset_id(ruleset);
  struct evald_text text = evald_ruleset_canonical(ruleset);
  const char *from = strstr(text.data, "from: ");
  assert_non_null(from);
  (void)snprintf(out, size, "%s %.*s %.4s\n", digest, (int)id.size, id.data,
                 from + 6);
}

static void digests_stand(void **state) {
  (void)state;
  bool update = getenv("EVALD_UPDATE") != NULL;
  FILE *golden = fopen(GOLDEN, update ? "w" : "r");
  assert_non_null(golden);
  struct ruleset_set *set = load();
  const struct evald_ruleset *ruleset;
  for (size_t i = 0; (ruleset = ruleset_set_at(set, i)); i++) {
    char line[256], expected[256] = "";
    print_line(ruleset, line, sizeof line);
    if (update)
      assert_true(fputs(line, golden) >= 0);
    else {
      assert_non_null(fgets(expected, sizeof expected, golden));
      assert_string_equal(line, expected);
    }
  }
  if (!update) assert_int_equal(fgetc(golden), EOF);
  (void)fclose(golden);
  ruleset_set_unref(set);
}

/* Not our own arithmetic: what `sha256sum` printed for these bytes. */
static void digest_is_half_a_sha256(void **state) {
  (void)state;
  struct ruleset_set *set = load();
  struct evald_text text = evald_ruleset_canonical(ruleset_set_at(set, 0));
  char path[] = "/tmp/evald-canonical-XXXXXX", command[128], line[80] = "";
  int handle = mkstemp(path);
  assert_true(handle >= 0);
  FILE *file = fdopen(handle, "w");
  assert_int_equal(fwrite(text.data, 1, text.size, file), text.size);
  assert_int_equal(fclose(file), 0);
  (void)snprintf(command, sizeof command, "sha256sum %s", path);
  FILE *pipe = popen(command, "r");
  assert_non_null(pipe);
  assert_non_null(fgets(line, sizeof line, pipe));
  assert_int_equal(pclose(pipe), 0);
  (void)remove(path);
  char digest[EVALD_DIGEST_HEX];
  evald_digest_print(evald_ruleset_digest(ruleset_set_at(set, 0)), digest);
  assert_memory_equal(line, digest, 32);
  ruleset_set_unref(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loads_again_to_the_same_text),
      cmocka_unit_test(an_older_text_keeps_its_digest),
      cmocka_unit_test(digests_stand),
      cmocka_unit_test(digest_is_half_a_sha256),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
