/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WIRE_JOB_FIXTURE_H
#define TESTS_WIRE_JOB_FIXTURE_H

/* A decoder with its arena and what came out of it last. */

#include "jobs.h"

struct fixture {
  struct wire_buffer buffer;
  struct evald_arena *arena;
  struct wire_job job;
  struct wire_rejects rejects;
};

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  f->arena = evald_arena_new(1 << 20);
  assert_non_null(f->arena);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  wire_buffer_fini(&f->buffer);
  evald_arena_free(f->arena);
  free(f);
  return 0;
}

static inline enum evald_status decode(struct fixture *f,
                                       struct wire_bytes frame) {
  wire_rejects_init(&f->rejects);
  evald_arena_reset(f->arena);
  return wire_job_decode(frame, &wire_limits_default, f->arena, &f->job,
                         &f->rejects);
}

static inline enum evald_status decode_with(struct fixture *f, const char *path,
                                            const char *value) {
  return decode(f, job_with(path, value, &f->buffer));
}

static inline uint8_t *find(uint8_t *data, size_t size, const void *wanted,
                            size_t length) {
  for (size_t i = 0; i + length <= size; i++) {
    if (memcmp(data + i, wanted, length) == 0) return data + i;
  }
  return NULL;
}

#define assert_text(text, literal)                                             \
  assert_true(evald_text_equal((text), EVALD_TEXT(literal)))

static inline void assert_figure(struct evald_figure figure,
                                 evald_decimal value) {
  assert_true(figure.present);
  assert_int_equal(figure.value, value);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
