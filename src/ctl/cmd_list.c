/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/label.h"
#include "wire/form_codec.h"
#include "wire/number.h"
#include "wire/verdict_codec.h"
#include <stdlib.h>
#include <string.h>

struct entry {
  struct entry *next;
  const char *project, *name, *department, *grade;
  struct evald_execution execution;
  evald_decimal total;
  int64_t revision, errors, warnings, infos;
  /* As the form declares them; absent where it is not kept. */
  struct evald_figure declared_rate, declared_score, declared_total;
  const char *declared_grade;
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
    fprintf(stderr, _("evalctl list: the result of %s cannot be read\n"),
            output_text(arena, field));
    return EVALD_OK;
  }
  if (stored.head.state == WIRE_STORED_WITHDRAWN) return EVALD_OK;
  const int64_t *counter = stored.head.contribution.counter;
  struct entry *entry = evald_arena_take(arena, sizeof *entry);
  if (!entry) return EVALD_MEMORY;
  *entry = (struct entry){
      .next = listing->first,
      .project = output_copy(arena, field),
      .name = output_copy(arena, stored.head.pro_name),
      .department = output_copy(arena, stored.head.dept_name),
      .grade = output_copy(arena, stored.grade_name),
      .execution = stored.execution,
      .total = stored.total,
      .revision = stored.head.revision,
      .errors = counter[CORE_COUNTER_ERRORS],
      .warnings = counter[CORE_COUNTER_WARNINGS],
      .infos = counter[CORE_COUNTER_INFOS],
      .declared_total = stored.declared_total,
      .declared_grade = output_copy(arena, stored.declared_grade)};
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

/* What the form declared of its execution, of the entries that are shown. */
static enum evald_status read_declared(struct ctl *ctl,
                                       const struct store_shard_key *shard,
                                       struct entry *entry,
                                       struct evald_fault *fault) {
  struct evald_text text;
  struct evald_form form;
  enum evald_status status =
      store_get(ctl->store, STORE_KEY_FORMS, shard,
                evald_text_of(entry->project), &text, fault);
  if (status == EVALD_NOT_FOUND) return EVALD_OK;
  if (status != EVALD_OK) return status;
  struct wire_bytes bytes = {(const uint8_t *)text.data, text.size};
  evald_arena_reset(ctl->job);
  if (wire_form_decode(bytes, ctl->job, &form) != EVALD_OK) return EVALD_OK;
  entry->declared_rate = form.funds[EVALD_FUND_TOTAL].rate;
  entry->declared_score = form.funds[EVALD_FUND_TOTAL].score;
  return EVALD_OK;
}

static bool same(struct evald_figure declared, evald_decimal computed) {
  return declared.present && declared.value == computed;
}

static bool as_declared(const struct entry *entry) {
  const struct evald_execution *execution = &entry->execution;
  return same(entry->declared_total, entry->total) &&
         strcmp(entry->declared_grade, entry->grade) == 0 &&
         (!execution->has_rate ||
          same(entry->declared_rate, execution->rate)) &&
         (!execution->has_score ||
          same(entry->declared_score, execution->score));
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

static void put_figure(struct wire_buffer *value, const char *key, bool present,
                       evald_decimal number) {
  wire_put_string(value, key);
  wire_put_decimal_if(value, present, number);
}

static void put_declared(struct wire_buffer *value, const struct entry *entry) {
  wire_put_string(value, "declared");
  wire_put_map(value, 4);
  put_figure(value, "rate", entry->declared_rate.present,
             entry->declared_rate.value);
  put_figure(value, "score", entry->declared_score.present,
             entry->declared_score.value);
  put_figure(value, "total", entry->declared_total.present,
             entry->declared_total.value);
  put(value, "grade", entry->declared_grade);
  wire_put_string(value, "as_declared");
  wire_put_bool(value, as_declared(entry));
}

static void print_json(struct ctl *ctl, const struct entry *entry) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 13);
  put(&value, "pro_code", entry->project);
  put(&value, "pro_name", entry->name);
  put(&value, "dept_name", entry->department);
  put_number(&value, "revision", entry->revision);
  put_figure(&value, "rate", entry->execution.has_rate, entry->execution.rate);
  put_figure(&value, "score", entry->execution.has_score,
             entry->execution.score);
  put_figure(&value, "total", true, entry->total);
  put(&value, "grade", entry->grade);
  put_number(&value, "errors", entry->errors);
  put_number(&value, "warnings", entry->warnings);
  put_number(&value, "infos", entry->infos);
  put_declared(&value, entry);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

static void count_cell(struct ctl *ctl, struct table *table, enum tone tone,
                       int64_t count) {
  table_cell(table, count ? tone : TONE_FAINT,
             output_format(ctl->arena, "%lld", (long long)count));
}

/* The figure of the rules, and the declared one where it is another. */
static void figure_cell(struct ctl *ctl, struct table *table, bool present,
                        evald_decimal computed, struct evald_figure declared) {
  const char *text = present ? label_decimal(ctl->arena, computed) : "-";
  if (!declared.present || !present)
    table_cell(table, TONE_PLAIN, output_format(ctl->arena, "%s  ", text));
  else if (declared.value == computed)
    table_cell(table, TONE_PLAIN, output_format(ctl->arena, "%s ✓", text));
  else
    table_cell(table, TONE_BAD,
               output_format(ctl->arena, "%s ✗ %s", text,
                             label_decimal(ctl->arena, declared.value)));
}

static void grade_cell(struct ctl *ctl, struct table *table,
                       const struct entry *entry) {
  const char *declared = entry->declared_grade;
  if (!declared[0])
    table_cell(table, TONE_PLAIN, entry->grade);
  else if (strcmp(declared, entry->grade) == 0)
    table_cell(table, TONE_PLAIN,
               output_format(ctl->arena, "%s ✓", entry->grade));
  else
    table_cell(table, TONE_BAD,
               output_format(ctl->arena, "%s ✗ %s", entry->grade, declared));
}

static void row(struct ctl *ctl, struct table *table,
                const struct entry *entry) {
  const struct evald_execution *execution = &entry->execution;
  table_cell(table, TONE_PLAIN, entry->name);
  figure_cell(ctl, table, execution->has_rate, execution->rate,
              entry->declared_rate);
  figure_cell(ctl, table, execution->has_score, execution->score,
              entry->declared_score);
  figure_cell(ctl, table, true, entry->total, entry->declared_total);
  grade_cell(ctl, table, entry);
  count_cell(ctl, table, TONE_BAD, entry->errors);
  count_cell(ctl, table, TONE_WARN, entry->warnings);
  count_cell(ctl, table, TONE_INFO, entry->infos);
  table_cell(table, TONE_FAINT, entry->project);
}

static void print_table(struct ctl *ctl, struct entry *const *entries,
                        size_t count) {
  const struct table_column columns[] = {
      {_("project"), false, true},   {_("rate (%)"), true, false},
      {_("execution"), true, false}, {_("total"), true, false},
      {_("grade"), false, false},    {_("err."), true, false},
      {_("warn."), true, false},     {_("rem."), true, false},
      {_("code"), false, false},
  };
  struct table *table =
      table_new(ctl->arena, columns, sizeof columns / sizeof columns[0]);
  for (size_t i = 0; i < count; i++)
    row(ctl, table, entries[i]);
  table_print(table, stdout);
}

static void print_all(struct ctl *ctl, struct entry *const *entries,
                      size_t count) {
  for (size_t i = 0; ctl->json && i < count; i++)
    print_json(ctl, entries[i]);
  if (!ctl->json && count > 0) print_table(ctl, entries, count);
}

/* A division and year without a form may have had some; one that nothing is
 * stored of is most likely misspelt. */
static enum evald_status find_shard(struct ctl *ctl,
                                    const struct store_shard_key *shard,
                                    struct evald_fault *fault) {
  struct store_shard_state state;
  enum evald_status status =
      store_get_aggregate(ctl->store, shard, &state, NULL, fault);
  return status == EVALD_NOT_FOUND ? ctl_nothing(shard, fault) : status;
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
  if (status == EVALD_OK && !listing.first)
    status = find_shard(ctl, &shard, &fault);
  struct entry **entries = sorted(&listing);
  size_t count = entries ? listing.count : 0;
  if (count > (size_t)most) count = (size_t)most;
  for (size_t i = 0; i < count && status == EVALD_OK; i++)
    status = read_declared(ctl, &shard, entries[i], &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  print_all(ctl, entries, count);
  if (!ctl->json)
    printf(_("%zu of %zu forms of %s, %d; ✓ as declared, ✗ declared "
             "otherwise\n"),
           count, listing.count, shard.division, shard.year);
  return CTL_FINE;
}
