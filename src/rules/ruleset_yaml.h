/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RULES_RULESET_YAML_H
#define RULES_RULESET_YAML_H

/*
 * Ruleset files (YAML, docs/RULES.md) → rulesets.
 *
 * A file is a list of provisions: what one document says, from which fiscal
 * year to which. It may extend another file of the same folder. For a given
 * year the provisions of the whole chain, base first, give one ruleset; so a
 * file whose values are dated holds several, one for each span of years in
 * which nothing changes. All of them are built and checked whenever the file is
 * loaded: a file is sound as a whole or refused as a whole.
 *
 * Every refusal fills `fault`: place "file:line", text "key: what is wrong;
 * what is allowed or what to do", in the user's language.
 */

#include "core/ruleset.h"

enum {
  RULES_FILE_MAX = 256 * 1024, /* bytes of a ruleset file */
  RULES_SPANS_MAX = 32,        /* rulesets in one file */
  RULES_EXTENDS_MAX = 8        /* files in a chain */
};

/* The rulesets of one file, by rising years without a hole. The caller owns
 * the references. */
struct rules_spans {
  struct evald_ruleset *items[RULES_SPANS_MAX];
  size_t count;
};

/* Loads all rulesets of a file. */
enum evald_status rules_load(const char *path, struct rules_spans *out,
                             struct evald_fault *fault);
void rules_spans_unref(struct rules_spans *spans);

#endif
