/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

/*
 * JSON ↔ msgpack, value by value, keys in their order. There is one decoder
 * for jobs and one encoder for verdicts, those of msgpack; JSON passes through
 * here on its way to the one and from the other.
 */

#include "wire/prescan.h"

/* Appends the one JSON value in `json` to `out`. Refused: what is not JSON
 * (bad_json, with the byte), duplicate keys, a nesting deeper than
 * limits->depth, integers past int64, texts that are not UTF-8, anything
 * behind the value. EVALD_REJECTED with one problem, or EVALD_MEMORY. */
enum evald_status wire_json_to_msgpack(struct evald_text json,
                                       const struct wire_limits *limits,
                                       struct wire_buffer *out,
                                       struct wire_rejects *rejects);

/* Appends the value as JSON on one line, not terminated, nothing escaped that
 * JSON allows. Binary becomes hexadecimal text. The bytes are pre-scanned with
 * limits of their own (16 levels, 16 MiB). EVALD_SYNTAX, EVALD_MEMORY. */
enum evald_status wire_msgpack_to_json(struct wire_bytes bytes,
                                       struct wire_buffer *out);

#endif
