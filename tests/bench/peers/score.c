/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/score.h"
#include "evald/evaluate.h"
#include "wire/form_codec.h"
#include "wire/job_codec.h"
#include "wire/verdict_codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 256 << 20 };

struct peer_scorer {
  struct evald_ruleset *ruleset;
  struct evald_arena *arena;
  struct wire_buffer buffer;
};

struct peer_scorer *peer_scorer_new(const char *ruleset) {
  struct evald_fault fault;
  struct peer_scorer *scorer = calloc(1, sizeof *scorer);
  evald_fault_clear(&fault);
  if (!scorer) return NULL;
  scorer->arena = evald_arena_new(ARENA_BYTES);
  if (scorer->arena &&
      evald_ruleset_load(ruleset, &scorer->ruleset, &fault) == EVALD_OK)
    return scorer;
  (void)fprintf(stderr, "%s: %s\n", fault.place, fault.text);
  peer_scorer_free(scorer);
  return NULL;
}

void peer_scorer_free(struct peer_scorer *scorer) {
  if (!scorer) return;
  evald_ruleset_unref(scorer->ruleset);
  evald_arena_free(scorer->arena);
  wire_buffer_fini(&scorer->buffer);
  free(scorer);
}

void peer_scorer_reset(struct peer_scorer *scorer) {
  evald_arena_reset(scorer->arena);
}

/* What the buffer holds, moved to where it stays until the reset. */
static struct wire_bytes keep(struct peer_scorer *scorer) {
  struct wire_bytes bytes = wire_buffer_bytes(&scorer->buffer);
  uint8_t *copy = evald_arena_take(scorer->arena, bytes.size + 1);
  if (!copy || wire_buffer_done(&scorer->buffer))
    return (struct wire_bytes){NULL, 0};
  if (bytes.size > 0) memcpy(copy, bytes.data, bytes.size);
  return (struct wire_bytes){copy, bytes.size};
}

static struct wire_event event_of(const struct evald_verdict *verdict,
                                  const struct wire_job *job) {
  return (struct wire_event){
      .outcome = WIRE_OUTCOME_COMMITTED,
      .pro_code = job->form.pro_code,
      .revision = job->revision,
      .job_id = job->job_id,
      .source = job->source,
      .total = {true, verdict->total},
      .grade = verdict->grade,
      .grade_name = evald_ruleset_grade(verdict->ruleset, verdict->grade),
      .errors = (uint32_t)verdict->level_count[EVALD_LEVEL_ERROR],
      .warnings = (uint32_t)verdict->level_count[EVALD_LEVEL_WARNING],
      .infos = (uint32_t)verdict->level_count[EVALD_LEVEL_INFO],
      .dept_key = wire_department_key(&job->form),
      .form_digest = job->form.digest,
      .ruleset_id = evald_ruleset_id(verdict->ruleset)};
}

static bool encode(struct peer_scorer *scorer, struct wire_job *job,
                   struct peer_scored *out) {
  struct evald_verdict verdict;
  wire_buffer_reset(&scorer->buffer);
  job->form.digest = wire_form_encode(&job->form, &scorer->buffer);
  out->form = keep(scorer);
  if (evald_evaluate(&job->form, scorer->ruleset, scorer->arena, &verdict,
                     NULL) ||
      core_contribution_of(&verdict, &out->contribution))
    return false;
  verdict.job_id = job->job_id;
  verdict.revision = job->revision;
  wire_buffer_reset(&scorer->buffer);
  wire_stored_encode(&verdict, &out->contribution, &scorer->buffer);
  out->result = keep(scorer);
  out->event = event_of(&verdict, job);
  return out->form.data && out->result.data;
}

bool peer_score(struct peer_scorer *scorer, struct wire_bytes frame,
                struct peer_scored *out) {
  struct wire_rejects rejects;
  struct wire_job *job = evald_arena_take(scorer->arena, sizeof *job);
  wire_rejects_init(&rejects);
  if (!job || wire_job_decode(frame, &wire_limits_default, scorer->arena, job,
                              &rejects))
    return false;
  out->pro_code = job->form.pro_code;
  (void)snprintf(out->shard, sizeof out->shard, "%.9s:%u",
                 job->form.mof_div_code.data, job->form.fiscal_year);
  return encode(scorer, job, out);
}

struct wire_bytes peer_events(struct peer_scorer *scorer,
                              const struct wire_event *events, size_t count,
                              const struct contribution *sum) {
  const struct wire_batch batch = {.first_seq = 1,
                                   .last_seq = count,
                                   .checksum = core_contribution_checksum(sum),
                                   .sum = *sum,
                                   .events = events,
                                   .event_count = count};
  wire_buffer_reset(&scorer->buffer);
  wire_batch_encode(&batch, &scorer->buffer);
  return keep(scorer);
}

static void put_deltas(const struct contribution *sum,
                       struct wire_buffer *out) {
  size_t count = 0;
  for (int i = 0; i < CORE_COUNTER_COUNT; i++)
    count += sum->counter[i] != 0;
  wire_put_array(out, 2 * count);
  for (int i = 0; i < CORE_COUNTER_COUNT; i++) {
    if (sum->counter[i] == 0) continue;
    wire_put_text(out, evald_text_of(core_counter_name((enum core_counter)i)));
    wire_put_int(out, sum->counter[i]);
  }
}

size_t peer_score_packed(struct peer_scorer *scorer, const uint8_t *frame,
                         size_t size, uint8_t *out, size_t room) {
  struct peer_scored scored;
  struct wire_buffer *buffer = &scorer->buffer;
  peer_scorer_reset(scorer);
  if (!peer_score(scorer, (struct wire_bytes){frame, size}, &scored)) return 0;
  struct wire_bytes event =
      peer_events(scorer, &scored.event, 1, &scored.contribution);
  wire_buffer_reset(buffer);
  wire_put_array(buffer, 6);
  wire_put_text(buffer, evald_text_of(scored.shard));
  wire_put_text(buffer, scored.pro_code);
  wire_put_binary(buffer, scored.result.data, scored.result.size);
  wire_put_binary(buffer, scored.form.data, scored.form.size);
  wire_put_binary(buffer, event.data, event.size);
  put_deltas(&scored.contribution, buffer);
  if (wire_buffer_done(buffer) || buffer->size > room) return 0;
  memcpy(out, buffer->data, buffer->size);
  return buffer->size;
}
