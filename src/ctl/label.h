/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_LABEL_H
#define CTL_LABEL_H

/* Names of the cells of a form as they stand on the printed form, or in
 * English; and figures as the form prints them. Texts live in the arena. */

#include "ctl/output.h"
#include "evald/evaluate.h"

/* "Row 3, 培训人次: score"; "Total for the year: rate". */
const char *label_cell(struct evald_arena *arena, const struct evald_form *form,
                       struct evald_cell cell);

/* "Total for the year". */
const char *label_fund(enum evald_fund fund);

/* Two fractional digits, or as many as it takes; "-" where there is none. */
const char *label_decimal(struct evald_arena *arena, evald_decimal value);
const char *label_figure(struct evald_arena *arena, struct evald_figure figure);

/* "≥90 %", "满意": a target; and what was reached. */
const char *label_target(struct evald_arena *arena,
                         const struct evald_indicator *row);
const char *label_actual(struct evald_arena *arena,
                         const struct evald_indicator *row);

/* "truncated to 2 digits"; "" for a rounding that keeps all six. */
const char *label_rounding(struct evald_arena *arena,
                           struct evald_rounding rounding, int chinese);

#endif
