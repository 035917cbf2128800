/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/label.h"
#include "base/i18n.h"

static const char *const funds[] = {N_("Total for the year"),
                                    N_("appropriation"), N_("carried over"),
                                    N_("other funds")};
_Static_assert(sizeof funds / sizeof funds[0] == EVALD_FUND_COUNT,
               "every fund row has a label");

/* In the order of EVALD_CELL_LIST. */
static const char *const cells[] = {
    N_("the form"),
    N_("division"),
    N_("year"),
    N_("project"),
    N_("department"),
    N_("unit"),
    N_("the row"),
    N_("opening budget"),
    N_("full-year budget"),
    N_("executed"),
    N_("points"),
    N_("execution rate (%)"),
    N_("score"),
    N_("expected goal"),
    N_("actual result"),
    N_("the indicators"),
    N_("the row"),
    N_("level 1"),
    N_("level 2"),
    N_("level 3"),
    N_("operator"),
    N_("target"),
    N_("unit of measure"),
    N_("reached"),
    N_("unit of what was reached"),
    N_("points"),
    N_("score"),
    N_("reason"),
    N_("measure"),
    N_("total score"),
    N_("grade"),
    N_("reason for the budget's execution"),
    N_("measure for the budget's execution"),
};
_Static_assert(sizeof cells / sizeof cells[0] == EVALD_CELL_COUNT,
               "every cell has a label");

const char *label_fund(enum evald_fund fund) {
  return (unsigned)fund < EVALD_FUND_COUNT ? _(funds[fund]) : "?";
}

static bool of_fund(unsigned field) {
  return field >= EVALD_CELL_FUND && field <= EVALD_CELL_FUND_SCORE;
}

static bool of_row(unsigned field) {
  return field >= EVALD_CELL_INDICATOR && field <= EVALD_CELL_INDICATOR_MEASURE;
}

const char *label_cell(struct evald_arena *arena, const struct evald_form *form,
                       struct evald_cell cell) {
  const char *name = cell.field < EVALD_CELL_COUNT ? _(cells[cell.field]) : "?";
  if (of_fund(cell.field))
    return output_format(arena, _("%s: %s"),
                         label_fund((enum evald_fund)cell.index), name);
  if (!of_row(cell.field)) return name;
  struct evald_text row = {"", 0};
  if (form && cell.index < form->indicator_count)
    row = form->indicators[cell.index].name;
  return output_format(arena, _("row %u, %.*s: %s"), cell.index + 1u,
                       (int)row.size, row.data, name);
}

const char *label_decimal(struct evald_arena *arena, evald_decimal value) {
  char text[EVALD_DECIMAL_TEXT];
  if (value % (EVALD_DECIMAL_ONE / 100) == 0)
    evald_decimal_print_fixed(value, 2, text);
  else
    evald_decimal_print(value, text);
  return output_copy(arena, evald_text_of(text));
}

const char *label_figure(struct evald_arena *arena,
                         struct evald_figure figure) {
  return figure.present ? label_decimal(arena, figure.value) : "-";
}

static const char *claim(struct evald_arena *arena, const char *sign,
                         const struct evald_claim *claim,
                         struct evald_text unit) {
  char number[EVALD_DECIMAL_TEXT] = "";
  struct evald_text text = claim->text;
  if (claim->kind != EVALD_CLAIM_NUMBER && text.size == 0) return "-";
  if (claim->kind == EVALD_CLAIM_NUMBER) {
    evald_decimal_print(claim->number, number);
    text = evald_text_of(number);
  }
  bool apart = unit.size > 0 && (unsigned char)unit.data[0] >= 0x80;
  return output_format(arena, "%s%.*s%s%.*s", sign, (int)text.size, text.data,
                       apart ? " " : "", (int)unit.size,
                       unit.data ? unit.data : "");
}

static const char *const signs[] = {
#define X(name, spelling, sign, computesign) sign,
    EVALD_OPERATOR_LIST(X)
#undef X
};

const char *label_target(struct evald_arena *arena,
                         const struct evald_indicator *row) {
  bool plain =
      row->op == EVALD_OP_QUALITATIVE || row->op >= EVALD_OPERATOR_COUNT;
  return claim(arena, plain ? "" : signs[row->op], &row->target, row->unit);
}

const char *label_actual(struct evald_arena *arena,
                         const struct evald_indicator *row) {
  struct evald_text unit = row->actual_unit;
  return claim(arena, "", &row->actual, unit.data ? unit : row->unit);
}

const char *label_rounding(struct evald_arena *arena,
                           struct evald_rounding rounding, int chinese) {
  if (rounding.digits >= EVALD_DECIMAL_DIGITS) return "";
  return output_format(
      arena, _("%s to %u digits"),
      evald_rounding_text((enum evald_rounding_mode)rounding.mode, chinese),
      rounding.digits);
}
