/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_PRESCAN_H
#define WIRE_PRESCAN_H

/*
 * The first look at bytes from outside.
 *
 * Walks one msgpack value without recursion and without allocating, in time
 * linear in its size, and answers whether the bytes are safe to decode:
 *
 *  1. the message is no larger than limits->bytes, and ends where its value
 *     ends;
 *  2. nothing is nested more deeply than limits->depth;
 *  3. no array, map, text or binary declares more than the rest of the message
 *     can hold, whatever memory that would have taken;
 *  4. map keys are texts, at most WIRE_KEYS_MAX in a map, none twice;
 *  5. texts are valid UTF-8 and no longer than limits->text;
 *  6. no ext type, no timestamp, no reserved byte (0xC1).
 *
 * The first violation ends the scan: one problem with code, key path and byte.
 */

#include "wire/cursor.h"
#include "wire/reject.h"

enum { WIRE_DEPTH_MAX = 16, WIRE_KEYS_MAX = 64 };

struct wire_limits {
  size_t bytes;   /* of the message */
  unsigned depth; /* of containers, at most WIRE_DEPTH_MAX */
  size_t text;    /* bytes of one text or binary */
};

/* 1 MiB, depth 8, texts of 64 KiB. */
extern const struct wire_limits wire_limits_default;

/* EVALD_OK, or EVALD_REJECTED with one problem added to `rejects`. */
enum evald_status wire_prescan(struct wire_bytes message,
                               const struct wire_limits *limits,
                               struct wire_rejects *rejects);

/* The same for one value inside a message, with `open` containers around it:
 * passes it and answers true, or answers false and leaves the cursor somewhere.
 * What is wrong a pre-scan of the message will say. */
bool wire_prescan_value(struct wire_cursor *cursor,
                        const struct wire_limits *limits, unsigned open);

/* The same for bytes that evald wrote and that lay elsewhere since (Redis):
 * whether they can be decoded and their texts are valid. 64 MiB, 16 levels. */
bool wire_sound(struct wire_bytes bytes);

#endif
