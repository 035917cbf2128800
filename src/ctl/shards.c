/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/shards.h"
#include "base/i18n.h"
#include <string.h>

enum { DIVISION = 9, YEAR = 4 };

/* Whether it is a list of numbers of so many digits, with commas between. */
static bool is_list(const char *list, size_t digits) {
  for (;; list += digits + 1) {
    if (strspn(list, "0123456789") != digits) return false;
    if (list[digits] == '\0') return true;
    if (list[digits] != ',') return false;
  }
}

static bool is_all(const char *text) {
  return strcmp(text, "all") == 0;
}

bool shards_valid(const struct ctl *ctl) {
  const char *divisions = ctl->arguments[0];
  if ((is_all(divisions) || is_list(divisions, DIVISION)) &&
      (ctl->argument_count < 2 || is_list(ctl->arguments[1], YEAR)))
    return true;
  (void)ctl_usage(
      ctl, "%s",
      _("divisions of nine digits with commas between them, or \"all\", and "
        "years of four digits are expected, as 310113000,310114000 2024"));
  return false;
}

struct search {
  struct ctl *ctl;
  struct shard_item *first, **end;
};

static bool wanted(const struct ctl *ctl, const struct store_shard_key *shard) {
  const char *divisions = ctl->arguments[0];
  char year[16];
  snprintf(year, sizeof year, "%d", shard->year);
  if (ctl->argument_count > 1 && !strstr(ctl->arguments[1], year)) return false;
  return is_all(divisions) || strstr(divisions, shard->division);
}

static enum evald_status collect(void *context,
                                 const struct store_shard_key *shard) {
  struct search *search = context;
  if (!wanted(search->ctl, shard)) return EVALD_OK;
  struct shard_item *item = evald_arena_take(search->ctl->arena, sizeof *item);
  if (!item) return EVALD_MEMORY;
  item->shard = *shard;
  *search->end = item;
  search->end = &item->next;
  return EVALD_OK;
}

enum evald_status shards_find(struct ctl *ctl, struct shard_item **out,
                              struct evald_fault *fault) {
  struct search search = {.ctl = ctl};
  search.end = &search.first;
  enum evald_status status = store_shards(ctl->store, collect, &search, fault);
  if (status != EVALD_OK) return status;
  *out = search.first;
  if (search.first) return EVALD_OK;
  return evald_fault_set(fault, EVALD_NOT_FOUND, NULL,
                         _("nothing is stored of %s %s"), ctl->arguments[0],
                         ctl->argument_count > 1 ? ctl->arguments[1] : "");
}
