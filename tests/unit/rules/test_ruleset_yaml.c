/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ruleset.h"
#include "rules/ruleset_yaml.h"
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define RULESETS EVALD_SOURCE_DIR "/config/rulesets/"

static struct evald_ruleset *load(const char *path) {
  struct evald_fault fault;
  evald_fault_clear(&fault);
  struct evald_ruleset *ruleset = NULL;
  if (evald_ruleset_load(path, &ruleset, &fault))
    fail_msg("%s: %s", fault.place, fault.text);
  return ruleset;
}

static void national_rule(void **state) {
  (void)state;
  struct evald_ruleset *ruleset = load(RULESETS "cn-2020.yaml");
  assert_int_equal(ruleset->execution.weight, 10 * EVALD_DECIMAL_ONE);
  if (getenv("SHOW"))
    printf("%.*s", (int)ruleset->canonical.size, ruleset->canonical.data);
  evald_ruleset_unref(ruleset);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(national_rule)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
