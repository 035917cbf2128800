/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scorer.h"
#include "base/i18n.h"
#include "bus/wait.h"
#include "daemon/log.h"
#include "daemon/prepare.h"
#include "daemon/rescorer.h"
#include "daemon/signals.h"
#include "daemon/worker.h"
#include "wire/verdict_codec.h"

enum { WORKERS_MAX = 16 };

struct scorer {
  const struct scorer_setup *setup;
  struct bus_pipe *pipe;
  struct preparer preparer;
  bool stopping;
};

/* ---- one unit ---- */

/* Its texts lie in the value, which the work keeps. */
static struct work_before *keep_before(struct work *work,
                                       const struct wire_stored_head *head) {
  struct work_before *before = evald_arena_take(work->arena, sizeof *before);
  if (before == NULL) return NULL;
  before->revision = head->revision;
  before->form_digest = head->form_digest;
  before->ruleset_digest = head->ruleset_digest;
  before->contribution = head->contribution;
  before->dept_key = head->dept_key;
  before->dept_name = head->dept_name;
  return before;
}

/* A result that bears the target's digest need not be scored to be told. */
static void take_figures(struct work_unit *unit,
                         const struct wire_stored_brief *stored) {
  unit->form_digest = stored->head.form_digest;
  unit->total = (struct evald_figure){true, stored->total};
  unit->grade = stored->grade;
  unit->scored = true;
}

/* Back to what the worker will read and score. */
static void leave(struct work_unit *unit) {
  unit->before = NULL;
  unit->scored = false;
  unit->outcome = WIRE_OUTCOME_COMMITTED;
  unit->rejects = NULL;
}

static void score_unit(struct scorer *scorer, struct work *work,
                       struct work_unit *unit,
                       const struct work_values *values) {
  struct wire_stored_brief stored;
  struct wire_bytes result = {(const uint8_t *)values->result.data,
                              values->result.size};
  if (wire_stored_brief(result, &stored) != EVALD_OK ||
      stored.head.state != WIRE_STORED_EVALUATED)
    return;
  unit->before = keep_before(work, &stored.head);
  if (unit->before == NULL) return;
  unit->revision = stored.head.revision;
  size_t kept = work->bytes.size;
  enum evald_status status = EVALD_OK;
  if (evald_digest_equal(&stored.head.ruleset_digest,
                         evald_ruleset_digest(unit->ruleset)))
    take_figures(unit, &stored);
  else
    status = prepare_stored_form(&scorer->preparer, work, unit, values->form);
  if (status == EVALD_OK && unit->scored &&
      evald_digest_equal(&unit->form_digest, &unit->before->form_digest))
    return;
  leave(unit);
  wire_buffer_cut(&work->bytes, kept);
}

static void score_work(struct scorer *scorer, struct work *work) {
  const struct work_values *values = work->reading.values;
  if (values == NULL) return;
  for (uint32_t i = 0; i < work->unit_count; i++)
    if (values[i].result.data != NULL)
      score_unit(scorer, work, &work->units[i], &values[i]);
}

/* ---- the loop ---- */

static struct bus_pipe *worker_for(const struct scorer *scorer,
                                   const struct work *work) {
  const struct work_reading *reading = &work->reading;
  return scorer->setup
      ->workers[worker_of(evald_text_of(reading->division), reading->year,
                          scorer->setup->worker_count)];
}

static void read_inbox(struct scorer *scorer) {
  struct bus_signal signal;
  while (bus_signal_receive(scorer->setup->inbox, &signal, 0) == EVALD_OK) {
    score_work(scorer, signal.pointer);
    bus_signal_send(worker_for(scorer, signal.pointer), signal, -1);
  }
}

static void read_workers(struct scorer *scorer) {
  struct bus_signal signal;
  for (unsigned i = 0; i < scorer->setup->worker_count; i++)
    while (bus_signal_receive(scorer->setup->workers[i], &signal, 0) ==
           EVALD_OK)
      bus_signal_send(scorer->setup->inbox, signal, -1);
}

static void read_pipe(struct scorer *scorer) {
  struct bus_signal signal;
  while (signals_next(scorer->pipe, &signal))
    if (signal.code == BUS_STOP) scorer->stopping = true;
}

static void run(struct scorer *scorer) {
  struct bus_wait waits[2 + WORKERS_MAX] = {{.pipe = scorer->pipe},
                                            {.pipe = scorer->setup->inbox}};
  size_t count = 2;
  for (unsigned i = 0; i < scorer->setup->worker_count; i++)
    waits[count++].pipe = scorer->setup->workers[i];
  while (!scorer->stopping) {
    bus_wait(waits, count, -1);
    read_pipe(scorer);
    read_workers(scorer);
    read_inbox(scorer);
  }
}

void scorer_body(struct bus_pipe *pipe, void *setup) {
  struct scorer scorer = {.setup = setup, .pipe = pipe};
  const struct config *config = scorer.setup->config;
  struct evald_fault fault = {0};
  bus_step_back(RESCORER_NICENESS);
  scorer.preparer = (struct preparer){
      .scratch = evald_arena_new((size_t)config->worker_memory_bytes),
      .metrics = scorer.setup->metrics};
  if (scorer.preparer.scratch != NULL) {
    bus_actor_ready(pipe);
    run(&scorer);
  } else {
    (void)evald_fault_set(&fault, EVALD_MEMORY, "scorer", "%s", _("no memory"));
    bus_actor_failed(pipe, &fault);
  }
  evald_arena_free(scorer.preparer.scratch);
}
