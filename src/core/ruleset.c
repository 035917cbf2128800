/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ruleset.h"

#include "base/bytes.h"
#include "core/fold.h"
#include <stdlib.h>
#include <string.h>

enum { RULESET_BYTES_MAX = 8 * 1024 * 1024 };

static const uint8_t default_level[] = {
#define X(code, number, level, en, zh) EVALD_LEVEL_##level,
    EVALD_FINDING_LIST(X)
#undef X
};

static const struct {
  uint8_t check;
  int32_t threshold;
} default_threshold[] = {
    {RULESET_CHECK_W02, 30},
    {RULESET_CHECK_C10, 90},
    {RULESET_CHECK_C13, 2},
    {RULESET_CHECK_C19, 5000},
};

enum { THRESHOLDS = sizeof default_threshold / sizeof default_threshold[0] };

bool core_ruleset_has_threshold(enum ruleset_finding check) {
  for (size_t i = 0; i < THRESHOLDS; i++) {
    if (default_threshold[i].check == check) return true;
  }
  return false;
}

static void set_defaults(struct evald_ruleset *ruleset) {
  for (size_t i = 0; i < RULESET_CHECK_COUNT; i++) {
    ruleset->checks[i].level = default_level[i];
  }
  for (size_t i = 0; i < THRESHOLDS; i++) {
    ruleset->checks[default_threshold[i].check].threshold =
        (evald_decimal)default_threshold[i].threshold * EVALD_DECIMAL_ONE;
  }
  words_index_make(&ruleset->words);
}

struct evald_ruleset *core_ruleset_new(void) {
  struct evald_ruleset *ruleset = calloc(1, sizeof *ruleset);
  if (!ruleset) return NULL;
  ruleset->arena = evald_arena_new(RULESET_BYTES_MAX);
  if (!ruleset->arena) {
    free(ruleset);
    return NULL;
  }
  atomic_init(&ruleset->references, 1);
  set_defaults(ruleset);
  return ruleset;
}

_Static_assert(
    (int)EVALD_OPERATOR_COUNT - 2 <=
        (int)FOLD_SIGNS_MAX / (int)RULESET_WORDS_MAX,
    "every operator but none and qualitative may have all its words");

void core_ruleset_index(struct evald_ruleset *ruleset) {
  headings_make(ruleset);
  for (size_t op = 0; op < EVALD_OPERATOR_COUNT; op++) {
    const struct ruleset_words *words = &ruleset->operators[op];
    for (size_t i = 0; i < words->count; i++) {
      fold_signs_add(&ruleset->signs, words->word[i]);
    }
  }
}

struct evald_ruleset *evald_ruleset_ref(struct evald_ruleset *ruleset) {
  atomic_fetch_add_explicit(&ruleset->references, 1, memory_order_relaxed);
  return ruleset;
}

void evald_ruleset_unref(struct evald_ruleset *ruleset) {
  if (!ruleset) return;
  if (atomic_fetch_sub_explicit(&ruleset->references, 1,
                                memory_order_acq_rel) != 1) {
    return;
  }
  evald_arena_free(ruleset->arena);
  free(ruleset);
}

struct evald_text evald_ruleset_id(const struct evald_ruleset *ruleset) {
  return ruleset->id;
}

struct evald_text evald_ruleset_version(const struct evald_ruleset *ruleset) {
  return ruleset->version;
}

struct evald_text evald_ruleset_title(const struct evald_ruleset *ruleset) {
  return ruleset->title;
}

struct evald_text evald_ruleset_canonical(const struct evald_ruleset *ruleset) {
  return ruleset->canonical;
}

const struct evald_digest *evald_ruleset_digest(
    const struct evald_ruleset *ruleset) {
  return &ruleset->digest;
}

struct evald_text evald_ruleset_source(const struct evald_ruleset *ruleset,
                                       enum evald_rule rule) {
  if ((unsigned)rule >= EVALD_RULE_COUNT) return (struct evald_text){NULL, 0};
  uint8_t citation = ruleset->citation[rule];
  if (citation >= ruleset->citation_count) return (struct evald_text){NULL, 0};
  return ruleset->citations[citation].text;
}

struct evald_text evald_ruleset_grade(const struct evald_ruleset *ruleset,
                                      unsigned index) {
  if (index >= ruleset->grade_count) return (struct evald_text){NULL, 0};
  return ruleset->grades[index].name;
}

/* evald_text_equal(), where the compiler sees that most sizes differ. */
static inline bool same(struct evald_text a, struct evald_text b) {
  return a.size == b.size && a.size > 0 && bytes_equal(a.data, b.data, a.size);
}

/* Whether one of the words is `text`: first as it stands, which is what nearly
 * every form has and costs a comparison of sizes; folded only where asked. */
static bool has_word(const struct ruleset_words *words, struct evald_text text,
                     bool folded) {
  for (size_t i = 0; i < words->count; i++) {
    if (folded ? fold_name_equal(words->word[i], text)
               : same(words->word[i], text)) {
      return true;
    }
  }
  return false;
}

static const struct ruleset_category *find_category(
    const struct evald_ruleset *ruleset, struct evald_text level1,
    bool folded) {
  for (size_t i = 0; i < ruleset->category_count; i++) {
    if (has_word(&ruleset->categories[i].words, level1, folded)) {
      return &ruleset->categories[i];
    }
  }
  return NULL;
}

const struct ruleset_category *core_ruleset_category(
    const struct evald_ruleset *ruleset, struct evald_text level1) {
  const struct ruleset_category *found = find_category(ruleset, level1, false);
  return found ? found : find_category(ruleset, level1, true);
}

static bool lists_level2(const struct ruleset_category *category,
                         struct evald_text level2, bool folded) {
  for (size_t i = 0; i < category->level2_count; i++) {
    if (has_word(&category->level2[i].words, level2, folded)) return true;
  }
  return false;
}

bool core_ruleset_has_level2(const struct ruleset_category *category,
                             struct evald_text level2) {
  return category->level2_count == 0 || lists_level2(category, level2, false) ||
         lists_level2(category, level2, true);
}

const struct ruleset_category *core_ruleset_category_of(
    const struct evald_ruleset *ruleset, struct evald_text level2) {
  for (size_t i = 0; i < ruleset->category_count; i++) {
    const struct ruleset_category *category = &ruleset->categories[i];
    if (category->level2_count > 0 &&
        core_ruleset_has_level2(category, level2)) {
      return category;
    }
  }
  return NULL;
}

const struct ruleset_category *core_ruleset_kind(
    const struct evald_ruleset *ruleset, enum ruleset_kind kind) {
  for (size_t i = 0; i < ruleset->category_count; i++) {
    if (ruleset->categories[i].kind == kind) return &ruleset->categories[i];
  }
  return NULL;
}

enum { LEVELS = 3 };

int core_ruleset_level(const struct evald_ruleset *ruleset,
                       struct evald_text wording) {
  for (int folded = 0; folded <= 1; folded++) {
    for (int level = 0; level < LEVELS; level++) {
      if (has_word(&ruleset->levels[level].words, wording, folded)) {
        return level;
      }
    }
  }
  return -1;
}

unsigned core_ruleset_grade_of(const struct evald_ruleset *ruleset,
                               evald_decimal total) {
  unsigned grade = 0;
  while (grade + 1 < ruleset->grade_count &&
         total < ruleset->grades[grade].from) {
    grade++;
  }
  return grade;
}

int core_ruleset_grade_named(const struct evald_ruleset *ruleset,
                             struct evald_text name) {
  for (unsigned i = 0; i < ruleset->grade_count; i++) {
    const struct ruleset_grade *grade = &ruleset->grades[i];
    if (fold_equal(grade->name, name) ||
        has_word(&grade->aliases, name, true)) {
      return (int)i;
    }
  }
  return -1;
}
