/* SPDX-License-Identifier: Apache-2.0 */
#include "import/draft.h"

#include "base/utf8.h"
#include "import/quantity.h"

/* "万元", "（万元）", "(单位：万元)", "元": after brackets and 单位 are gone.
 */
static bool money_of(struct evald_text text, uint8_t *unit) {
  uint32_t codes[8];
  size_t count = 0;
  for (size_t at = 0; at < text.size;) {
    uint32_t code = reader_fold(text, &at);
    if (code == '(' || code == ')' || code == ' ') continue;
    if (count == 8) return false;
    codes[count++] = code;
  }
  size_t at = 0;
  if (count > 2 && codes[0] == 0x5355 && codes[1] == 0x4F4D) at = 2;
  if (at == 2 && at < count && codes[at] == ':') at++;
  *unit = EVALD_MONEY_YUAN;
  if (at < count && codes[at] == 0x4E07) *unit = EVALD_MONEY_WAN_YUAN, at++;
  return at + 1 == count && codes[at] == 0x5143;
}

/* What such a cell begins with; nearly every word of a form does not. */
static bool may_be_money(struct evald_text text) {
  size_t at = 0;
  uint32_t code = reader_fold(text, &at);
  return code == '(' || code == 0x5355 || code == 0x4E07 || code == 0x5143;
}

bool draft_money(struct draft *d, size_t *at, size_t end) {
  struct reader *r = d->r;
  uint8_t unit;
  if (!may_be_money(r->words[*at].text)) return false;
  for (size_t to = *at + 1; to <= end && to <= *at + 4; to++) {
    struct evald_text text = reader_join(r, (struct span){*at, to});
    if (!money_of(text, &unit)) continue;
    struct span span = {*at, to};
    if (d->money_known && d->form.money_unit != unit)
      reader_lines(r, IMPORT_TWICE, span);
    d->form.money_unit = unit;
    d->money_known = true;
    *at = to;
    return true;
  }
  return false;
}

struct evald_figure draft_figure(struct draft *d, struct span span,
                                 struct evald_cell cell) {
  static const char *const suffixes[] = {"%", "分", NULL};
  struct evald_figure figure = {0};
  struct evald_text text = reader_join(d->r, span);
  if (quantity_plain(text, suffixes, &figure.value))
    figure.present = true;
  else if (!quantity_dash(text))
    reader_problem(d->r, IMPORT_UNREADABLE, cell, span);
  return figure;
}

void draft_missing(struct draft *d, enum evald_cell_field field, size_t index,
                   size_t at) {
  reader_problem(d->r, IMPORT_MISSING,
                 (struct evald_cell){(uint8_t)field, (uint16_t)index},
                 (struct span){at, at});
}
