/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_RECALC_PACE_H
#define CTL_RECALC_PACE_H

/*
 * How fast to recalculate. The daemon scores recalculations out of the way of
 * live jobs and serves these first; but a live job waits for the commit of a
 * chunk that is on its way, and Redis answers what else is asked of it in
 * between. So beside live traffic chunks are small, and little of the store is
 * read at once; several on their way keep the actors busy that score them.
 * Beside much of it they are the smallest and come one by one, without any all
 * is large. What there is the daemon's metrics say; where they cannot be read,
 * the worst is assumed.
 */

#include "ctl/ctl.h"

struct pace {
  size_t chunk;    /* codes in one */
  unsigned window; /* chunks on their way at once */
  int step;        /* results to read from the store at once */

  uint64_t sent; /* chunks so far; the sender counts */

  int64_t looked_ms, live_ms, busy_ms; /* when last looked; when last there was
                                          any; when last much */
  int64_t taken_ms;                    /* when last counted */
  bool known;
  uint64_t frames, owed; /* as of then: metric; chunks it may or may not have */
};

/* Looks where that is due; `in_flight` chunks have no answer yet. */
void pace_look(struct pace *pace, const struct ctl *ctl, unsigned in_flight);

/* Takes a count of frames that the daemon has read. For pace_look and tests. */
void pace_take(struct pace *pace, int64_t now, uint64_t frames,
               unsigned in_flight);

#endif
