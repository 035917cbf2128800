/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/answers.h"
#include "wire/answer_codec.h"
#include <stdlib.h>
#include <string.h>

void answer_maker_fini(struct answer_maker *maker) {
  wire_buffer_fini(&maker->buffer);
  free(maker->first);
}

void answers_free(struct answers *answers) {
  if (answers == NULL) return;
  for (uint32_t i = 0; i < answers->bundle_count; i++)
    bus_frame_fini(&answers->bundles[i].body);
  free(answers->falls.items);
  free(answers);
}

struct wire_receipt receipt_of(const struct work *work,
                               const struct work_unit *unit) {
  const struct work_shard *slot = &work->shards[unit->slot];
  struct wire_receipt receipt = {.job_id = unit->job_id,
                                 .source = unit->source,
                                 .outcome = unit->outcome,
                                 .shard = slot->name,
                                 .pro_code = unit->pro_code,
                                 .revision = unit->revision,
                                 .epoch = (uint64_t)slot->shard_epoch,
                                 .seq = (uint64_t)unit->seq,
                                 .form_digest = unit->form_digest};
  if (unit->ruleset == NULL) return receipt;
  receipt.ruleset_id = evald_ruleset_id(unit->ruleset);
  /* The score of a form that was refused is nobody's. */
  if (wire_outcome_changes(unit->outcome) ||
      unit->outcome == WIRE_OUTCOME_UNCHANGED)
    receipt.total = unit->total;
  if (receipt.total.present)
    receipt.grade_name = evald_ruleset_grade(unit->ruleset, unit->grade);
  return receipt;
}

/* ---- one answer ---- */

/* The projects of a recalculation share one answer: of those that came to the
 * most, a change before what is as it was, and a refusal last. */
static const struct work_unit *spokesman(const struct work *work,
                                         uint32_t first) {
  static const uint8_t weight[WIRE_OUTCOME_COUNT] = {
      [WIRE_OUTCOME_COMMITTED] = 5, [WIRE_OUTCOME_SUPERSEDED] = 5,
      [WIRE_OUTCOME_WITHDRAWN] = 5, [WIRE_OUTCOME_UNCHANGED] = 4,
      [WIRE_OUTCOME_STALE] = 3,     [WIRE_OUTCOME_CONFLICT] = 2,
      [WIRE_OUTCOME_NOT_FOUND] = 1};
  const struct work_unit *best = &work->units[first];
  for (uint32_t i = first + 1; i < work->unit_count && work->units[i].follows;
       i++)
    if (weight[work->units[i].outcome] >= weight[best->outcome])
      best = &work->units[i];
  return best;
}

static struct wire_project_outcome outcome_of(const struct work_unit *unit) {
  bool scored = wire_outcome_changes(unit->outcome) ||
                unit->outcome == WIRE_OUTCOME_UNCHANGED;
  return (struct wire_project_outcome){
      .outcome = unit->outcome,
      .scored = scored,
      .grade = unit->grade,
      .total = unit->total.value,
      .grade_name = evald_ruleset_grade(unit->ruleset, unit->grade),
      .form_digest = unit->form_digest};
}

/* What became of each project, from the unit `first` on. */
static void list_outcomes(struct answer_maker *maker, const struct work *work,
                          uint32_t first, struct wire_receipt *receipt) {
  const struct work_unit *unit = &work->units[first];
  size_t count = 0;
  do
    maker->outcomes[count++] = outcome_of(unit);
  while (++unit < work->units + work->unit_count && unit->follows &&
         count < WIRE_PROJECTS_MAX);
  receipt->outcomes = maker->outcomes;
  receipt->outcome_count = count;
  receipt->ruleset_digest = *evald_ruleset_digest(work->units[first].ruleset);
}

static void put_answer(struct answer_maker *maker, const struct work *work,
                       uint32_t number) {
  static const struct wire_rejects none = {0};
  const struct work_unit *unit = spokesman(work, number);
  uint64_t correlation = unit->sender.correlation;
  if (work->doubtful || unit->damaged) {
    wire_answer_retry(correlation,
                      unit->damaged ? WIRE_RETRY_STORE_DAMAGED
                                    : WIRE_RETRY_STORE_AWAY,
                      &maker->buffer);
    return;
  }
  if (unit->outcome != WIRE_OUTCOME_REJECTED) {
    struct wire_receipt receipt = receipt_of(work, unit);
    if (unit->kind == WIRE_KIND_RECALCULATE)
      list_outcomes(maker, work, number, &receipt);
    wire_answer_ack(correlation, &receipt, &maker->buffer);
    return;
  }
  struct wire_reject_notice notice = {
      .job_id = unit->job_id,
      .source = unit->source,
      .rejects_id = unit->rejects_id,
      .rejects = unit->rejects != NULL ? unit->rejects : &none};
  wire_answer_nack(correlation, &notice, &maker->buffer);
}

/* ---- who gets which ---- */

static bool make_room(struct answer_maker *maker, uint32_t count) {
  if (count <= maker->room) return true;
  uint32_t *bigger = realloc(maker->first, 2 * count * sizeof *bigger);
  if (bigger == NULL) return false;
  maker->first = bigger;
  maker->next = bigger + count;
  maker->room = count;
  return true;
}

static bool same_sender(const struct sender *a, const struct sender *b) {
  return a->producer == b->producer && a->generation == b->generation;
}

/* Groups the units by producer, in their order, backwards so that each chain
 * begins with its first; answers how many groups there are. A batch has few
 * producers, and mostly the last one again. */
static uint32_t group_units(struct answer_maker *maker,
                            const struct work *work) {
  uint32_t groups = 0;
  for (uint32_t i = work->unit_count; i > 0; i--) {
    const struct work_unit *unit = &work->units[i - 1];
    if (unit->sender.producer == 0 || unit->follows) continue;
    uint32_t group = groups;
    while (group > 0 &&
           !same_sender(&work->units[maker->first[group - 1]].sender,
                        &unit->sender))
      group--;
    if (group == 0) {
      maker->next[i - 1] = INDEX_NONE;
      maker->first[groups++] = i - 1;
    } else {
      maker->next[i - 1] = maker->first[group - 1];
      maker->first[group - 1] = i - 1;
    }
  }
  return groups;
}

static enum evald_status make_bundle(struct answer_maker *maker,
                                     const struct work *work, uint32_t first,
                                     struct answer_bundle *out) {
  *out = (struct answer_bundle){.to = work->units[first].sender};
  for (uint32_t i = first; i != INDEX_NONE; i = maker->next[i])
    out->count++;
  wire_buffer_reset(&maker->buffer);
  wire_put_array(&maker->buffer, out->count);
  for (uint32_t i = first; i != INDEX_NONE; i = maker->next[i])
    put_answer(maker, work, i);
  enum evald_status status = wire_buffer_done(&maker->buffer);
  if (status != EVALD_OK) return status;
  struct wire_bytes bytes = wire_buffer_bytes(&maker->buffer);
  return bus_frame_init_copy(&out->body, bytes.data, bytes.size);
}

static bool copy_falls(const struct shard_falls *from, struct shard_falls *to) {
  *to = (struct shard_falls){0};
  if (from->count == 0) return true;
  to->items = malloc(from->count * sizeof *to->items);
  if (to->items == NULL) return false;
  memcpy(to->items, from->items, from->count * sizeof *to->items);
  to->count = to->room = from->count;
  return true;
}

enum evald_status answers_make(struct answer_maker *maker,
                               const struct work *work, struct answers **out) {
  *out = NULL;
  if (!make_room(maker, work->unit_count)) return EVALD_MEMORY;
  uint32_t groups = group_units(maker, work);
  if (groups == 0 && work->falls.count == 0) return EVALD_OK;
  struct answers *answers =
      malloc(sizeof *answers + groups * sizeof(struct answer_bundle));
  if (answers == NULL) return EVALD_MEMORY;
  answers->bundle_count = 0;
  if (!copy_falls(&work->falls, &answers->falls)) {
    answers_free(answers);
    return EVALD_MEMORY;
  }
  for (uint32_t i = 0; i < groups; i++) {
    enum evald_status status =
        make_bundle(maker, work, maker->first[i], &answers->bundles[i]);
    if (status != EVALD_OK) {
      answers_free(answers);
      return status;
    }
    answers->bundle_count++;
  }
  *out = answers;
  return EVALD_OK;
}
