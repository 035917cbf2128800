/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/shard.h"
#include "base/fault.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_ROOM = 64 }; /* departments for which memory is kept */

void shard_init(struct shard *shard, uint32_t number,
                struct evald_text division, uint16_t year) {
  *shard = (struct shard){.number = number, .year = year};
  fault_copy(shard->division, sizeof shard->division, division);
}

static void departments_clear(struct departments *departments) {
  for (uint32_t i = 0; i < departments->count; i++) {
    free(departments->items[i].key);
    free(departments->items[i].name);
  }
  departments->count = 0;
  departments->text_bytes = 0;
  if (departments->room <= KEPT_ROOM) {
    index_clear(&departments->index);
    return;
  }
  free(departments->items);
  departments->items = NULL;
  departments->room = 0;
  index_fini(&departments->index);
}

size_t shard_bytes(const struct shard *shard) {
  const struct departments *all = &shard->departments;
  return sizeof *shard + all->text_bytes + roll_bytes(&shard->roll) +
         all->room * (sizeof *all->items + 4 * sizeof(struct index_slot));
}

void shard_fini(struct shard *shard) {
  departments_clear(&shard->departments);
  free(shard->departments.items);
  index_fini(&shard->departments.index);
  roll_end(&shard->roll);
}

void shard_forget(struct shard *shard) {
  shard->known = false;
  shard->generation++;
  roll_end(&shard->roll);
  departments_clear(&shard->departments);
}

/* Whether the store stands before a point that we know it had reached. */
static bool fell_back(const struct shard *shard,
                      const struct shard_seen *seen) {
  if (!shard->met || shard->seq == 0) return false;
  if (!seen->exists) return true;
  return seen->epoch < shard->written ||
         (seen->epoch <= shard->epoch && seen->seq < shard->seq);
}

static bool same_run(const struct shard *shard, const struct shard_seen *seen) {
  return shard->met && strcmp(shard->run, seen->run) == 0;
}

/* An epoch grew in here and nobody wrote it yet, nor another. */
static bool is_pending(const struct shard *shard,
                       const struct shard_seen *seen) {
  return shard->epoch > shard->written && seen->epoch <= shard->written;
}

/* Whether a Redis that ended may have had more than this one says, which
 * nobody has taken account of. */
static bool is_doubtful(const struct shard *shard,
                        const struct shard_seen *seen) {
  if (same_run(shard, seen) && is_pending(shard, seen)) return false;
  return seen->exists ? seen->restarted : shard->met && !same_run(shard, seen);
}

/* A new shard may be one whose store was lost together with all who knew it: it
 * begins at an epoch that none before it can have had. */
static int64_t choose_epoch(const struct shard *shard,
                            const struct shard_seen *seen, bool fresh) {
  int64_t newest = seen->epoch > shard->epoch ? seen->epoch : shard->epoch;
  if (!shard->met && seen->floor > newest) {
    newest = seen->floor;
    fresh = true;
  }
  /* The time, and not one more than the newest: that may have been told already
   * by somebody whose writes were lost as well. */
  if (fresh || newest == 0)
    return seen->now_ms > newest ? seen->now_ms : newest + 1;
  return is_pending(shard, seen) ? shard->epoch : seen->epoch;
}

static void take_nonce(struct shard *shard, const struct shard_seen *seen) {
  fault_print(shard->commit, sizeof shard->commit, "%s", seen->commit);
  fault_print(shard->run, sizeof shard->run, "%s", seen->run);
  shard->unread = false;
}

static void take_over(struct shard *shard, const struct shard_seen *seen,
                      bool fresh) {
  shard_forget(shard);
  shard->epoch = choose_epoch(shard, seen, fresh);
  shard->written = seen->epoch;
  shard->seq = seen->seq > seen->stream_seq ? seen->seq : seen->stream_seq;
  if (shard->seq < 0) shard->seq = 0;
  shard->log_begins = seen->log_begins;
  take_nonce(shard, seen);
  memcpy(shard->sum.counter, seen->counters, sizeof shard->sum.counter);
  shard->known = shard->met = true;
  shard->mixed_seq = shard->seq;
  memcpy(shard->mixed_commit, shard->commit, sizeof shard->mixed_commit);
}

void shard_mix(struct shard *shard) {
  shard->mixed_seq = shard->seq;
  shard->mixed_commit[0] = '\0';
}

/* At the very change that was not read ahead the nonce tells whether it is the
 * same one: a store that was put back may stand at that seq by another. */
bool shard_stands(const struct shard *shard, const struct shard_mark *mark) {
  if (!shard->known || mark->epoch != shard->written ||
      mark->seq < shard->mixed_seq || mark->seq > shard->seq)
    return false;
  return mark->seq > shard->mixed_seq || shard->mixed_commit[0] == '\0' ||
         strcmp(mark->commit, shard->mixed_commit) == 0;
}

static bool same_nonce(const struct shard *shard,
                       const struct shard_seen *seen) {
  return shard->unread || strcmp(seen->commit, shard->commit) == 0;
}

/* A smaller epoch with the rest alike: it grew here and was not written yet. */
static bool as_known(const struct shard *shard, const struct shard_seen *seen) {
  return shard->known && seen->seq == shard->seq &&
         seen->epoch <= shard->epoch && same_nonce(shard, seen);
}

enum shard_change shard_see(struct shard *shard,
                            const struct shard_seen *seen) {
  bool back = fell_back(shard, seen), doubtful = is_doubtful(shard, seen);
  if (as_known(shard, seen) && (seen->keeps || !doubtful)) {
    take_nonce(shard, seen);
    return SHARD_AS_KNOWN;
  }
  if (seen->counters == NULL)
    shard_forget(shard);
  else
    take_over(shard, seen, back || doubtful);
  if (back) return SHARD_FELL_BACK;
  return doubtful && seen->exists ? SHARD_UNSURE : SHARD_MOVED;
}

static bool is_department(const void *context, uint32_t number,
                          const void *wanted) {
  const struct department *item =
      &((const struct departments *)context)->items[number];
  const struct evald_text *key = wanted;
  return item->key_size == key->size &&
         memcmp(item->key, key->data, key->size) == 0;
}

static char *copy_text(struct evald_text text) {
  char *copy = malloc(text.size + 1);
  if (copy == NULL) return NULL;
  if (text.size > 0) memcpy(copy, text.data, text.size);
  copy[text.size] = '\0';
  return copy;
}

static bool departments_grow(struct departments *departments) {
  if (departments->count < departments->room) return true;
  uint32_t room = departments->room > 0 ? departments->room * 2 : 2;
  struct department *items = realloc(departments->items, room * sizeof *items);
  if (items == NULL) return false;
  departments->items = items;
  departments->room = room;
  return true;
}

static uint32_t department_add(struct departments *departments, uint32_t hash,
                               struct evald_text key) {
  if (!departments_grow(departments)) return INDEX_NONE;
  struct department item = {.key = copy_text(key),
                            .name = copy_text(key),
                            .key_size = (uint16_t)key.size,
                            .name_size = (uint16_t)key.size};
  uint32_t number = departments->count;
  if (item.key == NULL || item.name == NULL ||
      index_add(&departments->index, hash, number) != EVALD_OK) {
    free(item.key);
    free(item.name);
    return INDEX_NONE;
  }
  departments->items[departments->count++] = item;
  departments->text_bytes += 2 * (key.size + 1);
  return number;
}

static void department_name(struct departments *departments,
                            struct department *item, struct evald_text name) {
  if (name.size == 0 || (name.size == item->name_size &&
                         memcmp(item->name, name.data, name.size) == 0))
    return;
  char *copy = copy_text(name);
  if (copy == NULL) return; /* the old name is as true as it was */
  free(item->name);
  departments->text_bytes += name.size;
  departments->text_bytes -= item->name_size;
  item->name = copy;
  item->name_size = (uint16_t)name.size;
}

uint32_t shard_department(struct shard *shard, struct evald_text key,
                          struct evald_text name) {
  struct departments *departments = &shard->departments;
  uint32_t hash = index_hash(key, 0);
  uint32_t number =
      index_find(&departments->index, hash, is_department, departments, &key);
  if (number == INDEX_NONE) number = department_add(departments, hash, key);
  if (number != INDEX_NONE)
    department_name(departments, &departments->items[number], name);
  return number;
}

static enum wire_outcome decide_withdrawal(const struct project *project,
                                           const struct shard_claim *claim) {
  if (project->state == PROJECT_ABSENT) return WIRE_OUTCOME_WITHDRAWN;
  if (claim->revision < project->revision) return WIRE_OUTCOME_STALE;
  if (project->state == PROJECT_WITHDRAWN &&
      claim->revision == project->revision)
    return WIRE_OUTCOME_UNCHANGED;
  return WIRE_OUTCOME_WITHDRAWN;
}

enum wire_outcome shard_decide(const struct project *project,
                               const struct shard_claim *claim) {
  if (claim->wish == SHARD_WITHDRAW) return decide_withdrawal(project, claim);
  if (project->state == PROJECT_ABSENT) return WIRE_OUTCOME_COMMITTED;
  if (claim->revision < project->revision) return WIRE_OUTCOME_STALE;
  if (claim->revision > project->revision) return WIRE_OUTCOME_SUPERSEDED;
  /* What was withdrawn comes back with a higher revision only. */
  if (project->state == PROJECT_WITHDRAWN) return WIRE_OUTCOME_STALE;
  if (!evald_digest_equal(&claim->form_digest, &project->form_digest))
    return WIRE_OUTCOME_CONFLICT;
  if (!evald_digest_equal(&claim->ruleset_digest, &project->ruleset_digest))
    return WIRE_OUTCOME_SUPERSEDED;
  return WIRE_OUTCOME_UNCHANGED;
}

void shard_begin(struct shard *shard) {
  shard->before.open = true;
  shard->before.epoch = shard->epoch;
  shard->before.seq = shard->seq;
  shard->before.sum = shard->sum;
}

/* Old out and new in, in a copy first: nothing changes unless all fits. */
static enum evald_status exchange(struct contribution *sum,
                                  const struct contribution *out,
                                  const struct contribution *in) {
  struct contribution next = *sum;
  enum evald_status status = EVALD_OK;
  if (out != NULL) status = core_contribution_subtract(&next, out);
  if (status == EVALD_OK && in != NULL)
    status = core_contribution_add(&next, in);
  if (status == EVALD_OK) *sum = next;
  return status;
}

/* The same in the departments, which may be two. */
static enum evald_status exchange_departments(struct shard *shard,
                                              struct project *project,
                                              uint32_t department,
                                              const struct contribution *in) {
  struct department *items = shard->departments.items;
  bool counted = project->state == PROJECT_EVALUATED;
  const struct contribution *out = counted ? &project->contribution : NULL;
  if (counted && project->department != department) {
    struct department *old = &items[project->department];
    struct contribution kept = old->sum;
    enum evald_status status = exchange(&old->sum, out, NULL);
    if (status == EVALD_OK) status = exchange(&items[department].sum, NULL, in);
    if (status != EVALD_OK) {
      old->sum = kept;
      return status;
    }
    old->touched = true;
  } else {
    enum evald_status status = exchange(&items[department].sum, out, in);
    if (status != EVALD_OK) return status;
  }
  items[department].touched = true;
  return EVALD_OK;
}

enum evald_status shard_apply(struct shard *shard, struct project *project,
                              const struct shard_claim *claim,
                              uint32_t department,
                              const struct contribution *added) {
  assert(shard->known && shard->before.open);
  bool counted = project->state == PROJECT_EVALUATED;
  struct contribution kept = shard->sum;
  enum evald_status status =
      exchange(&shard->sum, counted ? &project->contribution : NULL, added);
  if (status != EVALD_OK) return status;
  status = exchange_departments(shard, project, department, added);
  if (status != EVALD_OK) {
    shard->sum = kept;
    return status;
  }
  project->state =
      claim->wish == SHARD_WITHDRAW ? PROJECT_WITHDRAWN : PROJECT_EVALUATED;
  project->revision = claim->revision;
  project->form_digest = claim->form_digest;
  project->ruleset_digest = claim->ruleset_digest;
  project->department = department;
  project->contribution = *added;
  shard->seq++;
  return EVALD_OK;
}

uint64_t shard_misfits(const struct shard *shard, const struct project *project,
                       uint32_t department, const struct contribution *added) {
  bool counted = project->state == PROJECT_EVALUATED;
  const struct department *items = shard->departments.items;
  const struct contribution *out = counted ? &project->contribution : NULL;
  uint64_t misfits = core_contribution_misfits(&shard->sum, out, added);
  if (!counted || project->department == department)
    return misfits |
           core_contribution_misfits(&items[department].sum, out, added);
  return misfits |
         core_contribution_misfits(&items[project->department].sum, out, NULL) |
         core_contribution_misfits(&items[department].sum, NULL, added);
}

int64_t shard_log_begins(const struct shard *shard, int64_t most) {
  int64_t first = most > 0 && shard->seq > most ? shard->seq - most + 1 : 0;
  int64_t begins = first > shard->log_begins ? first : shard->log_begins;
  return begins < shard->seq ? begins : shard->seq; /* itself is never cut */
}

static void untouch(struct shard *shard, bool believed) {
  for (uint32_t i = 0; i < shard->departments.count; i++) {
    struct department *item = &shard->departments.items[i];
    if (item->touched && !believed) item->known = false;
    item->touched = false;
  }
  shard->before.open = false;
}

void shard_commit(struct shard *shard) {
  shard->written = shard->epoch;
  shard->unread = true;
  untouch(shard, true);
}

void shard_undo(struct shard *shard) {
  if (!shard->before.open) return;
  shard->epoch = shard->before.epoch;
  shard->seq = shard->before.seq;
  shard->sum = shard->before.sum;
  untouch(shard, false);
}
