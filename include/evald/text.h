/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_TEXT_H
#define EVALD_TEXT_H

/*
 * A piece of text somebody else owns: `size` bytes of valid UTF-8 at `data`,
 * not terminated. An absent text is {NULL, 0}; an empty one has size 0 and a
 * data that is not NULL. A text lives as long as what it points into: the
 * frame of the job, the arena, the ruleset.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evald_text {
  const char *data;
  size_t size;
};

/* The text of a string literal. */
#define EVALD_TEXT(literal)                                                    \
  ((struct evald_text){(literal), sizeof(literal) - 1})

/* The text of a terminated string; NULL gives the absent text. */
struct evald_text evald_text_of(const char *string);

bool evald_text_equal(struct evald_text a, struct evald_text b);

/* A digest: 128 bits that name a content. A form's is XXH3-128 of its
 * canonical bytes, a ruleset's the first half of the SHA-256 of its canonical
 * text (docs/PROTOCOL.md says how to compute each). All zero: not known. */
struct evald_digest {
  uint8_t bytes[16];
};

enum { EVALD_DIGEST_HEX = 33 };

bool evald_digest_equal(const struct evald_digest *a,
                        const struct evald_digest *b);
bool evald_digest_known(const struct evald_digest *digest);

/* Writes 32 lower-case hexadecimal digits and a terminator. */
void evald_digest_print(const struct evald_digest *digest,
                        char out[EVALD_DIGEST_HEX]);

#endif
