/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void codes_are_stable(void **state) {
  (void)state;
  size_t count = 0;
  unsigned last = 0;
  while (evald_finding_at(count)) {
    enum evald_finding_code code = evald_finding_at(count++);
    const char *name = evald_finding_name(code);
    unsigned family = (unsigned)(strchr("SAWCI", name[0]) - "SAWCI") + 1;
    assert_int_equal(code, family * 100 + (unsigned)atoi(name + 1));
    assert_true(code > last); /* the order of reporting */
    last = code;
  }
  assert_true(count >= 50); /* none is ever taken away */
  assert_null(evald_finding_name((enum evald_finding_code)999));
  assert_int_equal(evald_finding_default_level(EVALD_FINDING_A09),
                   EVALD_LEVEL_ERROR);
  assert_int_equal(evald_finding_default_level(EVALD_FINDING_C02),
                   EVALD_LEVEL_INFO);
}

static void cells(void **state) {
  (void)state;
  char text[EVALD_CELL_PATH];
  struct evald_cell score = {EVALD_CELL_INDICATOR_SCORE, 2};
  struct evald_cell rate = {EVALD_CELL_FUND_RATE, EVALD_FUND_CARRYOVER};
  assert_int_equal(evald_cell_path(score, text), 19);
  assert_string_equal(text, "indicators[2].score");
  (void)evald_cell_path(rate, text);
  assert_string_equal(text, "funds.carryover.rate");
  (void)evald_cell_path((struct evald_cell){EVALD_CELL_TOTAL, 0}, text);
  assert_string_equal(text, "total");
  (void)evald_cell_path(
      (struct evald_cell){EVALD_CELL_INDICATOR_ACTUAL_UNIT, 65535}, text);
  assert_string_equal(text, "indicators[65535].actual_unit");
  (void)evald_cell_path((struct evald_cell){EVALD_CELL_COUNT, 0}, text);
  assert_string_equal(text, "");
  char label[80];
  (void)evald_cell_label(score, 1, label, sizeof label);
  assert_string_equal(label, "第3项指标的得分");
  (void)evald_cell_label(rate, 0, label, sizeof label);
  assert_string_equal(label, "execution rate (carryover)");
  assert_int_equal(evald_cell_label(rate, 0, label, 0), 0);
  /* cells that no form has, as foreign bytes may name them */
  struct evald_cell none = {EVALD_CELL_FUND_RATE, EVALD_FUND_COUNT};
  (void)evald_cell_path(none, text);
  assert_string_equal(text, "funds.?.rate");
  (void)evald_cell_label(none, 1, label, sizeof label);
  assert_string_equal(label, "?的执行率");
  none.field = EVALD_CELL_COUNT;
  assert_int_equal(evald_cell_label(none, 1, label, sizeof label), 0);
}

static void values(void **state) {
  (void)state;
  char text[32];
  struct evald_value value = {.kind = EVALD_VALUE_DECIMAL, .low = D(99.03)};
  (void)evald_value_print(&value, text, sizeof text);
  assert_string_equal(text, "99.03");
  value = (struct evald_value){
      .kind = EVALD_VALUE_RANGE, .low = D(24), .high = D(30)};
  (void)evald_value_print(&value, text, sizeof text);
  assert_string_equal(text, "24 … 30");
  value = (struct evald_value){.kind = EVALD_VALUE_TEXT, .text = T("优良")};
  assert_int_equal(evald_value_print(&value, text, 6), 3);
  assert_string_equal(text, "优");
  assert_int_equal(evald_value_print(&value, text, 0), 0);
  value.kind = EVALD_VALUE_NONE;
  assert_int_equal(evald_value_print(&value, text, sizeof text), 0);
}

static void expect(const struct evald_finding *finding, int chinese,
                   const char *sentence) {
  char text[512];
  assert_int_equal(evald_finding_sentence(finding, chinese, text, sizeof text),
                   strlen(sentence));
  assert_string_equal(text, sentence);
}

static void sentences(void **state) {
  (void)state;
  struct evald_finding finding = {
      .code = EVALD_FINDING_A02,
      .cell = {EVALD_CELL_FUND_RATE, EVALD_FUND_TOTAL},
      .printed = {.kind = EVALD_VALUE_DECIMAL, .low = D(99.04)},
      .expected = {.kind = EVALD_VALUE_DECIMAL, .low = D(99.03)}};
  expect(&finding, 1, "年度资金总额的执行率印为99.04%，按规则应为99.03%");
  expect(&finding, 0,
         "Execution rate (total) is printed as 99.04%; by the rule it is "
         "99.03%");
  finding.detail =
      (struct evald_value){.kind = EVALD_VALUE_TEXT, .text = T("half_up/2")};
  expect(&finding, 1,
         "年度资金总额的执行率印为99.04%，按规则应为99.03%"
         "（印出的数是准确值四舍五入保留2位小数所得）");
  expect(&finding, 0,
         "Execution rate (total) is printed as 99.04%; by the rule it is "
         "99.03% (the exact rate was rounded half up to 2 digits)");
}

/* What a form says is printed as it stands, whatever is in it. */
static void a_form_cannot_write_sentences(void **state) {
  (void)state;
  struct evald_finding finding = {
      .code = EVALD_FINDING_W01,
      .printed = {.kind = EVALD_VALUE_TEXT, .text = T("{detail}]%s")},
      .expected = {.kind = EVALD_VALUE_TEXT, .text = T("half_up/9")},
      .detail = {.kind = EVALD_VALUE_TEXT, .text = T("[x]")}};
  expect(&finding, 0, "“[x]” weighs {detail}]%s; the ruleset says half_up/9");
}

static void every_sentence_is_cut_at_a_character(void **state) {
  (void)state;
  char text[256];
  for (size_t i = 0; evald_finding_at(i); i++) {
    struct evald_finding finding = {.code = (uint16_t)evald_finding_at(i)};
    for (int chinese = 0; chinese <= 1; chinese++) {
      size_t whole = evald_finding_sentence(&finding, chinese, text, 256);
      assert_true(whole > 10);
      assert_null(strpbrk(text, "{}[]"));
      for (size_t size = 1; size < 64; size++) {
        size_t length = evald_finding_sentence(&finding, chinese, text, size);
        assert_true(length < size);
        assert_int_equal(strlen(text), length);
        assert_true(length == 0 || whole < size ||
                    length + 3 >= size); /* no more is cut than has to be */
      }
    }
  }
  struct evald_finding unknown = {.code = 999};
  assert_int_equal(evald_finding_sentence(&unknown, 0, text, 256), 0);
}

static void levels_and_rules(void **state) {
  (void)state;
  assert_string_equal(evald_level_name(EVALD_LEVEL_WARNING), "warning");
  assert_string_equal(evald_level_text(EVALD_LEVEL_INFO, 1), "提示");
  assert_string_equal(evald_level_name(EVALD_LEVEL_COUNT), "?");
  assert_string_equal(evald_level_text(EVALD_LEVEL_COUNT, 0), "?");
  assert_string_equal(evald_rule_path(EVALD_RULE_RATE_ROUNDING),
                      "execution.rate_rounding");
  assert_string_equal(evald_rule_path(EVALD_RULE_COUNT), "?");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(codes_are_stable),
      cmocka_unit_test(cells),
      cmocka_unit_test(values),
      cmocka_unit_test(sentences),
      cmocka_unit_test(a_form_cannot_write_sentences),
      cmocka_unit_test(every_sentence_is_cut_at_a_character),
      cmocka_unit_test(levels_and_rules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
