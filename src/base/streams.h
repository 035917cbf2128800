/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STREAMS_H
#define BASE_STREAMS_H

/* The three standard streams, of which a program may be given less or worse. */

#include <stdbool.h>

/* Called by main before it opens anything: where a stream is closed, it leads
 * nowhere from now on. Otherwise the next file or socket would get its number,
 * and with it what is printed. */
void streams_open(void);

/* Called by main at the end: whether all that was printed could be written. */
bool streams_written(void);

#endif
