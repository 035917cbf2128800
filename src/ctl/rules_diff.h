/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_RULES_DIFF_H
#define CTL_RULES_DIFF_H

/* What differs between two rulesets, value by value: the values with the
 * sources of both; then, shortly, what is the same by another source. */

#include "evald/ruleset.h"

void rules_diff_print(const struct evald_ruleset *a,
                      const struct evald_ruleset *b);

#endif
