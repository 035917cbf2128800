/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_parameter.h"

#include "base/fault.h"
#include "base/i18n.h"
#include <string.h>

/* ---- vocabularies ---------------------------------------------------- */

#define VOCABULARY(name, LIST)                                                 \
  const struct rules_vocabulary name = {                                       \
      (const char *const[]){LIST(SPELLING)},                                   \
      sizeof((const char *const[]){LIST(SPELLING)}) / sizeof(char *)}
#define LOCAL(name, LIST)        static VOCABULARY(name, LIST)
#define SPELLING(name, spelling) spelling,

#define YES_NO_LIST(X)        X(NO, "no") X(YES, "yes")
#define OTHERS_LIST(X)        X(DEFAULT, "default") X(OFF, "off")
#define LEVELS_LIST(X)        X(ERROR, "error") X(WARNING, "warning") X(INFO, "info")
#define ZERO_BUDGET_LIST(X)   X(NO_RATE, "no_rate")
#define ZERO_TARGET_LIST(X)   X(MET_OR_NOTHING, "met_or_nothing")
#define TARGET_MET_LIST(X)    X(FULL, "full")
#define TARGET_MISSED_LIST(X) X(RATIO, "ratio")
#define TEMPLATE_LIST(X)      X(SELF_EVALUATION, "self_evaluation")

VOCABULARY(rules_category_kinds, RULESET_KIND_LIST);
VOCABULARY(rules_tiers, RULESET_TIER_LIST);
VOCABULARY(rules_confidences, RULESET_CONFIDENCE_LIST);
VOCABULARY(rules_levels, LEVELS_LIST);
VOCABULARY(rules_yes_no, YES_NO_LIST);
VOCABULARY(rules_others, OTHERS_LIST);
LOCAL(bases, RULESET_BASE_LIST);
LOCAL(formulas, RULESET_FORMULA_LIST);
LOCAL(zero_budgets, ZERO_BUDGET_LIST);
LOCAL(score_froms, RULESET_SCORE_FROM_LIST);
LOCAL(reverses, RULESET_REVERSE_LIST);
LOCAL(equals, RULESET_EQUAL_LIST);
LOCAL(zero_targets, ZERO_TARGET_LIST);
LOCAL(negatives, RULESET_NEGATIVE_LIST);
LOCAL(not_applicables, RULESET_NOT_APPLICABLE_LIST);
LOCAL(targets_met, TARGET_MET_LIST);
LOCAL(targets_missed, TARGET_MISSED_LIST);
LOCAL(graded, RULESET_GRADED_LIST);
LOCAL(costs, RULESET_COST_LIST);
LOCAL(templates, TEMPLATE_LIST);

#define X(name, spelling, en, zh) spelling,
static const struct rules_vocabulary roundings = {
    (const char *const[]){EVALD_ROUNDING_LIST(X)}, EVALD_ROUNDING_COUNT};
#undef X

/* ---- cells ----------------------------------------------------------- */

static void *place_of(const struct rules_parameter *parameter,
                      struct evald_ruleset *ruleset) {
  return (char *)ruleset + parameter->to;
}

static const void *value_of(const struct rules_parameter *parameter,
                            const struct evald_ruleset *ruleset) {
  return (const char *)ruleset + parameter->to;
}

/* The cell of a scalar parameter: its text lies at `from`. */
static struct rules_cell own_cell(const struct rules_reading *reading) {
  struct rules_cell cell = {NULL, reading->node};
  memcpy(&cell.text,
         (const char *)reading->provision + reading->parameter->from,
         sizeof cell.text);
  return cell;
}

static void list_words(const struct rules_vocabulary *words, char *out,
                       size_t size) {
  size_t length = 0;
  out[0] = '\0';
  for (size_t i = 0; i < words->count; i++)
    length += fault_print(out + length, size - length, "%s%s",
                          length ? ", " : "", words->words[i]);
}

static int word_named(const struct rules_vocabulary *words, const char *text,
                      size_t size) {
  for (size_t i = 0; i < words->count; i++)
    if (strlen(words->words[i]) == size &&
        memcmp(words->words[i], text, size) == 0)
      return (int)i;
  return -1;
}

enum evald_status rules_read_word(const struct rules_reading *reading,
                                  struct rules_cell cell,
                                  const struct rules_vocabulary *words,
                                  uint8_t *out) {
  int word = word_named(words, cell.text, strlen(cell.text));
  if (word >= 0) {
    *out = (uint8_t)word;
    return EVALD_OK;
  }
  char allowed[256];
  list_words(words, allowed, sizeof allowed);
  return yaml_fault(reading->fault, reading->path, cell.node,
                    _("unknown word \"%s\"; allowed: %s"), cell.text, allowed);
}

enum evald_status rules_read_decimal(const struct rules_reading *reading,
                                     struct rules_cell cell, int low, int high,
                                     evald_decimal *out) {
  evald_decimal value = 0;
  enum evald_status status =
      evald_decimal_parse(evald_text_of(cell.text), &value);
  if (status == EVALD_RANGE)
    return yaml_fault(reading->fault, reading->path, cell.node,
                      _("%s has too many digits; up to 6 may follow the point"),
                      cell.text);
  if (status)
    return yaml_fault(reading->fault, reading->path, cell.node,
                      _("\"%s\" is no number; write one such as 60 or 12.5, "
                        "without %%, unit or separators"),
                      cell.text);
  if (value < (evald_decimal)low * EVALD_DECIMAL_ONE ||
      value > (evald_decimal)high * EVALD_DECIMAL_ONE)
    return yaml_fault(reading->fault, reading->path, cell.node,
                      _("%s is out of range; allowed: %d to %d"), cell.text,
                      low, high);
  *out = value;
  return EVALD_OK;
}

enum evald_status rules_copy_text(const char *text, struct evald_ruleset *owner,
                                  struct evald_text *out) {
  size_t size = strlen(text);
  char *copy = evald_arena_take(owner->arena, size + 1);
  if (!copy) return EVALD_MEMORY;
  memcpy(copy, text, size);
  *out = (struct evald_text){copy, size};
  return EVALD_OK;
}

void rules_print_decimal(evald_decimal value, FILE *out) {
  char text[EVALD_DECIMAL_TEXT];
  (void)evald_decimal_print(value, text);
  (void)fputs(text, out);
}

/* Always in quotes: "no" and "10" stay texts, whatever a reader makes of bare
 * words. */
void rules_print_text(struct evald_text text, FILE *out) {
  (void)fputc('"', out);
  for (size_t i = 0; i < text.size; i++) {
    if (text.data[i] == '"' || text.data[i] == '\\') (void)fputc('\\', out);
    (void)fputc(text.data[i], out);
  }
  (void)fputc('"', out);
}

/* ---- the kinds that are scalars -------------------------------------- */

/* "none" is 0, and "any" the least there is above it. */
enum { ANY = 1 };

static bool read_extra(const struct rules_parameter *parameter,
                       const char *text, evald_decimal *out) {
  bool none = parameter->extra != RULES_NO_EXTRA && strcmp(text, "none") == 0;
  bool any = parameter->extra == RULES_NONE_ANY && strcmp(text, "any") == 0;
  if (none || any) *out = any ? ANY : 0;
  return none || any;
}

static enum evald_status read_decimal(const struct rules_reading *reading,
                                      struct evald_ruleset *out) {
  const struct rules_parameter *parameter = reading->parameter;
  struct rules_cell cell = own_cell(reading);
  evald_decimal value = 0;
  if (!read_extra(parameter, cell.text, &value)) {
    enum evald_status status = rules_read_decimal(reading, cell, parameter->low,
                                                  parameter->high, &value);
    if (status) return status;
    if (value == 0 && parameter->extra != RULES_NO_EXTRA)
      return yaml_fault(reading->fault, reading->path, cell.node,
                        _("0 says nothing here; write `none` where there is "
                          "no such rule"));
  }
  memcpy(place_of(parameter, out), &value, sizeof value);
  return EVALD_OK;
}

static void print_decimal(const struct rules_parameter *parameter,
                          const struct evald_ruleset *ruleset, FILE *out) {
  evald_decimal value = 0;
  memcpy(&value, value_of(parameter, ruleset), sizeof value);
  (void)fputc(' ', out);
  if (parameter->extra != RULES_NO_EXTRA && value == 0)
    (void)fputs("none", out);
  else if (parameter->extra == RULES_NONE_ANY && value == ANY)
    (void)fputs("any", out);
  else
    rules_print_decimal(value, out);
  (void)fputc('\n', out);
}

static enum evald_status read_word(const struct rules_reading *reading,
                                   struct evald_ruleset *out) {
  uint8_t word = 0;
  enum evald_status status = rules_read_word(reading, own_cell(reading),
                                             reading->parameter->words, &word);
  if (!status && reading->parameter->to != RULES_NOWHERE)
    memcpy(place_of(reading->parameter, out), &word, sizeof word);
  return status;
}

static void print_word(const struct rules_parameter *parameter,
                       const struct evald_ruleset *ruleset, FILE *out) {
  uint8_t word = 0;
  if (parameter->to != RULES_NOWHERE)
    memcpy(&word, value_of(parameter, ruleset), sizeof word);
  (void)fprintf(out, " %s\n", parameter->words->words[word]);
}

static enum evald_status read_rounding(const struct rules_reading *reading,
                                       struct evald_ruleset *out) {
  struct rules_cell cell = own_cell(reading);
  size_t size = strcspn(cell.text, " ");
  int mode = word_named(&roundings, cell.text, size);
  const char *digits = cell.text + size + (cell.text[size] == ' ');
  if (mode < 0 || strlen(digits) != 1 || digits[0] < '0' ||
      digits[0] > '0' + EVALD_DECIMAL_DIGITS) {
    char allowed[128];
    list_words(&roundings, allowed, sizeof allowed);
    return yaml_fault(reading->fault, reading->path, cell.node,
                      _("\"%s\" is no rounding; write a mode and the digits "
                        "kept (0 to 6), such as `half_up 2`; modes: %s"),
                      cell.text, allowed);
  }
  struct evald_rounding value = {(uint8_t)mode, (uint8_t)(digits[0] - '0')};
  memcpy(place_of(reading->parameter, out), &value, sizeof value);
  return EVALD_OK;
}

static void print_rounding(const struct rules_parameter *parameter,
                           const struct evald_ruleset *ruleset, FILE *out) {
  struct evald_rounding value;
  memcpy(&value, value_of(parameter, ruleset), sizeof value);
  (void)fprintf(out, " %s %u\n", roundings.words[value.mode],
                (unsigned)value.digits);
}

static const struct rules_kind decimal = {read_decimal, print_decimal, false};
static const struct rules_kind choice = {read_word, print_word, false};
static const struct rules_kind rounding = {read_rounding, print_rounding,
                                           false};

/* ---- the table ------------------------------------------------------- */

/* The path in a provision is the member of struct file_provision. */
#define AT(member, rule_name)                                                  \
  .path = #member, .rule = EVALD_RULE_##rule_name,                             \
  .from = offsetof(struct file_provision, member)
#define TO(member) .to = offsetof(struct evald_ruleset, member)

static const struct rules_parameter parameters[] = {
    {AT(execution.weight, EXECUTION_WEIGHT), TO(execution.weight),
     .kind = &decimal, .low = 0, .high = 1000, .extra = RULES_NONE},
    {AT(categories.model, CATEGORY_MODEL), .to = RULES_NOWHERE,
     .kind = &rules_kind_model},
    {AT(categories.weights, CATEGORY_WEIGHTS), .to = RULES_NOWHERE,
     .kind = &rules_kind_weights},
    {AT(execution.base, RATE_BASE), TO(execution.base), .kind = &choice,
     .words = &bases},
    {AT(execution.formula, EXECUTION_FORMULA), TO(execution.formula),
     .kind = &choice, .words = &formulas},
    {AT(execution.loss_per_point, EXECUTION_FORMULA),
     TO(execution.loss_percent), .kind = &decimal, .low = 0, .high = 100,
     .extra = RULES_NONE},
    {AT(execution.zero_budget, ZERO_BUDGET), .to = RULES_NOWHERE,
     .kind = &choice, .words = &zero_budgets},
    {AT(execution.rate_rounding, RATE_ROUNDING), TO(execution.rate_rounding),
     .kind = &rounding},
    {AT(execution.score_from, SCORE_FROM), TO(execution.score_from),
     .kind = &choice, .words = &score_froms},
    {AT(execution.score_rounding, SCORE_ROUNDING), TO(execution.score_rounding),
     .kind = &rounding},
    {AT(rows.rounding, SCORE_ROUNDING), TO(rows.rounding), .kind = &rounding},
    {AT(rows.reverse, REVERSE_TARGET), TO(rows.reverse), .kind = &choice,
     .words = &reverses},
    {AT(rows.equal, EQUAL_TARGET), TO(rows.equal), .kind = &choice,
     .words = &equals},
    {AT(rows.zero_target, ZERO_TARGET), .to = RULES_NOWHERE, .kind = &choice,
     .words = &zero_targets},
    {AT(rows.negative_actual, NEGATIVE_ACTUAL), TO(rows.negative_actual),
     .kind = &choice, .words = &negatives},
    {AT(rows.explain_above, OVER_ACHIEVEMENT), TO(rows.explain_above),
     .kind = &decimal, .low = 100, .high = 100000, .extra = RULES_NONE},
    {AT(rows.over_achievement, OVER_ACHIEVEMENT), .to = RULES_NOWHERE,
     .kind = &rules_kind_bands},
    {AT(rows.pass_line, PASS_LINE), TO(rows.pass_line), .kind = &decimal,
     .low = 0, .high = 100, .extra = RULES_NONE},
    {AT(qualitative.met.from, QUALITATIVE), TO(levels[0].lower),
     .kind = &decimal, .low = 0, .high = 100, .extra = RULES_NO_EXTRA},
    {AT(qualitative.met.to, QUALITATIVE), TO(levels[0].upper), .kind = &decimal,
     .low = 0, .high = 100, .extra = RULES_NO_EXTRA},
    {AT(qualitative.met.words, QUALITATIVE), TO(levels[0].words),
     .kind = &rules_kind_words, .aside = true},
    {AT(qualitative.partly.from, QUALITATIVE), TO(levels[1].lower),
     .kind = &decimal, .low = 0, .high = 100, .extra = RULES_NO_EXTRA},
    {AT(qualitative.partly.to, QUALITATIVE), TO(levels[1].upper),
     .kind = &decimal, .low = 0, .high = 100, .extra = RULES_NO_EXTRA},
    {AT(qualitative.partly.words, QUALITATIVE), TO(levels[1].words),
     .kind = &rules_kind_words, .aside = true},
    {AT(qualitative.not_met.from, QUALITATIVE), TO(levels[2].lower),
     .kind = &decimal, .low = 0, .high = 100, .extra = RULES_NO_EXTRA},
    {AT(qualitative.not_met.to, QUALITATIVE), TO(levels[2].upper),
     .kind = &decimal, .low = 0, .high = 100, .extra = RULES_NO_EXTRA},
    {AT(qualitative.not_met.words, QUALITATIVE), TO(levels[2].words),
     .kind = &rules_kind_words, .aside = true},
    {AT(grades.of, GRADES), TO(graded), .kind = &choice, .words = &graded},
    {AT(grades.cuts, GRADES), .to = RULES_NOWHERE, .kind = &rules_kind_cuts},
    {AT(rows.not_applicable, NOT_APPLICABLE), TO(rows.not_applicable),
     .kind = &choice, .words = &not_applicables},
    {AT(duties.execution_below, DUTIES), TO(explain_execution_below),
     .kind = &decimal, .low = 0, .high = 100, .extra = RULES_NONE},
    {AT(duties.change_above, DUTIES), TO(explain_change_above),
     .kind = &decimal, .low = 0, .high = 100000, .extra = RULES_NONE_ANY},
    {AT(lights.red, LIGHTS), TO(light_red), .kind = &decimal, .low = 0,
     .high = 100, .extra = RULES_NONE},
    {AT(lights.unspent, LIGHTS), TO(light_unspent), .kind = &decimal, .low = 0,
     .high = 100, .extra = RULES_NONE},
    {AT(categories.cost, COST), TO(cost), .kind = &choice, .words = &costs},
    {AT(categories.cost_required, COST), TO(cost_required), .kind = &choice,
     .words = &rules_yes_no},
    {AT(rows.target_met, TARGET_MET), .to = RULES_NOWHERE, .kind = &choice,
     .words = &targets_met},
    {AT(rows.target_missed, TARGET_MISSED), .to = RULES_NOWHERE,
     .kind = &choice, .words = &targets_missed},
    {AT(total.full_marks, TOTAL), TO(full_marks), .kind = &decimal, .low = 1,
     .high = 1000, .extra = RULES_NO_EXTRA},
    {AT(total.rounding, TOTAL), TO(total_rounding), .kind = &rounding},
    {AT(form.template, FORM), .to = RULES_NOWHERE, .kind = &choice,
     .words = &templates},
    {AT(checks, CHECKS), .to = RULES_NOWHERE, .kind = &rules_kind_checks},
    {AT(operators.at_least, OPERATORS), TO(operators[EVALD_OP_AT_LEAST]),
     .kind = &rules_kind_words, .optional = true},
    {AT(operators.above, OPERATORS), TO(operators[EVALD_OP_ABOVE]),
     .kind = &rules_kind_words, .optional = true},
    {AT(operators.equal, OPERATORS), TO(operators[EVALD_OP_EQUAL]),
     .kind = &rules_kind_words, .optional = true},
    {AT(operators.below, OPERATORS), TO(operators[EVALD_OP_BELOW]),
     .kind = &rules_kind_words, .optional = true},
    {AT(operators.at_most, OPERATORS), TO(operators[EVALD_OP_AT_MOST]),
     .kind = &rules_kind_words, .optional = true},
};

_Static_assert(sizeof parameters / sizeof parameters[0] <=
                   RULESET_PARAMETERS_MAX,
               "raise RULESET_PARAMETERS_MAX");

const struct rules_parameter *rules_parameter_at(size_t position) {
  return position < sizeof parameters / sizeof parameters[0]
             ? &parameters[position]
             : NULL;
}
