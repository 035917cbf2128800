/* SPDX-License-Identifier: Apache-2.0 */
#include "core/headings.h"

#include "core/ruleset.h"

static struct heading heading_of(const struct evald_ruleset *ruleset,
                                 struct evald_text text) {
  struct heading heading = {.text = text,
                            .category = core_ruleset_category(ruleset, text),
                            .words = words_in(&ruleset->words, text).kinds,
                            .may_bracket = fold_may_have_bracket(text)};
  for (unsigned i = 0; i < ruleset->category_count; i++) {
    if (core_ruleset_has_level2(&ruleset->categories[i], text)) {
      heading.fits |= (uint16_t)(1U << i);
    }
  }
  return heading;
}

static void add(struct evald_ruleset *ruleset, struct evald_text text) {
  struct headings *headings = &ruleset->headings;
  if (text.size < 8 || headings->count == HEADINGS_MAX ||
      headings_find(headings, text)) {
    return;
  }
  unsigned place = headings_place(text);
  while (headings->at[place])
    place = (place + 1) % HEADINGS_PLACES;
  headings->heading[headings->count] = heading_of(ruleset, text);
  headings->at[place] = ++headings->count;
}

static void add_words(struct evald_ruleset *ruleset,
                      const struct ruleset_words *words) {
  for (size_t i = 0; i < words->count; i++)
    add(ruleset, words->word[i]);
}

_Static_assert(RULESET_CATEGORIES_MAX <= 16, "a bit for each category");

void headings_make(struct evald_ruleset *ruleset) {
  ruleset->headings = (struct headings){0};
  for (size_t i = 0; i < ruleset->category_count; i++) {
    const struct ruleset_category *category = &ruleset->categories[i];
    add_words(ruleset, &category->words);
    for (size_t j = 0; j < category->level2_count; j++)
      add_words(ruleset, &category->level2[j].words);
  }
}
