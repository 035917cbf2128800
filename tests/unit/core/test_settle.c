/* SPDX-License-Identifier: Apache-2.0 */
#include "core/settle.h"

#include "fixture.h"

static const struct checked_row *settled(struct fixture *f, size_t index) {
  static struct checked_form form;
  assert_int_equal(settle_form(&f->form, f->ruleset, f->arena, &form),
                   EVALD_OK);
  return &form.rows[index];
}

/* How a row is read, by its operator, target and actual. */
static void methods(void **state) {
  (void)state;
  static const struct {
    uint8_t op;
    const char *target, *actual; /* digits: a number; NULL: absent */
    uint8_t method, settled_op;
    int level;
  } cases[] = {
      {EVALD_OP_AT_LEAST, "90", "95", ROW_QUANTITATIVE, EVALD_OP_AT_LEAST, 0},
      {EVALD_OP_NONE, "90", "95", ROW_QUANTITATIVE, EVALD_OP_AT_LEAST, 0},
      {EVALD_OP_NONE, "0", "0", ROW_QUANTITATIVE, EVALD_OP_EQUAL, 0},
      {EVALD_OP_NONE, "高", "达成指标", ROW_QUALITATIVE, EVALD_OP_NONE, 0},
      {EVALD_OP_AT_LEAST, "90", "部分达成指标", ROW_QUALITATIVE,
       EVALD_OP_AT_LEAST, 1},
      {EVALD_OP_AT_LEAST, "90", "≥95", ROW_NOT_SCORABLE, EVALD_OP_AT_LEAST, -1},
      {EVALD_OP_AT_LEAST, "90", NULL, ROW_NOT_SCORABLE, EVALD_OP_AT_LEAST, 0},
      {EVALD_OP_AT_LEAST, NULL, "95", ROW_NOT_SCORABLE, EVALD_OP_AT_LEAST, 0},
      {EVALD_OP_AT_LEAST, NULL, "未达成指标", ROW_QUALITATIVE,
       EVALD_OP_AT_LEAST, 2},
      {EVALD_OP_QUALITATIVE, "高", "尚可", ROW_QUALITATIVE,
       EVALD_OP_QUALITATIVE, -1},
      {EVALD_OP_QUALITATIVE, "90", "95", ROW_QUALITATIVE, EVALD_OP_QUALITATIVE,
       -1},
      {EVALD_OP_QUALITATIVE, "高", " ", ROW_NOT_SCORABLE, EVALD_OP_QUALITATIVE,
       0},
  };
  struct fixture *f = fixture_new();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *texts[] = {cases[i].target, cases[i].actual};
    struct evald_claim claims[2] = {{0}};
    for (size_t k = 0; k < 2; k++) {
      if (!texts[k]) continue;
      claims[k] = texts[k][0] >= '0' && texts[k][0] <= '9'
                      ? number_of(D(atoi(texts[k])))
                      : words_of(texts[k]);
    }
    f->rows[3].op = cases[i].op;
    f->rows[3].target = claims[0];
    f->rows[3].actual = claims[1];
    const struct checked_row *row = settled(f, 3);
    assert_int_equal(row->method, cases[i].method);
    assert_int_equal(row->op, cases[i].settled_op);
    assert_int_equal(row->level, cases[i].level);
    (void)evaluate(f); /* and its trace replays */
  }
  fixture_free(f);
}

static void rows_know_their_category(void **state) {
  (void)state;
  struct fixture *f = fixture_new();
  f->rows[1].level1 = T("产出");
  f->rows[2].level1 = T("其他指标");
  f->rows[3].level2 = T("数量指标");
  assert_ptr_equal(settled(f, 0)->category, &f->ruleset->categories[0]);
  assert_ptr_equal(settled(f, 1)->category, &f->ruleset->categories[0]);
  assert_null(settled(f, 2)->category);
  assert_true(settled(f, 0)->level2_fits);
  assert_false(settled(f, 3)->level2_fits);
  assert_true(settled(f, 0)->level2_words & WORD_QUANTITY);
  fixture_free(f);
}

/* Where the first row above is that bears the name of the last; blanks and
 * widths make no difference. */
static void rows_know_their_namesake(void **state) {
  (void)state;
  static const struct {
    const char *name[4];
    unsigned namesake;
  } cases[] = {{{"培训场次", "培训人次", "学员能力", "培训场次"}, 0},
               {{"培训场次", "培训人次", "学员能力", "培训 场次"}, 0},
               {{"培训场次", "培训人次", "学员能力", " 培训场次"}, 0},
               {{"培训场次", "培训场次　", "学员能力", "培训场次"}, 0},
               {{"学员能力", "（一）场次", "培训人次", "(一)场次"}, 1},
               {{"学员能力", "培训人次", "培训a次", "培训ａ次"}, 2},
               {{"学员能力", "培训人次", "培训场次", "培训之次"}, 3}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct fixture *f = fixture_new();
    struct checked_form checked;
    f->form.indicator_count = 4;
    for (size_t row = 0; row < 4; row++)
      f->rows[row].name = evald_text_of(cases[i].name[row]);
    assert_int_equal(settle_form(&f->form, f->ruleset, f->arena, &checked),
                     EVALD_OK);
    assert_int_equal(checked.rows[3].namesake, cases[i].namesake);
    fixture_free(f);
  }
}

static void what_an_absent_cell_is(void **state) {
  (void)state;
  struct evald_claim claim = {.kind = EVALD_CLAIM_ABSENT};
  assert_true(settle_absent(&claim));
  claim = words_of("　");
  assert_true(settle_absent(&claim));
  claim = words_of("无");
  assert_false(settle_absent(&claim));
  claim = number_of(0);
  assert_false(settle_absent(&claim));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(methods),
      cmocka_unit_test(rows_know_their_category),
      cmocka_unit_test(rows_know_their_namesake),
      cmocka_unit_test(what_an_absent_cell_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
