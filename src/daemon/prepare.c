/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/prepare.h"
#include "base/arena.h"
#include "base/fault.h"
#include "evald/evaluate.h"
#include "wire/cursor.h"
#include "wire/form_codec.h"
#include "wire/verdict_codec.h"
#include <string.h>

static struct evald_ruleset *ruleset_of(const struct ruleset_set *rules,
                                        const struct wire_job *job) {
  unsigned year = job->form.fiscal_year;
  if (job->ruleset.data != NULL)
    return ruleset_set_find(rules, job->ruleset, year);
  return ruleset_set_choose(rules, job->form.mof_div_code, year);
}

/* EVALD_MEMORY: the department could not be kept. Under no other may the form
 * be counted. */
static enum evald_status fill_unit(struct work *work, struct work_unit *unit,
                                   const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  unit->total = (struct evald_figure){true, verdict->total};
  unit->grade = verdict->grade;
  for (int i = 0; i < EVALD_LEVEL_COUNT; i++)
    unit->levels[i] = (uint32_t)verdict->level_count[i];
  unit->dept_key = work_keep(work, unit->frame, wire_department_key(form));
  unit->dept_name = work_keep(work, unit->frame, form->dept_name);
  return unit->dept_key.data != NULL ? EVALD_OK : EVALD_MEMORY;
}

/* Scores the form and encodes what will be stored of it. */
static enum evald_status score(struct preparer *preparer, struct work *work,
                               struct work_unit *unit,
                               const struct evald_form *form,
                               struct evald_fault *fault) {
  struct evald_verdict verdict;
  enum evald_status status =
      evald_evaluate(form, unit->ruleset, preparer->scratch, &verdict, fault);
  if (status != EVALD_OK) return status;
  verdict.job_id = unit->job_id;
  verdict.revision = unit->revision;
  status = core_contribution_of(&verdict, &unit->contribution);
  if (status != EVALD_OK)
    return evald_fault_set(fault, status, "funds.total", "finer than a 分");
  status = fill_unit(work, unit, &verdict);
  if (status != EVALD_OK) return status;
  unit->stored.at = work->bytes.size;
  wire_stored_encode(&verdict, &unit->contribution, &work->bytes);
  unit->stored.size = work->bytes.size - unit->stored.at;
  unit->scored = true;
  metrics_add(preparer->metrics, METRIC_EVALUATED, 1);
  return wire_buffer_done(&work->bytes);
}

/* The fault's place is the cell. */
static void reject_unscored(struct work *work, struct work_unit *unit,
                            enum evald_status status,
                            const struct evald_fault *fault) {
  work_reject_for(work, unit,
                  status == EVALD_MEMORY ? WIRE_REJECT_NO_MEMORY
                                         : WIRE_REJECT_OUT_OF_RANGE,
                  fault->place);
}

static void prepare_evaluate(struct preparer *preparer, struct work *work,
                             struct work_unit *unit, struct wire_job *job) {
  struct evald_fault fault;
  evald_fault_clear(&fault);
  unit->form.at = work->bytes.size;
  unit->form_digest =
      wire_form_encode_from(&job->form, unit->frame, &work->bytes);
  unit->form.size = work->bytes.size - unit->form.at;
  job->form.digest = unit->form_digest;
  enum evald_status status = score(preparer, work, unit, &job->form, &fault);
  if (!preparer->keep_forms) unit->form.size = 0;
  if (status != EVALD_OK) reject_unscored(work, unit, status, &fault);
}

static void set_identity(struct work *work, struct work_unit *unit,
                         const struct wire_job *job) {
  unit->kind = job->kind;
  unit->job_id = work_keep(work, unit->frame, job->job_id);
  unit->source = work_keep(work, unit->frame, job->source);
  unit->pro_code = work_keep(work, unit->frame, job->form.pro_code);
  unit->revision = job->revision;
}

static enum evald_status set_shard(struct preparer *preparer, struct work *work,
                                   struct work_unit *unit,
                                   const struct wire_job *job) {
  if (preparer->shard_of == NULL) {
    fault_copy(work->reading.division, sizeof work->reading.division,
               job->form.mof_div_code);
    work->reading.year = job->form.fiscal_year;
    return EVALD_OK;
  }
  struct shard *shard = preparer->shard_of(
      preparer->context, job->form.mof_div_code, job->form.fiscal_year);
  if (shard == NULL) return EVALD_MEMORY;
  return work_set_shard(work, unit, shard);
}

/* Every project of a recalculation is a unit like the first one. */
static enum evald_status spread_projects(struct work *work,
                                         const struct wire_job *job) {
  struct work_unit first = work->units[work->unit_count - 1];
  for (size_t i = 0; i < job->project_count; i++) {
    struct work_unit *unit =
        i == 0 ? &work->units[work->unit_count - 1] : work_add_unit(work);
    if (unit == NULL) return EVALD_MEMORY;
    *unit = first;
    unit->pro_code = work_keep(work, first.frame, job->projects[i]);
  }
  return EVALD_OK;
}

static enum evald_status prepare_job(struct preparer *preparer,
                                     struct work *work, struct work_unit *unit,
                                     struct wire_job *job) {
  enum evald_status status = set_shard(preparer, work, unit, job);
  if (status != EVALD_OK || job->kind == WIRE_KIND_WITHDRAW) return status;
  unit->ruleset = ruleset_of(work->rules, job);
  if (unit->ruleset == NULL) {
    work_reject_for(work, unit, WIRE_REJECT_UNKNOWN_RULESET, "ruleset");
    return EVALD_OK;
  }
  if (job->kind == WIRE_KIND_RECALCULATE) return spread_projects(work, job);
  prepare_evaluate(preparer, work, unit, job);
  return EVALD_OK;
}

/* Whether what went wrong is the machine's fault, and not the job's. */
static bool is_starved(const struct preparer *preparer,
                       const struct work *work) {
  bool scratch = arena_was_starved(preparer->scratch);
  bool kept = arena_was_starved(work->arena);
  return scratch || kept || work->bytes.failed;
}

/* Decodes and scores, or rejects. */
static enum evald_status prepare_unit(struct preparer *preparer,
                                      struct work *work,
                                      struct work_unit *unit) {
  struct wire_job job;
  struct wire_rejects rejects;
  memset(&job, 0, sizeof job);
  wire_rejects_init(&rejects);
  enum evald_status status = wire_job_decode(unit->frame, &preparer->limits,
                                             preparer->scratch, &job, &rejects);
  set_identity(work, unit, &job);
  if (status == EVALD_OK) return prepare_job(preparer, work, unit, &job);
  work_reject(work, unit, &rejects);
  return EVALD_OK;
}

enum evald_status prepare_frame(struct preparer *preparer, struct work *work,
                                struct wire_bytes frame) {
  uint32_t before = work->unit_count;
  size_t bytes = work->bytes.size;
  evald_arena_reset(preparer->scratch);
  if (work->rules == NULL) work->rules = ruleset_set_ref(preparer->rules);
  struct work_unit *unit = work_add_unit(work);
  if (unit == NULL) return EVALD_MEMORY;
  unit->frame = frame;
  enum evald_status status = prepare_unit(preparer, work, unit);
  if (is_starved(preparer, work) || status != EVALD_OK) {
    work->unit_count = before;
    wire_buffer_cut(&work->bytes, bytes);
    if (before == 0) evald_arena_reset(work->arena);
    return EVALD_MEMORY;
  }
  unit = &work->units[before];
  unit->bad = unit->outcome == WIRE_OUTCOME_REJECTED;
  return EVALD_OK;
}

bool prepare_is_recalculation(struct wire_bytes frame) {
  struct wire_cursor cursor = wire_cursor_of(frame);
  size_t pairs = wire_get_map(&cursor);
  for (size_t i = 0; i < pairs && !cursor.failed; i++) {
    struct evald_text key = wire_get_text(&cursor);
    if (evald_text_equal(key, EVALD_TEXT("kind")))
      return evald_text_equal(wire_get_text(&cursor),
                              EVALD_TEXT("recalculate"));
    wire_skip(&cursor);
  }
  return false;
}

enum evald_status prepare_stored_form(struct preparer *preparer,
                                      struct work *work, struct work_unit *unit,
                                      struct evald_text bytes) {
  struct evald_form form;
  struct evald_fault fault;
  struct wire_bytes raw = {(const uint8_t *)bytes.data, bytes.size};
  evald_arena_reset(preparer->scratch);
  evald_fault_clear(&fault);
  enum evald_status status = wire_form_decode(raw, preparer->scratch, &form);
  if (status == EVALD_OK) status = score(preparer, work, unit, &form, &fault);
  if (is_starved(preparer, work)) return EVALD_MEMORY;
  if (status == EVALD_OK)
    unit->form_digest = form.digest;
  else
    reject_unscored(work, unit, status, &fault);
  return EVALD_OK;
}
