/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_CODESET_H
#define CTL_CODESET_H

/*
 * A set of project codes, for a walk over a hash that may bring a field twice.
 * Codes are kept by their digests of 128 bits: 16 to 32 bytes a code.
 */

#include "evald/status.h"
#include "evald/text.h"

struct codeset {
  struct evald_digest *items;
  size_t count, room; /* a power of two, or 0 */
};

/* All zero is empty. */
void codeset_clear(struct codeset *set);
void codeset_fini(struct codeset *set);

/* Whether the code was not there before; *fresh is set on EVALD_OK.
 * EVALD_MEMORY. */
enum evald_status codeset_add(struct codeset *set, struct evald_text code,
                              bool *fresh);

#endif
