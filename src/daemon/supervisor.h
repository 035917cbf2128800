/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

/*
 * The supervisor: the main thread, which starts the actors, takes signals and
 * ends it all in order.
 *
 * Start: publisher, workers, intake; the doors are open when it says READY.
 * Stop (SIGTERM, SIGINT): intake reads what has arrived and closes; workers
 * commit what they were given; the publisher tells the last of it. A second
 * SIGTERM ends the process at once.
 * SIGHUP: the rulesets are loaded anew beside those in use and handed to the
 * workers; unsound ones change nothing.
 * An actor that ends unasked ends the daemon, with status 1: whoever started
 * it starts it again, and nothing that was committed is lost.
 */

#include "daemon/config.h"
#include "daemon/dev.h"
#include "store/redis.h"

/* Runs until the end; the process's exit status. `rules` is taken over. */
int supervisor_run(const struct config *config,
                   const struct store_options *store, struct ruleset_set *rules,
                   struct dev *dev);

/* Blocks the signals that supervisor_run takes, before any thread and any
 * child. */
void supervisor_block_signals(void);

#endif
