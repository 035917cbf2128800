/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_INPUT_H
#define CTL_INPUT_H

/*
 * Files that a user names, as bytes and as the pieces that are one job each.
 */

#include "wire/buffer.h"

/* What a file holds, by its first bytes. */
enum input_kind { INPUT_JOBS, INPUT_PUBLISHED };

/* Appends a file to `out`; "-" is standard input. A PDF comes as the text that
 * poppler's pdftotext makes of it. EVALD_IO with the file as place. */
enum evald_status input_read(const char *path, struct wire_buffer *out,
                             enum input_kind *kind, struct evald_fault *fault);

/* Takes the next JSON value off `rest`: a line that is one, or as many lines
 * as it takes; what is broken ends where the next line begins with "{". False
 * when nothing but blanks is left. */
bool input_next(struct evald_text *rest, struct evald_text *out);

#endif
