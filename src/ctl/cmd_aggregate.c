/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/label.h"
#include "wire/verdict_codec.h"
#include <inttypes.h>
#include <string.h>

struct department {
  struct department *next;
  const char *key, *name;
  struct contribution sum;
};

struct aggregate {
  struct ctl *ctl;
  struct store_shard_key shard;
  struct store_shard_state state;
  int64_t updated_ms;
  struct contribution sum;
  struct department *departments;
  size_t department_count;
};

static bool known(const struct aggregate *aggregate, struct evald_text key) {
  for (struct department *d = aggregate->departments; d; d = d->next)
    if (evald_text_equal(evald_text_of(d->key), key)) return true;
  return false;
}

static enum evald_status each(void *context, struct evald_text field,
                              struct evald_text value) {
  struct aggregate *aggregate = context;
  struct evald_arena *arena = aggregate->ctl->arena;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  struct evald_text name;
  if (known(aggregate, field)) return EVALD_OK;
  struct department *department = evald_arena_take(arena, sizeof *department);
  if (!department) return EVALD_MEMORY;
  enum evald_status status =
      wire_department_decode(bytes, &name, &department->sum);
  if (status != EVALD_OK) return status;
  department->key = output_copy(arena, field);
  department->name = output_copy(arena, name.size > 0 ? name : field);
  department->next = aggregate->departments;
  aggregate->departments = department;
  aggregate->department_count++;
  return EVALD_OK;
}

static void put_counters(struct wire_buffer *value,
                         const struct contribution *sum) {
  for (int i = 0; i < CORE_COUNTER_COUNT; i++) {
    wire_put_string(value, core_counter_name((enum core_counter)i));
    wire_put_int(value, sum->counter[i]);
  }
}

static void put_department(struct wire_buffer *value,
                           const struct department *department) {
  wire_put_map(value, 2 + CORE_COUNTER_COUNT);
  wire_put_string(value, "key");
  wire_put_string(value, department->key);
  wire_put_string(value, "name");
  wire_put_string(value, department->name);
  put_counters(value, &department->sum);
}

static void put_head(struct wire_buffer *value,
                     const struct aggregate *aggregate) {
  char checksum[17];
  snprintf(checksum, sizeof checksum, "%016" PRIx64,
           core_contribution_checksum(&aggregate->sum));
  wire_put_string(value, "kind");
  wire_put_string(value, "aggregate");
  wire_put_string(value, "mof_div_code");
  wire_put_string(value, aggregate->shard.division);
  wire_put_string(value, "fiscal_year");
  wire_put_int(value, aggregate->shard.year);
  wire_put_string(value, "epoch");
  wire_put_int(value, aggregate->state.epoch);
  wire_put_string(value, "seq");
  wire_put_int(value, aggregate->state.seq);
  wire_put_string(value, "log_begins");
  wire_put_int(value, aggregate->state.log_begins);
  wire_put_string(value, "checksum");
  wire_put_string(value, checksum);
  wire_put_string(value, "updated_ms");
  wire_put_int(value, aggregate->updated_ms);
}

static void print_json(const struct aggregate *aggregate) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 9 + CORE_COUNTER_COUNT);
  put_head(&value, aggregate);
  put_counters(&value, &aggregate->sum);
  wire_put_string(&value, "departments");
  wire_put_array(&value, aggregate->department_count);
  for (struct department *d = aggregate->departments; d; d = d->next)
    put_department(&value, d);
  ctl_json_line(aggregate->ctl, &value);
  wire_buffer_fini(&value);
}

/* a / b with two digits, for people; "-" where b is 0. */
static const char *share(struct evald_arena *arena, int64_t a, int64_t b,
                         int64_t scale) {
  const struct evald_rounding rounding = {EVALD_ROUND_HALF_UP, 2};
  evald_decimal out;
  if (b == 0 || evald_decimal_ratio(a, scale, b, rounding, &out) != EVALD_OK)
    return "-";
  return label_decimal(arena, out);
}

static void line(const char *label, const char *value) {
  size_t width = output_width(evald_text_of(label));
  printf("  %s%*s%s\n", label, (int)(width < 26 ? 26 - width : 1), "", value);
}

static void print_sums(const struct aggregate *aggregate) {
  const int64_t *c = aggregate->sum.counter;
  struct evald_arena *arena = aggregate->ctl->arena;
  line(_("forms"), output_format(arena, "%" PRId64, c[CORE_COUNTER_FORMS]));
  line(_("indicators"),
       output_format(arena, "%" PRId64, c[CORE_COUNTER_INDICATORS]));
  line(_("opening budget (10,000 yuan)"),
       label_decimal(arena, c[CORE_COUNTER_OPENING]));
  line(_("full-year budget"), label_decimal(arena, c[CORE_COUNTER_BUDGET]));
  line(_("executed"), label_decimal(arena, c[CORE_COUNTER_EXECUTED]));
  line(_("executed / budget (%)"),
       share(arena, c[CORE_COUNTER_EXECUTED], c[CORE_COUNTER_BUDGET],
             100 * EVALD_DECIMAL_ONE));
  line(_("mean total score"),
       share(arena, c[CORE_COUNTER_TOTAL], c[CORE_COUNTER_FORMS], 1));
  putchar('\n');
}

enum { BAR = 40 };

static void bar(const char *label, int64_t value, int64_t whole) {
  size_t width = output_width(evald_text_of(label));
  int64_t blocks = whole > 0 ? (value * BAR + whole - 1) / whole : 0;
  printf("  %s%*s%8" PRId64 "%s", label, (int)(width < 18 ? 18 - width : 1), "",
         value, blocks > 0 ? "  " : "");
  for (int64_t i = 0; i < blocks; i++)
    fputs("█", stdout);
  putchar('\n');
}

static void print_grades(const struct aggregate *aggregate) {
  const int64_t *c = aggregate->sum.counter;
  const char *const names[] = {_("excellent"), _("good"), _("fair"), _("poor")};
  output_tone(stdout, TONE_STRONG, "%s\n", _("Grades"));
  for (int i = 0; i < 4; i++)
    bar(names[i], c[CORE_COUNTER_EXCELLENT + i], c[CORE_COUNTER_FORMS]);
  output_tone(stdout, TONE_STRONG, "\n%s\n", _("Total scores"));
  for (int i = 9; i >= 0; i--)
    bar(output_format(aggregate->ctl->arena, i == 9 ? "%d–100" : "%d–%d",
                      i * 10, i * 10 + 10),
        c[CORE_COUNTER_SCORE_0 + i], c[CORE_COUNTER_FORMS]);
  putchar('\n');
}

static void print_findings(const struct aggregate *aggregate) {
  const int64_t *c = aggregate->sum.counter;
  struct evald_arena *arena = aggregate->ctl->arena;
  static const struct {
    const char *label;
    enum core_counter counter;
  } lines[] = {
      {N_("errors"), CORE_COUNTER_ERRORS},
      {N_("warnings"), CORE_COUNTER_WARNINGS},
      {N_("remarks"), CORE_COUNTER_INFOS},
      {N_("forms with an error"), CORE_COUNTER_FORMS_WITH_ERRORS},
      {N_("forms with a warning"), CORE_COUNTER_FORMS_WITH_WARNINGS},
      {N_("declared total differs"), CORE_COUNTER_TOTAL_DIFFERS},
      {N_("declared grade differs"), CORE_COUNTER_GRADE_DIFFERS},
  };
  output_tone(stdout, TONE_STRONG, "%s\n", _("Findings"));
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    line(_(lines[i].label),
         output_format(arena, "%" PRId64, c[lines[i].counter]));
  putchar('\n');
}

static void department_row(struct ctl *ctl, struct table *table,
                           const struct department *department) {
  struct evald_arena *arena = ctl->arena;
  const int64_t *c = department->sum.counter;
  table_cell(table, TONE_PLAIN, department->name);
  table_cell(table, TONE_PLAIN,
             output_format(arena, "%" PRId64, c[CORE_COUNTER_FORMS]));
  table_cell(table, TONE_PLAIN, label_decimal(arena, c[CORE_COUNTER_BUDGET]));
  table_cell(table, TONE_PLAIN, label_decimal(arena, c[CORE_COUNTER_EXECUTED]));
  table_cell(table, TONE_PLAIN,
             share(arena, c[CORE_COUNTER_TOTAL], c[CORE_COUNTER_FORMS], 1));
  table_cell(table, TONE_PLAIN,
             output_format(arena, "%" PRId64, c[CORE_COUNTER_ERRORS]));
  table_cell(table, TONE_PLAIN,
             output_format(arena, "%" PRId64, c[CORE_COUNTER_WARNINGS]));
}

static void print_departments(const struct aggregate *aggregate) {
  const struct table_column columns[] = {
      {_("Department"), false, true}, {_("forms"), true, false},
      {_("budget"), true, false},     {_("executed"), true, false},
      {_("mean score"), true, false}, {_("errors"), true, false},
      {_("warnings"), true, false},
  };
  struct table *table = table_new(aggregate->ctl->arena, columns,
                                  sizeof columns / sizeof columns[0]);
  for (struct department *d = aggregate->departments; d; d = d->next)
    department_row(aggregate->ctl, table, d);
  table_print(table, stdout);
}

static void print(const struct aggregate *aggregate) {
  output_tone(stdout, TONE_STRONG, _("Division %s, fiscal year %d"),
              aggregate->shard.division, aggregate->shard.year);
  output_tone(stdout, TONE_FAINT,
              "  epoch %" PRId64 ", seq %" PRId64 ", %016" PRIx64 "\n\n",
              aggregate->state.epoch, aggregate->state.seq,
              core_contribution_checksum(&aggregate->sum));
  print_sums(aggregate);
  print_grades(aggregate);
  print_findings(aggregate);
  print_departments(aggregate);
}

int cmd_aggregate(struct ctl *ctl) {
  struct aggregate aggregate = {.ctl = ctl};
  struct evald_fault fault = {0};
  if (!ctl_shard(ctl, &aggregate.shard)) return CTL_USAGE;
  enum evald_status status = ctl_store(ctl, &fault);
  if (status == EVALD_OK)
    status = store_get_aggregate(ctl->store, &aggregate.shard, &aggregate.state,
                                 &aggregate.updated_ms, &fault);
  if (status == EVALD_NOT_FOUND) status = ctl_nothing(&aggregate.shard, &fault);
  if (status == EVALD_OK)
    status = store_scan(ctl->store, STORE_KEY_DEPARTMENTS, &aggregate.shard,
                        each, &aggregate, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  memcpy(aggregate.sum.counter, aggregate.state.counter,
         sizeof aggregate.sum.counter);
  if (ctl->json)
    print_json(&aggregate);
  else
    print(&aggregate);
  return CTL_FINE;
}
