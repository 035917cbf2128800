/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/label.h"
#include "wire/number.h"
#include "wire/verdict_codec.h"
#include <stdlib.h>
#include <string.h>

struct entry {
  struct entry *next;
  const char *project, *name, *department, *grade, *declared;
  evald_decimal total;
  int64_t revision, errors, warnings, infos;
};

struct listing {
  struct ctl *ctl;
  struct entry *first;
  size_t count;
};

static enum evald_status each(void *context, struct evald_text field,
                              struct evald_text value) {
  struct listing *listing = context;
  struct evald_arena *arena = listing->ctl->arena;
  struct wire_stored stored;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  evald_arena_reset(listing->ctl->job);
  if (wire_stored_decode(bytes, listing->ctl->job, &stored) != EVALD_OK) {
    fprintf(stderr, _("evalctl list: the result of %.*s cannot be read\n"),
            (int)field.size, field.data);
    return EVALD_OK;
  }
  if (stored.head.state == WIRE_STORED_WITHDRAWN) return EVALD_OK;
  const int64_t *counter = stored.head.contribution.counter;
  struct entry *entry = evald_arena_take(arena, sizeof *entry);
  if (!entry) return EVALD_MEMORY;
  *entry = (struct entry){listing->first,
                          output_copy(arena, field),
                          output_copy(arena, stored.head.pro_name),
                          output_copy(arena, stored.head.dept_name),
                          output_copy(arena, stored.grade_name),
                          label_figure(arena, stored.declared_total),
                          stored.total,
                          stored.head.revision,
                          counter[CORE_COUNTER_ERRORS],
                          counter[CORE_COUNTER_WARNINGS],
                          counter[CORE_COUNTER_INFOS]};
  listing->first = entry;
  listing->count++;
  return EVALD_OK;
}

/* The worst first: the least points, then the most errors and warnings. */
static int worse(const void *left, const void *right) {
  const struct entry *a = *(const struct entry *const *)left;
  const struct entry *b = *(const struct entry *const *)right;
  if (a->total != b->total) return a->total < b->total ? -1 : 1;
  if (a->errors != b->errors) return a->errors > b->errors ? -1 : 1;
  if (a->warnings != b->warnings) return a->warnings > b->warnings ? -1 : 1;
  return strcmp(a->project, b->project);
}

/* In order, each project once (a scan may bring one twice). */
static struct entry **sorted(struct listing *listing) {
  struct entry **entries = evald_arena_take(
      listing->ctl->arena, (listing->count + 1) * sizeof(struct entry *));
  size_t count = 0;
  if (!entries) return NULL;
  for (struct entry *entry = listing->first; entry; entry = entry->next)
    entries[count++] = entry;
  qsort(entries, count, sizeof *entries, worse);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (kept == 0 || strcmp(entries[kept - 1]->project, entries[i]->project))
      entries[kept++] = entries[i];
  listing->count = kept;
  return entries;
}

static void put(struct wire_buffer *value, const char *key, const char *text) {
  wire_put_string(value, key);
  wire_put_string(value, text);
}

static void put_number(struct wire_buffer *value, const char *key,
                       int64_t number) {
  wire_put_string(value, key);
  wire_put_int(value, number);
}

static void print_json(struct ctl *ctl, const struct entry *entry) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 9);
  put(&value, "pro_code", entry->project);
  put(&value, "pro_name", entry->name);
  put(&value, "dept_name", entry->department);
  put_number(&value, "revision", entry->revision);
  wire_put_string(&value, "total");
  wire_put_decimal(&value, entry->total);
  put(&value, "grade", entry->grade);
  put_number(&value, "errors", entry->errors);
  put_number(&value, "warnings", entry->warnings);
  put_number(&value, "infos", entry->infos);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

static void count_cell(struct ctl *ctl, struct table *table, enum tone tone,
                       int64_t count) {
  table_cell(table, count ? tone : TONE_FAINT,
             output_format(ctl->arena, "%lld", (long long)count));
}

static void row(struct ctl *ctl, struct table *table,
                const struct entry *entry) {
  table_cell(table, TONE_STRONG, label_decimal(ctl->arena, entry->total));
  table_cell(table, TONE_PLAIN, entry->grade);
  table_cell(table, TONE_PLAIN, entry->declared);
  count_cell(ctl, table, TONE_BAD, entry->errors);
  count_cell(ctl, table, TONE_WARN, entry->warnings);
  count_cell(ctl, table, TONE_INFO, entry->infos);
  table_cell(table, TONE_PLAIN, entry->project);
  table_cell(table, TONE_PLAIN, entry->name);
}

static void print_table(struct ctl *ctl, struct entry *const *entries,
                        size_t count) {
  const struct table_column columns[] = {
      {_("total"), true, false},    {_("grade"), false, false},
      {_("declared"), true, false}, {_("errors"), true, false},
      {_("warnings"), true, false}, {_("remarks"), true, false},
      {_("code"), false, false},    {_("project"), false, true},
  };
  struct table *table =
      table_new(ctl->arena, columns, sizeof columns / sizeof columns[0]);
  for (size_t i = 0; i < count; i++)
    row(ctl, table, entries[i]);
  table_print(table, stdout);
}

int cmd_list(struct ctl *ctl) {
  struct store_shard_key shard;
  struct listing listing = {.ctl = ctl};
  struct evald_fault fault = {0};
  int64_t most = INT64_MAX;
  if (!ctl_shard(ctl, &shard) ||
      !option_number("worst", ctl->options.worst, 1, INT32_MAX, &most))
    return CTL_USAGE;
  enum evald_status status = ctl_store(ctl, &fault);
  if (status == EVALD_OK)
    status = store_scan(ctl->store, STORE_KEY_RESULTS, &shard, each, &listing,
                        &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  struct entry **entries = sorted(&listing);
  size_t count = entries ? listing.count : 0;
  if (count > (size_t)most) count = (size_t)most;
  for (size_t i = 0; ctl->json && i < count; i++)
    print_json(ctl, entries[i]);
  if (!ctl->json && count > 0) print_table(ctl, entries, count);
  if (!ctl->json)
    printf(_("%zu of %zu forms of %s, %d\n"), count, listing.count,
           shard.division, shard.year);
  return CTL_FINE;
}
