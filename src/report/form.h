/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_FORM_H
#define REPORT_FORM_H

#include "report/write.h"

/* One form as it is printed; `number` is its place on the sheet, 0 for a form
 * alone. */
void form_write(struct report *report, const struct evald_verdict *verdict,
                size_t number);

/* The grade by the rules, as a badge. */
void form_grade(struct report *report, const struct evald_verdict *verdict);

#endif
