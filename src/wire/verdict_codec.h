/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_VERDICT_CODEC_H
#define WIRE_VERDICT_CODEC_H

/*
 * Verdicts in two shapes: the full map of docs/PROTOCOL.md, for people and
 * programs, and the compact stored result, for Redis.
 *
 * The stored result, version 1, a msgpack array:
 *
 *   [1, state (0 evaluated, 1 withdrawn), revision, form_digest,
 *    ruleset_digest, ruleset_id, job_id, dept_key, dept_name, pro_name,
 *    [counter, …],
 *    [rate, score, weight], [[score, weight, ratio, rule], …], total,
 *    grade_index, grade_name, [declared total, declared grade],
 *    [[code, level, rule, field, index, printed, expected, detail], …]]
 *
 * Digests are 16 bytes (bin), numbers integers of millionths, what is absent
 * is nil; a value of a finding is nil, an integer, [low, high] or a text; the
 * score of a row that does not count is nil. The counters are those of
 * CORE_COUNTER_LIST, in its order; a reader fills missing ones with 0. A
 * withdrawn result ends after the counters, which are empty; it keeps the
 * revision so that an older form cannot come back.
 *
 * There is no trace and no sentence in it: both are computed again from the
 * form and the ruleset, and the outcome must then have these same bytes.
 *
 * To change this format: a field may be appended at the end under the same
 * version (readers pass what they do not know). Anything else is version 2,
 * beside version 1, which every reader must go on reading. tests/unit/wire
 * holds golden bytes so that neither can happen by accident.
 */

#include "core/contribution.h"
#include "evald/evaluate.h"
#include "wire/buffer.h"

enum { WIRE_STORED_VERSION = 1, WIRE_VERDICT_VERSION = 1 };

enum wire_stored_state { WIRE_STORED_EVALUATED, WIRE_STORED_WITHDRAWN };

/* The department a result counts under: its code, else its name, else "-". */
struct evald_text wire_department_key(const struct evald_form *form);

/* The full verdict. Texts of findings are Chinese: the bytes do not depend on
 * a locale. */
void wire_verdict_encode(const struct evald_verdict *verdict,
                         struct wire_buffer *out);

/* The stored result of a verdict and its contribution. */
void wire_stored_encode(const struct evald_verdict *verdict,
                        const struct contribution *contribution,
                        struct wire_buffer *out);

/* What of a stored result decides about the next job of the same project. */
struct wire_stored_head {
  uint8_t state; /* enum wire_stored_state */
  int64_t revision;
  struct evald_digest form_digest; /* unknown where withdrawn */
  struct evald_digest ruleset_digest;
  struct evald_text ruleset_id;
  struct evald_text job_id;
  struct evald_text dept_key, dept_name, pro_name;
  struct contribution contribution; /* all 0 where withdrawn */
};

/* Writes the result of a withdrawal: revision, job_id and the department and
 * project names of `head`; the state is set to withdrawn. */
void wire_stored_encode_withdrawn(const struct wire_stored_head *head,
                                  struct wire_buffer *out);

/* Reads the head and nothing behind it; texts point into the bytes. No
 * allocation. EVALD_SYNTAX, EVALD_UNSUPPORTED. Safe over any bytes. */
enum evald_status wire_stored_head(struct wire_bytes bytes,
                                   struct wire_stored_head *out);

/* The head, and where the form stands (zero and absent where withdrawn): for
 * walks over very many. Safe over any bytes, but texts may be no UTF-8. */
struct wire_stored_brief {
  struct wire_stored_head head;
  evald_decimal total;
  uint8_t grade;
  struct evald_text grade_name;
};
enum evald_status wire_stored_brief(struct wire_bytes bytes,
                                    struct wire_stored_brief *out);

/* All of a stored result: for lists and tables. Rows and findings lie in the
 * arena, texts point into the bytes. */
struct wire_stored {
  struct wire_stored_head head;
  struct evald_execution execution;
  const struct evald_row_score *rows;
  size_t row_count;
  evald_decimal total;
  uint8_t grade;
  struct evald_text grade_name;
  struct evald_figure declared_total;
  struct evald_text declared_grade;
  const struct evald_finding *findings;
  size_t finding_count;
};

enum evald_status wire_stored_decode(struct wire_bytes bytes,
                                     struct evald_arena *arena,
                                     struct wire_stored *out);

/* The counters of a department as they lie in Redis under `departments`:
 * [name, counter, …], plain integers. */
void wire_department_encode(struct evald_text name,
                            const struct contribution *sum,
                            struct wire_buffer *out);
enum evald_status wire_department_decode(struct wire_bytes bytes,
                                         struct evald_text *name,
                                         struct contribution *sum);

#endif
