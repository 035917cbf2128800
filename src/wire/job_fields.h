/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_JOB_FIELDS_H
#define WIRE_JOB_FIELDS_H

/* The keys of a job: one list, and how each is read. job_codec.c makes a job of
 * them. */

#include "wire/job_codec.h"
#include "wire/reader.h"

enum {
  JOB_EVALUATE = 1 << WIRE_KIND_EVALUATE,
  JOB_WITHDRAW = 1 << WIRE_KIND_WITHDRAW,
  JOB_RECALCULATE = 1 << WIRE_KIND_RECALCULATE,
  JOB_FORM =
      JOB_EVALUATE | JOB_WITHDRAW, /* a form may come along with a withdrawal */
  JOB_ALL = JOB_FORM | JOB_RECALCULATE,
  JOB_NAME_CHARACTERS = 64,
  JOB_CODE_CHARACTERS = 40
};

/* The job, in the order in which jobs are written: X(key, how it is read,
 * where it goes, limit, what is allowed, kinds that need it, kinds that know
 * it, shape). */
#define JOB(member) offsetof(struct wire_job, member)
#define JOB_LIST(X)                                                            \
  X(v, read_version, JOB(version), 0, VERSION, JOB_ALL, JOB_ALL, VERSION)      \
  X(kind, read_kind, JOB(kind), 0, KIND, JOB_ALL, JOB_ALL, KIND)               \
  X(job_id, reader_name, JOB(job_id), JOB_NAME_CHARACTERS, NAME, JOB_ALL,      \
    JOB_ALL, NAMED)                                                            \
  X(source, reader_name, JOB(source), JOB_NAME_CHARACTERS, NAME, JOB_ALL,      \
    JOB_ALL, NAMED)                                                            \
  X(mof_div_code, read_division, JOB(form.mof_div_code), 0, DIVISION, JOB_ALL, \
    JOB_ALL, DIVISION)                                                         \
  X(fiscal_year, read_year, JOB(form.fiscal_year), 0, YEAR, JOB_ALL, JOB_ALL,  \
    YEAR)                                                                      \
  X(pro_code, reader_name, JOB(form.pro_code), JOB_CODE_CHARACTERS, CODE,      \
    JOB_FORM, JOB_FORM, NAMED)                                                 \
  X(pro_name, reader_text, JOB(form.pro_name), 0, NOTHING, JOB_EVALUATE,       \
    JOB_FORM, TEXT)                                                            \
  X(dept_code, reader_text, JOB(form.dept_code), 0, NOTHING, 0, JOB_FORM,      \
    TEXT)                                                                      \
  X(dept_name, reader_text, JOB(form.dept_name), 0, NOTHING, 0, JOB_FORM,      \
    TEXT)                                                                      \
  X(agency_code, reader_text, JOB(form.agency_code), 0, NOTHING, 0, JOB_FORM,  \
    TEXT)                                                                      \
  X(agency_name, reader_text, JOB(form.agency_name), 0, NOTHING, 0, JOB_FORM,  \
    TEXT)                                                                      \
  X(revision, read_revision, JOB(revision), 0, REVISION, JOB_FORM, JOB_FORM,   \
    SMALL)                                                                     \
  X(ruleset, reader_name, JOB(ruleset), JOB_NAME_CHARACTERS, NAME, 0, JOB_ALL, \
    NAMED)                                                                     \
  X(money_unit, read_money_unit, JOB(form.money_unit), 0, MONEY_UNIT, 0,       \
    JOB_FORM, UNIT)                                                            \
  X(funds, read_funds, JOB(form.funds), 0, NOTHING, JOB_EVALUATE, JOB_FORM,    \
    ANY)                                                                       \
  X(goal, read_goal, JOB(form), 0, NOTHING, 0, JOB_FORM, ANY)                  \
  X(indicators, read_indicators, JOB(form), 0, ROWS, JOB_EVALUATE, JOB_FORM,   \
    ANY)                                                                       \
  X(total, reader_figure, JOB(form.total), 0, NOTHING, 0, JOB_FORM, FIGURE)    \
  X(grade, reader_text, JOB(form.grade), 0, NOTHING, 0, JOB_FORM, TEXT)        \
  X(reason, reader_text, JOB(form.reason), 0, NOTHING, 0, JOB_FORM, TEXT)      \
  X(measure, reader_text, JOB(form.measure), 0, NOTHING, 0, JOB_FORM, TEXT)    \
  X(projects, read_projects, 0, 0, CODES, JOB_RECALCULATE, JOB_RECALCULATE, ANY)

enum job_row {
#define X(key, read, place, limit, expected, needed, allowed, shape) ROW_##key,
  JOB_LIST(X)
#undef X
};

/* The rows that a kind (one bit) needs, and those it knows. */
static inline uint64_t job_rows_needed(unsigned kind) {
#define X(key, read, place, limit, expected, needed, allowed, shape)           \
  | (uint64_t)(((needed)&kind) != 0) << ROW_##key
  return 0 JOB_LIST(X);
#undef X
}

static inline uint64_t job_rows_allowed(unsigned kind) {
#define X(key, read, place, limit, expected, needed, allowed, shape)           \
  | (uint64_t)(((allowed)&kind) != 0) << ROW_##key
  return 0 JOB_LIST(X);
#undef X
}

/* A row for each key of the list. */
extern const struct reader_table job_table;

/* The keys of the rows of money, by enum evald_fund. */
extern const struct evald_text job_fund_keys[EVALD_FUND_COUNT];

/* Whether a division and a year can be ones. */
bool job_is_division(struct evald_text text);

static inline bool job_is_year(int64_t year) {
  return year >= EVALD_YEAR_FIRST && year <= EVALD_YEAR_LAST;
}

#endif
