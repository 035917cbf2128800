/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/audit.h"
#include "base/i18n.h"
#include "ctl/clock.h"
#include "wire/verdict_codec.h"
#include <inttypes.h>
#include <string.h>

enum { ATTEMPTS = 3, PAGE = 64, TURN_MS = 30000 };

void audit_note(struct ctl *ctl, struct audit_list *list, const char *text) {
  struct audit_difference *one;
  if (list->end == NULL) list->end = &list->first;
  list->count++;
  if (list->count > AUDIT_DIFFERENCES_MAX ||
      !(one = evald_arena_take(ctl->arena, sizeof *one)))
    return;
  *one = (struct audit_difference){NULL, text};
  *list->end = one;
  list->end = &one->next;
}

/* Something that a repair cannot mend. */
static void stays(struct audit *audit, const char *text) {
  audit_note(audit->ctl, &audit->differences, text);
}

static void differ(struct audit *audit, const char *text) {
  audit_note(audit->ctl, &audit->differences, text);
  audit->differences.mendable++;
}

/* Each counter that is not what the results give. */
static void compare(struct audit *audit, const char *of,
                    const struct contribution *stored,
                    const struct contribution *computed) {
  for (int i = 0; i < CORE_COUNTER_COUNT; i++)
    if (stored->counter[i] != computed->counter[i])
      differ(audit, output_format(audit->ctl->arena,
                                  _("%s: %s is %lld, the results give %lld"),
                                  of, core_counter_name((enum core_counter)i),
                                  (long long)stored->counter[i],
                                  (long long)computed->counter[i]));
}

static size_t bucket_of(struct evald_text key) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < key.size; i++)
    hash = (hash ^ (unsigned char)key.data[i]) * 16777619u;
  return hash % AUDIT_BUCKETS;
}

static struct audit_department *department(struct audit *audit,
                                           struct evald_text key) {
  struct audit_department **head = &audit->departments[bucket_of(key)];
  for (struct audit_department *one = *head; one; one = one->next)
    if (evald_text_equal(one->key, key)) return one;
  struct audit_department *one = evald_arena_take(audit->ctl->job, sizeof *one);
  if (!one) return NULL;
  one->key = evald_text_of(output_copy(audit->ctl->job, key));
  one->next = *head;
  return *head = one;
}

static void start(void *context, const struct store_shard_state *state) {
  struct audit *audit = context;
  evald_arena_reset(audit->ctl->job);
  memset(audit->departments, 0, sizeof audit->departments);
  memset(&audit->sum, 0, sizeof audit->sum);
  audit->results = audit->department_count = audit->unreadable = 0;
  audit->differences = (struct audit_list){0};
  audit->state = *state;
}

static enum evald_status take_result(void *context, struct evald_text field,
                                     struct evald_text value) {
  struct audit *audit = context;
  struct wire_stored_head head;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  if (wire_stored_head(bytes, &head) != EVALD_OK) {
    audit->unreadable++;
    stays(audit, output_format(audit->ctl->arena,
                               _("the result of %.*s cannot be read"),
                               (int)field.size, field.data));
    return EVALD_OK;
  }
  if (head.state == WIRE_STORED_WITHDRAWN) return EVALD_OK;
  struct audit_department *one = department(audit, head.dept_key);
  if (!one) return EVALD_MEMORY;
  audit->results++;
  if (!one->name.data && head.dept_name.data)
    one->name = evald_text_of(output_copy(audit->ctl->job, head.dept_name));
  enum evald_status status =
      core_contribution_add(&audit->sum, &head.contribution);
  return status == EVALD_OK
             ? core_contribution_add(&one->sum, &head.contribution)
             : status;
}

static enum evald_status take_department(void *context, struct evald_text field,
                                         struct evald_text value) {
  struct audit *audit = context;
  struct evald_text name;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  struct audit_department *one = department(audit, field);
  if (!one) return EVALD_MEMORY;
  audit->department_count++;
  one->is_stored = true;
  one->is_wrong =
      wire_department_decode(bytes, &name, &one->stored) != EVALD_OK;
  if (!one->is_wrong)
    one->name = evald_text_of(output_copy(audit->ctl->job, name));
  return EVALD_OK;
}

/* What is wrong with a department beside its counters; NULL: nothing. */
static const char *wrong_of(const struct audit_department *one) {
  if (!one->is_stored) return _("is missing");
  if (one->sum.counter[CORE_COUNTER_FORMS] == 0)
    return _("is there, but no result counts under it");
  return one->is_wrong ? _("cannot be read") : NULL;
}

static void compare_department(struct audit *audit,
                               struct audit_department *one) {
  struct evald_arena *arena = audit->ctl->arena;
  const char *wrong = wrong_of(one);
  const char *name = output_format(arena, _("department %.*s"),
                                   (int)one->key.size, one->key.data);
  size_t before = audit->differences.count;
  if (wrong)
    differ(audit, output_format(arena, "%s %s", name, wrong));
  else
    compare(audit, name, &one->stored, &one->sum);
  one->is_wrong = audit->differences.count > before;
}

static void compare_departments(struct audit *audit) {
  for (size_t i = 0; i < AUDIT_BUCKETS; i++)
    for (struct audit_department *one = audit->departments[i]; one;
         one = one->next)
      compare_department(audit, one);
}

static void check_checksums(struct audit *audit,
                            const struct wire_batch *batch) {
  uint64_t right = core_contribution_checksum(&batch->sum);
  size_t last = batch->event_count;
  bool fine = batch->checksum == right &&
              (last == 0 || batch->events[last - 1].checksum == right);
  if (!fine)
    differ(audit,
           output_format(audit->ctl->arena,
                         _("log entry %llu: its checksum does not fit its "
                           "counters"),
                         (unsigned long long)batch->last_seq));
}

/* What was wrong before the epoch is behind everybody. */
static void begin_epoch(struct audit *audit, const struct wire_batch *batch) {
  audit->log_epoch = batch->epoch;
  audit->differences = audit->before_log;
  if (audit->differences.end) *audit->differences.end = NULL;
}

static void check_batch(struct audit *audit, const struct wire_batch *batch) {
  if (audit->log_first == 0) audit->log_first = batch->first_seq;
  if (batch->epoch > audit->log_epoch)
    begin_epoch(audit, batch);
  else if (audit->log_seq > 0 && batch->first_seq != audit->log_seq + 1)
    differ(audit, output_format(audit->ctl->arena,
                                _("the log has a hole: %llu is followed by "
                                  "%llu"),
                                (unsigned long long)audit->log_seq,
                                (unsigned long long)batch->first_seq));
  check_checksums(audit, batch);
  if (batch->last_seq == (uint64_t)audit->state.seq)
    compare(audit, _("the last log entry"), &batch->sum, &audit->sum);
}

static enum evald_status take_entry(void *context,
                                    const struct store_event *entry) {
  struct audit *audit = context;
  struct wire_batch batch;
  struct wire_bytes bytes = {(const uint8_t *)entry->batch.data,
                             entry->batch.size};
  /* Younger than the results that were read; without an aggregate the log is
   * all that knows of epoch and seq. */
  if (audit->state.exists && entry->last_seq > audit->state.seq) {
    audit->beyond = entry->last_seq;
    return EVALD_LIMIT;
  }
  evald_arena_reset(audit->ctl->job);
  audit->batches++;
  if (wire_batch_decode(bytes, audit->ctl->job, &batch) != EVALD_OK)
    differ(audit,
           output_format(audit->ctl->arena, _("log entry %lld cannot be read"),
                         (long long)entry->last_seq));
  else
    check_batch(audit, &batch);
  audit->log_seq = (uint64_t)entry->last_seq;
  return EVALD_OK;
}

static void check_end_of_log(struct audit *audit) {
  if (audit->log_seq != (uint64_t)audit->state.seq)
    differ(audit, output_format(audit->ctl->arena,
                                _("the log ends at %llu, the aggregate's seq "
                                  "is %lld"),
                                (unsigned long long)audit->log_seq,
                                (long long)audit->state.seq));
  if (audit->log_epoch > (uint64_t)audit->state.epoch)
    differ(audit, output_format(audit->ctl->arena,
                                _("the log is in epoch %llu, the aggregate in "
                                  "%lld"),
                                (unsigned long long)audit->log_epoch,
                                (long long)audit->state.epoch));
}

/* An entry is written together with its seq: one that was there when the seq,
 * read after it, is smaller, is nobody's. */
static enum evald_status check_beyond(struct audit *audit,
                                      struct evald_fault *fault) {
  struct store_shard_state now;
  enum evald_status status =
      store_get_aggregate(audit->ctl->store, &audit->shard, &now, NULL, fault);
  if (status != EVALD_OK && status != EVALD_NOT_FOUND) return status;
  if (status == EVALD_NOT_FOUND) now.seq = 0;
  if (now.seq < audit->beyond)
    differ(audit, output_format(audit->ctl->arena,
                                _("the aggregate's seq is %lld, but the log "
                                  "goes on to %lld"),
                                (long long)now.seq, (long long)audit->beyond));
  return EVALD_OK;
}

/* Read behind the log, which may be cut off meanwhile: the aggregate may say
 * that less is left than was read, never more. */
static enum evald_status check_beginning(struct audit *audit,
                                         struct evald_fault *fault) {
  struct store_shard_state now;
  if (audit->log_first <= 1) return EVALD_OK;
  enum evald_status status =
      store_get_aggregate(audit->ctl->store, &audit->shard, &now, NULL, fault);
  if (status == EVALD_NOT_FOUND) { /* told already */
    evald_fault_clear(fault);
    return EVALD_OK;
  }
  if (status == EVALD_OK && now.log_begins < (int64_t)audit->log_first)
    differ(audit,
           output_format(audit->ctl->arena,
                         _("the log begins at %llu, but the aggregate "
                           "says that it has all from %lld on"),
                         (unsigned long long)audit->log_first,
                         (long long)(now.log_begins ? now.log_begins : 1)));
  return status;
}

static enum evald_status check_log(struct audit *audit,
                                   struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  audit->before_log = audit->differences;
  for (size_t before = SIZE_MAX;
       status == EVALD_OK && before != audit->batches;) {
    before = audit->batches;
    status = store_events(audit->ctl->store, &audit->shard,
                          (struct store_range){(int64_t)audit->log_seq, PAGE},
                          take_entry, audit, fault);
  }
  if (status != EVALD_OK && status != EVALD_LIMIT) return status;
  check_end_of_log(audit);
  status = status == EVALD_LIMIT ? check_beyond(audit, fault) : EVALD_OK;
  return status == EVALD_OK ? check_beginning(audit, fault) : status;
}

enum evald_status audit_sums(struct ctl *ctl,
                             const struct store_shard_key *shard,
                             struct audit *out, struct evald_fault *fault) {
  const struct store_snapshot_reader reader = {out, start, take_result,
                                               take_department};
  struct contribution stored;
  *out = (struct audit){.ctl = ctl, .shard = *shard};
  enum evald_status status =
      store_snapshot(ctl->store, shard, &reader, ATTEMPTS, fault);
  if (status != EVALD_OK) return status;
  memcpy(stored.counter, out->state.counter, sizeof stored.counter);
  if (!out->state.exists) differ(out, _("the aggregate is missing"));
  compare(out, _("aggregate"), &stored, &out->sum);
  compare_departments(out);
  return EVALD_OK;
}

static enum evald_status count_unreadable(void *context,
                                          struct evald_text field,
                                          struct evald_text value) {
  struct wire_stored_head head;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  (void)field;
  *(size_t *)context += wire_stored_head(bytes, &head) != EVALD_OK;
  return EVALD_OK;
}

enum evald_status audit_unreadable(struct ctl *ctl,
                                   const struct store_shard_key *shard,
                                   size_t *out, struct evald_fault *fault) {
  *out = 0;
  return store_scan(ctl->store, STORE_KEY_RESULTS, shard, count_unreadable, out,
                    fault);
}

enum evald_status audit_watch(struct ctl *ctl,
                              const struct store_shard_key *shard,
                              unsigned flags, struct store_shard_state *out,
                              struct evald_fault *fault) {
  const struct store_want want = {.shard = *shard, .level = STORE_WANT_CHECKED};
  struct store_loaded loaded;
  enum evald_status status = EVALD_TIMEOUT;
  int64_t until = clock_ms() + TURN_MS;
  while (status == EVALD_TIMEOUT && clock_ms() < until) {
    status = store_load(ctl->store, &want, 1, flags, &loaded, fault);
    if (flags != 0) break;
  }
  if (status == EVALD_OK) *out = loaded.states[0];
  return status;
}

/* The sums, in the turn among the writers: none of them writes meanwhile. */
static enum evald_status sums_in_turn(struct audit *audit,
                                      struct evald_fault *fault) {
  struct ctl *ctl = audit->ctl;
  const struct store_shard_key shard = audit->shard;
  struct store_shard_state state;
  store_turn_hold(ctl->store, true);
  enum evald_status status = audit_watch(ctl, &shard, 0, &state, fault);
  if (status == EVALD_OK) status = audit_sums(ctl, &shard, audit, fault);
  store_turn_hold(ctl->store, false);
  store_commit_abandon(ctl->store);
  return status;
}

static enum evald_status check_list(struct audit *audit,
                                    struct evald_fault *fault) {
  bool listed = false;
  enum evald_status status =
      store_shard_listed(audit->ctl->store, &audit->shard, &listed, fault);
  if (status == EVALD_OK && !listed)
    differ(audit, _("it is missing in the set of all divisions and years"));
  return status;
}

/* ---- what nobody could read ---- */

static void tell_flaw(struct audit *audit, const struct audit_flaw *flaw) {
  struct evald_arena *arena = audit->ctl->arena;
  char name[STORE_KEY_TEXT];
  store_key_print(flaw->key, &audit->shard, name);
  if (flaw->field.data)
    differ(audit, output_format(arena,
                                _("%s: the field %s holds \"%.40s\", which is "
                                  "no integer"),
                                name, output_text(arena, flaw->field),
                                output_text(arena, flaw->found)));
  else
    differ(audit, output_format(arena, _("%s is a %s and must be a %s"), name,
                                flaw->found.data, store_key_type(flaw->key)));
  /* Results are what all the rest is made from. */
  if (flaw->key == STORE_KEY_RESULTS) audit->differences.mendable--;
}

static enum evald_status take_flaw(void *context,
                                   const struct store_flaw *found) {
  struct audit *audit = context;
  struct evald_arena *arena = audit->ctl->arena;
  struct audit_flaw *flaw = evald_arena_take(arena, sizeof *flaw);
  if (!flaw) return EVALD_MEMORY;
  *flaw = (struct audit_flaw){.next = audit->flaws, .key = found->key};
  flaw->found =
      (struct evald_text){output_copy(arena, found->found), found->found.size};
  if (found->field.data)
    flaw->field = (struct evald_text){output_copy(arena, found->field),
                                      found->field.size};
  audit->flaws = flaw;
  tell_flaw(audit, flaw);
  return EVALD_OK;
}

bool audit_results_hidden(const struct audit *audit) {
  for (const struct audit_flaw *flaw = audit->flaws; flaw; flaw = flaw->next)
    if (flaw->key == STORE_KEY_RESULTS) return true;
  return false;
}

enum evald_status audit_run(struct ctl *ctl,
                            const struct store_shard_key *shard,
                            struct audit *out, struct evald_fault *fault) {
  *out = (struct audit){.ctl = ctl, .shard = *shard};
  enum evald_status status =
      store_inspect(ctl->store, shard, take_flaw, out, fault);
  if (status != EVALD_OK || out->flaws) return status;
  status = audit_sums(ctl, shard, out, fault);
  if (status == EVALD_TIMEOUT) {
    evald_fault_clear(fault);
    status = sums_in_turn(out, fault);
  }
  if (status == EVALD_OK) status = check_list(out, fault);
  return status == EVALD_OK ? check_log(out, fault) : status;
}
