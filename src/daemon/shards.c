/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "daemon/worker_inside.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The shards that a worker holds: found or made, held against what the store
 * says, put off while they are damaged. */

struct shard_name {
  struct evald_text division;
  uint16_t year;
};

static bool is_shard(const void *context, uint32_t number, const void *wanted) {
  const struct shard *shard = ((const struct worker *)context)->shards[number];
  const struct shard_name *name = wanted;
  return shard->year == name->year &&
         evald_text_equal(evald_text_of(shard->division), name->division);
}

/* A new place, or that of one forgotten: there no entry of a project may seem
 * to belong to the new one. */
static struct shard *take_place(struct worker *worker) {
  if (worker->vacant > 0) {
    struct shard *vacant = worker->shards[worker->first_vacant];
    worker->first_vacant = vacant->next_vacant;
    worker->vacant--;
    return vacant;
  }
  if (worker->shard_count == worker->shard_room) {
    uint32_t room = worker->shard_room > 0 ? worker->shard_room * 2 : 32;
    struct shard **bigger =
        realloc(worker->shards, room * sizeof *worker->shards);
    if (bigger == NULL) return NULL;
    worker->shards = bigger;
    worker->shard_room = room;
  }
  struct shard *shard = calloc(1, sizeof *shard);
  if (shard == NULL) return NULL;
  shard->number = worker->shard_count;
  worker->shards[worker->shard_count++] = shard;
  return shard;
}

static void leave_place(struct worker *worker, struct shard *shard) {
  shard->vacant = true;
  shard->next_vacant = worker->first_vacant;
  worker->first_vacant = shard->number;
  worker->vacant++;
}

static struct shard *add_shard(struct worker *worker,
                               const struct shard_name *name, uint32_t hash) {
  struct shard *shard = take_place(worker);
  if (shard == NULL) return NULL;
  uint32_t generation = shard->generation + 1;
  shard_init(shard, shard->number, name->division, name->year);
  shard->generation = generation;
  shard->used = true;
  if (index_add(&worker->shard_index, hash, shard->number) != EVALD_OK) {
    leave_place(worker, shard);
    return NULL;
  }
  metrics_set(worker->metrics, METRIC_SHARDS,
              worker->shard_count - worker->vacant);
  return shard;
}

bool shards_has(const struct worker *worker, struct evald_text division,
                uint16_t year) {
  struct shard_name name = {division, year};
  return index_find(&worker->shard_index, index_hash(division, year), is_shard,
                    worker, &name) != INDEX_NONE;
}

struct shard *worker_shard(struct worker *worker, struct evald_text division,
                           uint16_t year) {
  struct shard_name name = {division, year};
  uint32_t hash = index_hash(division, year);
  uint32_t number =
      index_find(&worker->shard_index, hash, is_shard, worker, &name);
  if (number == INDEX_NONE) return add_shard(worker, &name, hash);
  worker->shards[number]->used = true;
  return worker->shards[number];
}

/* ---- how much of it ---- */

static void count_bytes(struct worker *worker, struct shard *shard,
                        size_t bytes) {
  worker->shard_bytes += bytes;
  worker->shard_bytes -= shard->counted;
  shard->counted = bytes;
}

/* What is forgotten is read again when it is met. That an epoch grew in here
 * and was not written yet must not be forgotten. */
static void evict(struct worker *worker, struct shard *shard) {
  if (shard->epoch > shard->written && shard->epoch > worker->epoch_floor)
    worker->epoch_floor = shard->epoch;
  if (shard->damaged) worker->damaged--;
  count_bytes(worker, shard, 0);
  index_remove(&worker->shard_index,
               index_hash(evald_text_of(shard->division), shard->year),
               shard->number);
  shard_fini(shard);
  shard->departments = (struct departments){0};
  leave_place(worker, shard);
  metrics_add(worker->metrics, METRIC_SHARDS_EVICTED, 1);
}

/* One that a work still points to stays, but its departments need not. */
static void pass(struct worker *worker, struct shard *shard) {
  if (shard->vacant) return;
  if (shard->used) {
    shard->used = false;
  } else if (shard->holds == 0) {
    evict(worker, shard);
  } else if (shard->departments.count > 0) {
    shard_forget(shard);
    count_bytes(worker, shard, shard_bytes(shard));
  }
}

size_t shards_room(const struct worker *worker) {
  enum { EACH = sizeof(struct shard) + 4 * sizeof(struct department) };
  size_t most = (size_t)worker->setup->config->worker_cache_bytes;
  return worker->shard_bytes < most ? (most - worker->shard_bytes) / EACH : 0;
}

void shards_trim(struct worker *worker, const struct work *work) {
  size_t most = (size_t)worker->setup->config->worker_cache_bytes;
  for (uint32_t i = 0; i < work->shard_count; i++)
    count_bytes(worker, work->shards[i].shard,
                shard_bytes(work->shards[i].shard));
  uint64_t steps = 2ULL * worker->shard_count;
  for (; steps > 0 && worker->shard_bytes > most; steps--) {
    worker->hand = (worker->hand + 1) % worker->shard_count;
    pass(worker, worker->shards[worker->hand]);
  }
  metrics_set(worker->metrics, METRIC_CACHE_BYTES, worker->shard_bytes);
  metrics_set(worker->metrics, METRIC_SHARDS,
              worker->shard_count - worker->vacant);
}

void shards_unwatch(struct worker *worker) {
  for (uint32_t i = 0; i < worker->shard_count; i++)
    worker->shards[i]->watched = false;
}

void shards_uncheck(struct worker *worker) {
  for (uint32_t i = 0; i < worker->shard_count; i++)
    worker->shards[i]->checked = false;
}

/* Without memory for it the log alone tells. */
static void note_fall(struct shard_falls *falls, const struct shard *shard) {
  if (falls->count == falls->room) {
    uint32_t room = falls->room > 0 ? 2 * falls->room : 4;
    void *bigger = realloc(falls->items, room * sizeof *falls->items);
    if (bigger == NULL) return;
    falls->items = bigger;
    falls->room = room;
  }
  struct shard_fall *fall = &falls->items[falls->count++];
  *fall = (struct shard_fall){
      .year = shard->year, .epoch = shard->epoch, .seq = shard->seq};
  memcpy(fall->division, shard->division, sizeof fall->division);
}

static void tell_epoch(struct worker *worker, const struct shard *shard,
                       enum shard_change change, int64_t known) {
  if (!shard->known || change == SHARD_MOVED || change == SHARD_AS_KNOWN)
    return;
  metrics_add(worker->metrics, METRIC_FELL_BACK, 1);
  note_fall(&worker->falls, shard);
  if (change == SHARD_FELL_BACK)
    log_line(LOG_ERROR,
             _("%s %u: Redis is at %" PRId64 ", but %" PRId64
               " was published: it went back in time; epoch %" PRId64
               " begins"),
             shard->division, shard->year, shard->seq, known, shard->epoch);
  else
    log_line(LOG_NOTICE,
             _("%s %u: Redis was started anew since its last commit, and may "
               "have lost what came behind; epoch %" PRId64 " begins"),
             shard->division, shard->year, shard->epoch);
}

enum shard_change shards_see(struct worker *worker, struct shard *shard,
                             const struct store_shard_state *state,
                             enum store_want_level level) {
  struct shard_seen seen = {
      .exists = state->exists,
      .epoch = state->epoch,
      .seq = state->seq,
      .stream_seq = level == STORE_WANT_CHECKED ? state->stream_seq : -1,
      .commit = state->commit,
      .counters = level == STORE_WANT_LIGHT ? NULL : state->counter,
      .log_begins = state->log_begins,
      .run = store_run(worker->store),
      .restarted = state->restarted,
      .keeps = worker->keeps,
      .now_ms = clock_wall_ms(),
      .floor = worker->epoch_floor};
  int64_t known = shard->seq;
  enum shard_change change = shard_see(shard, &seen);
  tell_epoch(worker, shard, change, known);
  return change;
}

/* ---- damage ---- */

/* Something under its keys is not evald's: it is left alone until somebody
 * mended it, and everybody else is served. */
void shards_damaged(struct worker *worker, struct shard *shard,
                    const char *damage) {
  if (!shard->damaged) {
    worker->damaged++;
    metrics_add(worker->metrics, METRIC_DAMAGES, 1);
    log_line(LOG_ERROR,
             _("%s %u is damaged and its jobs are put off: %s; evalctl verify "
               "%s %u --repair mends it"),
             shard->division, shard->year, damage, shard->division,
             shard->year);
  }
  shard->damaged = true;
  shard->checked = shard->watched = false;
  shard->look_at = clock_ms() + worker->setup->config->redis_retry_ms;
  shard_forget(shard);
  metrics_set(worker->metrics, METRIC_DAMAGED, worker->damaged);
}

void shards_mended(struct worker *worker, struct shard *shard) {
  if (!shard->damaged) return;
  shard->damaged = false;
  worker->damaged--;
  metrics_set(worker->metrics, METRIC_DAMAGED, worker->damaged);
  log_line(LOG_NOTICE, _("%s %u is mended; its jobs are taken again"),
           shard->division, shard->year);
}
