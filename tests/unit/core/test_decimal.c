/* SPDX-License-Identifier: Apache-2.0 */
#include "evald/decimal.h"
#include "unit.h"
#include <stdio.h>

static const struct {
  const char *text;
  enum evald_status status;
  evald_decimal value;
  const char *printed;
} readings[] = {
    {"0", EVALD_OK, 0, "0"},
    {"-0", EVALD_OK, 0, "0"},
    {"-0.000000", EVALD_OK, 0, "0"},
    {"297.11", EVALD_OK, 297110000, "297.11"},
    {"0.60", EVALD_OK, 600000, "0.6"},
    {"000012.5", EVALD_OK, 12500000, "12.5"},
    {"-3.000001", EVALD_OK, -3000001, "-3.000001"},
    {"1.2300000000000", EVALD_OK, 1230000, "1.23"},
    {"999999999999.999999", EVALD_OK, EVALD_DECIMAL_MAX, "999999999999.999999"},
    {"-999999999999.999999", EVALD_OK, -EVALD_DECIMAL_MAX,
     "-999999999999.999999"},
    {"1000000000000", EVALD_RANGE, 0, NULL},
    {"99999999999999999999999999999999999999999999", EVALD_RANGE, 0, NULL},
    {"0.0000001", EVALD_RANGE, 0, NULL},
    {"", EVALD_SYNTAX, 0, NULL},
    {"-", EVALD_SYNTAX, 0, NULL},
    {".5", EVALD_SYNTAX, 0, NULL},
    {"5.", EVALD_SYNTAX, 0, NULL},
    {"+5", EVALD_SYNTAX, 0, NULL},
    {"1e3", EVALD_SYNTAX, 0, NULL},
    {"1,000", EVALD_SYNTAX, 0, NULL},
    {" 1", EVALD_SYNTAX, 0, NULL},
    {"1 ", EVALD_SYNTAX, 0, NULL},
    {"1.2.3", EVALD_SYNTAX, 0, NULL},
    {"nan", EVALD_SYNTAX, 0, NULL},
};

static void reads_and_prints(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
    evald_decimal value = 77;
    assert_int_equal(
        evald_decimal_parse(evald_text_of(readings[i].text), &value),
        readings[i].status);
    if (readings[i].status != EVALD_OK) {
      assert_int_equal(value, 77); /* untouched */
      continue;
    }
    assert_int_equal(value, readings[i].value);
    char text[EVALD_DECIMAL_TEXT];
    assert_int_equal(evald_decimal_print(value, text),
                     strlen(readings[i].printed));
    assert_string_equal(text, readings[i].printed);
  }
}

/* Amounts of up to twelve digits with two behind the point, which are read as
 * two words; and the same with any one byte turned into another. */
static void reads_amounts(void **state) {
  (void)state;
  uint64_t seed = 5;
  for (int i = 0; i < 2000; i++) {
    char text[32];
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    uint64_t cents = (seed >> 8) % UINT64_C(100000000000000);
    cents >>= seed % 40;
    int size =
        snprintf(text, sizeof text, "%llu.%02u",
                 (unsigned long long)(cents / 100), (unsigned)(cents % 100));
    evald_decimal value = 77;
    assert_int_equal(evald_decimal_parse(evald_text_of(text), &value), 0);
    assert_int_equal(value, (evald_decimal)cents * 10000);
    int at = (int)(seed >> 40) % size;
    char other = "./:-a,\x80 "[(seed >> 50) % 8];
    if (text[at] == other || (other == '-' && at == 0)) continue;
    bool moved = other == '.' && at > 0 && text[size - 3] == '.';
    text[at] = other;
    if (moved && at == size - 3) continue;
    value = 77;
    assert_int_not_equal(evald_decimal_parse(evald_text_of(text), &value), 0);
    assert_int_equal(value, 77);
  }
}

static void prints_fixed(void **state) {
  (void)state;
  char text[EVALD_DECIMAL_TEXT];
  evald_decimal_print_fixed(10 * EVALD_DECIMAL_ONE, 2, text);
  assert_string_equal(text, "10.00");
  evald_decimal_print_fixed(-5000, 2, text);
  assert_string_equal(text, "0.00"); /* never "-0.00" */
  evald_decimal_print_fixed(1999999, 0, text);
  assert_string_equal(text, "1");
}

/* 12.85 / 13.00 is 98.84615...%: truncated 98.84, rounded 98.85. */
static void rounds_by_name(void **state) {
  (void)state;
  static const struct {
    evald_decimal a, b, c;
    struct evald_rounding rounding;
    evald_decimal result;
  } cases[] = {
      {12850000, 100000000, 13000000, {EVALD_ROUND_DOWN, 2}, 98840000},
      {12850000, 100000000, 13000000, {EVALD_ROUND_HALF_UP, 2}, 98850000},
      {12850000, 100000000, 13000000, {EVALD_ROUND_HALF_UP, 1}, 98800000},
      {12850000, 100000000, 13000000, {EVALD_ROUND_HALF_UP, 0}, 99000000},
      {12850000, 100000000, 13000000, {EVALD_ROUND_DOWN, 0}, 98000000},
      /* 215457.6 / 250000 is 86.18304%, printed 86.19 in Shanghai 2022 */
      {215457600000, 100000000, 250000000000, {EVALD_ROUND_UP, 2}, 86190000},
      {-12850000, 100000000, 13000000, {EVALD_ROUND_DOWN, 2}, -98840000},
      {-12850000, 100000000, 13000000, {EVALD_ROUND_UP, 2}, -98850000},
      {12850000, 100000000, -13000000, {EVALD_ROUND_DOWN, 2}, -98840000},
      {1000000, 1000000, 8000000, {EVALD_ROUND_HALF_UP, 2}, 130000},
      {1000000, 1000000, 8000000, {EVALD_ROUND_HALF_EVEN, 2}, 120000},
      {3000000, 1000000, 8000000, {EVALD_ROUND_HALF_EVEN, 2}, 380000},
      {-1000000, 1000000, 8000000, {EVALD_ROUND_HALF_UP, 2}, -130000},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    evald_decimal out;
    assert_int_equal(evald_decimal_ratio(cases[i].a, cases[i].b, cases[i].c,
                                         cases[i].rounding, &out),
                     EVALD_OK);
    assert_int_equal(out, cases[i].result);
  }
}

static void keeps_its_range(void **state) {
  (void)state;
  const struct evald_rounding exact = {EVALD_ROUND_DOWN, 6};
  evald_decimal out = 77;
  assert_int_equal(evald_decimal_add(EVALD_DECIMAL_MAX, 1, &out), EVALD_RANGE);
  assert_int_equal(evald_decimal_subtract(-EVALD_DECIMAL_MAX, 1, &out),
                   EVALD_RANGE);
  assert_int_equal(evald_decimal_ratio(1, 1, 0, exact, &out), EVALD_RANGE);
  assert_int_equal(
      evald_decimal_round(EVALD_DECIMAL_MAX,
                          (struct evald_rounding){EVALD_ROUND_UP, 0}, &out),
      EVALD_RANGE);
  assert_int_equal(
      evald_decimal_ratio(EVALD_DECIMAL_MAX, EVALD_DECIMAL_MAX, 1, exact, &out),
      EVALD_RANGE);
  assert_int_equal(out, 77);
  assert_int_equal(evald_decimal_ratio(EVALD_DECIMAL_MAX, EVALD_DECIMAL_MAX,
                                       EVALD_DECIMAL_MAX, exact, &out),
                   EVALD_OK);
  assert_int_equal(out, EVALD_DECIMAL_MAX);
  assert_int_equal(evald_decimal_compare_products(EVALD_DECIMAL_MAX, 3,
                                                  EVALD_DECIMAL_MAX, 2),
                   1);
}

/* Short texts are read another way than long ones: zeros in front, which mean
 * nothing, make the one into the other. */
static void reads_short_and_long_alike(void **state) {
  static const char alphabet[] = "0159.-a";
  enum { LETTERS = sizeof alphabet - 1, MOST = 5 };
  static const char zeros[] = "000000000";
  enum { ZEROS = sizeof zeros - 1 };
  (void)state;
  for (unsigned size = 1, texts = LETTERS; size <= MOST;
       size++, texts *= LETTERS) {
    for (unsigned number = 0; number < texts; number++) {
      char text[ZEROS + MOST];
      memcpy(text, zeros, ZEROS);
      for (unsigned i = 0, rest = number; i < size; i++, rest /= LETTERS) {
        text[ZEROS + i] = alphabet[rest % LETTERS];
      }
      evald_decimal value = 1;
      evald_decimal longer = 1;
      char first = text[ZEROS];
      enum evald_status status =
          evald_decimal_parse((struct evald_text){text + ZEROS, size}, &value);
      if (first == '.' || first == 'a') {
        assert_int_equal(status, EVALD_SYNTAX);
      } else if (first != '-') {
        assert_int_equal(evald_decimal_parse(
                             (struct evald_text){text, ZEROS + size}, &longer),
                         status);
        assert_int_equal(value, longer);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_and_prints),
      cmocka_unit_test(reads_amounts),
      cmocka_unit_test(prints_fixed),
      cmocka_unit_test(rounds_by_name),
      cmocka_unit_test(keeps_its_range),
      cmocka_unit_test(reads_short_and_long_alike)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
