/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_INTAKE_H
#define DAEMON_INTAKE_H

/*
 * The intake: an actor that owns the jobs door (PULL) and hands what arrives
 * to the worker that keeps its division and year.
 *
 * It takes what is there without waiting, each frame of a message as one job,
 * and sends each worker what it collected as soon as the door is empty or a
 * parcel is full. Frames are moved, not copied. When a worker has all its
 * parcels, reading stops until one comes back: that is the back-pressure.
 *
 * Frames over intake.max_message_bytes are let through, up to sixteen times as
 * much, for the pre-scan to reject: ZMQ_MAXMSGSIZE would cut the sender off in
 * silence, and nobody would learn why.
 *
 * The acknowledged door (ROUTER) will be a second socket in the same loop: its
 * frames go into the same parcels, with identity and correlation beside them.
 */

#include "bus/actor.h"
#include "daemon/config.h"
#include "daemon/metrics.h"
#include "daemon/parcel.h"

struct intake_setup {
  const struct config *config;
  struct bus_context *context;
  struct bus_socket *const *workers; /* a pipe to each */
  unsigned worker_count;
  struct metrics *metrics;
  /* worker_count × intake.batches of them, all idle; freed by the caller when
   * intake and workers have ended. */
  struct parcel *parcels;
};

/* A bus_actor_body; the argument is a struct intake_setup that outlives it. At
 * BUS_STOP it reads what has already arrived, for a second at most, hands it
 * over and closes the door. */
void intake_body(struct bus_socket *pipe, void *setup);

/* NULL: no memory. */
struct parcel *intake_parcels_new(const struct config *config);
void intake_parcels_free(struct parcel *parcels, const struct config *config);

#endif
