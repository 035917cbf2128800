/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_FORM_MAKE_H
#define BENCH_FORM_MAKE_H

/*
 * Forms made up by a computer, as a city's departments would fill them in:
 * names, narratives, departments, figures, explanations and mistakes vary from
 * form to form, so that neither a compression nor a cache is flattered by a
 * few templates.
 *
 * Form `number` of a source depends on the source and the number alone: any
 * range can be made again, in any order, on any machine.
 */

#include "wire/job_codec.h"

struct form_source {
  uint64_t seed;
  unsigned divisions;              /* 1 to 1000; 17 are those of Shanghai */
  unsigned first_year, year_count; /* e.g. 2022, 3 */
  unsigned imperfect;              /* percent of forms with a mistake */
  int64_t revision; /* 1; a later one has other figures, the same names */
};

/* 17 divisions, 2022 to 2024, one form in eight imperfect. */
struct form_source form_source_default(void);

/* The division (nine digits) with that position. */
void form_division(unsigned position, char out[10]);

/* Form `number` lies in division number % divisions and year number /
 * divisions % year_count. Texts lie in the arena, about 8 KiB of it. The job
 * carries an id and a source ("bench"); it validates, whatever its mistakes.
 * EVALD_MEMORY. */
enum evald_status form_make(const struct form_source *source, uint64_t number,
                            struct evald_arena *arena, struct wire_job *out);

#endif
