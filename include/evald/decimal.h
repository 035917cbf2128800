/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_DECIMAL_H
#define EVALD_DECIMAL_H

/*
 * Exact decimals: every amount, weight, rate and score of evald.
 *
 * An evald_decimal counts millionths: 297.11 is 297110000. An amount in 万元
 * held this way counts 分 (0.01 元) exactly. No binary floating point comes
 * near one.
 *
 * Invariants
 *  1. |value| <= EVALD_DECIMAL_MAX (999,999,999,999.999999); parse and every
 *     operation answer EVALD_RANGE rather than leave it.
 *  2. A product and its quotient are formed in 128 bits and rounded once.
 *  3. A rounding is always an argument, named by the ruleset; nothing here
 *     rounds by default.
 *  4. Printing is exact and has one form: no exponent, no "-0", no "+".
 *
 * Pure functions: any thread, no allocation, no locale.
 */

#include "evald/status.h"
#include "evald/text.h"

typedef int64_t evald_decimal;

enum { EVALD_DECIMAL_ONE = 1000000, EVALD_DECIMAL_DIGITS = 6 };
#define EVALD_DECIMAL_MAX INT64_C(999999999999999999)

/* Large enough for any decimal, printed either way, with its terminator. */
enum { EVALD_DECIMAL_TEXT = 24 };

/* X(name, spelling in a ruleset, in English, in Chinese). For negative values
 * "down" is toward zero and "half up" takes a tie away from zero. */
#define EVALD_ROUNDING_LIST(X)                                                 \
  X(DOWN, "down", "truncated", "截断")                                         \
  X(UP, "up", "rounded up", "进一")                                            \
  X(HALF_UP, "half_up", "rounded half up", "四舍五入")                         \
  X(HALF_EVEN, "half_even", "rounded half to even", "四舍六入五成双")

enum evald_rounding_mode {
#define X(name, spelling, en, zh) EVALD_ROUND_##name,
  EVALD_ROUNDING_LIST(X)
#undef X
      EVALD_ROUNDING_COUNT
};

/* How to round: the mode and the fractional digits kept, 0 to 6. */
struct evald_rounding {
  uint8_t mode; /* enum evald_rounding_mode */
  uint8_t digits;
};

const char *evald_rounding_name(enum evald_rounding_mode mode);
const char *evald_rounding_text(enum evald_rounding_mode mode, int chinese);

/* Reads "-?digits[.digits]": at least one digit before the point and, with a
 * point, at least one after it; nothing else, no blank, no sign "+", no
 * exponent, no thousands separator. EVALD_SYNTAX for any other text,
 * EVALD_RANGE for more than six fractional digits that are not zero, or for a
 * value outside the range. */
enum evald_status evald_decimal_parse(struct evald_text text,
                                      evald_decimal *out);

/* Prints with as few fractional digits as the value needs ("12.5", "100"), or
 * with exactly `digits` of them ("100.00"; the value must have no more, see
 * evald_decimal_round; surplus digits are cut). Returns the length. */
size_t evald_decimal_print(evald_decimal value, char out[EVALD_DECIMAL_TEXT]);
size_t evald_decimal_print_fixed(evald_decimal value, unsigned digits,
                                 char out[EVALD_DECIMAL_TEXT]);

enum evald_status evald_decimal_add(evald_decimal a, evald_decimal b,
                                    evald_decimal *out);
enum evald_status evald_decimal_subtract(evald_decimal a, evald_decimal b,
                                         evald_decimal *out);

enum evald_status evald_decimal_round(evald_decimal value,
                                      struct evald_rounding rounding,
                                      evald_decimal *out);

/* a * b / c as one exact fraction, rounded once. EVALD_RANGE where c is 0:
 * a caller that can meet a zero divisor has a rule of its own for it. */
enum evald_status evald_decimal_ratio(evald_decimal a, evald_decimal b,
                                      evald_decimal c,
                                      struct evald_rounding rounding,
                                      evald_decimal *out);

/* The sign of a*b - c*d, exact: compares the ratios a/c and d/b of positive
 * numbers without dividing. */
int evald_decimal_compare_products(evald_decimal a, evald_decimal b,
                                   evald_decimal c, evald_decimal d);

#endif
