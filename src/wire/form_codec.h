/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_FORM_CODEC_H
#define WIRE_FORM_CODEC_H

/*
 * The canonical bytes of a form: what Redis keeps under `forms`, and what the
 * form's digest is computed over. Version 1, a msgpack array, every value in
 * its shortest encoding:
 *
 *   [1, mof_div_code, fiscal_year, pro_code, pro_name, dept_code, dept_name,
 *    agency_code, agency_name, money_unit (0 万元, 1 元),
 *    [total, appropriation, carryover, other], goal_expected, goal_actual,
 *    [indicator, …], total, grade, reason, measure]
 *   fund row:  nil or [opening, budget, executed, weight, rate, score]
 *   indicator: [level1, level2, name, op (enum evald_operator), not_applicable,
 *    target, unit, actual, actual_unit, weight, score, reason, measure]
 *
 * An absent value is nil, a number an integer of millionths, `target` and
 * `actual` nil, integer or text.
 *
 * To change this format: never edit version 1. Add version 2 beside it, let
 * the decoder read both, let the encoder write the new one, and say in
 * docs/PROTOCOL.md from which release. All digests change with it, so a resend
 * of an unchanged form is then stored once more; tests/unit/wire holds golden
 * bytes so that it cannot happen by accident.
 */

#include "evald/arena.h"
#include "evald/form.h"
#include "wire/buffer.h"

enum { WIRE_FORM_VERSION = 1 };

/* Appends the canonical bytes to `out` and answers their digest. Look at
 * wire_buffer_done() after it. */
struct evald_digest wire_form_encode(const struct evald_form *form,
                                     struct wire_buffer *out);

/* The same bytes, written faster where the texts lie in the job's frame. */
struct evald_digest wire_form_encode_from(const struct evald_form *form,
                                          struct wire_bytes frame,
                                          struct wire_buffer *out);

/* The form with its digest. Texts point into the bytes, indicators lie in the
 * arena. EVALD_SYNTAX: not the bytes of a form; EVALD_UNSUPPORTED: a version
 * not known; EVALD_MEMORY. Safe over any bytes. */
enum evald_status wire_form_decode(struct wire_bytes bytes,
                                   struct evald_arena *arena,
                                   struct evald_form *out);

#endif
