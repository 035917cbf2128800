/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include "base/xxh3.h"

struct evald_digest digest_of(const void *data, size_t size) {
#if defined(XXH3_AVX2)
  if (__builtin_cpu_supports("avx2")) return xxh3_digest_avx2(data, size);
#endif
  return xxh3_digest(data, size);
}

uint64_t digest_hash(const void *data, size_t size, uint64_t seed) {
  return XXH3_64bits_withSeed(data, size, seed);
}
