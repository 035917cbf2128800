/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void finds_nothing_in_a_good_form(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  assert_string_equal(findings_of(f), "");
  assert_int_equal(f->verdict.total, D(99.83));
  assert_int_equal(f->verdict.grade, 0);
  assert_int_equal(f->verdict.execution.rate, D(98.33));
  fixture_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_nothing_in_a_good_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
