/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_canonical.h"

#include "base/memory_stream.h"
#include "rules/ruleset_parameter.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Sections already open in the present provision: the path printed last. */
struct printer {
  const struct evald_ruleset *ruleset;
  FILE *out;
  const char *open;
};

static void indent(FILE *out, unsigned depth) {
  for (unsigned i = 0; i < depth; i++)
    (void)fputs("  ", out);
}

/* Prints "    execution:\n      weight:" as far as the path differs from the
 * one before it. */
static void print_path(struct printer *printer, const char *path) {
  unsigned depth = 2;
  bool same = printer->open != NULL;
  const char *part = path, *old = printer->open;
  for (;;) {
    size_t size = strcspn(part, ".");
    bool leaf = part[size] == '\0';
    same = same && !leaf && strncmp(old, part, size + 1) == 0;
    if (!same) {
      indent(printer->out, depth);
      (void)fprintf(printer->out, "%.*s:%s", (int)size, part, leaf ? "" : "\n");
    }
    if (leaf) break;
    part += size + 1;
    if (same) old += size + 1;
    depth++;
  }
  printer->open = path;
}

static void print_citation(struct printer *printer, uint8_t citation) {
  const struct ruleset_citation *cited = &printer->ruleset->citations[citation];
  (void)fputs("  - source: ", printer->out);
  rules_print_text(cited->text, printer->out);
  (void)fprintf(printer->out, "\n    confidence: %s\n",
                rules_confidences.words[cited->confidence]);
  printer->open = NULL;
}

/* One provision: the parameters of a rule that bear one citation. */
static void print_provision(struct printer *printer, unsigned rule,
                            uint8_t citation) {
  const struct rules_parameter *parameter;
  if (citation == RULESET_UNCITED) return;
  print_citation(printer, citation);
  for (size_t i = 0; (parameter = rules_parameter_at(i)); i++) {
    if (parameter->rule != rule ||
        printer->ruleset->parameter_citation[i] != citation)
      continue;
    print_path(printer, parameter->path);
    parameter->kind->print(parameter, printer->ruleset, printer->out);
  }
}

/* Whether an earlier parameter of the rule bears this one's citation, so that
 * its provision stands already. */
static bool printed_before(const struct evald_ruleset *ruleset,
                           size_t position) {
  const struct rules_parameter *mine = rules_parameter_at(position);
  const uint8_t *cited = ruleset->parameter_citation;
  if (cited[position] == ruleset->citation[mine->rule]) return true;
  for (size_t i = 0; i < position; i++)
    if (rules_parameter_at(i)->rule == mine->rule &&
        cited[i] == cited[position])
      return true;
  return false;
}

/* First the provision that the rule is cited by: a reader, and the loader,
 * take the first. */
static void print_rule(struct printer *printer, unsigned rule) {
  const struct evald_ruleset *ruleset = printer->ruleset;
  const struct rules_parameter *parameter;
  print_provision(printer, rule, ruleset->citation[rule]);
  for (size_t i = 0; (parameter = rules_parameter_at(i)); i++)
    if (parameter->rule == rule && !printed_before(ruleset, i))
      print_provision(printer, rule, ruleset->parameter_citation[i]);
}

static void print_head(const struct evald_ruleset *ruleset, FILE *out) {
  (void)fputs("id: ", out);
  rules_print_text(ruleset->id, out);
  (void)fputs("\nversion: ", out);
  rules_print_text(ruleset->version, out);
  (void)fputs("\ntitle: ", out);
  rules_print_text(ruleset->title, out);
  (void)fprintf(out, "\nyears: { from: %u", ruleset->year_from);
  if (ruleset->year_to) (void)fprintf(out, ", to: %u", ruleset->year_to);
  (void)fputs(" }\nprovisions:\n", out);
}

static enum evald_status keep(struct evald_ruleset *ruleset, const char *text,
                              size_t size) {
  char *copy = evald_arena_take(ruleset->arena, size + 1);
  if (!copy) return EVALD_MEMORY;
  memcpy(copy, text, size);
  unsigned char hash[crypto_hash_sha256_BYTES];
  (void)crypto_hash_sha256(hash, (const unsigned char *)text, size);
  ruleset->canonical = (struct evald_text){copy, size};
  memcpy(ruleset->digest.bytes, hash, sizeof ruleset->digest.bytes);
  return EVALD_OK;
}

enum evald_status ruleset_canonical_set(struct evald_ruleset *ruleset) {
  struct memory_stream stream;
  size_t size = 0;
  FILE *out = memory_stream_open(&stream);
  if (!out) return EVALD_MEMORY;
  struct printer printer = {ruleset, out, NULL};
  print_head(ruleset, out);
  for (unsigned rule = 0; rule < EVALD_RULE_COUNT; rule++)
    print_rule(&printer, rule);
  char *text = memory_stream_close(&stream, &size);
  enum evald_status status = text ? keep(ruleset, text, size) : EVALD_MEMORY;
  free(text);
  return status;
}

char *ruleset_value_print(const struct evald_ruleset *ruleset,
                          size_t position) {
  const struct rules_parameter *parameter = rules_parameter_at(position);
  struct memory_stream stream;
  size_t size = 0;
  FILE *out = memory_stream_open(&stream);
  if (!out) return NULL;
  parameter->kind->print(parameter, ruleset, out);
  char *text = memory_stream_close(&stream, &size);
  if (!text) return NULL;
  size_t begin = strspn(text, " \n");
  if (strchr(text + begin, '\n') != text + size - 1) begin = 0; /* lines */
  begin += text[begin] == '\n';
  while (size > begin && text[size - 1] == '\n')
    size--;
  memmove(text, text + begin, size - begin);
  text[size - begin] = '\0';
  return text;
}
