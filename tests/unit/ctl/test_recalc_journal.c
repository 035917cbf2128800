/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/recalc_journal.h"
#include "unit.h"
#include "wire/job_codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/evald-journal-XXXXXX";
static const struct store_shard_key shard = {"310113000", 2024};

struct run {
  struct journal journal;
  struct recalc recalc;
  struct chunk open[JOURNAL_CHUNKS];
};

static enum evald_status open_run(struct run *run, bool resume) {
  *run = (struct run){.recalc = {.met = 0}};
  return journal_open(&run->journal, "here all -", resume, &run->recalc,
                      run->open, NULL);
}

static void close_run(struct run *run) {
  for (int i = 0; i < JOURNAL_CHUNKS; i++)
    chunk_clear(&run->open[i]);
  journal_close(&run->journal);
}

/* A chunk of two forms, at 90 and 80 points. */
static void send(struct run *run, uint64_t number) {
  static struct recalc_item items[2];
  for (int i = 0; i < 2; i++) {
    items[i] = (struct recalc_item){.mover.shard = shard};
    (void)snprintf(items[i].mover.code, MIGRATION_CODE, "P%llu.%d",
                   (unsigned long long)number, i);
    items[i].mover.before =
        standing_of((90 - 10 * i) * (evald_decimal)EVALD_DECIMAL_ONE,
                    (uint8_t)i, evald_text_of(i ? "良" : "优"));
    items[i].form.bytes[0] = (uint8_t)(1 + i);
  }
  const struct chunk chunk = {.number = number, .items = items, .count = 2};
  assert_int_equal(journal_sent(&run->journal, &chunk, NULL), EVALD_OK);
}

/* The first came to 85 points, the second has no form. */
static void done(struct run *run, uint64_t number) {
  struct chunk_outcome outcomes[2] = {
      {true, RECALC_ALREADY,
       standing_of(85 * (evald_decimal)EVALD_DECIMAL_ONE, 1, EVALD_TEXT("良"))},
      {false, RECALC_WITHOUT_FORM, {.total = 0}}};
  const struct chunk chunk = {
      .number = number, .outcomes = outcomes, .count = 2};
  assert_int_equal(journal_done(&run->journal, &chunk, NULL), EVALD_OK);
}

static void begin(struct run *run) {
  const struct contribution before = {.counter = {7, 8}};
  assert_int_equal(open_run(run, false), EVALD_OK);
  assert_int_equal(journal_shard(&run->journal, &shard, &before, NULL),
                   EVALD_OK);
  send(run, 1);
  send(run, 2);
  done(run, 1);
}

static void what_was_done_is_counted_and_the_rest_left_open(void **state) {
  (void)state;
  static struct run first, second;
  begin(&first);
  close_run(&first);
  assert_int_equal(open_run(&second, true), EVALD_OK);
  assert_int_equal(second.recalc.migration.forms, 1);
  assert_int_equal(second.recalc.migration.regraded, 1);
  assert_string_equal(second.recalc.migration.movers[0].code, "P1.0");
  assert_int_equal(second.recalc.left[RECALC_WITHOUT_FORM], 1);
  int open = 0;
  for (int i = 0; i < JOURNAL_CHUNKS; i++) {
    if (!second.open[i].used) continue;
    open++;
    assert_int_equal(second.open[i].number, 2);
    assert_int_equal(second.open[i].count, 2);
    assert_string_equal(second.open[i].items[1].mover.code, "P2.1");
    assert_int_equal(second.open[i].items[1].form.bytes[0], 2);
    assert_string_equal(second.open[i].items[1].mover.before.grade, "良");
  }
  assert_int_equal(open, 1);
  assert_int_equal(second.journal.chunks, 2);
  const struct contribution *before = journal_before(&second.journal, &shard);
  assert_non_null(before);
  assert_int_equal(before->counter[1], 8);
  journal_remove(&second.journal);
  close_run(&second);
}

static void one_at_a_time_and_not_without_being_asked(void **state) {
  (void)state;
  static struct run first, second;
  begin(&first);
  assert_int_equal(open_run(&second, true), EVALD_INTERFERED);
  close_run(&second);
  close_run(&first);
  assert_int_equal(open_run(&second, false), EVALD_INVALID);
  close_run(&second);
  assert_int_equal(open_run(&second, true), EVALD_OK);
  journal_remove(&second.journal);
  close_run(&second);
  assert_int_equal(open_run(&second, false), EVALD_OK);
  journal_remove(&second.journal);
  close_run(&second);
}

/* Cut anywhere, it is read as far as records are whole, and goes on there. */
static void a_torn_end_is_cut_off(void **state) {
  (void)state;
  static struct run run;
  begin(&run);
  char path[JOURNAL_PATH];
  (void)snprintf(path, sizeof path, "%s", run.journal.path);
  off_t whole = lseek(run.journal.fd, 0, SEEK_END);
  close_run(&run);
  uint64_t counted = 1;
  for (off_t size = whole - 1; size > 30; size--) {
    assert_int_equal(truncate(path, size), 0);
    if (open_run(&run, true) != EVALD_OK) {
      close_run(&run);
      break; /* not even its head is there */
    }
    assert_true(run.recalc.migration.forms <= counted);
    counted = run.recalc.migration.forms;
    close_run(&run);
  }
  assert_int_equal(counted, 0);
  assert_int_equal(unlink(path), 0);
}

static void other_files_are_left_alone(void **state) {
  (void)state;
  static struct run run;
  begin(&run);
  char path[JOURNAL_PATH];
  (void)snprintf(path, sizeof path, "%s", run.journal.path);
  close_run(&run);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("my diary", file);
  fclose(file);
  assert_int_equal(open_run(&run, true), EVALD_INVALID);
  close_run(&run);
  file = fopen(path, "r");
  char text[16] = "";
  assert_int_equal(fread(text, 1, sizeof text, file), 8);
  fclose(file);
  assert_string_equal(text, "my diary");
  assert_int_equal(unlink(path), 0);
}

/* More forms than one job can have were not written by evalctl. */
static void a_chunk_that_no_job_can_hold_is_cut_off(void **state) {
  (void)state;
  static struct run run;
  static struct recalc_item items[WIRE_PROJECTS_MAX + 1];
  begin(&run);
  for (size_t i = 0; i <= WIRE_PROJECTS_MAX; i++)
    items[i] = (struct recalc_item){.mover.shard = shard};
  const struct chunk chunk = {
      .number = 3, .items = items, .count = WIRE_PROJECTS_MAX + 1};
  assert_int_equal(journal_sent(&run.journal, &chunk, NULL), EVALD_OK);
  close_run(&run);
  assert_int_equal(open_run(&run, true), EVALD_OK);
  for (int i = 0; i < JOURNAL_CHUNKS; i++)
    assert_true(!run.open[i].used || run.open[i].count == 2);
  assert_int_equal(run.journal.chunks, 2);
  journal_remove(&run.journal);
  close_run(&run);
}

static int set_up(void **state) {
  (void)state;
  return mkdtemp(folder) == NULL || setenv("XDG_STATE_HOME", folder, 1) != 0;
}

static int tear_down(void **state) {
  (void)state;
  char below[64];
  (void)snprintf(below, sizeof below, "%s/evald", folder);
  return rmdir(below) != 0 || rmdir(folder) != 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_done_is_counted_and_the_rest_left_open),
      cmocka_unit_test(one_at_a_time_and_not_without_being_asked),
      cmocka_unit_test(a_torn_end_is_cut_off),
      cmocka_unit_test(other_files_are_left_alone),
      cmocka_unit_test(a_chunk_that_no_job_can_hold_is_cut_off),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
