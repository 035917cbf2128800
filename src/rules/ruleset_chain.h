/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RULES_RULESET_CHAIN_H
#define RULES_RULESET_CHAIN_H

/*
 * A file and what it extends; and one ruleset out of them for a year.
 *
 * Invariants of a chain
 *  1. files[0] is the file asked for, files[count - 1] extends nothing; no id
 *     comes twice.
 *  2. Within a file no parameter is set twice for the same year. So for a year
 *     each parameter has at most one setter per file, and the file nearest to
 *     files[0] decides.
 *  3. The years of each file lie within those of the file it extends.
 */

#include "rules/ruleset_parameter.h"
#include "rules/ruleset_yaml.h"

enum { RULES_YEAR_FIRST = 1994, RULES_YEAR_LAST = 2999 };

struct rules_years {
  unsigned from, to; /* both served; to is RULES_YEAR_LAST where open */
};

struct rules_chain {
  struct ruleset_file files[RULES_EXTENDS_MAX];
  struct rules_years years[RULES_EXTENDS_MAX]; /* of each file */
  size_t count;
  struct evald_arena *arena;
  struct evald_fault *fault;
};

/* What set a parameter: the file (0: the one asked for), the provision and the
 * node of the value. */
struct rules_origin {
  const struct ruleset_file *file;
  const struct yaml_node *node;
  size_t depth, provision;
};

/* Reads a file, or a text in its place, and all it extends. */
enum evald_status rules_chain_read(const char *name,
                                   const struct evald_text *text,
                                   struct rules_chain *chain);

/* The years of provision `index` of file `depth`. */
enum evald_status rules_provision_years(const struct rules_chain *chain,
                                        size_t depth, size_t index,
                                        struct rules_years *out);

/* Resolves and checks the ruleset for `span`, within which nothing changes. */
enum evald_status rules_resolve(const struct rules_chain *chain,
                                struct rules_years span,
                                struct evald_ruleset **out);

#endif
