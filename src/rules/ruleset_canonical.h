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

#endif
