/* SPDX-License-Identifier: Apache-2.0 */
#include "core/words.h"

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

/* Every word begins with a Chinese character: three bytes. */
enum { CHARACTER = 3 };

static unsigned bucket(const char *character) {
  const unsigned char *byte = (const unsigned char *)character;
  return (byte[0] * 64U ^ byte[1] * 16U ^ byte[2]) % WORD_BUCKETS;
}

void words_index_make(struct words_index *out) {
  memset(out, 0, sizeof *out);
  for (unsigned i = 0; i < WORD_COUNT; i++) {
    unsigned place = bucket(words[i].text);
    out->next[i] = out->head[place];
    out->head[place] = (uint8_t)(i + 1);
  }
}

/* Every word has two characters at least; the last bytes of the first two tell
 * nearly all words apart without a call. */
static inline bool is_here(unsigned word, const char *here, size_t left) {
  const char *text = words[word].text;
  return words[word].size <= left && here[2] == text[2] && here[5] == text[5] &&
         memcmp(here, text, words[word].size) == 0;
}

unsigned words_in(const struct words_index *index, struct evald_text text) {
  unsigned kinds = 0;
  for (size_t at = 0; at + CHARACTER <= text.size;) {
    if ((unsigned char)text.data[at] < 0xE0) {
      at++;
      continue;
    }
    const char *here = text.data + at;
    size_t left = text.size - at;
    for (unsigned w = index->head[bucket(here)]; w; w = index->next[w - 1]) {
      if (is_here(w - 1, here, left)) kinds |= words[w - 1].kind;
    }
    at += CHARACTER;
  }
  return kinds;
}
