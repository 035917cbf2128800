/* SPDX-License-Identifier: Apache-2.0 */
#include "form_make.h"
#include "form_words.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define X(text)      text,
static const char *const syllables[] = {FORM_SYLLABLE_LIST(X)};
static const char *const place_kinds[] = {FORM_PLACE_KIND_LIST(X)};
static const char *const topics[] = {FORM_TOPIC_LIST(X)};
static const char *const kinds[] = {FORM_KIND_LIST(X)};
static const char *const expectations[] = {FORM_EXPECTED_LIST(X)};
static const char *const outcomes[] = {FORM_ACTUAL_LIST(X)};
static const char *const reasons[] = {FORM_REASON_LIST(X)};
static const char *const measures[] = {FORM_MEASURE_LIST(X)};
#undef X

static const struct {
  const char *code, *name;
} departments[] = {
#define X(code, name) {code, name},
    FORM_DEPARTMENT_LIST(X)
#undef X
};

static const struct row {
  enum form_category category;
  const char *level2, *name;
  enum evald_operator op;
  unsigned least, most;
  const char *unit;
} rows[] = {
#define X(category, level2, name, op, least, most, unit)                       \
  {FORM_##category, level2, name, EVALD_OP_##op, least, most, unit},
    FORM_ROW_LIST(X)
#undef X
};

/* What the rules of 2020 expect of each category. */
static const struct {
  const char *level1;
  unsigned weight;
} categories[FORM_CATEGORIES] = {
    {"产出指标", 50}, {"效益指标", 30}, {"满意度指标", 10}};

enum { ROWS_MAX = 12, ROWS_MIN = 3, PHRASE_MAX = 2048, EXECUTION_POINTS = 10 };

/* A form while it is made. `random` gives what stays over revisions first. */
struct draft {
  uint64_t random;
  const struct form_source *source;
  struct evald_arena *arena;
  const char *topic;
  struct wire_job *job;
  struct evald_indicator *rows;
  uint64_t taken; /* bits of `rows` that this form has */
  bool failed;
};

/* --- chance --- */

static uint64_t chance(struct draft *draft) {
  uint64_t value = draft->random += UINT64_C(0x9E3779B97F4A7C15);
  value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
  return value ^ (value >> 31);
}

static unsigned between(struct draft *draft, unsigned least, unsigned most) {
  return least + (unsigned)(chance(draft) % (most - least + 1));
}

static bool percent(struct draft *draft, unsigned share) {
  return between(draft, 0, 99) < share;
}

#define PICK(draft, list) ((list)[chance(draft) % COUNT(list)])

/* --- words --- */

static void add(char *out, const char *format, ...) EVALD_PRINTF(2, 3);
static void add(char *out, const char *format, ...) {
  size_t used = strlen(out);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(out + used, PHRASE_MAX - used, format, arguments);
  va_end(arguments);
}

static void add_string(char *out, const char *text, size_t size) {
  size_t used = strlen(out);
  if (used + size >= PHRASE_MAX) return;
  memcpy(out + used, text, size);
  out[used + size] = '\0';
}

static void add_place(struct draft *draft, char *out) {
  const char *first = PICK(draft, syllables);
  const char *second = PICK(draft, syllables);
  add(out, "%s%s%s", first, second, PICK(draft, place_kinds));
}

static void add_day(struct draft *draft, char *out) {
  unsigned month = between(draft, 1, 12);
  if (percent(draft, 40)) {
    add(out, "%u月底", month);
  } else {
    add(out, "%u月%u日", month, between(draft, 1, 28));
  }
}

/* What "{slot}" in a phrase stands for. */
static void add_slot(struct draft *draft, char slot, char *out) {
  switch (slot) {
  case 'n':
    add(out, "%u", between(draft, 2, 48));
    break;
  case 'm':
    add(out, "%u", between(draft, 50, 9999));
    break;
  case 'r':
    add(out, "%u", between(draft, 85, 99));
    break;
  case 'a':
    add(out, "%u.%02u", between(draft, 1, 900), between(draft, 0, 99));
    break;
  case 'y':
    add(out, "%u", (unsigned)draft->job->form.fiscal_year);
    break;
  case 'd':
    add_day(draft, out);
    break;
  case 'p':
    add_place(draft, out);
    break;
  default:
    add(out, "%s", draft->topic);
    break;
  }
}

static void add_phrase(struct draft *draft, const char *phrase, char *out) {
  while (*phrase) {
    size_t plain = strcspn(phrase, "{");
    add_string(out, phrase, plain);
    phrase += plain;
    if (*phrase != '{') break;
    add_slot(draft, phrase[1], out);
    phrase += 3;
  }
}

static struct evald_text keep(struct draft *draft, const char *text) {
  size_t size = strlen(text);
  char *copy = evald_arena_take(draft->arena, size + 1);
  if (!copy) draft->failed = true;
  if (!copy) return (struct evald_text){0};
  memcpy(copy, text, size);
  return (struct evald_text){copy, size};
}

static struct evald_text phrase_of(struct draft *draft, const char *phrase) {
  char out[PHRASE_MAX] = "";
  add_phrase(draft, phrase, out);
  return keep(draft, out);
}

/* `count` sentences of a list. */
static struct evald_text narrative(struct draft *draft, const char *const *list,
                                   size_t length, unsigned count) {
  char out[PHRASE_MAX] = "";
  while (count-- > 0)
    add_phrase(draft, list[chance(draft) % length], out);
  return keep(draft, out);
}
#define NARRATIVE(draft, list, count) narrative(draft, list, COUNT(list), count)

/* --- figures: in hundredths, as forms print them --- */

static struct evald_figure figure(uint64_t hundredths) {
  return (struct evald_figure){true, (evald_decimal)hundredths * 10000};
}

static uint64_t part(uint64_t value, uint64_t numerator, uint64_t denominator) {
  if (denominator == 0) return 0;
  return (2 * value * numerator + denominator) / (2 * denominator);
}

/* --- who --- */

void form_division(unsigned position, char out[10]) {
  static const unsigned short districts[] = {101, 104, 105, 106, 107, 109,
                                             110, 112, 113, 114, 115, 116,
                                             117, 118, 120, 151, 100};
  if (position < COUNT(districts)) {
    (void)snprintf(out, 10, "310%03u000", districts[position] % 1000U);
  } else {
    (void)snprintf(out, 10, "33%07u", position % 10000000);
  }
}

static void name_project(struct draft *draft, uint64_t number) {
  struct evald_form *form = &draft->job->form;
  char name[PHRASE_MAX] = "", code[40];
  (void)snprintf(code, sizeof code, "%.6s%02uT%012llu", form->mof_div_code.data,
                 (unsigned)form->fiscal_year % 100, (unsigned long long)number);
  draft->topic = PICK(draft, topics);
  if (percent(draft, 25)) add(name, "%u年度", (unsigned)form->fiscal_year);
  if (percent(draft, 60)) add_place(draft, name);
  add(name, "%s%s", draft->topic, PICK(draft, kinds));
  form->pro_code = keep(draft, code);
  form->pro_name = keep(draft, name);
}

static void name_department(struct draft *draft) {
  struct evald_form *form = &draft->job->form;
  size_t position = chance(draft) % COUNT(departments);
  char agency[PHRASE_MAX] = "", code[16];
  unsigned unit = between(draft, 0, 9);
  form->dept_code = evald_text_of(departments[position].code);
  form->dept_name = evald_text_of(departments[position].name);
  (void)snprintf(code, sizeof code, "%s%03u", departments[position].code, unit);
  form->agency_code = keep(draft, code);
  if (unit > 0) add_place(draft, agency);
  form->agency_name = unit > 0 ? keep(draft, agency) : form->dept_name;
}

static void name_form(struct draft *draft, uint64_t number) {
  const struct form_source *source = draft->source;
  struct wire_job *job = draft->job;
  char division[10], id[48];
  form_division((unsigned)(number % source->divisions), division);
  (void)snprintf(id, sizeof id, "bench-%llu-%lld", (unsigned long long)number,
                 (long long)source->revision);
  *job = (struct wire_job){.version = WIRE_JOB_VERSION,
                           .kind = WIRE_KIND_EVALUATE,
                           .job_id = keep(draft, id),
                           .source = EVALD_TEXT("bench"),
                           .revision = source->revision};
  job->form.mof_div_code = keep(draft, division);
  job->form.fiscal_year =
      (uint16_t)(source->first_year +
                 number / source->divisions % source->year_count);
  if (draft->failed) return;
  name_project(draft, number);
  name_department(draft);
}

/* --- what was spent --- */

static void fill_fund(struct evald_fund_row *row, uint64_t opening,
                      uint64_t budget, uint64_t executed) {
  *row = (struct evald_fund_row){.present = true,
                                 .opening = figure(opening),
                                 .budget = figure(budget),
                                 .executed = figure(executed),
                                 .rate = figure(part(executed, 10000, budget))};
}

/* Points of the execution, in hundredths. */
static uint64_t fill_funds(struct draft *draft) {
  struct evald_fund_row *funds = draft->job->form.funds;
  uint64_t opening = between(draft, 300, 9000);
  opening *= between(draft, 1, 50);
  uint64_t budget = opening, other = 0;
  if (percent(draft, 35)) budget = part(opening, between(draft, 70, 130), 100);
  uint64_t executed = budget;
  if (percent(draft, 80))
    executed = part(budget, between(draft, 8000, 10000), 10000);
  if (percent(draft, 6)) executed = part(budget, between(draft, 20, 80), 100);
  if (percent(draft, 15)) other = executed / between(draft, 2, 9);
  fill_fund(&funds[EVALD_FUND_TOTAL], opening, budget, executed);
  fill_fund(&funds[EVALD_FUND_APPROPRIATION], opening - other, budget - other,
            executed - other);
  fill_fund(&funds[EVALD_FUND_CARRYOVER], 0, 0, 0);
  fill_fund(&funds[EVALD_FUND_OTHER], other, other, other);
  uint64_t score = part(100 * EXECUTION_POINTS, executed, budget);
  funds[EVALD_FUND_TOTAL].weight = figure(100 * EXECUTION_POINTS);
  funds[EVALD_FUND_TOTAL].score = figure(score);
  return score;
}

/* --- what was reached --- */

static uint64_t fill_wording(struct draft *draft, struct evald_indicator *to,
                             uint64_t weight) {
  static const struct {
    const char *wording;
    unsigned from, to; /* percent of the points */
  } levels[] = {{"达成指标", 90, 100},
                {"达成年度指标", 95, 100},
                {"基本达成目标", 80, 90},
                {"部分达成指标", 60, 79}};
  unsigned level = percent(draft, 88) ? between(draft, 0, 1) : 3;
  if (percent(draft, 2)) level = 2;
  unsigned share = levels[level].to;
  if (percent(draft, 30)) share = between(draft, levels[level].from, share);
  to->actual = (struct evald_claim){EVALD_CLAIM_TEXT, 0,
                                    evald_text_of(levels[level].wording)};
  return weight * share / 10000 * 100;
}

static struct evald_claim number(uint64_t value) {
  return (struct evald_claim){
      EVALD_CLAIM_NUMBER, (evald_decimal)value * EVALD_DECIMAL_ONE, {0}};
}

/* Reached, overreached or missed; the points that the form then prints. */
static uint64_t fill_actual(struct draft *draft, const struct row *row,
                            struct evald_indicator *to, uint64_t weight) {
  uint64_t target = between(draft, row->least, row->most), actual = target;
  bool most = row->op == EVALD_OP_AT_MOST, rate = strcmp(row->unit, "%") == 0;
  unsigned way = between(draft, 0, 99);
  if (way >= 45) actual = part(target, between(draft, 100, 112), 100);
  if (way >= 85) actual = part(target, between(draft, 60, 99), 100);
  if (way >= 97) actual = part(target, between(draft, 130, 260), 100);
  if (most && actual > target) actual = target - target / 9;
  if (rate && actual > 100) actual = 100;
  if (row->op == EVALD_OP_EQUAL && actual > target) actual = target;
  to->target = number(target);
  to->actual = number(actual);
  if (most || actual >= target) return weight;
  return part(weight, actual, target);
}

static void explain(struct draft *draft, struct evald_indicator *to) {
  if (percent(draft, 90)) to->reason = NARRATIVE(draft, reasons, 1);
  if (percent(draft, 75)) to->measure = NARRATIVE(draft, measures, 1);
}

static uint64_t fill_row(struct draft *draft, const struct row *row,
                         struct evald_indicator *to, uint64_t weight) {
  *to = (struct evald_indicator){
      .level1 = evald_text_of(categories[row->category].level1),
      .level2 = evald_text_of(row->level2),
      .name = phrase_of(draft, row->name),
      .op = (uint8_t)row->op,
      .weight = figure(weight)};
  uint64_t score;
  if (row->op == EVALD_OP_QUALITATIVE) {
    to->target =
        (struct evald_claim){EVALD_CLAIM_TEXT, 0, evald_text_of(row->unit)};
    score = fill_wording(draft, to, weight);
  } else {
    to->unit = to->actual_unit = evald_text_of(row->unit);
    score = fill_actual(draft, row, to, weight);
  }
  to->score = figure(score);
  if (score < weight) explain(draft, to);
  return score;
}

/* Hardly ever one that the form has already. */
static const struct row *choose_row(struct draft *draft,
                                    enum form_category category) {
  _Static_assert(COUNT(rows) <= 64, "a bit for each row");
  for (;;) {
    size_t position = chance(draft) % COUNT(rows);
    uint64_t bit = UINT64_C(1) << position;
    if (rows[position].category != category) continue;
    if (draft->taken & bit && !percent(draft, 2)) continue;
    draft->taken |= bit;
    return &rows[position];
  }
}

/* The rows of a category share its points: whole ones, the rest to the last. */
static uint64_t fill_category(struct draft *draft, enum form_category category,
                              unsigned count) {
  size_t *filled = &draft->job->form.indicator_count;
  uint64_t weight = 100 * (uint64_t)categories[category].weight, sum = 0;
  for (unsigned i = count; i > 0; i--) {
    uint64_t share = i == 1 ? weight : weight / i / 100 * 100;
    weight -= share;
    sum += fill_row(draft, choose_row(draft, category),
                    &draft->rows[(*filled)++], share);
  }
  return sum;
}

static uint64_t fill_rows(struct draft *draft) {
  unsigned count = between(draft, ROWS_MIN, ROWS_MAX);
  unsigned satisfied = count > 7 ? between(draft, 1, 2) : 1;
  unsigned output =
      (count - satisfied + 1) / 2 + (count > 5 ? between(draft, 0, 1) : 0);
  draft->rows = evald_arena_take(draft->arena, ROWS_MAX * sizeof *draft->rows);
  if (!draft->rows) draft->failed = true;
  if (!draft->rows) return 0;
  draft->job->form.indicators = draft->rows;
  uint64_t sum = fill_category(draft, FORM_OUTPUT, output);
  sum += fill_category(draft, FORM_BENEFIT, count - satisfied - output);
  return sum + fill_category(draft, FORM_SATISFACTION, satisfied);
}

static const char *grade_of(uint64_t total) {
  if (total >= 9000) return "优";
  if (total >= 8000) return "良";
  return total >= 6000 ? "中" : "差";
}

/* --- what people get wrong --- */

static void spoil_rate(struct draft *draft) {
  struct evald_fund_row *total = &draft->job->form.funds[EVALD_FUND_TOTAL];
  total->rate.value += 10000 * (evald_decimal)between(draft, 1, 300);
}

static void spoil_score(struct draft *draft) {
  struct evald_indicator *row = &draft->rows[between(draft, 0, 2)];
  row->score.value = row->weight.value - 10000 * (int)between(draft, 1, 199);
}

static void spoil_weight(struct draft *draft) {
  draft->rows[between(draft, 0, 2)].weight.value += EVALD_DECIMAL_ONE;
}

static void spoil_total(struct draft *draft) {
  draft->job->form.total.value -= 10000 * (evald_decimal)between(draft, 1, 99);
}

static void spoil_grade(struct draft *draft) {
  draft->job->form.grade = evald_text_of(percent(draft, 50) ? "良" : "优");
}

static void spoil_wording(struct draft *draft) {
  struct evald_indicator *row = &draft->rows[1];
  row->actual =
      (struct evald_claim){EVALD_CLAIM_TEXT, 0, NARRATIVE(draft, outcomes, 1)};
}

static void spoil_unit(struct draft *draft) {
  draft->rows[0].actual_unit = EVALD_TEXT("万人次");
}

static void spoil_goal(struct draft *draft) {
  draft->job->form.goal_actual = draft->job->form.goal_expected;
}

static void spoil(struct draft *draft) {
  static void (*const ways[])(struct draft *) = {
      spoil_rate,  spoil_score,   spoil_weight, spoil_total,
      spoil_grade, spoil_wording, spoil_unit,   spoil_goal};
  PICK(draft, ways)(draft);
}

/* --- the whole --- */

static void fill_form(struct draft *draft) {
  struct evald_form *form = &draft->job->form;
  form->goal_expected = NARRATIVE(draft, expectations, between(draft, 1, 3));
  uint64_t total = fill_funds(draft);
  total += fill_rows(draft);
  if (draft->failed) return;
  form->goal_actual = NARRATIVE(draft, outcomes, between(draft, 1, 4));
  form->total = figure(total);
  form->grade = evald_text_of(grade_of(total));
  if (form->funds[EVALD_FUND_TOTAL].score.value < 9 * EVALD_DECIMAL_ONE) {
    form->reason = NARRATIVE(draft, reasons, between(draft, 1, 2));
    form->measure = NARRATIVE(draft, measures, 1);
  }
  if (percent(draft, draft->source->imperfect)) spoil(draft);
}

struct form_source form_source_default(void) {
  return (struct form_source){.seed = 1,
                              .divisions = 17,
                              .first_year = 2022,
                              .year_count = 3,
                              .imperfect = 12,
                              .revision = 1};
}

enum evald_status form_make(const struct form_source *source, uint64_t number,
                            struct evald_arena *arena, struct wire_job *out) {
  struct draft draft = {.source = source, .arena = arena, .job = out};
  draft.random = source->seed * UINT64_C(0xD1342543DE82EF95) + number;
  draft.random = chance(&draft);
  name_form(&draft, number);
  if (draft.failed) return EVALD_MEMORY;
  draft.random += (uint64_t)source->revision * UINT64_C(0xA24BAED4963EE407);
  fill_form(&draft);
  return draft.failed ? EVALD_MEMORY : EVALD_OK;
}
