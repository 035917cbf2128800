/* SPDX-License-Identifier: Apache-2.0 */
#include "client/queue.h"
#include "unit.h"

static void add(struct queue *queue, uint64_t number) {
  assert_int_equal(queue_add(queue, number, false, "job", 3), EVALD_OK);
}

static void test_jobs_come_in_order_and_leave_in_any(void **state) {
  (void)state;
  struct queue queue;
  queue_init(&queue);
  assert_int_equal(queue_due(&queue, 0, 0), 0);
  for (uint64_t i = 1; i <= 5; i++)
    add(&queue, i);
  assert_int_equal(queue.bytes, 15);
  assert_int_equal(queue_due(&queue, 0, 0), 1);
  assert_int_equal(queue_due(&queue, 3, 0), 4);
  assert_int_equal(queue_due(&queue, 5, 0), 0);
  queue_sent(&queue, 1);
  queue_sent(&queue, 2);
  assert_int_equal(queue_due(&queue, 0, 0), 3);
  queue_answered(&queue, 2);
  assert_null(queue_find(&queue, 2));
  assert_non_null(queue_find(&queue, 1));
  queue_answered(&queue, 1);
  assert_int_equal(queue.first, 3);
  assert_int_equal(queue.unanswered, 3);
  assert_int_equal(queue.sent, 0);
  assert_int_equal(queue_next(&queue), 6);
  queue_fini(&queue);
}

static void test_a_retry_waits_for_its_time(void **state) {
  (void)state;
  struct queue queue;
  queue_init(&queue);
  for (uint64_t i = 1; i <= 3; i++) {
    add(&queue, i);
    queue_sent(&queue, i);
  }
  assert_int_equal(queue_due(&queue, 0, 0), 0);
  queue_retry(&queue, 2, 100);
  assert_int_equal(queue.sent, 2);
  assert_int_equal(queue_due(&queue, 0, 99), 0);
  assert_int_equal(queue_due(&queue, 0, 100), 2);
  assert_int_equal(queue_due(&queue, 2, 100), 0);
  queue_resend(&queue);
  assert_int_equal(queue_due(&queue, 0, 0), 1);
  assert_int_equal(queue_due(&queue, 1, 0), 2);
  queue_fini(&queue);
}

static void test_numbers_left_out_are_holes(void **state) {
  (void)state;
  struct queue queue;
  queue_init(&queue);
  add(&queue, 7);
  add(&queue, 10);
  assert_null(queue_find(&queue, 8));
  assert_null(queue_find(&queue, 6));
  assert_null(queue_find(&queue, 11));
  assert_int_equal(queue.unanswered, 2);
  queue_answered(&queue, 7);
  assert_int_equal(queue.first, 10);
  queue_drop_last(&queue);
  assert_int_equal(queue.unanswered, 0);
  assert_int_equal(queue.bytes, 0);
  add(&queue, 10);
  assert_int_equal(queue_add(&queue, 10 + QUEUE_SPAN_MAX, false, "", 0),
                   EVALD_LIMIT);
  assert_int_equal(queue_next(&queue), 11);
  queue_fini(&queue);
}

/* What goes through moves the window of the array along; memory must not grow
 * with what was answered. */
static void test_what_was_answered_takes_no_room(void **state) {
  (void)state;
  struct queue queue;
  queue_init(&queue);
  for (uint64_t i = 1; i <= 100000; i++) {
    add(&queue, i);
    assert_int_equal(queue_due(&queue, 0, 0), i > 100 ? i - 100 : 1);
    if (i <= 100) continue;
    queue_sent(&queue, i - 100);
    queue_answered(&queue, i - 100);
  }
  assert_int_equal(queue.unanswered, 100);
  assert_true(queue.room <= 512);
  queue_fini(&queue);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_jobs_come_in_order_and_leave_in_any),
      cmocka_unit_test(test_a_retry_waits_for_its_time),
      cmocka_unit_test(test_numbers_left_out_are_holes),
      cmocka_unit_test(test_what_was_answered_takes_no_room)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
