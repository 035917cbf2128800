/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

/* What the daemon's actors say to each other. */

#include "bus/actor.h"

enum daemon_signal {
  SIGNAL_PARCEL = BUS_FIRST_FREE, /* intake ↔ worker, rescorer: struct parcel */
  SIGNAL_WORK, /* worker ↔ publisher, rescorer ↔ scorer ↔ worker: struct work
                */
  SIGNAL_RULES,   /* supervisor → worker, rescorer: a reference to a struct
                     ruleset_set */
  SIGNAL_PROMISE, /* worker → intake: struct durability, mode << 8 | replicas */
  SIGNAL_ANSWERS, /* publisher → intake: struct answers */
  SIGNAL_DRAIN,   /* supervisor → intake: let nothing more in */
  SIGNAL_DRAINED, /* intake → supervisor: all that was let in is handed over */
  SIGNAL_PING,    /* supervisor → any: are you alive? */
  SIGNAL_PONG     /* any → supervisor: yes */
};

/* For the body of an actor: the supervisor's next word, if there is one. Pings
 * are answered on the way. */
bool signals_next(struct bus_pipe *pipe, struct bus_signal *out);

#endif
