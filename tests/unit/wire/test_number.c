/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/number.h"

#include "unit.h"
#include <stdio.h>
#include <stdlib.h>

static const struct {
  double value;
  enum evald_status status;
  evald_decimal decimal;
} doubles[] = {
    {0.0, EVALD_OK, 0},
    {-0.0, EVALD_OK, 0},
    {1.0, EVALD_OK, 1000000},
    {99.03, EVALD_OK, 99030000},
    {-99.03, EVALD_OK, -99030000},
    {0.1, EVALD_OK, 100000},
    {0.000001, EVALD_OK, 1},
    {0.30000000000000004, EVALD_RANGE, 0}, /* 0.1 + 0.2 is not 0.3 */
    {0.0000001, EVALD_RANGE, 0},
    {1.0 / 3, EVALD_RANGE, 0},
    {5e-324, EVALD_RANGE, 0},
    {2147483648.0, EVALD_OK, 2147483648000000},
    {123456.654321, EVALD_OK, 123456654321},
    {999999999999.0, EVALD_OK, 999999999999000000},
    {1e12, EVALD_RANGE, 0},
    {1e300, EVALD_RANGE, 0},
    {4503599627370496.0, EVALD_RANGE, 0},
    {1.0 / 0.0, EVALD_INVALID, 0},
    {-1.0 / 0.0, EVALD_INVALID, 0},
    {0.0 / 0.0, EVALD_INVALID, 0},
};

static void reads_doubles(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
    evald_decimal value = 77;
    enum evald_status status = wire_number_of_float(
        wire_bits_of_double(doubles[i].value), false, &value);
    assert_int_equal(status, doubles[i].status);
    assert_int_equal(value, status == EVALD_OK ? doubles[i].decimal : 77);
  }
}

/* Every decimal with up to six fractional digits and up to fifteen digits in
 * all survives the way through a double. */
static void decimals_survive(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (int i = 0; i < 200000; i++) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    evald_decimal wanted =
        (evald_decimal)((seed >> 1) % 1000000000000000U) >> (seed % 40);
    char text[EVALD_DECIMAL_TEXT];
    evald_decimal_print(wanted, text);
    evald_decimal found = -1;
    assert_int_equal(
        wire_number_of_float(wire_bits_of_double(strtod(text, NULL)), false,
                             &found),
        EVALD_OK);
    assert_int_equal(found, wanted);
  }
}

/* Where the shortest form that printf finds has more than six fractional
 * digits it is refused, else it is what we read. */
static void agrees_with_printf(void **state) {
  (void)state;
  uint64_t seed = 7;
  for (int i = 0; i < 200000; i++) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    double value = (double)(seed >> 20) / (double)(1U << (seed % 30));
    char text[64];
    int digits = 1;
    do {
      (void)snprintf(text, sizeof text, "%.*e", digits - 1, value);
    } while (strtod(text, NULL) != value && digits++ < 17);
    int exponent = atoi(strchr(text, 'e') + 1);
    int fraction = digits - 1 - exponent;
    (void)snprintf(text, sizeof text, "%.*f", fraction > 0 ? fraction : 0,
                   value);
    evald_decimal wanted = 0;
    evald_decimal found = 0;
    enum evald_status expected =
        evald_decimal_parse(evald_text_of(text), &wanted);
    assert_int_equal(
        wire_number_of_float(wire_bits_of_double(value), false, &found),
        expected);
    assert_int_equal(found, wanted);
  }
}

static uint32_t bits_of_single(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static void reads_singles(void **state) {
  (void)state;
  static const struct {
    float value;
    enum evald_status status;
    evald_decimal decimal;
  } singles[] = {{99.03F, EVALD_OK, 99030000},
                 {0.1F, EVALD_OK, 100000},
                 {16777216.0F, EVALD_OK, 16777216000000},
                 {1e10F, EVALD_OK, 10000000000000000},
                 {1e13F, EVALD_RANGE, 0},
                 {1.0F / 3, EVALD_RANGE, 0}};
  for (size_t i = 0; i < sizeof singles / sizeof singles[0]; i++) {
    evald_decimal value = 0;
    assert_int_equal(
        wire_number_of_float(bits_of_single(singles[i].value), true, &value),
        singles[i].status);
    assert_int_equal(value, singles[i].decimal);
  }
  evald_decimal value = 5;
  assert_int_equal(wire_number_of_float(0x7F800000, true, &value),
                   EVALD_INVALID);
}

static void reads_integers(void **state) {
  (void)state;
  evald_decimal value = 5;
  assert_int_equal(wire_number_of_int(-999999999999, &value), EVALD_OK);
  assert_int_equal(value, -999999999999000000);
  assert_int_equal(wire_number_of_int(1000000000000, &value), EVALD_RANGE);
  assert_int_equal(wire_number_of_int(INT64_MIN, &value), EVALD_RANGE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_doubles),      cmocka_unit_test(decimals_survive),
      cmocka_unit_test(agrees_with_printf), cmocka_unit_test(reads_singles),
      cmocka_unit_test(reads_integers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
