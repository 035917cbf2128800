/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/i18n.h"
#include "bus/wait.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/setup.h"
#include "daemon/signals.h"
#include "daemon/supervisor_inside.h"
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void signal_set(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGHUP);
  sigaddset(set, SIGCHLD);
}

void supervisor_block_signals(void) {
  sigset_t set;
  signal_set(&set);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
}

/* ---- signals ---- */

static void hand_rules_to(struct supervisor *supervisor,
                          struct bus_actor *actor) {
  struct bus_signal signal = {.code = SIGNAL_RULES,
                              .pointer = ruleset_set_ref(supervisor->rules)};
  bus_signal_send(bus_actor_pipe(actor), signal, -1);
}

static void hand_rules(struct supervisor *supervisor) {
  for (unsigned i = 0; i < supervisor->worker_count; i++)
    hand_rules_to(supervisor, supervisor->workers[i]);
  hand_rules_to(supervisor, supervisor->rescorer);
}

static void reload(struct supervisor *supervisor) {
  struct evald_fault fault = {0};
  struct ruleset_set *fresh = NULL;
  struct metrics *block = &supervisor->blocks[BLOCK_SUPERVISOR];
  notify_reloading();
  metrics_add(block, METRIC_RELOADS, 1);
  if (setup_rules(supervisor->config, &fresh, &fault) == EVALD_OK) {
    ruleset_set_unref(supervisor->rules);
    supervisor->rules = fresh;
    hand_rules(supervisor);
    log_line(LOG_NOTICE, _("the rulesets were read anew"));
  } else {
    metrics_add(block, METRIC_RELOADS_FAILED, 1);
    log_fault(LOG_ERROR,
              _("the rulesets are unsound; those in use stay in use"), &fault);
  }
  notify_ready(_("serving"));
}

static void end(struct supervisor *supervisor) {
  supervisor->ending = true;
}

static void reap(struct supervisor *supervisor) {
  dev_reap(supervisor->dev);
}

static const struct {
  int number;
  void (*take)(struct supervisor *);
} signal_table[] = {
    {SIGTERM, end}, {SIGINT, end}, {SIGHUP, reload}, {SIGCHLD, reap}};

static void read_signals(struct supervisor *supervisor) {
  struct signalfd_siginfo info;
  while (read(supervisor->signals, &info, sizeof info) == sizeof info)
    for (size_t i = 0; i < sizeof signal_table / sizeof signal_table[0]; i++)
      if ((int)info.ssi_signo == signal_table[i].number)
        signal_table[i].take(supervisor);
}

/* ---- the loop ---- */

static void read_actor(struct supervisor *supervisor, unsigned i) {
  struct bus_pipe *pipe = bus_actor_pipe(supervisor->actors[i]);
  struct bus_signal signal;
  while (bus_signal_receive(pipe, &signal, 0) == EVALD_OK) {
    if (signal.code == SIGNAL_PONG) supervisor->owes[i] = false;
    if (signal.code != BUS_EXITED) continue;
    log_line(LOG_ERROR, _("a part of the daemon has ended; so does the rest"));
    supervisor->status = 1;
    supervisor->ending = true;
  }
}

/* On which nothing live depends: it may take long over a step. */
static bool may_be_slow(const struct supervisor *supervisor, unsigned i) {
  const struct bus_actor *actor = supervisor->actors[i];
  return actor == supervisor->packer || actor == supervisor->rescorer ||
         actor == supervisor->scorer;
}

/* Who owes an answer is not asked again: pings would fill the pipe of one that
 * is stuck. */
static bool ping(struct supervisor *supervisor, unsigned i) {
  struct bus_signal word = {.code = SIGNAL_PING};
  struct bus_pipe *pipe = bus_actor_pipe(supervisor->actors[i]);
  if (supervisor->owes[i]) return false;
  return supervisor->owes[i] = bus_signal_send(pipe, word, 0) == EVALD_OK;
}

/* systemd hears from us only while every actor answers that must be quick. */
static void tick(struct supervisor *supervisor) {
  bool all = true;
  for (unsigned i = 0; i < supervisor->actor_count; i++)
    if (!may_be_slow(supervisor, i)) all = ping(supervisor, i) && all;
  if (all) notify_watchdog();
  const struct metrics *blocks = supervisor->blocks;
  size_t count = supervisor->block_count;
  uint64_t commits = metrics_sum(blocks, count, METRIC_COMMITS);
  if (metrics_sum(blocks, count, METRIC_REDIS_UP) > 0)
    notify_status(_("serving; %" PRIu64 " transactions committed"), commits);
  else
    notify_status(_("waiting for Redis; %" PRIu64 " transactions committed"),
                  commits);
}

/* Never -1, which would be without end: the time may be past by now. */
static int until(int64_t next) {
  int64_t left = next - clock_ms();
  return left > 0 ? (int)left : 0;
}

static int nearer(int a, int b) {
  if (a < 0 || b < 0) return a < 0 ? b : a;
  return a < b ? a : b;
}

static void serve(struct supervisor *supervisor) {
  struct bus_wait waits[1 + ACTORS_MAX] = {{.fd = supervisor->signals}};
  for (unsigned i = 0; i < supervisor->actor_count; i++)
    waits[1 + i].pipe = bus_actor_pipe(supervisor->actors[i]);
  int pace = notify_watchdog_ms();
  int64_t next = clock_ms();
  while (!supervisor->ending) {
    int left = -1;
    if (pace > 0 && clock_ms() >= next) {
      tick(supervisor);
      next = clock_ms() + pace;
    }
    if (pace > 0) left = until(next);
    left = nearer(left, dev_tend(supervisor->dev));
    bus_wait(waits, 1 + supervisor->actor_count, left);
    read_signals(supervisor);
    for (unsigned i = 0; i < supervisor->actor_count; i++)
      if (waits[1 + i].ready) read_actor(supervisor, i);
  }
}

/* ---- ending ---- */

/* From here on a SIGTERM or SIGINT does what it does by nature: it ends the
 * process at once. */
static void let_signals_through(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Nothing more is let in; intake lives on, to answer for what was. */
static void drain_intake(struct supervisor *supervisor) {
  enum { PATIENCE_MS = 3000 };
  if (supervisor->intake == NULL) return;
  struct bus_pipe *pipe = bus_actor_pipe(supervisor->intake);
  struct bus_signal signal = {.code = SIGNAL_DRAIN};
  int64_t until = clock_ms() + PATIENCE_MS;
  int64_t stop_by = atomic_load(&supervisor->stop_by);
  if (until > stop_by) until = stop_by;
  bus_signal_send(pipe, signal, 0);
  while (signal.code != SIGNAL_DRAINED && signal.code != BUS_EXITED &&
         clock_ms() < until)
    bus_signal_receive(pipe, &signal, 100);
}

static void stop_all(struct supervisor *supervisor) {
  atomic_store(&supervisor->http.phase, HTTP_DRAINING);
  atomic_store(&supervisor->stop_by,
               clock_ms() + supervisor->config->shutdown_drain_ms);
  bus_actor_stop(supervisor->packer);
  drain_intake(supervisor);
  bus_actor_stop(supervisor->rescorer);
  bus_actor_stop(supervisor->scorer);
  for (unsigned i = 0; i < WORKERS_MAX; i++)
    bus_actor_stop(supervisor->workers[i]);
  bus_actor_stop(supervisor->publisher);
  bus_actor_stop(supervisor->intake);
  http_stop(&supervisor->http);
}

static void supervisor_fini(struct supervisor *supervisor) {
  supervisor_close_pipes(supervisor);
  bus_context_free(supervisor->context);
  parcels_free(supervisor->parcels, supervisor->parcel_count);
  parcels_free(supervisor->rescorer_parcels, RESCORER_WORKS);
  for (int i = 0; i < RESCORER_WORKS; i++)
    work_free(supervisor->rescorer_works[i]);
  ruleset_set_unref(supervisor->rules);
  free(supervisor->blocks);
  if (supervisor->signals >= 0) close(supervisor->signals);
}

static bool supervisor_init(struct supervisor *supervisor,
                            const struct config *config) {
  sigset_t set;
  signal_set(&set);
  supervisor->config = config;
  supervisor->worker_count = (unsigned)config->worker_count;
  supervisor->block_count = BLOCK_WORKERS + supervisor->worker_count;
  supervisor->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  supervisor->context = bus_context_new(1);
  supervisor->parcel_count =
      (size_t)(config->worker_count * config->intake_batches);
  supervisor->parcels =
      parcels_new(supervisor->parcel_count,
                  (uint32_t)parcel_share(config->intake_batch_jobs));
  supervisor->rescorer_parcels = parcels_new(RESCORER_WORKS, 1);
  bool works = rescorer_works_new(config, supervisor->rescorer_works);
  size_t size = supervisor->block_count * sizeof(struct metrics);
  supervisor->blocks = aligned_alloc(_Alignof(struct metrics), size);
  if (supervisor->blocks != NULL)
    for (size_t i = 0; i < supervisor->block_count; i++)
      for (unsigned k = 0; k < METRIC_COUNT; k++)
        atomic_init(&supervisor->blocks[i].value[k], 0);
  return supervisor->signals >= 0 && supervisor->context != NULL &&
         supervisor->parcels != NULL && supervisor->rescorer_parcels != NULL &&
         works && supervisor->blocks != NULL;
}

static void run(struct supervisor *supervisor) {
  metrics_set(&supervisor->blocks[BLOCK_SUPERVISOR], METRIC_START_SECONDS,
              (uint64_t)(clock_wall_ms() / 1000));
  atomic_store(&supervisor->http.phase, HTTP_SERVING);
  notify_ready(_("serving"));
  log_line(LOG_NOTICE, _("evald %s is ready"), EVALD_VERSION);
  serve(supervisor);
  log_line(LOG_NOTICE, _("ending: what was read is committed first"));
  notify_stopping();
}

int supervisor_run(const struct config *config,
                   const struct store_options *store, struct ruleset_set *rules,
                   struct dev *dev) {
  struct evald_fault fault = {0};
  struct supervisor *supervisor = calloc(1, sizeof *supervisor);
  if (supervisor == NULL) return 1;
  supervisor->rules = rules;
  supervisor->dev = dev;
  supervisor->store = *store;
  supervisor->store.stop_by = &supervisor->stop_by;
  enum evald_status status = EVALD_MEMORY;
  if (supervisor_init(supervisor, config))
    status = supervisor_start(supervisor, &fault);
  if (status == EVALD_OK) {
    run(supervisor);
  } else {
    log_fault(LOG_ERROR, _("evald cannot start"), &fault);
    supervisor->status = 1;
  }
  let_signals_through();
  stop_all(supervisor);
  supervisor_fini(supervisor);
  int result = supervisor->status;
  free(supervisor);
  if (result == 0) log_line(LOG_NOTICE, _("ended"));
  return result;
}
