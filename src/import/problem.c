/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "import/published.h"

static const struct {
  enum import_level level;
  const char *en, *zh;
} problems[IMPORT_PROBLEM_COUNT] = {
#define X(name, level, en, zh) {IMPORT_##level, en, zh},
    IMPORT_PROBLEM_LIST(X)
#undef X
};

enum import_level import_problem_level(enum import_problem_kind kind) {
  return problems[kind].level;
}
