/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_route.h"

#include "base/i18n.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum ruleset_route_part ruleset_route_part(const char *key) {
  static const char *const keys[] = {
#define X(name, key) key,
      RULESET_ROUTE_PART_LIST(X)
#undef X
  };
  unsigned part = 0;
  while (part < RULESET_ROUTE_PARTS && strcmp(keys[part], key) != 0)
    part++;
  return (enum ruleset_route_part)part;
}

static bool read_year(const char **text, uint16_t *out) {
  unsigned value = 0;
  for (int i = 0; i < 4; i++, (*text)++) {
    if (!isdigit((unsigned char)**text)) return false;
    value = value * 10 + (unsigned)(**text - '0');
  }
  *out = (uint16_t)value;
  return true;
}

static bool is_every(const char *text) {
  return *text == '\0' || strcmp(text, "*") == 0;
}

static bool read_years(const char *text, struct ruleset_route *out) {
  if (is_every(text)) return true;
  if (*text != '-' && !read_year(&text, &out->year_from)) return false;
  if (*text == '\0') {
    out->year_to = out->year_from;
    return true;
  }
  if (*text++ != '-') return false;
  if (*text != '\0' && !read_year(&text, &out->year_to)) return false;
  return *text == '\0' && (out->year_to == 0 || out->year_from <= out->year_to);
}

static bool is_division(const char *text) {
  size_t digits = strspn(text, "0123456789");
  return text[digits] == '\0' && digits <= 9;
}

static const char *copy(struct evald_arena *arena, const char *text) {
  size_t size = strlen(text) + 1;
  char *fresh = evald_arena_take(arena, size);
  return fresh ? memcpy(fresh, text, size) : NULL;
}

enum evald_status ruleset_routes_add(
    struct ruleset_routes *routes, const char *const parts[RULESET_ROUTE_PARTS],
    const struct ruleset_route_reading *reading, struct evald_fault *fault) {
  const char *division = parts[RULESET_ROUTE_DIVISION];
  const char *years = parts[RULESET_ROUTE_YEARS];
  struct ruleset_route route = {0};
  if (is_every(division)) division = "";
  if (!is_division(division))
    return evald_fault_set(fault, EVALD_INVALID, reading->place,
                           _("division \"%.40s\": up to nine digits, the "
                             "beginning of mof_div_code"),
                           division);
  if (!read_years(years, &route))
    return evald_fault_set(fault, EVALD_INVALID, reading->place,
                           _("years \"%.40s\": write 2024, 2024-, -2023 or "
                             "2020-2023"),
                           years);
  if (routes->count == RULESET_ROUTES_MAX)
    return evald_fault_set(fault, EVALD_LIMIT, reading->place,
                           _("more than %d routes"), RULESET_ROUTES_MAX);
  route.division = copy(reading->arena, division);
  route.id = copy(reading->arena, parts[RULESET_ROUTE_RULESET]);
  if (!route.division || !route.id)
    return evald_fault_set(fault, EVALD_MEMORY, reading->place, _("no memory"));
  routes->item[routes->count++] = route;
  return EVALD_OK;
}

enum evald_status ruleset_routes_read(
    struct ruleset_routes *routes, const char *line,
    const struct ruleset_route_reading *reading, struct evald_fault *fault) {
  while (*line != '\0') {
    char parts[RULESET_ROUTE_PARTS][64];
    int length = 0;
    if (sscanf(line, "%63[^ ,] %63[^ ,] %63[^ ,]%n", parts[0], parts[1],
               parts[2], &length) != RULESET_ROUTE_PARTS)
      return EVALD_SYNTAX;
    const char *const texts[] = {parts[0], parts[1], parts[2]};
    enum evald_status status =
        ruleset_routes_add(routes, texts, reading, fault);
    if (status != EVALD_OK) return status;
    line += length;
    if (*line == ',') line++;
  }
  return EVALD_OK;
}
