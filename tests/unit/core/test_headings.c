/* SPDX-License-Identifier: Apache-2.0 */
#include "core/headings.h"

#include "core/settle.h"
#include "fixture.h"

/* A heading that is known says what would be found out without it. */
static void hold(const struct evald_ruleset *ruleset, struct evald_text text) {
  const struct heading *found = headings_find(&ruleset->headings, text);
  if (!found) return;
  assert_true(evald_text_equal(found->text, text));
  assert_ptr_equal(found->category, core_ruleset_category(ruleset, text));
  assert_int_equal(found->words, words_in(&ruleset->words, text).kinds);
  assert_int_equal(found->may_bracket, fold_may_have_bracket(text));
  for (unsigned i = 0; i < ruleset->category_count; i++)
    assert_int_equal(found->fits >> i & 1,
                     core_ruleset_has_level2(&ruleset->categories[i], text));
}

static void each_is_known_and_nothing_else(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  const struct evald_ruleset *ruleset = f->ruleset;
  for (unsigned i = 0; i < ruleset->category_count; i++) {
    const struct ruleset_words *words = &ruleset->categories[i].words;
    for (unsigned j = 0; j < words->count; j++) {
      struct evald_text text = words->word[j];
      struct evald_text less = {text.data, text.size - 3};
      if (text.size >= 8)
        assert_non_null(headings_find(&ruleset->headings, text));
      hold(ruleset, text);
      hold(ruleset, less);
    }
  }
  hold(ruleset, T("数量指标"));
  hold(ruleset, T("成本指标"));
  assert_non_null(headings_find(&ruleset->headings, T("数量指标")));
  assert_null(headings_find(&ruleset->headings, T("产出指标（50分）")));
  assert_null(headings_find(&ruleset->headings, T("")));
  fixture_free(f);
}

/* Rows whose headings are known and the same in other words are settled the
 * same. */
static void rows_are_settled_alike(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  struct checked_form known;
  struct checked_form other;
  struct evald_indicator rows[5];
  memcpy(rows, f->rows, sizeof rows);
  assert_int_equal(settle_form(&f->form, f->ruleset, f->arena, &known), 0);
  for (size_t i = 0; i < 5; i++) {
    f->rows[i].level1 = i < 3 ? T("产 出指标") : rows[i].level1;
    f->rows[i].level2 = i < 1 ? T(" 数量指标") : rows[i].level2;
  }
  assert_int_equal(settle_form(&f->form, f->ruleset, f->arena, &other), 0);
  for (size_t i = 0; i < 5; i++) {
    assert_ptr_equal(known.rows[i].category, other.rows[i].category);
    assert_int_equal(known.rows[i].level2_fits, other.rows[i].level2_fits);
    assert_int_equal(known.rows[i].level2_words, other.rows[i].level2_words);
    assert_int_equal(known.rows[i].may_bracket, other.rows[i].may_bracket);
  }
  assert_true(known.rows[0].level2_fits);
  assert_true(known.rows[0].level2_words & WORD_QUANTITY);
  assert_false(known.rows[0].may_bracket);
  fixture_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_is_known_and_nothing_else),
      cmocka_unit_test(rows_are_settled_alike)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
