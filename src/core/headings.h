/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_HEADINGS_H
#define CORE_HEADINGS_H

/*
 * The headings that a ruleset lists (levels 1 and 2, with their aliases), each
 * with all that a check asks of a heading, found out once. Nearly every row of
 * every form bears two of them, spelled exactly so.
 */

#include "base/bytes.h"
#include "evald/text.h"

struct evald_ruleset;
struct ruleset_category;

enum { HEADINGS_MAX = 254, HEADINGS_PLACES = 1024 };

struct heading {
  struct evald_text text;
  const struct ruleset_category *category; /* core_ruleset_category() of it */
  uint16_t fits;    /* bits of categories: core_ruleset_has_level2() of it */
  uint16_t words;   /* words_in() it */
  bool may_bracket; /* fold_may_have_bracket() */
};

/* Part of every ruleset: made once, then only read. Zero is one that knows
 * none. */
struct headings {
  struct heading heading[HEADINGS_MAX];
  uint8_t count;
  uint8_t at[HEADINGS_PLACES]; /* a heading + 1; 0: none */
};

/* Fills the ruleset's headings from its categories and words; those beyond
 * HEADINGS_MAX are not known. */
void headings_make(struct evald_ruleset *ruleset);

static inline unsigned headings_place(struct evald_text text) {
  enum { PLACE_BITS = 10 };
  _Static_assert(1 << PLACE_BITS == HEADINGS_PLACES, "a place for each hash");
  uint64_t last = bytes_load8(text.data + text.size - 8);
  return (unsigned)((last + text.size) * UINT64_C(0x9E3779B97F4A7C15) >>
                    (64 - PLACE_BITS));
}

/* NULL where the ruleset does not list it, or it is shorter than eight bytes.
 */
static inline const struct heading *headings_find(
    const struct headings *headings, struct evald_text text) {
  if (text.size < 8) return NULL;
  for (unsigned place = headings_place(text); headings->at[place];
       place = (place + 1) % HEADINGS_PLACES) {
    const struct heading *heading = &headings->heading[headings->at[place] - 1];
    if (heading->text.size == text.size &&
        bytes_equal(heading->text.data, text.data, text.size)) {
      return heading;
    }
  }
  return NULL;
}

#endif
