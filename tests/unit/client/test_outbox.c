/* SPDX-License-Identifier: Apache-2.0 */
#include "client/outbox.h"
#include "unit.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char folder[] = "/tmp/evald-outbox-XXXXXX", path[64], torn[80];

static int make_folder(void **state) {
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/outbox", folder);
  snprintf(torn, sizeof torn, "%s.torn", path);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  unlink(path);
  unlink(torn);
  return rmdir(folder);
}

static struct outbox *open_here(struct queue *queue, uint64_t *cut) {
  struct outbox *outbox;
  queue_init(queue);
  assert_int_equal(outbox_open(path, queue, &outbox, cut, NULL), EVALD_OK);
  return outbox;
}

/* Without outbox_close, which would empty it: as after a crash. */
static size_t write_jobs(int count, uint8_t *out, size_t room) {
  struct queue queue;
  uint64_t cut;
  unlink(path);
  struct outbox *outbox = open_here(&queue, &cut);
  for (int i = 1; i <= count; i++)
    assert_int_equal(outbox_put(outbox, (uint64_t)i, i % 2 == 0, "0123456789",
                                (size_t)i, NULL),
                     EVALD_OK);
  assert_int_equal(outbox_sync(outbox, NULL), EVALD_OK);
  int fd = open(path, O_RDONLY);
  ssize_t size = read(fd, out, room);
  close(fd);
  outbox_close(outbox, &queue);
  return (size_t)size;
}

static void put_file(const uint8_t *bytes, size_t size) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_int_equal(write(fd, bytes, size), size);
  close(fd);
}

/* Cut anywhere, the jobs before the cut are there, those behind are not, and
 * going on works. */
static void test_every_cut(void **state) {
  (void)state;
  uint8_t bytes[512];
  size_t size = write_jobs(5, bytes, sizeof bytes);
  assert_int_equal(size, 8 + 5 * 20 + 15);
  for (size_t cut_at = 0; cut_at <= size; cut_at++) {
    struct queue queue;
    uint64_t cut, whole = 0;
    size_t end = 8;
    while (whole < 5 && end + 21 + whole <= cut_at)
      end += 21 + whole++;
    put_file(bytes, cut_at);
    struct outbox *outbox = open_here(&queue, &cut);
    assert_int_equal(queue.unanswered, whole);
    assert_int_equal(cut, cut_at < 8 ? 0 : cut_at - end);
    assert_int_equal(queue_add(&queue, 9, false, "new", 3), EVALD_OK);
    assert_int_equal(outbox_put(outbox, 9, false, "new", 3, NULL), EVALD_OK);
    outbox_close(outbox, &queue);
    queue_fini(&queue);
    outbox = open_here(&queue, &cut);
    assert_int_equal(cut, 0);
    assert_int_equal(queue.unanswered, whole + 1);
    assert_memory_equal(queue_find(&queue, 9)->frame, "new", 3);
    for (uint64_t i = 1; i <= whole; i++)
      assert_int_equal(queue_find(&queue, i)->later, i % 2 == 0);
    outbox_close(outbox, &queue);
    queue_fini(&queue);
  }
}

/* A bit changed anywhere never gives a job that was not put. */
static void test_every_bit(void **state) {
  (void)state;
  uint8_t bytes[512];
  size_t size = write_jobs(3, bytes, sizeof bytes);
  for (size_t bit = 64; bit < size * 8; bit++) {
    struct queue queue;
    uint64_t cut;
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    put_file(bytes, size);
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    struct outbox *outbox = open_here(&queue, &cut);
    assert_true(queue.unanswered < 3 && cut > 0);
    for (uint64_t i = 1; i <= queue.unanswered; i++)
      assert_memory_equal(queue_find(&queue, i)->frame, "0123456789", i);
    outbox_close(outbox, &queue);
    queue_fini(&queue);
  }
}

/* A disk that is full: the put is refused, what stands before and what comes
 * after it is whole. */
static void test_a_full_disk(void **state) {
  (void)state;
  struct queue queue;
  uint64_t cut;
  struct rlimit old, limit;
  unlink(path);
  struct outbox *outbox = open_here(&queue, &cut);
  assert_int_equal(outbox_put(outbox, 1, false, "first", 5, NULL), EVALD_OK);
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &old);
  limit = (struct rlimit){50, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  struct evald_fault fault = {0};
  assert_int_equal(outbox_put(outbox, 2, false, "second job", 10, &fault),
                   EVALD_IO);
  assert_string_equal(fault.place, path);
  setrlimit(RLIMIT_FSIZE, &old);
  assert_int_equal(outbox_put(outbox, 2, false, "again", 5, NULL), EVALD_OK);
  queue_add(&queue, 1, false, "first", 5);
  outbox_close(outbox, &queue);
  queue_fini(&queue);
  outbox = open_here(&queue, &cut);
  assert_int_equal(cut, 0);
  assert_int_equal(queue.unanswered, 2);
  assert_memory_equal(queue_find(&queue, 2)->frame, "again", 5);
  outbox_close(outbox, &queue);
  queue_fini(&queue);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_cut),
                                     cmocka_unit_test(test_every_bit),
                                     cmocka_unit_test(test_a_full_disk)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
