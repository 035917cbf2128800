/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

/* XXH3-128 of some bytes, big-endian as xxhsum prints it: the digest of a
 * form's canonical bytes. Not for secrets, nor against forgery: a producer who
 * forges a form deceives only the form's own revision check. */

#include "evald/text.h"

struct evald_digest digest_of(const void *data, size_t size);

/* XXH3-64 with a seed, for tables in memory; of no use outside the process. */
uint64_t digest_hash(const void *data, size_t size, uint64_t seed);

#endif
