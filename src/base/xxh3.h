/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_XXH3_H
#define BASE_XXH3_H

/*
 * XXH3 as the header of the distribution makes it: with the vectors that the
 * including file is compiled for. digest.c takes what every processor of the
 * kind has, digest_avx2.c what nearly all have; the digest is the same.
 */

#include "base/digest.h"

#define XXH_INLINE_ALL
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wswitch-enum"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#endif
#include <xxhash.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <string.h>

static inline struct evald_digest xxh3_digest(const void *data, size_t size) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, size));
  struct evald_digest digest;
  memcpy(digest.bytes, canonical.digest, sizeof digest.bytes);
  return digest;
}

#if defined(__x86_64__) /* as CMakeLists.txt has it */
#define XXH3_AVX2
struct evald_digest xxh3_digest_avx2(const void *data, size_t size);
#endif

#endif
