/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define TELL(words) f->form.goal_actual = T(words)

static void c16_figures_that_differ(void **state) {
  (void)state;
  CASE("C16", "?goal.actual", TELL("资金执行率达 97.33%，效果好"));
  CASE("C16", "?goal.actual", TELL("全年预算执行率为：100％。"));
  CASE("C16", "?goal.actual", TELL("完成培训场次12场"));
  CASE("C16", "?goal.actual; ?goal.actual",
       TELL("培训合格率达到96%，学员满意度为 93.5 %。"));
}

/* At the very beginning, at the very end, and over a line. */
static void c16_figures_at_an_edge(void **state) {
  (void)state;
  CASE("C16", "?goal.actual", TELL("执行率97%"));
  CASE("C16", "", TELL("执行率97.\n%")); /* a sentence ends between */
  CASE("C16", "?goal.actual", TELL("培训场次12\n 场"));
  CASE("C16", "?goal.actual", TELL("执行率\n是：97.50\n%"));
  CASE("C16", "", TELL("97.5"));
  CASE("C16", "", TELL("率97%"));
  CASE("C16", "", TELL("执行率97"));
  CASE("C16", "", TELL("执行率97."));
  CASE("C16", "", TELL("场次12场"));
  CASE("C16", "", TELL("培训场次12"));
  CASE("C16", "", row[0].name = T(""); TELL("12场"));
  CASE("C16", "", row[0].unit = T(""); TELL("培训场次12场"));
}

/* Wherever in its eight bytes the first digit stands. */
static void c16_figures_far_on(void **state) {
  (void)state;
  for (unsigned narrow = 0; narrow <= 10; narrow++) {
    for (unsigned wide = 0; wide <= 16; wide++) {
      char text[128];
      (void)snprintf(text, sizeof text, "a%.*s%.*s培训场次12场",
                     (int)(2 * narrow), "éèêëàâîïôû", (int)(3 * wide),
                     "一二三四五六七八九十百千万元角分");
      CASE("C16", "?goal.actual", f->form.goal_actual = evald_text_of(text));
    }
  }
}

static void c16_figures_that_agree(void **state) {
  (void)state;
  CASE("C16", "", TELL("资金执行率达 98.33%"));
  CASE("C16", "", TELL("资金执行率达98.3%，约合98%"));
  CASE("C16", "", TELL("培训场次达到11场，计划培训场次10场"));
  CASE("C16", "", TELL("学员满意度 92%"));
}

/* What a figure is not said to be of, it is not held against. */
static void c16_figures_of_something_else(void **state) {
  (void)state;
  CASE("C16", "", TELL("按期开展培训 2次，编印（12期）"));
  CASE("C16", "", TELL("截至三季度执行率60%"));
  CASE("C16", "", TELL("深化“604020”头雁梯队，覆盖82家单位"));
  CASE("C16", "", TELL("培训场次3类"));
  CASE("C16", "", TELL("执行率12项"));
  CASE("C16", "", TELL("执行率99999999999999999999%"));
  CASE("C16", "", TELL("执行率1.2345678%"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(c16_figures_that_differ),
      cmocka_unit_test(c16_figures_at_an_edge),
      cmocka_unit_test(c16_figures_far_on),
      cmocka_unit_test(c16_figures_that_agree),
      cmocka_unit_test(c16_figures_of_something_else),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
