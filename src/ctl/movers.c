/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/label.h"
#include "ctl/migration.h"
#include "ctl/stored.h"

/* A mover's form under both rulesets. */
struct comparison {
  struct ctl *ctl;
  const struct mover *mover;
  struct evald_form form;
  struct evald_ruleset *old_rules; /* a reference */
  struct evald_verdict before, after;
};

/* Points of one cell, and what gave them. */
struct points {
  bool counts;
  evald_decimal score;
  enum evald_rule rule;
};

/* A cell whose points are others now. */
struct change {
  struct evald_cell cell;
  struct points before, after;
};

static enum evald_status compare(struct comparison *comparison,
                                 struct evald_fault *fault) {
  struct ctl *ctl = comparison->ctl;
  const struct mover *mover = comparison->mover;
  struct evald_ruleset *rules;
  struct evald_text none = {0};
  enum evald_status status = stored_form(
      ctl, &mover->shard, evald_text_of(mover->code), &comparison->form, fault);
  if (status == EVALD_OK)
    status =
        stored_ruleset(ctl, &mover->ruleset, &comparison->old_rules, fault);
  if (status == EVALD_OK)
    status = evald_evaluate(&comparison->form, comparison->old_rules, ctl->job,
                            &comparison->before, fault);
  if (status == EVALD_OK)
    status = ctl_choose(ctl, none, &comparison->form, &rules, fault);
  if (status == EVALD_OK)
    status = evald_evaluate(&comparison->form, rules, ctl->job,
                            &comparison->after, fault);
  return status;
}

/* ---- the difference of two traces ---- */

/* The step that gave the execution its points. */
static struct points execution_points(const struct evald_verdict *verdict) {
  struct points points = {verdict->execution.has_score,
                          verdict->execution.score,
                          EVALD_RULE_EXECUTION_WEIGHT};
  for (size_t i = 0; i < verdict->trace_count; i++) {
    const struct evald_trace_step *step = &verdict->trace[i];
    if (step->scores && step->cell.field == EVALD_CELL_FUND_SCORE)
      points.rule = (enum evald_rule)step->rule;
  }
  return points;
}

static struct points row_points(const struct evald_verdict *verdict, size_t i) {
  const struct evald_row_score *row = &verdict->rows[i];
  return (struct points){row->counts, row->score, (enum evald_rule)row->rule};
}

static bool differs(const struct change *change) {
  return change->before.counts != change->after.counts ||
         (change->after.counts && change->before.score != change->after.score);
}

/* The execution (position 0), then the rows: as they were and as they are. */
static struct change change_at(const struct comparison *comparison,
                               size_t position) {
  struct change change = {{EVALD_CELL_FUND_SCORE, EVALD_FUND_TOTAL},
                          execution_points(&comparison->before),
                          execution_points(&comparison->after)};
  if (position == 0) return change;
  change.cell =
      (struct evald_cell){EVALD_CELL_INDICATOR_SCORE, (uint16_t)(position - 1)};
  change.before = row_points(&comparison->before, position - 1);
  change.after = row_points(&comparison->after, position - 1);
  return change;
}

static size_t list_changes(const struct comparison *comparison,
                           struct change *out, size_t room) {
  size_t count = 0;
  for (size_t i = 0; i <= comparison->form.indicator_count; i++) {
    struct change change = change_at(comparison, i);
    if (differs(&change) && count < room) out[count++] = change;
  }
  return count;
}

/* ---- telling ---- */

static const char *points_text(struct ctl *ctl, const struct points *points) {
  return points->counts ? label_decimal(ctl->job, points->score) : "-";
}

static void print_change(const struct comparison *comparison,
                         const struct change *change) {
  struct ctl *ctl = comparison->ctl;
  enum evald_rule rule = change->after.rule;
  struct evald_text source =
      evald_ruleset_source(comparison->after.ruleset, rule);
  printf("      %s: ", label_cell(ctl->job, &comparison->form, change->cell));
  printf("%s → %s", points_text(ctl, &change->before),
         points_text(ctl, &change->after));
  output_tone(stdout, TONE_FAINT, "  %s", evald_rule_path(change->before.rule));
  if (change->before.rule != rule)
    output_tone(stdout, TONE_FAINT, " → %s", evald_rule_path(rule));
  output_tone(stdout, TONE_FAINT, "  %.*s\n", (int)source.size,
              source.data ? source.data : "");
}

static void print_head(const struct comparison *comparison) {
  struct ctl *ctl = comparison->ctl;
  const struct mover *mover = comparison->mover;
  evald_decimal change = mover->after.total - mover->before.total;
  printf("  %s %d %s  %s\n", mover->shard.division, mover->shard.year,
         output_text(ctl->job, evald_text_of(mover->code)),
         output_text(ctl->job, comparison->form.pro_name));
  printf("    %s %s → %s %s  ", label_decimal(ctl->job, mover->before.total),
         mover->before.grade, label_decimal(ctl->job, mover->after.total),
         mover->after.grade);
  output_tone(stdout, change < 0 ? TONE_BAD : TONE_GOOD, "%s%s\n",
              change > 0 ? "+" : "", label_decimal(ctl->job, change));
}

static void put(struct wire_buffer *out, const char *key, const char *text) {
  wire_put_string(out, key);
  wire_put_string(out, text);
}

static void put_points(struct wire_buffer *out, const char *key,
                       const struct points *points) {
  char text[EVALD_DECIMAL_TEXT];
  evald_decimal_print(points->score, text);
  wire_put_string(out, key);
  wire_put_map(out, 2);
  wire_put_string(out, "score");
  wire_put_text(out,
                points->counts ? evald_text_of(text) : (struct evald_text){0});
  put(out, "rule", evald_rule_path(points->rule));
}

static void put_change(const struct comparison *comparison,
                       const struct change *change, struct wire_buffer *out) {
  char path[EVALD_CELL_PATH];
  evald_cell_path(change->cell, path);
  wire_put_map(out, 4);
  put(out, "cell", path);
  put_points(out, "before", &change->before);
  put_points(out, "after", &change->after);
  wire_put_string(out, "source");
  wire_put_text(
      out, evald_ruleset_source(comparison->after.ruleset, change->after.rule));
}

static void put_standing(struct wire_buffer *out, const char *key,
                         const struct standing *standing) {
  char total[EVALD_DECIMAL_TEXT];
  evald_decimal_print(standing->total, total);
  wire_put_string(out, key);
  wire_put_map(out, 2);
  put(out, "total", total);
  put(out, "grade", standing->grade);
}

static void print_json(const struct comparison *comparison,
                       const struct change *changes, size_t count) {
  struct wire_buffer out = {0};
  const struct mover *mover = comparison->mover;
  wire_put_map(&out, 8);
  put(&out, "kind", "mover");
  put(&out, "mof_div_code", mover->shard.division);
  wire_put_string(&out, "fiscal_year");
  wire_put_int(&out, mover->shard.year);
  put(&out, "pro_code", mover->code);
  wire_put_string(&out, "pro_name");
  wire_put_text(&out, comparison->form.pro_name);
  put_standing(&out, "before", &mover->before);
  put_standing(&out, "after", &mover->after);
  wire_put_string(&out, "why");
  wire_put_array(&out, count);
  for (size_t i = 0; i < count; i++)
    put_change(comparison, &changes[i], &out);
  ctl_json_line(comparison->ctl, &out);
  wire_buffer_fini(&out);
}

static void print_mover(struct ctl *ctl, const struct mover *mover) {
  struct comparison comparison = {.ctl = ctl, .mover = mover};
  struct evald_fault fault = {0};
  evald_arena_reset(ctl->job);
  enum evald_status status = compare(&comparison, &fault);
  size_t room = comparison.form.indicator_count + 1;
  struct change *changes = evald_arena_take(ctl->job, room * sizeof *changes);
  if (status != EVALD_OK || !changes) {
    (void)ctl_fail(ctl, status, &fault);
  } else {
    size_t count = list_changes(&comparison, changes, room);
    if (ctl->json) print_json(&comparison, changes, count);
    if (!ctl->json) print_head(&comparison);
    for (size_t i = 0; i < count && !ctl->json; i++)
      print_change(&comparison, &changes[i]);
  }
  evald_ruleset_unref(comparison.old_rules);
}

void movers_print(struct ctl *ctl, const struct migration *migration) {
  if (!ctl->json && migration->mover_count > 0)
    output_tone(stdout, TONE_STRONG, "\n%s\n", _("Moved most"));
  for (unsigned i = 0; i < migration->mover_count; i++)
    print_mover(ctl, &migration->movers[i]);
}
