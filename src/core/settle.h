/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include "core/check.h"

/* Settles, once, how each row of a form is to be read: category, operator,
 * method, level, weight, whether the target is met. Reports nothing. */
enum evald_status settle_form(const struct evald_form *form,
                              const struct evald_ruleset *ruleset,
                              struct evald_arena *arena,
                              struct checked_form *out);

/* Whether nothing usable stands in a cell. */
bool settle_absent(const struct evald_claim *claim);

#endif
