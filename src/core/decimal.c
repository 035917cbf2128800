/* SPDX-License-Identifier: Apache-2.0 */
#include "evald/decimal.h"

#include "base/bytes.h"
#include "core/exact.h"
#include "core/figure.h"
#include <assert.h>
#include <string.h>

typedef exact_wide wide;

static const int64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};

static const char *const names[] = {
#define X(name, spelling, en, zh) spelling,
    EVALD_ROUNDING_LIST(X)
#undef X
};

static const char *const texts[][2] = {
#define X(name, spelling, en, zh) {en, zh},
    EVALD_ROUNDING_LIST(X)
#undef X
};

const char *evald_rounding_name(enum evald_rounding_mode mode) {
  return (unsigned)mode < EVALD_ROUNDING_COUNT ? names[mode] : "?";
}

const char *evald_rounding_text(enum evald_rounding_mode mode, int chinese) {
  return (unsigned)mode < EVALD_ROUNDING_COUNT ? texts[mode][chinese != 0]
                                               : "?";
}

static bool digit(char c) {
  return c >= '0' && c <= '9';
}

static enum evald_status keep(wide value, evald_decimal *out) {
  if (value > EVALD_DECIMAL_MAX || value < -EVALD_DECIMAL_MAX) {
    return EVALD_RANGE;
  }
  *out = (evald_decimal)value;
  return EVALD_OK;
}

/* Reads digits from *at on into *value until another character. Returns how
 * many; the value saturates past the range, so that zeros in front are free
 * and a hundred digits cannot overflow. */
static size_t read_digits(struct evald_text text, size_t *at, uint64_t *value) {
  size_t begin = *at;
  while (*at < text.size && digit(text.data[*at])) {
    *value = *value * 10 + (unsigned char)(text.data[*at] - '0');
    if (*value > EVALD_DECIMAL_MAX) *value = (uint64_t)EVALD_DECIMAL_MAX + 1;
    (*at)++;
  }
  return *at - begin;
}

/* The fraction after the point as millionths. Zeros past the sixth digit are
 * allowed: they change nothing. */
static enum evald_status read_fraction(struct evald_text text, size_t *at,
                                       int64_t *millionths) {
  size_t digits = 0;
  bool fine = true;
  *millionths = 0;
  for (; *at < text.size && digit(text.data[*at]); (*at)++, digits++) {
    int value = text.data[*at] - '0';
    if (digits < EVALD_DECIMAL_DIGITS) {
      *millionths += value * power[EVALD_DECIMAL_DIGITS - 1 - digits];
    } else if (value != 0) {
      fine = false;
    }
  }
  if (digits == 0 || *at != text.size) return EVALD_SYNTAX;
  return fine ? EVALD_OK : EVALD_RANGE;
}

static bool parse_short(struct evald_text text, evald_decimal *out) {
  if (text.size > FIGURE_WIDTH) {
    return text.size <= FIGURE_LONG &&
           figure_of_amount(text.data, text.size, out);
  }
  return text.size > 0 &&
         figure_of_word(bytes_few(text.data, text.size), text.size, out);
}

enum evald_status evald_decimal_parse(struct evald_text text,
                                      evald_decimal *out) {
  if (parse_short(text, out)) return EVALD_OK;
  size_t at = 0;
  bool negative = text.size > 0 && text.data[0] == '-';
  if (negative) at++;
  uint64_t whole = 0;
  if (read_digits(text, &at, &whole) == 0) return EVALD_SYNTAX;
  int64_t fraction = 0;
  if (at < text.size) {
    if (text.data[at++] != '.') return EVALD_SYNTAX;
    enum evald_status status = read_fraction(text, &at, &fraction);
    if (status != EVALD_OK) return status;
  }
  wide value = (wide)whole * EVALD_DECIMAL_ONE + fraction;
  return keep(negative ? -value : value, out);
}

/* Writes the digits of `value` before `end`; returns where they begin. */
static char *write_digits(uint64_t value, size_t at_least, char *end) {
  while (value > 0 || at_least > 0) {
    *--end = (char)('0' + value % 10);
    value /= 10;
    if (at_least > 0) at_least--;
  }
  return end;
}

size_t evald_decimal_print_fixed(evald_decimal value, unsigned digits,
                                 char out[EVALD_DECIMAL_TEXT]) {
  assert(digits <= EVALD_DECIMAL_DIGITS);
  uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  size /= (uint64_t)power[EVALD_DECIMAL_DIGITS - digits];
  bool negative = value < 0 && size > 0;
  char text[EVALD_DECIMAL_TEXT];
  char *end = text + sizeof text;
  char *begin = end;
  if (digits > 0) {
    begin = write_digits(size % (uint64_t)power[digits], digits, begin);
    *--begin = '.';
  }
  begin = write_digits(size / (uint64_t)power[digits], 1, begin);
  if (negative) *--begin = '-';
  size_t length = (size_t)(end - begin);
  memcpy(out, begin, length);
  out[length] = '\0';
  return length;
}

size_t evald_decimal_print(evald_decimal value, char out[EVALD_DECIMAL_TEXT]) {
  unsigned digits = EVALD_DECIMAL_DIGITS;
  while (digits > 0 && value % power[EVALD_DECIMAL_DIGITS - digits + 1] == 0) {
    digits--;
  }
  return evald_decimal_print_fixed(value, digits, out);
}

enum evald_status evald_decimal_add(evald_decimal a, evald_decimal b,
                                    evald_decimal *out) {
  return exact_add(a, b, out);
}

enum evald_status evald_decimal_subtract(evald_decimal a, evald_decimal b,
                                         evald_decimal *out) {
  wide rest = (wide)a - b;
  return keep(rest, out);
}

/* Whether a quotient cut toward zero must go one step away from it. `rest` and
 * `divisor` are sizes, rest < divisor. */
static bool away(enum evald_rounding_mode mode, wide quotient, wide rest,
                 wide divisor) {
  if (rest == 0) return false;
  switch (mode) {
  case EVALD_ROUND_UP:
    return true;
  case EVALD_ROUND_HALF_UP:
    return rest >= divisor - rest;
  case EVALD_ROUND_HALF_EVEN:
    return rest > divisor - rest || (rest == divisor - rest && quotient % 2);
  case EVALD_ROUND_DOWN:
  case EVALD_ROUNDING_COUNT:
  default:
    return false;
  }
}

/* The same in 64 bits, which is what nearly every figure of a form fits into
 * and a processor divides ten times sooner. `size` and `divisor` are positive.
 */
static inline int64_t divide_short(int64_t size, int64_t divisor,
                                   enum evald_rounding_mode mode) {
  int64_t quotient = size / divisor;
  int64_t rest = size - quotient * divisor;
  if (rest == 0 || mode == EVALD_ROUND_DOWN) return quotient;
  if (mode == EVALD_ROUND_HALF_UP) return quotient + (rest >= divisor - rest);
  return quotient + away(mode, quotient, rest, divisor);
}

/* numerator / denominator (> 0), in millionths, rounded once. */
static enum evald_status divide(wide numerator, wide denominator,
                                struct evald_rounding rounding,
                                evald_decimal *out) {
  assert(rounding.digits <= EVALD_DECIMAL_DIGITS);
  int64_t step = power[EVALD_DECIMAL_DIGITS - rounding.digits];
  wide divisor = denominator * step;
  wide size = numerator < 0 ? -numerator : numerator;
  wide quotient;
  if (size <= INT64_MAX && divisor <= INT64_MAX) {
    quotient = divide_short((int64_t)size, (int64_t)divisor, rounding.mode);
  } else {
    quotient = size / divisor;
    if (quotient > EVALD_DECIMAL_MAX) return EVALD_RANGE;
    if (away(rounding.mode, quotient, size % divisor, divisor)) quotient++;
  }
  quotient *= step;
  return keep(numerator < 0 ? -quotient : quotient, out);
}

/* Where all is positive and fits into 64 bits, as nearly always. */
static inline bool ratio_short(evald_decimal a, evald_decimal b,
                               evald_decimal c, struct evald_rounding rounding,
                               evald_decimal *out) {
  int64_t product;
  int64_t divisor;
  int64_t step = power[EVALD_DECIMAL_DIGITS - rounding.digits];
  if ((a | b) < 0 || c <= 0 || __builtin_mul_overflow(a, b, &product) ||
      __builtin_mul_overflow(c, step, &divisor)) {
    return false;
  }
  int64_t quotient = divide_short(product, divisor, rounding.mode);
  int64_t rounded;
  if (__builtin_mul_overflow(quotient, step, &rounded) ||
      rounded > EVALD_DECIMAL_MAX) {
    return false;
  }
  *out = rounded;
  return true;
}

enum evald_status evald_decimal_round(evald_decimal value,
                                      struct evald_rounding rounding,
                                      evald_decimal *out) {
  if (ratio_short(value, 1, 1, rounding, out)) return EVALD_OK;
  return divide(value, 1, rounding, out);
}

/* Apart, so that the common case need not save what this uses. */
__attribute__((noinline, cold)) static enum evald_status ratio_long(
    evald_decimal a, evald_decimal b, evald_decimal c,
    struct evald_rounding rounding, evald_decimal *out) {
  if (c == 0) return EVALD_RANGE;
  wide product = (wide)a * b;
  return c < 0 ? divide(-product, -(wide)c, rounding, out)
               : divide(product, c, rounding, out);
}

enum evald_status evald_decimal_ratio(evald_decimal a, evald_decimal b,
                                      evald_decimal c,
                                      struct evald_rounding rounding,
                                      evald_decimal *out) {
  assert(rounding.digits <= EVALD_DECIMAL_DIGITS);
  if (ratio_short(a, b, c, rounding, out)) return EVALD_OK;
  return ratio_long(a, b, c, rounding, out);
}

int evald_decimal_compare_products(evald_decimal a, evald_decimal b,
                                   evald_decimal c, evald_decimal d) {
  return exact_compare(a, b, c, d);
}
