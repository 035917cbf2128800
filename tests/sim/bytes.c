/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was put is terminated, for those who read numbers in it. */
void sim_put(struct sim_bytes *bytes, const void *data, size_t size) {
  if (bytes->size + size + 1 > bytes->room) {
    bytes->room = 2 * (bytes->size + size + 1);
    bytes->data = sim_grow(bytes->data, bytes->room);
  }
  if (size > 0) memcpy(bytes->data + bytes->size, data, size);
  bytes->size += size;
  bytes->data[bytes->size] = 0;
}

void sim_print(struct sim_bytes *bytes, const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (size < 0 || (size_t)size >= sizeof text) abort();
  sim_put(bytes, text, (size_t)size);
}

void sim_drop(struct sim_bytes *bytes, size_t size) {
  if (size == 0) return;
  memmove(bytes->data, bytes->data + size, bytes->size - size);
  bytes->size -= size;
}

void sim_bytes_free(struct sim_bytes *bytes) {
  free(bytes->data);
  *bytes = (struct sim_bytes){0};
}
