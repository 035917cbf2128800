/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_parameter.h"

#include "base/i18n.h"
#include <string.h>

/* The parameters that are lists. What the entries of a list say of each other
 * is for ruleset_sound; here each entry is read by itself. */

/* The words under a key of an entry, as libcyaml filled them. */
struct word_list {
  char *const *word;
  unsigned count;
  const struct yaml_node *node;
};

static struct rules_cell cell_of(const struct yaml_node *entry, const char *key,
                                 const char *text) {
  const struct yaml_node *node = yaml_child(entry, evald_text_of(key));
  return (struct rules_cell){text, node ? node : entry};
}

static enum evald_status missing(const struct rules_reading *reading,
                                 const struct yaml_node *entry,
                                 const char *key) {
  return yaml_fault(reading->fault, reading->path, entry,
                    _("the key `%s` is missing; add it"), key);
}

static enum evald_status add_words(const struct rules_reading *reading,
                                   struct word_list list,
                                   struct evald_ruleset *owner,
                                   struct ruleset_words *out) {
  for (unsigned i = 0; i < list.count; i++) {
    if (out->count == RULESET_WORDS_MAX)
      return yaml_fault(reading->fault, reading->path, yaml_item(list.node, i),
                        _("too many words; allowed: a name and %d others"),
                        RULESET_WORDS_MAX - 1);
    enum evald_status status =
        rules_copy_text(list.word[i], owner, &out->word[out->count]);
    if (status) return status;
    out->count++;
  }
  return EVALD_OK;
}

/* A name, then what it is also called. */
static enum evald_status read_names(const struct rules_reading *reading,
                                    const char *name, struct word_list aliases,
                                    struct evald_ruleset *owner,
                                    struct ruleset_words *out) {
  enum evald_status status = rules_copy_text(name, owner, &out->word[0]);
  if (status) return status;
  out->count = 1;
  return add_words(reading, aliases, owner, out);
}

static void print_words(const struct ruleset_words *words, uint8_t from,
                        FILE *out) {
  (void)fputc('[', out);
  for (uint8_t i = from; i < words->count; i++) {
    if (i > from) (void)fputs(", ", out);
    rules_print_text(words->word[i], out);
  }
  (void)fputc(']', out);
}

/* name: "…", aliases: ["…"] */
static void print_names(const struct ruleset_words *words, FILE *out) {
  (void)fputs("name: ", out);
  rules_print_text(words->word[0], out);
  (void)fputs(", aliases: ", out);
  print_words(words, 1, out);
}

static void print_entry(const char *key, evald_decimal value, FILE *out) {
  (void)fprintf(out, ", %s: ", key);
  rules_print_decimal(value, out);
}

/* ---- words of a level ------------------------------------------------ */

static enum evald_status read_words(const struct rules_reading *reading,
                                    struct evald_ruleset *out) {
  struct ruleset_words *words =
      (struct ruleset_words *)((char *)out + reading->parameter->to);
  const char *member =
      (const char *)reading->provision + reading->parameter->from;
  struct word_list list = {.node = reading->node};
  memcpy(&list.word, member, sizeof list.word);
  memcpy(&list.count,
         member + offsetof(struct file_level, words_count) -
             offsetof(struct file_level, words),
         sizeof list.count);
  words->count = 0;
  return add_words(reading, list, out, words);
}

static void print_level(const struct rules_parameter *parameter,
                        const struct evald_ruleset *ruleset, FILE *out) {
  (void)fputc(' ', out);
  print_words(
      (const struct ruleset_words *)((const char *)ruleset + parameter->to), 0,
      out);
  (void)fputc('\n', out);
}

const struct rules_kind rules_kind_words = {read_words, print_level, false};

/* ---- bands of over-achievement --------------------------------------- */

enum { ACHIEVEMENT_MAX = 1000000 }; /* percent of the target */

static enum evald_status read_band(const struct rules_reading *reading,
                                   const struct file_band *band,
                                   const struct yaml_node *entry,
                                   struct ruleset_band *out) {
  if (!band->from) return missing(reading, entry, "from");
  if (!band->keep) return missing(reading, entry, "keep");
  enum evald_status status =
      rules_read_decimal(reading, cell_of(entry, "from", band->from), 100,
                         ACHIEVEMENT_MAX, &out->from);
  out->to = (evald_decimal)ACHIEVEMENT_MAX * EVALD_DECIMAL_ONE;
  if (!status && band->to)
    status = rules_read_decimal(reading, cell_of(entry, "to", band->to), 100,
                                ACHIEVEMENT_MAX, &out->to);
  if (!status)
    status = rules_read_decimal(reading, cell_of(entry, "keep", band->keep), 0,
                                100, &out->keep);
  return status;
}

static enum evald_status read_bands(const struct rules_reading *reading,
                                    struct evald_ruleset *out) {
  const struct file_rows *rows = &reading->provision->rows;
  out->rows.band_count = 0;
  for (unsigned i = 0; i < rows->over_achievement_count; i++) {
    enum evald_status status =
        read_band(reading, &rows->over_achievement[i],
                  yaml_item(reading->node, i), &out->rows.bands[i]);
    if (status) return status;
    out->rows.band_count++;
  }
  return EVALD_OK;
}

static void print_bands(const struct rules_parameter *parameter,
                        const struct evald_ruleset *ruleset, FILE *out) {
  (void)parameter;
  const struct ruleset_rows *rows = &ruleset->rows;
  (void)fputs(rows->band_count ? "\n" : " []\n", out);
  for (uint8_t i = 0; i < rows->band_count; i++) {
    (void)fputs("        - { from: ", out);
    rules_print_decimal(rows->bands[i].from, out);
    print_entry("to", rows->bands[i].to, out);
    print_entry("keep", rows->bands[i].keep, out);
    (void)fputs(" }\n", out);
  }
}

const struct rules_kind rules_kind_bands = {read_bands, print_bands, false};

/* ---- grades ---------------------------------------------------------- */

static enum evald_status read_cut(const struct rules_reading *reading,
                                  const struct file_cut *cut,
                                  const struct yaml_node *entry,
                                  struct evald_ruleset *owner,
                                  struct ruleset_grade *out) {
  struct word_list aliases = {cut->aliases, cut->aliases_count,
                              yaml_find(entry, "aliases")};
  enum evald_status status =
      read_names(reading, cut->name, aliases, owner, &out->aliases);
  if (status) return status;
  out->name = out->aliases.word[0];
  status = rules_read_decimal(reading, cell_of(entry, "from", cut->from), 0,
                              1000, &out->from);
  if (status) return status;
  return rules_read_word(reading, cell_of(entry, "tier", cut->tier),
                         &rules_tiers, &out->tier);
}

static enum evald_status read_cuts(const struct rules_reading *reading,
                                   struct evald_ruleset *out) {
  const struct file_grades *grades = &reading->provision->grades;
  out->grade_count = 0;
  for (unsigned i = 0; i < grades->cuts_count; i++) {
    enum evald_status status =
        read_cut(reading, &grades->cuts[i], yaml_item(reading->node, i), out,
                 &out->grades[i]);
    if (status) return status;
    out->grade_count++;
  }
  return EVALD_OK;
}

static void print_cuts(const struct rules_parameter *parameter,
                       const struct evald_ruleset *ruleset, FILE *out) {
  (void)parameter;
  (void)fputc('\n', out);
  for (uint8_t i = 0; i < ruleset->grade_count; i++) {
    const struct ruleset_grade *grade = &ruleset->grades[i];
    (void)fputs("        - { ", out);
    print_names(&grade->aliases, out);
    print_entry("from", grade->from, out);
    (void)fprintf(out, ", tier: %s }\n", rules_tiers.words[grade->tier]);
  }
}

const struct rules_kind rules_kind_cuts = {read_cuts, print_cuts, false};

/* ---- the model of categories ----------------------------------------- */

static enum evald_status read_category(const struct rules_reading *reading,
                                       const struct file_category *category,
                                       const struct yaml_node *entry,
                                       struct evald_ruleset *owner,
                                       struct ruleset_category *out) {
  struct word_list aliases = {category->aliases, category->aliases_count,
                              yaml_find(entry, "aliases")};
  enum evald_status status =
      read_names(reading, category->name, aliases, owner, &out->words);
  if (!status)
    status = rules_read_word(reading, cell_of(entry, "kind", category->kind),
                             &rules_category_kinds, &out->kind);
  const struct yaml_node *list = yaml_find(entry, "level2");
  for (unsigned i = 0; !status && i < category->level2_count; i++) {
    const struct file_level2 *level2 = &category->level2[i];
    struct word_list other = {level2->aliases, level2->aliases_count,
                              yaml_find(yaml_item(list, i), "aliases")};
    status =
        read_names(reading, level2->name, other, owner, &out->level2[i].words);
    if (!status) out->level2_count++;
  }
  return status;
}

static enum evald_status read_model(const struct rules_reading *reading,
                                    struct evald_ruleset *out) {
  const struct file_categories *categories = &reading->provision->categories;
  out->category_count = 0;
  for (unsigned i = 0; i < categories->model_count; i++) {
    struct ruleset_category *category = &out->categories[i];
    *category = (struct ruleset_category){.kind = 0};
    enum evald_status status =
        read_category(reading, &categories->model[i],
                      yaml_item(reading->node, i), out, category);
    if (status) return status;
    out->category_count++;
  }
  return EVALD_OK;
}

static void print_model(const struct rules_parameter *parameter,
                        const struct evald_ruleset *ruleset, FILE *out) {
  (void)parameter;
  (void)fputc('\n', out);
  for (uint8_t i = 0; i < ruleset->category_count; i++) {
    const struct ruleset_category *category = &ruleset->categories[i];
    (void)fputs("        - { ", out);
    print_names(&category->words, out);
    (void)fprintf(out, ", kind: %s, level2: [",
                  rules_category_kinds.words[category->kind]);
    for (uint8_t k = 0; k < category->level2_count; k++) {
      (void)fputs(k ? ",\n            { " : "\n            { ", out);
      print_names(&category->level2[k].words, out);
      (void)fputs(" }", out);
    }
    (void)fputs("] }\n", out);
  }
}

const struct rules_kind rules_kind_model = {read_model, print_model, false};

/* ---- their weights --------------------------------------------------- */

static struct ruleset_category *category_named(struct evald_ruleset *ruleset,
                                               const char *name) {
  for (uint8_t i = 0; i < ruleset->category_count; i++)
    if (evald_text_equal(ruleset->categories[i].words.word[0],
                         evald_text_of(name)))
      return &ruleset->categories[i];
  return NULL;
}

static enum evald_status read_weight(const struct rules_reading *reading,
                                     const struct file_weight *weight,
                                     const struct yaml_node *entry,
                                     struct evald_ruleset *out) {
  struct ruleset_category *category = category_named(out, weight->name);
  if (!category)
    return yaml_fault(reading->fault, reading->path, entry,
                      _("\"%s\" is no category; write a `name` that "
                        "categories.model has"),
                      weight->name);
  if (category->weighted)
    return yaml_fault(reading->fault, reading->path, entry,
                      _("\"%s\" has a weight already; keep one"), weight->name);
  category->weighted = true;
  return rules_read_decimal(reading, cell_of(entry, "weight", weight->weight),
                            0, 1000, &category->weight);
}

static enum evald_status read_weights(const struct rules_reading *reading,
                                      struct evald_ruleset *out) {
  const struct file_categories *categories = &reading->provision->categories;
  for (unsigned i = 0; i < categories->weights_count; i++) {
    enum evald_status status = read_weight(reading, &categories->weights[i],
                                           yaml_item(reading->node, i), out);
    if (status) return status;
  }
  return EVALD_OK;
}

static void print_weights(const struct rules_parameter *parameter,
                          const struct evald_ruleset *ruleset, FILE *out) {
  (void)parameter;
  bool any = false;
  for (uint8_t i = 0; i < ruleset->category_count; i++) {
    const struct ruleset_category *category = &ruleset->categories[i];
    if (!category->weighted) continue;
    (void)fputs(any ? "        - { name: " : "\n        - { name: ", out);
    rules_print_text(category->words.word[0], out);
    print_entry("weight", category->weight, out);
    (void)fputs(" }\n", out);
    any = true;
  }
  if (!any) (void)fputs(" []\n", out);
}

const struct rules_kind rules_kind_weights = {read_weights, print_weights,
                                              false};

/* ---- checks ---------------------------------------------------------- */

static const struct {
  const char *code;
  size_t at; /* offset in struct file_checks */
} check_codes[] = {
#define X(code, number, level, en, zh)                                         \
  {#code, offsetof(struct file_checks, code)},
    EVALD_FINDING_LIST(X)
#undef X
};

enum { THRESHOLD_MAX = 1000000 };

/* What all checks say that the file does not name: evald's defaults, or
 * nothing. */
static enum evald_status read_others(const struct rules_reading *reading,
                                     struct evald_ruleset *out) {
  const char *others = reading->provision->checks.others;
  if (!others) return EVALD_OK;
  uint8_t off = 0;
  enum evald_status status = rules_read_word(
      reading, cell_of(reading->node, "others", others), &rules_others, &off);
  if (status) return status;
  struct evald_ruleset *fresh = core_ruleset_new();
  if (!fresh) return EVALD_MEMORY;
  memcpy(out->checks, fresh->checks, sizeof out->checks);
  evald_ruleset_unref(fresh);
  for (size_t i = 0; off && i < RULESET_CHECK_COUNT; i++) {
    out->checks[i].off = true;
    out->checks[i].threshold = 0;
  }
  return EVALD_OK;
}

/* A threshold that no check would look at must not stand as if one did. */
static enum evald_status read_threshold(const struct rules_reading *reading,
                                        struct rules_cell cell,
                                        enum ruleset_finding which,
                                        struct ruleset_check *out) {
  if (!core_ruleset_has_threshold(which))
    return yaml_fault(reading->fault, reading->path, cell.node,
                      _("%s has no threshold here; those of W02, C10, C13 "
                        "and C19 are, others have a key of their own "
                        "(docs/RULES.md)"),
                      check_codes[which].code);
  return rules_read_decimal(reading, cell, 0, THRESHOLD_MAX, &out->threshold);
}

static enum evald_status read_check(const struct rules_reading *reading,
                                    const struct file_check *check,
                                    const struct yaml_node *entry,
                                    enum ruleset_finding which,
                                    struct ruleset_check *out) {
  uint8_t raise = 1;
  enum evald_status status = EVALD_OK;
  if (check->level)
    status = rules_read_word(reading, cell_of(entry, "level", check->level),
                             &rules_levels, &out->level);
  if (!status && check->threshold)
    status = read_threshold(
        reading, cell_of(entry, "threshold", check->threshold), which, out);
  if (!status && check->raise)
    status = rules_read_word(reading, cell_of(entry, "raise", check->raise),
                             &rules_yes_no, &raise);
  if (!status) out->off = !raise;
  return status;
}

static enum evald_status read_checks(const struct rules_reading *reading,
                                     struct evald_ruleset *out) {
  enum evald_status status = read_others(reading, out);
  for (size_t i = 0; !status && i < RULESET_CHECK_COUNT; i++) {
    const struct yaml_node *entry =
        yaml_find(reading->node, check_codes[i].code);
    if (!entry) continue;
    const char *checks = (const char *)&reading->provision->checks;
    status = read_check(
        reading,
        (const struct file_check *)(const void *)(checks + check_codes[i].at),
        entry, (enum ruleset_finding)i, &out->checks[i]);
  }
  return status;
}

/* The checks that run, each by name; so a check that evald learns later does
 * not change what an old ruleset says of a form. */
static void print_checks(const struct rules_parameter *parameter,
                         const struct evald_ruleset *ruleset, FILE *out) {
  (void)parameter;
  (void)fputs("\n      others: off\n", out);
  for (size_t i = 0; i < RULESET_CHECK_COUNT; i++) {
    const struct ruleset_check *check = &ruleset->checks[i];
    if (check->off) continue;
    (void)fprintf(out, "      %s: { level: %s", check_codes[i].code,
                  rules_levels.words[check->level]);
    if (check->threshold) print_entry("threshold", check->threshold, out);
    (void)fputs(" }\n", out);
  }
}

const struct rules_kind rules_kind_checks = {read_checks, print_checks, true};
