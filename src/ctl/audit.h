/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_AUDIT_H
#define CTL_AUDIT_H

/*
 * The audit of a division and year: everything that is derived from the results
 * is derived again and held against what is stored, at one and the same seq.
 *
 *  1. each key is of its type, and the aggregate's fields are integers;
 *  2. aggregate = the sum of the contributions of the results;
 *  3. each department = the sum over its results, and there is no other;
 *  4. the log of the present epoch has no hole, each entry's checksums fit its
 *     counters, and the entry that ends at the aggregate's seq has the
 *     aggregate's counters. An epoch begins with a snapshot: what was wrong
 *     with the log before it misleads nobody any more.
 *
 * Where 1 does not hold the rest cannot be looked at.
 */

#include "ctl/ctl.h"
#include "store/mend.h"
#include "wire/event_codec.h"

struct audit_difference {
  struct audit_difference *next;
  const char *text; /* in the user's language */
};

struct audit_list {
  struct audit_difference *first, **end;
  size_t count, mendable;
};

enum { AUDIT_BUCKETS = 1024, AUDIT_DIFFERENCES_MAX = 1000 };

struct audit_department {
  struct audit_department *next;
  struct evald_text key, name;
  struct contribution sum;    /* of its results */
  struct contribution stored; /* where `is_stored` */
  bool is_stored, is_wrong;
};

struct audit_flaw {
  struct audit_flaw *next;
  enum store_key key;
  struct evald_text field, found;
};

struct audit {
  struct ctl *ctl;
  struct store_shard_key shard;
  struct audit_flaw *flaws; /* of 1 */
  struct store_shard_state state;
  struct contribution sum; /* of the results */
  size_t results, department_count, batches;
  size_t unreadable; /* results that are in no sum: they are among the
                      * differences, by name */
  struct audit_department *departments[AUDIT_BUCKETS];
  uint64_t log_seq, log_epoch; /* of the last entry so far */
  uint64_t log_first;          /* seq with which it begins; more than 1 where
                                * older entries were cut off */
  int64_t beyond;              /* seq of an entry that was not looked at */
  struct audit_list differences;
  struct audit_list before_log; /* `differences` when the log's epoch began */
};

/* Traffic may go on meanwhile; where it does not leave a large shard alone for
 * as long as reading takes, its writers are made to wait. Texts live in
 * ctl->arena, departments nowhere. EVALD_NOT_FOUND where nothing is stored. */
enum evald_status audit_run(struct ctl *ctl,
                            const struct store_shard_key *shard,
                            struct audit *out, struct evald_fault *fault);

/* Whether the results are a key of another type: nothing can be made from them,
 * and they are not --repair's to judge. */
bool audit_results_hidden(const struct audit *audit);

/* Of that 2 and 3 alone. Departments live in ctl->job until it is reset. */
enum evald_status audit_sums(struct ctl *ctl,
                             const struct store_shard_key *shard,
                             struct audit *out, struct evald_fault *fault);

/* How many results cannot be read, where nothing else may be looked at yet. */
enum evald_status audit_unreadable(struct ctl *ctl,
                                   const struct store_shard_key *shard,
                                   size_t *out, struct evald_fault *fault);

/* Watches the shard and reads its state; with `flags` 0 waits for the turn
 * among its writers first, which store_turn_hold then keeps. */
enum evald_status audit_watch(struct ctl *ctl,
                              const struct store_shard_key *shard,
                              unsigned flags, struct store_shard_state *out,
                              struct evald_fault *fault);

/* One more text at the end of a list. */
void audit_note(struct ctl *ctl, struct audit_list *list, const char *text);

#endif
