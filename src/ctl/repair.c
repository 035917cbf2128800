/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/repair.h"
#include "base/i18n.h"
#include "ctl/clock.h"
#include "wire/verdict_codec.h"
#include <inttypes.h>
#include <string.h>

enum { ATTEMPTS = 50 };

struct mending {
  struct ctl *ctl;
  const struct audit *found;
  struct repair *repair;
  struct audit audit; /* of this attempt */
  struct store_shard_state state;
  struct wire_buffer bytes; /* of departments and of the entry */
};

static void note(struct mending *mending, const char *text) {
  audit_note(mending->ctl, &mending->repair->set, text);
}

/* ---- what stands in the way ---- */

static enum evald_status set_aside(struct mending *mending, enum store_key key,
                                   struct evald_fault *fault) {
  char name[STORE_KEY_TEXT], aside[STORE_ASIDE_TEXT];
  const struct store_shard_key *shard = &mending->found->shard;
  store_key_print(key, shard, name);
  enum evald_status status = store_set_aside(mending->ctl->store, key, shard,
                                             clock_wall_ms(), aside, fault);
  if (status == EVALD_NOT_FOUND) {
    evald_fault_clear(fault);
    return EVALD_OK; /* somebody was faster */
  }
  if (status == EVALD_OK)
    note(mending, output_format(mending->ctl->arena, _("%s renamed to %s"),
                                name, aside));
  return status;
}

static enum evald_status clear_flaw(struct mending *mending,
                                    const struct audit_flaw *flaw,
                                    struct evald_fault *fault) {
  if (flaw->key == STORE_KEY_RESULTS) return EVALD_OK; /* not ours to judge */
  if (!flaw->field.data) return set_aside(mending, flaw->key, fault);
  enum evald_status status =
      store_clear_field(mending->ctl->store, &mending->found->shard,
                        flaw->field, flaw->found, fault);
  if (status == EVALD_OK)
    note(mending, output_format(mending->ctl->arena,
                                _("the aggregate's field %s deleted"),
                                output_text(mending->ctl->arena, flaw->field)));
  return status;
}

/* ---- what is set ---- */

struct arrays {
  struct store_pair *set;
  struct evald_text *deleted;
  size_t *at; /* of each value in the buffer, which moves while it grows */
};

static bool take_arrays(struct mending *mending, size_t count,
                        struct arrays *out) {
  struct evald_arena *arena = mending->ctl->job;
  count++;
  out->set = evald_arena_take(arena, count * sizeof *out->set);
  out->deleted = evald_arena_take(arena, count * sizeof *out->deleted);
  out->at = evald_arena_take(arena, count * sizeof *out->at);
  return out->set && out->deleted && out->at;
}

static size_t count_wrong(const struct audit *audit) {
  size_t count = 0;
  for (size_t i = 0; i < AUDIT_BUCKETS; i++)
    for (struct audit_department *one = audit->departments[i]; one;
         one = one->next)
      count += one->is_wrong;
  return count;
}

static void list_department(struct mending *mending,
                            const struct audit_department *one,
                            const struct arrays *arrays,
                            struct store_shard_write *write) {
  if (one->sum.counter[CORE_COUNTER_FORMS] == 0) {
    arrays->deleted[write->deleted_department_count++] = one->key;
    return;
  }
  size_t number = write->department_count++;
  arrays->at[number] = mending->bytes.size;
  wire_department_encode(one->name.data ? one->name : one->key, &one->sum,
                         &mending->bytes);
  arrays->set[number].field = one->key;
  arrays->set[number].value.size = mending->bytes.size - arrays->at[number];
}

static enum evald_status list_departments(struct mending *mending,
                                          struct store_shard_write *write) {
  const struct audit *audit = &mending->audit;
  struct arrays arrays;
  if (!take_arrays(mending, count_wrong(audit), &arrays)) return EVALD_MEMORY;
  for (size_t i = 0; i < AUDIT_BUCKETS; i++)
    for (struct audit_department *one = audit->departments[i]; one;
         one = one->next)
      if (one->is_wrong) list_department(mending, one, &arrays, write);
  enum evald_status status = wire_buffer_done(&mending->bytes);
  for (size_t i = 0; i < write->department_count; i++)
    arrays.set[i].value.data = (const char *)mending->bytes.data + arrays.at[i];
  write->departments = arrays.set;
  write->deleted_departments = arrays.deleted;
  return status;
}

static int64_t largest(int64_t a, int64_t b) {
  return a > b ? a : b;
}

/* From which change on the log has all: what the aggregate said, where that is
 * still there, and what the log itself can have at most. 0: from the first. */
static int64_t log_begins(const struct mending *mending, int64_t seq) {
  uint64_t first = mending->found->log_first;
  int64_t begins =
      largest(mending->state.log_begins, first > 0 ? (int64_t)first : seq);
  return begins > 1 ? begins : 0;
}

/* The log's entry: the whole aggregate, under an event without a project. */
static void encode_entry(struct mending *mending,
                         const struct store_shard_write *write, int64_t at_ms) {
  const struct contribution *sum = &mending->audit.sum;
  uint64_t checksum = core_contribution_checksum(sum);
  const struct wire_event event = {.outcome = WIRE_OUTCOME_REPAIRED,
                                   .pro_code = EVALD_TEXT(""),
                                   .job_id = EVALD_TEXT("verify --repair"),
                                   .source = EVALD_TEXT("evalctl"),
                                   .checksum = checksum};
  const struct wire_batch batch = {.epoch = (uint64_t)write->epoch,
                                   .first_seq = (uint64_t)write->first_seq,
                                   .last_seq = (uint64_t)write->last_seq,
                                   .at_ms = at_ms,
                                   .checksum = checksum,
                                   .sum = *sum,
                                   .events = &event,
                                   .event_count = 1};
  wire_batch_encode(&batch, &mending->bytes);
}

static enum evald_status make_write(struct mending *mending, int64_t at_ms,
                                    struct store_shard_write *out) {
  const struct store_shard_state *state = &mending->state;
  int64_t seq = largest(state->seq, state->stream_seq) + 1;
  int64_t epoch = largest(state->epoch, (int64_t)mending->found->log_epoch);
  struct store_shard_write write = {
      .shard = mending->found->shard,
      /* As a daemon would begin one: the next number may have been told by
       * somebody whose writes were lost. */
      .epoch = largest(epoch + 1, at_ms),
      .first_seq = seq,
      .last_seq = seq,
      .log_begins = log_begins(mending, seq),
      .keeps_log = true,
      .counters = mending->audit.sum.counter};
  wire_buffer_reset(&mending->bytes);
  encode_entry(mending, &write, at_ms);
  size_t entry = mending->bytes.size;
  enum evald_status status = list_departments(mending, &write);
  write.events = (struct evald_text){(const char *)mending->bytes.data, entry};
  if (status == EVALD_OK) *out = write;
  return status;
}

static void tell_set(struct mending *mending,
                     const struct store_shard_write *write) {
  struct evald_arena *arena = mending->ctl->arena;
  mending->repair->epoch = write->epoch;
  mending->repair->seq = write->last_seq;
  note(mending, output_format(arena,
                              _("aggregate set from %zu results; departments: "
                                "%zu set, %zu removed"),
                              mending->audit.results, write->department_count,
                              write->deleted_department_count));
  note(mending,
       output_format(arena, _("epoch %lld begins at seq %lld"),
                     (long long)write->epoch, (long long)write->last_seq));
  if (write->log_begins != mending->state.log_begins)
    note(mending, output_format(arena, _("log_begins set to %lld"),
                                (long long)write->log_begins));
}

/* ---- what would be left out ---- */

static const char *left_out(const struct mending *mending, size_t count) {
  return output_format(
      mending->ctl->arena,
      P_("nothing was changed: %zu result cannot be read, and its form and "
         "money would be missing in every sum. Bring it back (a backup, the "
         "evald that wrote it), or say --without-unreadable to set the sums "
         "of the others",
         "nothing was changed: %zu results cannot be read, and their forms "
         "and money would be missing in every sum. Bring them back (a backup, "
         "the evald that wrote them), or say --without-unreadable to set the "
         "sums of the others",
         count),
      count);
}

/* Whether to stop before so many results are left out; says so then. */
static bool refuse(struct mending *mending, size_t count) {
  if (count == 0 || mending->ctl->options.without_unreadable) return false;
  mending->repair->refused = left_out(mending, count);
  return true;
}

static void tell_left_out(struct mending *mending) {
  size_t count = mending->audit.unreadable;
  if (count == 0) return;
  note(mending,
       output_format(mending->ctl->arena,
                     P_("%zu result that cannot be read is in no sum now, "
                        "until its field is deleted and the form submitted "
                        "again",
                        "%zu results that cannot be read are in no sum now, "
                        "until their fields are deleted and the forms "
                        "submitted again",
                        count),
                     count));
}

/* Before anything is cleared out of the way: a shard must not be left half
 * mended. Results of another type are a flaw of their own. */
static enum evald_status look_ahead(struct mending *mending,
                                    struct evald_fault *fault) {
  const struct audit *found = mending->found;
  size_t count = found->unreadable;
  enum evald_status status = EVALD_OK;
  if (audit_results_hidden(found)) return EVALD_OK;
  if (found->flaws)
    status = audit_unreadable(mending->ctl, &found->shard, &count, fault);
  if (status == EVALD_OK) (void)refuse(mending, count);
  return status;
}

/* ---- one attempt ---- */

static bool is_same(const struct store_shard_state *a,
                    const struct store_shard_state *b) {
  return a->exists == b->exists && a->epoch == b->epoch && a->seq == b->seq &&
         strcmp(a->commit, b->commit) == 0 &&
         memcmp(a->counter, b->counter, sizeof a->counter) == 0;
}

/* The first load is for the turn; the sums are read; the second one watches. */
static enum evald_status look(struct mending *mending,
                              struct evald_fault *fault) {
  struct ctl *ctl = mending->ctl;
  const struct store_shard_key *shard = &mending->found->shard;
  struct store_shard_state *state = &mending->state;
  enum evald_status status = audit_watch(ctl, shard, 0, state, fault);
  if (status != EVALD_OK) return status;
  status = audit_sums(ctl, shard, &mending->audit, fault);
  if (status == EVALD_OK)
    status = audit_watch(ctl, shard, STORE_LOAD_ADD, state, fault);
  if (status != EVALD_OK) return status;
  return is_same(&mending->audit.state, &mending->state) ? EVALD_OK
                                                         : EVALD_TIMEOUT;
}

static enum evald_status attempt(struct mending *mending,
                                 struct evald_fault *fault) {
  struct store *store = mending->ctl->store;
  struct store_shard_write write;
  struct store_outcome outcome = {0};
  const int64_t now = clock_wall_ms();
  enum evald_status status = look(mending, fault);
  if (status == EVALD_OK && refuse(mending, mending->audit.unreadable))
    return EVALD_OK;
  if (status == EVALD_OK) status = make_write(mending, now, &write);
  if (status != EVALD_OK) return status;
  const struct store_batch batch = {
      .shards = &write, .shard_count = 1, .at_ms = now, .repair = true};
  status = store_commit_send(store, &batch, NULL, 0, fault);
  if (status == EVALD_OK) status = store_commit_wait(store, &outcome, fault);
  if (status == EVALD_AWAY && store_commit_unknown(store)) {
    status = store_connect(store, fault);
    if (status == EVALD_OK)
      status = store_commit_resolve(store, &outcome, fault);
  }
  if (status != EVALD_OK) return status;
  if (!outcome.committed) return EVALD_TIMEOUT;
  tell_set(mending, &write);
  tell_left_out(mending);
  return EVALD_OK;
}

static enum evald_status set_sums(struct mending *mending,
                                  struct evald_fault *fault) {
  struct store *store = mending->ctl->store;
  enum evald_status status = EVALD_TIMEOUT;
  store_turn_hold(store, true);
  for (int i = 0; i < ATTEMPTS && status == EVALD_TIMEOUT; i++) {
    evald_fault_clear(fault);
    status = attempt(mending, fault);
  }
  store_turn_hold(store, false);
  store_commit_abandon(store);
  if (status == EVALD_TIMEOUT)
    evald_fault_set(fault, status, mending->found->shard.division,
                    _("others wrote first in each of %d attempts; try again"),
                    ATTEMPTS);
  return status;
}

enum evald_status repair_run(struct ctl *ctl, const struct audit *found,
                             struct repair *out, struct evald_fault *fault) {
  struct mending mending = {.ctl = ctl, .found = found, .repair = out};
  struct audit again;
  *out = (struct repair){0};
  enum evald_status status = look_ahead(&mending, fault);
  if (status != EVALD_OK || out->refused) return status;
  for (const struct audit_flaw *flaw = found->flaws; flaw && status == EVALD_OK;
       flaw = flaw->next)
    status = clear_flaw(&mending, flaw, fault);
  if (status == EVALD_OK && found->flaws) {
    status = audit_run(ctl, &found->shard, &again, fault);
    mending.found = &again;
  }
  if (status == EVALD_NOT_FOUND) { /* what was in the way was all there was */
    evald_fault_clear(fault);
    return EVALD_OK;
  }
  if (status == EVALD_OK && !mending.found->flaws &&
      mending.found->differences.mendable > 0)
    status = set_sums(&mending, fault);
  wire_buffer_fini(&mending.bytes);
  return status;
}
