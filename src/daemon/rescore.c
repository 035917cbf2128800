/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/worker_inside.h"
#include "store/query.h"

/*
 * Recalculation in the worker. What the rescorer read and scored ahead
 * (rescorer.h) is believed where the store is as it was read; what is not, and
 * what it left alone, is read and scored here, under the watch of its shard.
 */

/* ---- what was read ahead ---- */

static struct evald_ruleset *ruleset_of(const struct work *work) {
  return work->unit_count > 0 ? work->units[0].ruleset : NULL;
}

/* The rulesets were read anew since: what a live job was scored by meanwhile is
 * not to be undone by the text of before. All units are of one recalculation,
 * and so of one ruleset; where it is no longer there, it is the one asked for.
 */
static void renew_ruleset(struct worker *worker, struct work *work) {
  struct ruleset_set *rules = worker->preparer.rules;
  struct evald_ruleset *before = ruleset_of(work);
  if (work->rules == rules || before == NULL) return;
  struct evald_ruleset *now =
      ruleset_set_find(rules, evald_ruleset_id(before), work->reading.year);
  if (now == NULL) return;
  bool same = evald_digest_equal(evald_ruleset_digest(before),
                                 evald_ruleset_digest(now));
  for (uint32_t i = 0; i < work->unit_count; i++) {
    struct work_unit *unit = &work->units[i];
    unit->ruleset = now;
    if (same || unit->bad) continue;
    unit->before = NULL;
    unit->scored = false;
  }
  ruleset_set_unref(work->rules);
  work->rules = ruleset_set_ref(rules);
}

enum evald_status rescore_take(struct worker *worker, struct work *work) {
  const struct work_reading *reading = &work->reading;
  work->number = ++worker->work_number;
  renew_ruleset(worker, work);
  for (uint32_t i = 0; i < work->unit_count; i++) {
    struct work_unit *unit = &work->units[i];
    if (unit->bad || unit->slot != INDEX_NONE) continue;
    struct shard *shard =
        worker_shard(worker, evald_text_of(reading->division), reading->year);
    if (shard == NULL || work_set_shard(work, unit, shard) != EVALD_OK)
      return EVALD_MEMORY;
  }
  return EVALD_OK;
}

struct project *rescore_project(struct work *work,
                                const struct work_unit *unit) {
  const struct work_before *before = unit->before;
  struct shard *shard = work->shards[unit->slot].shard;
  if (before == NULL || !shard_stands(shard, &work->reading.mark)) return NULL;
  struct project *project = work_own(work, unit);
  uint32_t department =
      shard_department(shard, before->dept_key, before->dept_name);
  if (project == NULL || department == INDEX_NONE) return NULL;
  *project = (struct project){.state = PROJECT_EVALUATED,
                              .own = true,
                              .department = department,
                              .revision = before->revision,
                              .form_digest = before->form_digest,
                              .ruleset_digest = before->ruleset_digest,
                              .contribution = before->contribution};
  return project;
}

static bool is_still_so(const struct work_unit *unit) {
  const struct work_before *before = unit->before;
  const struct project *project = unit->project;
  return project != NULL && project->state == PROJECT_EVALUATED &&
         project->revision == before->revision &&
         evald_digest_equal(&project->form_digest, &before->form_digest) &&
         evald_digest_equal(&project->ruleset_digest, &before->ruleset_digest);
}

/* What others changed since it was read is scored anew. */
static void doubt(struct work *work) {
  for (uint32_t i = 0; i < work->unit_count; i++) {
    struct work_unit *unit = &work->units[i];
    if (unit->before == NULL || is_still_so(unit)) continue;
    unit->before = NULL;
    unit->scored = false;
  }
}

/* ---- read and scored here ---- */

static bool is_wanted(const struct work_unit *unit) {
  return unit->kind == WIRE_KIND_RECALCULATE && settle_needs_project(unit) &&
         !unit->scored && unit->project != NULL &&
         unit->project->state == PROJECT_EVALUATED;
}

static enum evald_status rescore_slot(struct worker *worker, struct work *work,
                                      uint32_t slot,
                                      struct evald_fault *fault) {
  size_t room = work->unit_count, count = 0;
  struct evald_text *codes =
      evald_arena_take(worker->scratch, room * sizeof *codes);
  struct evald_text *forms =
      evald_arena_take(worker->scratch, room * sizeof *forms);
  struct work_unit **units =
      evald_arena_take(worker->scratch, room * sizeof(struct work_unit *));
  if (codes == NULL || forms == NULL || units == NULL) return EVALD_MEMORY;
  for (uint32_t i = 0; i < work->unit_count; i++) {
    struct work_unit *unit = &work->units[i];
    if (unit->slot != slot || !is_wanted(unit)) continue;
    codes[count] = unit->pro_code;
    units[count++] = unit;
  }
  if (count == 0) return EVALD_OK;
  struct store_shard_key key = settle_key(work->shards[slot].shard);
  enum evald_status status =
      store_get_many(worker->store, STORE_KEY_FORMS, &key,
                     (struct store_fields){codes, count}, forms, fault);
  for (size_t i = 0; i < count && status == EVALD_OK; i++) {
    units[i]->revision = units[i]->project->revision;
    if (forms[i].data != NULL)
      status = prepare_stored_form(&worker->preparer, work, units[i], forms[i]);
  }
  return status;
}

enum evald_status rescore_work(struct worker *worker, struct work *work,
                               struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  if (work->unit_count == 0 || work->units[0].kind != WIRE_KIND_RECALCULATE)
    return EVALD_OK;
  doubt(work);
  for (uint32_t i = 0; i < work->shard_count && status == EVALD_OK; i++)
    status = rescore_slot(worker, work, i, fault);
  return status;
}
