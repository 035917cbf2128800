/* SPDX-License-Identifier: Apache-2.0 */
#include "core/finding_sink.h"

#include "base/arena.h"
#include <string.h>

enum { FIRST_ROOM = 12, FEW = 32 };

static const uint16_t numbers[] = {
#define X(code, number, level, en, zh) number,
    EVALD_FINDING_LIST(X)
#undef X
};

void finding_list_init(struct finding_list *list, struct evald_arena *arena,
                       const struct evald_ruleset *ruleset) {
  *list = (struct finding_list){.arena = arena, .ruleset = ruleset};
}

static bool make_room(struct finding_list *list) {
  if (list->count < list->room) return true;
  size_t room = list->room ? list->room * 2 : FIRST_ROOM;
  struct evald_finding *items =
      arena_take_unset(list->arena, room * sizeof *items);
  if (!items) {
    list->status = EVALD_MEMORY;
    return false;
  }
  if (list->count > 0) memcpy(items, list->items, list->count * sizeof *items);
  list->items = items;
  list->room = room;
  return true;
}

struct evald_finding *finding_raise_mild(struct finding_list *list,
                                         enum ruleset_finding which,
                                         enum evald_rule rule,
                                         struct evald_cell cell,
                                         enum evald_level level) {
  const struct ruleset_check *check = &list->ruleset->checks[which];
  if (check->off || list->status != EVALD_OK || !make_room(list)) {
    return &list->dropped;
  }
  if (level < (enum evald_level)check->level) {
    level = (enum evald_level)check->level;
  }
  struct evald_finding *finding = &list->items[list->count++];
  *finding = (struct evald_finding){.code = numbers[which],
                                    .level = (uint8_t)level,
                                    .rule = (uint8_t)rule,
                                    .cell = cell};
  list->by_level[level]++;
  return finding;
}

struct evald_finding *finding_raise(struct finding_list *list,
                                    enum ruleset_finding which,
                                    enum evald_rule rule,
                                    struct evald_cell cell) {
  return finding_raise_mild(list, which, rule, cell, EVALD_LEVEL_ERROR);
}

/* The cells of a fund row stand together, and so do those of an indicator. */
static unsigned section(unsigned field) {
  if (field > EVALD_CELL_FUND && field <= EVALD_CELL_FUND_SCORE) {
    return EVALD_CELL_FUND;
  }
  if (field > EVALD_CELL_INDICATOR && field <= EVALD_CELL_INDICATOR_MEASURE) {
    return EVALD_CELL_INDICATOR;
  }
  return field;
}

static uint64_t place(const struct evald_finding *finding) {
  return (uint64_t)finding->code << 32 |
         (uint64_t)section(finding->cell.field) << 24 |
         (uint64_t)finding->cell.index << 8 | finding->cell.field;
}

/* By insertion: a check raises nearly in order, so this moves little. */
static void sort_few(struct evald_finding *items, size_t count) {
  uint64_t last = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t key = place(&items[i]);
    if (key >= last) {
      last = key;
      continue;
    }
    size_t to = i;
    while (to > 0 && place(&items[to - 1]) > key)
      to--;
    struct evald_finding moved = items[i];
    memmove(&items[to + 1], &items[to], (i - to) * sizeof *items);
    items[to] = moved;
  }
}

static void merge(const struct evald_finding *items, size_t half, size_t count,
                  struct evald_finding *out) {
  size_t left = 0;
  size_t right = half;
  for (size_t i = 0; i < count; i++) {
    bool take_left =
        right == count ||
        (left < half && place(&items[left]) <= place(&items[right]));
    out[i] = items[take_left ? left++ : right++];
  }
}

/* Merges runs of doubling length: a form of a thousand findings must not cost
 * a million moves. */
static void sort_many(struct finding_list *list) {
  struct evald_finding *from = list->items;
  struct evald_finding *to =
      arena_take_unset(list->arena, list->count * sizeof *to);
  if (!to) {
    list->status = EVALD_MEMORY;
    return;
  }
  for (size_t run = FEW; run < list->count; run *= 2) {
    for (size_t at = 0; at < list->count; at += 2 * run) {
      size_t left = list->count - at;
      size_t count = left < 2 * run ? left : 2 * run;
      merge(from + at, run < count ? run : count, count, to + at);
    }
    struct evald_finding *swap = from;
    from = to;
    to = swap;
  }
  list->items = from;
  list->room = list->count;
}

void finding_list_sort(struct finding_list *list) {
  for (size_t at = 0; at < list->count; at += FEW) {
    size_t left = list->count - at;
    sort_few(list->items + at, left < FEW ? left : FEW);
  }
  if (list->count > FEW) sort_many(list);
}
