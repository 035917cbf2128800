/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_IMPORT_FORMS_H
#define TESTS_IMPORT_FORMS_H

/* What the tests of import/ share: files, and forms as text to compare. */

#include "unit.h"

#include "base/fault.h"
#include "import/published.h"
#include <stdio.h>
#include <stdlib.h>

#define CASES     EVALD_SOURCE_DIR "/tests/cases/"
#define PUBLISHED CASES "cn-sh-2024/published.txt"

enum { ARENA_LIMIT = 256 << 20, PRINT_MAX = 64 * 1024 };

/* The whole of a file; the caller frees it. */
static inline struct evald_text read_whole(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail_msg("cannot open %s", path);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *data = malloc(size + 1);
  assert_non_null(data);
  assert_int_equal(fread(data, 1, size, file), size);
  data[size] = '\0';
  fclose(file);
  return (struct evald_text){data, size};
}

static inline void release(struct evald_text text) {
  union {
    const char *constant;
    char *owned;
  } data = {text.data};
  free(data.owned);
}

struct sheet {
  char *out;
  size_t used;
};

static inline void EVALD_PRINTF(2, 3)
    put(struct sheet *sheet, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int size = vsnprintf(sheet->out + sheet->used, PRINT_MAX - sheet->used,
                       format, args);
  va_end(args);
  assert_true(size >= 0 && (size_t)size < PRINT_MAX - sheet->used);
  sheet->used += (size_t)size;
}

static inline void put_text(struct sheet *sheet, struct evald_text text) {
  put(sheet, " %.*s", (int)text.size, text.data ? text.data : "");
}

static inline void put_figure(struct sheet *sheet, struct evald_figure figure) {
  char text[EVALD_DECIMAL_TEXT];
  evald_decimal_print(figure.value, text);
  put(sheet, " %s", figure.present ? text : "-");
}

static inline void put_claim(struct sheet *sheet,
                             const struct evald_claim *claim) {
  const struct evald_figure number = {true, claim->number};
  if (claim->kind == EVALD_CLAIM_NUMBER)
    put_figure(sheet, number);
  else
    put_text(sheet, claim->text);
}

/* Amounts in 万元 whatever the form's unit, so that two forms compare. */
static inline void put_money(struct sheet *sheet, const struct evald_form *form,
                             struct evald_figure figure) {
  if (form->money_unit == EVALD_MONEY_YUAN) figure.value /= 10000;
  put_figure(sheet, figure);
}

static inline void put_funds(struct sheet *sheet,
                             const struct evald_form *form) {
  static const char *const names[] = {
#define X(name, key, label) key,
      EVALD_FUND_LIST(X)
#undef X
  };
  for (size_t i = 0; i < EVALD_FUND_COUNT; i++) {
    const struct evald_fund_row *row = &form->funds[i];
    if (!row->present) continue;
    put(sheet, "%s:", names[i]);
    put_money(sheet, form, row->opening);
    put_money(sheet, form, row->budget);
    put_money(sheet, form, row->executed);
    put_figure(sheet, row->weight);
    put_figure(sheet, row->rate);
    put_figure(sheet, row->score);
    put(sheet, "\n");
  }
}

static inline void put_indicator(struct sheet *sheet,
                                 const struct evald_indicator *row) {
  static const char *const signs[] = {
#define X(name, spelling, sign, computesign) spelling,
      EVALD_OPERATOR_LIST(X)
#undef X
  };
  put_text(sheet, row->level1);
  put(sheet, " /");
  put_text(sheet, row->level2);
  put(sheet, " |");
  put_text(sheet, row->name);
  put(sheet, " | %s", signs[row->op]);
  put_claim(sheet, &row->target);
  put_text(sheet, row->unit);
  put(sheet, " |");
  put_claim(sheet, &row->actual);
  put_text(sheet, row->actual_unit);
  put(sheet, "%s |", row->not_applicable ? " (n/a)" : "");
  put_figure(sheet, row->weight);
  put_figure(sheet, row->score);
  put(sheet, " |");
  put_text(sheet, row->reason);
  put(sheet, " |");
  put_text(sheet, row->measure);
  put(sheet, "\n");
}

static inline void put_form(struct sheet *sheet,
                            const struct evald_form *form) {
  put(sheet, "name:");
  put_text(sheet, form->pro_name);
  put(sheet, "\nyear: %u\ndepartment:", form->fiscal_year);
  put_text(sheet, form->dept_name);
  put(sheet, "\nunit:");
  put_text(sheet, form->agency_name);
  put(sheet, "\n");
  put_funds(sheet, form);
  put(sheet, "expected:");
  put_text(sheet, form->goal_expected);
  put(sheet, "\nachieved:");
  put_text(sheet, form->goal_actual);
  put(sheet, "\n");
  for (size_t i = 0; i < form->indicator_count; i++)
    put_indicator(sheet, &form->indicators[i]);
  put(sheet, "total:");
  put_figure(sheet, form->total);
  put(sheet, "\ngrade:");
  put_text(sheet, form->grade);
  put(sheet, "\n");
}

#endif
