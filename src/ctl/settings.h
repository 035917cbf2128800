/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_SETTINGS_H
#define CTL_SETTINGS_H

/*
 * Where the daemon, its Redis and the rulesets are.
 *
 * Each address is taken from the first that has it: the option, the
 * environment, the private Redis of a running `evald --dev`, the configuration,
 * the default.
 *
 * X(name, key of evald's configuration, variable, default)
 */

#include "ctl/options.h"
#include "evald/arena.h"
#include "rules/ruleset_route.h"
#include "store/redis.h"

#define SETTING_LIST(X)                                                        \
  X(redis, "redis.address", "EVALD_REDIS", "127.0.0.1:6379")                   \
  X(jobs, "doors.jobs", "EVALD_JOBS", "tcp://127.0.0.1:5701")                  \
  X(submit, "doors.submit", "EVALD_SUBMIT", "tcp://127.0.0.1:5702")            \
  X(events, "doors.events", "EVALD_EVENTS", "tcp://127.0.0.1:5703")            \
  X(metrics, "doors.metrics", "EVALD_METRICS", "127.0.0.1:5709")               \
  X(rulesets, "rulesets.folder", "EVALD_RULESETS", "")

struct settings {
#define X(name, key, variable, fallback) const char *name;
  SETTING_LIST(X)
#undef X
  struct store_options store; /* where `redis` says */
  struct ruleset_routes routes;
  bool routes_default; /* nobody said any */
};

/* Texts live in the arena, in the options and in the environment. A file that
 * was named and cannot be read is a fault; a default one that is not there is
 * not. */
enum evald_status settings_read(const struct options *options,
                                struct evald_arena *arena, struct settings *out,
                                struct evald_fault *fault);

#endif
