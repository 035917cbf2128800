/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_chain.h"

#include "base/fault.h"
#include "base/i18n.h"
#include <string.h>

#define INVALID(chain, file, node, ...)                                        \
  yaml_fault((chain)->fault, (file)->path, node, __VA_ARGS__)

/* ---- years ----------------------------------------------------------- */

static enum evald_status read_year(const struct rules_chain *chain,
                                   const struct ruleset_file *file,
                                   struct rules_cell cell, unsigned *out) {
  unsigned year = 0;
  const char *digit = cell.text;
  for (; *digit >= '0' && *digit <= '9' && digit - cell.text < 4; digit++)
    year = year * 10 + (unsigned)(*digit - '0');
  if (*digit || year < RULES_YEAR_FIRST || year > RULES_YEAR_LAST)
    return INVALID(chain, file, cell.node,
                   _("\"%s\" is no fiscal year; allowed: %d to %d"), cell.text,
                   RULES_YEAR_FIRST, RULES_YEAR_LAST);
  *out = year;
  return EVALD_OK;
}

/* Narrows `out` to the years that two optional cells name. */
static enum evald_status read_years(const struct rules_chain *chain,
                                    const struct ruleset_file *file,
                                    struct rules_cell from,
                                    struct rules_cell to,
                                    struct rules_years *out) {
  struct rules_years years = *out;
  enum evald_status status = EVALD_OK;
  if (from.text) status = read_year(chain, file, from, &years.from);
  if (!status && to.text) status = read_year(chain, file, to, &years.to);
  if (status) return status;
  const struct yaml_node *node = from.text ? from.node : to.node;
  if (from.text && to.text && years.from > years.to)
    return INVALID(chain, file, node,
                   _("from %u to %u is no span of years; exchange them or "
                     "mend one"),
                   years.from, years.to);
  if (years.from > out->to || years.to < out->from)
    return INVALID(chain, file, node,
                   _("never applies: outside %u to %u, the years served"),
                   out->from, out->to);
  *out = years;
  return EVALD_OK;
}

enum evald_status rules_provision_years(const struct rules_chain *chain,
                                        size_t depth, size_t index,
                                        struct rules_years *out) {
  const struct ruleset_file *file = &chain->files[depth];
  const struct file_provision *provision = &file->content->provisions[index];
  const struct yaml_node *node =
      yaml_item(yaml_find(file->root, "provisions"), index);
  struct rules_cell from = {provision->valid_from,
                            yaml_find(node, "valid_from")};
  struct rules_cell to = {provision->valid_to, yaml_find(node, "valid_to")};
  struct rules_years years = chain->years[depth];
  enum evald_status status = read_years(chain, file, from, to, &years);
  if (!status) *out = years;
  return status;
}

/* The years of a file: its own, or else those of what it extends. */
static enum evald_status settle_years(struct rules_chain *chain, size_t depth) {
  const struct ruleset_file *file = &chain->files[depth];
  const struct file_years *own = &file->content->years;
  const struct yaml_node *node = yaml_find(file->root, "years");
  struct rules_cell from = {own->from, yaml_find(node, "from")};
  struct rules_cell to = {own->to, yaml_find(node, "to")};
  bool base = depth + 1 == chain->count;
  if (base && !own->from)
    return INVALID(chain, file, file->root,
                   _("the fiscal years are missing; add `years: { from: "
                     "2024 }`, and `to:` where the rule has ended"));
  struct rules_years years = {RULES_YEAR_FIRST, RULES_YEAR_LAST};
  if (!base) years = chain->years[depth + 1];
  const struct rules_years outer = years;
  enum evald_status status = read_years(chain, file, from, to, &years);
  if (status) return status;
  if (years.from < outer.from || years.to > outer.to)
    return INVALID(chain, file, node,
                   _("%u to %u, but %s, which it extends, serves %u to %u "
                     "only; narrow the years"),
                   years.from, years.to, file->content->extends, outer.from,
                   outer.to);
  chain->years[depth] = years;
  return EVALD_OK;
}

/* ---- what a file extends --------------------------------------------- */

static bool is_id(const char *text) {
  size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
  return size > 0 && size <= 64 && text[size] == '\0';
}

static enum evald_status check_head(const struct rules_chain *chain,
                                    const struct ruleset_file *file) {
  if (!is_id(file->content->id))
    return INVALID(chain, file, yaml_find(file->root, "id"),
                   _("\"%s\" is no id; use a-z, 0-9 and \"-\", up to 64"),
                   file->content->id);
  if (strlen(file->content->version) > 32)
    return INVALID(chain, file, yaml_find(file->root, "version"),
                   _("%zu bytes; allowed: up to %d"),
                   strlen(file->content->version), 32);
  return EVALD_OK;
}

static enum evald_status check_extends(const struct rules_chain *chain,
                                       const struct ruleset_file *file,
                                       bool from_text) {
  const char *id = file->content->extends;
  const struct yaml_node *node = yaml_find(file->root, "extends");
  if (from_text)
    return INVALID(chain, file, node,
                   _("a text by itself cannot extend a file; give the "
                     "canonical text"));
  if (!is_id(id))
    return INVALID(chain, file, node,
                   _("\"%s\" is no id; write the id of a ruleset in the same "
                     "folder"),
                   id);
  for (size_t i = 0; i < chain->count; i++)
    if (strcmp(chain->files[i].content->id, id) == 0)
      return INVALID(chain, file, node,
                     _("a cycle: %s is extended by this file already; one of "
                       "them must stand alone"),
                     id);
  if (chain->count == RULES_EXTENDS_MAX)
    return INVALID(chain, file, node, _("more than %d files extend each other"),
                   RULES_EXTENDS_MAX);
  return EVALD_OK;
}

/* "folder/of/file.yaml" and "cn-2020" → "folder/of/cn-2020.yaml". */
static void beside(const char *path, const char *id, char *out, size_t size) {
  const char *slash = strrchr(path, '/');
  int folder = slash ? (int)(slash - path) + 1 : 0;
  (void)fault_print(out, size, "%.*s%s.yaml", folder, path, id);
}

static enum evald_status read_base(struct rules_chain *chain,
                                   const struct ruleset_file *file) {
  char path[1024];
  const struct yaml_node *node = yaml_find(file->root, "extends");
  beside(file->path, file->content->extends, path, sizeof path);
  struct ruleset_file *base = &chain->files[chain->count];
  enum evald_status status =
      ruleset_file_read(path, NULL, chain->arena, base, chain->fault);
  if (status == EVALD_NOT_FOUND) {
    if (chain->fault) evald_fault_clear(chain->fault);
    return INVALID(chain, file, node,
                   _("no file %s; write the id of a ruleset in the same "
                     "folder"),
                   path);
  }
  if (status) return status;
  if (strcmp(base->content->id, file->content->extends) != 0)
    return INVALID(chain, file, node,
                   _("the file %s has another id (%s); name a file after its "
                     "id"),
                   path, base->content->id);
  return check_head(chain, base);
}

/* ---- nothing set twice ----------------------------------------------- */

static enum evald_status check_twice(const struct rules_chain *chain,
                                     size_t depth, const char *path,
                                     size_t later, size_t earlier) {
  const struct ruleset_file *file = &chain->files[depth];
  const struct yaml_node *list = yaml_find(file->root, "provisions");
  const struct yaml_node *b = yaml_find(yaml_item(list, later), path);
  const struct yaml_node *a = yaml_find(yaml_item(list, earlier), path);
  if (!a || !b) return EVALD_OK;
  struct rules_years x, y;
  enum evald_status status = rules_provision_years(chain, depth, later, &x);
  if (!status) status = rules_provision_years(chain, depth, earlier, &y);
  if (status || x.from > y.to || y.from > x.to) return status;
  return INVALID(chain, file, b,
                 _("set on line %u already for the fiscal year %u; keep one, "
                   "or date them with valid_from and valid_to"),
                 a->line, x.from > y.from ? x.from : y.from);
}

static enum evald_status check_provisions(const struct rules_chain *chain,
                                          size_t depth) {
  const struct ruleset_file *file = &chain->files[depth];
  const struct rules_parameter *parameter;
  for (unsigned i = 0; i < file->content->provisions_count; i++) {
    struct rules_years years;
    enum evald_status status = rules_provision_years(chain, depth, i, &years);
    for (size_t k = 0; !status && (parameter = rules_parameter_at(k)); k++)
      for (unsigned j = 0; !status && j < i; j++)
        status = check_twice(chain, depth, parameter->path, i, j);
    if (status) return status;
  }
  return EVALD_OK;
}

enum evald_status rules_chain_read(const char *name,
                                   const struct evald_text *text,
                                   struct rules_chain *chain) {
  chain->count = 0;
  enum evald_status status = ruleset_file_read(name, text, chain->arena,
                                               &chain->files[0], chain->fault);
  if (!status) status = check_head(chain, &chain->files[0]);
  while (!status) {
    const struct ruleset_file *file = &chain->files[chain->count++];
    if (!file->content->extends) break;
    status = check_extends(chain, file, text != NULL);
    if (!status) status = read_base(chain, file);
  }
  for (size_t depth = chain->count; !status && depth-- > 0;) {
    status = settle_years(chain, depth);
    if (!status) status = check_provisions(chain, depth);
  }
  return status;
}
