/* SPDX-License-Identifier: Apache-2.0 */
#include "core/words.h"

#include "base/bytes.h"
#include <string.h>

static const struct {
  uint16_t kind;
  uint8_t size;
  const char *text;
} words[] = {
#define X(kind, word) {WORD_##kind, sizeof word - 1, word},
    WORD_LIST(X)
#undef X
};

/* Every word begins with two Chinese characters, of three bytes each. */
enum { CHARACTER = 3, BEGINNING = 2 * CHARACTER };

/* By four bytes of the six, since a processor multiplies those where they lie;
 * the other two are looked at where a word seems to stand. */
static inline unsigned bucket(const char *beginning) {
  return bytes_load4(beginning + 2) * UINT32_C(0x9E3779B1) >> (32 - WORD_BITS);
}

void words_index_make(struct words_index *out) {
  memset(out, 0, sizeof *out);
  for (unsigned i = 0; i < WORD_COUNT; i++) {
    uint8_t *head = &out->head[bucket(words[i].text)];
    out->next[i] = *head;
    *head = (uint8_t)(i + 1);
  }
}

/* The kinds of the words of a bucket that stand at the beginning of `here`.
 * Kept out of the loop below: one character in eight comes here. */
__attribute__((noinline)) static unsigned kinds_at(
    const struct words_index *index, unsigned word, struct evald_text here) {
  unsigned kinds = 0;
  for (; word; word = index->next[word - 1]) {
    size_t size = words[word - 1].size;
    if (size <= here.size && bytes_equal(here.data, words[word - 1].text, size))
      kinds |= words[word - 1].kind;
  }
  return kinds;
}

static inline bool chinese(const char *here) {
  return (unsigned char)*here >= 0xE4 && (unsigned char)*here <= 0xE9;
}

/* Past characters of less than three bytes, as far as `last`: no word begins
 * with one. */
static const char *past_narrow(const char *here, const char *last) {
  while (here <= last && (unsigned char)*here < 0xE0)
    here++;
  return here;
}

struct words_found words_in(const struct words_index *index,
                            struct evald_text text) {
  if (text.size < BEGINNING) {
    return (struct words_found){.plain = text.size == CHARACTER &&
                                         chinese(text.data)};
  }
  const char *last = text.data + text.size - BEGINNING;
  const char *here = text.data;
  unsigned kinds = 0;
  bool plain = true;
  for (; here <= last; here += CHARACTER) {
    if (!chinese(here)) {
      plain = false;
      here = past_narrow(here, last);
      if (here > last) break;
    }
    unsigned word = index->head[bucket(here)];
    if (!word) continue;
    size_t left = (size_t)(last - here) + BEGINNING;
    kinds |= kinds_at(index, word, (struct evald_text){here, left});
  }
  plain = plain && here == last + CHARACTER && chinese(here);
  return (struct words_found){(uint16_t)kinds, plain};
}
