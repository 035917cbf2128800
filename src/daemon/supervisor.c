/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/supervisor.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "bus/wait.h"
#include "daemon/http.h"
#include "daemon/intake.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/packer.h"
#include "daemon/publisher.h"
#include "daemon/rescorer.h"
#include "daemon/scorer.h"
#include "daemon/setup.h"
#include "daemon/signals.h"
#include "daemon/worker.h"
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

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

/* ---- starting ---- */

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
                                       const struct store_options *store,
                                       struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (unsigned i = 0; i < supervisor->worker_count && status == EVALD_OK;
       i++) {
    char name[16];
    fault_print(name, sizeof name, "worker-%u", i);
    supervisor->worker_setups[i] =
        (struct worker_setup){.config = supervisor->config,
                              .store = store,
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
                                        const struct store_options *store,
                                        struct evald_fault *fault) {
  supervisor->rescorer_setup =
      (struct rescorer_setup){.config = supervisor->config,
                              .store = store,
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
                                      const struct store_options *store,
                                      struct evald_fault *fault) {
  if (!supervisor->config->store_pack) return EVALD_OK;
  supervisor->packer_setup = (struct packer_setup){
      supervisor->config, store, &supervisor->blocks[BLOCK_PACKER],
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

static enum evald_status start_all(struct supervisor *supervisor,
                                   const struct store_options *store,
                                   struct evald_fault *fault) {
  enum evald_status status = open_pipes(supervisor, fault);
  if (status == EVALD_OK) status = start_http(supervisor, fault);
  if (status == EVALD_OK) status = start_publisher(supervisor, fault);
  if (status == EVALD_OK) status = start_workers(supervisor, store, fault);
  if (status == EVALD_OK) status = start_scorer(supervisor, fault);
  if (status == EVALD_OK) status = start_rescorer(supervisor, store, fault);
  if (status == EVALD_OK) status = start_packer(supervisor, store, fault);
  if (status == EVALD_OK) status = start_intake(supervisor, fault);
  return status;
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
    status = start_all(supervisor, &supervisor->store, &fault);
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
