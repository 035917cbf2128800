/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_WORTH_H
#define CORE_WORTH_H

/*
 * Which checks are worth running on a form.
 *
 * Most forms give most checks nothing to say. One pass over the cells answers,
 * for every check, whether it could find something at all; only those run. What
 * is answered here may be too much, never too little: a check that is not
 * worth running must have nothing to raise. tests/unit/core/test_worth.c holds
 * that over forms of every kind, so a change of a check that needs a change
 * here is told by it.
 *
 * A set of checks has a bit for each enum ruleset_finding.
 */

#include "core/check.h"

_Static_assert(RULESET_CHECK_COUNT <= 64, "a bit for each check");

/* Of the checks that look at the form alone, and of those whose reason to run
 * stands on the form; after settle_form(). */
uint64_t worth_form(const struct checked_form *form);

/* Of the checks that hold the form against its score, beside the above. */
uint64_t worth_scored(const struct checked_form *form,
                      const struct evald_verdict *scored);

#endif
