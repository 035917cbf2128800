/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_NOTE_H
#define REPORT_NOTE_H

/* Findings on the page: beside the row they speak of, and as the colour of
 * their cell. */

#include "report/write.h"

/* The rows of the printed form. A finding belongs to one. */
enum row {
  ROW_PROJECT,
  ROW_DEPARTMENT,
  ROW_GOAL,
  ROW_HEADING, /* of the indicators: what is missing altogether */
  ROW_TOTAL,
  ROW_GRADE,
  ROW_EXPLANATION,
  ROW_FUND,                                   /* + enum evald_fund */
  ROW_INDICATOR = ROW_FUND + EVALD_FUND_COUNT /* + index */
};

unsigned note_row(struct evald_cell cell);

/* The cell at the right end of a row: its findings. */
void note_cell(struct report *report, const struct evald_verdict *verdict,
               unsigned row);

/* "error", "warning", "info" where a finding speaks of this cell, the worst of
 * them; else "". */
const char *note_class(const struct evald_verdict *verdict,
                       enum evald_cell_field field, size_t index);

/* The findings of each level, as chips: "2 errors". */
void note_counts(struct report *report, const struct evald_verdict *verdict);

/* One finding with its code and its sentence. */
void note_finding(struct report *report, const struct evald_verdict *verdict,
                  const struct evald_finding *finding);

/* What the findings rest on: each source once, with its codes. On paper the
 * note's own tooltip is not there. */
void note_sources(struct report *report, const struct evald_verdict *verdict);

#endif
