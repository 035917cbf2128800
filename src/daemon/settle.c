/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "daemon/worker_inside.h"
#include "wire/verdict_codec.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct store_shard_key settle_key(const struct shard *shard) {
  struct store_shard_key key = {.year = shard->year};
  memcpy(key.division, shard->division, sizeof key.division);
  return key;
}

/* ---- projects ---- */

static struct project_key project_key(const struct shard *shard,
                                      struct evald_text code) {
  return (struct project_key){shard->number, shard->generation, code};
}

bool settle_needs_project(const struct work_unit *unit) {
  return !unit->bad && !unit->damaged && unit->slot != INDEX_NONE;
}

struct project *settle_find(struct worker *worker, struct shard *shard,
                            struct evald_text code) {
  struct project_key key = project_key(shard, code);
  return projects_find(&worker->projects, &key);
}

/* What is remembered of a unit's project, or is known without asking: that the
 * store has none. NULL: it must be asked, or there is no memory, which asking
 * will say. */
static struct project *find_or_know(struct worker *worker,
                                    const struct work *work,
                                    const struct work_unit *unit) {
  struct shard *shard = work->shards[unit->slot].shard;
  if (!roll_lacks(&shard->roll, unit->pro_code))
    return settle_find(worker, shard, unit->pro_code);
  roll_note(&shard->roll, unit->pro_code);
  struct project_key key = project_key(shard, unit->pro_code);
  return projects_add(&worker->projects, &key, work->number);
}

/* Finds each unit's project among those remembered, and counts the others. */
static void match_projects(struct worker *worker, struct work *work) {
  for (uint32_t i = 0; i < work->shard_count; i++)
    work->shards[i].missing = 0;
  for (uint32_t i = 0; i < work->unit_count; i++) {
    struct work_unit *unit = &work->units[i];
    unit->project = NULL;
    unit->damaged = !unit->bad && unit->slot != INDEX_NONE &&
                    work->shards[unit->slot].shard->damaged;
    if (!settle_needs_project(unit)) continue;
    struct shard *shard = work->shards[unit->slot].shard;
    if (shard->known) unit->project = find_or_know(worker, work, unit);
    if (unit->project == NULL) unit->project = rescore_project(work, unit);
    if (unit->project != NULL)
      unit->project->pin = work->number;
    else
      work->shards[unit->slot].missing++;
  }
}

/* Takes over a stored result's head; what cannot be read says so.
 * EVALD_MEMORY: it could not be taken over. */
static enum evald_status fill_project(struct shard *shard,
                                      struct project *project,
                                      struct evald_text value) {
  struct wire_stored_head head;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  project->state = PROJECT_UNREADABLE;
  if (wire_stored_head(bytes, &head) != EVALD_OK) return EVALD_OK;
  project->department = shard_department(shard, head.dept_key, head.dept_name);
  if (project->department == INDEX_NONE) return EVALD_MEMORY;
  project->state = head.state == WIRE_STORED_WITHDRAWN ? PROJECT_WITHDRAWN
                                                       : PROJECT_EVALUATED;
  project->revision = head.revision;
  project->form_digest = head.form_digest;
  project->ruleset_digest = head.ruleset_digest;
  project->contribution = head.contribution;
  return EVALD_OK;
}

enum evald_status settle_remember(struct worker *worker,
                                  const struct work *work, struct shard *shard,
                                  struct evald_text code,
                                  struct evald_text value) {
  struct project_key key = project_key(shard, code);
  if (value.data == store_value_left) return EVALD_OK; /* in the next round */
  if (projects_find(&worker->projects, &key) != NULL) return EVALD_OK;
  struct project *project = projects_add(&worker->projects, &key, work->number);
  if (project == NULL) return EVALD_MEMORY;
  roll_note(&shard->roll, code);
  if (value.data == NULL) return EVALD_OK;
  enum evald_status status = fill_project(shard, project, value);
  if (status != EVALD_OK) projects_forget(&worker->projects, project);
  return status;
}

/* ---- loading ---- */

struct wants {
  struct store_want *items;
  struct work_shard **slots; /* of each want */
  size_t count;
  bool keeps_watch; /* a shard of the work is watched already */
};

static enum store_want_level level_for(const struct shard *shard) {
  return shard->known && shard->checked ? STORE_WANT_LIGHT : STORE_WANT_CHECKED;
}

/* The codes of a slot's units that have no project yet. */
static enum evald_status list_codes(struct worker *worker,
                                    const struct work *work, uint32_t slot,
                                    struct store_want *want) {
  uint32_t missing = work->shards[slot].missing;
  if (missing == 0) return EVALD_OK;
  struct evald_text *codes =
      evald_arena_take(worker->scratch, missing * sizeof *codes);
  if (codes == NULL) return EVALD_MEMORY;
  for (uint32_t i = 0; i < work->unit_count; i++) {
    const struct work_unit *unit = &work->units[i];
    if (unit->slot == slot && settle_needs_project(unit) &&
        unit->project == NULL)
      codes[want->code_count++] = unit->pro_code;
  }
  want->codes = codes;
  return EVALD_OK;
}

static enum evald_status find_wants(struct worker *worker, struct work *work,
                                    struct wants *out) {
  *out = (struct wants){0};
  size_t room = work->shard_count;
  out->items = evald_arena_take(worker->scratch, room * sizeof *out->items);
  out->slots = evald_arena_take(worker->scratch, room * sizeof *out->slots);
  if (room > 0 && (out->items == NULL || out->slots == NULL))
    return EVALD_MEMORY;
  match_projects(worker, work);
  for (uint32_t i = 0; i < work->shard_count; i++) {
    struct shard *shard = work->shards[i].shard;
    out->keeps_watch |= shard->watched;
    if (shard->damaged && clock_ms() < shard->look_at) continue;
    if (shard->known && shard->watched && work->shards[i].missing == 0)
      continue;
    struct store_want *want = &out->items[out->count];
    *want = (struct store_want){.shard = settle_key(shard),
                                .level = level_for(shard)};
    enum evald_status status = list_codes(worker, work, i, want);
    if (status != EVALD_OK) return status;
    out->slots[out->count++] = &work->shards[i];
  }
  return EVALD_OK;
}

/* A shard that is found empty, and of which nothing is remembered, begins its
 * roll. */
static void see(struct worker *worker, struct shard *shard,
                const struct store_shard_state *state,
                enum store_want_level level) {
  enum shard_change change = shards_see(worker, shard, state, level);
  if (shard->known && change != SHARD_AS_KNOWN && !state->exists &&
      level == STORE_WANT_CHECKED && !state->results)
    roll_begin(&shard->roll);
}

static enum evald_status take_loaded(struct worker *worker, struct work *work,
                                     const struct wants *wants,
                                     const struct store_loaded *loaded) {
  const struct evald_text *value = loaded->values;
  for (size_t i = 0; i < wants->count; i++) {
    const struct store_want *want = &wants->items[i];
    struct shard *shard = wants->slots[i]->shard;
    if (loaded->states[i].damaged) {
      shards_damaged(worker, shard, loaded->states[i].damage);
      value += want->code_count;
      continue;
    }
    shards_mended(worker, shard);
    see(worker, shard, &loaded->states[i], want->level);
    shard->watched = true;
    if (want->level == STORE_WANT_CHECKED) shard->checked = true;
    for (size_t k = 0; k < want->code_count; k++, value++) {
      if (!shard->known) continue; /* to be asked again, in full */
      enum evald_status status =
          settle_remember(worker, work, shard, want->codes[k], *value);
      if (status != EVALD_OK) return status;
    }
  }
  return EVALD_OK;
}

/* Until every shard is known and watched and every project is at hand. A
 * shard that moved costs a second round, in full; a third is bad luck. */
static enum evald_status load_all(struct worker *worker, struct work *work,
                                  struct evald_fault *fault) {
  enum { ROUNDS = 4 };
  for (int round = 0; round < ROUNDS; round++) {
    struct wants wants;
    evald_arena_reset(worker->scratch);
    enum evald_status status = find_wants(worker, work, &wants);
    if (status != EVALD_OK) return status;
    if (wants.count == 0) return EVALD_OK;
    struct store_loaded loaded;
    if (!wants.keeps_watch) shards_unwatch(worker);
    status = store_load(worker->store, wants.items, wants.count,
                        wants.keeps_watch ? STORE_LOAD_ADD : 0, &loaded, fault);
    if (status != EVALD_OK) return status;
    metrics_add(worker->metrics, METRIC_LOADS, 1);
    status = take_loaded(worker, work, &wants, &loaded);
    if (status != EVALD_OK) return status;
  }
  return EVALD_INTERFERED;
}

/* ---- departments ---- */

/* A withdrawal of what was never there counts under no department. */
static enum evald_status name_departments(struct work *work) {
  for (uint32_t i = 0; i < work->unit_count; i++) {
    struct work_unit *unit = &work->units[i];
    if (!settle_needs_project(unit)) continue;
    if (unit->dept_key.data == NULL) unit->dept_key = EVALD_TEXT("-");
    unit->department = shard_department(work->shards[unit->slot].shard,
                                        unit->dept_key, unit->dept_name);
    if (unit->department == INDEX_NONE) return EVALD_MEMORY;
  }
  return EVALD_OK;
}

static void fill_department(struct department *item, struct evald_text value) {
  struct evald_text name;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  item->sum = (struct contribution){0};
  if (value.data != NULL &&
      wire_department_decode(bytes, &name, &item->sum) != EVALD_OK)
    log_line(LOG_ERROR,
             _("a department's counters cannot be read; evalctl verify "
               "--repair mends them"));
  item->known = true;
}

static enum evald_status load_departments(struct worker *worker,
                                          struct shard *shard,
                                          struct evald_fault *fault) {
  struct departments *all = &shard->departments;
  struct evald_text *keys =
      evald_arena_take(worker->scratch, (all->count + 1) * sizeof *keys);
  struct evald_text *values =
      evald_arena_take(worker->scratch, (all->count + 1) * sizeof *values);
  size_t count = 0;
  if (keys == NULL || values == NULL) return EVALD_MEMORY;
  for (uint32_t i = 0; i < all->count; i++)
    if (!all->items[i].known)
      keys[count++] =
          (struct evald_text){all->items[i].key, all->items[i].key_size};
  if (count == 0) return EVALD_OK;
  struct store_shard_key key = settle_key(shard);
  enum evald_status status =
      store_get_many(worker->store, STORE_KEY_DEPARTMENTS, &key,
                     (struct store_fields){keys, count}, values, fault);
  for (uint32_t i = 0, k = 0; i < all->count && status == EVALD_OK; i++)
    if (!all->items[i].known) fill_department(&all->items[i], values[k++]);
  return status;
}

/* ---- the decision ---- */

static void note_change(struct work *work, struct work_unit *unit) {
  struct work_shard *slot = &work->shards[unit->slot];
  unit->seq = slot->shard->seq;
  if (unit->before == NULL) shard_mix(slot->shard);
  unit->checksum = core_contribution_checksum(&slot->shard->sum);
  unit->project->last_unit = (uint32_t)(unit - work->units);
  slot->changes++;
}

/* A withdrawal names no department: it is the stored result's. */
static uint32_t department_of(struct work *work, struct work_unit *unit,
                              struct shard *shard) {
  const struct project *project = unit->project;
  if (unit->kind != WIRE_KIND_WITHDRAW || project->state == PROJECT_ABSENT)
    return unit->department;
  const struct department *item =
      &shard->departments.items[project->department];
  unit->dept_key = work_keep(work, (struct wire_bytes){0},
                             (struct evald_text){item->key, item->key_size});
  return project->department;
}

/* A sum of the division or of a department would leave 64 bits: the cells that
 * it is of. */
static void reject_sums(struct work *work, struct work_unit *unit,
                        uint64_t misfits) {
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  for (; misfits != 0; misfits &= misfits - 1) {
    char path[EVALD_CELL_PATH];
    evald_cell_path(
        core_counter_cell((enum core_counter)__builtin_ctzll(misfits)), path);
    struct wire_problem problem =
        wire_problem_of(WIRE_REJECT_OUT_OF_RANGE, path, 0);
    problem.expected = WIRE_EXPECTED_SUM;
    wire_reject_add(&rejects, problem);
  }
  work_reject(work, unit, &rejects);
}

static void decide(struct work *work, struct work_unit *unit) {
  struct shard *shard = work->shards[unit->slot].shard;
  struct project *project = unit->project;
  bool withdraws = unit->kind == WIRE_KIND_WITHDRAW;
  struct shard_claim claim = {withdraws ? SHARD_WITHDRAW : SHARD_EVALUATE,
                              unit->revision, unit->form_digest,
                              (struct evald_digest){{0}}};
  if (unit->ruleset != NULL)
    claim.ruleset_digest = *evald_ruleset_digest(unit->ruleset);
  unit->outcome = (uint8_t)shard_decide(project, &claim);
  if (!wire_outcome_changes(unit->outcome)) return;
  if (!shard_begun(shard)) shard_begin(shard);
  uint32_t department = department_of(work, unit, shard);
  if (shard_apply(shard, project, &claim, department, &unit->contribution) ==
      EVALD_OK)
    note_change(work, unit);
  else
    reject_sums(work, unit,
                shard_misfits(shard, project, department, &unit->contribution));
}

static void decide_unit(struct work *work, struct work_unit *unit) {
  bool recalculation = unit->kind == WIRE_KIND_RECALCULATE;
  if (unit->damaged && !unit->bad && unit->sender.producer == 0)
    work_reject_for(work, unit, WIRE_REJECT_STORE_DAMAGED, "");
  if (!settle_needs_project(unit) || unit->outcome == WIRE_OUTCOME_REJECTED)
    return;
  if (unit->project->state == PROJECT_UNREADABLE)
    work_reject_for(work, unit, WIRE_REJECT_BAD_VERSION, "stored result");
  else if (recalculation && !unit->scored)
    unit->outcome = WIRE_OUTCOME_NOT_FOUND;
  else
    decide(work, unit);
}

enum evald_status settle_work(struct worker *worker, struct work *work,
                              struct evald_fault *fault) {
  enum evald_status status = load_all(worker, work, fault);
  if (status == EVALD_OK) status = rescore_work(worker, work, fault);
  if (status == EVALD_OK) status = name_departments(work);
  for (uint32_t i = 0; i < work->shard_count && status == EVALD_OK; i++)
    status = load_departments(worker, work->shards[i].shard, fault);
  if (status != EVALD_OK) {
    settle_undo(worker, work); /* forms that were scored are read again */
    return status;
  }
  for (uint32_t i = 0; i < work->unit_count; i++)
    decide_unit(work, &work->units[i]);
  for (uint32_t i = 0; i < work->shard_count; i++)
    work->shards[i].shard_epoch = work->shards[i].shard->epoch;
  metrics_set(worker->metrics, METRIC_PROJECTS, worker->projects.count);
  return EVALD_OK;
}

static void undo_unit(struct worker *worker, struct work_unit *unit) {
  if (unit->seq != 0 && unit->project != NULL && !unit->project->own)
    projects_forget(&worker->projects, unit->project);
  unit->project = NULL;
  unit->seq = 0;
  unit->damaged = false;
  if (unit->bad) return;
  unit->outcome = WIRE_OUTCOME_COMMITTED;
  unit->rejects = NULL;
  if (unit->before == NULL && unit->kind == WIRE_KIND_RECALCULATE)
    unit->scored = false;
}

void settle_undo(struct worker *worker, struct work *work) {
  for (uint32_t i = 0; i < work->unit_count; i++)
    undo_unit(worker, &work->units[i]);
  for (uint32_t i = 0; i < work->shard_count; i++) {
    shard_undo(work->shards[i].shard);
    work->shards[i].changes = 0;
    work->shards[i].sum = (struct wire_batch){0};
  }
  wire_buffer_cut(&work->bytes, work->kept_bytes);
  work->stage = WORK_SETTLING;
}

void settle_take_states(struct worker *worker, const struct work *work,
                        const struct store_loaded *loaded) {
  shards_unwatch(worker);
  if (loaded->state_count != work->shard_count) return;
  for (uint32_t i = 0; i < work->shard_count; i++) {
    struct shard *shard = work->shards[i].shard;
    if (loaded->states[i].damaged) {
      shards_damaged(worker, shard, loaded->states[i].damage);
      continue;
    }
    shards_see(worker, shard, &loaded->states[i], STORE_WANT_LIGHT);
    shard->watched = true;
  }
}
