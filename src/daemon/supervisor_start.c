/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/i18n.h"
#include "daemon/log.h"
#include "daemon/supervisor_inside.h"

static enum evald_status open_pipes(struct supervisor *supervisor,
                                    struct evald_fault *fault) {
  enum evald_status status = bus_pipe_open(supervisor->answers, fault);
  if (status == EVALD_OK) status = bus_pipe_open(supervisor->later, fault);
  if (status == EVALD_OK) status = bus_pipe_open(supervisor->read, fault);
  for (unsigned i = 0; i < supervisor->worker_count && status == EVALD_OK;
       i++) {
    status = bus_pipe_open(supervisor->to_worker[i], fault);
    if (status == EVALD_OK)
      status = bus_pipe_open(supervisor->from_worker[i], fault);
    if (status == EVALD_OK)
      status = bus_pipe_open(supervisor->scored[i], fault);
    supervisor->intake_ends[i] = supervisor->to_worker[i][0];
    supervisor->publisher_ends[i] = supervisor->from_worker[i][1];
    supervisor->scorer_ends[i] = supervisor->scored[i][0];
  }
  return status;
}

void supervisor_close_pipes(struct supervisor *supervisor) {
  for (unsigned i = 0; i < WORKERS_MAX; i++)
    for (int k = 0; k < 2; k++) {
      bus_pipe_close(supervisor->to_worker[i][k]);
      bus_pipe_close(supervisor->from_worker[i][k]);
      bus_pipe_close(supervisor->scored[i][k]);
    }
  for (int k = 0; k < 2; k++) {
    bus_pipe_close(supervisor->answers[k]);
    bus_pipe_close(supervisor->later[k]);
    bus_pipe_close(supervisor->read[k]);
  }
}

static enum evald_status start(struct supervisor *supervisor, const char *name,
                               bus_actor_body *body, void *setup,
                               struct bus_actor **out,
                               struct evald_fault *fault) {
  enum evald_status status = bus_actor_start(name, body, setup, out, fault);
  if (status == EVALD_OK) supervisor->actors[supervisor->actor_count++] = *out;
  return status;
}

static enum evald_status start_publisher(struct supervisor *supervisor,
                                         struct evald_fault *fault) {
  supervisor->publisher_setup =
      (struct publisher_setup){supervisor->config,
                               supervisor->context,
                               supervisor->publisher_ends,
                               supervisor->worker_count,
                               &supervisor->blocks[BLOCK_PUBLISHER],
                               supervisor->answers[0]};
  return start(supervisor, "publisher", publisher_body,
               &supervisor->publisher_setup, &supervisor->publisher, fault);
}

static enum evald_status start_workers(struct supervisor *supervisor,
                                       struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (unsigned i = 0; i < supervisor->worker_count && status == EVALD_OK;
       i++) {
    char name[16];
    fault_print(name, sizeof name, "worker-%u", i);
    supervisor->worker_setups[i] =
        (struct worker_setup){.config = supervisor->config,
                              .store = &supervisor->store,
                              .inbox = supervisor->to_worker[i][1],
                              .outbox = supervisor->from_worker[i][0],
                              .rescored = supervisor->scored[i][1],
                              .rules = supervisor->rules,
                              .metrics = &supervisor->blocks[BLOCK_WORKERS + i],
                              .number = i,
                              .count = supervisor->worker_count};
    status = start(supervisor, name, worker_body, &supervisor->worker_setups[i],
                   &supervisor->workers[i], fault);
  }
  return status;
}

static enum evald_status start_intake(struct supervisor *supervisor,
                                      struct evald_fault *fault) {
  supervisor->intake_setup =
      (struct intake_setup){supervisor->config,
                            supervisor->context,
                            supervisor->intake_ends,
                            supervisor->worker_count,
                            &supervisor->blocks[BLOCK_INTAKE],
                            supervisor->answers[1],
                            supervisor->parcels,
                            supervisor->later[0],
                            supervisor->rescorer_parcels};
  return start(supervisor, "intake", intake_body, &supervisor->intake_setup,
               &supervisor->intake, fault);
}

static enum evald_status start_rescorer(struct supervisor *supervisor,
                                        struct evald_fault *fault) {
  supervisor->rescorer_setup =
      (struct rescorer_setup){.config = supervisor->config,
                              .store = &supervisor->store,
                              .inbox = supervisor->later[1],
                              .scorer = supervisor->read[0],
                              .works = supervisor->rescorer_works,
                              .rules = supervisor->rules,
                              .metrics = &supervisor->blocks[BLOCK_RESCORER]};
  return start(supervisor, "rescorer", rescorer_body,
               &supervisor->rescorer_setup, &supervisor->rescorer, fault);
}

static enum evald_status start_scorer(struct supervisor *supervisor,
                                      struct evald_fault *fault) {
  supervisor->scorer_setup =
      (struct scorer_setup){.config = supervisor->config,
                            .inbox = supervisor->read[1],
                            .workers = supervisor->scorer_ends,
                            .worker_count = supervisor->worker_count,
                            .metrics = &supervisor->blocks[BLOCK_SCORER]};
  return start(supervisor, "scorer", scorer_body, &supervisor->scorer_setup,
               &supervisor->scorer, fault);
}

static enum evald_status start_packer(struct supervisor *supervisor,
                                      struct evald_fault *fault) {
  if (!supervisor->config->store_pack) return EVALD_OK;
  supervisor->packer_setup = (struct packer_setup){
      supervisor->config, &supervisor->store, &supervisor->blocks[BLOCK_PACKER],
      supervisor->blocks, supervisor->block_count};
  return start(supervisor, "packer", packer_body, &supervisor->packer_setup,
               &supervisor->packer, fault);
}

static enum evald_status start_http(struct supervisor *supervisor,
                                    struct evald_fault *fault) {
  supervisor->http.blocks = supervisor->blocks;
  supervisor->http.block_count = supervisor->block_count;
  supervisor->http.workers = supervisor->worker_count;
  const char *address = supervisor->config->doors_metrics;
  enum evald_status status = http_start(&supervisor->http, address, fault);
  if (status == EVALD_OK && supervisor->http.server != NULL)
    log_line(LOG_INFO, _("metrics: http://%s/metrics"), address);
  return status;
}

enum evald_status supervisor_start(struct supervisor *supervisor,
                                   struct evald_fault *fault) {
  enum evald_status status = open_pipes(supervisor, fault);
  if (status == EVALD_OK) status = start_http(supervisor, fault);
  if (status == EVALD_OK) status = start_publisher(supervisor, fault);
  if (status == EVALD_OK) status = start_workers(supervisor, fault);
  if (status == EVALD_OK) status = start_scorer(supervisor, fault);
  if (status == EVALD_OK) status = start_rescorer(supervisor, fault);
  if (status == EVALD_OK) status = start_packer(supervisor, fault);
  if (status == EVALD_OK) status = start_intake(supervisor, fault);
  return status;
}
