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
 */

struct options {
  uint64_t from, count;
  bool one;
};

static bool read_options(int argc, char **argv, struct options *out) {
  *out = (struct options){.from = 1, .count = 1000};
  for (int i = 1; i + 1 < argc; i += 2) {
    uint64_t value = strtoull(argv[i + 1], NULL, 10);
    if (strcmp(argv[i], "--seeds") == 0)
      out->count = value;
    else if (strcmp(argv[i], "--from") == 0)
      out->from = value;
    else if (strcmp(argv[i], "--seed") == 0)
      *out = (struct options){value, 1, true};
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
    if (!world_run(seed, &result)) {
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

int main(int argc, char **argv) {
  struct options options;
  if (!read_options(argc, argv, &options)) {
    (void)fprintf(stderr, "usage: sim [--seeds N] [--from N] | --seed N\n");
    return 2;
  }
  sim_verbose = options.one;
  log_init(options.one ? LOG_DEBUG : LOG_ERROR);
  if (!jobs_open(EVALD_SOURCE_DIR "/config/rulesets")) return 1;
  unsigned failed = run_all(&options);
  jobs_close();
  return failed > 0;
}
