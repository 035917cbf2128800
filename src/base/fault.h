/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

/* Terminated text into fixed room, cut at a character boundary; both return
 * the length written. Everything of evald that prints into a buffer ends here.
 */

#include "evald/status.h"
#include "evald/text.h"
#include <stdarg.h>

size_t fault_print(char *out, size_t size, const char *format, ...)
    EVALD_PRINTF(3, 4);
size_t fault_copy(char *out, size_t size, struct evald_text text);

/* What an errno means; where descriptors ran out, what is to be raised. */
const char *fault_reason(int error);

#endif
