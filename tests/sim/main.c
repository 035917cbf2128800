/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"
#include "sim/jobs.h"
#include "sim/redis.h"
#include "sim/world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * sim --seeds N [--from N]   runs that many worlds and says how many failed
 * sim --seed N               one, telling what happens in it
 * sim --memory N [--from N]  that many quiet worlds, each once for every
 *                            allocation of its daemons, which then fails
 * sim --replies N [--from N] the same for every answer of Redis
 * sim --seed N --refused N, --seed N --spoilt N --how N
 *                            one of those, telling
 */

struct options {
  uint64_t from, count, refused, spoilt;
  unsigned how;
  bool one, memory, replies;
};

static bool read_options(int argc, char **argv, struct options *out) {
  *out = (struct options){.from = 1, .count = 1000};
  for (int i = 1; i + 1 < argc; i += 2) {
    uint64_t value = strtoull(argv[i + 1], NULL, 10);
    if (strcmp(argv[i], "--seeds") == 0)
      out->count = value;
    else if (strcmp(argv[i], "--from") == 0)
      out->from = value;
    else if (strcmp(argv[i], "--refused") == 0)
      out->refused = value;
    else if (strcmp(argv[i], "--spoilt") == 0)
      out->spoilt = value;
    else if (strcmp(argv[i], "--how") == 0)
      out->how = (unsigned)value;
    else if (strcmp(argv[i], "--replies") == 0)
      out->count = value, out->replies = true;
    else if (strcmp(argv[i], "--memory") == 0)
      out->count = value, out->memory = true;
    else if (strcmp(argv[i], "--seed") == 0)
      out->from = value, out->count = 1, out->one = true;
    else
      return false;
  }
  return argc % 2 == 1;
}

static unsigned run_all(const struct options *options) {
  struct world_result sum = {0};
  unsigned failed = 0;
  for (uint64_t i = 0; i < options->count && failed < 10; i++) {
    struct world_result result;
    uint64_t seed = options->from + i;
    struct world_plan plan = {.seed = seed,
                              .quiet = options->refused + options->spoilt > 0,
                              .refused = options->refused,
                              .spoilt = options->spoilt,
                              .how = options->how};
    if (!world_run(&plan, &result)) {
      (void)fprintf(stderr, "seed %llu failed; see it: sim --seed %llu\n",
                    (unsigned long long)seed, (unsigned long long)seed);
      failed++;
    }
    sum.jobs += result.jobs;
    sum.events += result.events;
    sum.told += result.told;
    sum.faults += result.faults;
  }
  (void)printf("%llu worlds, %u failed: %u jobs, %u faults, %u events in the "
               "end, %u changes acknowledged\n",
               (unsigned long long)options->count, failed, sum.jobs, sum.faults,
               sum.events, sum.told);
  return failed;
}

static void blame(const struct world_plan *plan) {
  (void)fprintf(stderr,
                "see it: sim --seed %llu --refused %llu --spoilt %llu "
                "--how %u\n",
                (unsigned long long)plan->seed,
                (unsigned long long)plan->refused,
                (unsigned long long)plan->spoilt, plan->how);
}

/* Counts `*number` up to `count`, a run each. */
static unsigned run_each(struct world_plan *plan, uint64_t *number,
                         uint64_t count) {
  struct world_result result;
  unsigned failed = 0;
  for (*number = 1; *number <= count && failed < 5; ++*number) {
    if (world_run(plan, &result)) continue;
    blame(plan);
    failed++;
  }
  *number = 0;
  return failed;
}

/* Each allocation of quiet worlds in turn, or each answer of Redis in each
 * way. */
static unsigned fail_each(const struct options *options) {
  uint64_t runs = 0;
  unsigned failed = 0;
  for (uint64_t i = 0; i < options->count && failed == 0; i++) {
    struct world_plan plan = {.seed = options->from + i, .quiet = true};
    struct world_result whole;
    failed += !world_run(&plan, &whole);
    uint64_t count = options->memory ? whole.allocations : whole.answers;
    unsigned ways = options->memory ? 1 : REDIS_SPOILT_COUNT;
    runs += ways * count;
    for (plan.how = 0; plan.how < ways; plan.how++)
      failed += run_each(&plan, options->memory ? &plan.refused : &plan.spoilt,
                         count);
  }
  (void)printf("%llu times one %s failed, %u runs did\n",
               (unsigned long long)runs,
               options->memory ? "allocation" : "answer of Redis", failed);
  return failed;
}

int main(int argc, char **argv) {
  struct options options;
  if (!read_options(argc, argv, &options)) {
    (void)fprintf(stderr, "usage: sim [--seeds N | --memory N | --replies N] "
                          "[--from N] | --seed N [--refused N] "
                          "[--spoilt N --how N]\n");
    return 2;
  }
  sim_verbose = options.one;
  log_init(options.one ? LOG_DEBUG : LOG_ERROR);
  if (!jobs_open(EVALD_SOURCE_DIR "/config/rulesets")) return 1;
  unsigned failed = options.memory || options.replies ? fail_each(&options)
                                                      : run_all(&options);
  jobs_close();
  return failed > 0;
}
