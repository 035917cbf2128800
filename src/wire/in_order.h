/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_IN_ORDER_H
#define WIRE_IN_ORDER_H

/*
 * A map read on trial whose keys come in the order of its table, as producers
 * send them; any may be left out. The rows of a table are known to the
 * compiler, so it makes of each its own few instructions, one row behind the
 * other: the next key is compared with what it should be and with nothing else.
 *
 * What comes in another order, or is no ordinary value, is left to the reader.
 */

#include "wire/reader.h"

#if defined(__GNUC__) && !defined(__clang__)
#define IN_ORDER_EACH _Pragma("GCC unroll 64")
#else
#define IN_ORDER_EACH
#endif
/* A value that has its own function, called here without a look at the
 * table. */
BYTES_INLINE const uint8_t *in_order_inside(struct reader *reader,
                                            const struct reader_field *field,
                                            const uint8_t *at, void *to) {
  enum { NIL = 0xC0 };
  if (*at == NIL) return NULL;
  reader->cursor.at = at;
  reader_push_key(reader, &field->key);
  field->read(reader, field, to);
  reader_pop(reader);
  return reader->cursor.failed ? NULL : reader->cursor.at;
}

BYTES_INLINE void in_order(struct reader *reader,
                           const struct reader_field *fields, unsigned count,
                           void *into, struct reader_pairs *pairs) {
  const uint8_t *at = reader->cursor.at;
  const uint8_t *end = reader->cursor.end;
  if (pairs->left == 0 || end - at < READER_PAIR_ROOM) return;
  const uint8_t *last = end - READER_PAIR_ROOM; /* where a pair may begin */
  struct reader_pairs taken = *pairs;
  IN_ORDER_EACH
  for (unsigned row = 0; row < count; row++) {
    const struct reader_field *field = &fields[row];
    if (!quick_key_is(at, &field->quick)) continue;
    const uint8_t *value = at + 1 + field->key.size;
    void *to = (char *)into + field->offset;
    const uint8_t *behind = field->shape == READER_ANY
                                ? in_order_inside(reader, field, value, to)
                                : reader_quick(reader, field, value, to);
    if (!behind) break;
    at = behind;
    taken.keys |= UINT64_C(1) << row;
    taken.left--;
    if (taken.left == 0 || at > last) break;
  }
  if (taken.keys) taken.next = 64 - (unsigned)__builtin_clzll(taken.keys);
  *pairs = taken;
  if (!reader->cursor.failed) reader->cursor.at = at;
}

/* The function of a table, for struct reader_table. */
#define IN_ORDER(name, rows)                                                   \
  static void name(struct reader *reader, void *into,                          \
                   struct reader_pairs *pairs) {                               \
    in_order(reader, rows, sizeof(rows) / sizeof *(rows), into, pairs);        \
  }

#endif
