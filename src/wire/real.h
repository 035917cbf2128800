/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_REAL_H
#define WIRE_REAL_H

/* Floats as JSON writes them, whatever the locale. */

#include "evald/text.h"

enum { WIRE_REAL_MAX = 512, WIRE_REAL_TEXT = 40 };

/* The bits of the double nearest to a number in JSON's spelling, of less than
 * WIRE_REAL_MAX bytes; false: it is past what a double holds. */
bool wire_real_parse(struct evald_text text, uint64_t *out);

/* With as many digits as it takes to read back as the same double; a text that
 * JSON takes, terminated. 0: NaN and infinity, which JSON does not know. */
size_t wire_real_print(uint64_t bits, char out[WIRE_REAL_TEXT]);

#endif
