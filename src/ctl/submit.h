/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_SUBMIT_H
#define CTL_SUBMIT_H

/* The two ways of sending jobs. `wait_ms` is how long nothing may happen; all
 * answer an exit status. */

#include "ctl/ctl.h"
#include "evald/client.h"
#include "wire/outcome.h"

/* Sends the jobs in the files of the command line through the acknowledged
 * door: waits for every answer and tells it. Exits with 1 also where the store
 * keeps something else than what was sent (conflict) or has nothing to work on
 * (not_found). */
int submit_door(struct ctl *ctl, int64_t wait_ms);

/* Through the PULL door: tells only what was sent. */
int submit_push(struct ctl *ctl, int64_t wait_ms);

/* The acknowledged door for whoever has other jobs: `feed` hands each to
 * submission_send, which answers CTL_FINE, or the exit status with which to
 * give up; `told` (may be NULL) hears every answer beside the user. */
struct submission;
struct submission_feed {
  int (*feed)(struct submission *submission, void *context);
  void (*told)(void *context, const struct evald_answer *answer,
               enum wire_outcome outcome);
  void *context;
  const char *again; /* what to do about jobs without an answer; NULL: what
                      * is right for files */
};
int submission_run(struct ctl *ctl, int64_t wait_ms,
                   const struct submission_feed *feed);
int submission_send(struct submission *submission, struct wire_bytes frame,
                    uint64_t *number);

#endif
