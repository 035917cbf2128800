/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/prepare.h"
#include "base/arena.h"
#include "base/fault.h"
#include "wire/cursor.h"
#include "wire/form_codec.h"
#include "wire/verdict_codec.h"

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
                                   const struct group_place *place) {
  const struct evald_verdict *verdict = &place->verdict;
  const struct evald_form *form = verdict->form;
  unit->total = (struct evald_figure){true, verdict->total};
  unit->grade = verdict->grade;
  for (int i = 0; i < EVALD_LEVEL_COUNT; i++)
    unit->levels[i] = (uint32_t)verdict->level_count[i];
  unit->contribution = place->contribution;
  unit->stored = place->stored;
  unit->dept_key = work_keep(work, unit->frame, wire_department_key(form));
  unit->dept_name = work_keep(work, unit->frame, form->dept_name);
  unit->scored = unit->dept_key.data != NULL;
  return unit->scored ? EVALD_OK : EVALD_MEMORY;
}

/* What came of a job's place goes into its unit. (The fault's place is the
 * cell.) */
static void close_place(struct preparer *preparer, struct work *work,
                        const struct group_place *place) {
  if (place->ruleset == NULL) return;
  struct work_unit *unit = &work->units[place->unit];
  enum evald_status status = place->status;
  unit->form_digest = place->job.form.digest;
  if (preparer->keep_forms) unit->form = place->form;
  if (status == EVALD_OK) status = fill_unit(work, unit, place);
  if (status == EVALD_OK) return;
  work_reject_for(work, unit,
                  status == EVALD_MEMORY ? WIRE_REJECT_NO_MEMORY
                                         : WIRE_REJECT_OUT_OF_RANGE,
                  place->fault.place);
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

/* Who a sound job is for, and what it is scored by. */
static enum evald_status assign(struct preparer *preparer, struct work *work,
                                struct group_place *place) {
  struct work_unit *unit = &work->units[place->unit];
  const struct wire_job *job = &place->job;
  enum evald_status status = set_shard(preparer, work, unit, job);
  if (status != EVALD_OK || job->kind == WIRE_KIND_WITHDRAW) return status;
  unit->ruleset = ruleset_of(work->rules, job);
  if (unit->ruleset == NULL) {
    work_reject_for(work, unit, WIRE_REJECT_UNKNOWN_RULESET, "ruleset");
    return EVALD_OK;
  }
  if (job->kind == WIRE_KIND_RECALCULATE) return spread_projects(work, job);
  place->ruleset = unit->ruleset;
  return EVALD_OK;
}

/* Adds a frame's unit, and reads it into a place of the group, or rejects
 * it. */
static enum evald_status open_place(struct preparer *preparer,
                                    struct work *work,
                                    struct wire_bytes frame) {
  struct wire_rejects rejects;
  struct work_unit *unit = work_add_unit(work);
  if (unit == NULL) return EVALD_MEMORY;
  struct group_place *place = group_add(&preparer->group);
  place->unit = work->unit_count - 1;
  place->frame = unit->frame = frame;
  wire_rejects_init(&rejects);
  enum evald_status status = wire_job_decode(
      frame, &preparer->limits, preparer->scratch, &place->job, &rejects);
  set_identity(work, unit, &place->job);
  if (status == EVALD_OK) return assign(preparer, work, place);
  work_reject(work, unit, &rejects);
  return EVALD_OK;
}

/* Whether what went wrong is the machine's fault, and not the job's. */
static bool is_starved(const struct preparer *preparer,
                       const struct work *work) {
  bool scratch = arena_was_starved(preparer->scratch);
  bool kept = arena_was_starved(work->arena);
  return scratch || kept || work->bytes.failed;
}

/* Whether a job was refused because there was no room for it beside those it
 * was together with. */
static bool wants_room(const struct work *work, const struct group *group) {
  for (size_t i = 0; i < group->count; i++) {
    const struct wire_rejects *rejects =
        work->units[group->places[i].unit].rejects;
    if (group->count > 1 && rejects != NULL &&
        rejects->items[0].code == WIRE_REJECT_NO_MEMORY)
      return true;
  }
  return false;
}

static void clear_group(struct preparer *preparer, struct work *work) {
  evald_arena_reset(preparer->scratch);
  preparer->group.scratch = preparer->scratch;
  preparer->group.bytes = &work->bytes;
  preparer->group.count = 0;
}

/* Decodes and scores, or rejects. */
static enum evald_status run_group(struct preparer *preparer, struct work *work,
                                   const struct wire_bytes *frames,
                                   size_t count) {
  struct group *group = &preparer->group;
  enum evald_status status = EVALD_OK;
  clear_group(preparer, work);
  for (size_t i = 0; i < count && status == EVALD_OK; i++)
    status = open_place(preparer, work, frames[i]);
  if (status != EVALD_OK) return status;
  group_score(group);
  uint64_t scored = 0;
  for (size_t i = 0; i < group->count; i++) {
    struct work_unit *unit = &work->units[group->places[i].unit];
    close_place(preparer, work, &group->places[i]);
    unit->bad = unit->outcome == WIRE_OUTCOME_REJECTED;
    scored += unit->scored;
  }
  if (is_starved(preparer, work) || wants_room(work, group))
    return EVALD_MEMORY;
  metrics_add(preparer->metrics, METRIC_EVALUATED, scored);
  return EVALD_OK;
}

/* All of the frames; or none, and the work is as it was. */
static bool add_frames(struct preparer *preparer, struct work *work,
                       const struct wire_bytes *frames, size_t count) {
  uint32_t before = work->unit_count;
  size_t bytes = work->bytes.size;
  if (work->rules == NULL) work->rules = ruleset_set_ref(preparer->rules);
  if (run_group(preparer, work, frames, count) == EVALD_OK) return true;
  work->unit_count = before;
  wire_buffer_cut(&work->bytes, bytes);
  if (before == 0) evald_arena_reset(work->arena);
  return false;
}

size_t prepare_frames(struct preparer *preparer, struct work *work,
                      const struct wire_bytes *frames, size_t count) {
  size_t added = 0;
  if (count > 1 && add_frames(preparer, work, frames, count)) return count;
  /* Where there is no room for all at once there may be for each. */
  while (added < count && add_frames(preparer, work, frames + added, 1))
    added++;
  return added;
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
  struct wire_bytes raw = {(const uint8_t *)bytes.data, bytes.size};
  clear_group(preparer, work);
  struct group_place *place = group_add(&preparer->group);
  place->unit = (uint32_t)(unit - work->units);
  place->ruleset = unit->ruleset;
  place->job =
      (struct wire_job){.job_id = unit->job_id, .revision = unit->revision};
  place->status = wire_form_decode(raw, preparer->scratch, &place->job.form);
  group_score(&preparer->group);
  close_place(preparer, work, place);
  if (is_starved(preparer, work)) return EVALD_MEMORY;
  metrics_add(preparer->metrics, METRIC_EVALUATED, unit->scored);
  return EVALD_OK;
}
