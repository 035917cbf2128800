/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/worker_inside.h"
#include "store/transaction.h"

/*
 * Asking ahead: while a commit is on its way, the stored results that the next
 * work will need are asked for behind it, so that they are at hand when it is
 * that work's turn, without a round trip of its own.
 *
 * What is read so was read under the watch that rides behind the commit. It is
 * taken over only where that commit ended as expected and the shard is as it
 * was left; otherwise settle_work asks again.
 */

/* Whether the commit on its way watches the shard again. */
static bool rides(const struct worker *worker, const struct shard *shard) {
  return shard->known && shard->rider == worker->flying->number;
}

static bool is_wanted(struct worker *worker, const struct work *work,
                      const struct work_unit *unit) {
  if (unit->bad || unit->slot == INDEX_NONE) return false;
  struct shard *shard = work->shards[unit->slot].shard;
  if (!rides(worker, shard)) return false;
  if (roll_lacks(&shard->roll, unit->pro_code)) return false;
  struct project *project = settle_find(worker, shard, unit->pro_code);
  if (project != NULL) project->pin = work->number;
  return project == NULL;
}

/* Chains the units that were not looked at yet to their slots. */
static void list_wanted(struct worker *worker, struct work *work) {
  for (; work->looked_at < work->unit_count; work->looked_at++) {
    struct work_unit *unit = &work->units[work->looked_at];
    if (!is_wanted(worker, work, unit)) continue;
    struct work_shard *slot = &work->shards[unit->slot];
    unit->next_wanted = slot->first_wanted;
    slot->first_wanted = work->looked_at;
    slot->missing++;
  }
}

static void ask_slot(struct worker *worker, struct work *work,
                     struct work_shard *slot) {
  struct store_want want = {.shard = settle_key(slot->shard)};
  struct evald_text *codes =
      evald_arena_take(worker->scratch, slot->missing * sizeof *codes);
  if (codes == NULL) return;
  for (uint32_t at = slot->first_wanted; at != INDEX_NONE;
       at = work->units[at].next_wanted)
    codes[want.code_count++] = work->units[at].pro_code;
  want.codes = codes;
  if (store_ask(worker->store, &want, NULL) != EVALD_OK) return;
  for (uint32_t at = slot->first_wanted; at != INDEX_NONE;
       at = work->units[at].next_wanted)
    work->units[at].answer = work->asked++;
}

void ahead_ask(struct worker *worker) {
  struct work *work = worker_next(worker);
  if (work->looked_at == work->unit_count) return;
  evald_arena_reset(worker->scratch);
  list_wanted(worker, work);
  for (uint32_t i = 0; i < work->shard_count; i++) {
    struct work_shard *slot = &work->shards[i];
    if (slot->missing > 0) ask_slot(worker, work, slot);
    slot->missing = 0;
    slot->first_wanted = INDEX_NONE;
  }
}

/* Without memory for one settle_work asks for it again, and says so. */
static void take(struct worker *worker, struct work *work,
                 struct work_unit *unit, struct evald_text value) {
  struct shard *shard = work->shards[unit->slot].shard;
  if (rides(worker, shard))
    (void)settle_remember(worker, work, shard, unit->pro_code, value);
}

void ahead_take(struct worker *worker, const struct store_outcome *outcome) {
  struct work *work = worker_next(worker);
  if (work == NULL || work->asked == 0) return;
  for (uint32_t i = 0; i < work->looked_at; i++) {
    struct work_unit *unit = &work->units[i];
    if (unit->answer < outcome->asked_count)
      take(worker, work, unit, outcome->asked[unit->answer]);
    unit->answer = INDEX_NONE;
  }
  work->asked = 0;
}
