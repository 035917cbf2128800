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
 * The acknowledged door (ROUTER) will use the same parcels, with a sender's
 * identity and correlation beside each frame; the PULL door leaves them empty.
 */

#include "bus/frames.h"

struct parcel {
  struct bus_frames *frames;
  uint32_t next;  /* worker: the first frame not yet taken */
  uint32_t holds; /* worker: works that still point into the frames */
};

#endif
