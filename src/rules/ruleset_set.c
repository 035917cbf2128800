/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_set.h"

#include "base/fault.h"
#include "base/i18n.h"
#include "rules/ruleset_yaml.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 512, DIVISION_MAX = 9 };

struct route {
  char division[DIVISION_MAX + 1];
  uint16_t year_from, year_to; /* year_to is never 0: open is 65535 */
  struct evald_text id;        /* of a ruleset of the set */
};

struct ruleset_set {
  atomic_uint references;
  struct evald_ruleset **items; /* by file name, then by year */
  size_t count;
  struct route *routes;
  size_t route_count;
};

/* ---- the folder ------------------------------------------------------ */

static int is_yaml(const struct dirent *entry) {
  size_t size = strlen(entry->d_name);
  return entry->d_name[0] != '.' && size > 5 &&
         strcmp(entry->d_name + size - 5, ".yaml") == 0;
}

static enum evald_status add_ruleset(struct ruleset_set *set,
                                     struct evald_ruleset *ruleset) {
  struct evald_ruleset **items =
      realloc(set->items, (set->count + 1) * sizeof *items);
  if (!items) return EVALD_MEMORY;
  set->items = items;
  items[set->count++] = evald_ruleset_ref(ruleset);
  return EVALD_OK;
}

static enum evald_status add_file(struct ruleset_set *set, const char *path,
                                  struct evald_fault *fault) {
  struct rules_spans spans;
  enum evald_status status = rules_load(path, &spans, fault);
  if (status) return status;
  struct evald_text id = evald_ruleset_id(spans.items[0]);
  if (ruleset_set_knows(set, id))
    status = evald_fault_set(fault, EVALD_INVALID, path,
                             _("id: another file of the folder has the id "
                               "\"%.*s\" too; rename one"),
                             (int)id.size, id.data);
  for (size_t i = 0; !status && i < spans.count; i++)
    status = add_ruleset(set, spans.items[i]);
  rules_spans_unref(&spans);
  return status;
}

/* To open a FIFO would wait for its writer, for ever and deaf to SIGTERM. */
static enum evald_status check_regular(const char *path,
                                       struct evald_fault *fault) {
  struct stat stat_of;
  if (stat(path, &stat_of) != 0)
    return evald_fault_set(fault, EVALD_IO, path, "%s", fault_reason(errno));
  if (S_ISREG(stat_of.st_mode)) return EVALD_OK;
  return evald_fault_set(fault, EVALD_IO, path,
                         _("no regular file; take it out of the folder of "
                           "rulesets, or rename it"));
}

static enum evald_status add_files(struct ruleset_set *set, const char *folder,
                                   struct dirent *const *entries, int count,
                                   struct evald_fault *fault) {
  if (count == 0)
    return evald_fault_set(fault, EVALD_NOT_FOUND, folder,
                           _("no *.yaml in the folder of rulesets"));
  if (count > FILES_MAX)
    return evald_fault_set(fault, EVALD_LIMIT, folder,
                           _("more than %d rulesets in one folder"), FILES_MAX);
  for (int i = 0; i < count; i++) {
    char path[1024];
    (void)fault_print(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    enum evald_status status = check_regular(path, fault);
    if (!status) status = add_file(set, path, fault);
    if (status) return status;
  }
  return EVALD_OK;
}

static enum evald_status add_folder(struct ruleset_set *set, const char *folder,
                                    struct evald_fault *fault) {
  struct dirent **entries = NULL;
  int count = scandir(folder, &entries, is_yaml, alphasort);
  if (count < 0 && errno == ENOMEM) return EVALD_MEMORY;
  if (count < 0)
    return evald_fault_set(fault, errno == ENOENT ? EVALD_NOT_FOUND : EVALD_IO,
                           folder, "%s", fault_reason(errno));
  enum evald_status status = add_files(set, folder, entries, count, fault);
  for (int i = 0; i < count; i++)
    free(entries[i]);
  free(entries);
  return status;
}

/* ---- the routes ------------------------------------------------------ */

static bool serves(const struct evald_ruleset *ruleset, unsigned year) {
  return year >= ruleset->year_from &&
         (ruleset->year_to == 0 || year <= ruleset->year_to);
}

/* The rulesets of an id follow one another without a hole: the first and the
 * last say which years it serves. */
static const struct evald_ruleset *bound_of(const struct ruleset_set *set,
                                            struct evald_text id, bool last) {
  const struct evald_ruleset *found = NULL;
  for (size_t i = 0; i < set->count && (last || !found); i++)
    if (evald_text_equal(set->items[i]->id, id)) found = set->items[i];
  return found;
}

static enum evald_status check_years(const struct ruleset_set *set,
                                     const struct ruleset_route *from,
                                     const char *place,
                                     struct evald_fault *fault) {
  const struct evald_text id = evald_text_of(from->id);
  const struct evald_ruleset *first = bound_of(set, id, false);
  const struct evald_ruleset *last = bound_of(set, id, true);
  if (from->year_to && from->year_from > from->year_to)
    return evald_fault_set(fault, EVALD_INVALID, place,
                           _("\"%s\": from %u to %u is no span of years"),
                           from->id, from->year_from, from->year_to);
  bool early = from->year_from && from->year_from < first->year_from;
  bool late = last->year_to && from->year_to > last->year_to;
  if (!early && !late) return EVALD_OK;
  return evald_fault_set(fault, EVALD_INVALID, place,
                         _("\"%s\" does not serve the fiscal year %u; change "
                           "the years of this line"),
                         from->id, early ? from->year_from : from->year_to);
}

static enum evald_status check_route(const struct ruleset_set *set,
                                     const struct ruleset_route *from,
                                     const char *place,
                                     struct evald_fault *fault) {
  size_t digits = strspn(from->division, "0123456789");
  if (digits > DIVISION_MAX || from->division[digits] != '\0')
    return evald_fault_set(fault, EVALD_INVALID, place,
                           _("\"%s\" is no division; write up to 9 digits, "
                             "such as 310113, or \"\" for all"),
                           from->division);
  if (!ruleset_set_knows(set, evald_text_of(from->id)))
    return evald_fault_set(fault, EVALD_NOT_FOUND, place,
                           _("no ruleset \"%s\" in the folder of rulesets"),
                           from->id);
  return check_years(set, from, place, fault);
}

static enum evald_status check_alone(const struct ruleset_set *set,
                                     const struct route *fresh,
                                     const char *place,
                                     struct evald_fault *fault) {
  for (size_t i = 0; i < set->route_count; i++) {
    const struct route *other = &set->routes[i];
    if (strcmp(other->division, fresh->division) != 0 ||
        other->year_from > fresh->year_to || fresh->year_from > other->year_to)
      continue;
    unsigned year = other->year_from > fresh->year_from ? other->year_from
                                                        : fresh->year_from;
    return evald_fault_set(fault, EVALD_INVALID, place,
                           _("two rulesets for division \"%s\" and the fiscal "
                             "year %u: %.*s and %.*s; keep one"),
                           fresh->division, year, (int)other->id.size,
                           other->id.data, (int)fresh->id.size, fresh->id.data);
  }
  return EVALD_OK;
}

static enum evald_status add_route(struct ruleset_set *set,
                                   const struct ruleset_route *from,
                                   const char *place,
                                   struct evald_fault *fault) {
  enum evald_status status = check_route(set, from, place, fault);
  if (status) return status;
  struct route fresh = {.year_from = from->year_from,
                        .year_to = from->year_to ? from->year_to : UINT16_MAX};
  fresh.id = bound_of(set, evald_text_of(from->id), false)->id;
  (void)strcpy(fresh.division, from->division);
  status = check_alone(set, &fresh, place, fault);
  if (!status) set->routes[set->route_count++] = fresh;
  return status;
}

static enum evald_status add_routes(struct ruleset_set *set,
                                    const struct ruleset_route *routes,
                                    size_t count, const char *place,
                                    struct evald_fault *fault) {
  if (count == 0) return EVALD_OK;
  set->routes = calloc(count, sizeof *set->routes);
  if (!set->routes) return EVALD_MEMORY;
  for (size_t i = 0; i < count; i++) {
    enum evald_status status = add_route(set, &routes[i], place, fault);
    if (status) return status;
  }
  return EVALD_OK;
}

/* ---- the set --------------------------------------------------------- */

enum evald_status ruleset_set_load(const char *folder,
                                   const struct ruleset_route *routes,
                                   size_t route_count, const char *routes_place,
                                   struct ruleset_set **out,
                                   struct evald_fault *fault) {
  struct ruleset_set *set = calloc(1, sizeof *set);
  if (!set)
    return evald_fault_set(fault, EVALD_MEMORY, folder, "%s",
                           evald_status_text(EVALD_MEMORY, 0));
  atomic_init(&set->references, 1);
  enum evald_status status = add_folder(set, folder, fault);
  if (!status)
    status = add_routes(set, routes, route_count, routes_place, fault);
  if (status)
    ruleset_set_unref(set);
  else
    *out = set;
  return evald_fault_set(status ? fault : NULL, status, folder, "%s",
                         evald_status_text(status, 0));
}

struct ruleset_set *ruleset_set_ref(struct ruleset_set *set) {
  if (set)
    (void)atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
  return set;
}

void ruleset_set_unref(struct ruleset_set *set) {
  if (!set ||
      atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) != 1)
    return;
  for (size_t i = 0; i < set->count; i++)
    evald_ruleset_unref(set->items[i]);
  free(set->items);
  free(set->routes);
  free(set);
}

struct evald_ruleset *ruleset_set_find(const struct ruleset_set *set,
                                       struct evald_text id, unsigned year) {
  for (size_t i = 0; i < set->count; i++)
    if (serves(set->items[i], year) && evald_text_equal(set->items[i]->id, id))
      return set->items[i];
  return NULL;
}

struct evald_ruleset *ruleset_set_choose(const struct ruleset_set *set,
                                         struct evald_text division,
                                         unsigned year) {
  const struct route *best = NULL;
  size_t longest = 0;
  for (size_t i = 0; i < set->route_count; i++) {
    const struct route *route = &set->routes[i];
    size_t size = strlen(route->division);
    if (year < route->year_from || year > route->year_to ||
        size > division.size ||
        memcmp(route->division, division.data, size) != 0 ||
        (best && size <= longest))
      continue;
    best = route;
    longest = size;
  }
  return best ? ruleset_set_find(set, best->id, year) : NULL;
}

struct evald_ruleset *ruleset_set_by_digest(const struct ruleset_set *set,
                                            const struct evald_digest *digest) {
  for (size_t i = 0; i < set->count; i++)
    if (evald_digest_equal(&set->items[i]->digest, digest))
      return set->items[i];
  return NULL;
}

bool ruleset_set_knows(const struct ruleset_set *set, struct evald_text id) {
  return bound_of(set, id, false) != NULL;
}

struct evald_ruleset *ruleset_set_at(const struct ruleset_set *set,
                                     size_t position) {
  return position < set->count ? set->items[position] : NULL;
}
