/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RULES_RULESET_SET_H
#define RULES_RULESET_SET_H

/*
 * All rulesets of a folder, and which of them serves whom.
 *
 * Immutable and shared by reference count: the daemon loads a new set beside
 * the one in use and hands it over as a message; whatever is unsound in the new
 * one leaves the old one where it is. Any number of threads may read.
 */

#include "evald/ruleset.h"

struct ruleset_set;

/* A line of the configuration: forms of the divisions whose code begins with
 * `division` ("31", "310113", "" for every one) and of these fiscal years
 * (0: open) are scored by the ruleset `id`. */
struct ruleset_route {
  const char *division;
  uint16_t year_from, year_to;
  const char *id;
};

/* Loads every *.yaml of `folder`, in the order of their names, and takes a
 * copy of the routes. Refuses, all or nothing: an unsound file, two files of
 * one id, an empty folder, a route to an unknown ruleset or outside the years
 * it serves, two routes for the same division and year. `routes_place` names
 * the configuration in such a fault ("evald.yaml") and may be NULL. */
enum evald_status ruleset_set_load(const char *folder,
                                   const struct ruleset_route *routes,
                                   size_t route_count, const char *routes_place,
                                   struct ruleset_set **out,
                                   struct evald_fault *fault);

/* Takes and gives back a reference; the last one frees. Thread-safe. */
struct ruleset_set *ruleset_set_ref(struct ruleset_set *set);
void ruleset_set_unref(struct ruleset_set *set);

/* The ruleset of that id that serves the year; the longest matching division
 * among the routes; the ruleset of that digest. All borrowed from the set:
 * evald_ruleset_ref() what is to outlive it. NULL: there is none. */
struct evald_ruleset *ruleset_set_find(const struct ruleset_set *set,
                                       struct evald_text id, unsigned year);
struct evald_ruleset *ruleset_set_choose(const struct ruleset_set *set,
                                         struct evald_text division,
                                         unsigned year);
struct evald_ruleset *ruleset_set_by_digest(const struct ruleset_set *set,
                                            const struct evald_digest *digest);

/* Whether a ruleset of that id is there, for whatever year. */
bool ruleset_set_knows(const struct ruleset_set *set, struct evald_text id);

/* Every ruleset, by id and year: for listing, and for keeping all of them in
 * the store under their digests. NULL past the end. */
struct evald_ruleset *ruleset_set_at(const struct ruleset_set *set,
                                     size_t position);

#endif
