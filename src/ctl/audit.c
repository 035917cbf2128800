/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/audit.h"
#include "base/i18n.h"
#include "wire/verdict_codec.h"
#include <inttypes.h>
#include <string.h>

enum { ATTEMPTS = 20, PAGE = 64 };

static void differ(struct audit *audit, const char *text) {
  struct audit_difference *one;
  audit->difference_count++;
  if (audit->difference_count > AUDIT_DIFFERENCES_MAX ||
      !(one = evald_arena_take(audit->ctl->arena, sizeof *one)))
    return;
  *one = (struct audit_difference){NULL, text};
  *audit->end = one;
  audit->end = &one->next;
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
  audit->results = audit->department_count = 0;
  audit->differences = NULL;
  audit->end = &audit->differences;
  audit->difference_count = 0;
  audit->state = *state;
}

static enum evald_status take_result(void *context, struct evald_text field,
                                     struct evald_text value) {
  struct audit *audit = context;
  struct wire_stored_head head;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  if (wire_stored_head(bytes, &head) != EVALD_OK) {
    differ(audit, output_format(audit->ctl->arena,
                                _("the result of %.*s cannot be read"),
                                (int)field.size, field.data));
    return EVALD_OK;
  }
  if (head.state == WIRE_STORED_WITHDRAWN) return EVALD_OK;
  struct audit_department *one = department(audit, head.dept_key);
  if (!one) return EVALD_MEMORY;
  audit->results++;
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
  if (wire_department_decode(bytes, &name, &one->stored) != EVALD_OK)
    differ(audit,
           output_format(audit->ctl->arena, _("department %.*s cannot be read"),
                         (int)field.size, field.data));
  return EVALD_OK;
}

static void compare_department(struct audit *audit,
                               const struct audit_department *one) {
  struct evald_arena *arena = audit->ctl->arena;
  int size = (int)one->key.size;
  const char *key = one->key.data;
  if (one->is_stored)
    compare(audit, output_format(arena, _("department %.*s"), size, key),
            &one->stored, &one->sum);
  else
    differ(audit,
           output_format(arena, _("department %.*s is missing"), size, key));
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

static void check_batch(struct audit *audit, const struct wire_batch *batch) {
  if (audit->log_seq > 0 && batch->first_seq != audit->log_seq + 1)
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
  if (entry->last_seq > audit->state.seq)
    return EVALD_LIMIT; /* younger than the results that were read */
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

static enum evald_status check_log(struct audit *audit,
                                   struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (size_t before = SIZE_MAX;
       status == EVALD_OK && before != audit->batches;) {
    before = audit->batches;
    status = store_events(audit->ctl->store, &audit->shard,
                          (struct store_range){(int64_t)audit->log_seq, PAGE},
                          take_entry, audit, fault);
  }
  if (status != EVALD_OK && status != EVALD_LIMIT) return status;
  if (audit->log_seq != (uint64_t)audit->state.seq)
    differ(audit, output_format(audit->ctl->arena,
                                _("the log ends at %llu, the aggregate's seq "
                                  "is %lld"),
                                (unsigned long long)audit->log_seq,
                                (long long)audit->state.seq));
  return EVALD_OK;
}

enum evald_status audit_run(struct ctl *ctl,
                            const struct store_shard_key *shard,
                            struct audit *out, struct evald_fault *fault) {
  const struct store_snapshot_reader reader = {out, start, take_result,
                                               take_department};
  struct contribution stored;
  *out = (struct audit){.ctl = ctl, .shard = *shard};
  out->end = &out->differences;
  enum evald_status status =
      store_snapshot(ctl->store, shard, &reader, ATTEMPTS, fault);
  if (status != EVALD_OK) return status;
  memcpy(stored.counter, out->state.counter, sizeof stored.counter);
  compare(out, _("aggregate"), &stored, &out->sum);
  compare_departments(out);
  return check_log(out, fault);
}
