/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "daemon/signals.h"
#include "daemon/worker_inside.h"
#include "store/transaction.h"

/* Reaching Redis, losing it, and what it must be set to. */

static void lose_connection(struct worker *worker,
                            const struct evald_fault *fault) {
  if (worker->connected) {
    log_fault(LOG_ERROR, _("Redis is away; jobs are kept and reading stops"),
              fault);
    metrics_add(worker->metrics, METRIC_REDIS_LOST, 1);
  }
  worker->connected = false;
  if (worker->flying != NULL && worker->flying->stage == WORK_UNPROVEN) {
    worker->flying->doubtful = true;
    worker->flying->stage = WORK_DONE;
  }
  worker->stored_ruleset_count = 0;
  metrics_set(worker->metrics, METRIC_REDIS_UP, 0);
  shards_unwatch(worker);
  shards_uncheck(worker);
}

static void pause_retries(struct worker *worker) {
  int64_t most = worker->setup->config->redis_retry_ms;
  int64_t pause = worker->retry_pause > 0 ? worker->retry_pause * 2 : 10;
  worker->retry_pause = pause < most ? pause : most;
  worker->retry_at = clock_ms() + worker->retry_pause;
}

void reach_meet_trouble(struct worker *worker, enum evald_status status,
                        const struct evald_fault *fault) {
  if (status == EVALD_INTERFERED) return;
  shards_unwatch(worker);
  if (status == EVALD_TIMEOUT) return;
  if (status == EVALD_SYNTAX || status == EVALD_INVALID)
    shards_uncheck(worker); /* a key may have become another's */
  pause_retries(worker);
  if (!store_connected(worker->store)) {
    lose_connection(worker, fault);
    return;
  }
  metrics_set(worker->metrics, METRIC_REDIS_UP, 0); /* up is who commits */
  if (!log_allowed(&worker->trouble_lines)) return;
  if (status == EVALD_MEMORY)
    log_line(LOG_ERROR,
             _("no memory; the jobs are kept and tried again: give the machine "
               "more, or lower worker.memory_bytes"));
  else
    log_fault(LOG_ERROR, _("Redis refuses; the jobs are kept and tried again"),
              fault);
}

/* ---- connecting ---- */

/* Tells the publisher the present state of every shard. Skipped where no work
 * is idle: then there is traffic, which tells as well. */
static enum evald_status survey(struct worker *worker,
                                struct evald_fault *fault) {
  if (worker->idle_count == 0) return EVALD_OK;
  struct work *work = worker_take_idle(worker);
  enum evald_status status = survey_shards(worker, work, fault);
  work->stage = WORK_DONE;
  worker_publish(worker, work);
  return status;
}

void reach_look(struct worker *worker) {
  struct evald_fault fault = {0};
  int64_t repairs = worker->repairs;
  if (!worker->connected || worker->flying != NULL ||
      clock_ms() < worker->look_at)
    return;
  worker->look_at = clock_ms() + WORKER_LOOK_MS;
  enum evald_status status = store_repairs(worker->store, &repairs, &fault);
  if (status == EVALD_OK && repairs != worker->repairs &&
      worker->idle_count > 0) {
    status = survey(worker, &fault);
    worker->repairs = repairs;
  }
  if (status != EVALD_OK) reach_meet_trouble(worker, status, &fault);
}

/* What Redis is set to, against what is promised; intake tells producers. */
static enum evald_status hold_promise(struct worker *worker,
                                      struct evald_fault *fault) {
  struct store_settings settings;
  struct durability wanted = {0}, kept = {0};
  enum evald_status status =
      durability_read(worker->setup->config->store_durability, &wanted, fault);
  if (status == EVALD_OK)
    status = store_settings_read(worker->store, &settings, fault);
  if (status == EVALD_OK)
    status = durability_check(&wanted, &settings, &kept, fault);
  if (status != EVALD_OK) return status;
  if (kept.mode == DURABILITY_MEMORY && wanted.mode == DURABILITY_AUTO &&
      worker->promise.mode != DURABILITY_MEMORY)
    log_line(LOG_WARNING,
             _("appendonly is off in Redis: what is acknowledged is lost with "
               "its process; set it to yes"));
  worker->promise = kept;
  /* A replica that took over may lack what its primary had answered. */
  worker->keeps = kept.mode == DURABILITY_ALWAYS && !settings.promoted;
  struct bus_signal signal = {.code = SIGNAL_PROMISE,
                              .number =
                                  (uint32_t)kept.mode << 8 | kept.replicas};
  bus_signal_send(worker->setup->inbox, signal, -1);
  return EVALD_OK;
}

static enum evald_status reach(struct worker *worker,
                               struct evald_fault *fault) {
  enum evald_status status = store_connect(worker->store, fault);
  if (status == EVALD_OK) status = hold_promise(worker, fault);
  if (status == EVALD_OK && worker->flying != NULL &&
      worker->flying->stage == WORK_SENT)
    status = commit_resolve(worker, worker->flying, fault);
  if (status == EVALD_INTERFERED) status = EVALD_OK;
  if (status == EVALD_OK)
    status = store_repairs(worker->store, &worker->repairs, fault);
  if (status == EVALD_OK) status = survey(worker, fault);
  return status;
}

void reach_try(struct worker *worker) {
  struct evald_fault fault = {0};
  enum evald_status status = reach(worker, &fault);
  if (status != EVALD_OK) {
    /* Refused for what it is set to: the fault names the setting. */
    bool unfit = status == EVALD_INVALID && store_connected(worker->store);
    if (log_allowed(&worker->trouble_lines))
      log_fault(unfit ? LOG_ERROR : LOG_WARNING,
                unfit ? _("Redis is refused; nothing is committed until this "
                          "is mended")
                      : _("Redis cannot be reached"),
                &fault);
    store_disconnect(worker->store);
    lose_connection(worker, &fault);
    pause_retries(worker);
    return;
  }
  worker->connected = true;
  worker->retry_at = worker->retry_pause = 0;
  metrics_set(worker->metrics, METRIC_REDIS_UP, 1);
  char promise[DURABILITY_TEXT];
  durability_print(&worker->promise, promise);
  log_line(LOG_INFO, _("worker %u: connected to Redis; durability: %s"),
           worker->setup->number, promise);
}

enum evald_status reach_prove(struct worker *worker, struct work *work,
                              struct evald_fault *fault) {
  int wanted = worker->promise.replicas, confirmed = 0;
  enum evald_status status = store_confirm(worker->store, &confirmed, fault);
  if (status == EVALD_OK && confirmed >= wanted) work->stage = WORK_DONE;
  if (status == EVALD_OK && confirmed < wanted &&
      log_allowed(&worker->trouble_lines))
    log_line(LOG_WARNING,
             _("%d of %d replicas have confirmed; the answers wait"), confirmed,
             wanted);
  return status;
}
