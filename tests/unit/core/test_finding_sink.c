/* SPDX-License-Identifier: Apache-2.0 */
#include "core/finding_sink.h"

#include "fixture.h"

static uint64_t order(const struct evald_finding *finding) {
  bool indicator = finding->cell.field >= EVALD_CELL_INDICATOR &&
                   finding->cell.field <= EVALD_CELL_INDICATOR_MEASURE;
  unsigned section = indicator ? EVALD_CELL_INDICATOR : finding->cell.field;
  return (uint64_t)finding->code << 40 | (uint64_t)section << 32 |
         (uint64_t)finding->cell.index << 8 | finding->cell.field;
}

/* Any number of findings raised in any order come out in the order of codes
 * and cells, and none is lost. */
static void sorts_any_number(void **state) {
  (void)state;
  static const uint8_t checks[] = {RULESET_CHECK_W01, RULESET_CHECK_S01,
                                   RULESET_CHECK_C20, RULESET_CHECK_A02};
  static const uint8_t fields[] = {EVALD_CELL_INDICATOR_SCORE, EVALD_CELL_TOTAL,
                                   EVALD_CELL_INDICATOR_ACTUAL,
                                   EVALD_CELL_YEAR};
  struct evald_ruleset *ruleset = core_ruleset_new();
  for (size_t count = 0; count < 400; count = count * 3 / 2 + 1) {
    struct evald_arena *arena = evald_arena_new(1 << 20);
    struct finding_list list;
    finding_list_init(&list, arena, ruleset);
    uint32_t seed = (uint32_t)count + 1;
    evald_decimal sum = 0;
    for (size_t i = 0; i < count; i++) {
      seed = seed * 1664525 + 1013904223;
      finding_raise(&list, checks[seed >> 30], EVALD_RULE_FORM,
                    cell_at(fields[seed >> 20 & 3], seed >> 8 & 511))
          ->printed = value_count(i);
    }
    finding_list_sort(&list);
    assert_int_equal(list.count, count);
    for (size_t i = 0; i < count; i++) {
      sum += list.items[i].printed.low;
      assert_true(i == 0 || order(&list.items[i - 1]) <= order(&list.items[i]));
    }
    if (count > 0) {
      assert_int_equal(sum / EVALD_DECIMAL_ONE, count * (count - 1) / 2);
    }
    evald_arena_free(arena);
  }
  evald_ruleset_unref(ruleset);
}

/* Every size of the arena either gives the whole verdict or EVALD_MEMORY. */
static void a_full_arena_is_no_verdict(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  f->rows[0].level1 = f->rows[3].level1 = T("其他");
  size_t failures = 0;
  enum evald_status status = EVALD_MEMORY;
  size_t findings = evaluate(f)->finding_count;
  for (size_t size = 0; status == EVALD_MEMORY; size += 64) {
    struct evald_arena *arena = evald_arena_new(size);
    struct evald_verdict verdict;
    struct evald_fault fault;
    evald_fault_clear(&fault);
    status = evald_evaluate(&f->form, f->ruleset, arena, &verdict, &fault);
    if (status == EVALD_OK) {
      assert_int_equal(verdict.finding_count, findings);
    } else {
      assert_int_equal(fault.status, EVALD_MEMORY);
      failures++;
    }
    evald_arena_free(arena);
  }
  assert_int_equal(status, EVALD_OK);
  assert_true(failures > 10);
  fixture_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sorts_any_number),
      cmocka_unit_test(a_full_arena_is_no_verdict),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
