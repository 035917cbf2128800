/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_SETUP_H
#define DAEMON_SETUP_H

/* From a configuration to what the actors are started with. All of it is
 * tried by --check-config, and nothing of it needs Redis. */

#include "daemon/config.h"
#include "daemon/options.h"
#include "store/redis.h"

/* Reads the configuration that the command line asks for: --config, else
 * /etc/evald/evald.yaml where it exists (but not with --dev), else the
 * defaults; then what the command line overrides. `config` is to be finished
 * by the caller in any case. */
enum evald_status setup_config(const struct options *options,
                               struct config *config,
                               struct evald_fault *fault);

/* How to reach Redis; texts live in the configuration's arena. */
enum evald_status setup_store(const struct config *config,
                              struct store_options *out,
                              struct evald_fault *fault);

/* Loads the rulesets and the routes to them. The caller owns a reference. */
enum evald_status setup_rules(const struct config *config,
                              struct ruleset_set **out,
                              struct evald_fault *fault);

#endif
