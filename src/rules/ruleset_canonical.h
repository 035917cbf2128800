/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RULES_RULESET_CANONICAL_H
#define RULES_RULESET_CANONICAL_H

/*
 * The canonical text of a ruleset: YAML that says every value, in the order of
 * the rules, each under its citation, and extends nothing. Loading it gives the
 * same ruleset, and the same text again. The digest is the first half of the
 * SHA-256 of its bytes.
 */

#include "core/ruleset.h"

/* Sets `canonical` and `digest`. EVALD_MEMORY is the only failure. */
enum evald_status ruleset_canonical_set(struct evald_ruleset *ruleset);

/* The value of the parameter at `position` of the table, as the canonical text
 * has it, without its key: "half_up 2", or the lines of a list. The caller
 * frees it; NULL: no memory. */
char *ruleset_value_print(const struct evald_ruleset *ruleset, size_t position);

#endif
