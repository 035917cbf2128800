/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/migration.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "ctl/label.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct standing standing_of(evald_decimal total, uint8_t rank,
                            struct evald_text grade) {
  struct standing standing = {.total = total, .rank = rank};
  fault_copy(standing.grade, sizeof standing.grade, grade);
  return standing;
}

/* ---- counting ---- */

/* Names past the room share the last place. */
static unsigned grade_at(struct migration *migration,
                         const struct standing *standing) {
  for (unsigned i = 0; i < migration->grade_count; i++)
    if (strcmp(migration->grades[i].grade, standing->grade) == 0) return i;
  if (migration->grade_count == MIGRATION_GRADES) return MIGRATION_GRADES - 1;
  migration->grades[migration->grade_count] = *standing;
  return migration->grade_count++;
}

static int64_t distance(const struct mover *mover) {
  return llabs(mover->after.total - mover->before.total);
}

/* Whether `a` stands before `b`; never equal for two projects, so that the
 * list does not depend on the order in which forms come. */
static bool precedes(const struct mover *a, const struct mover *b) {
  if (distance(a) != distance(b)) return distance(a) > distance(b);
  int order = strcmp(a->shard.division, b->shard.division);
  if (order == 0) order = a->shard.year - b->shard.year;
  if (order == 0) order = strcmp(a->code, b->code);
  return order < 0;
}

static void note_mover(struct migration *migration, const struct mover *mover) {
  struct mover *list = migration->movers;
  unsigned count = migration->mover_count;
  if (count == MIGRATION_MOVERS && !precedes(mover, &list[count - 1])) return;
  if (count < MIGRATION_MOVERS) migration->mover_count = ++count;
  unsigned at = count - 1;
  for (; at > 0 && precedes(mover, &list[at - 1]); at--)
    list[at] = list[at - 1];
  list[at] = *mover;
}

void migration_note(struct migration *migration, const struct mover *mover) {
  unsigned from = grade_at(migration, &mover->before);
  unsigned to = grade_at(migration, &mover->after);
  migration->forms++;
  migration->moves[from][to]++;
  migration->regraded += from != to;
  if (mover->before.total == mover->after.total) return;
  migration->moved++;
  note_mover(migration, mover);
}

/* ---- telling ---- */

/* The places of the grades, the best first. */
static void order_grades(const struct migration *migration,
                         unsigned out[MIGRATION_GRADES]) {
  for (unsigned i = 0; i < migration->grade_count; i++) {
    unsigned at = i;
    for (; at > 0 &&
           migration->grades[out[at - 1]].rank > migration->grades[i].rank;
         at--)
      out[at] = out[at - 1];
    out[at] = i;
  }
}

static void put_moves(const struct migration *migration,
                      struct wire_buffer *out) {
  unsigned order[MIGRATION_GRADES] = {0}, count = migration->grade_count;
  size_t cells = 0;
  order_grades(migration, order);
  for (unsigned i = 0; i < count * count; i++)
    cells += migration->moves[i / count][i % count] > 0;
  wire_put_array(out, cells);
  for (unsigned i = 0; i < count * count; i++) {
    unsigned from = order[i / count], to = order[i % count];
    if (migration->moves[from][to] == 0) continue;
    wire_put_map(out, 3);
    wire_put_string(out, "from");
    wire_put_string(out, migration->grades[from].grade);
    wire_put_string(out, "to");
    wire_put_string(out, migration->grades[to].grade);
    wire_put_string(out, "forms");
    wire_put_uint(out, migration->moves[from][to]);
  }
}

static void put_counters(const struct contribution *sum,
                         struct wire_buffer *out) {
  wire_put_map(out, CORE_COUNTER_COUNT);
  for (int i = 0; i < CORE_COUNTER_COUNT; i++) {
    wire_put_string(out, core_counter_name((enum core_counter)i));
    wire_put_int(out, sum->counter[i]);
  }
}

void migration_put(const struct migration_report *report,
                   struct wire_buffer *out) {
  wire_put_string(out, "forms");
  wire_put_uint(out, report->migration->forms);
  wire_put_string(out, "moved");
  wire_put_uint(out, report->migration->moved);
  wire_put_string(out, "regraded");
  wire_put_uint(out, report->migration->regraded);
  wire_put_string(out, "migration");
  put_moves(report->migration, out);
  wire_put_string(out, "before");
  put_counters(report->before, out);
  wire_put_string(out, "after");
  put_counters(report->after, out);
}

static uint64_t row_sum(const struct migration *migration, unsigned from) {
  uint64_t sum = 0;
  for (unsigned to = 0; to < migration->grade_count; to++)
    sum += migration->moves[from][to];
  return sum;
}

static void count_cell(struct ctl *ctl, struct table *table, enum tone tone,
                       uint64_t count) {
  const char *text = output_format(ctl->arena, "%" PRIu64, count);
  table_cell(table, count ? tone : TONE_FAINT, count ? text : "-");
}

static enum tone tone_of(const struct migration *migration, unsigned from,
                         unsigned to) {
  uint8_t before = migration->grades[from].rank;
  uint8_t after = migration->grades[to].rank;
  if (before == after) return TONE_PLAIN;
  return after > before ? TONE_BAD : TONE_GOOD;
}

static void print_moves(struct ctl *ctl, const struct migration *migration) {
  struct table_column columns[TABLE_COLUMNS_MAX] = {
      {_("grade: from \\ to"), false, false}};
  unsigned order[MIGRATION_GRADES] = {0}, count = migration->grade_count;
  if (count > TABLE_COLUMNS_MAX - 2) count = TABLE_COLUMNS_MAX - 2;
  order_grades(migration, order);
  for (unsigned i = 0; i < count; i++)
    columns[i + 1] =
        (struct table_column){migration->grades[order[i]].grade, true, false};
  columns[count + 1] = (struct table_column){_("forms"), true, false};
  struct table *table = table_new(ctl->arena, columns, count + 2);
  for (unsigned i = 0; i < count; i++) {
    if (row_sum(migration, order[i]) == 0) continue;
    table_cell(table, TONE_STRONG, migration->grades[order[i]].grade);
    for (unsigned k = 0; k < count; k++)
      count_cell(ctl, table, tone_of(migration, order[i], order[k]),
                 migration->moves[order[i]][order[k]]);
    count_cell(ctl, table, TONE_PLAIN, row_sum(migration, order[i]));
  }
  table_print(table, stdout);
}

/* ---- aggregates ---- */

static const char *mean(struct evald_arena *arena, const int64_t *counter) {
  const struct evald_rounding rounding = {EVALD_ROUND_HALF_UP, 4};
  evald_decimal out;
  if (counter[CORE_COUNTER_FORMS] == 0 ||
      evald_decimal_ratio(counter[CORE_COUNTER_TOTAL], 1,
                          counter[CORE_COUNTER_FORMS], rounding,
                          &out) != EVALD_OK)
    return "-";
  return label_decimal(arena, out);
}

static const char *integer(struct evald_arena *arena, int64_t value) {
  return output_format(arena, "%" PRId64, value);
}

static void counter_row(struct ctl *ctl, struct table *table, const char *label,
                        const struct migration_report *report,
                        enum core_counter counter) {
  int64_t before = report->before->counter[counter];
  int64_t after = report->after->counter[counter];
  const char *change = output_format(ctl->arena, "%+" PRId64, after - before);
  table_cell(table, TONE_PLAIN, label);
  table_cell(table, TONE_PLAIN, integer(ctl->arena, before));
  table_cell(table, TONE_PLAIN, integer(ctl->arena, after));
  table_cell(table, before == after ? TONE_FAINT : TONE_PLAIN,
             before == after ? "-" : change);
}

static void print_sums(struct ctl *ctl, const struct migration_report *report) {
  static const struct {
    const char *label;
    enum core_counter counter;
  } rows[] = {
      {N_("forms"), CORE_COUNTER_FORMS},
      {N_("excellent"), CORE_COUNTER_EXCELLENT},
      {N_("good"), CORE_COUNTER_GOOD},
      {N_("fair"), CORE_COUNTER_FAIR},
      {N_("poor"), CORE_COUNTER_POOR},
      {N_("errors"), CORE_COUNTER_ERRORS},
      {N_("warnings"), CORE_COUNTER_WARNINGS},
      {N_("remarks"), CORE_COUNTER_INFOS},
      {N_("declared total differs"), CORE_COUNTER_TOTAL_DIFFERS},
      {N_("declared grade differs"), CORE_COUNTER_GRADE_DIFFERS},
  };
  const struct table_column columns[] = {{_("aggregate"), false, false},
                                         {_("before"), true, false},
                                         {_("after"), true, false},
                                         {_("change"), true, false}};
  struct table *table = table_new(ctl->arena, columns, 4);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    counter_row(ctl, table, _(rows[i].label), report, rows[i].counter);
  table_cell(table, TONE_STRONG, _("mean total score"));
  table_cell(table, TONE_STRONG, mean(ctl->arena, report->before->counter));
  table_cell(table, TONE_STRONG, mean(ctl->arena, report->after->counter));
  table_cell(table, TONE_PLAIN, "");
  table_print(table, stdout);
}

void migration_print(struct ctl *ctl, const struct migration_report *report) {
  const struct migration *migration = report->migration;
  if (migration->forms > 0) print_moves(ctl, migration);
  printf(_("%llu forms scored: %llu with another total, %llu with another "
           "grade\n\n"),
         (unsigned long long)migration->forms,
         (unsigned long long)migration->moved,
         (unsigned long long)migration->regraded);
  print_sums(ctl, report);
}
