/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_yaml.h"

#include "base/i18n.h"
#include "rules/ruleset_chain.h"
#include <stdlib.h>
#include <string.h>

enum { ARENA_LIMIT = 64 * 1024 * 1024 };

/* Where spans begin: a sorted set of years. */
struct starts {
  unsigned year[RULES_SPANS_MAX];
  size_t count;
};

static bool add_start(struct starts *starts, unsigned year) {
  size_t at = 0;
  while (at < starts->count && starts->year[at] < year)
    at++;
  if (at < starts->count && starts->year[at] == year) return true;
  if (starts->count == RULES_SPANS_MAX) return false;
  memmove(&starts->year[at + 1], &starts->year[at],
          (starts->count - at) * sizeof starts->year[0]);
  starts->year[at] = year;
  starts->count++;
  return true;
}

/* A provision begins a span with its first year and another after its last. */
static bool add_provision(const struct rules_chain *chain, size_t depth,
                          size_t index, struct starts *starts) {
  const struct rules_years served = chain->years[0];
  struct rules_years years;
  if (rules_provision_years(chain, depth, index, &years)) return true;
  bool fits = true;
  if (years.from > served.from && years.from <= served.to)
    fits = add_start(starts, years.from);
  if (years.to >= served.from && years.to < served.to)
    fits = fits && add_start(starts, years.to + 1);
  return fits;
}

static enum evald_status find_starts(const struct rules_chain *chain,
                                     struct starts *out) {
  (void)add_start(out, chain->years[0].from);
  for (size_t depth = 0; depth < chain->count; depth++)
    for (size_t i = 0; i < chain->files[depth].content->provisions_count; i++)
      if (!add_provision(chain, depth, i, out))
        return yaml_fault(chain->fault, chain->files[0].path,
                          chain->files[0].root,
                          _("the values change in more than %d years; split "
                            "the file"),
                          RULES_SPANS_MAX);
  return EVALD_OK;
}

static enum evald_status build(const struct rules_chain *chain,
                               struct rules_spans *out) {
  struct starts starts = {.count = 0};
  enum evald_status status = find_starts(chain, &starts);
  for (size_t i = 0; !status && i < starts.count; i++) {
    struct rules_years span = {starts.year[i], chain->years[0].to};
    if (i + 1 < starts.count) span.to = starts.year[i + 1] - 1;
    status = rules_resolve(chain, span, &out->items[i]);
    if (!status) out->count++;
  }
  return status;
}

static enum evald_status load(const char *name, const struct evald_text *text,
                              struct rules_spans *out,
                              struct evald_fault *fault) {
  struct evald_arena *arena = evald_arena_new(ARENA_LIMIT);
  struct rules_chain *chain = calloc(1, sizeof *chain);
  struct rules_spans spans = {.count = 0};
  enum evald_status status = arena && chain ? EVALD_OK : EVALD_MEMORY;
  if (!status) {
    chain->arena = arena;
    chain->fault = fault;
    status = rules_chain_read(name, text, chain);
  }
  if (!status) status = build(chain, &spans);
  if (status)
    rules_spans_unref(&spans);
  else
    *out = spans;
  free(chain);
  evald_arena_free(arena);
  return evald_fault_set(status ? fault : NULL, status, name, "%s",
                         evald_status_text(status, 0));
}

enum evald_status rules_load(const char *path, struct rules_spans *out,
                             struct evald_fault *fault) {
  return load(path, NULL, out, fault);
}

void rules_spans_unref(struct rules_spans *spans) {
  for (size_t i = 0; i < spans->count; i++)
    evald_ruleset_unref(spans->items[i]);
  spans->count = 0;
}

/* Takes one ruleset out of the spans and gives the others back. */
static void take(struct rules_spans *spans, size_t position,
                 struct evald_ruleset **out) {
  *out = evald_ruleset_ref(spans->items[position]);
  rules_spans_unref(spans);
}

enum evald_status evald_ruleset_load(const char *path,
                                     struct evald_ruleset **out,
                                     struct evald_fault *fault) {
  struct rules_spans spans;
  enum evald_status status = load(path, NULL, &spans, fault);
  if (!status) take(&spans, spans.count - 1, out);
  return status;
}

enum evald_status evald_ruleset_load_year(const char *path, unsigned year,
                                          struct evald_ruleset **out,
                                          struct evald_fault *fault) {
  struct rules_spans spans;
  enum evald_status status = load(path, NULL, &spans, fault);
  if (status) return status;
  for (size_t i = 0; i < spans.count; i++) {
    const struct evald_ruleset *item = spans.items[i];
    if (year < item->year_from || (item->year_to && year > item->year_to))
      continue;
    take(&spans, i, out);
    return EVALD_OK;
  }
  rules_spans_unref(&spans);
  return evald_fault_set(fault, EVALD_NOT_FOUND, path,
                         _("does not serve the fiscal year %u"), year);
}

enum evald_status evald_ruleset_load_text(struct evald_text text,
                                          const char *name,
                                          struct evald_ruleset **out,
                                          struct evald_fault *fault) {
  struct rules_spans spans;
  if (text.size > RULES_FILE_MAX)
    return evald_fault_set(fault, EVALD_LIMIT, name,
                           _("a ruleset file may have up to %d bytes"),
                           RULES_FILE_MAX);
  enum evald_status status = load(name, &text, &spans, fault);
  if (status) return status;
  if (spans.count == 1) {
    take(&spans, 0, out);
    return EVALD_OK;
  }
  rules_spans_unref(&spans);
  return evald_fault_set(fault, EVALD_INVALID, name,
                         _("holds rulesets for more than one span of years; "
                           "give the canonical text of one"));
}
