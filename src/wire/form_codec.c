/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/form_codec.h"

#include "base/digest.h"
#include "wire/cursor.h"
#include "wire/prescan.h"

enum { FORM_FIELDS = 18, FUND_FIELDS = 6, INDICATOR_FIELDS = 13 };

static void put_figure(struct wire_buffer *out, struct evald_figure figure) {
  if (figure.present) {
    wire_put_int(out, figure.value);
  } else {
    wire_put_nil(out);
  }
}

static void put_claim(struct wire_buffer *out,
                      const struct evald_claim *claim) {
  switch (claim->kind) {
  case EVALD_CLAIM_NUMBER:
    wire_put_int(out, claim->number);
    break;
  case EVALD_CLAIM_TEXT:
    wire_put_text(out, claim->text);
    break;
  default:
    wire_put_nil(out);
  }
}

static void put_fund_row(struct wire_buffer *out,
                         const struct evald_fund_row *row) {
  if (!row->present) {
    wire_put_nil(out);
    return;
  }
  wire_put_array(out, FUND_FIELDS);
  put_figure(out, row->opening);
  put_figure(out, row->budget);
  put_figure(out, row->executed);
  put_figure(out, row->weight);
  put_figure(out, row->rate);
  put_figure(out, row->score);
}

static void put_indicator(struct wire_buffer *out,
                          const struct evald_indicator *row) {
  wire_put_array(out, INDICATOR_FIELDS);
  wire_put_text(out, row->level1);
  wire_put_text(out, row->level2);
  wire_put_text(out, row->name);
  wire_put_uint(out, row->op);
  wire_put_bool(out, row->not_applicable);
  put_claim(out, &row->target);
  wire_put_text(out, row->unit);
  put_claim(out, &row->actual);
  wire_put_text(out, row->actual_unit);
  put_figure(out, row->weight);
  put_figure(out, row->score);
  wire_put_text(out, row->reason);
  wire_put_text(out, row->measure);
}

static void put_identity(struct wire_buffer *out,
                         const struct evald_form *form) {
  wire_put_text(out, form->mof_div_code);
  wire_put_uint(out, form->fiscal_year);
  wire_put_text(out, form->pro_code);
  wire_put_text(out, form->pro_name);
  wire_put_text(out, form->dept_code);
  wire_put_text(out, form->dept_name);
  wire_put_text(out, form->agency_code);
  wire_put_text(out, form->agency_name);
}

struct evald_digest wire_form_encode(const struct evald_form *form,
                                     struct wire_buffer *out) {
  size_t begin = out->size;
  wire_put_array(out, FORM_FIELDS);
  wire_put_uint(out, WIRE_FORM_VERSION);
  put_identity(out, form);
  wire_put_uint(out, form->money_unit);
  wire_put_array(out, EVALD_FUND_COUNT);
  for (unsigned i = 0; i < EVALD_FUND_COUNT; i++) {
    put_fund_row(out, &form->funds[i]);
  }
  wire_put_text(out, form->goal_expected);
  wire_put_text(out, form->goal_actual);
  wire_put_array(out, form->indicator_count);
  for (size_t i = 0; i < form->indicator_count; i++) {
    put_indicator(out, &form->indicators[i]);
  }
  put_figure(out, form->total);
  wire_put_text(out, form->grade);
  wire_put_text(out, form->reason);
  wire_put_text(out, form->measure);
  if (out->failed) return (struct evald_digest){0};
  return digest_of(out->data + begin, out->size - begin);
}

static struct evald_figure get_figure(struct wire_cursor *cursor) {
  if (wire_take_nil(cursor)) return (struct evald_figure){0};
  int64_t value = wire_get_int(cursor);
  if (value > EVALD_DECIMAL_MAX || value < -EVALD_DECIMAL_MAX) {
    wire_cursor_fail(cursor);
  }
  return (struct evald_figure){!cursor->failed, value};
}

static struct evald_claim get_claim(struct wire_cursor *cursor) {
  if (wire_peek(cursor) == WIRE_TYPE_TEXT) {
    return (struct evald_claim){.kind = EVALD_CLAIM_TEXT,
                                .text = wire_get_text(cursor)};
  }
  struct evald_figure figure = get_figure(cursor);
  if (!figure.present) return (struct evald_claim){0};
  return (struct evald_claim){.kind = EVALD_CLAIM_NUMBER,
                              .number = figure.value};
}

static void get_fund_row(struct wire_cursor *cursor,
                         struct evald_fund_row *row) {
  if (wire_take_nil(cursor)) return;
  wire_want_array(cursor, FUND_FIELDS);
  row->present = true;
  row->opening = get_figure(cursor);
  row->budget = get_figure(cursor);
  row->executed = get_figure(cursor);
  row->weight = get_figure(cursor);
  row->rate = get_figure(cursor);
  row->score = get_figure(cursor);
}

/* An integer from 0 to `most`. */
static uint64_t get_small(struct wire_cursor *cursor, uint64_t most) {
  uint64_t value = wire_get_uint(cursor);
  if (value <= most) return value;
  wire_cursor_fail(cursor);
  return 0;
}

static void get_indicator(struct wire_cursor *cursor,
                          struct evald_indicator *row) {
  wire_want_array(cursor, INDICATOR_FIELDS);
  row->level1 = wire_get_text_or_nil(cursor);
  row->level2 = wire_get_text_or_nil(cursor);
  row->name = wire_get_text_or_nil(cursor);
  row->op = (uint8_t)get_small(cursor, EVALD_OPERATOR_COUNT - 1);
  row->not_applicable = wire_get_bool(cursor);
  row->target = get_claim(cursor);
  row->unit = wire_get_text_or_nil(cursor);
  row->actual = get_claim(cursor);
  row->actual_unit = wire_get_text_or_nil(cursor);
  row->weight = get_figure(cursor);
  row->score = get_figure(cursor);
  row->reason = wire_get_text_or_nil(cursor);
  row->measure = wire_get_text_or_nil(cursor);
}

static enum evald_status get_indicators(struct wire_cursor *cursor,
                                        struct evald_arena *arena,
                                        struct evald_form *form) {
  size_t count = wire_get_array(cursor);
  if (cursor->failed || count > EVALD_INDICATORS_MAX) return EVALD_SYNTAX;
  struct evald_indicator *rows = evald_arena_take(arena, count * sizeof *rows);
  if (!rows) return EVALD_MEMORY;
  for (size_t i = 0; i < count && !cursor->failed; i++) {
    get_indicator(cursor, &rows[i]);
  }
  form->indicators = rows;
  form->indicator_count = count;
  return EVALD_OK;
}

static void get_identity(struct wire_cursor *cursor, struct evald_form *form) {
  form->mof_div_code = wire_get_text_or_nil(cursor);
  form->fiscal_year = (uint16_t)get_small(cursor, UINT16_MAX);
  form->pro_code = wire_get_text_or_nil(cursor);
  form->pro_name = wire_get_text_or_nil(cursor);
  form->dept_code = wire_get_text_or_nil(cursor);
  form->dept_name = wire_get_text_or_nil(cursor);
  form->agency_code = wire_get_text_or_nil(cursor);
  form->agency_name = wire_get_text_or_nil(cursor);
}

/* Everything behind the version. */
static enum evald_status get_form(struct wire_cursor *cursor,
                                  struct evald_arena *arena,
                                  struct evald_form *form) {
  get_identity(cursor, form);
  form->money_unit = (uint8_t)get_small(cursor, EVALD_MONEY_YUAN);
  wire_want_array(cursor, EVALD_FUND_COUNT);
  for (unsigned i = 0; i < EVALD_FUND_COUNT; i++) {
    get_fund_row(cursor, &form->funds[i]);
  }
  form->goal_expected = wire_get_text_or_nil(cursor);
  form->goal_actual = wire_get_text_or_nil(cursor);
  enum evald_status status = get_indicators(cursor, arena, form);
  if (status != EVALD_OK) return status;
  form->total = get_figure(cursor);
  form->grade = wire_get_text_or_nil(cursor);
  form->reason = wire_get_text_or_nil(cursor);
  form->measure = wire_get_text_or_nil(cursor);
  return wire_cursor_done(cursor);
}

enum evald_status wire_form_decode(struct wire_bytes bytes,
                                   struct evald_arena *arena,
                                   struct evald_form *out) {
  if (!wire_sound(bytes)) return EVALD_SYNTAX;
  struct wire_cursor cursor = wire_cursor_of(bytes);
  wire_want_array(&cursor, FORM_FIELDS);
  uint64_t version = wire_get_uint(&cursor);
  if (cursor.failed) return EVALD_SYNTAX;
  if (version != WIRE_FORM_VERSION) return EVALD_UNSUPPORTED;
  struct evald_form form = {0};
  enum evald_status status = get_form(&cursor, arena, &form);
  if (status != EVALD_OK) return status;
  form.digest = digest_of(bytes.data, bytes.size);
  *out = form;
  return EVALD_OK;
}
