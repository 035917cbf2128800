/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/worker_inside.h"
#include "store/transaction.h"
#include "wire/verdict_codec.h"
#include <string.h>

/*
 * A settled work → one transaction. First every value is encoded into the
 * work's buffer, which may move meanwhile; then the store's arrays are made to
 * point into it. They live in the worker's scratch arena: the store has
 * formatted them when store_commit_send returns.
 */

/* Whether the unit is the last to change its project in this work: only that
 * one is written. */
static bool is_written(const struct work *work, const struct work_unit *unit) {
  return unit->seq != 0 &&
         unit->project->last_unit == (uint32_t)(unit - work->units);
}

/* ---- encoding ---- */

static struct span span_since(const struct work *work, size_t at) {
  return (struct span){at, work->bytes.size - at};
}

static void encode_withdrawal(struct work *work, struct work_unit *unit) {
  const struct shard *shard = work->shards[unit->slot].shard;
  const struct department *department =
      &shard->departments.items[unit->project->department];
  struct wire_stored_head head = {
      .revision = unit->revision,
      .job_id = unit->job_id,
      .dept_key = {department->key, department->key_size},
      .dept_name = {department->name, department->name_size}};
  size_t at = work->bytes.size;
  wire_stored_encode_withdrawn(&head, &work->bytes);
  unit->stored = span_since(work, at);
}

static void encode_units(struct work *work) {
  for (uint32_t i = 0; i < work->unit_count; i++) {
    struct work_unit *unit = &work->units[i];
    size_t at = work->bytes.size;
    if (unit->kind == WIRE_KIND_WITHDRAW && unit->seq != 0)
      encode_withdrawal(work, unit);
    if (unit->outcome != WIRE_OUTCOME_REJECTED || unit->rejects == NULL)
      continue;
    wire_rejects_encode(unit->rejects, &work->bytes);
    unit->problems = span_since(work, at);
  }
}

static struct wire_event event_of(const struct work_unit *unit) {
  struct wire_event event = {.outcome = unit->outcome,
                             .pro_code = unit->pro_code,
                             .revision = unit->revision,
                             .job_id = unit->job_id,
                             .source = unit->source,
                             .total = unit->total,
                             .grade = unit->grade,
                             .errors = unit->levels[EVALD_LEVEL_ERROR],
                             .warnings = unit->levels[EVALD_LEVEL_WARNING],
                             .infos = unit->levels[EVALD_LEVEL_INFO],
                             .dept_key = unit->dept_key,
                             .form_digest = unit->form_digest,
                             .checksum = unit->checksum};
  if (unit->ruleset != NULL) {
    event.ruleset_id = evald_ruleset_id(unit->ruleset);
    event.grade_name = evald_ruleset_grade(unit->ruleset, unit->grade);
  }
  return event;
}

/* Chains the units that changed something to their slots, in their order. */
static void chain_units(struct work *work) {
  for (uint32_t i = 0; i < work->shard_count; i++)
    work->shards[i].first = INDEX_NONE;
  for (uint32_t i = work->unit_count; i > 0; i--) {
    struct work_unit *unit = &work->units[i - 1];
    if (unit->seq == 0) continue;
    unit->next = work->shards[unit->slot].first;
    work->shards[unit->slot].first = i - 1;
  }
}

/* What is told of a slot, and its bytes for the stream. */
static enum evald_status encode_slot(struct work *work, uint32_t number) {
  struct work_shard *slot = &work->shards[number];
  const struct shard *shard = slot->shard;
  struct wire_event *events =
      evald_arena_take(work->arena, slot->changes * sizeof *events);
  if (events == NULL) return EVALD_MEMORY;
  size_t count = 0;
  for (uint32_t i = slot->first; i != INDEX_NONE; i = work->units[i].next)
    events[count++] = event_of(&work->units[i]);
  slot->sum =
      (struct wire_batch){.epoch = (uint64_t)shard->epoch,
                          .first_seq = (uint64_t)shard->seq - slot->changes + 1,
                          .last_seq = (uint64_t)shard->seq,
                          .at_ms = work->at_ms,
                          .checksum = core_contribution_checksum(&shard->sum),
                          .sum = shard->sum,
                          .events = events,
                          .event_count = count};
  size_t at = work->bytes.size;
  wire_batch_encode(&slot->sum, &work->bytes);
  slot->events = span_since(work, at);
  return EVALD_OK;
}

/* Departments that changed: their numbers and where their bytes are. A
 * department that counts no form any more has none: it is deleted. */
struct changed {
  uint32_t number;
  struct span bytes;
};

struct changed_list {
  struct changed *items;
  size_t count;
};

static enum evald_status encode_departments(struct worker *worker,
                                            struct work *work,
                                            const struct shard *shard,
                                            struct changed_list *out) {
  const struct departments *all = &shard->departments;
  out->items =
      evald_arena_take(worker->scratch, all->count * sizeof *out->items);
  if (out->items == NULL) return EVALD_MEMORY;
  for (uint32_t i = 0; i < all->count; i++) {
    const struct department *item = &all->items[i];
    if (!item->touched) continue;
    struct changed *changed = &out->items[out->count++];
    *changed = (struct changed){.number = i};
    if (item->sum.counter[CORE_COUNTER_FORMS] == 0) continue;
    size_t at = work->bytes.size;
    wire_department_encode((struct evald_text){item->name, item->name_size},
                           &item->sum, &work->bytes);
    changed->bytes = span_since(work, at);
  }
  return EVALD_OK;
}

/* ---- the store's arrays ---- */

struct arrays {
  struct store_pair *results, *forms, *departments;
  struct evald_text *deleted_forms, *deleted_departments;
};

static bool take_arrays(struct evald_arena *arena, size_t units,
                        size_t departments, struct arrays *out) {
  out->results = evald_arena_take(arena, units * sizeof *out->results);
  out->forms = evald_arena_take(arena, units * sizeof *out->forms);
  out->deleted_forms =
      evald_arena_take(arena, units * sizeof *out->deleted_forms);
  out->departments =
      evald_arena_take(arena, (departments + 1) * sizeof *out->departments);
  out->deleted_departments = evald_arena_take(
      arena, (departments + 1) * sizeof *out->deleted_departments);
  return out->results != NULL && out->forms != NULL &&
         out->deleted_forms != NULL && out->departments != NULL &&
         out->deleted_departments != NULL;
}

static void list_units(const struct work *work, uint32_t slot,
                       const struct arrays *arrays,
                       struct store_shard_write *write) {
  for (uint32_t i = work->shards[slot].first; i != INDEX_NONE;
       i = work->units[i].next) {
    const struct work_unit *unit = &work->units[i];
    if (!is_written(work, unit)) continue;
    arrays->results[write->result_count++] =
        (struct store_pair){unit->pro_code, work_text(work, unit->stored)};
    if (unit->kind == WIRE_KIND_WITHDRAW)
      arrays->deleted_forms[write->deleted_form_count++] = unit->pro_code;
    else if (unit->form.size > 0)
      arrays->forms[write->form_count++] =
          (struct store_pair){unit->pro_code, work_text(work, unit->form)};
  }
}

static void list_departments(const struct work *work, const struct shard *shard,
                             const struct changed_list *changed,
                             const struct arrays *arrays,
                             struct store_shard_write *write) {
  for (size_t i = 0; i < changed->count; i++) {
    const struct department *item =
        &shard->departments.items[changed->items[i].number];
    struct evald_text key = {item->key, item->key_size};
    struct span bytes = changed->items[i].bytes;
    if (bytes.size > 0)
      arrays->departments[write->department_count++] =
          (struct store_pair){key, work_text(work, bytes)};
    else
      arrays->deleted_departments[write->deleted_department_count++] = key;
  }
}

/* What the store has of the shard's counters; NULL: nothing, or what an epoch
 * before this one left. */
static const int64_t *stored_counters(const struct shard *shard) {
  return shard->written == shard->epoch ? shard->before.sum.counter : NULL;
}

static int64_t log_begins(const struct worker *worker,
                          const struct shard *shard) {
  return shard_log_begins(shard, worker->setup->config->store_events);
}

static enum evald_status make_write(struct worker *worker,
                                    const struct work *work, uint32_t number,
                                    const struct changed_list *changed,
                                    struct store_shard_write *out) {
  const struct work_shard *slot = &work->shards[number];
  struct arrays arrays;
  if (!take_arrays(worker->scratch, slot->changes, changed->count, &arrays))
    return EVALD_MEMORY;
  struct store_shard_write write = {
      .shard = settle_key(slot->shard),
      .epoch = slot->shard->epoch,
      .first_seq = (int64_t)slot->sum.first_seq,
      .last_seq = (int64_t)slot->sum.last_seq,
      .counters = slot->shard->sum.counter,
      .before = stored_counters(slot->shard),
      .results = arrays.results,
      .forms = arrays.forms,
      .departments = arrays.departments,
      .deleted_forms = arrays.deleted_forms,
      .deleted_departments = arrays.deleted_departments,
      .events = work_text(work, slot->events),
      .log_begins = log_begins(worker, slot->shard)};
  list_units(work, number, &arrays, &write);
  list_departments(work, slot->shard, changed, &arrays, &write);
  *out = write;
  return EVALD_OK;
}

static enum evald_status make_shards(struct worker *worker, struct work *work,
                                     struct store_batch *batch) {
  uint32_t count = work->shard_count;
  struct changed_list *changed =
      evald_arena_take(worker->scratch, (count + 1U) * sizeof *changed);
  struct store_shard_write *writes =
      evald_arena_take(worker->scratch, (count + 1U) * sizeof *writes);
  if (changed == NULL || writes == NULL) return EVALD_MEMORY;
  enum evald_status status = EVALD_OK;
  for (uint32_t i = 0; i < count && status == EVALD_OK; i++) {
    if (work->shards[i].changes == 0) continue;
    status = encode_slot(work, i);
    if (status == EVALD_OK)
      status =
          encode_departments(worker, work, work->shards[i].shard, &changed[i]);
  }
  if (status == EVALD_OK) status = wire_buffer_done(&work->bytes);
  for (uint32_t i = 0; i < count && status == EVALD_OK; i++)
    if (work->shards[i].changes > 0)
      status = make_write(worker, work, i, &changed[i],
                          &writes[batch->shard_count++]);
  batch->shards = writes;
  return status;
}

/* ---- rulesets and rejects ---- */

static bool is_stored(const struct worker *worker,
                      const struct evald_digest *digest) {
  for (uint32_t i = 0; i < worker->stored_ruleset_count; i++)
    if (evald_digest_equal(&worker->stored_rulesets[i], digest)) return true;
  return false;
}

/* Every ruleset of the set that a result was made with goes along once on
 * each connection, so that an old verdict can always be explained. */
static enum evald_status make_rulesets(struct worker *worker,
                                       const struct work *work,
                                       struct store_batch *batch) {
  enum { MOST = 16 };
  struct store_pair *pairs =
      evald_arena_take(worker->scratch, MOST * sizeof *pairs);
  if (pairs == NULL) return EVALD_MEMORY;
  const struct evald_ruleset *last = NULL;
  for (uint32_t i = 0; i < work->unit_count; i++) {
    const struct work_unit *unit = &work->units[i];
    if (unit->seq == 0 || unit->ruleset == NULL || unit->ruleset == last)
      continue;
    last = unit->ruleset;
    const struct evald_digest *digest = evald_ruleset_digest(last);
    if (is_stored(worker, digest) || batch->ruleset_count == MOST) continue;
    if (worker->stored_ruleset_count == WORKER_RULESETS)
      worker->stored_ruleset_count = 0;
    worker->stored_rulesets[worker->stored_ruleset_count++] = *digest;
    char *hex = evald_arena_take(worker->scratch, EVALD_DIGEST_HEX);
    if (hex == NULL) return EVALD_MEMORY;
    evald_digest_print(digest, hex);
    pairs[batch->ruleset_count++] =
        (struct store_pair){evald_text_of(hex), evald_ruleset_canonical(last)};
  }
  batch->rulesets = pairs;
  return EVALD_OK;
}

static enum evald_status make_rejects(struct worker *worker,
                                      const struct work *work,
                                      struct store_batch *batch) {
  size_t most = (size_t)worker->setup->config->store_reject_bytes;
  struct store_reject *rejects = evald_arena_take(
      worker->scratch, (work->unit_count + 1U) * sizeof *rejects);
  if (rejects == NULL) return EVALD_MEMORY;
  for (uint32_t i = 0; i < work->unit_count; i++) {
    const struct work_unit *unit = &work->units[i];
    if (unit->outcome != WIRE_OUTCOME_REJECTED) continue;
    size_t size = unit->frame.size < most ? unit->frame.size : most;
    rejects[batch->reject_count++] =
        (struct store_reject){.at_ms = work->at_ms,
                              .size = (int64_t)unit->frame.size,
                              .source = unit->source,
                              .job_id = unit->job_id,
                              .problems = work_text(work, unit->problems),
                              .frame = {(const char *)unit->frame.data, size}};
  }
  batch->rejects = rejects;
  return EVALD_OK;
}

/* ---- sending ---- */

/* The next batch will most likely want the same shards: they are watched and
 * their state is read behind this commit. */
static enum evald_status send_batch(struct worker *worker, struct work *work,
                                    const struct store_batch *batch,
                                    struct evald_fault *fault) {
  struct store_want *next = evald_arena_take(
      worker->scratch, (work->shard_count + 1U) * sizeof *next);
  if (next == NULL) return EVALD_MEMORY;
  for (uint32_t i = 0; i < work->shard_count; i++) {
    struct shard *shard = work->shards[i].shard;
    next[i] = (struct store_want){.level = STORE_WANT_LIGHT,
                                  .shard = settle_key(shard)};
    shard->rider = work->number;
  }
  ahead_take(worker, &(struct store_outcome){0}); /* asked behind another */
  work->sent_us = clock_us();
  enum evald_status status =
      store_commit_send(worker->store, batch, next, work->shard_count, fault);
  if (status == EVALD_OK) work->stage = WORK_SENT;
  return status;
}

enum evald_status commit_send(struct worker *worker, struct work *work,
                              struct evald_fault *fault) {
  struct store_batch batch = {.at_ms = clock_wall_ms()};
  work->at_ms = batch.at_ms;
  evald_arena_reset(worker->scratch);
  encode_units(work);
  chain_units(work);
  enum evald_status status = make_shards(worker, work, &batch);
  if (status == EVALD_OK) status = make_rulesets(worker, work, &batch);
  if (status == EVALD_OK) status = make_rejects(worker, work, &batch);
  if (status != EVALD_OK) return status;
  work->writes = batch.shard_count > 0 || batch.reject_count > 0;
  /* That nothing is to be written is an answer out of the store too: an empty
   * transaction says whether what it was decided by is still so. */
  if (work->writes || work->shard_count > 0)
    return send_batch(worker, work, &batch, fault);
  store_commit_abandon(worker->store); /* nobody needs to wait for us */
  work->stage = WORK_DONE;
  return EVALD_OK;
}

/* ---- the answer ---- */

static void take_reject_ids(struct work *work,
                            const struct store_outcome *outcome) {
  size_t next = 0;
  for (uint32_t i = 0; i < work->unit_count; i++) {
    struct work_unit *unit = &work->units[i];
    if (unit->outcome != WIRE_OUTCOME_REJECTED) continue;
    if (next == outcome->reject_id_count) return;
    unit->rejects_id =
        work_keep(work, (struct wire_bytes){0}, outcome->reject_ids[next++]);
  }
}

/* What the commit cut off the log. */
static void believe_log(struct worker *worker, struct shard *shard) {
  int64_t begins = log_begins(worker, shard);
  int64_t before = shard->log_begins > 0 ? shard->log_begins : 1;
  if (begins > before)
    metrics_add(worker->metrics, METRIC_LOG_CUT, (uint64_t)(begins - before));
  shard->log_begins = begins;
}

static void believe_shard(struct worker *worker, struct shard *shard) {
  if (!shard_begun(shard)) return;
  believe_log(worker, shard);
  shard_commit(shard);
}

/* Where nothing was written, what was found there may be on too few replicas:
 * of a commit whose connection was lost before it was proven, or of another
 * daemon. */
static bool is_proven(const struct worker *worker, const struct work *work,
                      const struct store_outcome *outcome) {
  int wanted = worker->promise.replicas;
  return work->writes ? outcome->acknowledged >= wanted : wanted == 0;
}

static void believe(struct worker *worker, struct work *work,
                    const struct store_outcome *outcome) {
  for (uint32_t i = 0; i < work->shard_count; i++)
    believe_shard(worker, work->shards[i].shard);
  take_reject_ids(work, outcome);
  settle_take_states(worker, work, &outcome->next);
  metrics_add(worker->metrics, METRIC_COMMITS, 1);
  metrics_add(worker->metrics, METRIC_COMMIT_MICROSECONDS,
              (uint64_t)(clock_us() - work->sent_us));
  work->stage = is_proven(worker, work, outcome) ? WORK_DONE : WORK_UNPROVEN;
}

/* Rulesets of a transaction that was not written count as not stored. */
static void disbelieve(struct worker *worker, struct work *work) {
  settle_undo(worker, work);
  worker->stored_ruleset_count = 0;
}

static enum evald_status conclude(struct worker *worker, struct work *work,
                                  const struct store_outcome *outcome) {
  if (outcome->committed) {
    believe(worker, work, outcome);
    ahead_take(worker, outcome);
    return EVALD_OK;
  }
  disbelieve(worker, work);
  ahead_take(worker, outcome);
  settle_take_states(worker, work, &outcome->next);
  metrics_add(worker->metrics, METRIC_INTERFERED, 1);
  return EVALD_INTERFERED;
}

enum evald_status commit_finish(struct worker *worker, struct work *work,
                                struct evald_fault *fault) {
  struct store_outcome outcome = {0};
  enum evald_status status = store_commit_wait(worker->store, &outcome, fault);
  if (status == EVALD_OK) return conclude(worker, work, &outcome);
  if (!store_commit_unknown(worker->store)) disbelieve(worker, work);
  return status;
}

enum evald_status commit_resolve(struct worker *worker, struct work *work,
                                 struct evald_fault *fault) {
  struct store_outcome outcome = {0};
  enum evald_status status =
      store_commit_resolve(worker->store, &outcome, fault);
  return status == EVALD_OK ? conclude(worker, work, &outcome) : status;
}
