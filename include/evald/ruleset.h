/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_RULESET_H
#define EVALD_RULESET_H

/*
 * A ruleset: the law as data, each value with its source.
 *
 * Immutable once loaded and shared by reference count, so any number of
 * threads may evaluate with one ruleset while another replaces it.
 */

#include "evald/finding.h"

struct evald_ruleset;

/* Loads and checks a ruleset file (YAML, docs/RULES.md). What is unsound is
 * refused as a whole: `fault` names file, line and what to do. Reads files,
 * allocates; the caller owns one reference to *out. */
enum evald_status evald_ruleset_load(const char *path,
                                     struct evald_ruleset **out,
                                     struct evald_fault *fault);

/* The same for a fiscal year: a file with dated values holds one ruleset for
 * each span of years, and evald_ruleset_load() gives the latest.
 * EVALD_NOT_FOUND where the file does not serve the year. */
enum evald_status evald_ruleset_load_year(const char *path, unsigned year,
                                          struct evald_ruleset **out,
                                          struct evald_fault *fault);

/* The ruleset of a canonical text, such as a store keeps under the digest.
 * `name` stands for the file in a fault. */
enum evald_status evald_ruleset_load_text(struct evald_text text,
                                          const char *name,
                                          struct evald_ruleset **out,
                                          struct evald_fault *fault);

/* Takes and gives back a reference; the last one frees. Thread-safe. */
struct evald_ruleset *evald_ruleset_ref(struct evald_ruleset *ruleset);
void evald_ruleset_unref(struct evald_ruleset *ruleset);

/* "cn-sh-2024", "1", the title; they live as long as the ruleset. */
struct evald_text evald_ruleset_id(const struct evald_ruleset *ruleset);
struct evald_text evald_ruleset_version(const struct evald_ruleset *ruleset);
struct evald_text evald_ruleset_title(const struct evald_ruleset *ruleset);

/* The canonical text (every value resolved, in one order, each with its
 * citation) and the digest over it. Loading the canonical text as a file gives
 * a ruleset of the same digest. */
struct evald_text evald_ruleset_canonical(const struct evald_ruleset *ruleset);
const struct evald_digest *evald_ruleset_digest(
    const struct evald_ruleset *ruleset);

/* The citation behind a rule: document, number, confidence. */
struct evald_text evald_ruleset_source(const struct evald_ruleset *ruleset,
                                       enum evald_rule rule);

/* The name of grade `index` (0 is the best): "优"; absent past the last. */
struct evald_text evald_ruleset_grade(const struct evald_ruleset *ruleset,
                                      unsigned index);

#endif
