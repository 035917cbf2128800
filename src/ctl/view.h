/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_VIEW_H
#define CTL_VIEW_H

/*
 * A verdict for people: like the printed form, what was declared beside what
 * the rules give, the findings below; and its trace, point by point.
 */

#include "ctl/ctl.h"
#include "evald/evaluate.h"

/* The whole form; with --findings only its name and its findings. Memory from
 * ctl->job. */
void view_form(struct ctl *ctl, const struct evald_verdict *verdict);

/* The answer of a command: with --json the verdict in a line, else the form
 * and, where asked for, how each point came about. */
void view_verdict(struct ctl *ctl, const struct evald_verdict *verdict,
                  bool traced);

/* The findings alone. */
void view_findings(struct ctl *ctl, const struct evald_verdict *verdict);

/* How each point came about. */
void view_trace(struct ctl *ctl, const struct evald_verdict *verdict);

/* "优"; the printed text of a text that may be absent. */
const char *view_text(struct ctl *ctl, struct evald_text text);

/* A batch in their order: a row for each form, how often each finding was
 * raised, and the totals by tens of points. */
void view_sheet(struct ctl *ctl, const struct evald_verdict *const *verdicts,
                size_t count);

#endif
