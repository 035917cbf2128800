/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/roll.h"
#include "daemon/index.h"
#include <stdlib.h>

enum { FIRST = 64, LONGEST = 1 << 21 }; /* marks; of them at most 3/4 taken */

void roll_begin(struct roll *roll) {
  roll_end(roll);
  roll->marks = calloc(FIRST, sizeof *roll->marks);
  roll->mask = FIRST - 1;
}

void roll_end(struct roll *roll) {
  free(roll->marks);
  *roll = (struct roll){0};
}

static uint32_t mark_of(struct evald_text code) {
  uint32_t hash = index_hash(code, 0);
  return hash != 0 ? hash : 1;
}

/* Where the mark is, or would be. */
static uint32_t place_of(const struct roll *roll, uint32_t mark) {
  uint32_t at = mark & roll->mask;
  while (roll->marks[at] != 0 && roll->marks[at] != mark)
    at = (at + 1) & roll->mask;
  return at;
}

static bool grow(struct roll *roll) {
  uint32_t old = roll->mask + 1;
  if (old >= LONGEST) return false;
  struct roll bigger = {calloc(old * 2, sizeof *bigger.marks), old * 2 - 1,
                        roll->count};
  if (bigger.marks == NULL) return false;
  for (uint32_t i = 0; i < old; i++)
    if (roll->marks[i] != 0)
      bigger.marks[place_of(&bigger, roll->marks[i])] = roll->marks[i];
  free(roll->marks);
  *roll = bigger;
  return true;
}

void roll_note(struct roll *roll, struct evald_text code) {
  if (roll->marks == NULL) return;
  uint32_t mark = mark_of(code);
  uint32_t at = place_of(roll, mark);
  if (roll->marks[at] == mark) return;
  roll->marks[at] = mark;
  roll->count++;
  if (roll->count > (roll->mask + 1) / 4 * 3 && !grow(roll)) roll_end(roll);
}

bool roll_lacks(const struct roll *roll, struct evald_text code) {
  if (roll->marks == NULL) return false;
  uint32_t mark = mark_of(code);
  return roll->marks[place_of(roll, mark)] != mark;
}
