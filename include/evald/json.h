/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_JSON_H
#define EVALD_JSON_H

/*
 * Forms and verdicts as JSON, for programs that embed the library. The keys
 * are those of the msgpack job and verdict (docs/PROTOCOL.md); JSON is
 * transcoded to msgpack and read by the one decoder, so the two cannot differ.
 */

#include "evald/evaluate.h"

/* Reads a job of kind "evaluate". The form and its texts live in the arena.
 * EVALD_REJECTED with every problem named in `fault` (as far as it has room).
 */
enum evald_status evald_form_from_json(const char *json, size_t size,
                                       struct evald_arena *arena,
                                       const struct evald_form **out,
                                       struct evald_fault *fault);

/* Writes the verdict as one line of JSON, terminated, in the arena. */
enum evald_status evald_verdict_to_json(const struct evald_verdict *verdict,
                                        struct evald_arena *arena,
                                        const char **out,
                                        struct evald_fault *fault);

#endif
