/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/form_codec.h"

#include "base/digest.h"
#include "wire/cursor.h"
#include "wire/pen.h"
#include "wire/prescan.h"

enum { FORM_FIELDS = 18, FUND_FIELDS = 6, INDICATOR_FIELDS = 13 };

BYTES_INLINE uint8_t *put_figure(uint8_t *to, struct evald_figure figure) {
  return figure.present ? pen_millionths(to, figure.value) : pen_nil(to);
}

static uint8_t *put_claim(uint8_t *to, const struct evald_claim *claim,
                          struct pen_source source) {
  switch (claim->kind) {
  case EVALD_CLAIM_NUMBER:
    return pen_millionths(to, claim->number);
  case EVALD_CLAIM_TEXT:
    return pen_text_from(to, claim->text, source);
  default:
    return pen_nil(to);
  }
}

static uint8_t *put_fund_row(uint8_t *to, const struct evald_fund_row *row) {
  if (!row->present) return pen_nil(to);
  to = pen_array(to, FUND_FIELDS);
  to = put_figure(to, row->opening);
  to = put_figure(to, row->budget);
  to = put_figure(to, row->executed);
  to = put_figure(to, row->weight);
  to = put_figure(to, row->rate);
  return put_figure(to, row->score);
}

static uint8_t *put_indicator(uint8_t *to, const struct evald_indicator *row,
                              struct pen_source source) {
  to = pen_array(to, INDICATOR_FIELDS);
  to = pen_text_from(to, row->level1, source);
  to = pen_text_from(to, row->level2, source);
  to = pen_text_from(to, row->name, source);
  to = pen_uint(to, row->op);
  to = pen_bool(to, row->not_applicable);
  to = put_claim(to, &row->target, source);
  to = pen_text_from(to, row->unit, source);
  to = put_claim(to, &row->actual, source);
  to = pen_text_from(to, row->actual_unit, source);
  to = put_figure(to, row->weight);
  to = put_figure(to, row->score);
  to = pen_text_from(to, row->reason, source);
  return pen_text_from(to, row->measure, source);
}

/* The most bytes of an indicator. (The text of a number is absent.) */
static size_t indicator_bound(const struct evald_indicator *row) {
  return (1 + INDICATOR_FIELDS) * PEN_HEAD + row->level1.size +
         row->level2.size + row->name.size + row->target.text.size +
         row->unit.size + row->actual.text.size + row->actual_unit.size +
         row->reason.size + row->measure.size;
}

static uint8_t *put_identity(uint8_t *to, const struct evald_form *form,
                             struct pen_source source) {
  to = pen_text_from(to, form->mof_div_code, source);
  to = pen_uint(to, form->fiscal_year);
  to = pen_text_from(to, form->pro_code, source);
  to = pen_text_from(to, form->pro_name, source);
  to = pen_text_from(to, form->dept_code, source);
  to = pen_text_from(to, form->dept_name, source);
  to = pen_text_from(to, form->agency_code, source);
  return pen_text_from(to, form->agency_name, source);
}

static size_t form_bound(const struct evald_form *form) {
  size_t bound =
      (1 + FORM_FIELDS + EVALD_FUND_COUNT * (1 + FUND_FIELDS)) * PEN_HEAD +
      form->mof_div_code.size + form->pro_code.size + form->pro_name.size +
      form->dept_code.size + form->dept_name.size + form->agency_code.size +
      form->agency_name.size + form->goal_expected.size +
      form->goal_actual.size + form->grade.size + form->reason.size +
      form->measure.size;
  for (size_t i = 0; i < form->indicator_count; i++) {
    bound += indicator_bound(&form->indicators[i]);
  }
  return bound;
}

static uint8_t *put_form(uint8_t *to, const struct evald_form *form,
                         struct pen_source source) {
  to = pen_array(to, FORM_FIELDS);
  to = pen_uint(to, WIRE_FORM_VERSION);
  to = put_identity(to, form, source);
  to = pen_uint(to, form->money_unit);
  to = pen_array(to, EVALD_FUND_COUNT);
  for (unsigned i = 0; i < EVALD_FUND_COUNT; i++) {
    to = put_fund_row(to, &form->funds[i]);
  }
  to = pen_text_from(to, form->goal_expected, source);
  to = pen_text_from(to, form->goal_actual, source);
  to = pen_array(to, form->indicator_count);
  for (size_t i = 0; i < form->indicator_count; i++) {
    to = put_indicator(to, &form->indicators[i], source);
  }
  to = put_figure(to, form->total);
  to = pen_text_from(to, form->grade, source);
  to = pen_text_from(to, form->reason, source);
  return pen_text_from(to, form->measure, source);
}

struct evald_digest wire_form_encode_from(const struct evald_form *form,
                                          struct wire_bytes frame,
                                          struct wire_buffer *out) {
  uint8_t *begin = wire_buffer_reserve(out, form_bound(form) + PEN_WIDE);
  if (!begin) return (struct evald_digest){0};
  struct pen_source source = pen_source_of(frame.data, frame.size);
  size_t size = (size_t)(put_form(begin, form, source) - begin);
  out->size += size;
  return digest_of(begin, size);
}

struct evald_digest wire_form_encode(const struct evald_form *form,
                                     struct wire_buffer *out) {
  return wire_form_encode_from(form, (struct wire_bytes){0}, out);
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
