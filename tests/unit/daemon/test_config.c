/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>

static enum evald_status read_text(const char *text, struct config *config,
                                   struct evald_fault *fault) {
  evald_fault_clear(fault);
  assert_int_equal(config_init(config), EVALD_OK);
  return config_read_text(config, "f.yaml", text, fault);
}

static void an_empty_file_is_all_defaults(void **state) {
  (void)state;
  static const char *const texts[] = {"", "# nothing\n", "doors:\n",
                                      "---\nredis: {}\n"};
  for (size_t i = 0; i < 4; i++) {
    struct config config;
    struct evald_fault fault;
    assert_int_equal(read_text(texts[i], &config, &fault), EVALD_OK);
    assert_int_equal(config.intake_max_message_bytes, 1048576);
    assert_string_equal(config.doors_jobs.item[0], "tcp://127.0.0.1:5701");
    assert_true(config.store_keep_forms);
    assert_int_equal(config.rulesets_serve.count, 2);
    assert_string_equal(config.rulesets_serve.item[0].division, "31");
    config_fini(&config);
  }
}

static void values_are_taken(void **state) {
  (void)state;
  struct config config;
  struct evald_fault fault;
  assert_int_equal(read_text("doors:\n"
                             "  jobs: [tcp://0.0.0.0:1, 'ipc:///run/x']\n"
                             "  events: tcp://*:2\n"
                             "store:\n  keep_forms: false\n"
                             "log:\n  level: debug\n"
                             "intake: {queue: 7}\n"
                             "rulesets:\n"
                             "  serve:\n"
                             "    - {division: 310113, years: 2020-2023,"
                             " ruleset: a}\n"
                             "    - {ruleset: b}\n",
                             &config, &fault),
                   EVALD_OK);
  assert_int_equal(config.doors_jobs.count, 2);
  assert_string_equal(config.doors_jobs.item[1], "ipc:///run/x");
  assert_string_equal(config.doors_events.item[0], "tcp://*:2");
  assert_false(config.store_keep_forms);
  assert_int_equal(config.log_level, 4);
  assert_int_equal(config.intake_queue, 7);
  const struct ruleset_route *routes = config.rulesets_serve.item;
  assert_int_equal(config.rulesets_serve.count, 2);
  assert_string_equal(routes[0].division, "310113");
  assert_int_equal(routes[0].year_from, 2020);
  assert_int_equal(routes[0].year_to, 2023);
  assert_string_equal(routes[1].division, "");
  assert_int_equal(routes[1].year_from, 0);
  config_fini(&config);
}

/* Each bad file: where the fault must lie and what it must say. */
static const struct {
  const char *text, *place, *says;
} bad[] = {
    {"doors: [\n", "f.yaml:2", "YAML"},
    {"door: {}\n", "f.yaml:1", "did you mean \"doors\""},
    {"\nintake:\n  que: 1\n", "f.yaml:3", "did you mean \"queue\""},
    {"intake:\n  queue: 1\n  zzzzzzzzzz: 1\n", "f.yaml:3", "--print-config"},
    {"intake:\n  queue: many\n", "f.yaml:2", "1..1000000"},
    {"intake:\n  queue: 0\n", "f.yaml:2", "intake.queue"},
    {"intake:\n  queue: 1.5\n", "f.yaml:2", "1..1000000"},
    {"intake:\n  queue: 99999999999999999999\n", "f.yaml:2", "allowed"},
    {"intake:\n  queue:\n", "f.yaml:2", "allowed"},
    {"intake:\n  queue: [1]\n", "f.yaml:2", "one value"},
    {"intake:\n  queue: 1\n  queue: 2\n", "f.yaml:3", "twice"},
    {"intake: {}\nintake: {}\n", "f.yaml:2", "twice"},
    {"intake: 5\n", "f.yaml:1", "indented"},
    {"- a\n", "f.yaml:1", "sections"},
    {"store:\n  keep_forms: yes\n", "f.yaml:2", "true|false"},
    {"log:\n  level: loud\n", "f.yaml:2", "error|warning|notice|info|debug"},
    {"log:\n  level: err\n", "f.yaml:2", "error|warning"},
    {"doors:\n  metrics: x\n", "f.yaml:2", "HOST:PORT|off"},
    {"doors:\n  metrics: 127.0.0.1:99999\n", "f.yaml:2", "doors.metrics"},
    {"redis:\n  address: localhost\n", "f.yaml:2", "HOST:PORT|unix:/PATH"},
    {"redis:\n  address: :6379\n", "f.yaml:2", "redis.address"},
    {"doors:\n  jobs: tcp://localhost\n", "f.yaml:2", "tcp://HOST:PORT"},
    {"log:\n  level: info\n---\nlog:\n  level: x\n", "f.yaml:4", "second"},
    {"doors:\n  jobs: 5701\n", "f.yaml:2", "tcp://HOST:PORT"},
    {"doors:\n  jobs: []\n", "f.yaml:2", "empty"},
    {"doors:\n  jobs:\n    - tcp://a:1\n    - udp://b:2\n", "f.yaml:4", "udp"},
    {"doors:\n  jobs: {a: b}\n", "f.yaml:2", "one value"},
    {"rulesets:\n  serve: 31\n", "f.yaml:2", "rulesets.serve"},
    {"rulesets:\n  serve:\n    - x\n", "f.yaml:3", "division"},
    {"rulesets:\n  serve:\n    - {division: 31}\n", "f.yaml:3", "missing"},
    {"rulesets:\n  serve:\n    - {ruleset: a, year: 1}\n", "f.yaml:3",
     "known: division, years, ruleset"},
    {"rulesets:\n  serve:\n    - {ruleset: a, years: 24}\n", "f.yaml:3",
     "2020-2023"},
    {"rulesets:\n  serve:\n    - {ruleset: a, years: 2025-2024}\n", "f.yaml:3",
     "2020-2023"},
    {"rulesets:\n  serve:\n    - {ruleset: a, division: x}\n", "f.yaml:3",
     "nine digits"},
    {"redis:\n  address: \"a\\0b\"\n", "f.yaml:2", "one value"},
    {"redis:\n  address: \xff\n", "f.yaml", "UTF-8"},
    {"? [a]\n: b\n", "f.yaml:1", "name"},
};

static void each_fault_is_named(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct config config;
    struct evald_fault fault;
    enum evald_status status = read_text(bad[i].text, &config, &fault);
    if (status == EVALD_OK || strcmp(fault.place, bad[i].place) != 0 ||
        strstr(fault.text, bad[i].says) == NULL)
      fail_msg("%s\ngave %d at \"%s\": %s", bad[i].text, (int)status,
               fault.place, fault.text);
    config_fini(&config);
  }
}

static void a_missing_file_is_named(void **state) {
  (void)state;
  struct config config;
  struct evald_fault fault = {0};
  assert_int_equal(config_init(&config), EVALD_OK);
  assert_int_equal(config_read_file(&config, "/no/such", &fault), EVALD_IO);
  assert_string_equal(fault.place, "/no/such");
  config_fini(&config);
}

static char *slurp(const char *path) {
  static char text[65536];
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  size_t size = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[size] = '\0';
  return text;
}

/* config/evald.yaml is what evald --print-config prints, so it has every key,
 * and reading it changes nothing. */
static void the_sample_is_the_table(void **state) {
  (void)state;
  char *printed = config_print();
  assert_string_equal(printed, slurp(EVALD_SOURCE_DIR "/config/evald.yaml"));
  struct config config, defaults;
  struct evald_fault fault;
  assert_int_equal(read_text(printed, &config, &fault), EVALD_OK);
  assert_int_equal(read_text("", &defaults, &fault), EVALD_OK);
  for (size_t i = 0; i < config_key_count(); i++) {
    const struct config_key *key = &config_keys[i];
    const char *a = (const char *)&config + key->offset;
    const char *b = (const char *)&defaults + key->offset;
    if (key->type == CONFIG_INTEGER || key->type == CONFIG_CHOICE)
      assert_memory_equal(a, b, sizeof(int64_t));
    if (key->type == CONFIG_TEXT || key->type == CONFIG_ADDRESS)
      assert_string_equal(*(const char *const *)(const void *)a,
                          *(const char *const *)(const void *)b);
  }
  assert_int_equal(config.rulesets_serve.count, defaults.rulesets_serve.count);
  config_fini(&config);
  config_fini(&defaults);
  free(printed);
}

static void the_minimal_sample_is_sound(void **state) {
  (void)state;
  struct config config;
  struct evald_fault fault = {0};
  assert_int_equal(config_init(&config), EVALD_OK);
  assert_int_equal(
      config_read_file(&config, EVALD_SOURCE_DIR "/config/evald-minimal.yaml",
                       &fault),
      EVALD_OK);
  config_fini(&config);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_file_is_all_defaults),
      cmocka_unit_test(values_are_taken),
      cmocka_unit_test(each_fault_is_named),
      cmocka_unit_test(a_missing_file_is_named),
      cmocka_unit_test(the_sample_is_the_table),
      cmocka_unit_test(the_minimal_sample_is_sound)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
