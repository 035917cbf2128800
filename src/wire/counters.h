/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_COUNTERS_H
#define WIRE_COUNTERS_H

/* A contribution or an aggregate as an array of integers. Readers of older
 * bytes find fewer counters and take the rest as 0; of newer ones more, which
 * they pass. */

#include "core/contribution.h"
#include "wire/cursor.h"

void wire_put_counters(struct wire_buffer *out, const struct contribution *sum);

/* `count` of them, the array's head having been read. */
void wire_get_counters(struct wire_cursor *cursor, size_t count,
                       struct contribution *out);

#endif
