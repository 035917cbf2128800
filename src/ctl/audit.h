/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_AUDIT_H
#define CTL_AUDIT_H

/*
 * The audit of a division and year: everything that is derived from the results
 * is derived again and held against what is stored, at one and the same seq.
 *
 *  1. aggregate = the sum of the contributions of the results;
 *  2. each department = the sum over its results, and there is no other;
 *  3. the log has no hole, each entry's checksums fit its counters, and the
 *     entry that ends at the aggregate's seq has the aggregate's counters.
 */

#include "ctl/ctl.h"
#include "wire/event_codec.h"

struct audit_difference {
  struct audit_difference *next;
  const char *text; /* in the user's language */
};

enum { AUDIT_BUCKETS = 1024, AUDIT_DIFFERENCES_MAX = 1000 };

struct audit_department {
  struct audit_department *next;
  struct evald_text key;
  struct contribution sum;    /* of its results */
  struct contribution stored; /* where `is_stored` */
  bool is_stored;
};

struct audit {
  struct ctl *ctl;
  struct store_shard_key shard;
  struct store_shard_state state;
  struct contribution sum; /* of the results */
  size_t results, department_count, batches;
  struct audit_department *departments[AUDIT_BUCKETS];
  uint64_t log_seq; /* the last seq of the log so far */
  struct audit_difference *differences, **end;
  size_t difference_count;
};

/* Traffic may go on meanwhile. Texts live in ctl->job. EVALD_NOT_FOUND where
 * nothing is stored. */
enum evald_status audit_run(struct ctl *ctl,
                            const struct store_shard_key *shard,
                            struct audit *out, struct evald_fault *fault);

#endif
