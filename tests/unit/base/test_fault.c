/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include "unit.h"
#include <errno.h>

/* Where descriptors ran out, the message says what to raise. */
static void names_the_limit(void **state) {
  (void)state;
  assert_non_null(strstr(fault_reason(EMFILE), "LimitNOFILE="));
  assert_non_null(strstr(fault_reason(EMFILE), "ulimit -n"));
  assert_non_null(strstr(fault_reason(ENFILE), "fs.file-max"));
  assert_string_equal(fault_reason(ENOENT), strerror(ENOENT));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names_the_limit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
