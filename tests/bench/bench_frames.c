/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_frames COUNT DIVISIONS
 *
 * Writes the first COUNT jobs of jobs.h to standard output, each behind its
 * size in four bytes, little-endian: for the peers that are not in C.
 */

#include "jobs.h"
#include <stdio.h>

static void write_frame(struct wire_bytes frame) {
  uint8_t size[4];
  for (int i = 0; i < 4; i++)
    size[i] = (uint8_t)(frame.size >> (8 * i));
  if (fwrite(size, 1, sizeof size, stdout) != sizeof size ||
      fwrite(frame.data, 1, frame.size, stdout) != frame.size)
    bench_stop("standard output", "cannot be written");
}

int main(int argc, char **argv) {
  static struct jobs jobs;
  if (argc != 3) bench_stop("usage", "bench_frames COUNT DIVISIONS");
  struct jobs_plan plan = {.count = bench_number(argv[1], 1),
                           .divisions = bench_number(argv[2], 1),
                           .stride = 1,
                           .revision = 1};
  jobs_make(&jobs, &plan);
  for (size_t i = 0; i < jobs.count; i++)
    write_frame(jobs_frame(&jobs, i));
  jobs_free(&jobs);
  return 0;
}
