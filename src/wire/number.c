/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/number.h"

#include <string.h>

__extension__ typedef __int128 wide;

/*
 * A finite float is mantissa * 2^-shift. In millionths it is numerator /
 * denominator; every decimal within half a unit of the float's last place
 * reads back as that float. Of those the shortest is the multiple of the
 * largest power of ten.
 */
struct binary {
  uint64_t mantissa;
  int shift;
  bool negative, finite;
  bool lowest; /* the mantissa's lowest: the gap below is half as wide */
};

enum { SMALLEST = 80 /* a larger shift is below half a millionth */ };

static struct binary take_apart(uint64_t bits, unsigned fraction_bits,
                                unsigned exponent_bits) {
  uint64_t fraction = bits & ((UINT64_C(1) << fraction_bits) - 1);
  int exponent =
      (int)(bits >> fraction_bits & ((UINT64_C(1) << exponent_bits) - 1));
  int top = (1 << exponent_bits) - 1;
  int bias = (1 << (exponent_bits - 1)) - 1;
  return (struct binary){
      .mantissa = exponent ? fraction | UINT64_C(1) << fraction_bits : fraction,
      .shift = bias + (int)fraction_bits - (exponent ? exponent : 1),
      .negative = bits >> (fraction_bits + exponent_bits) & 1,
      .finite = exponent != top,
      .lowest = fraction == 0 && exponent > 1};
}

/* The float in millionths: whole + rest / denominator; and how far from it, in
 * denominators, a decimal may lie below and above. */
struct interval {
  wide whole, rest, denominator, below, above;
  bool ends_count; /* an even mantissa wins ties: the ends read back too */
};

static struct interval interval_of(const struct binary *binary) {
  wide scale = EVALD_DECIMAL_ONE;
  wide numerator = (wide)binary->mantissa * scale;
  struct interval it = {.denominator = 1, .above = scale / 2};
  if (binary->shift >= 0) {
    it.denominator = (wide)1 << binary->shift;
  } else {
    numerator <<= -binary->shift;
    it.above <<= -binary->shift;
  }
  it.whole = numerator / it.denominator;
  it.rest = numerator % it.denominator;
  it.below = binary->lowest ? it.above / 2 : it.above;
  it.ends_count = binary->mantissa % 2 == 0;
  return it;
}

/* Whether `distance` - or + rest/denominator millionths is within `bound`. The
 * first comparison keeps the product inside 128 bits. */
static bool within(const struct interval *it, wide distance, wide rest,
                   wide bound) {
  if (distance > bound / it->denominator + 1) return false;
  wide exact = distance * it->denominator + rest;
  return exact < bound || (exact == bound && it->ends_count);
}

/* The multiple of `unit` nearest to the float that reads back as it. */
static bool multiple_within(const struct interval *it, wide unit, wide *out) {
  wide down = it->whole % unit;
  wide up = unit - down;
  bool low = within(it, down, it->rest, it->below);
  bool high = within(it, up, -it->rest, it->above);
  if (!low && !high) return false;
  wide lower = it->whole - down;
  *out = low ? lower : it->whole + up;
  if (!low || !high) return true;
  /* Both: the nearer, of two as near the even one. (Only here do the products
   * surely fit.) */
  wide to_lower = down * it->denominator + it->rest;
  wide to_upper = up * it->denominator - it->rest;
  if (to_upper < to_lower || (to_upper == to_lower && lower / unit % 2)) {
    *out = it->whole + up;
  }
  return true;
}

enum evald_status wire_number_of_float(uint64_t bits, bool is_single,
                                       evald_decimal *out) {
  struct binary binary =
      is_single ? take_apart(bits, 23, 8) : take_apart(bits, 52, 11);
  if (!binary.finite) return EVALD_INVALID;
  if (binary.mantissa == 0) {
    *out = 0;
    return EVALD_OK;
  }
  /* A shift below -17 is at least 2^40, past the range. */
  if (binary.shift > SMALLEST || binary.shift < -17) return EVALD_RANGE;
  struct interval interval = interval_of(&binary);
  if (interval.whole > EVALD_DECIMAL_MAX) return EVALD_RANGE;
  wide unit = INT64_C(1000000000000000000);
  for (; unit > 0; unit /= 10) {
    wide found;
    if (!multiple_within(&interval, unit, &found)) continue;
    if (found > EVALD_DECIMAL_MAX) return EVALD_RANGE;
    *out = (evald_decimal)(binary.negative ? -found : found);
    return EVALD_OK;
  }
  return EVALD_RANGE;
}

enum evald_status wire_number_of_int(int64_t value, evald_decimal *out) {
  const int64_t most = EVALD_DECIMAL_MAX / EVALD_DECIMAL_ONE;
  if (value > most || value < -most) return EVALD_RANGE;
  *out = value * EVALD_DECIMAL_ONE;
  return EVALD_OK;
}

static enum wire_reject reject_of(enum evald_status status) {
  switch ((int)status) {
  case EVALD_OK:
    return WIRE_REJECT_COUNT;
  case EVALD_RANGE:
    return WIRE_REJECT_OUT_OF_RANGE;
  case EVALD_INVALID:
    return WIRE_REJECT_NOT_FINITE;
  default:
    return WIRE_REJECT_BAD_NUMBER;
  }
}

enum wire_reject wire_get_number(struct wire_cursor *cursor,
                                 evald_decimal *out) {
  enum wire_type type = wire_peek(cursor);
  if (type == WIRE_TYPE_TEXT) {
    return reject_of(evald_decimal_parse(wire_get_text(cursor), out));
  }
  if (type == WIRE_TYPE_INT) {
    int64_t whole;
    if (!wire_try_int(cursor, &whole)) return WIRE_REJECT_OUT_OF_RANGE;
    return reject_of(wire_number_of_int(whole, out));
  }
  if (type == WIRE_TYPE_FLOAT) {
    bool is_single;
    uint64_t bits = wire_get_float_bits(cursor, &is_single);
    return reject_of(wire_number_of_float(bits, is_single, out));
  }
  wire_skip(cursor);
  return WIRE_REJECT_WRONG_TYPE;
}

uint64_t wire_bits_of_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

double wire_double_of_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

double wire_double_of_single(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

void wire_put_decimal(struct wire_buffer *buffer, evald_decimal value) {
  char text[EVALD_DECIMAL_TEXT];
  size_t size = evald_decimal_print(value, text);
  wire_put_text(buffer, (struct evald_text){text, size});
}

void wire_put_decimal_if(struct wire_buffer *buffer, bool present,
                         evald_decimal value) {
  if (present) {
    wire_put_decimal(buffer, value);
  } else {
    wire_put_nil(buffer);
  }
}
