/* SPDX-License-Identifier: Apache-2.0 */
#include "jobs.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SECOND = 1000000000, ARENA_MAX = 1 << 20, YEAR = 2024 };

void bench_stop(const char *what, const char *why) {
  (void)fprintf(stderr, "bench: %s: %s\n", what, why);
  exit(1);
}

int64_t bench_now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

void bench_sleep_until(int64_t at_ns) {
  struct timespec time = {.tv_sec = at_ns / SECOND, .tv_nsec = at_ns % SECOND};
  (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

size_t bench_number(const char *text, size_t least) {
  char *end = NULL;
  size_t number = strtoul(text, &end, 10);
  if (*end || end == text || number < least) bench_stop(text, "not a number");
  return number;
}

static void make_one(struct jobs *jobs, const struct jobs_plan *plan,
                     struct evald_arena *arena, size_t number) {
  char code[32];
  char division[16];
  struct wire_job job;
  struct form_source source = form_source_default();
  source.divisions = (unsigned)plan->divisions;
  source.first_year = YEAR;
  source.year_count = 1;
  source.revision = plan->revision;
  evald_arena_reset(arena);
  if (form_make(&source, number, arena, &job)) bench_stop("form", "no memory");
  (void)snprintf(code, sizeof code, "P%020zu", number);
  (void)snprintf(division, sizeof division, "%09zu",
                 JOBS_DIVISION_FIRST + number % plan->divisions);
  job.form.pro_code = evald_text_of(code);
  job.form.mof_div_code = evald_text_of(division);
  wire_job_encode(&job, &jobs->bytes);
}

void jobs_make(struct jobs *jobs, const struct jobs_plan *plan) {
  struct evald_arena *arena = evald_arena_new(ARENA_MAX);
  jobs->count = plan->count;
  jobs->offsets = calloc(plan->count + 1, sizeof *jobs->offsets);
  if (!jobs->offsets || !arena) bench_stop("frames", "no memory");
  for (size_t i = 0; i < plan->count; i++) {
    jobs->offsets[i] = jobs->bytes.size;
    make_one(jobs, plan, arena, plan->first + i * plan->stride);
  }
  jobs->offsets[plan->count] = jobs->bytes.size;
  if (wire_buffer_done(&jobs->bytes)) bench_stop("frames", "no memory");
  evald_arena_free(arena);
}

struct wire_bytes jobs_frame(const struct jobs *jobs, size_t index) {
  return (struct wire_bytes){jobs->bytes.data + jobs->offsets[index],
                             jobs->offsets[index + 1] - jobs->offsets[index]};
}

void jobs_free(struct jobs *jobs) {
  wire_buffer_fini(&jobs->bytes);
  free(jobs->offsets);
}

size_t jobs_number_of(struct evald_text pro_code) {
  size_t number = 0;
  if (pro_code.size != 21 || pro_code.data[0] != 'P') return SIZE_MAX;
  for (size_t i = 1; i < pro_code.size; i++)
    number = number * 10 + (size_t)(pro_code.data[i] - '0');
  return number;
}

static int compare(const void *a, const void *b) {
  int64_t left = *(const int64_t *)a;
  int64_t right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

void bench_sort(int64_t *values, size_t count) {
  qsort(values, count, sizeof *values, compare);
}

int64_t bench_percentile(const int64_t *sorted, size_t count, int per_mille) {
  size_t at = count * (size_t)per_mille / 1000;
  return sorted[at < count ? at : count - 1];
}
