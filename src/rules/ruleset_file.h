/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RULES_RULESET_FILE_H
#define RULES_RULESET_FILE_H

/*
 * What stands in one ruleset file, as it stands there: texts, nothing resolved.
 *
 * The structs mirror the file key by key, and the libcyaml schema is made from
 * the same lists. Scalars are texts, NULL where the file says nothing. The tree
 * beside them has the line of each.
 */

#include "core/ruleset.h"
#include "rules/yaml_tree.h"

/* The keys of each section, X(key). */
#define FILE_EXECUTION_KEYS(X)                                                 \
  X(weight)                                                                    \
  X(base)                                                                      \
  X(formula)                                                                   \
  X(loss_per_point)                                                            \
  X(zero_budget) X(rate_rounding) X(score_from) X(score_rounding)
#define FILE_ROWS_KEYS(X)                                                      \
  X(rounding)                                                                  \
  X(reverse)                                                                   \
  X(equal)                                                                     \
  X(zero_target)                                                               \
  X(negative_actual)                                                           \
  X(explain_above) X(pass_line) X(not_applicable) X(target_met) X(target_missed)
#define FILE_TOTAL_KEYS(X)      X(full_marks) X(rounding)
#define FILE_DUTIES_KEYS(X)     X(execution_below) X(change_above)
#define FILE_LIGHTS_KEYS(X)     X(red) X(unspent)
#define FILE_FORM_KEYS(X)       X(template)
#define FILE_CATEGORIES_KEYS(X) X(cost) X(cost_required)
#define FILE_GRADES_KEYS(X)     X(of)
#define FILE_LEVEL_KEYS(X)      X(from) X(to)
/* Lists of words. */
#define FILE_OPERATORS_KEYS(X) X(at_least) X(above) X(equal) X(below) X(at_most)
#define FILE_BAND_KEYS(X)      X(from) X(to) X(keep)
#define FILE_NAME_KEYS(X)      X(name)
#define FILE_CATEGORY_KEYS(X)  X(name) X(kind)
#define FILE_WEIGHT_KEYS(X)    X(name) X(weight)
#define FILE_CUT_KEYS(X)       X(name) X(from) X(tier)
#define FILE_CHECK_KEYS(X)     X(level) X(threshold) X(raise)
#define FILE_YEARS_KEYS(X)     X(from) X(to)

#define FILE_MEMBER(key) char *key;

#define FILE_SECTION(name, KEYS)                                               \
  struct file_##name {                                                         \
    KEYS(FILE_MEMBER)                                                          \
  }
FILE_SECTION(execution, FILE_EXECUTION_KEYS);
FILE_SECTION(total, FILE_TOTAL_KEYS);
FILE_SECTION(duties, FILE_DUTIES_KEYS);
FILE_SECTION(lights, FILE_LIGHTS_KEYS);
FILE_SECTION(form, FILE_FORM_KEYS);
FILE_SECTION(years, FILE_YEARS_KEYS);
FILE_SECTION(band, FILE_BAND_KEYS);
FILE_SECTION(weight, FILE_WEIGHT_KEYS);
FILE_SECTION(check, FILE_CHECK_KEYS);

struct file_level {
  FILE_LEVEL_KEYS(FILE_MEMBER)
  char **words;
  unsigned words_count;
};
#define FILE_WORDS(key)                                                        \
  char **key;                                                                  \
  unsigned key##_count;
struct file_operators {
  FILE_OPERATORS_KEYS(FILE_WORDS)
};
struct file_level2 {
  FILE_NAME_KEYS(FILE_MEMBER)
  char **aliases;
  unsigned aliases_count;
};
struct file_category {
  FILE_CATEGORY_KEYS(FILE_MEMBER)
  char **aliases;
  unsigned aliases_count;
  struct file_level2 *level2;
  unsigned level2_count;
};
struct file_cut {
  FILE_CUT_KEYS(FILE_MEMBER)
  char **aliases;
  unsigned aliases_count;
};
struct file_rows {
  FILE_ROWS_KEYS(FILE_MEMBER)
  struct file_band *over_achievement;
  unsigned over_achievement_count;
};
struct file_qualitative {
  struct file_level met, partly, not_met;
};
struct file_categories {
  FILE_CATEGORIES_KEYS(FILE_MEMBER)
  struct file_category *model;
  unsigned model_count;
  struct file_weight *weights;
  unsigned weights_count;
};
struct file_grades {
  FILE_GRADES_KEYS(FILE_MEMBER)
  struct file_cut *cuts;
  unsigned cuts_count;
};
/* One member for each finding code: checks.W02. */
struct file_checks {
  char *others;
#define X(code, number, level, en, zh) struct file_check code;
  EVALD_FINDING_LIST(X)
#undef X
};

#define FILE_SECTION_LIST(X)                                                   \
  X(execution)                                                                 \
  X(rows)                                                                      \
  X(qualitative)                                                               \
  X(categories)                                                                \
  X(grades) X(total) X(duties) X(lights) X(form) X(checks) X(operators)

/* What one document says, and for which fiscal years. */
struct file_provision {
  char *source, *confidence, *valid_from, *valid_to;
#define X(section) struct file_##section section;
  FILE_SECTION_LIST(X)
#undef X
};

struct file_content {
  char *id, *version, *title, *extends;
  struct file_years years;
  struct file_provision *provisions;
  unsigned provisions_count;
};

struct ruleset_file {
  const char *path; /* in the arena; what faults name */
  const struct yaml_node *root;
  const struct file_content *content;
};

/* Reads and checks the shape of a file: every key known, every value of its
 * kind, nothing twice. `name` is a path, or stands for one where `text` is
 * given. All of it lives in the arena. */
enum evald_status ruleset_file_read(const char *name,
                                    const struct evald_text *text,
                                    struct evald_arena *arena,
                                    struct ruleset_file *out,
                                    struct evald_fault *fault);

#endif
