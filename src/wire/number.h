/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_NUMBER_H
#define WIRE_NUMBER_H

/*
 * Numbers of the wire to decimals: decimal text, integers, floats.
 *
 * A float is accepted when its shortest decimal form (the fewest digits that
 * read back as the same float) has at most six fractional digits: 99.03 sent
 * as binary64 means 99.03. The conversion is done on the bits with integers;
 * no floating-point operation runs.
 */

#include "evald/decimal.h"
#include "wire/cursor.h"
#include "wire/reject.h"

/* EVALD_OK; EVALD_RANGE: too large, or more than six fractional digits;
 * EVALD_INVALID: not finite. */
enum evald_status wire_number_of_float(uint64_t bits, bool is_single,
                                       evald_decimal *out);

/* Millionths of a whole number; EVALD_RANGE past EVALD_DECIMAL_MAX. */
enum evald_status wire_number_of_int(int64_t value, evald_decimal *out);

/* Reads the next value, which must be int, float or decimal text, and passes
 * it in any case. WIRE_REJECT_COUNT where it was fine, else the problem. */
enum wire_reject wire_get_number(struct wire_cursor *cursor,
                                 evald_decimal *out);

/* The bits of a double, and back: so that json.c needs no arithmetic. */
uint64_t wire_bits_of_double(double value);
double wire_double_of_bits(uint64_t bits);
double wire_double_of_single(uint32_t bits);

/* A decimal as msgpack text ("297.11"), nil where absent. */
void wire_put_decimal(struct wire_buffer *buffer, evald_decimal value);
void wire_put_decimal_if(struct wire_buffer *buffer, bool present,
                         evald_decimal value);

#endif
