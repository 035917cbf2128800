/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/outcome.h"

static const struct {
  struct evald_text name;
  bool changes;
  const char *text[2];
} outcomes[] = {
#define X(name, spelling, changes, en, zh)                                     \
  {{spelling, sizeof(spelling) - 1}, changes, {en, zh}},
    WIRE_OUTCOME_LIST(X)
#undef X
};

const char *wire_outcome_name(enum wire_outcome outcome) {
  return (unsigned)outcome < WIRE_OUTCOME_COUNT ? outcomes[outcome].name.data
                                                : "?";
}

const char *wire_outcome_text(enum wire_outcome outcome, int chinese) {
  return (unsigned)outcome < WIRE_OUTCOME_COUNT
             ? outcomes[outcome].text[chinese != 0]
             : "?";
}

enum wire_outcome wire_outcome_named(struct evald_text spelling) {
  for (unsigned i = 0; i < WIRE_OUTCOME_COUNT; i++) {
    if (evald_text_equal(outcomes[i].name, spelling)) {
      return (enum wire_outcome)i;
    }
  }
  return WIRE_OUTCOME_COUNT;
}

bool wire_outcome_changes(enum wire_outcome outcome) {
  return (unsigned)outcome < WIRE_OUTCOME_COUNT && outcomes[outcome].changes;
}
