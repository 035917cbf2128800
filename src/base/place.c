/* SPDX-License-Identifier: Apache-2.0 */
#include "base/place.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LEVELS_UP = 6 };

bool place_find(const char *relative, char *out, size_t size) {
  char program[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return false;
  program[length] = '\0';
  for (int up = 0; up < LEVELS_UP; up++) {
    char *slash = strrchr(program, '/');
    if (!slash) return false;
    *slash = '\0';
    int written = snprintf(out, size, "%s/%s", program, relative);
    if (written > 0 && (size_t)written < size && access(out, R_OK) == 0)
      return true;
  }
  return false;
}
