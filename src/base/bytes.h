/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

/*
 * memcmp() and memcpy() for what is nearly always short: a key, a figure, a
 * cell of a form. Two loads that overlap take any size from one word to two,
 * without a call, without a loop and without a byte read that is not there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What must become part of its caller: the compiler knows there what it does
 * not know here. */
#if defined(__GNUC__)
#define BYTES_INLINE static inline __attribute__((always_inline))
#else
#define BYTES_INLINE static inline
#endif

static inline uint64_t bytes_load8(const void *from) {
  uint64_t word;
  memcpy(&word, from, sizeof word);
  return word;
}

static inline uint32_t bytes_load4(const void *from) {
  uint32_t word;
  memcpy(&word, from, sizeof word);
  return word;
}

/* Eight bytes as a number, the first the lowest. */
static inline uint64_t bytes_little(uint64_t word) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return __builtin_bswap64(word);
#else
  return word;
#endif
}

/* The same of 1 to 8 bytes, zeros behind them. */
static inline uint64_t bytes_few(const void *from, size_t size) {
  const unsigned char *in = from;
  if (size == 8) return bytes_little(bytes_load8(in));
  if (size >= 4) {
    uint64_t first = bytes_little((uint64_t)bytes_load4(in));
    uint64_t last = bytes_little((uint64_t)bytes_load4(in + size - 4));
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    first >>= 32;
    last >>= 32;
#endif
    return first | last << 8 * (size - 4);
  }
  return (uint64_t)in[0] | (uint64_t)in[size / 2] << 8 * (size / 2) |
         (uint64_t)in[size - 1] << 8 * (size - 1);
}

/* Whether `size` bytes are the same. */
static inline bool bytes_equal(const void *a, const void *b, size_t size) {
  const char *x = a;
  const char *y = b;
  if (size > 16) return memcmp(x, y, size) == 0;
  if (size >= 8) {
    return ((bytes_load8(x) ^ bytes_load8(y)) |
            (bytes_load8(x + size - 8) ^ bytes_load8(y + size - 8))) == 0;
  }
  if (size >= 4) {
    return ((bytes_load4(x) ^ bytes_load4(y)) |
            (bytes_load4(x + size - 4) ^ bytes_load4(y + size - 4))) == 0;
  }
  return size == 0 || (x[0] == y[0] && x[size / 2] == y[size / 2] &&
                       x[size - 1] == y[size - 1]);
}

/* Copies `size` bytes between places that do not overlap. */
static inline void bytes_copy(void *to, const void *from, size_t size) {
  char *out = to;
  const char *in = from;
  if (size > 32) {
    memcpy(out, in, size);
  } else if (size >= 16) {
    memcpy(out, in, 16);
    memcpy(out + size - 16, in + size - 16, 16);
  } else if (size >= 8) {
    memcpy(out, in, 8);
    memcpy(out + size - 8, in + size - 8, 8);
  } else if (size >= 4) {
    memcpy(out, in, 4);
    memcpy(out + size - 4, in + size - 4, 4);
  } else if (size > 0) {
    out[0] = in[0];
    out[size / 2] = in[size / 2];
    out[size - 1] = in[size - 1];
  }
}

#endif
