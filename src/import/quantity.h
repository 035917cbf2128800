/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_QUANTITY_H
#define IMPORT_QUANTITY_H

/* Cells that may hold a number: "≥90.00(%)", "1,234.56万元", "不少于3次". */

#include "evald/form.h"

/* A cell taken apart. `number` false: there is none that could be read with
 * certainty, and the rest means nothing ("≥良好" still has its op). */
struct quantity {
  bool number;
  uint8_t op; /* enum evald_operator; NONE: no sign and no word for one */
  evald_decimal value;
  struct evald_text unit; /* without brackets around it; may be empty */
};

struct quantity quantity_read(struct evald_text text);

/* A number and nothing else, apart from a suffix that `suffixes` names (a list
 * of texts that ends with NULL; it may itself be NULL). Thousands separators
 * must stand where they belong. */
bool quantity_plain(struct evald_text text, const char *const *suffixes,
                    evald_decimal *out);

/* "-", "—", "/": a cell that was filled in to say that nothing is in it. */
bool quantity_dash(struct evald_text text);

#endif
