/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/form_codec.h"

#include "golden.h"
#include "jobs.h"

struct fixture {
  struct wire_buffer frame, bytes;
  struct evald_arena *arena;
};

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  f->arena = evald_arena_new(1 << 20);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  wire_buffer_fini(&f->frame);
  wire_buffer_fini(&f->bytes);
  evald_arena_free(f->arena);
  free(f);
  return 0;
}

static struct evald_form form_of(struct fixture *f, struct wire_bytes frame) {
  struct wire_job job;
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  assert_int_equal(
      wire_job_decode(frame, &wire_limits_default, f->arena, &job, &rejects),
      EVALD_OK);
  return job.form;
}

static struct evald_digest digest_with(struct fixture *f, const char *path,
                                       const char *value) {
  struct evald_form form = form_of(f, job_with(path, value, &f->frame));
  wire_buffer_reset(&f->bytes);
  return wire_form_encode(&form, &f->bytes);
}

static void decoding_gives_the_same_form(void **state) {
  struct fixture *f = *state;
  struct evald_digest digest = digest_with(f, NULL, NULL);
  assert_true(evald_digest_known(&digest));
  struct evald_form form;
  assert_int_equal(
      wire_form_decode(wire_buffer_bytes(&f->bytes), f->arena, &form),
      EVALD_OK);
  assert_true(evald_digest_equal(&digest, &form.digest));
  assert_true(evald_text_equal(form.pro_name, EVALD_TEXT("基层党建经费")));
  assert_int_equal(form.indicator_count, 2);
  assert_int_equal(form.funds[0].rate.value, 99030000);
  struct wire_buffer again = {0};
  struct evald_digest second = wire_form_encode(&form, &again);
  assert_true(evald_digest_equal(&digest, &second));
  assert_int_equal(again.size, f->bytes.size);
  assert_memory_equal(again.data, f->bytes.data, again.size);
  wire_buffer_fini(&again);
}

/* Spellings of the same content have the same digest; the job around the form
 * does not enter it. */
static void spelling_does_not_matter(void **state) {
  struct fixture *f = *state;
  struct evald_digest digest = digest_with(f, NULL, NULL);
  static const char *const same[][2] = {
      {"indicators.0.op", "'≥'"},
      {"indicators.0.op", "1"},
      {"funds.total.budget", "27"},
      {"funds.total.budget", "'27.000'"},
      {"funds.total.budget", "27.0"},
      {"money_unit", NULL},
      {"indicators.0.target", "90"},
      {"job_id", "'other'"},
      {"source", "'other'"},
      {"revision", "9"},
      {"ruleset", NULL},
      {"x_trace", NULL},
      {"indicators.0.unit_x", NULL},
      {"indicators.1.not_applicable", NULL},
      {"indicators.0.x_note", "'n'"},
  };
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
    struct evald_digest other = digest_with(f, same[i][0], same[i][1]);
    assert_true(evald_digest_equal(&digest, &other));
  }
}

/* Any change of content changes the digest: each key in turn. */
static void content_matters(void **state) {
  struct fixture *f = *state;
  static const char *const other[][2] = {
      {"mof_div_code", "'310113001'"},
      {"fiscal_year", "2023"},
      {"pro_code", "'P-2'"},
      {"pro_name", "'基层党建经费2'"},
      {"dept_code", NULL},
      {"dept_name", "'x'"},
      {"agency_code", "'x'"},
      {"agency_name", "''"},
      {"money_unit", "'元'"},
      {"funds.total.opening", "0.01"},
      {"funds.total.budget", "27.01"},
      {"funds.total.executed", "26.99"},
      {"funds.total.weight", NULL},
      {"funds.total.rate", "99.04"},
      {"funds.total.score", "9"},
      {"funds.other", "{}"},
      {"goal", NULL},
      {"goal.actual", "'x'"},
      {"indicators.0.level1", "'x'"},
      {"indicators.0.level2", "'x'"},
      {"indicators.0.name", "'x'"},
      {"indicators.0.op", "'>'"},
      {"indicators.0.target", "'90%'"},
      {"indicators.0.unit", "''"},
      {"indicators.0.actual", "99"},
      {"indicators.0.actual_unit", NULL},
      {"indicators.0.weight", "49"},
      {"indicators.0.score", "49"},
      {"indicators.0.reason", NULL},
      {"indicators.0.measure", "''"},
      {"indicators.0.not_applicable", "true"},
      {"indicators.1", "{}"},
      {"total", "99.99"},
      {"grade", "'良'"},
      {"reason", NULL},
      {"measure", "'n'"},
  };
  struct evald_digest digest = digest_with(f, NULL, NULL);
  for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
    struct evald_digest changed = digest_with(f, other[i][0], other[i][1]);
    if (evald_digest_equal(&digest, &changed)) {
      fail_msg("%s does not enter the digest", other[i][0]);
    }
  }
}

/* The durable format: these bytes are for ever. If this test fails, the format
 * was changed; form_codec.h says how that is done. */
static void golden(void **state) {
  struct fixture *f = *state;
  struct evald_digest digest = digest_with(f, NULL, NULL);
  assert_golden("wire/form-v1.hex", wire_buffer_bytes(&f->bytes));
  char hex[EVALD_DIGEST_HEX];
  evald_digest_print(&digest, hex);
  assert_string_equal(hex, "b1e9a17834e27f335fbeac1171c6eadb");
}

static void refuses_other_bytes(void **state) {
  struct fixture *f = *state;
  (void)digest_with(f, NULL, NULL);
  struct wire_bytes bytes = wire_buffer_bytes(&f->bytes);
  struct evald_form form = {.fiscal_year = 7};
  for (size_t size = 0; size < bytes.size; size++) {
    assert_int_equal(wire_form_decode((struct wire_bytes){bytes.data, size},
                                      f->arena, &form),
                     EVALD_SYNTAX);
  }
  for (size_t i = 0; i < bytes.size; i++) {
    uint8_t before = f->bytes.data[i];
    f->bytes.data[i] = (uint8_t)(before ^ 0x41);
    struct evald_form read;
    (void)wire_form_decode(bytes, f->arena, &read);
    evald_arena_reset(f->arena);
    f->bytes.data[i] = before;
  }
  assert_int_equal(f->bytes.data[3], 1);
  f->bytes.data[3] = 2; /* the version, behind the head of the array */
  assert_int_equal(wire_form_decode(bytes, f->arena, &form), EVALD_UNSUPPORTED);
  assert_int_equal(form.fiscal_year, 7); /* untouched */
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(decoding_gives_the_same_form),
      T(spelling_does_not_matter),
      T(content_matters),
      T(golden),
      T(refuses_other_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
