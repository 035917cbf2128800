/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_FORM_SEND_H
#define BENCH_FORM_SEND_H

/*
 * Sends made-up forms through the acknowledged door and measures how long each
 * waits for its answer. Answers are counted from the moment the job was due,
 * where it could not be handed over in time: a door that stalls is not
 * flattered by the jobs that it kept from coming.
 */

#include "form_make.h"

struct form_send {
  const struct form_source *source;
  uint64_t first, count; /* of the forms */
  const char *endpoint;
  unsigned rate;   /* a second; 0: as fast as answers come */
  const char *log; /* "<unix µs> <µs waited>" a line for each answer; or NULL */
};

/* Sends all, or until SIGTERM or SIGINT; then prints one line of JSON: sent,
 * answered, nacked, seconds, per_second, and at a rate the median, the 99th
 * percentile and the longest wait in microseconds. False: the door cannot be
 * used, or an answer is missing. */
bool form_send(const struct form_send *send);

#endif
