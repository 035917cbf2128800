/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/codeset.h"
#include "unit.h"
#include <stdio.h>

enum { CODES = 20000 };

static bool add(struct codeset *set, int number) {
  char code[32];
  bool fresh = false;
  (void)snprintf(code, sizeof code, "P%d", number);
  assert_int_equal(codeset_add(set, evald_text_of(code), &fresh), EVALD_OK);
  return fresh;
}

static void each_code_is_fresh_once(void **state) {
  (void)state;
  struct codeset set = {0};
  for (int i = 0; i < CODES; i++)
    assert_true(add(&set, i));
  for (int i = 0; i < CODES; i++)
    assert_false(add(&set, i));
  assert_int_equal(set.count, CODES);
  codeset_clear(&set);
  assert_true(add(&set, 7));
  assert_false(add(&set, 7));
  assert_int_equal(set.count, 1);
  codeset_fini(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_code_is_fresh_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
