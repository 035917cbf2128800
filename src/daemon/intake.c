/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/intake.h"
#include "base/i18n.h"
#include "daemon/log.h"
#include "daemon/signals.h"
#include "daemon/worker.h"
#include "wire/job_codec.h"
#include <stdlib.h>

enum { WORKERS_MAX = 16, BATCHES_MAX = 64, STOP_MS = 1000, OVERSIZE = 16 };

/* One worker as intake sees it: the parcel being filled and those at hand. */
struct lane {
  struct bus_socket *pipe;
  struct parcel *open; /* NULL: none at hand */
  struct parcel *idle[BATCHES_MAX];
  unsigned idle_count;
};

struct intake {
  const struct intake_setup *setup;
  struct bus_socket *pipe, *door;
  struct lane lanes[WORKERS_MAX];
  bool paused, stopping;
};

struct parcel *intake_parcels_new(const struct config *config) {
  size_t count = (size_t)(config->worker_count * config->intake_batches);
  struct parcel *parcels = calloc(count, sizeof *parcels);
  if (parcels == NULL) return NULL;
  for (size_t i = 0; i < count; i++) {
    parcels[i].frames = bus_frames_new((uint32_t)config->intake_batch_jobs);
    if (parcels[i].frames != NULL) continue;
    intake_parcels_free(parcels, config);
    return NULL;
  }
  return parcels;
}

void intake_parcels_free(struct parcel *parcels, const struct config *config) {
  if (parcels == NULL) return;
  size_t count = (size_t)(config->worker_count * config->intake_batches);
  for (size_t i = 0; i < count; i++)
    bus_frames_free(parcels[i].frames);
  free(parcels);
}

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

static void take_back(struct lane *lane) {
  struct bus_signal signal;
  while (bus_signal_receive(lane->pipe, &signal, 0) == EVALD_OK)
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

static void take_frame(struct intake *intake, struct bus_frame *frame) {
  const struct config *config = intake->setup->config;
  struct lane *lane = lane_for(intake, frame);
  struct bus_frames *frames = lane->open->frames;
  metrics_add(intake->setup->metrics, METRIC_FRAMES, 1);
  metrics_add(intake->setup->metrics, METRIC_FRAME_BYTES,
              bus_frame_size(frame));
  bus_frames_add(frames, frame);
  if (frames->count == frames->room ||
      frames->bytes >= (size_t)config->intake_batch_bytes)
    send_open(intake, lane);
}

/* Takes what is there, while there is room; then everybody gets theirs.
 * Answers whether the door was found empty. */
static bool drain_door(struct intake *intake) {
  struct bus_frame frame;
  enum evald_status status = EVALD_OK;
  bus_frame_init(&frame);
  while (status == EVALD_OK && has_room(intake)) {
    status = bus_receive(intake->door, &frame, 0);
    if (status == EVALD_OK) take_frame(intake, &frame);
  }
  bus_frame_fini(&frame);
  for (unsigned i = 0; i < intake->setup->worker_count; i++)
    send_open(intake, &intake->lanes[i]);
  return status != EVALD_OK;
}

static void note_pause(struct intake *intake) {
  bool paused = !has_room(intake);
  if (paused && !intake->paused)
    metrics_add(intake->setup->metrics, METRIC_PAUSES, 1);
  intake->paused = paused;
}

static void read_pipe(struct intake *intake) {
  struct bus_signal signal;
  while (bus_signal_receive(intake->pipe, &signal, 0) == EVALD_OK) {
    if (signal.code == BUS_STOP) intake->stopping = true;
    if (signal.code == SIGNAL_PING)
      bus_signal_send(intake->pipe, (struct bus_signal){.code = SIGNAL_PONG},
                      -1);
  }
}

/* Sleeps until there is something to read, or `wait_ms` has passed. Answers
 * whether the door has something. */
static bool wait_for_frames(struct intake *intake, int wait_ms) {
  unsigned workers = intake->setup->worker_count;
  struct bus_wait waits[BUS_WAIT_MAX] = {{.socket = intake->pipe}};
  size_t count = 1;
  for (unsigned i = 0; i < workers; i++)
    waits[count++].socket = intake->lanes[i].pipe;
  bool reading = has_room(intake);
  if (reading) waits[count++].socket = intake->door;
  bus_wait(waits, count, wait_ms);
  if (waits[0].ready) read_pipe(intake);
  for (unsigned i = 0; i < workers; i++)
    if (waits[1 + i].ready) take_back(&intake->lanes[i]);
  return reading && waits[count - 1].ready;
}

static void run(struct intake *intake) {
  while (!intake->stopping) {
    if (wait_for_frames(intake, -1)) drain_door(intake);
    note_pause(intake);
  }
  int64_t until = clock_ms() + STOP_MS;
  while (!drain_door(intake) && clock_ms() < until)
    wait_for_frames(intake, 50);
}

static enum evald_status open_door(struct intake *intake,
                                   struct evald_fault *fault) {
  const struct config *config = intake->setup->config;
  struct bus_options options = {
      .receive_bound = (int)config->intake_queue,
      .frame_bytes_max = config->intake_max_message_bytes * OVERSIZE};
  enum evald_status status = bus_socket_open(intake->setup->context, BUS_PULL,
                                             &options, &intake->door, fault);
  for (size_t i = 0; i < config->doors_jobs.count && status == EVALD_OK; i++) {
    status = bus_socket_bind(intake->door, config->doors_jobs.item[i], fault);
    if (status == EVALD_OK)
      log_line(LOG_INFO, _("jobs (PULL): %s"),
               bus_socket_endpoint(intake->door));
  }
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
}

void intake_body(struct bus_socket *pipe, void *setup) {
  struct evald_fault fault = {0};
  struct intake *intake = calloc(1, sizeof *intake);
  if (intake == NULL) return;
  intake->setup = setup;
  intake->pipe = pipe;
  deal_parcels(intake);
  if (open_door(intake, &fault) == EVALD_OK) {
    bus_actor_ready(pipe);
    run(intake);
  } else {
    bus_actor_failed(pipe, &fault);
  }
  bus_socket_close(intake->door);
  free(intake);
}
