/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/counters.h"
#include "wire/pen.h"
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

static uint8_t *put_decimal_if(uint8_t *to, bool present, evald_decimal value) {
  return present ? pen_int(to, value) : pen_nil(to);
}

static uint8_t *put_execution(uint8_t *to,
                              const struct evald_execution *execution) {
  to = pen_array(to, EXECUTION_FIELDS);
  to = put_decimal_if(to, execution->has_rate, execution->rate);
  to = put_decimal_if(to, execution->has_score, execution->score);
  return pen_int(to, execution->weight);
}

static uint8_t *put_row(uint8_t *to, const struct evald_row_score *row) {
  to = pen_array(to, ROW_FIELDS);
  to = put_decimal_if(to, row->counts, row->score);
  to = pen_int(to, row->weight);
  to = put_decimal_if(to, row->has_ratio, row->ratio);
  return pen_uint(to, row->rule);
}

static uint8_t *put_value(uint8_t *to, const struct evald_value *value) {
  switch (value->kind) {
  case EVALD_VALUE_DECIMAL:
    return pen_int(to, value->low);
  case EVALD_VALUE_RANGE:
    to = pen_array(to, 2);
    to = pen_int(to, value->low);
    return pen_int(to, value->high);
  case EVALD_VALUE_TEXT:
    return pen_text(to, value->text);
  default:
    return pen_nil(to);
  }
}

static size_t value_bound(const struct evald_value *value) {
  return 3 * PEN_HEAD +
         (value->kind == EVALD_VALUE_TEXT ? value->text.size : 0);
}

static uint8_t *put_finding(uint8_t *to, const struct evald_finding *finding) {
  to = pen_array(to, FINDING_FIELDS);
  to = pen_uint(to, finding->code);
  to = pen_uint(to, finding->level);
  to = pen_uint(to, finding->rule);
  to = pen_uint(to, finding->cell.field);
  to = pen_uint(to, finding->cell.index);
  to = put_value(to, &finding->printed);
  to = put_value(to, &finding->expected);
  return put_value(to, &finding->detail);
}

static size_t finding_bound(const struct evald_finding *finding) {
  return (1 + FINDING_FIELDS) * PEN_HEAD + value_bound(&finding->printed) +
         value_bound(&finding->expected) + value_bound(&finding->detail);
}

static uint8_t *put_head(uint8_t *to, enum wire_stored_state state,
                         const struct wire_stored_head *head) {
  to = pen_uint(to, WIRE_STORED_VERSION);
  to = pen_uint(to, state);
  to = pen_int(to, head->revision);
  to = pen_digest(to, &head->form_digest);
  to = pen_digest(to, &head->ruleset_digest);
  to = pen_text(to, head->ruleset_id);
  to = pen_text(to, head->job_id);
  to = pen_text(to, head->dept_key);
  to = pen_text(to, head->dept_name);
  return pen_text(to, head->pro_name);
}

static size_t head_bound(const struct wire_stored_head *head) {
  return WITHDRAWN_FIELDS * PEN_HEAD + 2 * sizeof(struct evald_digest) +
         head->ruleset_id.size + head->job_id.size + head->dept_key.size +
         head->dept_name.size + head->pro_name.size;
}

/* What follows the head of an evaluated result. */
static uint8_t *put_rest(uint8_t *to, const struct evald_verdict *verdict,
                         const struct contribution *contribution) {
  const struct evald_form *form = verdict->form;
  to = pen_array(to, CORE_COUNTER_COUNT);
  for (size_t i = 0; i < CORE_COUNTER_COUNT; i++) {
    to = pen_int(to, contribution->counter[i]);
  }
  to = put_execution(to, &verdict->execution);
  to = pen_array(to, form->indicator_count);
  for (size_t i = 0; i < form->indicator_count; i++) {
    to = put_row(to, &verdict->rows[i]);
  }
  to = pen_int(to, verdict->total);
  to = pen_uint(to, verdict->grade);
  to = pen_text(to, evald_ruleset_grade(verdict->ruleset, verdict->grade));
  to = pen_array(to, DECLARED_FIELDS);
  to = put_decimal_if(to, form->total.present, form->total.value);
  to = pen_text(to, form->grade);
  to = pen_array(to, verdict->finding_count);
  for (size_t i = 0; i < verdict->finding_count; i++) {
    to = put_finding(to, &verdict->findings[i]);
  }
  return to;
}

static size_t rest_bound(const struct evald_verdict *verdict) {
  const struct evald_form *form = verdict->form;
  size_t bound = (STORED_FIELDS + CORE_COUNTER_COUNT + EXECUTION_FIELDS +
                  DECLARED_FIELDS + (1 + ROW_FIELDS) * form->indicator_count) *
                     PEN_HEAD +
                 evald_ruleset_grade(verdict->ruleset, verdict->grade).size +
                 form->grade.size;
  for (size_t i = 0; i < verdict->finding_count; i++) {
    bound += finding_bound(&verdict->findings[i]);
  }
  return bound;
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
  uint8_t *begin =
      wire_buffer_reserve(out, head_bound(&head) + rest_bound(verdict));
  if (!begin) return;
  uint8_t *to = pen_array(begin, STORED_FIELDS);
  to = put_head(to, WIRE_STORED_EVALUATED, &head);
  to = put_rest(to, verdict, contribution);
  out->size += (size_t)(to - begin);
}

void wire_stored_encode_withdrawn(const struct wire_stored_head *head,
                                  struct wire_buffer *out) {
  struct wire_stored_head withdrawn = *head;
  withdrawn.form_digest = (struct evald_digest){0};
  withdrawn.ruleset_digest = (struct evald_digest){0};
  withdrawn.ruleset_id = (struct evald_text){0};
  uint8_t *begin = wire_buffer_reserve(out, head_bound(&withdrawn) + PEN_HEAD);
  if (!begin) return;
  uint8_t *to = pen_array(begin, WITHDRAWN_FIELDS);
  to = put_head(to, WIRE_STORED_WITHDRAWN, &withdrawn);
  to = pen_array(to, 0);
  out->size += (size_t)(to - begin);
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

enum evald_status wire_stored_brief(struct wire_bytes bytes,
                                    struct wire_stored_brief *out) {
  struct wire_cursor cursor = wire_cursor_of(bytes);
  struct wire_stored_brief brief = {.total = 0};
  size_t more;
  enum evald_status status = get_head(&cursor, &brief.head, &more);
  if (status != EVALD_OK) return status;
  if (brief.head.state == WIRE_STORED_EVALUATED) {
    wire_skip_many(&cursor, 2); /* the execution and the rows */
    brief.total = wire_get_int(&cursor);
    brief.grade = (uint8_t)get_small(&cursor, UINT8_MAX);
    brief.grade_name = wire_get_text_or_nil(&cursor);
  }
  if (cursor.failed) return EVALD_SYNTAX;
  *out = brief;
  return EVALD_OK;
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
