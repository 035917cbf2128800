/* SPDX-License-Identifier: Apache-2.0 */

/* docs/RULES.md says of every rule, key and word what the code knows, and its
 * example of a new province is a sound ruleset of under forty lines. */

#include "rules/ruleset_parameter.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#define RULES_MD EVALD_SOURCE_DIR "/docs/RULES.md"
#define NATIONAL EVALD_SOURCE_DIR "/config/rulesets/cn-2020.yaml"

static char *document(void) {
  FILE *file = fopen(RULES_MD, "r");
  assert_non_null(file);
  char *text = calloc(1, 128 * 1024);
  assert_non_null(text);
  size_t size = fread(text, 1, 128 * 1024 - 1, file);
  assert_true(size > 0);
  (void)fclose(file);
  return text;
}

static void assert_says(const char *text, const char *wanted) {
  if (!strstr(text, wanted)) fail_msg("docs/RULES.md lacks: %s", wanted);
}

static void assert_quotes(const char *text, const char *word) {
  char wanted[96];
  (void)snprintf(wanted, sizeof wanted, "`%s`", word);
  assert_says(text, wanted);
}

static void every_rule_is_in_the_table(void **state) {
  (void)state;
  static const char *const rows[] = {
#define X(name, path, number) "\n| " number " | `" path "` |",
      EVALD_RULE_LIST(X)
#undef X
  };
  char *text = document();
  for (unsigned i = 0; i < EVALD_RULE_COUNT; i++)
    assert_says(text, rows[i]);
  free(text);
}

static void every_key_and_word_is_explained(void **state) {
  (void)state;
  char *text = document();
  const struct rules_parameter *parameter;
  for (size_t i = 0; (parameter = rules_parameter_at(i)); i++) {
    assert_quotes(text, parameter->path);
    for (size_t k = 0; parameter->words && k < parameter->words->count; k++)
      assert_quotes(text, parameter->words->words[k]);
  }
  static const struct rules_vocabulary *const others[] = {
      &rules_category_kinds, &rules_tiers, &rules_confidences, &rules_levels,
      &rules_others};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    for (size_t k = 0; k < others[i]->count; k++)
      assert_quotes(text, others[i]->words[k]);
  free(text);
}

/* Each rule has parameters, and they stand in the order of the rules: the
 * canonical text has one provision for each. */
static void every_rule_has_a_key(void **state) {
  (void)state;
  bool found[EVALD_RULE_COUNT] = {false};
  const struct rules_parameter *parameter;
  for (size_t i = 0; (parameter = rules_parameter_at(i)); i++)
    found[parameter->rule] = found[parameter->rule] || !parameter->aside;
  for (unsigned i = 0; i < EVALD_RULE_COUNT; i++)
    assert_true(found[i]);
}

static size_t write_example(const char *text, const char *path) {
  const char *begin = strstr(text, "```yaml\n");
  assert_non_null(begin);
  begin += strlen("```yaml\n");
  const char *end = strstr(begin, "```");
  assert_non_null(end);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  (void)fwrite(begin, 1, (size_t)(end - begin), file);
  assert_int_equal(fclose(file), 0);
  size_t lines = 0;
  for (; begin < end; begin++)
    lines += *begin == '\n';
  return lines;
}

static void the_example_is_a_province(void **state) {
  (void)state;
  char folder[] = "/tmp/evald-rules-XXXXXX", base[64], path[64];
  assert_non_null(mkdtemp(folder));
  (void)snprintf(base, sizeof base, "%s/cn-2020.yaml", folder);
  (void)snprintf(path, sizeof path, "%s/cn-example.yaml", folder);
  assert_int_equal(symlink(NATIONAL, base), 0);
  char *text = document();
  assert_true(write_example(text, path) < 40);
  free(text);
  struct evald_fault fault;
  evald_fault_clear(&fault);
  struct evald_ruleset *ruleset = NULL;
  if (evald_ruleset_load(path, &ruleset, &fault))
    fail_msg("%s: %s", fault.place, fault.text);
  assert_int_equal(ruleset->grade_count, 3);
  assert_int_equal(ruleset->rows.band_count, 2);
  assert_int_equal(ruleset->checks[RULESET_CHECK_W02].threshold,
                   40 * EVALD_DECIMAL_ONE);
  evald_ruleset_unref(ruleset);
  (void)unlink(path);
  (void)unlink(base);
  (void)rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_rule_is_in_the_table),
      cmocka_unit_test(every_key_and_word_is_explained),
      cmocka_unit_test(every_rule_has_a_key),
      cmocka_unit_test(the_example_is_a_province),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
