/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ruleset.h"

#include <stdlib.h>

enum { ARENA_LIMIT = 8 * 1024 * 1024 };

static const uint8_t default_levels[RULESET_CHECK_COUNT] = {
#define X(code, number, level, en, zh) EVALD_LEVEL_##level,
    EVALD_FINDING_LIST(X)
#undef X
};

struct evald_ruleset *core_ruleset_new(void) {
  struct evald_ruleset *ruleset = calloc(1, sizeof *ruleset);
  if (!ruleset) return NULL;
  ruleset->arena = evald_arena_new(ARENA_LIMIT);
  if (!ruleset->arena) {
    free(ruleset);
    return NULL;
  }
  atomic_init(&ruleset->references, 1);
  for (size_t i = 0; i < RULESET_CHECK_COUNT; i++)
    ruleset->checks[i].level = default_levels[i];
  return ruleset;
}

struct evald_ruleset *evald_ruleset_ref(struct evald_ruleset *ruleset) {
  if (ruleset)
    (void)atomic_fetch_add_explicit(&ruleset->references, 1,
                                    memory_order_relaxed);
  return ruleset;
}

void evald_ruleset_unref(struct evald_ruleset *ruleset) {
  if (!ruleset || atomic_fetch_sub_explicit(&ruleset->references, 1,
                                            memory_order_acq_rel) != 1)
    return;
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
  return citation < ruleset->citation_count ? ruleset->citations[citation].text
                                            : (struct evald_text){NULL, 0};
}

struct evald_text evald_ruleset_grade(const struct evald_ruleset *ruleset,
                                      unsigned index) {
  return index < ruleset->grade_count ? ruleset->grades[index].name
                                      : (struct evald_text){NULL, 0};
}
