/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_JOBS_H
#define BENCH_JOBS_H

/*
 * What the programs of the bench share: jobs with made-up forms, encoded
 * before any clock starts; a clock; percentiles.
 *
 * Job number n has the form of that number (form_make.h) of fiscal year 2024.
 * It goes to division 310000000 + n mod divisions and has the project code "P"
 * and n in twenty digits, so that whoever sees its event knows which job it
 * was.
 */

#include "form_make.h"
#include "wire/buffer.h"

enum { JOBS_DIVISIONS_MAX = 1000, JOBS_DIVISION_FIRST = 310000000 };

struct jobs {
  size_t count;
  struct wire_buffer bytes;
  size_t *offsets; /* count + 1 of them */
};

/* Which jobs: `count` of them, numbers first, first + stride, … */
struct jobs_plan {
  size_t count, divisions, first, stride;
  int64_t revision;
};

/* Says what and why on standard error and ends the program. */
_Noreturn void bench_stop(const char *what, const char *why);

/* Monotonic, in nanoseconds. */
int64_t bench_now(void);
void bench_sleep_until(int64_t at_ns);

/* A number of the command line from `least` on; ends the program else. */
size_t bench_number(const char *text, size_t least);

void jobs_make(struct jobs *jobs, const struct jobs_plan *plan);
struct wire_bytes jobs_frame(const struct jobs *jobs, size_t index);
void jobs_free(struct jobs *jobs);

/* The number in a project code of ours; SIZE_MAX for another. */
size_t jobs_number_of(struct evald_text pro_code);

/* Sorts, and gives the value below which `per_mille` of them lie. */
void bench_sort(int64_t *values, size_t count);
int64_t bench_percentile(const int64_t *sorted, size_t count, int per_mille);

#endif
