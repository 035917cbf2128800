/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/counters.h"
#include "wire/prescan.h"
#include "wire/verdict_codec.h"

enum {
  STORED_FIELDS = 18,
  WITHDRAWN_FIELDS = 11, /* those of the head */
  EXECUTION_FIELDS = 3,
  ROW_FIELDS = 4,
  DECLARED_FIELDS = 2,
  FINDING_FIELDS = 8
};

struct evald_text wire_department_key(const struct evald_form *form) {
  if (form->dept_code.size > 0) return form->dept_code;
  if (form->dept_name.size > 0) return form->dept_name;
  return EVALD_TEXT("-");
}

static void put_decimal_if(struct wire_buffer *out, bool present,
                           evald_decimal value) {
  if (present) {
    wire_put_int(out, value);
  } else {
    wire_put_nil(out);
  }
}

static void put_execution(struct wire_buffer *out,
                          const struct evald_execution *execution) {
  wire_put_array(out, EXECUTION_FIELDS);
  put_decimal_if(out, execution->has_rate, execution->rate);
  put_decimal_if(out, execution->has_score, execution->score);
  wire_put_int(out, execution->weight);
}

static void put_rows(struct wire_buffer *out, const struct evald_row_score *row,
                     size_t count) {
  wire_put_array(out, count);
  for (; count > 0; row++, count--) {
    wire_put_array(out, ROW_FIELDS);
    put_decimal_if(out, row->counts, row->score);
    wire_put_int(out, row->weight);
    put_decimal_if(out, row->has_ratio, row->ratio);
    wire_put_uint(out, row->rule);
  }
}

static void put_value(struct wire_buffer *out,
                      const struct evald_value *value) {
  switch (value->kind) {
  case EVALD_VALUE_DECIMAL:
    wire_put_int(out, value->low);
    break;
  case EVALD_VALUE_RANGE:
    wire_put_array(out, 2);
    wire_put_int(out, value->low);
    wire_put_int(out, value->high);
    break;
  case EVALD_VALUE_TEXT:
    wire_put_text(out, value->text);
    break;
  default:
    wire_put_nil(out);
  }
}

static void put_findings(struct wire_buffer *out,
                         const struct evald_finding *finding, size_t count) {
  wire_put_array(out, count);
  for (; count > 0; finding++, count--) {
    wire_put_array(out, FINDING_FIELDS);
    wire_put_uint(out, finding->code);
    wire_put_uint(out, finding->level);
    wire_put_uint(out, finding->rule);
    wire_put_uint(out, finding->cell.field);
    wire_put_uint(out, finding->cell.index);
    put_value(out, &finding->printed);
    put_value(out, &finding->expected);
    put_value(out, &finding->detail);
  }
}

static void put_head(struct wire_buffer *out, enum wire_stored_state state,
                     const struct wire_stored_head *head) {
  wire_put_uint(out, WIRE_STORED_VERSION);
  wire_put_uint(out, state);
  wire_put_int(out, head->revision);
  wire_put_digest(out, &head->form_digest);
  wire_put_digest(out, &head->ruleset_digest);
  wire_put_text(out, head->ruleset_id);
  wire_put_text(out, head->job_id);
  wire_put_text(out, head->dept_key);
  wire_put_text(out, head->dept_name);
  wire_put_text(out, head->pro_name);
}

void wire_stored_encode(const struct evald_verdict *verdict,
                        const struct contribution *contribution,
                        struct wire_buffer *out) {
  const struct evald_form *form = verdict->form;
  const struct evald_ruleset *ruleset = verdict->ruleset;
  const struct wire_stored_head head = {.revision = verdict->revision,
                                        .form_digest = form->digest,
                                        .ruleset_digest =
                                            *evald_ruleset_digest(ruleset),
                                        .ruleset_id = evald_ruleset_id(ruleset),
                                        .job_id = verdict->job_id,
                                        .dept_key = wire_department_key(form),
                                        .dept_name = form->dept_name,
                                        .pro_name = form->pro_name};
  wire_put_array(out, STORED_FIELDS);
  put_head(out, WIRE_STORED_EVALUATED, &head);
  wire_put_array(out, CORE_COUNTER_COUNT);
  wire_put_counters(out, contribution);
  put_execution(out, &verdict->execution);
  put_rows(out, verdict->rows, form->indicator_count);
  wire_put_int(out, verdict->total);
  wire_put_uint(out, verdict->grade);
  wire_put_text(out, evald_ruleset_grade(ruleset, verdict->grade));
  wire_put_array(out, DECLARED_FIELDS);
  put_decimal_if(out, form->total.present, form->total.value);
  wire_put_text(out, form->grade);
  put_findings(out, verdict->findings, verdict->finding_count);
}

void wire_stored_encode_withdrawn(const struct wire_stored_head *head,
                                  struct wire_buffer *out) {
  struct wire_stored_head withdrawn = *head;
  withdrawn.form_digest = (struct evald_digest){0};
  withdrawn.ruleset_digest = (struct evald_digest){0};
  withdrawn.ruleset_id = (struct evald_text){0};
  wire_put_array(out, WITHDRAWN_FIELDS);
  put_head(out, WIRE_STORED_WITHDRAWN, &withdrawn);
  wire_put_array(out, 0);
}

/* The array's head, version and state. Leaves in *more how many values follow
 * the eleven of the head. */
static enum evald_status get_state(struct wire_cursor *cursor, uint8_t *state,
                                   size_t *more) {
  *more = wire_want_array_of(cursor, WITHDRAWN_FIELDS);
  uint64_t version = wire_get_uint(cursor);
  if (cursor->failed) return EVALD_SYNTAX;
  if (version != WIRE_STORED_VERSION) return EVALD_UNSUPPORTED;
  uint64_t read = wire_get_uint(cursor);
  if (cursor->failed || read > WIRE_STORED_WITHDRAWN) return EVALD_SYNTAX;
  if (read == WIRE_STORED_EVALUATED &&
      *more < STORED_FIELDS - WITHDRAWN_FIELDS) {
    return EVALD_SYNTAX;
  }
  *state = (uint8_t)read;
  return EVALD_OK;
}

static enum evald_status get_head(struct wire_cursor *cursor,
                                  struct wire_stored_head *out, size_t *more) {
  enum evald_status status = get_state(cursor, &out->state, more);
  if (status != EVALD_OK) return status;
  out->revision = wire_get_int(cursor);
  out->form_digest = wire_get_digest(cursor);
  out->ruleset_digest = wire_get_digest(cursor);
  out->ruleset_id = wire_get_text_or_nil(cursor);
  out->job_id = wire_get_text_or_nil(cursor);
  out->dept_key = wire_get_text_or_nil(cursor);
  out->dept_name = wire_get_text_or_nil(cursor);
  out->pro_name = wire_get_text_or_nil(cursor);
  wire_get_counters(cursor, wire_get_array(cursor), &out->contribution);
  return cursor->failed ? EVALD_SYNTAX : EVALD_OK;
}

enum evald_status wire_stored_head(struct wire_bytes bytes,
                                   struct wire_stored_head *out) {
  struct wire_cursor cursor = wire_cursor_of(bytes);
  struct wire_stored_head head;
  size_t more;
  enum evald_status status = get_head(&cursor, &head, &more);
  if (status == EVALD_OK) *out = head;
  return status;
}

static struct evald_figure get_figure(struct wire_cursor *cursor) {
  if (wire_take_nil(cursor)) return (struct evald_figure){0};
  int64_t value = wire_get_int(cursor);
  return (struct evald_figure){!cursor->failed, value};
}

/* An integer from 0 to `most`. */
static unsigned get_small(struct wire_cursor *cursor, unsigned most) {
  uint64_t value = wire_get_uint(cursor);
  if (value <= most) return (unsigned)value;
  wire_cursor_fail(cursor);
  return 0;
}

static void get_execution(struct wire_cursor *cursor,
                          struct evald_execution *out) {
  wire_want_array(cursor, EXECUTION_FIELDS);
  struct evald_figure rate = get_figure(cursor);
  struct evald_figure score = get_figure(cursor);
  *out = (struct evald_execution){.rate = rate.value,
                                  .score = score.value,
                                  .weight = wire_get_int(cursor),
                                  .has_rate = rate.present,
                                  .has_score = score.present};
}

static void get_row(struct wire_cursor *cursor, struct evald_row_score *row) {
  wire_want_array(cursor, ROW_FIELDS);
  struct evald_figure score = get_figure(cursor);
  row->score = score.value;
  row->counts = score.present;
  row->weight = wire_get_int(cursor);
  struct evald_figure ratio = get_figure(cursor);
  row->ratio = ratio.value;
  row->has_ratio = ratio.present;
  row->rule = (uint8_t)get_small(cursor, EVALD_RULE_COUNT - 1);
}

static struct evald_value get_value(struct wire_cursor *cursor) {
  struct evald_value value = {0};
  if (wire_take_nil(cursor)) return value;
  switch ((int)wire_peek(cursor)) {
  case WIRE_TYPE_TEXT:
    value.kind = EVALD_VALUE_TEXT;
    value.text = wire_get_text(cursor);
    break;
  case WIRE_TYPE_ARRAY:
    wire_want_array(cursor, 2);
    value.kind = EVALD_VALUE_RANGE;
    value.low = wire_get_int(cursor);
    value.high = wire_get_int(cursor);
    break;
  default:
    value.kind = EVALD_VALUE_DECIMAL;
    value.low = wire_get_int(cursor);
  }
  return value;
}

static void get_finding(struct wire_cursor *cursor,
                        struct evald_finding *finding) {
  wire_want_array(cursor, FINDING_FIELDS);
  finding->code = (uint16_t)get_small(cursor, UINT16_MAX);
  finding->level = (uint8_t)get_small(cursor, EVALD_LEVEL_COUNT - 1);
  finding->rule = (uint8_t)get_small(cursor, EVALD_RULE_COUNT - 1);
  finding->cell.field = (uint8_t)get_small(cursor, EVALD_CELL_COUNT - 1);
  finding->cell.index = (uint16_t)get_small(cursor, UINT16_MAX);
  finding->printed = get_value(cursor);
  finding->expected = get_value(cursor);
  finding->detail = get_value(cursor);
}

static enum evald_status get_rows(struct wire_cursor *cursor,
                                  struct evald_arena *arena,
                                  struct wire_stored *out) {
  size_t count = wire_get_array(cursor);
  struct evald_row_score *rows = evald_arena_take(arena, count * sizeof *rows);
  if (!rows) return EVALD_MEMORY;
  for (size_t i = 0; i < count && !cursor->failed; i++) {
    get_row(cursor, &rows[i]);
  }
  out->rows = rows;
  out->row_count = count;
  return EVALD_OK;
}

static enum evald_status get_findings(struct wire_cursor *cursor,
                                      struct evald_arena *arena,
                                      struct wire_stored *out) {
  size_t count = wire_get_array(cursor);
  struct evald_finding *findings =
      evald_arena_take(arena, count * sizeof *findings);
  if (!findings) return EVALD_MEMORY;
  for (size_t i = 0; i < count && !cursor->failed; i++) {
    get_finding(cursor, &findings[i]);
  }
  out->findings = findings;
  out->finding_count = count;
  return EVALD_OK;
}

/* What follows the head of an evaluated result. */
static enum evald_status get_rest(struct wire_cursor *cursor,
                                  struct evald_arena *arena,
                                  struct wire_stored *out) {
  get_execution(cursor, &out->execution);
  enum evald_status status = get_rows(cursor, arena, out);
  if (status != EVALD_OK) return status;
  out->total = wire_get_int(cursor);
  out->grade = (uint8_t)get_small(cursor, UINT8_MAX);
  out->grade_name = wire_get_text_or_nil(cursor);
  wire_want_array(cursor, DECLARED_FIELDS);
  out->declared_total = get_figure(cursor);
  out->declared_grade = wire_get_text_or_nil(cursor);
  return get_findings(cursor, arena, out);
}

enum evald_status wire_stored_decode(struct wire_bytes bytes,
                                     struct evald_arena *arena,
                                     struct wire_stored *out) {
  if (!wire_sound(bytes)) return EVALD_SYNTAX;
  struct wire_cursor cursor = wire_cursor_of(bytes);
  struct wire_stored stored = {0};
  size_t more;
  enum evald_status status = get_head(&cursor, &stored.head, &more);
  if (status == EVALD_OK && stored.head.state == WIRE_STORED_EVALUATED) {
    status = get_rest(&cursor, arena, &stored);
    more -= STORED_FIELDS - WITHDRAWN_FIELDS;
  }
  if (status != EVALD_OK) return status;
  wire_skip_many(&cursor, more);
  status = wire_cursor_done(&cursor);
  if (status == EVALD_OK) *out = stored;
  return status;
}

void wire_department_encode(struct evald_text name,
                            const struct contribution *sum,
                            struct wire_buffer *out) {
  wire_put_array(out, 1 + CORE_COUNTER_COUNT);
  wire_put_text(out, name);
  wire_put_counters(out, sum);
}

enum evald_status wire_department_decode(struct wire_bytes bytes,
                                         struct evald_text *name,
                                         struct contribution *sum) {
  if (!wire_sound(bytes)) return EVALD_SYNTAX;
  struct wire_cursor cursor = wire_cursor_of(bytes);
  size_t count = wire_want_array_of(&cursor, 1);
  struct evald_text read = wire_get_text_or_nil(&cursor);
  struct contribution counters;
  wire_get_counters(&cursor, count, &counters);
  enum evald_status status = wire_cursor_done(&cursor);
  if (status != EVALD_OK) return status;
  *name = read;
  *sum = counters;
  return EVALD_OK;
}
