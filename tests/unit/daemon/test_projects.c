/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/projects.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>

static struct project_key key(uint32_t shard, const char *code) {
  return (struct project_key){shard, 0, evald_text_of(code)};
}

static void what_was_added_is_found(void **state) {
  (void)state;
  struct projects projects;
  assert_int_equal(projects_init(&projects, 8), EVALD_OK);
  struct project_key a = key(1, "a"), other = key(2, "a");
  struct project *item = projects_add(&projects, &a, 1);
  assert_non_null(item);
  assert_int_equal(item->state, PROJECT_ABSENT);
  assert_ptr_equal(projects_find(&projects, &a), item);
  assert_null(projects_find(&projects, &other));
  struct project_key newer = a;
  newer.generation = 1;
  assert_null(projects_find(&projects, &newer));
  projects_forget(&projects, item);
  projects_forget(&projects, item);
  assert_null(projects_find(&projects, &a));
  projects_fini(&projects);
}

static void what_is_pinned_stays(void **state) {
  (void)state;
  struct projects projects;
  char code[16];
  assert_int_equal(projects_init(&projects, 4), EVALD_OK);
  for (int i = 0; i < 4; i++) {
    snprintf(code, sizeof code, "p%d", i);
    struct project_key it = key(0, code);
    assert_non_null(projects_add(&projects, &it, i < 2 ? 7 : 6));
  }
  struct project_key fresh = key(0, "new"), kept = key(0, "p0");
  assert_non_null(projects_add(&projects, &fresh, 7));
  assert_non_null(projects_find(&projects, &kept));
  struct project_key second = key(0, "new2"), third = key(0, "new3");
  assert_non_null(projects_add(&projects, &second, 7));
  assert_null(projects_add(&projects, &third, 7)); /* all are needed */
  assert_non_null(projects_add(&projects, &third, 8));
  projects_fini(&projects);
}

/* Many entries in little room, some forgotten by hand: whatever is found is
 * what was added. */
static void many_come_and_go(void **state) {
  (void)state;
  enum { ROOM = 100, ROUNDS = 20000 };
  struct projects projects;
  char code[16];
  unsigned seed = 1;
  assert_int_equal(projects_init(&projects, ROOM), EVALD_OK);
  for (uint64_t i = 0; i < ROUNDS; i++) {
    seed = seed * 1103515245 + 12345;
    snprintf(code, sizeof code, "p%u", (seed >> 16) % 300);
    struct project_key it = key((seed >> 8) % 3, code);
    struct project *item = projects_find(&projects, &it);
    if (item == NULL) item = projects_add(&projects, &it, i);
    assert_non_null(item);
    assert_int_equal(item->code_size, strlen(code));
    assert_memory_equal(item->code, code, strlen(code));
    assert_int_equal(item->shard, it.shard);
    assert_ptr_equal(projects_find(&projects, &it), item);
    if (seed % 7 == 0) projects_forget(&projects, item);
  }
  assert_true(projects.count <= ROOM);
  assert_true(projects.index.used <= ROOM);
  projects_fini(&projects);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_added_is_found),
                                     cmocka_unit_test(what_is_pinned_stays),
                                     cmocka_unit_test(many_come_and_go)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
