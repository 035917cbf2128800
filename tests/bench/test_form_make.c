/* SPDX-License-Identifier: Apache-2.0 */
/* What made-up forms are held to: valid, the same each time, not alike. */
#include "../unit/unit.h"
#include "form_make.h"
#include "wire/form_codec.h"
#include <stdio.h>

enum { FORMS = 2000 };

static struct evald_arena *arena;
static struct wire_buffer frame;

static void make(const struct form_source *source, uint64_t number) {
  struct wire_job job;
  evald_arena_reset(arena);
  wire_buffer_reset(&frame);
  assert_int_equal(form_make(source, number, arena, &job), EVALD_OK);
  wire_job_encode(&job, &frame);
  assert_int_equal(wire_buffer_done(&frame), EVALD_OK);
}

static void decode(struct wire_job *job) {
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  evald_arena_reset(arena);
  enum evald_status status = wire_job_decode(
      wire_buffer_bytes(&frame), &wire_limits_default, arena, job, &rejects);
  if (status != EVALD_OK) print_error("%s\n", rejects.items[0].key);
  assert_int_equal(status, EVALD_OK);
}

static void test_every_form_is_a_valid_job(void **state) {
  (void)state;
  struct form_source source = form_source_default();
  struct wire_job job;
  for (uint64_t i = 0; i < FORMS; i++) {
    make(&source, i);
    decode(&job);
    char division[10];
    form_division((unsigned)(i % source.divisions), division);
    assert_memory_equal(job.form.mof_div_code.data, division, 9);
    assert_in_range(job.form.fiscal_year, 2022, 2024);
    assert_in_range(job.form.indicator_count, 3, 12);
    int64_t points = 0;
    for (size_t k = 0; k < job.form.indicator_count; k++)
      points += job.form.indicators[k].weight.value;
    assert_in_range(points, 89 * EVALD_DECIMAL_ONE, 91 * EVALD_DECIMAL_ONE);
  }
}

static void test_a_form_depends_on_source_and_number_alone(void **state) {
  (void)state;
  struct form_source source = form_source_default();
  static uint8_t first[1 << 16];
  make(&source, 4711);
  size_t size = frame.size;
  assert_in_range(size, 500, sizeof first);
  memcpy(first, frame.data, size);
  make(&source, 12);
  make(&source, 4711);
  assert_int_equal(frame.size, size);
  assert_memory_equal(frame.data, first, size);
  source.seed++;
  make(&source, 4711);
  assert_true(frame.size != size || memcmp(frame.data, first, size) != 0);
}

static void test_a_revision_has_the_names_and_other_figures(void **state) {
  (void)state;
  struct form_source source = form_source_default();
  struct wire_job job;
  char name[256];
  int64_t executed[2];
  for (int i = 0; i < 2; i++) {
    source.revision = i + 1;
    make(&source, 99);
    decode(&job);
    assert_int_equal(job.revision, i + 1);
    executed[i] = job.form.funds[EVALD_FUND_TOTAL].executed.value;
    size_t size = job.form.pro_name.size;
    assert_in_range(size, 1, sizeof name);
    if (i == 0) memcpy(name, job.form.pro_name.data, size);
    assert_memory_equal(job.form.pro_name.data, name, size);
  }
  assert_int_not_equal(executed[0], executed[1]);
}

/* Narratives are what a dictionary would love to see repeated. */
static void test_narratives_are_not_alike(void **state) {
  (void)state;
  struct form_source source = form_source_default();
  static struct evald_digest seen[FORMS];
  size_t same = 0;
  for (uint64_t i = 0; i < FORMS; i++) {
    struct wire_job job;
    make(&source, i);
    decode(&job);
    struct evald_form form = {.goal_actual = job.form.goal_actual,
                              .goal_expected = job.form.goal_expected};
    wire_buffer_reset(&frame);
    seen[i] = wire_form_encode(&form, &frame);
    for (uint64_t k = 0; k < i; k++)
      same += evald_digest_equal(&seen[k], &seen[i]);
  }
  assert_in_range(same, 0, FORMS / 100);
}

static int begin(void **state) {
  (void)state;
  arena = evald_arena_new(1 << 20);
  return arena == NULL;
}

static int end(void **state) {
  (void)state;
  evald_arena_free(arena);
  wire_buffer_fini(&frame);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_form_is_a_valid_job),
      cmocka_unit_test(test_a_form_depends_on_source_and_number_alone),
      cmocka_unit_test(test_a_revision_has_the_names_and_other_figures),
      cmocka_unit_test(test_narratives_are_not_alike),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
