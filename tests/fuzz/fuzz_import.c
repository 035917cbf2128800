/* SPDX-License-Identifier: Apache-2.0 */
/* Text that is said to hold published forms: what is called whole is whole. */
#include "base/utf8.h"
#include "fuzz.h"
#include "import/published.h"
#include <string.h>

static void check_text(struct evald_text text) {
  MUST(text.size == 0 || utf8_valid(text.data, text.size));
}

static void check_indicator(const struct evald_indicator *row, bool whole) {
  check_text(row->level1);
  check_text(row->level2);
  check_text(row->name);
  check_text(row->unit);
  check_text(row->target.text);
  check_text(row->actual.text);
  check_text(row->actual_unit);
  check_text(row->reason);
  check_text(row->measure);
  MUST(!whole || row->name.size > 0);
}

/* True where one of them is an error. */
static bool check_problems(const struct import_problem *problems, size_t count,
                           size_t lines) {
  bool error = false;
  char text[256];
  for (size_t i = 0; i < count; i++) {
    size_t size = import_problem_print(&problems[i], i % 2, text, sizeof text);
    MUST(size < sizeof text && utf8_valid(text, size));
    MUST(problems[i].line >= 1 && problems[i].line <= lines);
    MUST(i == 0 || problems[i].line >= problems[i - 1].line);
    check_text(problems[i].text);
    error |= import_problem_level(problems[i].kind) == IMPORT_ERROR;
  }
  return error;
}

static void check_form(const struct import_form *read, size_t lines) {
  const struct evald_form *form = &read->form;
  bool error = check_problems(read->problems, read->problem_count, lines);
  MUST(read->whole != error);
  MUST(read->first_line <= read->last_line && read->last_line <= lines);
  check_text(form->pro_name);
  check_text(form->goal_expected);
  check_text(form->goal_actual);
  MUST(form->indicator_count <= EVALD_INDICATORS_MAX);
  for (size_t i = 0; i < form->indicator_count; i++)
    check_indicator(&form->indicators[i], read->whole);
  if (!read->whole) return;
  const struct evald_fund_row *funds = &form->funds[EVALD_FUND_TOTAL];
  MUST(form->fiscal_year && form->pro_name.size && form->dept_name.size);
  MUST(funds->budget.present && funds->executed.present);
  MUST(form->indicator_count > 0 && form->total.present);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct evald_text text = {(const char *)data, size};
  struct evald_arena *arena = evald_arena_new(1 << 20 | 512 * size);
  struct import_result result;
  enum evald_status status = import_published(text, arena, &result, NULL);
  MUST(status == EVALD_OK || status == EVALD_INVALID);
  MUST((status == EVALD_OK) == utf8_valid(text.data, size));
  if (status == EVALD_OK) {
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
      lines += data[i] == '\n';
    check_problems(result.outside, result.outside_count, lines);
    for (size_t i = 0; i < result.form_count; i++)
      check_form(&result.forms[i], lines);
  }
  evald_arena_free(arena);
  return 0;
}
