/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_evaluate RULESET ROUNDS FORM.json…
 * bench_evaluate RULESET ROUNDS --made COUNT
 *
 * The cost of a job from its frame to its stored result (pre-scan, decode,
 * canonical form and digest, check, score, trace, contribution, encode),
 * against the cost of msgpack_unpack_next alone on the same frame. The two are
 * run in alternation; a figure is the median over the rounds. One line of
 * JSON. Jobs are led through in groups by the daemon's own function. A few
 * forms over and over are what a processor foretells by heart;
 * COUNT made-up ones, each different, are what a day of a daemon is like.
 *
 * With ROUNDS 0 every form is evaluated and unpacked ten times and nothing is
 * timed: that is what an instruction counter wants, which finds the two by
 * name (callgrind --toggle-collect=evaluate_some).
 */

#include "daemon/group.h"
#include "evald/ruleset.h"
#include "jobs.h"
#include "wire/json.h"
#include <msgpack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEAT = 2000, ROUNDS_MAX = 101, COUNTED = 10, DIVISIONS = 17 };

/* Kept a function of its own, under its own name. */
#if defined(__GNUC__)
#define APART __attribute__((noinline, used))
#else
#define APART
#endif

struct bench {
  struct evald_ruleset *ruleset;
  struct wire_buffer bytes;
  struct group group;
  struct wire_bytes *frames;
  size_t frame_count, frame_bytes;
  struct jobs made; /* where there are none, each frame is on its own */
};

static char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) bench_stop(path, "cannot be opened");
  char *data = malloc(1 << 20);
  if (!data) bench_stop(path, "no memory");
  *size = fread(data, 1, 1 << 20, file);
  (void)fclose(file);
  return data;
}

static void add_frame(struct bench *bench, struct wire_bytes frame) {
  bench->frames[bench->frame_count++] = frame;
  bench->frame_bytes += frame.size;
}

static void add_file(struct bench *bench, const char *path) {
  size_t size = 0;
  char *json = read_file(path, &size);
  struct wire_buffer frame = {0};
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  if (wire_json_to_msgpack((struct evald_text){json, size},
                           &wire_limits_default, &frame, &rejects)) {
    bench_stop(path, "is not a job");
  }
  free(json);
  add_frame(bench, wire_buffer_bytes(&frame));
}

static void add_made(struct bench *bench, size_t count) {
  struct jobs_plan plan = {
      .count = count, .divisions = DIVISIONS, .stride = 1, .revision = 1};
  jobs_make(&bench->made, &plan);
  for (size_t i = 0; i < count; i++)
    add_frame(bench, jobs_frame(&bench->made, i));
}

static void read_job(struct bench *bench, struct wire_bytes frame) {
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  struct group_place *place = group_add(&bench->group);
  place->frame = frame;
  place->ruleset = bench->ruleset;
  if (wire_job_decode(frame, &wire_limits_default, bench->group.scratch,
                      &place->job, &rejects)) {
    bench_stop("decode", rejects.items[0].key);
  }
}

APART static void evaluate_some(struct bench *bench,
                                const struct wire_bytes *frames, size_t count) {
  struct group *group = &bench->group;
  evald_arena_reset(group->scratch);
  wire_buffer_reset(&bench->bytes);
  group->count = 0;
  for (size_t i = 0; i < count; i++)
    read_job(bench, frames[i]);
  group_score(group);
  for (size_t i = 0; i < count; i++) {
    if (group->places[i].status) bench_stop("evaluate", "failed");
  }
}

APART static void unpack_some(struct bench *bench,
                              const struct wire_bytes *frames, size_t count) {
  (void)bench;
  for (size_t i = 0; i < count; i++) {
    msgpack_unpacked message;
    msgpack_unpacked_init(&message);
    size_t offset = 0;
    if (msgpack_unpack_next(&message, (const char *)frames[i].data,
                            frames[i].size,
                            &offset) != MSGPACK_UNPACK_SUCCESS) {
      bench_stop("unpack", "failed");
    }
    msgpack_unpacked_destroy(&message);
  }
}

typedef void some(struct bench *, const struct wire_bytes *, size_t);

static void each_once(struct bench *bench, some *function) {
  for (size_t i = 0; i < bench->frame_count; i += GROUP_JOBS) {
    size_t left = bench->frame_count - i;
    function(bench, bench->frames + i, left < GROUP_JOBS ? left : GROUP_JOBS);
  }
}

/* Nanoseconds a form, each as often as every other. */
static double time_of(struct bench *bench, some *function) {
  size_t times = (REPEAT + bench->frame_count - 1) / bench->frame_count;
  int64_t begin = bench_now();
  for (size_t i = 0; i < times; i++)
    each_once(bench, function);
  return (double)(bench_now() - begin) / (double)(times * bench->frame_count);
}

static int compare(const void *a, const void *b) {
  double left = *(const double *)a;
  double right = *(const double *)b;
  return (left > right) - (left < right);
}

static double median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, compare);
  return values[count / 2];
}

static void measure(struct bench *bench, int rounds) {
  static double ours[ROUNDS_MAX];
  static double theirs[ROUNDS_MAX];
  static double ratio[ROUNDS_MAX];
  (void)time_of(bench, evaluate_some); /* warm */
  (void)time_of(bench, unpack_some);
  for (int i = 0; i < rounds; i++) {
    ours[i] = time_of(bench, evaluate_some);
    theirs[i] = time_of(bench, unpack_some);
    ratio[i] = ours[i] / theirs[i];
  }
  printf("{\"evaluate.ns\": %.0f, \"unpack.ns\": %.0f, "
         "\"evaluate.ratio_to_unpack\": %.3f, \"frame.bytes\": %zu}\n",
         median(ours, rounds), median(theirs, rounds), median(ratio, rounds),
         bench->frame_bytes / bench->frame_count);
}

static void run_counted(struct bench *bench) {
  for (size_t i = 0; i < COUNTED; i++) {
    each_once(bench, evaluate_some);
    each_once(bench, unpack_some);
  }
}

static void fill(struct bench *bench, int count, char **files) {
  bool made = count == 2 && strcmp(files[0], "--made") == 0;
  size_t frames = made ? bench_number(files[1], 1) : (size_t)count;
  bench->frames = calloc(frames, sizeof *bench->frames);
  if (!bench->frames) bench_stop("frames", "no memory");
  if (made) add_made(bench, frames);
  for (int i = 0; i < count && !made; i++)
    add_file(bench, files[i]);
}

static void empty(struct bench *bench) {
  bool made = bench->made.count > 0;
  for (size_t i = 0; i < bench->frame_count && !made; i++)
    free((void *)(uintptr_t)bench->frames[i].data);
  jobs_free(&bench->made);
  free(bench->frames);
  wire_buffer_fini(&bench->bytes);
  evald_arena_free(bench->group.scratch);
  evald_ruleset_unref(bench->ruleset);
}

int main(int argc, char **argv) {
  static struct bench bench;
  struct evald_fault fault;
  if (argc < 4) {
    bench_stop("usage", "bench_evaluate RULESET ROUNDS FORM.json... or "
                        "RULESET ROUNDS --made COUNT");
  }
  evald_fault_clear(&fault);
  if (evald_ruleset_load(argv[1], &bench.ruleset, &fault)) {
    bench_stop(fault.place, fault.text);
  }
  bench.group = (struct group){.scratch = evald_arena_new(1 << 20),
                               .bytes = &bench.bytes};
  fill(&bench, argc - 3, argv + 3);
  int rounds = (int)bench_number(argv[2], 0);
  if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
  if (rounds > 0) {
    measure(&bench, rounds);
  } else {
    run_counted(&bench);
  }
  empty(&bench);
  return 0;
}
