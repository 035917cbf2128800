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

/* The first eight bytes of something, of which the first six count. */
static unsigned bucket(uint64_t eight) {
  return (unsigned)((bytes_little(eight) << 16) *
                        UINT64_C(0x9E3779B97F4A7C15) >>
                    (64 - WORD_BITS));
}

static uint64_t six(const char *text) {
  uint64_t eight = 0;
  memcpy(&eight, text, BEGINNING);
  return eight;
}

void words_index_make(struct words_index *out) {
  memset(out, 0, sizeof *out);
  for (unsigned i = 0; i < WORD_COUNT; i++) {
    unsigned place = bucket(six(words[i].text));
    out->next[i] = out->head[place];
    out->head[place] = (uint8_t)(i + 1);
  }
}

/* The kinds of the words of a bucket that stand here. */
static unsigned kinds_here(const struct words_index *index, unsigned word,
                           const char *here, size_t left) {
  unsigned kinds = 0;
  for (; word; word = index->next[word - 1]) {
    if (words[word - 1].size <= left &&
        bytes_equal(here, words[word - 1].text, words[word - 1].size)) {
      kinds |= words[word - 1].kind;
    }
  }
  return kinds;
}

static inline bool chinese(unsigned char first) {
  return first >= 0xE4 && first <= 0xE9;
}

/* *other: whether there are other than Chinese characters. */
static inline unsigned look_through(const struct words_index *index,
                                    struct evald_text text, bool *other) {
  unsigned kinds = 0;
  size_t at = 0;
  while (at + BEGINNING <= text.size) {
    const char *here = text.data + at;
    unsigned char first = (unsigned char)*here;
    *other |= !chinese(first);
    if (first < 0xE0) {
      at++;
      continue;
    }
    uint64_t eight =
        at + sizeof eight <= text.size ? bytes_load8(here) : six(here);
    unsigned word = index->head[bucket(eight)];
    if (word) kinds |= kinds_here(index, word, here, text.size - at);
    at += CHARACTER;
  }
  *other |=
      text.size - at != CHARACTER || !chinese((unsigned char)text.data[at]);
  return kinds;
}

unsigned words_in(const struct words_index *index, struct evald_text text) {
  bool other = false;
  return look_through(index, text, &other);
}

unsigned words_in_name(const struct words_index *index, struct evald_text name,
                       bool *plain) {
  bool other = false;
  unsigned kinds = look_through(index, name, &other);
  *plain = !other;
  return kinds;
}
