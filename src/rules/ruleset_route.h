/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RULES_RULESET_ROUTE_H
#define RULES_RULESET_ROUTE_H

/*
 * Who is served by which ruleset, as a configuration says it
 * (`rulesets.serve`): read in one way by the daemon and by evalctl.
 */

#include "evald/arena.h"
#include "rules/ruleset_set.h"

/* What is served where nobody says otherwise, in the spelling of
 * ruleset_routes_read. */
#define RULESET_ROUTES_DEFAULT "31 2024- cn-sh-2024,* 2020- cn-2020"

enum { RULESET_ROUTES_MAX = 64 };

struct ruleset_routes {
  struct ruleset_route item[RULESET_ROUTES_MAX];
  size_t count;
};

/* X(name, key): what a route consists of, in a file and in one line. */
#define RULESET_ROUTE_PART_LIST(X)                                             \
  X(DIVISION, "division")                                                      \
  X(YEARS, "years")                                                            \
  X(RULESET, "ruleset")

enum ruleset_route_part {
#define X(name, key) RULESET_ROUTE_##name,
  RULESET_ROUTE_PART_LIST(X)
#undef X
      RULESET_ROUTE_PARTS
};

/* Where the part of that key stands; RULESET_ROUTE_PARTS: there is none. */
enum ruleset_route_part ruleset_route_part(const char *key);

/* What the parts of routes are copied into, and what a fault gives as their
 * place ("evald.yaml:12"). */
struct ruleset_route_reading {
  struct evald_arena *arena;
  const char *place;
};

/* Appends a route. Division: up to nine digits, the beginning of
 * mof_div_code; years: "2024", "2024-", "-2023", "2020-2023"; either may be
 * "*" or "": every one. EVALD_INVALID, EVALD_LIMIT, EVALD_MEMORY. */
enum evald_status ruleset_routes_add(
    struct ruleset_routes *routes, const char *const parts[RULESET_ROUTE_PARTS],
    const struct ruleset_route_reading *reading, struct evald_fault *fault);

/* Appends the routes of one line, "31 2024- cn-sh-2024,* 2020- cn-2020".
 * EVALD_SYNTAX, without a fault, where it is none. */
enum evald_status ruleset_routes_read(
    struct ruleset_routes *routes, const char *line,
    const struct ruleset_route_reading *reading, struct evald_fault *fault);

#endif
