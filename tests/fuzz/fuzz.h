/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

/*
 * A fuzz target: takes any bytes, must come back, and aborts where something
 * that must hold does not.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                        \
  do {                                                                         \
    if (!(condition)) {                                                        \
      (void)fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__,      \
                    #condition);                                               \
      abort();                                                                 \
    }                                                                          \
  } while (0)

#endif
