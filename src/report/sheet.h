/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "report/write.h"

/* The verdicts of a batch in the order of the sheet; `detailed` of them have a
 * form of their own behind it. */
struct batch {
  const struct evald_verdict **items;
  size_t count, detailed;
};

void sheet_write(struct report *report, const struct batch *batch);

/* The picture of the totals. */
void histogram_write(struct report *report, const struct batch *batch);

#endif
