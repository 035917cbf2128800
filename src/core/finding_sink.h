/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_FINDING_SINK_H
#define CORE_FINDING_SINK_H

/* Where checks put their findings. */

#include "core/ruleset.h"

/* A list in an arena; never full before the arena is. Once that has happened
 * `status` says so and everything raised is dropped. */
struct finding_list {
  struct evald_arena *arena;
  const struct evald_ruleset *ruleset;
  struct evald_finding *items;
  size_t count, room;
  size_t by_level[EVALD_LEVEL_COUNT];
  enum evald_status status;
  struct evald_finding dropped; /* what a check may fill in for nothing */
};

void finding_list_init(struct finding_list *list, struct evald_arena *arena,
                       const struct evald_ruleset *ruleset);

/* Appends a finding at the ruleset's level, for the caller to fill in its
 * values; never NULL. Nothing is appended where the ruleset has it off. */
struct evald_finding *finding_raise(struct finding_list *list,
                                    enum ruleset_finding which,
                                    enum evald_rule rule,
                                    struct evald_cell cell);

/* The same, at `level` where that is milder than the ruleset's. */
struct evald_finding *finding_raise_mild(struct finding_list *list,
                                         enum ruleset_finding which,
                                         enum evald_rule rule,
                                         struct evald_cell cell,
                                         enum evald_level level);

/* Into the order of codes and, within a code, of cells. */
void finding_list_sort(struct finding_list *list);

/* Cells and values. */
static inline struct evald_cell cell_of(enum evald_cell_field field) {
  return (struct evald_cell){(uint8_t)field, 0};
}

static inline struct evald_cell cell_at(enum evald_cell_field field,
                                        size_t index) {
  return (struct evald_cell){(uint8_t)field, (uint16_t)index};
}

static inline struct evald_value value_decimal(evald_decimal value) {
  return (struct evald_value){.kind = EVALD_VALUE_DECIMAL, .low = value};
}

static inline struct evald_value value_range(evald_decimal low,
                                             evald_decimal high) {
  return (struct evald_value){
      .kind = EVALD_VALUE_RANGE, .low = low, .high = high};
}

static inline struct evald_value value_text(struct evald_text text) {
  return (struct evald_value){.kind = EVALD_VALUE_TEXT, .text = text};
}

/* A number of things, or of a row from 1. */
static inline struct evald_value value_count(size_t count) {
  return value_decimal((evald_decimal)count * EVALD_DECIMAL_ONE);
}

#endif
