/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/intake.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "bus/wait.h"
#include "daemon/answers.h"
#include "daemon/door.h"
#include "daemon/durability.h"
#include "daemon/log.h"
#include "daemon/prepare.h"
#include "daemon/rescorer.h"
#include "daemon/signals.h"
#include "daemon/worker.h"
#include "wire/job_codec.h"
#include <stdlib.h>

enum {
  WORKERS_MAX = 16,
  BATCHES_MAX = 64,
  STOP_MS = 1000,
  OVERSIZE = 16,
  TURN = 64,          /* jobs taken from one door before the other's turn */
  PATIENCE_MS = 1000, /* without a parcel, until producers hear of it */
  LATER_MAX = 4096,   /* recalculations that wait */
  LATER_STEP = 2      /* of those at once, that are no recalculations: a live
                         job waits for no more */
};

/* One worker as intake sees it: the parcel being filled and those at hand. */
struct lane {
  struct bus_pipe *pipe;
  struct parcel *open; /* NULL: none at hand */
  struct parcel *idle[BATCHES_MAX];
  unsigned idle_count;
};

struct intake {
  const struct intake_setup *setup;
  struct bus_pipe *pipe;
  struct bus_socket *jobs; /* NULL: no more jobs without an answer */
  struct door door;
  char promise[DURABILITY_TEXT];
  struct lane lanes[WORKERS_MAX], rescorer;
  struct door_job *later; /* a ring */
  unsigned later_first, later_count;
  int64_t paused_since;
  bool paused, draining, stopping;
};

static void open_next(struct lane *lane) {
  if (lane->open == NULL && lane->idle_count > 0)
    lane->open = lane->idle[--lane->idle_count];
}

static void send_open(struct intake *intake, struct lane *lane) {
  struct parcel *parcel = lane->open;
  if (parcel == NULL || parcel->frames->count == 0) return;
  metrics_add(intake->setup->metrics, METRIC_BATCHES, 1);
  bus_signal_send(lane->pipe,
                  (struct bus_signal){.code = SIGNAL_PARCEL, .pointer = parcel},
                  -1);
  lane->open = NULL;
  open_next(lane);
}

static void take_promise(struct intake *intake, uint32_t number) {
  struct durability promise = {(uint8_t)(number >> 8), (uint8_t)number};
  durability_print(&promise, intake->promise);
}

static void take_back(struct intake *intake, struct lane *lane) {
  struct bus_signal signal;
  while (bus_signal_receive(lane->pipe, &signal, 0) == EVALD_OK)
    if (signal.code == SIGNAL_PROMISE)
      take_promise(intake, signal.number);
    else
      lane->idle[lane->idle_count++] = signal.pointer;
  open_next(lane);
}

/* Any frame may be for any worker, so reading needs room with each of them. */
static bool has_room(const struct intake *intake) {
  for (unsigned i = 0; i < intake->setup->worker_count; i++)
    if (intake->lanes[i].open == NULL) return false;
  return true;
}

static struct lane *lane_for(struct intake *intake, struct bus_frame *frame) {
  unsigned count = intake->setup->worker_count;
  struct wire_route route;
  struct wire_bytes bytes = {bus_frame_data(frame), bus_frame_size(frame)};
  if (count == 1 || !wire_job_route(bytes, &route)) return &intake->lanes[0];
  return &intake
              ->lanes[worker_of(route.mof_div_code, route.fiscal_year, count)];
}

static void put_frame(struct intake *intake, struct lane *lane,
                      struct bus_frame *frame, struct sender sender) {
  const struct config *config = intake->setup->config;
  struct bus_frames *frames = lane->open->frames;
  metrics_add(intake->setup->metrics, METRIC_FRAMES, 1);
  metrics_add(intake->setup->metrics, METRIC_FRAME_BYTES,
              bus_frame_size(frame));
  lane->open->senders[frames->count] = sender;
  bus_frames_add(frames, frame);
  if (frames->count == frames->room ||
      frames->bytes >= (size_t)parcel_share(config->intake_batch_bytes))
    send_open(intake, lane);
}

static void take_frame(struct intake *intake, struct bus_frame *frame,
                       struct sender sender) {
  put_frame(intake, lane_for(intake, frame), frame, sender);
}

static void send_all(struct intake *intake) {
  for (unsigned i = 0; i < intake->setup->worker_count; i++)
    send_open(intake, &intake->lanes[i]);
}

/* ---- the two doors ---- */

/* Both answer whether they stopped before their door was found empty. */
static bool read_jobs(struct intake *intake) {
  struct bus_frame frame;
  unsigned taken = 0;
  if (intake->jobs == NULL) return false;
  bus_frame_init(&frame);
  for (; taken < TURN && has_room(intake); taken++) {
    if (bus_receive(intake->jobs, &frame, 0) != EVALD_OK) break;
    take_frame(intake, &frame, (struct sender){0});
  }
  bus_frame_fini(&frame);
  return taken == TURN;
}

static void keep_for_later(struct intake *intake, struct door_job *job) {
  if (intake->later_count == LATER_MAX) {
    door_refuse(&intake->door, &job->sender, WIRE_RETRY_OVER_CREDIT);
    bus_frame_fini(&job->frame);
    return;
  }
  unsigned at = (intake->later_first + intake->later_count++) % LATER_MAX;
  intake->later[at] = *job;
}

static void take_job(struct intake *intake, struct door_job *job) {
  metrics_add(intake->setup->metrics, METRIC_SUBMITTED, 1);
  if (job->later) {
    keep_for_later(intake, job);
    return;
  }
  take_frame(intake, &job->frame, job->sender);
  bus_frame_fini(&job->frame);
}

static bool must_refuse(const struct intake *intake) {
  return intake->draining ||
         (intake->paused && clock_ms() >= intake->paused_since + PATIENCE_MS);
}

static bool read_submitted(struct intake *intake) {
  struct door_job job;
  enum wire_retry refuse = WIRE_RETRY_COUNT;
  unsigned taken = 0;
  if (must_refuse(intake))
    refuse = intake->draining ? WIRE_RETRY_DRAINING : WIRE_RETRY_STORE_AWAY;
  else if (!has_room(intake))
    return false;
  for (; taken < TURN; taken++) {
    if (refuse == WIRE_RETRY_COUNT && !has_room(intake)) break;
    if (!door_read(&intake->door, refuse, &job)) break;
    take_job(intake, &job);
  }
  return taken == TURN;
}

/* Takes what is there, while there is room; then everybody gets theirs. */
static void drain_doors(struct intake *intake) {
  bool more = true;
  while (more) {
    more = read_jobs(intake);
    more = read_submitted(intake) || more;
  }
  send_all(intake);
}

/* ---- recalculations ---- */

static struct door_job *first_later(struct intake *intake) {
  struct door_job *job = &intake->later[intake->later_first];
  intake->later_first = (intake->later_first + 1) % LATER_MAX;
  intake->later_count--;
  return job;
}

static bool workers_are_idle(const struct intake *intake) {
  unsigned each = (unsigned)intake->setup->config->intake_batches;
  for (unsigned i = 0; i < intake->setup->worker_count; i++)
    if (intake->lanes[i].idle_count + 1 < each) return false;
  return has_room(intake);
}

/* Where the first of them may go: a recalculation to the rescorer, anything
 * else to its worker. NULL: nowhere at present. */
static struct lane *lane_for_later(struct intake *intake) {
  struct bus_frame *frame = &intake->later[intake->later_first].frame;
  struct wire_bytes bytes = {bus_frame_data(frame), bus_frame_size(frame)};
  if (!prepare_is_recalculation(bytes))
    return has_room(intake) ? lane_for(intake, frame) : NULL;
  return intake->rescorer.open != NULL ? &intake->rescorer : NULL;
}

static void pass_later(struct intake *intake) {
  if (intake->later_count == 0 || !workers_are_idle(intake)) return;
  for (int others = 0; others < LATER_STEP && intake->later_count > 0;) {
    struct lane *lane = lane_for_later(intake);
    if (lane == NULL) break;
    others += lane != &intake->rescorer;
    struct door_job *job = first_later(intake);
    put_frame(intake, lane, &job->frame, job->sender);
    bus_frame_fini(&job->frame);
  }
  send_all(intake);
}

static void refuse_later(struct intake *intake) {
  while (intake->later_count > 0) {
    struct door_job *job = first_later(intake);
    door_refuse(&intake->door, &job->sender, WIRE_RETRY_DRAINING);
    bus_frame_fini(&job->frame);
  }
}

/* ---- the loop ---- */

static void note_pause(struct intake *intake) {
  bool paused = !has_room(intake);
  if (paused && !intake->paused) {
    metrics_add(intake->setup->metrics, METRIC_PAUSES, 1);
    intake->paused_since = clock_ms();
  }
  intake->paused = paused;
}

static void read_pipe(struct intake *intake) {
  struct bus_signal signal;
  while (signals_next(intake->pipe, &signal)) {
    if (signal.code == BUS_STOP) intake->stopping = true;
    if (signal.code == SIGNAL_DRAIN) intake->draining = true;
  }
}

static void read_answers(struct intake *intake) {
  struct bus_signal signal;
  while (bus_signal_receive(intake->setup->answers, &signal, 0) == EVALD_OK) {
    struct answers *answers = signal.pointer;
    if (answers == NULL) {
      door_cut_all(&intake->door);
      continue;
    }
    for (uint32_t i = 0; i < answers->falls.count; i++)
      door_ask_resend(&intake->door, &answers->falls.items[i]);
    for (uint32_t i = 0; i < answers->bundle_count; i++) {
      struct answer_bundle *bundle = &answers->bundles[i];
      door_answer(&intake->door, &bundle->to, bundle->count, &bundle->body);
    }
    answers->bundle_count = 0; /* the bodies were taken over */
    answers_free(answers);
  }
}

/* How long nothing but a message needs to wake it. */
static int wait_limit(const struct intake *intake, int wait_ms) {
  int tend = door_wait_ms(&intake->door);
  int patience = -1;
  if (intake->paused && !must_refuse(intake))
    patience = (int)(intake->paused_since + PATIENCE_MS - clock_ms()) + 1;
  if (tend >= 0 && (wait_ms < 0 || tend < wait_ms)) wait_ms = tend;
  if (patience >= 0 && (wait_ms < 0 || patience < wait_ms)) wait_ms = patience;
  return wait_ms;
}

/* Sleeps until there is something to do, or `wait_ms` has passed. A parcel that
 * comes home wakes nobody unless it is needed: it is found with the next job.
 */
static void wait_for_frames(struct intake *intake, int wait_ms) {
  unsigned workers = intake->setup->worker_count;
  struct bus_wait waits[BUS_WAIT_MAX] = {{.pipe = intake->pipe},
                                         {.pipe = intake->setup->answers}};
  size_t count = 2;
  bool room = has_room(intake);
  for (unsigned i = 0; i < workers && (!room || intake->later_count > 0); i++)
    waits[count++].pipe = intake->lanes[i].pipe;
  if (intake->later_count > 0) waits[count++].pipe = intake->rescorer.pipe;
  if (room && intake->jobs != NULL) waits[count++].socket = intake->jobs;
  if (room || must_refuse(intake)) waits[count++].socket = intake->door.socket;
  bus_wait(waits, count, wait_limit(intake, wait_ms));
  if (waits[0].ready) read_pipe(intake);
  if (waits[1].ready) read_answers(intake);
  for (unsigned i = 0; i < workers; i++)
    take_back(intake, &intake->lanes[i]);
  take_back(intake, &intake->rescorer);
}

/* A parcel that came home ends the waiting, though others may fill it at once:
 * whoever is served in turn need not hear that the store is away. */
static void note_parcel(struct intake *intake) {
  if (intake->paused && has_room(intake)) intake->paused_since = clock_ms();
}

static void step(struct intake *intake, int wait_ms) {
  wait_for_frames(intake, wait_ms);
  note_parcel(intake);
  drain_doors(intake);
  pass_later(intake);
  note_pause(intake);
  door_tend(&intake->door);
}

/* What arrived before the end at the PULL door is taken: nobody would know
 * that it was not. */
static void drain(struct intake *intake) {
  int64_t drain_ms = intake->setup->config->shutdown_drain_ms;
  int64_t until = clock_ms() + (drain_ms < STOP_MS ? drain_ms : STOP_MS);
  while (clock_ms() < until && (read_jobs(intake) || !has_room(intake)))
    step(intake, 50);
  send_all(intake);
  bus_socket_close(intake->jobs);
  intake->jobs = NULL;
  refuse_later(intake);
  bus_signal_send(intake->pipe, (struct bus_signal){.code = SIGNAL_DRAINED},
                  -1);
}

static void run(struct intake *intake) {
  while (!intake->stopping && !intake->draining)
    step(intake, -1);
  if (intake->draining) drain(intake);
  while (!intake->stopping)
    step(intake, -1);
  read_answers(intake);
  int64_t until = clock_ms() + STOP_MS;
  while (intake->door.owing > 0 && clock_ms() < until)
    step(intake, 20);
}

static enum evald_status open_jobs(struct intake *intake,
                                   struct evald_fault *fault) {
  const struct config *config = intake->setup->config;
  struct bus_options options = {
      .receive_bound = (int)config->intake_queue,
      .frame_bytes_max = config->intake_max_message_bytes * OVERSIZE};
  enum evald_status status = bus_socket_open(intake->setup->context, BUS_PULL,
                                             &options, &intake->jobs, fault);
  for (size_t i = 0; i < config->doors_jobs.count && status == EVALD_OK; i++) {
    status = bus_socket_bind(intake->jobs, config->doors_jobs.item[i], fault);
    if (status == EVALD_OK)
      log_line(LOG_INFO, _("jobs (PULL): %s"),
               bus_socket_endpoint(intake->jobs));
  }
  return status;
}

static enum evald_status open_doors(struct intake *intake,
                                    struct evald_fault *fault) {
  const struct intake_setup *setup = intake->setup;
  intake->door.durability = intake->promise;
  intake->later = calloc(LATER_MAX, sizeof *intake->later);
  if (intake->later == NULL)
    return evald_fault_set(fault, EVALD_MEMORY, "intake", _("no memory"));
  enum evald_status status = open_jobs(intake, fault);
  if (status == EVALD_OK)
    status = door_open(&intake->door, setup->context, setup->config,
                       setup->metrics, fault);
  return status;
}

static void deal_parcels(struct intake *intake) {
  size_t each = (size_t)intake->setup->config->intake_batches;
  for (unsigned i = 0; i < intake->setup->worker_count; i++) {
    struct lane *lane = &intake->lanes[i];
    lane->pipe = intake->setup->workers[i];
    for (size_t k = 0; k < each; k++)
      lane->idle[lane->idle_count++] = &intake->setup->parcels[i * each + k];
    open_next(lane);
  }
  struct lane *lane = &intake->rescorer;
  lane->pipe = intake->setup->rescorer;
  for (size_t k = 0; k < RESCORER_WORKS; k++)
    lane->idle[lane->idle_count++] = &intake->setup->rescorer_parcels[k];
  open_next(lane);
}

void intake_body(struct bus_pipe *pipe, void *setup) {
  struct evald_fault fault = {0};
  struct intake *intake = calloc(1, sizeof *intake);
  if (intake == NULL) return;
  intake->setup = setup;
  intake->pipe = pipe;
  fault_print(intake->promise, sizeof intake->promise, "%s",
              intake->setup->config->store_durability);
  deal_parcels(intake);
  if (open_doors(intake, &fault) == EVALD_OK) {
    bus_actor_ready(pipe);
    run(intake);
  } else {
    bus_actor_failed(pipe, &fault);
  }
  bus_socket_close(intake->jobs);
  door_close(&intake->door);
  free(intake->later);
  free(intake);
}
