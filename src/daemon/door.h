/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_DOOR_H
#define DAEMON_DOOR_H

/*
 * The acknowledged door: the ROUTER, what producers say through it and what
 * they are answered. Intake owns it and reads it; docs/PROTOCOL.md has the
 * messages.
 *
 * A message is read frame by frame, so that a long one waits in libzmq where
 * the workers have no room for it. The door never waits for a producer: what
 * a full connection does not take is kept within submit.answer_bytes, and who
 * goes beyond is cut off, named and counted; it finds the door silent, and
 * begins anew with a hello.
 */

#include "bus/socket.h"
#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/parcel.h"
#include "daemon/producers.h"
#include "daemon/shard.h"
#include "wire/answer_codec.h"

enum { DOOR_REFUSED_MAX = 1024, DOOR_FALLS_MAX = 256 };
enum { DOOR_FRAMES_MAX = 1024 }; /* jobs of one message */

/* A job that was let in; the frame is the caller's. */
struct door_job {
  struct bus_frame frame;
  struct sender sender;
  bool later; /* a recalculation: after live jobs */
};

struct door {
  const struct config *config;
  struct metrics *metrics;
  struct bus_socket *socket;
  struct producers producers;
  struct wire_buffer buffer;
  uint64_t instance;
  const char *durability; /* what is promised at present */

  /* The latest, one for each division and year; who comes later hears them. */
  struct shard_fall falls[DOOR_FALLS_MAX];
  uint32_t fall_count;

  /* The message that is being read. */
  unsigned stage;
  struct producer *from; /* NULL: nobody whom we know */
  uint64_t correlation;  /* of the next job */
  uint64_t frames;       /* jobs so far */
  bool later;
  uint64_t refused[DOOR_REFUSED_MAX];
  uint32_t refused_count;
  enum wire_retry refused_for;

  uint32_t owing; /* producers with letters */
  int64_t next_flush, next_sweep;
  struct log_limit lines;
};

/* Binds doors.submit. */
enum evald_status door_open(struct door *door, struct bus_context *context,
                            const struct config *config,
                            struct metrics *metrics, struct evald_fault *fault);
void door_close(struct door *door);

/* Reads until a job is let in (true, `out` is set) or there is nothing more to
 * read at present. `refuse`: every job is answered to be sent again later, for
 * that reason; WIRE_RETRY_COUNT: none is. */
bool door_read(struct door *door, enum wire_retry refuse, struct door_job *out);

/* Takes back a job that was let in: it is to be sent again. */
void door_refuse(struct door *door, const struct sender *sender,
                 enum wire_retry reason);

/* Sends answers; takes the body over. */
void door_answer(struct door *door, const struct sender *to, uint32_t answers,
                 struct bus_frame *body);

/* The store lost what was acknowledged with an older epoch and a higher seq:
 * asks everybody to send it again. */
void door_ask_resend(struct door *door, const struct shard_fall *fall);

/* Answers were lost for want of memory: everybody begins anew. */
void door_cut_all(struct door *door);

/* Tries letters again, forgets who is gone; and how long it may wait for the
 * next time, -1: for ever. */
void door_tend(struct door *door);
int door_wait_ms(const struct door *door);

#endif
