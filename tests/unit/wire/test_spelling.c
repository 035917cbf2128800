/* SPDX-License-Identifier: Apache-2.0 */

/*
 * However a producer spells a form, its canonical bytes are the same: keys in
 * any order, heads longer than they need be, keys of the producer's own. And
 * they are the same whether texts are taken out of the frame as they lie there
 * or one by one.
 */

#include "wire/form_codec.h"

#include "jobs.h"
#include "wire/cursor.h"

enum { FORMS = 400, SPELLINGS = 5, PAIRS_MAX = 32 };

static uint64_t state_of_chance = 20240615;

/* 0 to `below` - 1. */
static unsigned chance(unsigned below) {
  state_of_chance = state_of_chance * UINT64_C(6364136223846793005) +
                    UINT64_C(1442695040888963407);
  return (unsigned)(state_of_chance >> 33) % below;
}

/* ---- another spelling of the same values ---- */

/* A head of one of the types `first`, `first` + 1, …, of 1, 2, 4 (8) bytes,
 * not shorter than the number needs. */
static void put_wide(struct wire_buffer *out, uint8_t first, unsigned types,
                     unsigned width, uint64_t number) {
  unsigned type = chance(types);
  while (width << type < 8 && number >> 8 * (width << type) > 0)
    type++;
  wire_put_raw(out, &(uint8_t){(uint8_t)(first + type)}, 1);
  for (unsigned i = width << type; i > 0; i--)
    wire_put_raw(out, &(uint8_t){(uint8_t)(number >> 8 * (i - 1))}, 1);
}

static void respell(struct wire_cursor *from, struct wire_buffer *out);

/* The pairs in another order, between them one that means nothing. */
static void respell_map(struct wire_cursor *from, struct wire_buffer *out) {
  struct wire_cursor pairs[PAIRS_MAX];
  size_t count = wire_get_map(from);
  bool own = chance(3) == 0;
  assert_true(count < PAIRS_MAX);
  for (size_t i = 0; i < count; i++) {
    pairs[i] = *from;
    wire_skip_many(from, 2);
  }
  put_wide(out, 0xDE, 2, 2, count + own);
  for (size_t left = count; left > 0; left--) {
    size_t taken = chance(2) ? chance((unsigned)left) : 0;
    struct wire_cursor pair = pairs[taken];
    memmove(pairs + taken, pairs + taken + 1,
            (left - taken - 1) * sizeof *pairs);
    respell(&pair, out);
    respell(&pair, out);
    if (own && left == count / 2 + 1) {
      wire_put_string(out, "x_own");
      wire_put_array(out, 1);
      wire_put_int(out, -70000);
    }
  }
  if (own && count == 0) {
    wire_put_string(out, "x_own");
    wire_put_nil(out);
  }
}

static void respell(struct wire_cursor *from, struct wire_buffer *out) {
  const uint8_t *begin = from->at;
  bool as_it_is = chance(2);
  enum wire_type type = wire_peek(from);
  if (type == WIRE_TYPE_MAP) {
    respell_map(from, out);
  } else if (type == WIRE_TYPE_ARRAY) {
    size_t count = wire_get_array(from);
    put_wide(out, 0xDC, 2, 2, count);
    for (; count > 0; count--)
      respell(from, out);
  } else if (type == WIRE_TYPE_TEXT && !as_it_is) {
    struct evald_text text = wire_get_long_text(from);
    put_wide(out, 0xD9, 3, 1, text.size);
    wire_put_raw(out, text.data, text.size);
  } else if (type == WIRE_TYPE_INT && !as_it_is && *from->at < 0xD0) {
    put_wide(out, 0xCC, 4, 1, wire_get_uint(from));
  } else {
    wire_skip(from);
    wire_put_raw(out, begin, (size_t)(from->at - begin));
  }
  assert_false(from->failed);
}

/* ---- forms ---- */

static void set_text(json_t *root, const char *path) {
  static const char *const pieces[] = {"中", "a", "，", "7", "é", "万元"};
  char text[200] = "'";
  for (unsigned left = chance(chance(4) ? 9 : 40); left > 0; left--)
    strcat(text, pieces[chance(6)]);
  set_path(root, path, strcat(text, "'"));
}

static void set_number(json_t *root, const char *path) {
  static const char *const numbers[] = {
      "0",           "'0.01'",  "'4294.97'", "'-3.5'",        "12345678",
      "'100.00'",    "'0.065'", "0.065536",  "'99999999999'", "297.11",
      "'1234567.89'"};
  set_path(root, path, numbers[chance(11)]);
}

static struct wire_bytes some_frame(struct wire_buffer *out) {
  static const char *const texts[] = {"pro_name",
                                      "agency_name",
                                      "goal.actual",
                                      "reason",
                                      "measure",
                                      "grade",
                                      "indicators.0.name",
                                      "indicators.0.level1",
                                      "indicators.0.unit",
                                      "indicators.1.target",
                                      "indicators.1.reason"};
  static const char *const numbers[] = {"funds.total.budget",
                                        "funds.appropriation.opening",
                                        "indicators.0.target",
                                        "indicators.0.actual",
                                        "indicators.1.weight",
                                        "indicators.1.score",
                                        "total"};
  json_t *job = json_of(good_job);
  for (unsigned i = 0; i < 5; i++) {
    set_text(job, texts[chance(11)]);
    set_number(job, numbers[chance(7)]);
  }
  struct wire_bytes frame = frame_of(job, out);
  json_decref(job);
  return frame;
}

struct fixture {
  struct wire_buffer first, other, bytes, again;
  struct evald_arena *arena;
};

/* The canonical bytes of a frame, by either way. */
static struct evald_digest canonical(struct fixture *f, struct wire_bytes frame,
                                     struct wire_buffer *out) {
  struct wire_job job;
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  evald_arena_reset(f->arena);
  assert_int_equal(
      wire_job_decode(frame, &wire_limits_default, f->arena, &job, &rejects),
      EVALD_OK);
  wire_buffer_reset(out);
  struct evald_digest digest = wire_form_encode_from(&job.form, frame, out);
  size_t size = out->size;
  struct evald_digest plain = wire_form_encode(&job.form, out);
  assert_true(evald_digest_equal(&digest, &plain));
  assert_int_equal(out->size, 2 * size);
  assert_memory_equal(out->data, out->data + size, size);
  return digest;
}

static void every_spelling_has_the_same_bytes(void **state) {
  struct fixture *f = *state;
  for (unsigned i = 0; i < FORMS; i++) {
    struct wire_bytes frame = some_frame(&f->first);
    struct evald_digest digest = canonical(f, frame, &f->bytes);
    for (unsigned k = 0; k < SPELLINGS; k++) {
      struct wire_cursor from = wire_cursor_of(frame);
      wire_buffer_reset(&f->other);
      respell(&from, &f->other);
      /* Where it ends, so does what may be read. */
      uint8_t *alone = malloc(f->other.size);
      assert_non_null(alone);
      memcpy(alone, f->other.data, f->other.size);
      struct evald_digest other =
          canonical(f, (struct wire_bytes){alone, f->other.size}, &f->again);
      free(alone);
      assert_true(evald_digest_equal(&digest, &other));
      assert_int_equal(f->again.size, f->bytes.size);
      assert_memory_equal(f->again.data, f->bytes.data, f->bytes.size);
    }
  }
}

/* In any spelling: a key that stands twice is refused. */
static void a_key_that_stands_twice_is_refused(void **state) {
  struct fixture *f = *state;
  for (unsigned i = 0; i < FORMS; i++) {
    struct wire_cursor from = wire_cursor_of(some_frame(&f->first));
    struct wire_job job;
    struct wire_rejects rejects;
    wire_rejects_init(&rejects);
    evald_arena_reset(f->arena);
    wire_buffer_reset(&f->other);
    size_t count = wire_get_map(&from);
    size_t twice = chance((unsigned)count);
    wire_put_map(&f->other, count + 1);
    for (size_t pair = 0; pair < count; pair++) {
      struct wire_cursor again = from;
      respell(&from, &f->other);
      respell(&from, &f->other);
      if (pair != twice) continue;
      respell(&again, &f->other);
      respell(&again, &f->other);
    }
    assert_int_equal(wire_job_decode(wire_buffer_bytes(&f->other),
                                     &wire_limits_default, f->arena, &job,
                                     &rejects),
                     EVALD_REJECTED);
    assert_int_equal(rejects.items[0].code, WIRE_REJECT_DUPLICATE_KEY);
  }
}

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  f->arena = evald_arena_new(1 << 20);
  *state = f;
  return f->arena == NULL;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  wire_buffer_fini(&f->first);
  wire_buffer_fini(&f->other);
  wire_buffer_fini(&f->bytes);
  wire_buffer_fini(&f->again);
  evald_arena_free(f->arena);
  free(f);
  return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(every_spelling_has_the_same_bytes),
      T(a_key_that_stands_twice_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
