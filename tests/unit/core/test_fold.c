/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fold.h"

#include "fixture.h"

static void blanks(void **state) {
  (void)state;
  assert_true(fold_blank((struct evald_text){NULL, 0}));
  assert_true(fold_blank(T(" \n\t　\xC2\xA0\xEF\xBB\xBF")));
  assert_false(fold_blank(T(" 0")));
  assert_true(fold_says_nothing(T(" 无 ")));
  assert_true(fold_says_nothing(T("——")));
  assert_true(fold_says_nothing(T("／")));
  assert_false(fold_says_nothing(T("无法开展")));
  assert_false(fold_says_nothing(T("人事调动")));
}

static void equality(void **state) {
  (void)state;
  assert_true(
      fold_equal(T("未达成指标\n且效果 较差"), T("未达成指标且效果较差")));
  assert_true(fold_equal(T("％（Ａ）"), T("%(A)")));
  assert_false(fold_equal(T("达成"), T("达成指标")));
  assert_false(fold_equal(T("a"), T("A")));
  assert_true(fold_hash(T("培训 场次")) == fold_hash(T("培训场次")));
  assert_true(fold_hash(T("培训场次")) != fold_hash(T("培训次场")));
}

static void names(void **state) {
  (void)state;
  assert_true(fold_name_equal(T("产出指标"), T("产出")));
  assert_true(fold_name_equal(T("满意\n度指\n标"), T("满意度")));
  assert_true(fold_name_equal(T("产出（50分）"), T("产出指标")));
  assert_true(fold_name_equal(T("产出指标(50分)"), T("产出指标")));
  assert_false(fold_name_equal(T("指标"), T("")));
  assert_false(fold_name_equal(T("产出指数"), T("产出")));
  assert_false(fold_name_equal(T("产出类"), T("产出")));
  assert_false(fold_name_equal(T("（50分）"), T("")));
}

static void ends(void **state) {
  (void)state;
  assert_true(fold_ends_with(T("培训工作成效明显 "), T("明显")));
  assert_true(fold_ends_with(T("　成效明显　\n"), T("　明显　")));
  assert_false(fold_ends_with(T("明显"), T("明显")));
  assert_false(fold_ends_with(T("明显成效"), T("明显")));
  assert_false(fold_ends_with(T("成效"), T(" ")));
}

static void operators(void **state) {
  (void)state;
  struct fold_signs signs = {.count = 0};
  assert_false(fold_compares(&signs, T("≥266米")));
  assert_false(fold_compares(&signs, T("")));
  static const char *const words[] = {"≥", ">=", ">", "不少于", "不", "以上"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    fold_signs_add(&signs, evald_text_of(words[i]));
  }
  assert_true(fold_compares(&signs, T(" ≥266米")));
  assert_true(fold_compares(&signs, T("＞5")));
  assert_true(fold_compares(&signs, T("> = 5")));
  assert_true(fold_compares(&signs, T("不少于3次")));
  assert_true(fold_compares(&signs, T("不 少于３次")));
  assert_true(fold_compares(&signs, T("3次以上")));
  assert_true(fold_compares(&signs, T("３次 以 上　")));
  assert_false(fold_compares(&signs, T("≥")));
  assert_false(fold_compares(&signs, T("以上")));
  assert_false(fold_compares(&signs, T("<=5")));
  assert_false(fold_compares(&signs, T("良好以上"))); /* no value */
  assert_false(fold_compares(&signs, T("3次以上的")));
  assert_false(fold_compares(&signs, T("266米")));
  assert_false(fold_compares(&signs, T("")));
}

static void bracketed(const char *text, const char *number) {
  struct evald_text out = T("");
  bool found = fold_bracketed_number(evald_text_of(text), &out);
  assert_int_equal(found, number != NULL);
  if (found) assert_true(evald_text_equal(out, evald_text_of(number)));
}

static void brackets(void **state) {
  (void)state;
  bracketed("产出指标（50分）", "50");
  bracketed("产出指标( 50.5 分 )", "50.5");
  bracketed("产出（共）（30）指标", "30");
  bracketed("成本(10%)", "10");
  bracketed("产出指标（5项）", NULL);
  bracketed("产出指标（分）", NULL);
  bracketed("产出指标（50", NULL);
  bracketed("产出指标50分", NULL);
  bracketed("", NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blanks),    cmocka_unit_test(equality),
      cmocka_unit_test(names),     cmocka_unit_test(ends),
      cmocka_unit_test(operators), cmocka_unit_test(brackets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
