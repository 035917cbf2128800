/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_chain.h"

#include "base/i18n.h"
#include "rules/ruleset_canonical.h"
#include "rules/ruleset_sound.h"
#include <string.h>

struct resolver {
  const struct rules_chain *chain;
  struct rules_years span;
  struct evald_ruleset *ruleset;
  struct rules_origin origins[RULESET_PARAMETERS_MAX];
};

/* Who sets a parameter in file `depth` for the span; false: nobody there. */
static bool find_setter(const struct resolver *resolver, const char *path,
                        size_t depth, struct rules_origin *out) {
  const struct ruleset_file *file = &resolver->chain->files[depth];
  const struct yaml_node *list = yaml_find(file->root, "provisions");
  for (size_t i = 0; i < file->content->provisions_count; i++) {
    struct rules_years years;
    const struct yaml_node *node = yaml_find(yaml_item(list, i), path);
    if (!node || rules_provision_years(resolver->chain, depth, i, &years) ||
        years.from > resolver->span.from || years.to < resolver->span.from)
      continue;
    *out = (struct rules_origin){file, node, depth, i};
    return true;
  }
  return false;
}

static enum evald_status read_at(const struct resolver *resolver,
                                 const struct rules_parameter *parameter,
                                 const struct rules_origin *origin) {
  const struct rules_reading reading = {
      .parameter = parameter,
      .provision = &origin->file->content->provisions[origin->provision],
      .node = origin->node,
      .path = origin->file->path,
      .fault = resolver->chain->fault};
  return parameter->kind->read(&reading, resolver->ruleset);
}

static enum evald_status missing(const struct resolver *resolver,
                                 const struct rules_parameter *parameter) {
  const struct ruleset_file *file = &resolver->chain->files[0];
  return yaml_fault(resolver->chain->fault, file->path,
                    yaml_find(file->root, "provisions"),
                    _("nothing sets %s for the fiscal year %u; add it, or "
                      "extend a ruleset that has it"),
                    parameter->path, resolver->span.from);
}

/* Reads a parameter, base first where it merges, and notes what set it last. */
static enum evald_status settle(struct resolver *resolver, size_t position) {
  const struct rules_parameter *parameter = rules_parameter_at(position);
  struct rules_origin *origin = &resolver->origins[position];
  bool found = false;
  for (size_t depth = resolver->chain->count; depth-- > 0;) {
    if (!find_setter(resolver, parameter->path, depth, origin)) continue;
    found = true;
    if (!parameter->kind->merges) continue;
    enum evald_status status = read_at(resolver, parameter, origin);
    if (status) return status;
  }
  if (!found) {
    *origin = (struct rules_origin){NULL, NULL, 0, 0};
    return parameter->optional ? EVALD_OK : missing(resolver, parameter);
  }
  return parameter->kind->merges ? EVALD_OK
                                 : read_at(resolver, parameter, origin);
}

/* ---- citations ------------------------------------------------------- */

static enum evald_status read_confidence(const struct resolver *resolver,
                                         const struct rules_origin *origin,
                                         const struct file_provision *provision,
                                         uint8_t *out) {
  const struct rules_reading reading = {.path = origin->file->path,
                                        .fault = resolver->chain->fault};
  const struct yaml_node *entry =
      yaml_item(yaml_find(origin->file->root, "provisions"), origin->provision);
  const struct rules_cell cell = {provision->confidence,
                                  yaml_find(entry, "confidence")};
  return rules_read_word(&reading, cell, &rules_confidences, out);
}

/* The number of the provision's citation, which is added where it is new. */
static enum evald_status cite(struct resolver *resolver,
                              const struct rules_origin *origin, uint8_t *out) {
  struct evald_ruleset *ruleset = resolver->ruleset;
  const struct file_provision *provision =
      &origin->file->content->provisions[origin->provision];
  const struct evald_text text = evald_text_of(provision->source);
  uint8_t confidence = 0;
  enum evald_status status =
      read_confidence(resolver, origin, provision, &confidence);
  for (uint8_t i = 0; !status && i < ruleset->citation_count; i++)
    if (ruleset->citations[i].confidence == confidence &&
        evald_text_equal(ruleset->citations[i].text, text)) {
      *out = i;
      return EVALD_OK;
    }
  struct ruleset_citation *fresh = &ruleset->citations[ruleset->citation_count];
  if (!status)
    status = rules_copy_text(provision->source, ruleset, &fresh->text);
  if (status) return status;
  fresh->confidence = confidence;
  *out = ruleset->citation_count++;
  return EVALD_OK;
}

/* A rule is cited by what set its values in the file nearest to the one asked
 * for, and there by the first provision. */
static bool cites_before(const struct rules_origin *a,
                         const struct rules_origin *b) {
  return a->depth < b->depth ||
         (a->depth == b->depth && a->provision < b->provision);
}

static void cite_rules(struct resolver *resolver) {
  const struct rules_origin *best[EVALD_RULE_COUNT] = {NULL};
  const struct rules_parameter *parameter;
  for (size_t i = 0; (parameter = rules_parameter_at(i)); i++) {
    const struct rules_origin *origin = &resolver->origins[i];
    const struct rules_origin **rule = &best[parameter->rule];
    if (parameter->aside || !origin->file) continue;
    if (*rule && !cites_before(origin, *rule)) continue;
    *rule = origin;
    resolver->ruleset->citation[parameter->rule] =
        resolver->ruleset->parameter_citation[i];
  }
}

static enum evald_status cite_all(struct resolver *resolver) {
  struct evald_ruleset *ruleset = resolver->ruleset;
  ruleset->citations = evald_arena_take(
      ruleset->arena, RULESET_PARAMETERS_MAX * sizeof *ruleset->citations);
  if (!ruleset->citations) return EVALD_MEMORY;
  memset(ruleset->citation, RULESET_UNCITED, sizeof ruleset->citation);
  for (size_t i = 0; rules_parameter_at(i); i++) {
    ruleset->parameter_citation[i] = RULESET_UNCITED;
    if (!resolver->origins[i].file) continue;
    enum evald_status status =
        cite(resolver, &resolver->origins[i], &ruleset->parameter_citation[i]);
    if (status) return status;
  }
  cite_rules(resolver);
  return EVALD_OK;
}

/* ---- the whole ------------------------------------------------------- */

static enum evald_status settle_head(struct resolver *resolver) {
  const struct file_content *content = resolver->chain->files[0].content;
  struct evald_ruleset *ruleset = resolver->ruleset;
  enum evald_status status =
      rules_copy_text(content->id, ruleset, &ruleset->id);
  if (!status)
    status = rules_copy_text(content->version, ruleset, &ruleset->version);
  if (!status)
    status = rules_copy_text(content->title, ruleset, &ruleset->title);
  ruleset->year_from = (uint16_t)resolver->span.from;
  ruleset->year_to =
      resolver->span.to == RULES_YEAR_LAST ? 0 : (uint16_t)resolver->span.to;
  return status;
}

static enum evald_status resolve(struct resolver *resolver) {
  enum evald_status status = settle_head(resolver);
  for (size_t i = 0; !status && rules_parameter_at(i); i++)
    status = settle(resolver, i);
  if (!status) status = cite_all(resolver);
  if (status) return status;
  resolver->ruleset->execution.scored = resolver->ruleset->execution.weight > 0;
  status = ruleset_sound(resolver->ruleset, resolver->origins,
                         resolver->chain->fault);
  if (status) return status;
  core_ruleset_index(resolver->ruleset);
  return ruleset_canonical_set(resolver->ruleset);
}

enum evald_status rules_resolve(const struct rules_chain *chain,
                                struct rules_years span,
                                struct evald_ruleset **out) {
  struct resolver resolver = {.chain = chain, .span = span};
  resolver.ruleset = core_ruleset_new();
  if (!resolver.ruleset) return EVALD_MEMORY;
  enum evald_status status = resolve(&resolver);
  if (status)
    evald_ruleset_unref(resolver.ruleset);
  else
    *out = resolver.ruleset;
  return status;
}
