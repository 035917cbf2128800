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

/* The text of a problem may go over lines; a message must not. */
static void on_one_line(char *text) {
  for (; *text; text++) {
    if ((unsigned char)*text < ' ') *text = ' ';
  }
}

size_t import_problem_print(const struct import_problem *problem, int chinese,
                            char *out, size_t size) {
  char label[96] = "";
  char text[128];
  if (problem->cell.field != EVALD_CELL_FORM)
    evald_cell_label(problem->cell, chinese, label, sizeof label);
  fault_copy(text, sizeof text, problem->text);
  on_one_line(text);
  const char *sentence =
      chinese ? problems[problem->kind].zh : problems[problem->kind].en;
  const char *colon = chinese ? "：" : ": ";
  return fault_print(out, size,
                     chinese ? "第 %u 行：%s%s%s%s%s" : "line %u: %s%s%s%s%s",
                     problem->line, label, label[0] ? colon : "", sentence,
                     text[0] ? colon : "", text);
}
