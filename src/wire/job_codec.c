/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/job_codec.h"

#include "base/utf8.h"
#include "wire/job_fields.h"
#include <string.h>

static bool was_seen(const struct reader_seen *seen, enum job_row row) {
  return seen->rows >> row & 1;
}

static void reject_keys(struct reader *reader, const struct reader_seen *seen,
                        uint64_t missing, uint64_t unknown) {
  for (unsigned i = 0; i < job_table.count; i++) {
    if (missing >> i & 1) {
      reader_problem_at(reader, WIRE_REJECT_MISSING_KEY,
                        job_table.fields[i].key, 0);
    } else if (unknown >> i & 1) {
      reader_problem_at(reader, WIRE_REJECT_UNKNOWN_KEY,
                        job_table.fields[i].key, seen->at[i]);
    }
  }
}

/* Keys that the job's kind needs and are missing, or does not know. */
static void check_keys(struct reader *reader, const struct wire_job *job,
                       const struct reader_seen *seen) {
  const unsigned evaluate = JOB_EVALUATE;
  unsigned kind = 1U << job->kind;
  /* Of a kind that the compiler knows the rows are one number. */
  bool usual = kind == evaluate;
  uint64_t needed = usual ? job_rows_needed(evaluate) : job_rows_needed(kind);
  uint64_t allowed =
      usual ? job_rows_allowed(evaluate) : job_rows_allowed(kind);
  uint64_t missing = needed & ~seen->rows;
  uint64_t unknown = seen->rows & ~allowed;
  if (missing | unknown) reject_keys(reader, seen, missing, unknown);
}

static void check_fen(struct reader *reader, const struct evald_text *fund,
                      const char *name, struct evald_figure amount) {
  enum { FEN = EVALD_DECIMAL_ONE / 100 };
  if (!amount.present || amount.value % FEN == 0) return;
  struct evald_text column = evald_text_of(name);
  reader_push_key(reader, fund);
  reader_push_key(reader, &column);
  reader_reject(reader, WIRE_REJECT_OUT_OF_RANGE, WIRE_EXPECTED_FEN,
                (struct evald_text){0});
  reader_pop(reader);
  reader_pop(reader);
}

/* Amounts in 元 are counted in 分: what is finer cannot be an amount. */
static void check_yuan(struct reader *reader, const struct evald_form *form,
                       const struct reader_seen *seen) {
  static const struct evald_text funds = {"funds", sizeof "funds" - 1};
  if (form->money_unit != EVALD_MONEY_YUAN || !was_seen(seen, ROW_funds))
    return;
  reader->value_at = seen->at[ROW_funds];
  reader_push_key(reader, &funds);
  for (unsigned i = 0; i < EVALD_FUND_COUNT; i++) {
    const struct evald_fund_row *row = &form->funds[i];
    check_fen(reader, &job_fund_keys[i], "opening", row->opening);
    check_fen(reader, &job_fund_keys[i], "budget", row->budget);
    check_fen(reader, &job_fund_keys[i], "executed", row->executed);
  }
  reader_pop(reader);
}

/* Of a job of another version only that is worth saying: its other keys may
 * mean anything. */
static void only_version(struct wire_rejects *rejects) {
  for (size_t i = 0; i < rejects->count; i++) {
    if (rejects->items[i].code != WIRE_REJECT_BAD_VERSION) continue;
    rejects->items[0] = rejects->items[i];
    rejects->count = 1;
    rejects->more = 0;
    return;
  }
}

static void keep_identity(struct wire_job *job) {
  if (job->kind == WIRE_KIND_EVALUATE) return;
  job->form = (struct evald_form){.mof_div_code = job->form.mof_div_code,
                                  .fiscal_year = job->form.fiscal_year,
                                  .pro_code = job->form.pro_code};
}

/* The top level of a message that is not sound, as far as it can be walked. */
static void walk(struct wire_bytes frame, struct wire_job *job) {
  struct wire_cursor cursor = wire_cursor_of(frame);
  size_t pairs = wire_get_map(&cursor);
  for (; pairs > 0 && !cursor.failed; pairs--) {
    struct evald_text key = wire_get_text(&cursor);
    struct wire_cursor value = cursor;
    wire_skip(&cursor);
    if (evald_text_equal(key, EVALD_TEXT("job_id"))) {
      job->job_id = wire_get_text(&value);
    } else if (evald_text_equal(key, EVALD_TEXT("source"))) {
      job->source = wire_get_text(&value);
    } else if (evald_text_equal(key, EVALD_TEXT("pro_code"))) {
      job->form.pro_code = wire_get_text(&value);
    } else if (evald_text_equal(key, EVALD_TEXT("mof_div_code"))) {
      job->form.mof_div_code = wire_get_text(&value);
    } else if (evald_text_equal(key, EVALD_TEXT("fiscal_year"))) {
      int64_t year = wire_get_int(&value);
      if (job_is_year(year)) job->form.fiscal_year = (uint16_t)year;
    }
  }
}

static void keep_name(struct evald_text *text, size_t limit) {
  if (!utf8_valid(text->data, text->size) || !reader_is_name(*text, limit)) {
    *text = (struct evald_text){0};
  }
}

/* Who sent a message that the pre-scan refused, as far as it can be read. */
static void recover(struct wire_bytes frame, struct wire_job *job) {
  walk(frame, job);
  keep_name(&job->job_id, JOB_NAME_CHARACTERS);
  keep_name(&job->source, JOB_NAME_CHARACTERS);
  keep_name(&job->form.pro_code, JOB_CODE_CHARACTERS);
  if (!job_is_division(job->form.mof_div_code)) {
    job->form.mof_div_code = (struct evald_text){0};
  }
}

/* The whole job from its first byte on. */
static void read_job(struct reader *reader, struct wire_job *out) {
  struct reader_seen seen;
  seen.rows = 0;
  *out = (struct wire_job){.kind = WIRE_KIND_COUNT};
  reader_map(reader, &job_table, out, &seen);
  if (out->kind < WIRE_KIND_COUNT) {
    check_keys(reader, out, &seen);
  } else if (!was_seen(&seen, ROW_kind)) {
    reader_problem_at(reader, WIRE_REJECT_MISSING_KEY, EVALD_TEXT("kind"), 0);
  }
  check_yuan(reader, &out->form, &seen);
  keep_identity(out);
}

/* Whether a trial can say all that the pre-scan says of a job without a
 * problem: its size, its depth and that no text taken at once is too long,
 * beside what the reader looks at. */
static bool may_be_tried(struct wire_bytes frame,
                         const struct wire_limits *limits) {
  enum { JOB_DEPTH = 3 /* the job, its indicators, a row of them */ };
  return frame.size <= limits->bytes && frame.size <= UINT32_MAX &&
         limits->depth >= JOB_DEPTH && limits->text >= QUICK_TEXT_MAX;
}

/* Whether the job could be read at once. */
static bool try_job(struct reader *reader, struct wire_bytes frame,
                    struct wire_job *out) {
  struct utf8_map texts;
  struct evald_arena_mark mark = evald_arena_mark(reader->arena);
  utf8_map_make(&texts, (const char *)frame.data, frame.size);
  reader->frame = (struct quick_frame){reader->cursor.end, &texts};
  reader->on_trial = true;
  read_job(reader, out);
  reader->on_trial = false;
  if (wire_cursor_done(&reader->cursor) == EVALD_OK) return true;
  evald_arena_return(reader->arena, mark);
  return false;
}

enum evald_status wire_job_decode(struct wire_bytes frame,
                                  const struct wire_limits *limits,
                                  struct evald_arena *arena,
                                  struct wire_job *out,
                                  struct wire_rejects *rejects) {
  struct reader reader = {.cursor = wire_cursor_of(frame),
                          .arena = arena,
                          .rejects = rejects,
                          .limits = limits};
  /* Nearly every job is fine. */
  if (may_be_tried(frame, limits) && try_job(&reader, frame, out)) {
    return EVALD_OK;
  }
  if (wire_prescan(frame, limits, rejects) != EVALD_OK) {
    *out = (struct wire_job){.kind = WIRE_KIND_COUNT};
    recover(frame, out);
    return EVALD_REJECTED;
  }
  reader.cursor = wire_cursor_of(frame);
  read_job(&reader, out);
  only_version(rejects);
  return rejects->count > 0 ? EVALD_REJECTED : EVALD_OK;
}

/* Takes one pair of the top level; whether both keys are known now. */
static bool route_by(struct wire_cursor *cursor, struct wire_route *route) {
  struct evald_text key = wire_get_text(cursor);
  struct wire_cursor value = *cursor;
  if (evald_text_equal(key, EVALD_TEXT("mof_div_code"))) {
    route->mof_div_code = wire_get_text(&value);
  } else if (evald_text_equal(key, EVALD_TEXT("fiscal_year"))) {
    int64_t year = wire_get_int(&value);
    if (job_is_year(year)) route->fiscal_year = (uint16_t)year;
  }
  wire_skip(cursor);
  return route->mof_div_code.data && route->fiscal_year > 0;
}

bool wire_job_route(struct wire_bytes frame, struct wire_route *out) {
  struct wire_cursor cursor = wire_cursor_of(frame);
  struct wire_route route = {0};
  size_t pairs = wire_get_map(&cursor);
  while (pairs > 0 && !cursor.failed && !route_by(&cursor, &route))
    pairs--;
  if (!job_is_division(route.mof_div_code) || route.fiscal_year == 0)
    return false;
  *out = route;
  return true;
}
