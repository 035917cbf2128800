/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_DAEMON_H
#define SIM_DAEMON_H

/* A whole evald as a process of the world, and its lives. */

#include "daemon/config.h"
#include "daemon/dev.h"
#include "sim/sim.h"
#include "store/redis.h"

struct life {
  struct sim_process process;
  struct sim_task *task;
  struct config config;
  struct store_options store;
  struct dev dev;
  char doors[3][32]; /* jobs, submit, events */
  char name[16];
  int status; /* what it ended with */
};

enum { DAEMONS_MAX = 2, DAEMON_LIVES = 12 };

struct daemon {
  struct life *lives[DAEMON_LIVES];
  unsigned life_count;
  unsigned number;
};

/* What all daemons of a run are set to. */
struct daemon_settings {
  const char *durability;
  unsigned workers, batch_jobs, window;
};

void daemon_begin(const struct daemon_settings *settings);
void daemon_start(struct daemon *daemon);
/* The life that runs, and is not being ended; NULL: none. */
struct life *daemon_life(const struct daemon *daemon);
/* SIGTERM; SIGKILL: from now on nothing of it reaches anybody, and it ends
 * by itself, for its memory. */
void daemon_stop(struct daemon *daemon);
void daemon_kill(struct daemon *daemon);
/* Whether every life has ended. */
bool daemon_is_over(const struct daemon *daemon);
void daemon_end(struct daemon *daemon);

#endif
