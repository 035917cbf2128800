/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/counters.h"

void wire_put_counters(struct wire_buffer *out,
                       const struct contribution *sum) {
  for (unsigned i = 0; i < CORE_COUNTER_COUNT; i++) {
    wire_put_int(out, sum->counter[i]);
  }
}

void wire_get_counters(struct wire_cursor *cursor, size_t count,
                       struct contribution *out) {
  size_t known = count < CORE_COUNTER_COUNT ? count : CORE_COUNTER_COUNT;
  *out = (struct contribution){0};
  for (size_t i = 0; i < known; i++) {
    out->counter[i] = wire_get_int(cursor);
  }
  wire_skip_many(cursor, count - known);
}
