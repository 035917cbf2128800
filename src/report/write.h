/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_WRITE_H
#define REPORT_WRITE_H

/* Pieces of a page, one after the other. Only write_raw() takes markup. */

#include "report/report.h"
#include "report/words.h"

void write_raw(struct report *report, const char *markup);

/* Markup with figures or words of ours in it, never with a form's texts. */
void write_format(struct report *report, const char *format, ...)
    EVALD_PRINTF(2, 3);

/* A text, escaped. Control characters become blanks. */
void write_text(struct report *report, struct evald_text text);
void write_word(struct report *report, enum report_word word);

/* Two fractional digits, or as many as it takes; "-" where there is none. */
void write_decimal(struct report *report, evald_decimal value);
void write_figure(struct report *report, struct evald_figure figure);

#endif
