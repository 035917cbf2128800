/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/worker_inside.h"
#include <stdlib.h>

/* After each connection: what does the store hold of the shards of ours? Of all
 * in memory, which may have gone back, and of as many others as fit. */

struct survey {
  struct worker *worker;
  struct store_shard_key *keys;
  size_t count, room;
  size_t strangers; /* that may be taken in beside those in memory */
};

static enum evald_status list_shard(void *context,
                                    const struct store_shard_key *key) {
  struct survey *survey = context;
  const struct worker_setup *setup = survey->worker->setup;
  if (worker_of(evald_text_of(key->division), (uint16_t)key->year,
                setup->count) != setup->number)
    return EVALD_OK;
  if (!shards_has(survey->worker, evald_text_of(key->division),
                  (uint16_t)key->year)) {
    if (survey->strangers == 0) return EVALD_OK;
    survey->strangers--;
  }
  if (survey->count == survey->room) {
    size_t room = survey->room > 0 ? survey->room * 2 : 64;
    void *bigger = realloc(survey->keys, room * sizeof *survey->keys);
    if (bigger == NULL) return EVALD_MEMORY;
    survey->keys = bigger;
    survey->room = room;
  }
  survey->keys[survey->count++] = *key;
  return EVALD_OK;
}

static enum evald_status survey_shard(struct survey *survey, struct work *work,
                                      const struct store_shard_key *key,
                                      struct evald_fault *fault) {
  struct store_shard_state state;
  int64_t updated_ms = 0;
  enum evald_status status = store_get_aggregate(survey->worker->store, key,
                                                 &state, &updated_ms, fault);
  if (status == EVALD_NOT_FOUND) return EVALD_OK;
  if (status != EVALD_OK && status != EVALD_SYNTAX) return status;
  struct shard *shard = worker_shard(
      survey->worker, evald_text_of(key->division), (uint16_t)key->year);
  struct work_unit unit;
  if (shard == NULL || work_set_shard(work, &unit, shard) != EVALD_OK)
    return EVALD_MEMORY;
  if (status == EVALD_SYNTAX) {
    shards_damaged(survey->worker, shard, fault->text);
    evald_fault_clear(fault);
    return EVALD_OK;
  }
  shards_see(survey->worker, shard, &state, STORE_WANT_FULL);
  work->shards[unit.slot].sum =
      (struct wire_batch){.epoch = (uint64_t)shard->epoch,
                          .first_seq = (uint64_t)shard->seq + 1,
                          .last_seq = (uint64_t)shard->seq,
                          .at_ms = updated_ms,
                          .checksum = core_contribution_checksum(&shard->sum),
                          .sum = shard->sum};
  return EVALD_OK;
}

enum evald_status survey_shards(struct worker *worker, struct work *work,
                                struct evald_fault *fault) {
  struct survey survey = {.worker = worker, .strangers = shards_room(worker)};
  enum evald_status status =
      store_shards(worker->store, list_shard, &survey, fault);
  for (size_t i = 0; i < survey.count && status == EVALD_OK; i++)
    status = survey_shard(&survey, work, &survey.keys[i], fault);
  free(survey.keys);
  shards_trim(worker, work);
  return status;
}
