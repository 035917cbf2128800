/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_REPAIR_H
#define CTL_REPAIR_H

/*
 * Mending a division and year from its results.
 *
 * First what nobody could read is cleared out of the way: a key of another type
 * is renamed, a field that is no integer deleted. Then, in its turn among the
 * writers, everything derived is computed from the results and set in one
 * transaction, which is refused where anybody wrote in between, and tried
 * again: the aggregate, the departments, seq and epoch, and an entry of the log
 * with the outcome `repaired`.
 *
 * Absolute values change without a job. So the epoch grows, by which readers
 * take a snapshot; the nonce changes, by which a daemon that holds the shard in
 * memory reads it anew; and the count in `repairs` grows, by which daemons that
 * have nothing to do with the shard tell their subscribers.
 *
 * Killed at any point it has mended all of a shard or nothing but what stood
 * in the way; run again, it goes on.
 */

#include "ctl/audit.h"

/* Results that cannot be read would be left out of the sums. So nothing at all
 * is done where there is one, unless --without-unreadable says that this is
 * meant. */
struct repair {
  struct audit_list set; /* what was done, in words */
  const char *refused;   /* why nothing was done; else NULL */
  int64_t epoch, seq;    /* of the transaction; 0: there was none */
};

/* `found` is what audit_run said. EVALD_TIMEOUT where others were faster again
 * and again. */
enum evald_status repair_run(struct ctl *ctl, const struct audit *found,
                             struct repair *out, struct evald_fault *fault);

#endif
