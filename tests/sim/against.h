/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_AGAINST_H
#define SIM_AGAINST_H

/* One command of a sequence, as each of the two is sent it: they differ where
 * an argument is an id that the server chose. */

#include "sim/sim.h"

enum { AGAINST_CLIENTS = 3, AGAINST_SIDES = 2, AGAINST_IDS = 64 };

struct against_ids { /* chosen by a server, in the order of their coming */
  char items[AGAINST_IDS][40];
  unsigned count;
};

struct against_command {
  struct sim_bytes bytes[AGAINST_SIDES];
  char name[16];
};

/* Draws one that the store may send; in a MULTI one that may stand there. */
void against_draw(bool multi, const struct against_ids ids[AGAINST_SIDES],
                  struct against_command *out);

#endif
