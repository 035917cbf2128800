/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/repair.h"
#include <stdlib.h>
#include <string.h>

struct verification {
  struct ctl *ctl;
  size_t shards, differing;
};

/* What is told of a division and year; the last two with --repair, where
 * there was something to mend. */
struct outcome {
  struct audit audit;
  struct repair repair;
  struct audit after;
  bool tried;
};

static void put_list(struct wire_buffer *value, const char *key,
                     const struct audit_list *list) {
  size_t count = 0;
  for (struct audit_difference *one = list->first; one; one = one->next)
    count++;
  wire_put_string(value, key);
  wire_put_array(value, count);
  for (struct audit_difference *one = list->first; one; one = one->next)
    wire_put_string(value, one->text);
}

static void print_json(struct ctl *ctl, const struct outcome *outcome) {
  const struct audit *audit = &outcome->audit;
  const struct {
    const char *name;
    uint64_t value;
  } counts[] = {{"fiscal_year", (uint64_t)audit->shard.year},
                {"epoch", (uint64_t)audit->state.epoch},
                {"seq", (uint64_t)audit->state.seq},
                {"results", audit->results},
                {"unreadable", audit->unreadable},
                {"departments", audit->department_count},
                {"batches", audit->batches},
                {"log_begins", audit->log_first}};
  enum { COUNTS = sizeof counts / sizeof *counts };
  struct wire_buffer value = {0};
  wire_put_map(&value, COUNTS + (outcome->tried ? 6 : 3));
  wire_put_string(&value, "kind");
  wire_put_string(&value, "verify");
  wire_put_string(&value, "mof_div_code");
  wire_put_string(&value, audit->shard.division);
  for (size_t i = 0; i < COUNTS; i++) {
    wire_put_string(&value, counts[i].name);
    wire_put_uint(&value, counts[i].value);
  }
  put_list(&value, "differences", &audit->differences);
  if (outcome->tried) {
    put_list(&value, "repaired", &outcome->repair.set);
    wire_put_string(&value, "refused");
    wire_put_string(&value, outcome->repair.refused);
    put_list(&value, "left", &outcome->after.differences);
  }
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

static void print_list(const struct audit_list *list) {
  size_t shown = 0;
  for (struct audit_difference *one = list->first; one; one = one->next) {
    printf("    %s\n", one->text);
    shown++;
  }
  if (list->count > shown) printf(_("    and %zu more\n"), list->count - shown);
}

/* Of keys of another type nothing was read: there is nothing to count. */
static void print_counts(const struct audit *audit) {
  if (audit->flaws)
    printf(_("%s %d: nothing was added up: "), audit->shard.division,
           audit->shard.year);
  else
    printf(
        _("%s %d: seq %lld, %zu results, %zu departments, %zu log entries: "),
        audit->shard.division, audit->shard.year, (long long)audit->state.seq,
        audit->results, audit->department_count, audit->batches);
}

static void print_audit(const struct audit *audit) {
  bool fine = audit->differences.count == 0;
  output_tone(stdout, fine ? TONE_GOOD : TONE_BAD, "%s ", fine ? "✓" : "✗");
  print_counts(audit);
  if (fine)
    puts(_("no difference"));
  else
    printf(
        P_("%zu difference\n", "%zu differences\n", audit->differences.count),
        audit->differences.count);
  if (audit->log_first > 1)
    printf(_("    the log begins at seq %llu: what was before is cut off\n"),
           (unsigned long long)audit->log_first);
  print_list(&audit->differences);
}

/* What mends it, for whoever only looked. */
static void print_remedy(const struct audit *audit) {
  char key[STORE_KEY_TEXT];
  const char *division = audit->shard.division;
  int year = audit->shard.year;
  store_key_print(STORE_KEY_RESULTS, &audit->shard, key);
  if (audit_results_hidden(audit))
    printf(_("  everything is made from the results, so --repair leaves them "
             "to you: bring %s back from a backup, or, if it is another "
             "program's, redis-cli RENAME %s %s:aside; then evalctl verify %s "
             "%d --repair\n"),
           key, key, key, division, year);
  else if (audit->unreadable > 0)
    printf(_("  bring back what cannot be read (a backup, the evald that wrote "
             "it), then evalctl verify %s %d --repair; it says how to go on "
             "without\n"),
           division, year);
  else if (audit->differences.mendable > 0)
    printf(
        _("  evalctl verify %s %d --repair sets it right from the results\n"),
        division, year);
}

static void print_refusal(const char *refused) {
  output_tone(stdout, TONE_BAD, "  ✗ ");
  puts(refused);
}

static void print_repair(const struct outcome *outcome) {
  if (outcome->repair.set.count > 0) puts(_("  repaired:"));
  print_list(&outcome->repair.set);
  if (outcome->after.differences.count == 0) {
    output_tone(stdout, TONE_GOOD, "  ✓ ");
    puts(_("no difference any more"));
    return;
  }
  output_tone(stdout, TONE_BAD, "  ✗ ");
  puts(_("left, to be looked at by hand:"));
  print_list(&outcome->after.differences);
}

static void print(struct ctl *ctl, const struct outcome *outcome) {
  if (ctl->json) {
    print_json(ctl, outcome);
    return;
  }
  print_audit(&outcome->audit);
  if (outcome->repair.refused)
    print_refusal(outcome->repair.refused);
  else if (outcome->tried)
    print_repair(outcome);
  if (!ctl->options.repair || audit_results_hidden(&outcome->after))
    print_remedy(outcome->tried ? &outcome->after : &outcome->audit);
  fflush(stdout);
}

/* Nothing stored any more is nothing that differs. */
static enum evald_status mend(struct ctl *ctl, struct outcome *outcome,
                              struct evald_fault *fault) {
  outcome->tried = true;
  enum evald_status status =
      repair_run(ctl, &outcome->audit, &outcome->repair, fault);
  if (status == EVALD_OK)
    status = audit_run(ctl, &outcome->audit.shard, &outcome->after, fault);
  if (status != EVALD_NOT_FOUND) return status;
  evald_fault_clear(fault);
  return EVALD_OK;
}

static enum evald_status verify_one(struct verification *verification,
                                    const struct store_shard_key *shard,
                                    struct evald_fault *fault) {
  struct ctl *ctl = verification->ctl;
  struct outcome *outcome = evald_arena_take(ctl->arena, sizeof *outcome);
  if (!outcome) return EVALD_MEMORY;
  enum evald_status status = audit_run(ctl, shard, &outcome->audit, fault);
  bool differs = outcome->audit.differences.count > 0;
  if (status == EVALD_OK && differs && ctl->options.repair) {
    status = mend(ctl, outcome, fault);
    differs = outcome->after.differences.count > 0;
  }
  if (status != EVALD_OK) return status;
  verification->shards++;
  verification->differing += differs;
  print(ctl, outcome);
  return EVALD_OK;
}

/* ---- all of them: those of the set, and those that it lacks ---- */

struct shard_list {
  struct store_shard_key *items;
  size_t count, room;
};

static enum evald_status collect(void *context,
                                 const struct store_shard_key *shard) {
  struct shard_list *list = context;
  if (list->count == list->room) {
    size_t room = list->room > 0 ? list->room * 2 : 64;
    void *bigger = realloc(list->items, room * sizeof *list->items);
    if (!bigger) return EVALD_MEMORY;
    list->items = bigger;
    list->room = room;
  }
  list->items[list->count++] = *shard;
  return EVALD_OK;
}

static int compare_shards(const void *a, const void *b) {
  const struct store_shard_key *left = a, *right = b;
  int order = memcmp(left->division, right->division, sizeof left->division);
  return order ? order : left->year - right->year;
}

static enum evald_status verify_each(struct verification *verification,
                                     const struct shard_list *list,
                                     struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (size_t i = 0; i < list->count && status == EVALD_OK; i++) {
    const struct store_shard_key *one = &list->items[i];
    if (i > 0 && store_shard_equal(one, one - 1)) continue;
    status = verify_one(verification, one, fault);
    if (status != EVALD_NOT_FOUND) continue;
    evald_fault_clear(fault); /* its last key went meanwhile */
    status = EVALD_OK;
  }
  return status;
}

static enum evald_status verify_all(struct verification *verification,
                                    struct evald_fault *fault) {
  struct shard_list list = {0};
  struct store *store = verification->ctl->store;
  enum evald_status status = store_shards(store, collect, &list, fault);
  if (status == EVALD_OK)
    status = store_search_shards(store, collect, &list, fault);
  if (list.count > 0)
    qsort(list.items, list.count, sizeof *list.items, compare_shards);
  if (status == EVALD_OK) status = verify_each(verification, &list, fault);
  free(list.items);
  return status;
}

int cmd_verify(struct ctl *ctl) {
  struct verification verification = {.ctl = ctl};
  struct store_shard_key shard;
  struct evald_fault fault = {0};
  if (ctl->argument_count == 1)
    return ctl_usage(ctl, "%s", _("a division goes with its year"));
  if (ctl->argument_count == 2 && !ctl_shard(ctl, &shard)) return CTL_USAGE;
  if (ctl->options.without_unreadable && !ctl->options.repair)
    return ctl_usage(ctl, "%s", _("--without-unreadable goes with --repair"));
  enum evald_status status = ctl_store(ctl, &fault);
  if (status == EVALD_OK)
    status = ctl->argument_count == 2
                 ? verify_one(&verification, &shard, &fault)
                 : verify_all(&verification, &fault);
  if (status == EVALD_NOT_FOUND) status = ctl_nothing(&shard, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  if (verification.shards == 0 && !ctl->json) puts(_("nothing is stored yet"));
  return verification.differing > 0 ? CTL_REJECTED : CTL_FINE;
}
