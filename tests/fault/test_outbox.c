/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/memory.h"

#include "client/outbox.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* An outbox whose memory ends once and that goes on: what it said it wrote
 * stands in the file, and one failure is one failure. */

enum { JOBS = 24, ANSWERED = 20, JOB = 64 << 10 };

static char folder[] = "/tmp/evald-fault-XXXXXX", path[64];

static void fill(uint8_t job[JOB], uint64_t number) {
  memset(job, (int)('a' + number), JOB);
}

static enum evald_status put_all(struct outbox *outbox, struct queue *queue) {
  static uint8_t job[JOB];
  enum evald_status status = EVALD_OK;
  for (uint64_t i = 1; i <= JOBS && status == EVALD_OK; i++) {
    fill(job, i);
    status = queue_add(queue, i, false, job, JOB);
    if (status != EVALD_OK) break;
    status = outbox_put(outbox, i, false, job, JOB, NULL);
    if (status != EVALD_OK) queue_drop_last(queue);
  }
  return status;
}

/* As after a crash: who opens it finds the jobs without a written answer. */
static void check_left(const bool written[JOBS + 1], uint64_t last) {
  static uint8_t job[JOB];
  struct queue queue;
  struct outbox *outbox = NULL;
  uint64_t torn = 77;
  queue_init(&queue);
  assert_int_equal(outbox_open(path, &queue, &outbox, &torn, NULL), EVALD_OK);
  assert_int_equal(torn, 0);
  for (uint64_t i = 1; i <= JOBS; i++) {
    const struct queue_job *found = queue_find(&queue, i);
    if ((found != NULL) != (i <= last && !written[i]))
      fail_msg("job %d is %sin the outbox", (int)i, found ? "" : "not ");
    if (!found) continue;
    fill(job, i);
    assert_int_equal(found->size, JOB);
    assert_memory_equal(found->frame, job, JOB);
  }
  outbox_close(outbox, &queue);
  queue_fini(&queue);
}

/* Each answer is written by itself; true: none was refused. */
static enum evald_status answer_all(struct outbox *outbox, struct queue *queue,
                                    bool written[JOBS + 1]) {
  enum evald_status status = EVALD_OK;
  for (uint64_t i = 1; i <= ANSWERED; i++) {
    outbox_answered(outbox, i);
    queue_answered(queue, i);
    enum evald_status one = outbox_write(outbox, NULL);
    written[i] = one == EVALD_OK;
    if (one != EVALD_OK) status = one;
  }
  return status;
}

static off_t size_of_file(void) {
  struct stat about;
  assert_int_equal(stat(path, &about), 0);
  return about.st_size;
}

/* A rewrite that failed leaves the outbox as it was, and can be done again. */
static enum evald_status tidy(struct outbox *outbox,
                              const struct queue *queue) {
  off_t before = size_of_file();
  enum evald_status status = outbox_tidy(outbox, queue, NULL);
  (void)memory_disarm();
  if (status != EVALD_OK) {
    assert_int_equal(size_of_file(), before);
    assert_int_equal(outbox_tidy(outbox, queue, NULL), EVALD_OK);
  }
  assert_in_range(size_of_file(), 1, 5 * JOB);
  return status;
}

static enum evald_status use(void *context, struct evald_fault *fault) {
  struct queue queue;
  struct outbox *outbox = NULL;
  uint64_t torn;
  bool written[JOBS + 1] = {false};
  (void)context, (void)fault;
  (void)unlink(path);
  queue_init(&queue);
  enum evald_status status = outbox_open(path, &queue, &outbox, &torn, NULL);
  if (status != EVALD_OK) return status;
  status = put_all(outbox, &queue);
  uint64_t last = queue_next(&queue) - 1;
  if (status == EVALD_OK) {
    status = answer_all(outbox, &queue, written);
    enum evald_status tidied = tidy(outbox, &queue);
    /* What was not written is not in the queue either: now it is not there. */
    for (uint64_t i = 1; i <= ANSWERED; i++)
      written[i] = true;
    if (status == EVALD_OK) status = tidied;
  }
  outbox_close(outbox, &queue);
  queue_fini(&queue);
  (void)memory_disarm();
  check_left(written, last);
  return status;
}

static void is_rewritten_whole_or_not(void **state) {
  (void)state;
  memory_every(use, NULL, 30);
}

/* The same without the rewrite: what a failed write did not note is all that
 * comes again. */
static enum evald_status note(void *context, struct evald_fault *fault) {
  struct queue queue;
  struct outbox *outbox = NULL;
  uint64_t torn;
  bool written[JOBS + 1] = {false};
  (void)context, (void)fault;
  (void)unlink(path);
  queue_init(&queue);
  unsigned paused = memory_pause();
  assert_int_equal(outbox_open(path, &queue, &outbox, &torn, NULL), EVALD_OK);
  assert_int_equal(put_all(outbox, &queue), EVALD_OK);
  memory_resume(paused);
  enum evald_status status = answer_all(outbox, &queue, written);
  (void)memory_disarm();
  outbox_close(outbox, &queue);
  queue_fini(&queue);
  check_left(written, JOBS);
  return status;
}

static void notes_what_it_says_it_noted(void **state) {
  (void)state;
  memory_every(note, NULL, 0);
}

static int make_folder(void **state) {
  (void)state;
  assert_non_null(mkdtemp(folder));
  (void)snprintf(path, sizeof path, "%s/outbox", folder);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  (void)unlink(path);
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_rewritten_whole_or_not),
      cmocka_unit_test(notes_what_it_says_it_noted),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
