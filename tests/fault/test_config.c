/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/memory.h"

#include "daemon/config.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the daemon reads before it opens a door, with memory that ends; also
 * that of the YAML library: the whole of a file, or none and why. */

#define CONFIG  EVALD_SOURCE_DIR "/config/evald.yaml"
#define RULESET EVALD_SOURCE_DIR "/config/rulesets/cn-2020.yaml"

static enum evald_status read_config(void *context, struct evald_fault *fault) {
  struct config config;
  (void)context;
  enum evald_status status = config_init(&config);
  if (status != EVALD_OK) return status;
  status = config_read_file(&config, CONFIG, fault);
  config_fini(&config);
  return status;
}

static void reads_a_configuration_or_says_so(void **state) {
  (void)state;
  memory_may_leak = true; /* libyaml loses a node where its table cannot grow */
  memory_every(read_config, NULL, 40);
  memory_may_leak = false;
}

static enum evald_status print_config(void *context,
                                      struct evald_fault *fault) {
  char **first = context;
  (void)fault;
  char *text = config_print();
  memory_disarm();
  if (text == NULL) return EVALD_MEMORY;
  if (*first == NULL) *first = strdup(text);
  assert_string_equal(text, *first);
  free(text);
  return EVALD_OK;
}

static void prints_a_configuration_whole_or_not(void **state) {
  (void)state;
  char *first = NULL;
  memory_every(print_config, &first, 1);
  free(first);
}

static enum evald_status load_set(void *context, struct evald_fault *fault) {
  static const struct ruleset_route routes[] = {{"", 0, 0, "cn-2020"}};
  struct ruleset_set *set = NULL;
  enum evald_status status =
      ruleset_set_load(context, routes, 1, "a test", &set, fault);
  if (status == EVALD_OK)
    assert_non_null(ruleset_set_choose(set, EVALD_TEXT("310113000"), 2024));
  else
    assert_null(set);
  ruleset_set_unref(set);
  return status;
}

static void reads_a_folder_of_rulesets_or_says_so(void **state) {
  (void)state;
  char folder[] = "/tmp/evald-fault-XXXXXX", link[64];
  assert_non_null(mkdtemp(folder));
  (void)snprintf(link, sizeof link, "%s/cn-2020.yaml", folder);
  assert_int_equal(symlink(RULESET, link), 0);
  memory_every(load_set, folder, 15);
  assert_int_equal(unlink(link), 0);
  assert_int_equal(rmdir(folder), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_a_configuration_or_says_so),
      cmocka_unit_test(prints_a_configuration_whole_or_not),
      cmocka_unit_test(reads_a_folder_of_rulesets_or_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
