/* SPDX-License-Identifier: Apache-2.0 */
#include "core/worth.h"

#include "core/checks.h"
#include "core/score.h"
#include "core/settle.h"
#include "fixture.h"

/*
 * A check that is not worth running has nothing to raise: forms with odd cells
 * are evaluated, then every check is run on them, and both must find the same.
 */

enum { ROUNDS = 40000, CHANGES = 6 };

static uint64_t seed = 20241125;

static unsigned any(unsigned count) {
  seed = seed * 6364136223846793005U + 1442695040888963407U;
  return (unsigned)(seed >> 33) % count;
}

static const char *const words[] = {"",
                                    " ",
                                    "　",
                                    "无",
                                    "-",
                                    "产出指标",
                                    "效益指标",
                                    "满意度指标",
                                    "成本指标",
                                    "数量指标",
                                    "质量指标",
                                    "成本",
                                    "数量 指标",
                                    "产出指标（50分）",
                                    "产出指标(20)",
                                    "社会效益指标",
                                    "培训",
                                    "达成指标",
                                    "部分达成指标",
                                    "未达成指标",
                                    "达成 指标",
                                    "完成",
                                    "≥100",
                                    "不少于5",
                                    "至少 3",
                                    "%",
                                    "％",
                                    " %",
                                    "次",
                                    "万元",
                                    "元",
                                    "人 次",
                                    "千元",
                                    "优",
                                    "良 ",
                                    "资金支付率",
                                    "培训经费支出",
                                    "绩效目标合理性",
                                    "覆盖率",
                                    "增长率",
                                    "有所提升",
                                    "提升",
                                    "提升 ",
                                    "预算执行率为50%",
                                    "执行率98.33%",
                                    "培训场次11场",
                                    "因年中新增追加预算",
                                    "下一步加强改进",
                                    "学员满意度"};

static struct evald_text any_text(void) {
  unsigned which = any(sizeof words / sizeof words[0] + 4);
  if (which >= sizeof words / sizeof words[0]) return (struct evald_text){0};
  return evald_text_of(words[which]);
}

static evald_decimal any_value(void) {
  static const double values[] = {0,    1,  10,   20,      30,    50,  60,
                                  85,   90, 95,   98.33,   99.83, 100, 130,
                                  9.83, -1, 0.01, 3000000, 295,   300, 5.5};
  return D(values[any(sizeof values / sizeof values[0])]);
}

static struct evald_figure any_figure(void) {
  if (any(5) == 0) return (struct evald_figure){0};
  return figure_of(any_value());
}

static struct evald_claim any_claim(void) {
  if (any(6) == 0) return (struct evald_claim){0};
  if (any(2)) return number_of(any_value());
  struct evald_text text = any_text();
  return (struct evald_claim){
      .kind = text.data ? EVALD_CLAIM_TEXT : EVALD_CLAIM_ABSENT, .text = text};
}

static void change_row(struct fixture *f) {
  struct evald_indicator *row =
      &f->rows[any((unsigned)f->form.indicator_count)];
  struct evald_text *texts[] = {&row->level1, &row->level2,      &row->name,
                                &row->unit,   &row->actual_unit, &row->reason,
                                &row->measure};
  switch (any(8)) {
  case 0:
    row->op = (uint8_t)any(EVALD_OPERATOR_COUNT);
    break;
  case 1:
    row->target = any_claim();
    break;
  case 2:
    row->actual = any_claim();
    break;
  case 3:
    row->weight = any_figure();
    break;
  case 4:
    row->score = any_figure();
    break;
  case 5:
    row->not_applicable = !row->not_applicable;
    break;
  default:
    *texts[any(sizeof texts / sizeof texts[0])] = any_text();
  }
}

static void change_fund(struct fixture *f) {
  struct evald_fund_row *row = &f->form.funds[any(EVALD_FUND_COUNT)];
  struct evald_figure *figures[] = {&row->opening, &row->budget, &row->executed,
                                    &row->weight,  &row->rate,   &row->score};
  *figures[any(6)] = any_figure();
  if (any(12) == 0) row->present = !row->present;
}

static void change_head(struct fixture *f) {
  struct evald_form *form = &f->form;
  struct evald_text *texts[] = {
      &form->pro_name, &form->dept_name, &form->dept_code,   &form->agency_name,
      &form->grade,    &form->reason,    &form->goal_actual, &form->measure};
  *texts[any(8)] = any_text();
  if (any(4) == 0) form->total = any_figure();
  if (any(20) == 0) form->fiscal_year = 0;
}

/* What no single change comes to: every measured value its target, and a row of
 * money in which the two units of it are confused. */
static void change_table(struct fixture *f) {
  for (size_t i = 0; i < f->form.indicator_count; i++) {
    if (f->rows[i].op != EVALD_OP_QUALITATIVE)
      f->rows[i].actual = f->rows[i].target;
  }
  if (any(2)) return;
  measure(&f->rows[0], EVALD_OP_AT_LEAST, D(300), any(2) ? "元" : "万 元",
          D(3000000));
}

/* Other rules now and then, so that thresholds and bases matter too. */
static void change_rules(struct evald_ruleset *ruleset) {
  ruleset->execution.base = (uint8_t)any(2);
  ruleset->execution.formula = (uint8_t)any(3);
  ruleset->execution.scored = any(4) > 0;
  ruleset->rows.explain_above = any(3) ? D(130) : D(90);
  ruleset->rows.not_applicable = (uint8_t)any(2);
  ruleset->rows.negative_actual = (uint8_t)any(2);
  ruleset->explain_execution_below = any(3) ? D(90) : D(120);
  ruleset->cost_required = any(2);
  ruleset->graded = (uint8_t)any(2);
  ruleset->checks[RULESET_CHECK_C19].threshold = any(3) ? D(5000) : D(1.5);
  ruleset->checks[RULESET_CHECK_W02].threshold = any(3) ? D(30) : D(5);
  ruleset->rows.rounding = (struct evald_rounding){
      (uint8_t)any(EVALD_ROUNDING_COUNT), (uint8_t)any(3)};
  ruleset->total_rounding.digits = (uint8_t)any(3);
  ruleset->categories[0].weighted = any(2);
}

static void run_every_check(struct check check) {
#define X(code, when, refers)                                                  \
  check.which = RULESET_CHECK_##code;                                          \
  check.rule = EVALD_RULE_##refers;                                            \
  check.settings = &check.ruleset->checks[check.which];                        \
  if (!check.settings->off) check_##code(&check);
  CHECK_LIST(X)
#undef X
}

static bool same_finding(const struct evald_finding *a,
                         const struct evald_finding *b) {
  return a->code == b->code && a->level == b->level && a->rule == b->rule &&
         a->cell.field == b->cell.field && a->cell.index == b->cell.index &&
         a->printed.low == b->printed.low && a->expected.low == b->expected.low;
}

static void compare(const struct evald_verdict *verdict,
                    const struct finding_list *every) {
  size_t at = 0;
  for (size_t i = 0; i < verdict->finding_count; i++) {
    const struct evald_finding *found = &verdict->findings[i];
    if (found->code == EVALD_FINDING_I01) continue; /* raised while scoring */
    assert_true(at < every->count);
    assert_true(same_finding(found, &every->items[at++]));
  }
  if (at < every->count) {
    fail_msg(
        "%s was not worth running",
        evald_finding_name((enum evald_finding_code)every->items[at].code));
  }
}

static void hold(struct fixture *f) {
  struct evald_verdict verdict;
  evald_arena_reset(f->arena);
  if (evald_evaluate(&f->form, f->ruleset, f->arena, &verdict, NULL) !=
      EVALD_OK) {
    return; /* a sum out of range */
  }
  struct checked_form checked;
  struct finding_list every;
  finding_list_init(&every, f->arena, f->ruleset);
  assert_int_equal(settle_form(&f->form, f->ruleset, f->arena, &checked),
                   EVALD_OK);
  run_every_check((struct check){.form = &checked,
                                 .claim = &f->form,
                                 .ruleset = f->ruleset,
                                 .scored = &verdict,
                                 .rows = checked.rows,
                                 .row_count = f->form.indicator_count,
                                 .findings = &every});
  finding_list_sort(&every);
  compare(&verdict, &every);
}

static void what_is_left_out_finds_nothing(void **state) {
  (void)state;
  for (int round = 0; round < ROUNDS / CHANGES; round++) {
    struct fixture *f = fixture_new();
    if (any(2)) change_rules(f->ruleset);
    f->form.indicator_count = 1 + any(5);
    for (size_t i = 0; any(2) && i < FIXTURE_ROWS; i++)
      f->rows[i].actual_unit = f->rows[i].unit;
    for (int i = 0; i < CHANGES; i++) {
      if (any(2)) change_row(f);
      if (any(4) == 0) change_fund(f);
      if (any(4) == 0) change_head(f);
      if (any(10) == 0) f->rows[any(5)] = f->rows[any(5)];
      if (any(10) == 0) change_table(f);
      hold(f);
    }
    fixture_free(f);
  }
}

/* A form without fault runs few checks: else none of this is worth it. */
static void little_is_worth_running(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  struct checked_form checked;
  assert_int_equal(settle_form(&f->form, f->ruleset, f->arena, &checked),
                   EVALD_OK);
  int worth = __builtin_popcountll(worth_form(&checked));
  assert_in_range(worth, 1, 10);
  fixture_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_left_out_finds_nothing),
      cmocka_unit_test(little_is_worth_running),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
