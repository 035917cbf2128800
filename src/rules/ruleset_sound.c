/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_sound.h"

#include "base/i18n.h"
#include "core/fold.h"
#include <string.h>

struct sound {
  const struct evald_ruleset *ruleset;
  const struct rules_origin *origins;
  struct evald_fault *fault;
};

static const struct rules_origin *origin_of(const struct sound *sound,
                                            const char *path) {
  const struct rules_parameter *parameter;
  for (size_t i = 0; (parameter = rules_parameter_at(i)); i++)
    if (strcmp(parameter->path, path) == 0) return &sound->origins[i];
  return &sound->origins[0];
}

/* Where a parameter stands, or one entry of its list. */
struct spot {
  const char *path; /* of the file */
  const struct yaml_node *node;
};

static struct spot spot_of(const struct sound *sound, const char *path) {
  const struct rules_origin *origin = origin_of(sound, path);
  return (struct spot){origin->file->path, origin->node};
}

/* Of two parameters that disagree, the one in the file nearest to the one asked
 * for: that is where the user has just written something. */
static struct spot nearer(const struct sound *sound, const char *path,
                          const char *other) {
  bool further = origin_of(sound, other)->depth < origin_of(sound, path)->depth;
  return spot_of(sound, further ? other : path);
}

static struct spot entry_of(const struct sound *sound, const char *path,
                            size_t index) {
  struct spot spot = spot_of(sound, path);
  const struct yaml_node *entry = yaml_item(spot.node, index);
  if (entry) spot.node = entry;
  return spot;
}

#define UNSOUND(sound, spot, ...)                                              \
  yaml_fault((sound)->fault, (spot).path, (spot).node, __VA_ARGS__)

/* A decimal for a sentence. */
struct printed {
  char text[EVALD_DECIMAL_TEXT];
};

static struct printed print(evald_decimal value) {
  struct printed printed;
  (void)evald_decimal_print(value, printed.text);
  return printed;
}

static evald_decimal whole(int value) {
  return (evald_decimal)value * EVALD_DECIMAL_ONE;
}

/* ---- words ----------------------------------------------------------- */

/* As forms are read: blanks and full-width signs make no difference. */
static bool has_word(const struct ruleset_words *words, uint8_t until,
                     struct evald_text word) {
  for (uint8_t i = 0; i < until; i++)
    if (fold_equal(words->word[i], word)) return true;
  return false;
}

/* The first word of `words` that it has twice or that `other` has too; absent
 * where each stands for itself. */
static struct evald_text shared_word(const struct ruleset_words *words,
                                     const struct ruleset_words *other) {
  for (uint8_t i = 0; i < words->count; i++)
    if (has_word(other, other == words ? i : other->count, words->word[i]))
      return words->word[i];
  return (struct evald_text){NULL, 0};
}

static enum evald_status one_meaning(const struct sound *sound,
                                     struct spot spot,
                                     const struct ruleset_words *words,
                                     const struct ruleset_words *other) {
  struct evald_text word = shared_word(words, other);
  if (!word.data) return EVALD_OK;
  return UNSOUND(sound, spot,
                 _("\"%.*s\" stands twice; a word has one meaning, remove "
                   "one"),
                 (int)word.size, word.data);
}

/* ---- execution ------------------------------------------------------- */

static enum evald_status check_execution(const struct sound *sound) {
  const struct ruleset_execution *execution = &sound->ruleset->execution;
  if (execution->weight > sound->ruleset->full_marks)
    return UNSOUND(sound, nearer(sound, "execution.weight", "total.full_marks"),
                   _("the weight is above the full marks (%s)"),
                   print(sound->ruleset->full_marks).text);
  bool loses = execution->formula == RULESET_FORMULA_LOSS_PER_POINT;
  if (loses && execution->loss_percent == 0)
    return UNSOUND(
        sound, nearer(sound, "execution.formula", "execution.loss_per_point"),
        _("loss_per_point needs `loss_per_point:` in percent of "
          "the weight, such as 5"));
  if (!loses && execution->loss_percent != 0)
    return UNSOUND(
        sound, nearer(sound, "execution.loss_per_point", "execution.formula"),
        _("only the formula loss_per_point uses it; write `none` "
          "or change execution.formula"));
  return EVALD_OK;
}

/* ---- categories ------------------------------------------------------ */

static enum evald_status check_level2(const struct sound *sound,
                                      struct spot spot,
                                      const struct ruleset_category *category) {
  for (uint8_t i = 0; i < category->level2_count; i++)
    for (uint8_t k = 0; k <= i; k++) {
      enum evald_status status = one_meaning(
          sound, spot, &category->level2[i].words, &category->level2[k].words);
      if (status) return status;
    }
  return EVALD_OK;
}

static enum evald_status check_model(const struct sound *sound) {
  const struct evald_ruleset *ruleset = sound->ruleset;
  if (ruleset->category_count == 0)
    return UNSOUND(sound, spot_of(sound, "categories.model"),
                   _("no category; write at least one"));
  for (uint8_t i = 0; i < ruleset->category_count; i++) {
    struct spot spot = entry_of(sound, "categories.model", i);
    enum evald_status status =
        check_level2(sound, spot, &ruleset->categories[i]);
    for (uint8_t k = 0; !status && k <= i; k++)
      status = one_meaning(sound, spot, &ruleset->categories[i].words,
                           &ruleset->categories[k].words);
    if (status) return status;
  }
  return EVALD_OK;
}

/* Weights that are all given must make the full marks; some that are given
 * must leave room for the others. */
static enum evald_status check_weights(const struct sound *sound) {
  const struct evald_ruleset *ruleset = sound->ruleset;
  evald_decimal sum = ruleset->execution.weight;
  unsigned given = 0;
  for (uint8_t i = 0; i < ruleset->category_count; i++) {
    if (!ruleset->categories[i].weighted) continue;
    sum += ruleset->categories[i].weight;
    given++;
  }
  bool all = given == ruleset->category_count;
  if (given == 0 || sum == ruleset->full_marks) return EVALD_OK;
  if (!all && sum < ruleset->full_marks) return EVALD_OK;
  return UNSOUND(sound, nearer(sound, "categories.weights", "execution.weight"),
                 _("with the execution's %s the weights make %s, not %s; "
                   "change a weight, or write `weights: []` where the law "
                   "gives none"),
                 print(ruleset->execution.weight).text, print(sum).text,
                 print(ruleset->full_marks).text);
}

static bool has_kind(const struct evald_ruleset *ruleset, unsigned kind) {
  for (uint8_t i = 0; i < ruleset->category_count; i++)
    if (ruleset->categories[i].kind == kind) return true;
  return false;
}

static enum evald_status check_cost(const struct sound *sound) {
  const struct evald_ruleset *ruleset = sound->ruleset;
  bool own = has_kind(ruleset, RULESET_KIND_COST);
  if (own != (ruleset->cost == RULESET_COST_OWN))
    return UNSOUND(sound, nearer(sound, "categories.cost", "categories.model"),
                   own ? _("the model has a category of the kind cost; write "
                           "`own_category`, or change the model")
                       : _("own_category needs a category of the kind cost "
                           "in categories.model"));
  if (ruleset->cost == RULESET_COST_UNDER_OUTPUT &&
      !has_kind(ruleset, RULESET_KIND_OUTPUT))
    return UNSOUND(sound, nearer(sound, "categories.cost", "categories.model"),
                   _("under_output needs a category of the kind output in "
                     "categories.model"));
  if (ruleset->cost == RULESET_COST_NONE && ruleset->cost_required)
    return UNSOUND(sound,
                   nearer(sound, "categories.cost_required", "categories.cost"),
                   _("a cost indicator cannot be required where "
                     "categories.cost is none"));
  return EVALD_OK;
}

/* ---- bands of over-achievement --------------------------------------- */

static enum evald_status check_bands(const struct sound *sound) {
  const struct ruleset_rows *rows = &sound->ruleset->rows;
  for (uint8_t i = 0; i < rows->band_count; i++) {
    const struct ruleset_band *band = &rows->bands[i];
    struct spot spot = entry_of(sound, "rows.over_achievement", i);
    if (band->from >= band->to)
      return UNSOUND(sound, spot,
                     _("%s to %s is empty; `from` comes below "
                       "`to`"),
                     print(band->from).text, print(band->to).text);
    if (i == 0 || band->from == band[-1].to) continue;
    return UNSOUND(sound, spot,
                   band->from < band[-1].to
                       ? _("begins at %s, but the band before it ends at %s: "
                           "they overlap; let one begin where the other ends")
                       : _("begins at %s, but the band before it ends at %s: "
                           "a gap; let one begin where the other ends"),
                   print(band->from).text, print(band[-1].to).text);
  }
  return EVALD_OK;
}

/* ---- qualitative levels ---------------------------------------------- */

static const char *const level_from[] = {"qualitative.met.from",
                                         "qualitative.partly.from",
                                         "qualitative.not_met.from"};
static const char *const level_to[] = {
    "qualitative.met.to", "qualitative.partly.to", "qualitative.not_met.to"};
static const char *const level_words[] = {"qualitative.met.words",
                                          "qualitative.partly.words",
                                          "qualitative.not_met.words"};

static enum evald_status check_level_words(const struct sound *sound,
                                           unsigned level) {
  const struct ruleset_words *words = &sound->ruleset->levels[level].words;
  struct spot spot = spot_of(sound, level_words[level]);
  if (words->count == 0)
    return UNSOUND(sound, spot, _("no word; write how forms word this level"));
  for (unsigned i = 0; i <= level; i++) {
    enum evald_status status =
        one_meaning(sound, spot, words, &sound->ruleset->levels[i].words);
    if (status) return status;
  }
  return EVALD_OK;
}

static enum evald_status levels_apart(const struct sound *sound, unsigned level,
                                      evald_decimal above) {
  evald_decimal upper = sound->ruleset->levels[level].upper;
  if (level == 0)
    return UNSOUND(sound, spot_of(sound, level_to[0]),
                   _("the best level ends at 100, not at %s"),
                   print(upper).text);
  return UNSOUND(sound, nearer(sound, level_to[level], level_from[level - 1]),
                 upper < above ? _("%s is %s, but %s is %s: a gap; let the "
                                   "levels meet")
                               : _("%s is %s, but %s is %s: an overlap; let "
                                   "the levels meet"),
                 level_to[level], print(upper).text, level_from[level - 1],
                 print(above).text);
}

static enum evald_status check_levels(const struct sound *sound) {
  const struct ruleset_level *levels = sound->ruleset->levels;
  evald_decimal above = whole(100);
  for (unsigned i = 0; i < 3; i++) {
    if (levels[i].upper != above) return levels_apart(sound, i, above);
    if (levels[i].lower >= levels[i].upper)
      return UNSOUND(sound, nearer(sound, level_from[i], level_to[i]),
                     _("%s to %s is empty; `from` comes below `to`"),
                     print(levels[i].lower).text, print(levels[i].upper).text);
    above = levels[i].lower;
    enum evald_status status = check_level_words(sound, i);
    if (status) return status;
  }
  if (above == 0) return EVALD_OK;
  return UNSOUND(sound, spot_of(sound, level_from[2]),
                 _("begins at %s, but the lowest level begins at 0: a gap"),
                 print(above).text);
}

/* ---- grades ---------------------------------------------------------- */

static enum evald_status check_cut(const struct sound *sound, uint8_t i) {
  const struct ruleset_grade *grade = &sound->ruleset->grades[i];
  struct spot spot = entry_of(sound, "grades.cuts", i);
  if (grade->from > sound->ruleset->full_marks)
    return UNSOUND(sound, spot, _("%s is above the full marks (%s)"),
                   print(grade->from).text,
                   print(sound->ruleset->full_marks).text);
  if (i > 0 && grade->from >= grade[-1].from)
    return UNSOUND(sound, spot,
                   _("from %s does not lie below the grade before it (%s): "
                     "they overlap; write the best grade first"),
                   print(grade->from).text, print(grade[-1].from).text);
  if (i > 0 && grade->tier < grade[-1].tier)
    return UNSOUND(sound, spot,
                   _("the tier %s is better than that of the grade before it"),
                   rules_tiers.words[grade->tier]);
  for (uint8_t k = 0; k <= i; k++) {
    enum evald_status status = one_meaning(sound, spot, &grade->aliases,
                                           &sound->ruleset->grades[k].aliases);
    if (status) return status;
  }
  return EVALD_OK;
}

static enum evald_status check_grades(const struct sound *sound) {
  const struct evald_ruleset *ruleset = sound->ruleset;
  if (ruleset->grade_count == 0)
    return UNSOUND(sound, spot_of(sound, "grades.cuts"),
                   _("no grade; write at least one"));
  for (uint8_t i = 0; i < ruleset->grade_count; i++) {
    enum evald_status status = check_cut(sound, i);
    if (status) return status;
  }
  uint8_t last = (uint8_t)(ruleset->grade_count - 1);
  if (ruleset->grades[last].from == 0) return EVALD_OK;
  return UNSOUND(sound, entry_of(sound, "grades.cuts", last),
                 _("the last grade begins at %s: totals below it have no "
                   "grade; let it begin at 0"),
                 print(ruleset->grades[last].from).text);
}

/* ---- operators ------------------------------------------------------- */

enum { SIGN_BYTES_MAX = 24 }; /* eight Chinese characters */

static const struct {
  uint8_t op; /* enum evald_operator */
  const char *path;
} operators[] = {{EVALD_OP_AT_LEAST, "operators.at_least"},
                 {EVALD_OP_ABOVE, "operators.above"},
                 {EVALD_OP_EQUAL, "operators.equal"},
                 {EVALD_OP_BELOW, "operators.below"},
                 {EVALD_OP_AT_MOST, "operators.at_most"}};

static enum evald_status check_sign(const struct sound *sound, struct spot spot,
                                    struct evald_text sign) {
  if (sign.size > SIGN_BYTES_MAX)
    return UNSOUND(sound, spot,
                   _("\"%.*s\" is too long for an operator; write a sign or "
                     "a word of up to %d bytes, such as 不少于"),
                   (int)sign.size, sign.data, SIGN_BYTES_MAX);
  if (sign.data[0] >= '0' && sign.data[0] <= '9')
    return UNSOUND(sound, spot,
                   _("\"%.*s\" begins as a value does; write the sign or the "
                     "word alone"),
                   (int)sign.size, sign.data);
  return EVALD_OK;
}

static enum evald_status check_operator(const struct sound *sound,
                                        unsigned index) {
  const struct ruleset_words *all = sound->ruleset->operators;
  const struct ruleset_words *words = &all[operators[index].op];
  const char *path = operators[index].path;
  if (!origin_of(sound, path)->file) return EVALD_OK;
  if (words->count == 0)
    return UNSOUND(sound, spot_of(sound, path),
                   _("no word; write how forms write this operator"));
  for (uint8_t i = 0; i < words->count; i++) {
    enum evald_status status =
        check_sign(sound, entry_of(sound, path, i), words->word[i]);
    if (status) return status;
  }
  for (unsigned i = 0; i <= index; i++) {
    enum evald_status status =
        one_meaning(sound, nearer(sound, path, operators[i].path), words,
                    &all[operators[i].op]);
    if (status) return status;
  }
  return EVALD_OK;
}

static enum evald_status check_operators(const struct sound *sound) {
  for (unsigned i = 0; i < sizeof operators / sizeof operators[0]; i++) {
    enum evald_status status = check_operator(sound, i);
    if (status) return status;
  }
  return EVALD_OK;
}

enum evald_status ruleset_sound(const struct evald_ruleset *ruleset,
                                const struct rules_origin *origins,
                                struct evald_fault *fault) {
  static enum evald_status (*const checks[])(const struct sound *) = {
      check_execution, check_model,  check_weights, check_cost,
      check_bands,     check_levels, check_grades,  check_operators};
  const struct sound sound = {ruleset, origins, fault};
  for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
    enum evald_status status = checks[i](&sound);
    if (status) return status;
  }
  return EVALD_OK;
}
