/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

/*
 * Verdicts as a page: one file of HTML that needs nothing else.
 *
 * A form is shown as it is printed, with what the rules give under each figure
 * that differs and the findings in a column beside the rows they speak of.
 * Several forms get a sheet before them: the worst first, a histogram of the
 * totals, how often each finding was raised.
 *
 * What a form says is untrusted: every text is escaped, the page has no
 * script, no link to anywhere but itself, and says so to the browser.
 *
 * No I/O, no clock, no locale: the same verdicts give the same page.
 */

#include "evald/evaluate.h"

struct report {
  char *data; /* the page so far; not terminated */
  size_t size, room;
  bool failed; /* out of memory */
  int chinese;
};

void report_init(struct report *report, int chinese);
void report_fini(struct report *report);

/* The page of `count` verdicts: a form alone, or a sheet and the `detailed`
 * worst forms. EVALD_MEMORY; then the page is of no use. */
enum evald_status report_page(struct report *report,
                              const struct evald_verdict *const *verdicts,
                              size_t count, size_t detailed);

/* The order of the sheet: more errors first, then the lower total, then more
 * warnings. */
int report_worse(const struct evald_verdict *a, const struct evald_verdict *b);

/* Puts `count` verdicts into that order; equals keep theirs. `out` may be
 * `verdicts`. False: no memory. */
bool report_sort(const struct evald_verdict *const *verdicts, size_t count,
                 const struct evald_verdict **out);

#endif
