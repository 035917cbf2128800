/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RULES_RULESET_PARAMETER_H
#define RULES_RULESET_PARAMETER_H

/*
 * Every parameter of a ruleset file in one table: where it stands in a
 * provision, which rule it belongs to, how it is read and printed, where it
 * goes. Loading, the canonical text and docs/RULES.md walk this table.
 *
 * Its order matters: by rule, so that the canonical text has one provision for
 * each rule; and the model of categories before what names a category.
 */

#include "rules/ruleset_file.h"
#include <stdio.h>

struct rules_parameter;

/* A value about to be read: from which provision, on which line. */
struct rules_reading {
  const struct rules_parameter *parameter;
  const struct file_provision *provision;
  const struct yaml_node *node;
  const char *path; /* of the file */
  struct evald_fault *fault;
};

/* How values of a kind are read into a ruleset, and printed after "key:". */
struct rules_kind {
  enum evald_status (*read)(const struct rules_reading *reading,
                            struct evald_ruleset *out);
  void (*print)(const struct rules_parameter *parameter,
                const struct evald_ruleset *ruleset, FILE *out);
  bool merges; /* every setter is read, base first, not only the last */
};

struct rules_vocabulary {
  const char *const *words;
  size_t count;
};

/* A word that a decimal may also be. */
enum rules_extra { RULES_NO_EXTRA, RULES_NONE, RULES_NONE_ANY };

struct rules_parameter {
  const char *path; /* "execution.weight" */
  uint8_t rule;     /* enum evald_rule */
  const struct rules_kind *kind;
  size_t from; /* offset in struct file_provision */
  size_t to;   /* offset in struct evald_ruleset, or RULES_NOWHERE */
  const struct rules_vocabulary *words;
  int low, high; /* of a decimal, both allowed */
  uint8_t extra; /* enum rules_extra */
  bool aside;    /* the rule is not cited by this one: word lists */
  bool optional; /* may be left out: texts in stores are older than the key */
};

/* A parameter with one word needs no place: the word is the law's name for
 * what evald does, and has its citation. */
#define RULES_NOWHERE ((size_t)-1)

/* The table; NULL past its end. */
const struct rules_parameter *rules_parameter_at(size_t position);

/* A key of a list entry: what it says and where it stands. */
struct rules_cell {
  const char *text;
  const struct yaml_node *node;
};

/* Shared by the kinds: each reads one cell or says what is allowed. */
enum evald_status rules_read_decimal(const struct rules_reading *reading,
                                     struct rules_cell cell, int low, int high,
                                     evald_decimal *out);
enum evald_status rules_read_word(const struct rules_reading *reading,
                                  struct rules_cell cell,
                                  const struct rules_vocabulary *words,
                                  uint8_t *out);
enum evald_status rules_copy_text(const char *text, struct evald_ruleset *owner,
                                  struct evald_text *out);
void rules_print_decimal(evald_decimal value, FILE *out);
void rules_print_text(struct evald_text text, FILE *out);

extern const struct rules_vocabulary rules_category_kinds, rules_tiers,
    rules_confidences, rules_levels, rules_yes_no, rules_others;

/* The kinds that are lists, in ruleset_lists.c. */
extern const struct rules_kind rules_kind_words, rules_kind_bands,
    rules_kind_cuts, rules_kind_model, rules_kind_weights, rules_kind_checks;

#endif
