/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_EXACT_H
#define CORE_EXACT_H

/* Sums and comparisons of decimals that are shorter than a call of them:
 * evald_decimal_add() and evald_decimal_compare_products() for the rows of a
 * form. */

#include "evald/decimal.h"

__extension__ typedef __int128 exact_wide;

static inline enum evald_status exact_add(evald_decimal a, evald_decimal b,
                                          evald_decimal *out) {
  evald_decimal sum; /* past 64 bits is past the range */
  if (__builtin_add_overflow(a, b, &sum)) return EVALD_RANGE;
  if (sum > EVALD_DECIMAL_MAX || sum < -EVALD_DECIMAL_MAX) return EVALD_RANGE;
  *out = sum;
  return EVALD_OK;
}

/* The sign of a*b - c*d. */
static inline int exact_compare(evald_decimal a, evald_decimal b,
                                evald_decimal c, evald_decimal d) {
  exact_wide left = (exact_wide)a * b;
  exact_wide right = (exact_wide)c * d;
  return (left > right) - (left < right);
}

#endif
