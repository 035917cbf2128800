/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SYSTEM_H
#define SIM_SYSTEM_H

/* What the parts of the fake system know of each other. */

#include "sim/sim.h"

/* File descriptors from here on are ours. */
enum {
  SIM_FD = 1 << 20, /* connections to Redis */
  SIM_FD_SIGNALS = SIM_FD - 1,
  SIM_FD_EVENTS = 1 << 21 /* eventfds */
};

/* Whether a read of the descriptor would not wait. */
bool sim_fd_readable(int fd);
bool sim_eventfd_readable(int fd);

void sim_signal(struct sim_process *process, int number);

#endif
