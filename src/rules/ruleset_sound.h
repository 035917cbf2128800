/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RULES_RULESET_SOUND_H
#define RULES_RULESET_SOUND_H

/*
 * What the values of a ruleset must say together: no gap and no overlap of
 * grades and bands, weights that can add up, words of one meaning. This is
 * where the invariants of core/ruleset.h are made true.
 */

#include "rules/ruleset_chain.h"

/* EVALD_INVALID at the first that is unsound; `origins` has the line of each
 * parameter, in the order of the table. */
enum evald_status ruleset_sound(const struct evald_ruleset *ruleset,
                                const struct rules_origin *origins,
                                struct evald_fault *fault);

#endif
