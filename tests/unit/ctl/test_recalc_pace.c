/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/recalc_journal.h"
#include "ctl/recalc_pace.h"
#include "unit.h"

static bool is_careful(const struct pace *pace) {
  assert_in_range(pace->window, 1, JOURNAL_CHUNKS);
  assert_true((pace->chunk < 100) == (pace->step < 1000));
  return pace->chunk < 100;
}

static bool is_most_careful(const struct pace *pace) {
  return is_careful(pace) && pace->window == 1;
}

static void careful_until_it_knows(void **state) {
  (void)state;
  struct pace pace = {0};
  pace_take(&pace, 1000, 50, 0);
  assert_true(is_careful(&pace));
  pace_take(&pace, 1499, 50, 0);
  assert_true(is_careful(&pace));
  pace_take(&pace, 1500, 50, 0);
  assert_false(is_careful(&pace));
}

/* Frames that may be our own chunks are nobody's traffic. */
static void our_own_frames_are_no_traffic(void **state) {
  (void)state;
  struct pace pace = {0};
  pace_take(&pace, 1000, 50, 0);
  pace.sent = 8;
  pace_take(&pace, 5000, 56, 2); /* two more are on their way */
  assert_false(is_careful(&pace));
  pace.sent = 10;
  pace_take(&pace, 5500, 60, 0); /* these two, and two since */
  assert_false(is_careful(&pace));
}

static void one_frame_of_somebody_else_is(void **state) {
  (void)state;
  struct pace pace = {0};
  pace_take(&pace, 1000, 50, 0);
  pace.sent = 8;
  pace_take(&pace, 5000, 58, 0);
  assert_false(is_careful(&pace));
  pace.sent = 10;
  pace_take(&pace, 5500, 61, 0);
  assert_true(is_careful(&pace));
  pace_take(&pace, 8499, 61, 0);
  assert_true(is_careful(&pace));
  pace_take(&pace, 8500, 61, 0);
  assert_false(is_careful(&pace));
}

static void a_daemon_that_began_anew_is_not_known(void **state) {
  (void)state;
  struct pace pace = {0};
  pace_take(&pace, 1000, 50, 0);
  pace_take(&pace, 9000, 50, 0);
  assert_false(is_careful(&pace));
  pace_take(&pace, 9500, 3, 0);
  assert_true(is_careful(&pace));
}

/* Some is not much; after much there is some for a while. */
static void much_of_it_is_more_than_some(void **state) {
  (void)state;
  struct pace pace = {0};
  pace_take(&pace, 1000, 50, 0);
  assert_true(is_most_careful(&pace));
  pace_take(&pace, 1500, 50 + 2000, 0); /* 4,000 a second */
  assert_true(is_careful(&pace));
  assert_false(is_most_careful(&pace));
  pace_take(&pace, 2000, 2050 + 2001, 0);
  assert_true(is_most_careful(&pace));
  pace_take(&pace, 4999, 4052, 0);
  assert_true(is_most_careful(&pace));
  pace_take(&pace, 5000, 4053, 0);
  assert_true(is_careful(&pace));
  assert_false(is_most_careful(&pace));
  pace_take(&pace, 8000, 4053, 0);
  assert_false(is_careful(&pace));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(careful_until_it_knows),
      cmocka_unit_test(our_own_frames_are_no_traffic),
      cmocka_unit_test(one_frame_of_somebody_else_is),
      cmocka_unit_test(a_daemon_that_began_anew_is_not_known),
      cmocka_unit_test(much_of_it_is_more_than_some),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
