/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_PARCEL_H
#define DAEMON_PARCEL_H

/*
 * A batch of frames on its way from intake to a worker and, emptied, back.
 *
 * Each worker has a fixed number of parcels, so what was read and is not yet
 * committed is bounded: when all are out, intake stops reading, and senders
 * feel it. A parcel belongs to whoever was sent its pointer last.
 *
 * Beside each frame stands who is to be answered, if anybody.
 */

#include "bus/frames.h"

/* A job's return address; all zero where nobody waits for an answer. */
struct sender {
  uint32_t producer, generation; /* daemon/producers.h */
  uint64_t correlation;          /* the producer's own */
};

struct parcel {
  struct bus_frames *frames;
  struct sender *senders; /* one a frame */
  uint32_t next;          /* worker: the first frame not yet taken */
  uint32_t holds;         /* worker: works that still point into the frames */
};

#endif
