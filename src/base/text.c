/* SPDX-License-Identifier: Apache-2.0 */
#include "evald/text.h"

#include "base/bytes.h"

struct evald_text evald_text_of(const char *string) {
  return (struct evald_text){string, string ? strlen(string) : 0};
}

bool evald_text_equal(struct evald_text a, struct evald_text b) {
  return a.size == b.size && bytes_equal(a.data, b.data, a.size);
}

bool evald_digest_equal(const struct evald_digest *a,
                        const struct evald_digest *b) {
  return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool evald_digest_known(const struct evald_digest *digest) {
  static const struct evald_digest unknown;
  return !evald_digest_equal(digest, &unknown);
}

void evald_digest_print(const struct evald_digest *digest,
                        char out[EVALD_DIGEST_HEX]) {
  static const char hex[] = "0123456789abcdef";
  for (size_t i = 0; i < sizeof digest->bytes; i++) {
    out[2 * i] = hex[digest->bytes[i] >> 4];
    out[2 * i + 1] = hex[digest->bytes[i] & 15];
  }
  out[EVALD_DIGEST_HEX - 1] = '\0';
}
