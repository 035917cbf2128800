/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include "base/xxh3.h"
#include "unit.h"

enum { BYTES = 3000 };

/* Whatever vectors the processor has: what is stored must be found again by
 * every other. */
static void every_processor_has_the_same_digest(void **state) {
  (void)state;
  static unsigned char bytes[BYTES];
  for (size_t i = 0; i < BYTES; i++)
    bytes[i] = (unsigned char)(i * i / 3 + i);
  for (size_t size = 0; size <= BYTES; size++) {
    struct evald_digest all = xxh3_digest(bytes + size % 7, size - size % 7);
    struct evald_digest here = digest_of(bytes + size % 7, size - size % 7);
    assert_true(evald_digest_equal(&all, &here));
  }
}

/* As xxhsum -H2 prints it. */
static void is_what_xxhsum_prints(void **state) {
  (void)state;
  char hex[EVALD_DIGEST_HEX];
  struct evald_digest digest = digest_of("evald", 5);
  evald_digest_print(&digest, hex);
  assert_string_equal(hex, "e3073590b14ca8370f630dc53524ddc4");
  static const char many[1000];
  digest = digest_of(many, sizeof many);
  evald_digest_print(&digest, hex);
  assert_string_equal(hex, "3fb94aea6d09b97224c1ea6074dd588c");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_processor_has_the_same_digest),
      cmocka_unit_test(is_what_xxhsum_prints)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
