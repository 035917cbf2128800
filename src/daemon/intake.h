/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_INTAKE_H
#define DAEMON_INTAKE_H

/*
 * The intake: an actor that owns the doors of jobs (PULL, and the ROUTER of
 * daemon/door.h) and hands what arrives to the worker that keeps its division
 * and year.
 *
 * It takes what is there without waiting, from both doors in turn, and sends
 * each worker what it collected as soon as the doors are empty or a parcel is
 * full. Frames are moved, not copied. When a worker has all its parcels,
 * reading stops until one comes back: that is the back-pressure. Producers at
 * the ROUTER must not take silence for death: where no parcel comes back for a
 * while, they are read, and asked to send again later.
 *
 * Recalculations wait in intake, a bounded number of them, until every worker
 * has nothing live to do, and go to the rescorer one by one.
 *
 * Frames over intake.max_message_bytes are let through, up to sixteen times as
 * much, for the pre-scan to reject: ZMQ_MAXMSGSIZE would cut the sender off in
 * silence, and nobody would learn why.
 */

#include "bus/actor.h"
#include "bus/socket.h"
#include "daemon/config.h"
#include "daemon/metrics.h"
#include "daemon/parcel.h"

struct intake_setup {
  const struct config *config;
  struct bus_context *context;
  struct bus_pipe *const *workers; /* a pipe to each */
  unsigned worker_count;
  struct metrics *metrics;
  struct bus_pipe *answers;  /* from the publisher */
  struct parcel *parcels;    /* worker_count × intake.batches, all idle */
  struct bus_pipe *rescorer; /* a pipe to it */
  struct parcel *rescorer_parcels; /* RESCORER_WORKS for one frame each */
};

/* A bus_actor_body; the argument is a struct intake_setup that outlives it.
 * At SIGNAL_DRAIN it reads what has already arrived at the PULL door, for a
 * second at most, hands it over and says SIGNAL_DRAINED; from then on jobs are
 * refused, answers go on. At BUS_STOP it sends what answers there are and
 * closes the doors. */
void intake_body(struct bus_pipe *pipe, void *setup);

#endif
