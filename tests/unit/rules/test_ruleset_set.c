/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_set.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define RULESETS EVALD_SOURCE_DIR "/config/rulesets"

static const struct ruleset_route routes[] = {
    {"", 0, 0, "cn-2020"},
    {"31", 2024, 0, "cn-sh-2024"},
    {"310113", 2025, 2025, "cn-2021"},
    {"42", 2021, 0, "cn-hb"},
};
enum { ROUTES = sizeof routes / sizeof routes[0] };

static struct ruleset_set *load(void) {
  struct evald_fault fault;
  evald_fault_clear(&fault);
  struct ruleset_set *set = NULL;
  if (ruleset_set_load(RULESETS, routes, ROUTES, "evald.yaml", &set, &fault))
    fail_msg("%s: %s", fault.place, fault.text);
  return set;
}

static void assert_chosen(const struct ruleset_set *set, const char *division,
                          unsigned year, const char *id) {
  const struct evald_ruleset *ruleset =
      ruleset_set_choose(set, evald_text_of(division), year);
  if (!id) {
    assert_null(ruleset);
    return;
  }
  assert_non_null(ruleset);
  struct evald_text chosen = evald_ruleset_id(ruleset);
  assert_int_equal(chosen.size, strlen(id));
  assert_memory_equal(chosen.data, id, chosen.size);
}

static void the_longest_division_serves(void **state) {
  (void)state;
  struct ruleset_set *set = load();
  assert_chosen(set, "310113000", 2024, "cn-sh-2024");
  assert_chosen(set, "310113000", 2025, "cn-2021");
  assert_chosen(set, "310113000", 2026, "cn-sh-2024");
  assert_chosen(set, "310112000", 2025, "cn-sh-2024");
  assert_chosen(set, "310113000", 2023, "cn-2020");
  assert_chosen(set, "420000000", 2020, "cn-2020");
  assert_chosen(set, "420000000", 2021, "cn-hb");
  assert_chosen(set, "310113000", 2019, NULL);
  assert_chosen(set, "3", 2024, "cn-2020");
  ruleset_set_unref(set);
}

static void dated_values_give_one_ruleset_a_span(void **state) {
  (void)state;
  struct ruleset_set *set = load();
  const struct evald_text id = EVALD_TEXT("cn-2021");
  struct evald_ruleset *first = ruleset_set_find(set, id, 2021);
  struct evald_ruleset *then = ruleset_set_find(set, id, 2022);
  assert_non_null(first);
  assert_non_null(then);
  assert_ptr_not_equal(first, then);
  assert_ptr_equal(then, ruleset_set_find(set, id, 2030));
  assert_null(ruleset_set_find(set, id, 2020));
  assert_ptr_equal(then,
                   ruleset_set_by_digest(set, evald_ruleset_digest(then)));
  ruleset_set_unref(set);
}

static void a_ruleset_outlives_its_set(void **state) {
  (void)state;
  struct ruleset_set *set = load();
  struct evald_ruleset *ruleset = evald_ruleset_ref(ruleset_set_at(set, 0));
  ruleset_set_unref(ruleset_set_ref(set));
  ruleset_set_unref(set);
  assert_true(evald_ruleset_canonical(ruleset).size > 0);
  evald_ruleset_unref(ruleset);
}

static const struct {
  struct ruleset_route routes[2];
  const char *says;
} refused[] = {
    {{{"31", 0, 0, "cn-xx"}}, "no ruleset \"cn-xx\""},
    {{{"31x", 0, 0, "cn-2020"}}, "no division"},
    {{{"3101130000", 0, 0, "cn-2020"}}, "no division"},
    {{{"31", 2019, 0, "cn-2020"}}, "does not serve the fiscal year 2019"},
    {{{"31", 2024, 2023, "cn-2020"}}, "no span of years"},
    {{{"31", 2020, 2024, "cn-2020"}, {"31", 2024, 0, "cn-sh-2024"}},
     "two rulesets for division \"31\" and the fiscal year 2024"},
};

static void unsound_routes_are_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    struct evald_fault fault;
    evald_fault_clear(&fault);
    struct ruleset_set *set = NULL;
    size_t count = refused[i].routes[1].id ? 2 : 1;
    assert_int_not_equal(ruleset_set_load(RULESETS, refused[i].routes, count,
                                          "evald.yaml", &set, &fault),
                         EVALD_OK);
    assert_null(set);
    assert_string_equal(fault.place, "evald.yaml");
    if (!strstr(fault.text, refused[i].says)) fail_msg("%s", fault.text);
  }
}

static void write_file(const char *folder, const char *name,
                       const char *content) {
  char path[256];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(content, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

/* Nobody writes to it: who opens it to read waits for ever. */
static void make_fifo(const char *folder, const char *name) {
  char path[256];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  assert_int_equal(mkfifo(path, 0600), 0);
}

static void remove_file(const char *folder, const char *name) {
  char path[256];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  assert_int_equal(unlink(path), 0);
}

static void assert_folder_refused(const char *folder, const char *says) {
  struct evald_fault fault;
  evald_fault_clear(&fault);
  struct ruleset_set *set = NULL;
  assert_int_not_equal(ruleset_set_load(folder, NULL, 0, NULL, &set, &fault),
                       EVALD_OK);
  assert_null(set);
  if (!strstr(fault.text, says)) fail_msg("%s: %s", fault.place, fault.text);
}

static void unsound_folders_are_refused(void **state) {
  (void)state;
  assert_folder_refused("/nowhere/at/all", "No such file");
  char folder[] = "/tmp/evald-set-XXXXXX";
  assert_non_null(mkdtemp(folder));
  assert_folder_refused(folder, "no *.yaml");
  struct ruleset_set *set = load();
  struct evald_text text = evald_ruleset_canonical(ruleset_set_at(set, 0));
  write_file(folder, "a.yaml", text.data);
  write_file(folder, "b.yaml", text.data);
  assert_folder_refused(folder, "another file");
  write_file(folder, "b.yaml", "id: cn-b\n");
  assert_folder_refused(folder, "is missing");
  remove_file(folder, "b.yaml");
  make_fifo(folder, "b.yaml");
  assert_folder_refused(folder, "no regular file");
  remove_file(folder, "a.yaml");
  remove_file(folder, "b.yaml");
  assert_int_equal(rmdir(folder), 0);
  ruleset_set_unref(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_longest_division_serves),
      cmocka_unit_test(dated_values_give_one_ruleset_a_span),
      cmocka_unit_test(a_ruleset_outlives_its_set),
      cmocka_unit_test(unsound_routes_are_refused),
      cmocka_unit_test(unsound_folders_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
