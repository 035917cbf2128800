/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled for AVX2, and called where the processor has it. */
#include "base/xxh3.h"

#if defined(XXH3_AVX2)
struct evald_digest xxh3_digest_avx2(const void *data, size_t size) {
  return xxh3_digest(data, size);
}
#endif
