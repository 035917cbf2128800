/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/durability.h"
#include "unit.h"

static const struct store_settings plain = {
    .append_only = 0, .append_fsync = "everysec", .eviction = "noeviction"};
static const struct store_settings everysec = {
    .append_only = 1, .append_fsync = "everysec", .eviction = "noeviction"};
static const struct store_settings always = {
    .append_only = 1, .append_fsync = "always", .eviction = "volatile-lru"};
static const struct store_settings pauses = {.append_only = 1,
                                             .append_fsync = "always",
                                             .append_pauses = 1,
                                             .eviction = "noeviction"};
static const struct store_settings evicts = {
    .append_only = 1, .append_fsync = "always", .eviction = "allkeys-lfu"};
static const struct store_settings silent = {.append_only = 1,
                                             .append_pauses = -1};
static const struct store_settings watched = {
    .append_only = 0, .append_fsync = "no", .replicas = 2};

/* What a mode comes to with such a Redis; NULL: refused, for that setting. */
static const struct {
  const char *wanted;
  const struct store_settings *settings;
  const char *promised, *setting;
} rows[] = {
    {"auto", &plain, "memory", ""},
    {"auto", &everysec, "everysec", ""},
    {"auto", &always, "always", ""},
    {"auto", &pauses, "everysec", ""},
    {"auto", &silent, "memory", ""},
    {"auto", &evicts, NULL, "maxmemory-policy"},
    {"memory", &plain, "memory", ""},
    {"memory", &always, "memory", ""},
    {"memory", &evicts, NULL, "maxmemory-policy"},
    {"everysec", &plain, NULL, "appendonly"},
    {"everysec", &everysec, "everysec", ""},
    {"everysec", &always, "everysec", ""},
    {"everysec", &pauses, "everysec", ""},
    {"everysec", &silent, NULL, "appendfsync"},
    {"always", &plain, NULL, "appendonly"},
    {"always", &everysec, NULL, "appendfsync"},
    {"always", &always, "always", ""},
    {"always", &pauses, NULL, "no-appendfsync-on-rewrite"},
    {"replica:1", &plain, NULL, "replicaof"},
    {"replica:2", &watched, "replica:2", ""},
    {"replica:3", &watched, NULL, "replicaof"},
};

static void a_promise_that_cannot_be_kept_is_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct durability wanted, kept;
    struct evald_fault fault = {0};
    assert_int_equal(durability_read(rows[i].wanted, &wanted, NULL), EVALD_OK);
    enum evald_status status =
        durability_check(&wanted, rows[i].settings, &kept, &fault);
    assert_string_equal(fault.place, rows[i].setting);
    if (rows[i].promised == NULL) {
      assert_int_equal(status, EVALD_INVALID);
      continue;
    }
    char text[DURABILITY_TEXT];
    durability_print(&kept, text);
    assert_int_equal(status, EVALD_OK);
    assert_string_equal(text, rows[i].promised);
  }
}

static void what_is_no_durability_is_refused(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",         "replica",    "replica:",   "replica:0", "replica:17",
      "replica2", "replica:1x", "replica:-1", "Always",    "always "};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    struct durability out;
    struct evald_fault fault = {0};
    assert_int_equal(durability_read(texts[i], &out, &fault), EVALD_INVALID);
    assert_string_equal(fault.place, "store.durability");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_promise_that_cannot_be_kept_is_refused),
      cmocka_unit_test(what_is_no_durability_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
