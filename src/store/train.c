/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pack_inside.h"

#include "base/fault.h"
#include <stdlib.h>
#include <zdict.h>

/* With so many values there should be so many dictionaries: the first soon,
 * the others once there is more to learn from. */
static const int64_t steps[] = {1000, 50000, 1000000};
enum { STEP_COUNT = sizeof steps / sizeof *steps, SAMPLES = 4000 };

/* So many values are read at once, which keeps Redis for a tenth of a
 * millisecond; a value may have a megabyte: no more when so many bytes were. */
enum { DRAWN = 32, SAMPLE_BYTES = 32 << 20 };

#define X(name, key, size) size,
static const size_t dictionary_sizes[PACK_KIND_COUNT] = {PACK_KIND_LIST(X)};
#undef X

/* --- the shards, and how much is in each --- */

struct census {
  struct store_shard_key *shards;
  int64_t *counts; /* of values of the kind at work */
  size_t count, shard_capacity, count_capacity;
  int64_t total;
};

static enum evald_status note_shard(void *context,
                                    const struct store_shard_key *shard) {
  struct census *census = context;
  if (!LINK_ROOM(census->shards, census->shard_capacity, census->count + 1) ||
      !LINK_ROOM(census->counts, census->count_capacity, census->count + 1)) {
    return EVALD_MEMORY;
  }
  census->shards[census->count++] = *shard;
  return EVALD_OK;
}

static enum evald_status take_census(struct store *store, enum store_key key,
                                     struct census *census,
                                     struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  census->total = 0;
  for (size_t i = 0; i < census->count && status == EVALD_OK; i++) {
    status =
        store_count(store, key, &census->shards[i], &census->counts[i], fault);
    if (status == EVALD_OK) census->total += census->counts[i];
  }
  return status;
}

static int64_t wanted(int64_t total) {
  int64_t count = 0;
  while (count < STEP_COUNT && total >= steps[count])
    count++;
  return count;
}

/* --- samples --- */

struct samples {
  struct resp bytes;
  size_t *sizes;
  size_t count, capacity;
};

static void samples_free(struct samples *samples) {
  resp_free(&samples->bytes);
  free(samples->sizes);
}

static bool add_sample(struct samples *samples, struct evald_text value) {
  if (!value.data || pack_is_packed(value)) return true;
  if (!LINK_ROOM(samples->sizes, samples->capacity, samples->count + 1)) {
    return false;
  }
  resp_raw(&samples->bytes, value.data, value.size);
  samples->sizes[samples->count++] = value.size;
  return !samples->bytes.failed;
}

/* EVALD_LIMIT: as many as are wanted. */
struct wanting {
  struct samples *samples;
  int64_t left;
};

static enum evald_status each_value(void *context, struct evald_text field,
                                    struct evald_text value) {
  struct wanting *wanting = context;
  (void)field;
  if (!add_sample(wanting->samples, value)) return EVALD_MEMORY;
  return --wanting->left == 0 || wanting->samples->bytes.size >= SAMPLE_BYTES
             ? EVALD_LIMIT
             : EVALD_OK;
}

/* So many of a shard, as they lie in its table: that is at random, whatever the
 * projects are called. */
static enum evald_status sample_shard(struct store *store,
                                      const struct store_scan_of *of,
                                      int64_t count, struct samples *samples,
                                      struct evald_fault *fault) {
  struct wanting wanting = {samples, count};
  struct store_cursor cursor = {.step = DRAWN};
  enum evald_status status = count > 0 ? EVALD_OK : EVALD_LIMIT;
  while (status == EVALD_OK && !cursor.end)
    status = store_scan_step(store, of, &cursor, each_value, &wanting, fault);
  if (status == EVALD_MEMORY)
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  return status == EVALD_LIMIT ? EVALD_OK : status;
}

static enum evald_status sample(struct store *store, enum store_key key,
                                const struct census *census,
                                struct samples *samples,
                                struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (size_t i = 0; i < census->count && status == EVALD_OK; i++) {
    const struct store_scan_of of = {key, &census->shards[i]};
    int64_t count = census->counts[i];
    int64_t share = SAMPLES * count / census->total + 1;
    status =
        sample_shard(store, &of, share < count ? share : count, samples, fault);
  }
  return status;
}

/* --- a dictionary --- */

/* The first who writes a number has written it for all. */
static enum evald_status publish(struct store *store, enum pack_kind kind,
                                 int64_t number, struct evald_text bytes,
                                 struct evald_fault *fault) {
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 4, "HSETNX");
  resp_key(&store->out, STORE_KEY_DICTIONARIES, NULL);
  pack_write_name(&store->out, kind, number);
  resp_text(&store->out, bytes);
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  status = link_expect(store, "HSETNX", REDIS_REPLY_INTEGER, NULL, fault);
  return status == EVALD_OK ? pack_fetch(store, fault) : status;
}

/* Values that are all alike teach nothing: then there is no dictionary. */
static enum evald_status train(struct store *store, enum pack_kind kind,
                               int64_t number, const struct samples *samples,
                               struct evald_fault *fault) {
  char *bytes = malloc(dictionary_sizes[kind]);
  if (!bytes) return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  size_t size =
      ZDICT_trainFromBuffer(bytes, dictionary_sizes[kind], samples->bytes.data,
                            samples->sizes, (unsigned)samples->count);
  enum evald_status status = EVALD_OK;
  if (!ZDICT_isError(size)) {
    status =
        publish(store, kind, number, (struct evald_text){bytes, size}, fault);
  }
  free(bytes);
  return status;
}

static enum evald_status train_kind(struct store *store, enum pack_kind kind,
                                    struct census *census,
                                    struct evald_fault *fault) {
  struct samples samples = {.count = 0};
  enum store_key key = pack_key(kind);
  enum evald_status status = take_census(store, key, census, fault);
  if (status != EVALD_OK) return status;
  struct pack *pack = store->pack;
  const struct pack_dictionary *newest = pack_find(pack, kind, 0);
  int64_t number = newest ? newest->number : 0;
  int64_t want = wanted(census->total);
  if (number >= want || pack->tried[kind] >= want) return EVALD_OK;
  status = sample(store, key, census, &samples, fault);
  if (status == EVALD_OK) status = train(store, kind, want, &samples, fault);
  if (status == EVALD_OK) pack->tried[kind] = want;
  samples_free(&samples);
  return status;
}

enum evald_status store_pack_train(struct store *store, int *trained,
                                   struct evald_fault *fault) {
  struct census census = {.count = 0};
  enum evald_status status = link_begin(store, fault);
  if (status == EVALD_OK) status = pack_fetch(store, fault);
  if (status != EVALD_OK) return status;
  size_t before = store->pack->count;
  status = store_shards(store, note_shard, &census, fault);
  for (int kind = 0; kind < PACK_KIND_COUNT && status == EVALD_OK; kind++) {
    status = train_kind(store, (enum pack_kind)kind, &census, fault);
  }
  free(census.shards);
  free(census.counts);
  if (status != EVALD_OK) return status;
  *trained = (int)(store->pack->count - before);
  if (store->pack->count > 0) return EVALD_OK;
  return evald_fault_set(fault, EVALD_NOT_FOUND, NULL,
                         "too few values to learn from");
}
