/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_SUPERVISOR_INSIDE_H
#define DAEMON_SUPERVISOR_INSIDE_H

/*
 * The supervisor's own state. supervisor_start.c opens the pipes and starts the
 * actors: who is connected to whom. supervisor.c is all that comes after it.
 * For these files alone.
 */

#include "daemon/http.h"
#include "daemon/intake.h"
#include "daemon/packer.h"
#include "daemon/publisher.h"
#include "daemon/rescorer.h"
#include "daemon/scorer.h"
#include "daemon/supervisor.h"
#include "daemon/worker.h"

enum {
  WORKERS_MAX = 16,
  ACTORS_MAX = WORKERS_MAX + 5,
  BLOCK_SUPERVISOR = 0,
  BLOCK_INTAKE,
  BLOCK_PUBLISHER,
  BLOCK_PACKER,
  BLOCK_RESCORER,
  BLOCK_SCORER,
  BLOCK_WORKERS /* and as many as there are workers */
};

struct supervisor {
  const struct config *config;
  struct dev *dev;
  struct ruleset_set *rules;
  struct bus_context *context;
  unsigned worker_count;
  size_t block_count;
  struct metrics *blocks;
  size_t parcel_count;
  struct parcel *parcels, *rescorer_parcels;
  struct work *rescorer_works[RESCORER_WORKS];
  int signals;
  struct http http;

  /* Pipes between actors; [0] is the first named end. */
  struct bus_pipe *to_worker[WORKERS_MAX][2];   /* intake, worker */
  struct bus_pipe *from_worker[WORKERS_MAX][2]; /* worker, publisher */
  struct bus_pipe *scored[WORKERS_MAX][2];      /* scorer, worker */
  struct bus_pipe *answers[2];                  /* publisher, intake */
  struct bus_pipe *later[2];                    /* intake, rescorer */
  struct bus_pipe *read[2];                     /* rescorer, scorer */
  struct bus_pipe *intake_ends[WORKERS_MAX], *publisher_ends[WORKERS_MAX],
      *scorer_ends[WORKERS_MAX];

  struct intake_setup intake_setup;
  struct publisher_setup publisher_setup;
  struct worker_setup worker_setups[WORKERS_MAX];
  struct packer_setup packer_setup;
  struct rescorer_setup rescorer_setup;
  struct scorer_setup scorer_setup;
  struct bus_actor *publisher, *intake, *packer, *rescorer, *scorer,
      *workers[WORKERS_MAX];
  struct store_options store; /* of every connection */
  _Atomic int64_t stop_by;    /* by which all shall have ended; 0: none */
  struct bus_actor *actors[ACTORS_MAX]; /* all that run */
  bool owes[ACTORS_MAX];                /* the answer to a ping */
  unsigned actor_count;
  bool ending;
  int status;
};

/* Starts everybody. Where one does not start, those before it run: stop all. */
enum evald_status supervisor_start(struct supervisor *supervisor,
                                   struct evald_fault *fault);

/* Closes the pipes, once nobody runs who has an end of them. */
void supervisor_close_pipes(struct supervisor *supervisor);

#endif
