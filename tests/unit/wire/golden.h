/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WIRE_GOLDEN_H
#define TESTS_WIRE_GOLDEN_H

/*
 * Golden bytes: tests/golden/<name>, hexadecimal, 32 bytes a line. With
 * EVALD_WRITE_GOLDEN set in the environment a missing file is written; one
 * that is there is never changed. Appending a counter (CONTRIBUTING.md) is the
 * one change that the formats allow without a new version: only then remove
 * the file, write it anew and look at the difference.
 */

#include "unit.h"
#include "wire/buffer.h"
#include <stdio.h>
#include <stdlib.h>

static void write_golden(const char *path, struct wire_bytes bytes) {
  FILE *file = fopen(path, "wx");
  if (!file) fail_msg("cannot write %s", path);
  for (size_t i = 0; i < bytes.size; i++) {
    (void)fprintf(file, "%02x%s", bytes.data[i],
                  i % 32 == 31 || i + 1 == bytes.size ? "\n" : "");
  }
  (void)fclose(file);
}

static void assert_golden(const char *name, struct wire_bytes bytes) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s/tests/golden/%s", EVALD_SOURCE_DIR,
                 name);
  FILE *file = fopen(path, "r");
  if (!file && getenv("EVALD_WRITE_GOLDEN")) {
    write_golden(path, bytes);
    return;
  }
  if (!file) fail_msg("no %s", path);
  for (size_t i = 0; i < bytes.size; i++) {
    unsigned byte = 256;
    if (fscanf(file, "%2x", &byte) != 1 || byte != bytes.data[i]) {
      fail_msg("%s differs at byte %zu", name, i);
    }
  }
  unsigned byte;
  assert_int_equal(fscanf(file, "%2x", &byte), EOF);
  (void)fclose(file);
}

#endif
