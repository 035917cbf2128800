/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/audit.h"
#include "ctl/commands.h"

struct verification {
  struct ctl *ctl;
  size_t shards, differing;
};

static void print_json(struct ctl *ctl, const struct audit *audit) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 9);
  wire_put_string(&value, "kind");
  wire_put_string(&value, "verify");
  wire_put_string(&value, "mof_div_code");
  wire_put_string(&value, audit->shard.division);
  wire_put_string(&value, "fiscal_year");
  wire_put_int(&value, audit->shard.year);
  wire_put_string(&value, "epoch");
  wire_put_int(&value, audit->state.epoch);
  wire_put_string(&value, "seq");
  wire_put_int(&value, audit->state.seq);
  wire_put_string(&value, "results");
  wire_put_uint(&value, audit->results);
  wire_put_string(&value, "departments");
  wire_put_uint(&value, audit->department_count);
  wire_put_string(&value, "batches");
  wire_put_uint(&value, audit->batches);
  wire_put_string(&value, "differences");
  wire_put_array(&value, audit->difference_count);
  for (struct audit_difference *one = audit->differences; one; one = one->next)
    wire_put_string(&value, one->text);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

static void print(struct ctl *ctl, const struct audit *audit) {
  if (ctl->json) {
    print_json(ctl, audit);
    return;
  }
  bool fine = audit->difference_count == 0;
  output_tone(stdout, fine ? TONE_GOOD : TONE_BAD, "%s ", fine ? "✓" : "✗");
  printf(_("%s %d: seq %lld, %zu results, %zu departments, %zu log entries: "),
         audit->shard.division, audit->shard.year, (long long)audit->state.seq,
         audit->results, audit->department_count, audit->batches);
  if (fine)
    puts(_("no difference"));
  else
    printf(P_("%zu difference\n", "%zu differences\n", audit->difference_count),
           audit->difference_count);
  for (struct audit_difference *one = audit->differences; one; one = one->next)
    printf("    %s\n", one->text);
}

static enum evald_status verify_one(struct verification *verification,
                                    const struct store_shard_key *shard,
                                    struct evald_fault *fault) {
  struct audit audit;
  enum evald_status status = audit_run(verification->ctl, shard, &audit, fault);
  if (status != EVALD_OK) return status;
  verification->shards++;
  verification->differing += audit.difference_count > 0;
  print(verification->ctl, &audit);
  return EVALD_OK;
}

struct shard_item {
  struct shard_item *next;
  struct store_shard_key shard;
};

struct shard_list {
  struct ctl *ctl;
  struct shard_item *first, **end;
};

static enum evald_status collect(void *context,
                                 const struct store_shard_key *shard) {
  struct shard_list *list = context;
  struct shard_item *item = evald_arena_take(list->ctl->arena, sizeof *item);
  if (!item) return EVALD_MEMORY;
  item->shard = *shard;
  *list->end = item;
  list->end = &item->next;
  return EVALD_OK;
}

static enum evald_status verify_all(struct verification *verification,
                                    struct evald_fault *fault) {
  struct shard_list list = {.ctl = verification->ctl};
  list.end = &list.first;
  enum evald_status status =
      store_shards(verification->ctl->store, collect, &list, fault);
  for (struct shard_item *item = list.first; item && status == EVALD_OK;
       item = item->next)
    status = verify_one(verification, &item->shard, fault);
  return status;
}

int cmd_verify(struct ctl *ctl) {
  struct verification verification = {.ctl = ctl};
  struct store_shard_key shard;
  struct evald_fault fault = {0};
  if (ctl->argument_count == 1)
    return ctl_usage(ctl, "%s", _("a division goes with its year"));
  if (ctl->argument_count == 2 && !ctl_shard(ctl, &shard)) return CTL_USAGE;
  enum evald_status status = ctl_store(ctl, &fault);
  if (status == EVALD_OK)
    status = ctl->argument_count == 2
                 ? verify_one(&verification, &shard, &fault)
                 : verify_all(&verification, &fault);
  if (status == EVALD_NOT_FOUND) evald_fault_clear(&fault);
  if (status == EVALD_NOT_FOUND)
    evald_fault_set(&fault, status, NULL, _("nothing is stored for %s, %d"),
                    shard.division, shard.year);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  if (verification.shards == 0 && !ctl->json) puts(_("nothing is stored yet"));
  return verification.differing > 0 ? CTL_REJECTED : CTL_FINE;
}
