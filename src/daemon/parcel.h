/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_PARCEL_H
#define DAEMON_PARCEL_H

/*
 * Up to half a batch of frames on its way from intake to a worker (or the
 * rescorer) and, emptied, back.
 *
 * Each of them has a fixed number of parcels, so what was read and is not yet
 * committed is bounded: when all are out, intake stops reading, and senders
 * feel it. A parcel belongs to whoever was sent its pointer last.
 *
 * Beside each frame stands who is to be answered, if anybody.
 */

#include "bus/frames.h"
#include "bus/pipe.h"

/* A job's return address; all zero where nobody waits for an answer. */
struct sender {
  uint32_t producer, generation; /* daemon/producers.h */
  uint64_t correlation;          /* the producer's own */
};

/* Half, so that a batch at work holds no more than it needs of what the next
 * ones wait for. */
static inline int64_t parcel_share(int64_t of_a_batch) {
  return (of_a_batch + 1) / 2;
}

struct parcel {
  struct bus_frames *frames;
  struct sender *senders; /* one a frame */
  uint32_t next;          /* worker: the first frame not yet taken */
  uint32_t holds;         /* worker: works that still point into the frames */
};

/* So many parcels for `room` frames each; NULL: no memory. They are freed when
 * all who may have one have ended. */
struct parcel *parcels_new(size_t count, uint32_t room);
void parcels_free(struct parcel *parcels, size_t count);

/* A work points into it no longer. It goes home when all of it was taken and
 * nothing points into it. */
void parcel_let_go(struct parcel *parcel, struct bus_pipe *home);

#endif
