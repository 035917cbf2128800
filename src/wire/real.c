/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/real.h"

#include "wire/number.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* strtod and printf have the decimal point of the thread's locale, which is
 * not ours to change: printf says which it is. */
struct point {
  char text[16];
  size_t size;
};

static struct point point_of_locale(void) {
  struct point point;
  (void)snprintf(point.text, sizeof point.text, "%.1f", 0.5);
  point.size = strlen(point.text) - 2;
  memmove(point.text, point.text + 1, point.size);
  return point;
}

static bool is_finite(uint64_t bits) {
  return (bits >> 52 & 0x7FF) != 0x7FF;
}

bool wire_real_parse(struct evald_text text, uint64_t *out) {
  char room[WIRE_REAL_MAX + sizeof(struct point)];
  const struct point point = point_of_locale();
  const char *dot = memchr(text.data, '.', text.size);
  size_t before = dot ? (size_t)(dot - text.data) : text.size;
  char *end = room + before;
  memcpy(room, text.data, before);
  if (dot) {
    size_t behind = text.size - before - 1;
    memcpy(end, point.text, point.size);
    memcpy(end + point.size, dot + 1, behind);
    end += point.size + behind;
  }
  *end = '\0';
  uint64_t bits = wire_bits_of_double(strtod(room, NULL));
  if (!is_finite(bits)) return false;
  *out = bits;
  return true;
}

static void put_dot(char *text) {
  const struct point point = point_of_locale();
  char *found = text + strspn(text, "-0123456789");
  if (strncmp(found, point.text, point.size) != 0) return;
  *found = '.';
  memmove(found + 1, found + point.size, strlen(found + point.size) + 1);
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
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(out, WIRE_REAL_TEXT, "%.*g", digits, value);
    if (wire_bits_of_double(strtod(out, NULL)) == bits) break;
  }
  put_dot(out);
  return as_json(out);
}
