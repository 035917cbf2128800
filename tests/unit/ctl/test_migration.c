/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/migration.h"
#include "unit.h"
#include <stdio.h>

static const char *const names[] = {"优", "良", "中", "差"};

static void note(struct migration *migration, int number, const int from[2],
                 const int to[2]) {
  struct mover mover = {.shard = {"310113000", 2024}};
  (void)snprintf(mover.code, sizeof mover.code, "P%03d", number);
  mover.before = standing_of(from[0] * (evald_decimal)1000, (uint8_t)from[1],
                             evald_text_of(names[from[1]]));
  mover.after = standing_of(to[0] * (evald_decimal)1000, (uint8_t)to[1],
                            evald_text_of(names[to[1]]));
  migration_note(migration, &mover);
}

static uint64_t moves(const struct migration *migration, const char *from,
                      const char *to) {
  unsigned at[2] = {MIGRATION_GRADES, MIGRATION_GRADES};
  for (unsigned i = 0; i < migration->grade_count; i++) {
    if (strcmp(migration->grades[i].grade, from) == 0) at[0] = i;
    if (strcmp(migration->grades[i].grade, to) == 0) at[1] = i;
  }
  if (at[0] == MIGRATION_GRADES || at[1] == MIGRATION_GRADES) return 0;
  return migration->moves[at[0]][at[1]];
}

static void counts_from_where_to_where(void **state) {
  (void)state;
  static struct migration m;
  m = (struct migration){.forms = 0};
  note(&m, 1, (int[]){90, 0}, (int[]){90, 0}); /* as it was */
  note(&m, 2, (int[]){91, 0}, (int[]){90, 0}); /* another total */
  note(&m, 3, (int[]){90, 0}, (int[]){90, 1}); /* another grade alone */
  note(&m, 4, (int[]){59, 3}, (int[]){95, 0});
  assert_int_equal(m.forms, 4);
  assert_int_equal(m.moved, 2);
  assert_int_equal(m.regraded, 2);
  assert_int_equal(moves(&m, "优", "优"), 2);
  assert_int_equal(moves(&m, "优", "良"), 1);
  assert_int_equal(moves(&m, "差", "优"), 1);
  assert_int_equal(moves(&m, "优", "差"), 0);
}

/* Whatever the order in which forms come. */
static void keeps_those_that_moved_most(void **state) {
  (void)state;
  static struct migration up, down;
  enum { FORMS = 100 };
  up = down = (struct migration){.forms = 0};
  for (int i = 0; i < FORMS; i++) {
    int k = FORMS - 1 - i;
    /* every distance twice: down for even numbers, up for odd ones */
    note(&up, i, (int[]){500, 1}, (int[]){500 + (i % 2 ? 1 : -1) * (i / 2), 1});
    note(&down, k, (int[]){500, 1},
         (int[]){500 + (k % 2 ? 1 : -1) * (k / 2), 1});
  }
  assert_int_equal(up.mover_count, MIGRATION_MOVERS);
  assert_string_equal(up.movers[0].code, "P098");
  assert_string_equal(up.movers[1].code, "P099");
  assert_string_equal(up.movers[MIGRATION_MOVERS - 1].code, "P081");
  for (unsigned i = 0; i < MIGRATION_MOVERS; i++)
    assert_string_equal(up.movers[i].code, down.movers[i].code);
}

static void more_grades_than_room_are_still_counted(void **state) {
  (void)state;
  static struct migration m;
  m = (struct migration){.forms = 0};
  for (int i = 0; i < 3 * MIGRATION_GRADES; i++) {
    struct mover mover = {.shard = {"310113000", 2024}};
    (void)snprintf(mover.before.grade, sizeof mover.before.grade, "g%d", i);
    mover.after = mover.before;
    migration_note(&m, &mover);
  }
  uint64_t sum = 0;
  for (int i = 0; i < MIGRATION_GRADES * MIGRATION_GRADES; i++)
    sum += m.moves[i / MIGRATION_GRADES][i % MIGRATION_GRADES];
  assert_int_equal(sum, m.forms);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_from_where_to_where),
      cmocka_unit_test(keeps_those_that_moved_most),
      cmocka_unit_test(more_grades_than_room_are_still_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
