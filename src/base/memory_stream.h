/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MEMORY_STREAM_H
#define BASE_MEMORY_STREAM_H

/* A text that is printed into memory, whole or not at all. (open_memstream by
 * itself drops what finds no room, and its stream shows no error.) */

#include <stdio.h>

struct memory_stream {
  FILE *out;
  char *text;
  size_t size;
};

/* Where to print; NULL: no memory. One at a time on a thread. */
FILE *memory_stream_open(struct memory_stream *stream);

/* What was printed, terminated, to be freed, and its size (`size` may be NULL);
 * NULL: some of it found no memory. */
char *memory_stream_close(struct memory_stream *stream, size_t *size);

#endif
