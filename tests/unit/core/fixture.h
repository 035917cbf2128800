/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CORE_FIXTURE_H
#define TESTS_UNIT_CORE_FIXTURE_H

/*
 * A ruleset like cn-sh-2024, made in C, and a form that it finds nothing wrong
 * with. A test changes one thing of one of them and looks at what follows.
 */

#include "core/ruleset.h"
#include "evald/evaluate.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>

enum { FIXTURE_ROWS = 8 };

/* 12.5 points as a decimal: exact for what tests write. */
#define D(x)       ((evald_decimal)((x)*1e6 + ((x) < 0 ? -0.5 : 0.5)))
#define T(literal) EVALD_TEXT(literal)

struct fixture {
  struct evald_arena *arena;
  struct evald_ruleset *ruleset;
  struct evald_form form;
  struct evald_indicator rows[FIXTURE_ROWS];
  struct evald_verdict verdict;
};

static inline struct evald_figure figure_of(evald_decimal value) {
  return (struct evald_figure){true, value};
}

static inline struct evald_claim number_of(evald_decimal value) {
  return (struct evald_claim){.kind = EVALD_CLAIM_NUMBER, .number = value};
}

static inline struct evald_claim words_of(const char *text) {
  return (struct evald_claim){.kind = EVALD_CLAIM_TEXT,
                              .text = evald_text_of(text)};
}

static inline void set_words(struct ruleset_words *words,
                             const char *const *list) {
  for (words->count = 0; *list; list++) {
    words->word[words->count++] = evald_text_of(*list);
  }
}
#define WORDS(words, ...)                                                      \
  set_words((words), (const char *const[]){__VA_ARGS__, NULL})

static inline struct ruleset_category *add_category(
    struct evald_ruleset *ruleset, uint8_t kind, evald_decimal weight) {
  struct ruleset_category *category =
      &ruleset->categories[ruleset->category_count++];
  category->kind = kind;
  category->weighted = true;
  category->weight = weight;
  return category;
}

static inline void fill_categories(struct evald_ruleset *ruleset) {
  struct ruleset_category *c =
      add_category(ruleset, RULESET_KIND_OUTPUT, D(50));
  WORDS(&c->words, "产出指标", "项目完成指标");
  c->level2_count = 4;
  WORDS(&c->level2[0].words, "数量指标");
  WORDS(&c->level2[1].words, "质量指标");
  WORDS(&c->level2[2].words, "时效指标", "进度指标");
  WORDS(&c->level2[3].words, "成本指标");
  c = add_category(ruleset, RULESET_KIND_BENEFIT, D(30));
  WORDS(&c->words, "效益指标", "效果指标");
  c->level2_count = 4;
  WORDS(&c->level2[0].words, "经济效益指标");
  WORDS(&c->level2[1].words, "社会效益指标");
  WORDS(&c->level2[2].words, "生态效益指标", "环境效益指标");
  WORDS(&c->level2[3].words, "可持续影响指标");
  c = add_category(ruleset, RULESET_KIND_SATISFACTION, D(10));
  WORDS(&c->words, "满意度指标");
  c->level2_count = 1;
  WORDS(&c->level2[0].words, "服务对象满意度指标", "满意度指标");
}

static inline void fill_levels(struct evald_ruleset *ruleset) {
  struct ruleset_level *l = ruleset->levels;
  WORDS(&l[0].words, "达成指标", "达成年度指标", "达成预期指标");
  l[0].upper = D(100);
  l[0].lower = l[1].upper = D(80);
  WORDS(&l[1].words, "部分达成指标并具有一定效果", "部分达成指标");
  l[1].lower = l[2].upper = D(60);
  WORDS(&l[2].words, "未达成指标且效果较差", "未达成指标");
}

static inline void fill_grades(struct evald_ruleset *ruleset) {
  static const char *const names[][3] = {
      {"优", "优秀", NULL}, {"良", "良好", NULL}, {"中", NULL}, {"差", NULL}};
  static const int from[] = {90, 80, 60, 0};
  for (uint8_t i = 0; i < 4; i++) {
    struct ruleset_grade *grade = &ruleset->grades[i];
    grade->name = evald_text_of(names[i][0]);
    set_words(&grade->aliases, names[i] + 1);
    grade->from = D(from[i]);
    grade->tier = i;
  }
  ruleset->grade_count = 4;
}

static inline void fill_ruleset(struct evald_ruleset *ruleset) {
  const struct evald_rounding half_up_2 = {EVALD_ROUND_HALF_UP, 2};
  static struct ruleset_citation citation = {
      {"财预〔2020〕10号", sizeof "财预〔2020〕10号" - 1},
      RULESET_CONFIDENCE_SEEN};
  ruleset->id = T("fixture");
  ruleset->version = T("1");
  ruleset->citations = &citation;
  ruleset->citation_count = 1;
  ruleset->execution.scored = true;
  ruleset->execution.weight = D(10);
  ruleset->execution.rate_rounding =
      (struct evald_rounding){EVALD_ROUND_DOWN, 2};
  ruleset->execution.score_rounding = half_up_2;
  ruleset->rows.rounding = half_up_2;
  ruleset->rows.explain_above = D(130);
  ruleset->full_marks = D(100);
  ruleset->total_rounding = half_up_2;
  ruleset->explain_execution_below = D(90);
  ruleset->explain_change_above = D(20);
  ruleset->light_red = D(5);
  ruleset->light_unspent = D(20);
  fill_categories(ruleset);
  fill_levels(ruleset);
  fill_grades(ruleset);
  WORDS(&ruleset->operators[EVALD_OP_AT_LEAST], "≥", "≧", ">=", "不少于",
        "至少", "以上");
  WORDS(&ruleset->operators[EVALD_OP_ABOVE], ">", "大于");
  WORDS(&ruleset->operators[EVALD_OP_AT_MOST], "≤", "<=", "以内");
  core_ruleset_index(ruleset);
}

static inline void fill_fund(struct evald_fund_row *row, evald_decimal opening,
                             evald_decimal budget, evald_decimal executed) {
  row->present = true;
  row->opening = figure_of(opening);
  row->budget = figure_of(budget);
  row->executed = figure_of(executed);
}

static inline void fill_row(struct evald_indicator *row, const char *level1,
                            const char *level2, const char *name,
                            evald_decimal weight) {
  *row = (struct evald_indicator){.level1 = evald_text_of(level1),
                                  .level2 = evald_text_of(level2),
                                  .name = evald_text_of(name)};
  row->weight = row->score = figure_of(weight);
}

/* The row measures: op target unit, actual. */
static inline void measure(struct evald_indicator *row, uint8_t op,
                           evald_decimal target, const char *unit,
                           evald_decimal actual) {
  row->op = op;
  row->target = number_of(target);
  row->unit = evald_text_of(unit);
  row->actual = number_of(actual);
}

static inline void judge(struct evald_indicator *row, const char *target,
                         const char *actual) {
  row->op = EVALD_OP_QUALITATIVE;
  row->target = words_of(target);
  row->actual = words_of(actual);
}

static inline void fill_rows(struct evald_indicator *rows) {
  fill_row(&rows[0], "产出指标", "数量指标", "培训场次", D(20));
  measure(&rows[0], EVALD_OP_AT_LEAST, D(10), "场", D(11));
  fill_row(&rows[1], "产出指标", "质量指标", "培训合格率", D(20));
  measure(&rows[1], EVALD_OP_AT_LEAST, D(90), "%", D(95));
  fill_row(&rows[2], "产出指标", "时效指标", "培训完成时间", D(10));
  judge(&rows[2], "12月底前", "达成指标");
  fill_row(&rows[3], "效益指标", "社会效益指标", "学员能力", D(30));
  judge(&rows[3], "有所提升", "达成指标");
  fill_row(&rows[4], "满意度指标", "服务对象满意度指标", "学员满意度", D(10));
  measure(&rows[4], EVALD_OP_AT_LEAST, D(85), "%", D(92));
}

/* 295.00 of 300.00: 98.33, 9.83; 90 for the rows; 99.83, 优. */
static inline void fill_form(struct fixture *f) {
  struct evald_form *form = &f->form;
  form->mof_div_code = T("310113000");
  form->fiscal_year = 2024;
  form->pro_code = T("P1");
  form->pro_name = T("干部培训");
  form->dept_name = T("组织部");
  form->agency_name = T("组织部");
  fill_fund(&form->funds[EVALD_FUND_TOTAL], D(300), D(300), D(295));
  form->funds[EVALD_FUND_TOTAL].weight = figure_of(D(10));
  form->funds[EVALD_FUND_TOTAL].rate = figure_of(D(98.33));
  form->funds[EVALD_FUND_TOTAL].score = figure_of(D(9.83));
  fill_fund(&form->funds[EVALD_FUND_APPROPRIATION], D(300), D(300), D(295));
  form->funds[EVALD_FUND_APPROPRIATION].rate = figure_of(D(98.33));
  fill_fund(&form->funds[EVALD_FUND_CARRYOVER], 0, 0, 0);
  form->funds[EVALD_FUND_CARRYOVER].rate = figure_of(0);
  fill_rows(f->rows);
  form->indicators = f->rows;
  form->indicator_count = 5;
  form->total = figure_of(D(99.83));
  form->grade = T("优");
}

static inline struct fixture *fixture_new(void) {
  struct fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  f->arena = evald_arena_new(1 << 22);
  f->ruleset = core_ruleset_new();
  assert_non_null(f->arena);
  assert_non_null(f->ruleset);
  fill_ruleset(f->ruleset);
  fill_form(f);
  return f;
}

static inline void fixture_free(struct fixture *f) {
  evald_ruleset_unref(f->ruleset);
  evald_arena_free(f->arena);
  free(f);
}

/* Replays every step: a verdict whose trace does not give its score is wrong
 * whatever else is right. */
static inline void replay(const struct evald_verdict *verdict) {
  evald_decimal total = 0;
  for (size_t i = 0; i < verdict->trace_count; i++) {
    evald_decimal result = -1;
    assert_int_equal(evald_trace_replay(verdict->trace, i, &result), EVALD_OK);
    assert_int_equal(result, verdict->trace[i].result);
    if (verdict->trace[i].cell.field == EVALD_CELL_TOTAL) total = result;
  }
  assert_int_equal(total, verdict->total);
}

static inline const struct evald_verdict *evaluate(struct fixture *f) {
  struct evald_fault fault;
  evald_fault_clear(&fault);
  assert_int_equal(
      evald_evaluate(&f->form, f->ruleset, f->arena, &f->verdict, &fault),
      EVALD_OK);
  replay(&f->verdict);
  return &f->verdict;
}

/* The findings as text, "A02 funds.total.rate; ~C02 indicators": an error has
 * nothing before its code, a warning "?", information "~". */
static inline const char *findings_of(struct fixture *f) {
  static const char *const marks[] = {"", "?", "~"};
  static char out[8192];
  const struct evald_verdict *verdict = evaluate(f);
  size_t at = 0;
  out[0] = '\0';
  for (size_t i = 0; i < verdict->finding_count && at < sizeof out; i++) {
    const struct evald_finding *finding = &verdict->findings[i];
    char path[EVALD_CELL_PATH];
    (void)evald_cell_path(finding->cell, path);
    at += (size_t)snprintf(
        out + at, sizeof out - at, "%s%s%s %s", i > 0 ? "; " : "",
        marks[finding->level],
        evald_finding_name((enum evald_finding_code)finding->code), path);
  }
  return out;
}

/* Where findings of one code were raised: "indicators[0].score; total", with
 * the marks of findings_of(). */
static inline const char *cells_of(struct fixture *f, const char *code) {
  static char out[4096];
  static char all[8192];
  (void)snprintf(all, sizeof all, "%s", findings_of(f));
  size_t at = 0;
  out[0] = '\0';
  char *rest = NULL;
  for (char *one = strtok_r(all, ";", &rest); one;
       one = strtok_r(NULL, ";", &rest)) {
    one += strspn(one, " ");
    size_t mark = strspn(one, "?~");
    if (strncmp(one + mark, code, 3) != 0) continue;
    at += (size_t)snprintf(out + at, sizeof out - at, "%s%.*s%s",
                           at > 0 ? "; " : "", (int)mark, one, one + mark + 4);
  }
  return out;
}

/* The first finding of a code; fails where there is none. */
static inline const struct evald_finding *finding_of(struct fixture *f,
                                                     const char *code) {
  for (size_t i = 0; i < f->verdict.finding_count; i++) {
    const struct evald_finding *finding = &f->verdict.findings[i];
    const char *name =
        evald_finding_name((enum evald_finding_code)finding->code);
    if (strcmp(name, code) == 0) return finding;
  }
  fail_msg("no finding %s", code);
  return NULL;
}

/* The good form with one change, and the cells in which `code` is then raised.
 * The change is written with `f` and `row` (the indicators). */
#define CASE(code, expected, ...)                                              \
  do {                                                                         \
    struct fixture *f = fixture_new();                                         \
    struct evald_indicator *row = f->rows;                                     \
    (void)row;                                                                 \
    __VA_ARGS__;                                                               \
    const char *cells = cells_of(f, code);                                     \
    if (strcmp(cells, expected) != 0) {                                        \
      fail_msg("%s:%d: %s at \"%s\", not at \"%s\"", __FILE__, __LINE__, code, \
               cells, expected);                                               \
    }                                                                          \
    fixture_free(f);                                                           \
  } while (0)

#endif
