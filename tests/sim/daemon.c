/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/daemon.h"
#include "daemon/setup.h"
#include "daemon/supervisor.h"
#include "sim/jobs.h"
#include "sim/net.h"
#include "sim/redis.h"
#include "sim/system.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct daemon_settings settings;

void daemon_begin(const struct daemon_settings *given) {
  settings = *given;
}

static void configure(struct life *life) {
  struct config *config = &life->config;
  if (config_init(config) != EVALD_OK) abort();
  config->doors_jobs.item[0] = life->doors[0];
  config->doors_submit.item[0] = life->doors[1];
  config->doors_events.item[0] = life->doors[2];
  config->doors_metrics = "off";
  config->store_durability = settings.durability;
  config->worker_count = settings.workers;
  config->intake_batch_jobs = settings.batch_jobs;
  config->intake_batches = 2;
  config->submit_window = settings.window;
  config->submit_producers = 300;
  config->redis_timeout_ms = 500;
  config->redis_retry_ms = 200;
  config->shutdown_drain_ms = 300;
  config->worker_cache_projects = 8;
  config->store_rejects = 5;
  config->store_pack = false; /* another's work; the model reads plain bytes */
}

static void run(void *argument) {
  struct life *life = argument;
  struct evald_fault fault = {0};
  if (setup_store(&life->config, &life->store, &fault) != EVALD_OK) abort();
  life->status = supervisor_run(&life->config, &life->store,
                                ruleset_set_ref(jobs_rules), &life->dev);
}

void daemon_start(struct daemon *daemon) {
  static const char *const doors[] = {"jobs", "submit", "events"};
  if (daemon->life_count == DAEMON_LIVES) return;
  struct life *life = sim_take(sizeof *life);
  unsigned number = daemon->life_count;
  daemon->lives[daemon->life_count++] = life;
  (void)snprintf(life->name, sizeof life->name, "d%u.%u", daemon->number,
                 number);
  for (int i = 0; i < 3; i++)
    (void)snprintf(life->doors[i], sizeof life->doors[i], "tcp://%s:%s",
                   life->name, doors[i]);
  life->process.name = life->name;
  configure(life);
  life->task = sim_start(&life->process, run, life);
  sim_note("%s starts", life->name);
}

struct life *daemon_life(const struct daemon *daemon) {
  if (daemon->life_count == 0) return NULL;
  struct life *life = daemon->lives[daemon->life_count - 1];
  return life->process.cut || sim_is_done(life->task) ? NULL : life;
}

void daemon_stop(struct daemon *daemon) {
  struct life *life = daemon_life(daemon);
  if (life == NULL) return;
  sim_note("%s is stopped", life->name);
  sim_signal(&life->process, SIGTERM);
}

void daemon_kill(struct daemon *daemon) {
  struct life *life = daemon_life(daemon);
  if (life == NULL) return;
  sim_note("%s is killed", life->name);
  net_cut(&life->process);
  redis_break_process(&life->process);
  sim_signal(&life->process, SIGTERM);
}

bool daemon_is_over(const struct daemon *daemon) {
  for (unsigned i = 0; i < daemon->life_count; i++)
    if (daemon->lives[i]->process.tasks > 0) return false;
  return true;
}

void daemon_end(struct daemon *daemon) {
  for (unsigned i = 0; i < daemon->life_count; i++) {
    config_fini(&daemon->lives[i]->config);
    free(daemon->lives[i]);
  }
  daemon->life_count = 0;
}
