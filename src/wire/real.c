/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/real.h"

#include "wire/number.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* strtod and printf write decimal points as the locale has them: for the time
 * of a call the thread has C's, which always exists. */
static locale_t plain_numbers(locale_t *kept) {
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  *kept = uselocale(c);
  return c;
}

static void usual_numbers(locale_t c, locale_t kept) {
  (void)uselocale(kept);
  freelocale(c);
}

static bool is_finite(uint64_t bits) {
  return (bits >> 52 & 0x7FF) != 0x7FF;
}

bool wire_real_parse(struct evald_text text, uint64_t *out) {
  char room[WIRE_REAL_MAX];
  locale_t kept, c = plain_numbers(&kept);
  memcpy(room, text.data, text.size);
  room[text.size] = '\0';
  uint64_t bits = wire_bits_of_double(strtod(room, NULL));
  usual_numbers(c, kept);
  if (!is_finite(bits)) return false;
  *out = bits;
  return true;
}

/* "1e+05" -> "1e5", "100" -> "100.0": it stays a float for whoever reads it. */
static size_t as_json(char *text) {
  char *exponent = strchr(text, 'e');
  if (!exponent && !strchr(text, '.')) strcat(text, ".0");
  if (!exponent) return strlen(text);
  char *digits = exponent + 1 + (exponent[1] == '-');
  size_t useless = strspn(digits, "+0");
  memmove(digits, digits + useless, strlen(digits + useless) + 1);
  return strlen(text);
}

size_t wire_real_print(uint64_t bits, char out[WIRE_REAL_TEXT]) {
  if (!is_finite(bits)) return 0;
  double value = wire_double_of_bits(bits);
  locale_t kept, c = plain_numbers(&kept);
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(out, WIRE_REAL_TEXT, "%.*g", digits, value);
    if (wire_bits_of_double(strtod(out, NULL)) == bits) break;
  }
  usual_numbers(c, kept);
  return as_json(out);
}
