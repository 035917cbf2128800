/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"
#include "sim/jobs.h"
#include "sim/world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * sim --seeds N [--from N]   runs that many worlds and says how many failed
 * sim --seed N               one, telling what happens in it
 * sim --memory N [--from N]  that many quiet worlds, each once for every
 *                            allocation of its daemons, which then fails
 * sim --seed N --refused N   one of those, telling
 */

struct options {
  uint64_t from, count, refused;
  bool one, memory;
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
                              .quiet = options->refused > 0,
                              .refused = options->refused};
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

/* Each allocation of a quiet world in turn. */
static unsigned refuse_each(uint64_t seed, uint64_t *runs) {
  struct world_plan plan = {.seed = seed, .quiet = true};
  struct world_result result;
  unsigned failed = !world_run(&plan, &result);
  uint64_t count = result.allocations;
  for (plan.refused = 1; plan.refused <= count && failed < 5; plan.refused++) {
    ++*runs;
    if (world_run(&plan, &result)) continue;
    (void)fprintf(stderr,
                  "allocation %llu of seed %llu; see it: sim --seed %llu "
                  "--refused %llu\n",
                  (unsigned long long)plan.refused, (unsigned long long)seed,
                  (unsigned long long)seed, (unsigned long long)plan.refused);
    failed++;
  }
  return failed;
}

static unsigned refuse_all(const struct options *options) {
  uint64_t runs = 0;
  unsigned failed = 0;
  for (uint64_t i = 0; i < options->count && failed == 0; i++)
    failed += refuse_each(options->from + i, &runs);
  (void)printf("%llu allocations refused, one a run, %u runs failed\n",
               (unsigned long long)runs, failed);
  return failed;
}

int main(int argc, char **argv) {
  struct options options;
  if (!read_options(argc, argv, &options)) {
    (void)fprintf(stderr, "usage: sim [--seeds N | --memory N] [--from N] | "
                          "--seed N [--refused N]\n");
    return 2;
  }
  sim_verbose = options.one;
  log_init(options.one ? LOG_DEBUG : LOG_ERROR);
  if (!jobs_open(EVALD_SOURCE_DIR "/config/rulesets")) return 1;
  unsigned failed = options.memory ? refuse_all(&options) : run_all(&options);
  jobs_close();
  return failed > 0;
}
