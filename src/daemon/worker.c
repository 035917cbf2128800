/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "bus/wait.h"
#include "daemon/signals.h"
#include "daemon/worker_inside.h"
#include "store/transaction.h"
#include <stdlib.h>
#include <string.h>

/* Jobs scored between two looks at the commit; and until the socket, which
 * holds about a hundred, is offered more of it. */
enum { STRIDE = 64, SEND_STRIDE = 16 };

unsigned worker_of(struct evald_text division, uint16_t year, unsigned count) {
  return count > 1 ? index_hash(division, year) % count : 0;
}

/* ---- parcels in, works out ---- */

static struct parcel *first_parcel(const struct worker *worker) {
  return worker->parcel_count > 0 ? worker->parcels[worker->parcel_first]
                                  : NULL;
}

/* One of the rescorer's goes home, and gives its parcel back itself. */
static void idle_work(struct worker *worker, struct work *work) {
  if (work->rescored) {
    worker->guests--;
    work_leave_shards(work);
    bus_signal_send(worker->setup->rescored,
                    (struct bus_signal){.code = SIGNAL_WORK, .pointer = work},
                    -1);
    return;
  }
  for (uint32_t i = 0; i < work->parcel_count; i++)
    parcel_let_go(work->parcels[i], worker->setup->inbox);
  work_reset(work);
  worker->idle[worker->idle_count++] = work;
}

static void read_inbox(struct worker *worker) {
  struct bus_signal signal;
  while (worker->parcel_count < WORKER_PARCELS &&
         bus_signal_receive(worker->setup->inbox, &signal, 0) == EVALD_OK) {
    uint32_t at =
        (worker->parcel_first + worker->parcel_count++) % WORKER_PARCELS;
    worker->parcels[at] = signal.pointer;
  }
}

static void read_outbox(struct worker *worker) {
  struct bus_signal signal;
  while (bus_signal_receive(worker->setup->outbox, &signal, 0) == EVALD_OK)
    idle_work(worker, signal.pointer);
}

static void read_scored(struct worker *worker) {
  struct bus_signal signal;
  while (bus_signal_receive(worker->setup->rescored, &signal, 0) == EVALD_OK) {
    uint32_t at =
        (worker->scored_first + worker->scored_count++) % RESCORER_WORKS;
    worker->scored[at] = signal.pointer;
  }
}

void worker_publish(struct worker *worker, struct work *work) {
  if (worker->falls.count > 0) {
    free(work->falls.items);
    work->falls = worker->falls;
    worker->falls = (struct shard_falls){0};
  }
  bus_signal_send(worker->setup->outbox,
                  (struct bus_signal){.code = SIGNAL_WORK, .pointer = work},
                  -1);
}

struct work *worker_take_idle(struct worker *worker) {
  if (worker->idle_count == 0) return NULL;
  struct work *work = worker->idle[--worker->idle_count];
  work->number = ++worker->work_number;
  return work;
}

/* ---- frame → job → evaluated ---- */

static struct wire_bytes bytes_of(struct bus_frame *frame) {
  return (struct wire_bytes){bus_frame_data(frame), bus_frame_size(frame)};
}

static bool is_full(const struct worker *worker, const struct work *work) {
  return work->closed ||
         work->unit_count >= (uint32_t)worker->setup->config->intake_batch_jobs;
}

/* The next frames of a parcel that may be prepared together, as many as the
 * work has room for; a recalculation alone, and then *alone. */
static size_t next_frames(const struct worker *worker, const struct work *work,
                          const struct parcel *parcel,
                          struct wire_bytes frames[GROUP_JOBS], bool *alone) {
  size_t room = (size_t)worker->setup->config->intake_batch_jobs;
  size_t most = parcel->frames->count - parcel->next;
  if (most > GROUP_JOBS) most = GROUP_JOBS;
  if (most > room - work->unit_count) most = room - work->unit_count;
  size_t count = 0;
  for (; count < most; count++) {
    frames[count] = bytes_of(&parcel->frames->items[parcel->next + count]);
    *alone = prepare_is_recalculation(frames[count]);
    if (!*alone) continue;
    *alone = count == 0;
    return count + *alone;
  }
  return count;
}

/* Takes frames of the first parcel. False: this work takes no more. */
static bool take_frames(struct worker *worker, struct work *work,
                        struct parcel *parcel) {
  struct wire_bytes frames[GROUP_JOBS];
  bool alone = false;
  size_t count = next_frames(worker, work, parcel, frames, &alone);
  uint32_t before = work->unit_count;
  if (alone && before > 0) {
    work->closed = true;
    return false;
  }
  size_t added = 0;
  if (work_hold(work, parcel) == EVALD_OK)
    added = prepare_frames(&worker->preparer, work, frames, count);
  for (size_t i = 0; i < added; i++)
    work_address(work, before + (uint32_t)i, parcel->senders[parcel->next++]);
  work->closed = added < count ? work->unit_count > 0 : alone;
  return added == count;
}

static bool is_sent(const struct worker *worker) {
  return worker->flying != NULL && worker->flying->stage == WORK_SENT &&
         worker->connected;
}

/* What the work being filled will need of the store is asked for, and the
 * commit on its way gets the socket's attention. */
static void tend_commit(struct worker *worker) {
  if (!is_sent(worker)) return;
  ahead_ask(worker);
  worker->answered = store_commit_pump(worker->store);
}

static void drop_taken(struct worker *worker, const struct parcel *parcel) {
  if (parcel->next < parcel->frames->count) return;
  worker->parcel_first = (worker->parcel_first + 1) % WORKER_PARCELS;
  worker->parcel_count--;
}

/* Whether a full work may step back until the commit on its way is answered, so
 * that another can be filled meanwhile. */
static bool may_step_back(const struct worker *worker) {
  return worker->waiting == NULL && worker->flying != NULL &&
         worker->idle_count > 0;
}

static bool takes_jobs(const struct worker *worker) {
  if (worker->filling == NULL) return worker->idle_count > 0;
  return !is_full(worker, worker->filling) || may_step_back(worker);
}

static struct work *open_work(struct worker *worker) {
  if (worker->filling != NULL && is_full(worker, worker->filling) &&
      may_step_back(worker)) {
    worker->waiting = worker->filling;
    worker->filling = NULL;
  }
  if (worker->filling == NULL) worker->filling = worker_take_idle(worker);
  return worker->filling;
}

/* Fills the next work with what is queued, up to its bound. Stops early when
 * the commit on its way is answered: Redis should not wait. */
static void fill(struct worker *worker) {
  struct work *work = open_work(worker);
  while (work != NULL && !is_full(worker, work) && !worker->answered) {
    struct parcel *parcel = first_parcel(worker);
    uint32_t before = work->unit_count;
    if (parcel == NULL || !take_frames(worker, work, parcel)) break;
    drop_taken(worker, parcel);
    if (work->unit_count / STRIDE > before / STRIDE) tend_commit(worker);
    if (work->unit_count / SEND_STRIDE > before / SEND_STRIDE)
      store_commit_push(worker->store);
  }
  if (work != NULL && !worker->answered) tend_commit(worker);
}

/* ---- the way ---- */

/* The work in flight is committed: it is counted and told. */
static void land(struct worker *worker) {
  struct work *work = worker->flying;
  worker->flying = NULL;
  worker->retry_at = worker->retry_pause = 0;
  metrics_set(worker->metrics, METRIC_REDIS_UP, 1);
  for (uint32_t i = 0; i < work->unit_count; i++)
    tally_unit(worker, &work->units[i]);
  shards_trim(worker, work);
  worker_publish(worker, work);
}

/* evaluated → decided → transaction. Whatever is filled now takes off. */
static enum evald_status take_off(struct worker *worker,
                                  struct evald_fault *fault) {
  struct work *work = worker->flying;
  enum evald_status status = settle_work(worker, work, fault);
  if (status != EVALD_OK) return status;
  status = commit_send(worker, work, fault);
  if (status != EVALD_OK && !store_commit_unknown(worker->store)) {
    settle_undo(worker, work);
    worker->stored_ruleset_count = 0;
  }
  return status;
}

static bool may_try(const struct worker *worker) {
  return worker->connected && clock_ms() >= worker->retry_at;
}

struct work *worker_next(const struct worker *worker) {
  return worker->waiting != NULL ? worker->waiting : worker->filling;
}

static bool has_next(const struct worker *worker) {
  const struct work *next = worker_next(worker);
  return next != NULL && next->unit_count > 0;
}

/* What is next: live jobs, else what was scored ahead. NULL: nothing. */
static struct work *next_work(struct worker *worker) {
  struct work *work = worker_next(worker);
  if (has_next(worker)) {
    if (work == worker->filling) worker->filling = NULL;
    worker->waiting = NULL;
    return work;
  }
  if (worker->scored_count == 0) return NULL;
  work = worker->scored[worker->scored_first];
  if (rescore_take(worker, work) != EVALD_OK) {
    reach_meet_trouble(worker, EVALD_MEMORY, &(struct evald_fault){0});
    return NULL;
  }
  worker->scored_first = (worker->scored_first + 1) % RESCORER_WORKS;
  worker->scored_count--;
  worker->guests++;
  return work;
}

/*
 * One step of the way:
 *
 *   frame → job → evaluated → decided → transaction → receipts and events
 *
 * Returns whether there is more to do at once.
 */
static bool worker_step(struct worker *worker) {
  struct evald_fault fault = {0};
  enum evald_status status = EVALD_OK;

  fill(worker); /* frame → job → checked, scored; needs no store */

  struct work *work = worker->flying;
  if (is_sent(worker) && worker->answered)
    status = commit_finish(worker, work, &fault); /* EXEC has answered */
  worker->answered = false;

  if (worker->flying == NULL && may_try(worker))
    worker->flying = next_work(worker);
  work = worker->flying;
  if (work != NULL && work->stage == WORK_FILLING) {
    work->kept_bytes = work->bytes.size;
    work->stage = WORK_SETTLING;
  }
  if (status == EVALD_OK && work != NULL && work->stage == WORK_SETTLING &&
      may_try(worker))
    status = take_off(worker, &fault); /* decided, and on its way */

  if (status == EVALD_OK && work != NULL && work->stage == WORK_UNPROVEN &&
      may_try(worker))
    status = reach_prove(worker, work, &fault); /* replicas have it */

  if (status != EVALD_OK) reach_meet_trouble(worker, status, &fault);
  if (work != NULL && work->stage == WORK_DONE) land(worker); /* and told */

  bool more =
      worker->flying == NULL && (has_next(worker) || worker->scored_count > 0);
  bool again = worker->flying != NULL && worker->flying->stage != WORK_SENT;
  return (worker->parcel_count > 0 && takes_jobs(worker)) ||
         ((more || again) && may_try(worker));
}

/* ---- the loop ---- */

static void replace_rules(struct worker *worker, struct ruleset_set *rules) {
  ruleset_set_unref(worker->preparer.rules);
  worker->preparer.rules = rules;
  /* A work is scored by one set; the next one is scored by the new. */
  if (worker->filling != NULL && worker->filling->unit_count > 0)
    worker->filling->closed = true;
}

static void read_pipe(struct worker *worker) {
  struct bus_signal signal;
  while (signals_next(worker->pipe, &signal)) {
    if (signal.code == SIGNAL_RULES) replace_rules(worker, signal.pointer);
    if (signal.code == BUS_STOP) {
      worker->stopping = true;
      worker->stop_by = atomic_load(worker->setup->store->stop_by);
    }
  }
}

static int wait_ms(const struct worker *worker, bool more) {
  int64_t now = clock_ms(), until = -1;
  if (more) return 0;
  if (!worker->connected || worker->retry_at > now) until = worker->retry_at;
  if (until < 0 && worker->flying == NULL) until = worker->look_at;
  if (is_sent(worker)) {
    bool lost = store_fd(worker->store) < 0; /* while it was sent */
    int64_t reply = now + (lost ? 0 : worker->setup->config->redis_timeout_ms);
    if (until < 0 || reply < until) until = reply;
  }
  if (worker->stopping && (until < 0 || worker->stop_by < until))
    until = worker->stop_by;
  if (until < 0) return -1;
  return until > now ? (int)(until - now) : 0;
}

/* Sleeps until there is something to do. */
static void wait_for_work(struct worker *worker, bool more) {
  struct bus_wait waits[5] = {{.pipe = worker->pipe},
                              {.pipe = worker->setup->outbox},
                              {.pipe = worker->setup->rescored}};
  size_t count = 3, inbox = 0, redis = 0;
  if (worker->parcel_count == 0 && takes_jobs(worker)) {
    inbox = count;
    waits[count++].pipe = worker->setup->inbox;
  }
  if (is_sent(worker)) {
    redis = count;
    waits[count++] =
        (struct bus_wait){.fd = store_fd(worker->store),
                          .writable = store_commit_sending(worker->store)};
  }
  enum evald_status status = bus_wait(waits, count, wait_ms(worker, more));
  if (waits[0].ready) read_pipe(worker);
  if (waits[1].ready) read_outbox(worker);
  if (waits[2].ready) read_scored(worker);
  if (inbox > 0 && waits[inbox].ready) read_inbox(worker);
  if (redis == 0) return;
  bool late = status == EVALD_TIMEOUT && !more;
  worker->answered =
      (waits[redis].ready && store_commit_pump(worker->store)) || late;
}

static bool is_empty(const struct worker *worker) {
  return worker->flying == NULL && worker->parcel_count == 0 &&
         !has_next(worker) && worker->scored_count == 0;
}

static void run(struct worker *worker) {
  bool more = false;
  for (;;) {
    wait_for_work(worker, more);
    if (!worker->connected && clock_ms() >= worker->retry_at) reach_try(worker);
    reach_look(worker);
    if (worker->stopping) {
      read_inbox(worker);
      read_scored(worker);
    }
    more = worker_step(worker);
    if (!worker->stopping) continue;
    if (is_empty(worker)) return;
    if (clock_ms() >= worker->stop_by) {
      tally_abandoned(worker);
      return;
    }
  }
}

/* ---- beginning and end ---- */

static bool make_works(struct worker *worker) {
  const struct config *config = worker->setup->config;
  size_t each = (size_t)config->worker_memory_bytes / (WORKER_WORKS + 2);
  for (int i = 0; i < WORKER_WORKS; i++) {
    struct work *work = work_new((uint32_t)config->intake_batch_jobs, each);
    if (work == NULL) return false;
    worker->works[i] = worker->idle[worker->idle_count++] = work;
  }
  worker->scratch = evald_arena_new(each);
  worker->preparer.scratch = evald_arena_new(each);
  return worker->scratch != NULL && worker->preparer.scratch != NULL;
}

static struct shard *shard_of(void *context, struct evald_text division,
                              uint16_t year) {
  return worker_shard(context, division, year);
}

static enum evald_status worker_init(struct worker *worker,
                                     const struct worker_setup *setup,
                                     struct evald_fault *fault) {
  const struct config *config = setup->config;
  worker->setup = setup;
  worker->metrics = setup->metrics;
  worker->preparer = (struct preparer){.limits = wire_limits_default,
                                       .rules = ruleset_set_ref(setup->rules),
                                       .metrics = setup->metrics,
                                       .keep_forms = config->store_keep_forms,
                                       .shard_of = shard_of,
                                       .context = worker};
  worker->preparer.limits.bytes = (size_t)config->intake_max_message_bytes;
  uint32_t room = (uint32_t)(config->worker_cache_projects +
                             config->intake_batch_jobs + WIRE_PROJECTS_MAX);
  if (!make_works(worker) || projects_init(&worker->projects, room) != EVALD_OK)
    return evald_fault_set(fault, EVALD_MEMORY, "worker", _("no memory"));
  return store_open(setup->store, &worker->store, fault);
}

/* Others need not wait until our turn has passed. (A commit that is on its way
 * takes us out of the queues itself.) */
static void leave_turns(struct worker *worker) {
  if (!is_sent(worker)) store_commit_abandon(worker->store);
}

static void worker_fini(struct worker *worker) {
  store_close(worker->store);
  for (uint32_t i = 0; i < worker->shard_count; i++) {
    shard_fini(worker->shards[i]);
    free(worker->shards[i]);
  }
  free(worker->shards);
  index_fini(&worker->shard_index);
  projects_fini(&worker->projects);
  evald_arena_free(worker->scratch);
  evald_arena_free(worker->preparer.scratch);
  ruleset_set_unref(worker->preparer.rules);
}

/* The publisher still reads the last works: wait for all to come home. */
static void gather_works(struct worker *worker) {
  uint32_t made = 0, here = worker->idle_count;
  for (int i = 0; i < WORKER_WORKS; i++)
    made += worker->works[i] != NULL;
  here += worker->filling != NULL;
  here += worker->waiting != NULL;
  here += worker->flying != NULL;
  made += worker->guests;
  struct bus_signal signal;
  while (here < made &&
         bus_signal_receive(worker->setup->outbox, &signal, 5000) == EVALD_OK)
    here++;
  for (int i = 0; i < WORKER_WORKS; i++)
    work_free(worker->works[i]);
}

void worker_body(struct bus_pipe *pipe, void *setup) {
  struct evald_fault fault = {0};
  struct worker *worker = calloc(1, sizeof *worker);
  if (worker == NULL) return;
  worker->pipe = pipe;
  if (worker_init(worker, setup, &fault) == EVALD_OK) {
    reach_try(worker);
    bus_actor_ready(pipe);
    run(worker);
    leave_turns(worker);
  } else {
    bus_actor_failed(pipe, &fault);
  }
  gather_works(worker);
  worker_fini(worker);
  free(worker->falls.items);
  free(worker);
}
