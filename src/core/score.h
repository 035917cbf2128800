/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SCORE_H
#define CORE_SCORE_H

/*
 * The score of a checked form: execution, rows, total, grade, and the trace of
 * how each came about. Nothing else can be scored.
 */

#include "core/check.h"

/* Fills execution, rows, total, grade and trace of `out`, from the arena of
 * `findings`. Reports the one finding that only scoring can see: I01, a
 * qualitative score that nobody declared. */
enum evald_status core_score(const struct checked_form *form,
                             struct evald_verdict *out,
                             struct finding_list *findings,
                             struct evald_fault *fault);

#endif
