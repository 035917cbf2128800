/* SPDX-License-Identifier: Apache-2.0 */
#include "core/score_parts.h"

static const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;

/* What a row needs while it is scored. */
struct scoring {
  const struct checked_form *form;
  const struct checked_row *row;
  size_t index;
  struct trace *trace;
  struct finding_list *findings;
  struct evald_row_score *out;
};

/* The share of its target that a row has reached: part / whole. */
struct share {
  evald_decimal part, whole;
  uint8_t rule; /* enum evald_rule, of a target missed */
};

static void give(struct scoring *s, enum evald_rule rule,
                 evald_decimal points) {
  s->out->rule = (uint8_t)rule;
  s->out->score = trace_give(
      s->trace, rule, cell_at(EVALD_CELL_INDICATOR_SCORE, s->index), points);
}

/* weight * part / whole, rounded, and never above the weight. */
static void give_part(struct scoring *s, enum evald_rule rule,
                      evald_decimal part, evald_decimal whole) {
  struct evald_trace_step step = {
      .operation = EVALD_OPERATION_RATIO,
      .rule = (uint8_t)rule,
      .cell = cell_at(EVALD_CELL_INDICATOR_SCORE, s->index),
      .rounding = s->form->ruleset->rows.rounding,
      .a = s->row->weight,
      .b = part,
      .c = whole};
  s->out->rule = (uint8_t)rule;
  s->out->score = trace_add(s->trace, step);
  if (s->out->score <= s->row->weight) return;
  step.operation = EVALD_OPERATION_MINIMUM;
  step.a = s->out->score;
  step.b = s->row->weight;
  s->out->score = trace_add(s->trace, step);
}

/* V11: any departure counts against the row. a below the target gives a / t. */
static struct share strict_share(const struct checked_row *row) {
  evald_decimal departure = row->actual > row->target
                                ? row->actual - row->target
                                : row->target - row->actual;
  return (struct share){row->target - departure, row->target,
                        EVALD_RULE_EQUAL_TARGET};
}

/* V10: target / actual, or down in a line to 0 at twice the target. */
static struct share reverse_share(const struct ruleset_rows *rules,
                                  const struct checked_row *row) {
  if (rules->reverse == RULESET_REVERSE_LINEAR_TO_TWICE) {
    return (struct share){row->target - (row->actual - row->target),
                          row->target, EVALD_RULE_REVERSE_TARGET};
  }
  return (struct share){row->target, row->actual, EVALD_RULE_REVERSE_TARGET};
}

static bool reverse(const struct checked_row *row) {
  return row->op == EVALD_OP_AT_MOST || row->op == EVALD_OP_BELOW;
}

static struct share share_of(const struct ruleset_rows *rules,
                             const struct checked_row *row) {
  if (reverse(row)) return reverse_share(rules, row);
  if (row->op == EVALD_OP_EQUAL && rules->equal == RULESET_EQUAL_STRICT) {
    return strict_share(row);
  }
  return (struct share){row->actual, row->target, EVALD_RULE_TARGET_MISSED};
}

/* The achievement in percent, for people; absent where it cannot be said. */
static void say_ratio(struct scoring *s, struct share share) {
  evald_decimal ratio;
  if (share.whole <= 0 || share.part < 0) return;
  if (evald_decimal_ratio(share.part, hundred, share.whole,
                          s->form->ruleset->execution.rate_rounding,
                          &ratio) != EVALD_OK) {
    return;
  }
  s->out->ratio = ratio;
  s->out->has_ratio = true;
}

/* V14: the band an over-achieved row falls into; NULL: none. */
static const struct ruleset_band *band_of(const struct ruleset_rows *rules,
                                          const struct checked_row *row) {
  if (reverse(row) || row->target <= 0) return NULL;
  for (size_t i = 0; i < rules->band_count; i++) {
    const struct ruleset_band *band = &rules->bands[i];
    if (exact_compare(row->actual, hundred, band->from, row->target) >= 0 &&
        exact_compare(row->actual, hundred, band->to, row->target) < 0) {
      return band;
    }
  }
  return NULL;
}

static void score_met(struct scoring *s) {
  const struct ruleset_band *band = band_of(&s->form->ruleset->rows, s->row);
  if (band && band->keep < hundred) {
    give_part(s, EVALD_RULE_OVER_ACHIEVEMENT, band->keep, hundred);
  } else if (s->row->target == 0) {
    give(s, EVALD_RULE_ZERO_TARGET, s->row->weight);
  } else {
    give(s, EVALD_RULE_TARGET_MET, s->row->weight);
  }
}

static void score_missed(struct scoring *s, struct share share) {
  evald_decimal pass_line = s->form->ruleset->rows.pass_line;
  if (s->row->target == 0) {
    give(s, EVALD_RULE_ZERO_TARGET, 0);
  } else if (share.whole <= 0 || share.part <= 0) {
    give(s, (enum evald_rule)share.rule, 0);
  } else if (exact_compare(share.part, hundred, pass_line, share.whole) < 0) {
    give(s, EVALD_RULE_PASS_LINE, 0);
  } else {
    give_part(s, (enum evald_rule)share.rule, share.part, share.whole);
  }
}

static void score_quantitative(struct scoring *s) {
  struct share share = share_of(&s->form->ruleset->rows, s->row);
  say_ratio(s, share);
  if (s->row->met) {
    score_met(s);
  } else {
    score_missed(s, share);
  }
}

evald_decimal score_edge(const struct checked_form *form,
                         const struct checked_row *row, evald_decimal percent) {
  evald_decimal edge = 0;
  (void)evald_decimal_ratio(row->weight, percent, hundred,
                            form->ruleset->rows.rounding, &edge);
  return edge < row->weight ? edge : row->weight;
}

bool score_in_band(const struct checked_form *form,
                   const struct checked_row *row, int level,
                   evald_decimal score) {
  const struct ruleset_level *band = &form->ruleset->levels[level];
  bool above = exact_compare(score, hundred, row->weight, band->lower) >= 0;
  bool below = exact_compare(score, hundred, row->weight, band->upper) <= 0;
  return (above || score >= score_edge(form, row, band->lower)) &&
         (below || score <= score_edge(form, row, band->upper));
}

/* V16: a person's score inside the band stands; outside, the nearest edge;
 * with none declared the upper edge, and I01 says so. */
static void score_level(struct scoring *s) {
  const struct evald_figure *declared = &s->row->claim->score;
  const struct ruleset_level *band = &s->form->ruleset->levels[s->row->level];
  if (!declared->present) {
    give_part(s, EVALD_RULE_QUALITATIVE, band->upper, hundred);
    struct evald_finding *finding =
        finding_raise(s->findings, RULESET_CHECK_I01, EVALD_RULE_QUALITATIVE,
                      cell_at(EVALD_CELL_INDICATOR_SCORE, s->index));
    finding->expected = value_decimal(s->out->score);
    finding->detail = value_text(s->row->claim->actual.text);
  } else if (score_in_band(s->form, s->row, s->row->level, declared->value)) {
    give(s, EVALD_RULE_QUALITATIVE, declared->value);
  } else if (declared->value > score_edge(s->form, s->row, band->lower)) {
    give_part(s, EVALD_RULE_QUALITATIVE, band->upper, hundred);
  } else {
    give_part(s, EVALD_RULE_QUALITATIVE, band->lower, hundred);
  }
}

/* A wording that the ruleset does not know: the declared score as far as it is
 * possible at all, never one of ours. */
static void score_unknown_level(struct scoring *s) {
  const struct evald_figure *declared = &s->row->claim->score;
  evald_decimal points = declared->present ? declared->value : 0;
  if (points < 0) points = 0;
  if (points > s->row->weight) points = s->row->weight;
  give(s, EVALD_RULE_QUALITATIVE, points);
}

static enum evald_rule why_not_scorable(const struct checked_row *row) {
  return row->claim->actual.kind == EVALD_CLAIM_NUMBER &&
                 row->claim->target.kind == EVALD_CLAIM_NUMBER
             ? EVALD_RULE_NEGATIVE_ACTUAL
             : EVALD_RULE_FORM;
}

void score_row(const struct checked_form *form, size_t index,
               struct trace *trace, struct finding_list *findings,
               struct evald_row_score *out) {
  const struct checked_row *row = &form->rows[index];
  struct scoring s = {form, row, index, trace, findings, out};
  *out = (struct evald_row_score){.weight = row->weight,
                                  .rule = EVALD_RULE_NOT_APPLICABLE,
                                  .counts = row->method != ROW_DROPPED};
  if (!out->counts) return;
  if (row->method == ROW_NOT_SCORABLE) {
    give(&s, why_not_scorable(row), 0);
  } else if (row->method == ROW_QUANTITATIVE) {
    score_quantitative(&s);
  } else if (row->level >= 0) {
    score_level(&s);
  } else {
    score_unknown_level(&s);
  }
  trace_scores(trace);
}
