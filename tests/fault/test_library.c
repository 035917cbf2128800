/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/memory.h"

#include "base/arena.h"
#include "evald/json.h"
#include "import/published.h"
#include "unit.h"
#include "wire/form_codec.h"
#include "wire/job_codec.h"
#include "wire/json.h"
#include "wire/verdict_codec.h"
#include <stdio.h>
#include <stdlib.h>

/* What a program that embeds the library does, with memory that ends. */

#define ROOT    EVALD_SOURCE_DIR "/"
#define RULESET ROOT "config/rulesets/cn-sh-2024.yaml"
#define FORM    ROOT "examples/forms/05-health-fund-city-cadres.json"
#define TEXT    ROOT "tests/cases/cn-sh-2024/published.txt"

enum { ARENA = 256 << 20, FILE_MAX = 1 << 20 };

static struct evald_text read_file(const char *path, char room[FILE_MAX]) {
  FILE *file = fopen(path, "re");
  assert_non_null(file);
  size_t size = fread(room, 1, FILE_MAX, file);
  assert_true(size > 0 && size < FILE_MAX);
  (void)fclose(file);
  return (struct evald_text){room, size};
}

/* Keeps the first result; each later one must be the same. */
static void same(char **first, const void *data, size_t size) {
  static const char none[] = "";
  memory_disarm();
  if (!*first) {
    *first = calloc(1, size + 1);
    assert_non_null(*first);
    memcpy(*first, size ? data : none, size);
  }
  assert_memory_equal(*first, data, size);
}

/* --- a ruleset, a form, a verdict --- */

struct scoring {
  struct evald_text json;
  struct evald_arena *arena;
  char *verdict;
};

static const char untouched[] = "untouched";

static enum evald_status score(struct scoring *scoring,
                               const struct evald_ruleset *ruleset,
                               struct evald_fault *fault) {
  const struct evald_form *form = (const void *)untouched;
  struct evald_verdict verdict = {.job_id = EVALD_TEXT("untouched")};
  const char *json = untouched;
  enum evald_status status = evald_form_from_json(
      scoring->json.data, scoring->json.size, scoring->arena, &form, fault);
  if (status != EVALD_OK) {
    assert_ptr_equal(form, untouched);
    return status;
  }
  status = evald_evaluate(form, ruleset, scoring->arena, &verdict, fault);
  if (status != EVALD_OK) {
    assert_ptr_equal(verdict.form, NULL);
    assert_int_equal(verdict.job_id.size, 9);
    return status;
  }
  status = evald_verdict_to_json(&verdict, scoring->arena, &json, fault);
  if (status == EVALD_OK)
    same(&scoring->verdict, json, strlen(json));
  else
    assert_ptr_equal(json, untouched);
  return status;
}

static enum evald_status load_and_score(void *context,
                                        struct evald_fault *fault) {
  struct scoring *scoring = context;
  struct evald_ruleset *ruleset = NULL;
  scoring->arena = evald_arena_new(ARENA);
  if (!scoring->arena) return EVALD_MEMORY;
  enum evald_status status = evald_ruleset_load(RULESET, &ruleset, fault);
  if (status == EVALD_OK)
    status = score(scoring, ruleset, fault);
  else
    assert_null(ruleset);
  evald_ruleset_unref(ruleset);
  evald_arena_free(scoring->arena);
  return status;
}

static void scores_or_says_that_memory_ended(void **state) {
  (void)state;
  static char room[FILE_MAX];
  struct scoring scoring = {.json = read_file(FORM, room)};
  memory_every(load_and_score, &scoring, 15);
  free(scoring.verdict);
}

/* --- a job, its bytes and back --- */

struct coding {
  struct evald_text json;
  char *form;
};

/* A job that cannot be read for want of memory is told so, and nothing else. */
static enum evald_status decode(struct wire_bytes frame,
                                struct evald_arena *arena,
                                struct wire_job *job) {
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  enum evald_status status =
      wire_job_decode(frame, &wire_limits_default, arena, job, &rejects);
  bool starved = arena_was_starved(arena);
  if (status != EVALD_REJECTED) return status;
  if (!starved) return status;
  assert_int_equal(rejects.count, 1);
  assert_int_equal(rejects.items[0].code, WIRE_REJECT_NO_MEMORY);
  return EVALD_MEMORY;
}

static enum evald_status recode(struct coding *coding, struct wire_bytes frame,
                                struct evald_arena *arena,
                                struct wire_buffer *out) {
  struct wire_job job;
  struct evald_form form = {.fiscal_year = 77};
  enum evald_status status = decode(frame, arena, &job);
  if (status != EVALD_OK) return status;
  wire_job_encode(&job, out);
  if ((status = wire_buffer_done(out)) != EVALD_OK) return status;
  wire_buffer_reset(out);
  job.form.digest = wire_form_encode(&job.form, out);
  if ((status = wire_buffer_done(out)) != EVALD_OK) return status;
  status = wire_form_decode(wire_buffer_bytes(out), arena, &form);
  if (status != EVALD_OK) {
    assert_int_equal(form.fiscal_year, 77);
    return status;
  }
  assert_true(evald_digest_equal(&form.digest, &job.form.digest));
  same(&coding->form, out->data, out->size);
  return EVALD_OK;
}

static enum evald_status code_and_decode(void *context,
                                         struct evald_fault *fault) {
  struct coding *coding = context;
  struct wire_buffer frame = {0}, out = {0};
  struct wire_rejects rejects;
  (void)fault;
  wire_rejects_init(&rejects);
  struct evald_arena *arena = evald_arena_new(ARENA);
  enum evald_status status = arena ? EVALD_OK : EVALD_MEMORY;
  if (status == EVALD_OK)
    status = wire_json_to_msgpack(coding->json, &wire_limits_default, &frame,
                                  &rejects);
  if (status == EVALD_OK)
    status = recode(coding, wire_buffer_bytes(&frame), arena, &out);
  wire_buffer_fini(&frame);
  wire_buffer_fini(&out);
  evald_arena_free(arena);
  return status;
}

static void codes_or_says_that_memory_ended(void **state) {
  (void)state;
  static char room[FILE_MAX];
  struct coding coding = {.json = read_file(FORM, room)};
  memory_every(code_and_decode, &coding, 5);
  free(coding.form);
}

/* --- an arena in which there is room for the frame, and not for more --- */

struct tight {
  struct evald_text json;
  size_t filler;
};

static enum evald_status read_tight(void *context, struct evald_fault *fault) {
  const struct tight *tight = context;
  const struct evald_form *form = NULL;
  struct evald_arena *arena = evald_arena_new(ARENA);
  if (!arena) return EVALD_MEMORY;
  enum evald_status status = EVALD_MEMORY;
  if (evald_arena_take(arena, tight->filler))
    status = evald_form_from_json(tight->json.data, tight->json.size, arena,
                                  &form, fault);
  evald_arena_free(arena);
  return status;
}

static void blames_memory_and_not_the_form(void **state) {
  (void)state;
  static char room[FILE_MAX];
  struct tight tight = {.json = read_file(FORM, room)};
  memory_stays_away = true; /* the second reader has none either */
  for (tight.filler = 512; tight.filler < 16 << 10; tight.filler += 512)
    memory_every(read_tight, &tight, 2);
  memory_stays_away = false;
}

/* --- what is stored --- */

struct storing {
  const struct evald_verdict *verdict;
  struct contribution adds;
  char *bytes;
};

static enum evald_status read_stored(const struct storing *storing,
                                     struct wire_bytes bytes) {
  struct wire_stored stored = {.row_count = 77};
  struct evald_arena *arena = evald_arena_new(ARENA);
  if (!arena) return EVALD_MEMORY;
  enum evald_status status = wire_stored_decode(bytes, arena, &stored);
  if (status == EVALD_OK) {
    assert_int_equal(stored.total, storing->verdict->total);
    assert_int_equal(stored.finding_count, storing->verdict->finding_count);
    assert_memory_equal(&stored.head.contribution, &storing->adds,
                        sizeof storing->adds);
  } else {
    assert_int_equal(stored.row_count, 77);
  }
  evald_arena_free(arena);
  return status;
}

static enum evald_status store_and_read(void *context,
                                        struct evald_fault *fault) {
  struct storing *storing = context;
  struct wire_buffer out = {0};
  (void)fault;
  wire_stored_encode(storing->verdict, &storing->adds, &out);
  enum evald_status status = wire_buffer_done(&out);
  if (status == EVALD_OK) {
    status = read_stored(storing, wire_buffer_bytes(&out));
    same(&storing->bytes, out.data, out.size);
  }
  wire_buffer_fini(&out);
  return status;
}

static void stores_or_says_that_memory_ended(void **state) {
  (void)state;
  static char room[FILE_MAX];
  struct evald_text json = read_file(FORM, room);
  struct evald_arena *arena = evald_arena_new(ARENA);
  struct evald_ruleset *ruleset = NULL;
  const struct evald_form *form = NULL;
  struct evald_verdict verdict;
  struct storing storing = {.verdict = &verdict};
  assert_int_equal(evald_ruleset_load(RULESET, &ruleset, NULL), EVALD_OK);
  assert_int_equal(
      evald_form_from_json(json.data, json.size, arena, &form, NULL), EVALD_OK);
  assert_int_equal(evald_evaluate(form, ruleset, arena, &verdict, NULL),
                   EVALD_OK);
  assert_int_equal(core_contribution_of(&verdict, &storing.adds), EVALD_OK);
  memory_every(store_and_read, &storing, 2);
  free(storing.bytes);
  evald_ruleset_unref(ruleset);
  evald_arena_free(arena);
}

/* --- published text --- */

static enum evald_status import(void *context, struct evald_fault *fault) {
  const struct evald_text *text = context;
  struct import_result result = {.form_count = 77};
  struct evald_arena *arena = evald_arena_new(ARENA);
  if (!arena) return EVALD_MEMORY;
  enum evald_status status = import_published(*text, arena, &result, fault);
  assert_int_equal(result.form_count, status == EVALD_OK ? 11 : 77);
  for (size_t i = 0; status == EVALD_OK && i < 11; i++) {
    assert_true(result.forms[i].whole);
    assert_int_equal(result.forms[i].problem_count, 0);
  }
  evald_arena_free(arena);
  return status;
}

static void imports_or_says_that_memory_ended(void **state) {
  (void)state;
  static char room[FILE_MAX];
  struct evald_text text = read_file(TEXT, room);
  memory_every(import, &text, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scores_or_says_that_memory_ended),
      cmocka_unit_test(codes_or_says_that_memory_ended),
      cmocka_unit_test(blames_memory_and_not_the_form),
      cmocka_unit_test(stores_or_says_that_memory_ended),
      cmocka_unit_test(imports_or_says_that_memory_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
