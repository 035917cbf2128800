/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* Nothing that succeeds clears errno: ENOMEM in the end says that a growth
 * failed on the way. */
FILE *memory_stream_open(struct memory_stream *stream) {
  *stream = (struct memory_stream){0};
  errno = 0;
  stream->out = open_memstream(&stream->text, &stream->size);
  return stream->out;
}

char *memory_stream_close(struct memory_stream *stream, size_t *size) {
  bool failed = ferror(stream->out) != 0;
  failed = fclose(stream->out) != 0 || failed || errno == ENOMEM;
  if (failed) {
    free(stream->text);
    return NULL;
  }
  if (size) *size = stream->size;
  return stream->text;
}
