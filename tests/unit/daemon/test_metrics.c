/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/metrics.h"
#include "unit.h"
#include <stdlib.h>

static void blocks_are_added_up(void **state) {
  (void)state;
  static struct metrics blocks[2];
  metrics_add(&blocks[0], METRIC_COMMITS, 3);
  metrics_add(&blocks[1], METRIC_COMMITS, 4);
  metrics_add(&blocks[1], METRIC_OUTCOME + WIRE_OUTCOME_STALE, 2);
  metrics_set(&blocks[1], METRIC_REDIS_UP, 1);
  char *page = metrics_print(blocks, 2);
  assert_non_null(strstr(page, "\nevald_commits_total 7\n"));
  assert_non_null(strstr(page, "\nevald_jobs_total{outcome=\"stale\"} 2\n"));
  assert_non_null(strstr(page, "\nevald_redis_up 1\n"));
  assert_non_null(strstr(page, "# TYPE evald_redis_up gauge\n"));
  free(page);
}

/* What Prometheus wants: HELP, TYPE, then samples of that name; each name
 * once. */
static void the_page_is_well_formed(void **state) {
  (void)state;
  static struct metrics block;
  char *page = metrics_print(&block, 1), *rest = page;
  char *line = strtok_r(page, "\n", &rest);
  for (; line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    if (strncmp(line, "# ", 2) == 0) continue;
    size_t name = strcspn(line, " {");
    assert_memory_equal(line, "evald_", 6);
    assert_true(name > 6);
    assert_non_null(strchr(line, ' '));
  }
  free(page);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(blocks_are_added_up),
                                     cmocka_unit_test(the_page_is_well_formed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
