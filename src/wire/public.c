/* SPDX-License-Identifier: Apache-2.0 */
/* evald/json.h: what the library offers of the wire room. */
#include "evald/json.h"

#include "base/arena.h"
#include "wire/form_codec.h"
#include "wire/job_codec.h"
#include "wire/json.h"
#include "wire/verdict_codec.h"
#include <string.h>

/* A copy in the arena, terminated; NULL where it is full. */
static char *keep(struct evald_arena *arena, struct wire_bytes bytes) {
  char *copy = evald_arena_take(arena, bytes.size + 1);
  if (copy && bytes.size > 0) memcpy(copy, bytes.data, bytes.size);
  return copy;
}

static enum evald_status refuse(const struct wire_rejects *rejects,
                                struct evald_fault *fault) {
  char text[sizeof fault->text];
  (void)wire_rejects_sentence(rejects, 0, text, sizeof text);
  return evald_fault_set(fault, EVALD_REJECTED,
                         rejects->count > 0 ? rejects->items[0].key : NULL,
                         "%s", text);
}

static enum evald_status no_memory(struct evald_fault *fault) {
  return evald_fault_set(fault, EVALD_MEMORY, NULL, "%s",
                         evald_status_text(EVALD_MEMORY, 0));
}

static enum evald_status decode(struct wire_bytes frame,
                                struct evald_arena *arena, struct wire_job *job,
                                struct wire_rejects *rejects) {
  enum evald_status status =
      wire_job_decode(frame, &wire_limits_default, arena, job, rejects);
  if (status == EVALD_OK && job->kind != WIRE_KIND_EVALUATE) {
    wire_reject_add(rejects, wire_problem_of(WIRE_REJECT_BAD_KIND, "kind", 0));
    status = EVALD_REJECTED;
  }
  return status;
}

/* The form of a frame that lies in the arena, with its digest; `scratch` is
 * what the canonical bytes are written into. */
static enum evald_status form_of(struct wire_bytes frame,
                                 struct evald_arena *arena,
                                 struct wire_buffer *scratch,
                                 const struct evald_form **out,
                                 struct evald_fault *fault) {
  struct wire_rejects rejects;
  struct wire_job job;
  wire_rejects_init(&rejects);
  (void)arena_was_starved(arena); /* by what came before */
  if (decode(frame, arena, &job, &rejects) != EVALD_OK) {
    return arena_was_starved(arena) ? no_memory(fault)
                                    : refuse(&rejects, fault);
  }
  struct evald_form *form = evald_arena_take(arena, sizeof *form);
  if (!form) return no_memory(fault);
  *form = job.form;
  wire_buffer_reset(scratch);
  form->digest = wire_form_encode(form, scratch);
  if (wire_buffer_done(scratch) != EVALD_OK) return no_memory(fault);
  *out = form;
  return EVALD_OK;
}

enum evald_status evald_form_from_json(const char *json, size_t size,
                                       struct evald_arena *arena,
                                       const struct evald_form **out,
                                       struct evald_fault *fault) {
  struct wire_buffer buffer;
  struct wire_rejects rejects;
  wire_buffer_init(&buffer);
  wire_rejects_init(&rejects);
  enum evald_status status = wire_json_to_msgpack(
      (struct evald_text){json, size}, &wire_limits_default, &buffer, &rejects);
  if (status == EVALD_REJECTED) {
    (void)refuse(&rejects, fault);
  } else if (status == EVALD_OK) {
    struct wire_bytes bytes = wire_buffer_bytes(&buffer);
    const char *frame = keep(arena, bytes);
    bytes.data = (const uint8_t *)frame;
    status =
        frame ? form_of(bytes, arena, &buffer, out, fault) : no_memory(fault);
  } else {
    (void)no_memory(fault);
  }
  wire_buffer_fini(&buffer);
  return status;
}

enum evald_status evald_verdict_to_json(const struct evald_verdict *verdict,
                                        struct evald_arena *arena,
                                        const char **out,
                                        struct evald_fault *fault) {
  struct wire_buffer packed;
  struct wire_buffer json;
  wire_buffer_init(&packed);
  wire_buffer_init(&json);
  wire_verdict_encode(verdict, &packed);
  enum evald_status status = wire_buffer_done(&packed);
  if (status == EVALD_OK) {
    status = wire_msgpack_to_json(wire_buffer_bytes(&packed), &json);
  }
  const char *text = NULL;
  if (status == EVALD_OK) text = keep(arena, wire_buffer_bytes(&json));
  wire_buffer_fini(&json);
  wire_buffer_fini(&packed);
  if (status == EVALD_SYNTAX) {
    return evald_fault_set(fault, status, NULL,
                           "the form or ruleset has a text that is not UTF-8");
  }
  if (!text) return no_memory(fault);
  *out = text;
  return EVALD_OK;
}
