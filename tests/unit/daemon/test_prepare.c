/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/prepare.h"

#include "wire/jobs.h"

enum { FRAMES = 23, WORK_ROOM = 1 << 20 };

/* What a day brings: good jobs, and among them what is refused at each of the
 * steps. */
static const char *const changes[][2] = {
    {NULL, NULL},
    {"pro_code", "'P-2'"},
    {"indicators.0.x", "1"},
    {"kind", "'withdraw'"},
    {"ruleset", "'nobody'"},
    {"indicators.0.weight", "'40'"},
    {"dept_code", NULL},
    {"funds.total.executed", "'999999999999'"},
    {"pro_name", "'另一个项目'"},
    {"fiscal_year", "'2024'"},
};

struct fixture {
  struct wire_buffer buffers[FRAMES];
  struct wire_bytes frames[FRAMES];
  struct ruleset_set *rules;
  struct metrics metrics;
  struct preparer preparer;
  struct work *work;
};

static struct wire_bytes frame_number(size_t i, struct wire_buffer *out) {
  json_t *job = json_of(good_job);
  const char *const *change = changes[i % 10];
  char id[16];
  (void)snprintf(id, sizeof id, "'job-%zu'", i);
  set_path(job, "job_id", id);
  if (change[0]) set_path(job, change[0], change[1]);
  struct wire_bytes frame = frame_of(job, out);
  json_decref(job);
  return frame;
}

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  struct ruleset_route route = {"", 2024, 0, "cn-sh-2024"};
  struct evald_fault fault;
  assert_non_null(f);
  assert_int_equal(ruleset_set_load(EVALD_SOURCE_DIR "/config/rulesets", &route,
                                    1, NULL, &f->rules, &fault),
                   EVALD_OK);
  for (size_t i = 0; i < FRAMES; i++)
    f->frames[i] = frame_number(i, &f->buffers[i]);
  f->preparer = (struct preparer){.limits = wire_limits_default,
                                  .scratch = evald_arena_new(1 << 20),
                                  .rules = f->rules,
                                  .metrics = &f->metrics,
                                  .keep_forms = true};
  f->work = work_new(4, WORK_ROOM);
  assert_non_null(f->work);
  assert_non_null(f->preparer.scratch);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  for (size_t i = 0; i < FRAMES; i++)
    wire_buffer_fini(&f->buffers[i]);
  evald_arena_free(f->preparer.scratch);
  work_free(f->work);
  ruleset_set_unref(f->rules);
  free(f);
  return 0;
}

static void assert_same(struct evald_text a, struct evald_text b) {
  assert_true(a.data != NULL ? evald_text_equal(a, b) : b.data == NULL);
}

static void assert_same_unit(const struct work *a, const struct work_unit *x,
                             const struct work *b, const struct work_unit *y) {
  assert_int_equal(x->kind, y->kind);
  assert_int_equal(x->outcome, y->outcome);
  assert_int_equal(x->bad, y->bad);
  assert_int_equal(x->scored, y->scored);
  assert_ptr_equal(x->frame.data, y->frame.data);
  assert_ptr_equal(x->ruleset, y->ruleset);
  assert_same(x->job_id, y->job_id);
  assert_same(x->pro_code, y->pro_code);
  assert_same(x->dept_key, y->dept_key);
  assert_same(x->dept_name, y->dept_name);
  assert_int_equal(x->revision, y->revision);
  assert_true(evald_digest_equal(&x->form_digest, &y->form_digest));
  assert_int_equal(x->total.value, y->total.value);
  assert_int_equal(x->grade, y->grade);
  assert_memory_equal(x->levels, y->levels, sizeof x->levels);
  assert_memory_equal(&x->contribution, &y->contribution,
                      sizeof x->contribution);
  assert_same(work_text(a, x->stored), work_text(b, y->stored));
  if (x->outcome != WIRE_OUTCOME_REJECTED) {
    assert_null(x->rejects);
    assert_same(work_text(a, x->form), work_text(b, y->form));
  } else {
    assert_int_equal(x->rejects->count, y->rejects->count);
    assert_int_equal(x->rejects->items[0].code, y->rejects->items[0].code);
    assert_string_equal(x->rejects->items[0].key, y->rejects->items[0].key);
  }
}

static void add_by(struct preparer *preparer, struct work *work,
                   const struct fixture *f, size_t each) {
  for (size_t i = 0; i < FRAMES; i += each) {
    size_t count = FRAMES - i < each ? FRAMES - i : each;
    assert_int_equal(prepare_frames(preparer, work, f->frames + i, count),
                     count);
  }
  assert_int_equal(work->unit_count, FRAMES);
}

static void assert_same_work(const struct work *a, const struct work *b) {
  assert_int_equal(a->unit_count, b->unit_count);
  for (uint32_t i = 0; i < a->unit_count; i++)
    assert_same_unit(a, &a->units[i], b, &b->units[i]);
}

/* Whom a job comes with is not to be seen in what becomes of it. */
static void a_group_is_its_jobs(void **state) {
  struct fixture *f = *state;
  add_by(&f->preparer, f->work, f, 1);
  uint64_t scored = f->metrics.value[METRIC_EVALUATED];
  assert_in_range(scored, 10, FRAMES - 1);
  for (size_t each = 2; each <= GROUP_JOBS; each++) {
    struct work *work = work_new(4, WORK_ROOM);
    assert_non_null(work);
    add_by(&f->preparer, work, f, each);
    assert_same_work(f->work, work);
    assert_int_equal(f->metrics.value[METRIC_EVALUATED], each * scored);
    work_free(work);
  }
}

/* Where the arena has room for any of the jobs and not for all, none is refused
 * for want of it, and none is there twice. */
static void jobs_without_room_come_alone(void **state) {
  struct fixture *f = *state;
  add_by(&f->preparer, f->work, f, 1);
  unsigned too_small = 0, enough = 0;
  for (size_t room = 256; enough < 20; room += 128) {
    struct preparer tight = f->preparer;
    struct work *one = work_new(4, WORK_ROOM);
    struct work *some = work_new(4, WORK_ROOM);
    assert_true(one && some);
    tight.scratch = evald_arena_new(room);
    add_by(&tight, one, f, 1);
    add_by(&tight, some, f, GROUP_JOBS);
    assert_same_work(one, some);
    bool refused = one->units[0].outcome == WIRE_OUTCOME_REJECTED;
    if (refused)
      assert_int_equal(one->units[0].rejects->items[0].code,
                       WIRE_REJECT_NO_MEMORY);
    else
      assert_same_unit(f->work, &f->work->units[0], some, &some->units[0]);
    too_small += refused;
    enough += !refused;
    evald_arena_free(tight.scratch);
    work_free(one);
    work_free(some);
  }
  assert_true(too_small > 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_group_is_its_jobs),
      T(jobs_without_room_come_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
