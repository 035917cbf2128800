/* SPDX-License-Identifier: Apache-2.0 */
/* A frame from outside. What is accepted is written and read again, and must
 * be the same form; what is refused has a problem that can be told. */
#include "fuzz.h"
#include "wire/form_codec.h"
#include "wire/job_codec.h"
#include <string.h>

static void tell(const struct wire_rejects *rejects, size_t size) {
  char text[WIRE_SENTENCE];
  struct wire_buffer packed = {0};
  MUST(rejects->count > 0 && rejects->count <= WIRE_PROBLEMS_MAX);
  for (size_t i = 0; i < rejects->count; i++) {
    MUST(rejects->items[i].code < WIRE_REJECT_COUNT);
    MUST(rejects->items[i].offset <= size);
    (void)wire_problem_sentence(&rejects->items[i], i % 2, text, sizeof text);
  }
  wire_rejects_encode(rejects, &packed);
  struct wire_rejects read;
  MUST(wire_sound(wire_buffer_bytes(&packed)));
  MUST(wire_rejects_decode(wire_buffer_bytes(&packed), &read) == EVALD_OK);
  MUST(read.count == rejects->count);
  wire_buffer_fini(&packed);
}

static void read_again(const struct wire_job *job, struct wire_bytes from,
                       struct evald_arena *arena) {
  struct wire_buffer frame = {0};
  struct wire_buffer first = {0};
  struct wire_buffer second = {0};
  struct wire_buffer taken = {0};
  struct wire_rejects rejects;
  struct wire_job again;
  wire_rejects_init(&rejects);
  wire_job_encode(job, &frame);
  MUST(wire_job_decode(wire_buffer_bytes(&frame), &wire_limits_default, arena,
                       &again, &rejects) == EVALD_OK);
  struct evald_digest a = wire_form_encode(&job->form, &first);
  struct evald_digest b = wire_form_encode(&again.form, &second);
  struct evald_digest c = wire_form_encode_from(&job->form, from, &taken);
  MUST(evald_digest_equal(&a, &b) && evald_digest_equal(&a, &c));
  struct evald_form form;
  MUST(wire_form_decode(wire_buffer_bytes(&first), arena, &form) == EVALD_OK);
  wire_buffer_fini(&frame);
  wire_buffer_fini(&first);
  wire_buffer_fini(&second);
  wire_buffer_fini(&taken);
}

/* Texts of at most this many bytes are allowed where a job is not read on
 * trial: one less than a trial takes at once. */
enum { SHORT_TEXT = 254 };

static void same_job(const struct wire_job *a, const struct wire_job *b) {
  struct wire_buffer first = {0};
  struct wire_buffer second = {0};
  wire_job_encode(a, &first);
  wire_job_encode(b, &second);
  MUST(first.size == second.size &&
       memcmp(first.data, second.data, first.size) == 0);
  wire_buffer_fini(&first);
  wire_buffer_fini(&second);
}

/* What is read on trial, is read the same, and refused the same, key by key
 * after a pre-scan; but for texts that only one of the two may have. */
static void read_slowly(struct wire_bytes frame, enum evald_status status,
                        const struct wire_job *job,
                        const struct wire_rejects *rejects) {
  struct wire_limits limits = wire_limits_default;
  limits.text = SHORT_TEXT;
  struct evald_arena *arena = evald_arena_new(4 << 20);
  struct wire_job again;
  struct wire_rejects problems;
  wire_rejects_init(&problems);
  if (wire_job_decode(frame, &limits, arena, &again, &problems) == EVALD_OK) {
    MUST(status == EVALD_OK);
    same_job(job, &again);
  } else if (problems.items[0].code != WIRE_REJECT_TOO_LONG &&
             problems.items[0].code != WIRE_REJECT_FALSE_COUNT) {
    MUST(status == EVALD_REJECTED && rejects->count == problems.count);
    MUST(rejects->items[0].code == problems.items[0].code);
  }
  evald_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct evald_arena *arena = evald_arena_new(4 << 20);
  struct wire_job job;
  struct wire_rejects rejects;
  struct wire_route route;
  wire_rejects_init(&rejects);
  (void)wire_job_route((struct wire_bytes){data, size}, &route);
  struct wire_bytes frame = {data, size};
  enum evald_status status =
      wire_job_decode(frame, &wire_limits_default, arena, &job, &rejects);
  read_slowly(frame, status, &job, &rejects);
  if (status == EVALD_OK) {
    read_again(&job, frame, arena);
  } else {
    tell(&rejects, size);
  }
  evald_arena_free(arena);
  return 0;
}
