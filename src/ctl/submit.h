/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_SUBMIT_H
#define CTL_SUBMIT_H

/* The two ways of sending jobs. Both read the files of the command line and
 * answer an exit status; `wait_ms` is how long nothing may happen. */

#include "ctl/ctl.h"

/* Through the acknowledged door: waits for every answer and tells it. Exits
 * with 1 also where the store keeps something else than what was sent
 * (conflict) or has nothing to work on (not_found). */
int submit_door(struct ctl *ctl, int64_t wait_ms);

/* Through the PULL door: tells only what was sent. */
int submit_push(struct ctl *ctl, int64_t wait_ms);

#endif
