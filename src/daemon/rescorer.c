/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/rescorer.h"
#include "base/i18n.h"
#include "bus/wait.h"
#include "daemon/log.h"
#include "daemon/prepare.h"
#include "daemon/signals.h"
#include "store/query.h"
#include <stdlib.h>
#include <string.h>

enum { PAUSE_MS = 10 /* where memory is short */ };

/* One of its works. */
struct slot {
  struct work *work;
  bool out;           /* with a worker */
  struct index codes; /* its units by their project */
};

struct rescorer {
  const struct rescorer_setup *setup;
  struct bus_pipe *pipe;
  struct store *store;
  struct preparer preparer;
  struct slot slots[RESCORER_WORKS];
  struct parcel *parcels[RESCORER_WORKS]; /* a ring */
  uint32_t parcel_first, parcel_count;
  int64_t connect_at, stop_by;
  bool stopping;
};

bool rescorer_works_new(const struct config *config,
                        struct work *out[RESCORER_WORKS]) {
  size_t each = (size_t)config->worker_memory_bytes / RESCORER_WORKS;
  for (int i = 0; i < RESCORER_WORKS; i++) {
    out[i] = work_new(WIRE_PROJECTS_MAX, each);
    if (out[i] == NULL) return false;
    out[i]->rescored = true;
  }
  return true;
}

/* ---- who has which project ---- */

static bool is_unit(const void *context, uint32_t number, const void *wanted) {
  const struct work *work = context;
  return evald_text_equal(work->units[number].pro_code,
                          *(const struct evald_text *)wanted);
}

static bool has_code(const struct slot *slot, struct evald_text code) {
  return index_find(&slot->codes, index_hash(code, 0), is_unit, slot->work,
                    &code) != INDEX_NONE;
}

static bool is_same_shard(const struct work *a, const struct work *b) {
  return a->reading.year == b->reading.year &&
         strcmp(a->reading.division, b->reading.division) == 0;
}

static bool is_out(const struct rescorer *rescorer, const struct slot *self,
                   struct evald_text code) {
  for (int i = 0; i < RESCORER_WORKS; i++) {
    const struct slot *slot = &rescorer->slots[i];
    if (slot != self && slot->out && is_same_shard(slot->work, self->work) &&
        has_code(slot, code))
      return true;
  }
  return false;
}

/* False where a project is among them twice, or memory ended. */
static bool list_codes(struct slot *slot, struct evald_text *codes) {
  struct work *work = slot->work;
  for (uint32_t i = 0; i < work->unit_count; i++) {
    codes[i] = work->units[i].pro_code;
    if (has_code(slot, codes[i]) ||
        index_add(&slot->codes, index_hash(codes[i], 0), i) != EVALD_OK)
      return false;
  }
  return true;
}

/* ---- reading ---- */

static bool is_reachable(struct rescorer *rescorer) {
  if (store_connected(rescorer->store)) return true;
  if (clock_ms() < rescorer->connect_at) return false;
  rescorer->connect_at = clock_ms() + rescorer->setup->config->redis_retry_ms;
  return store_connect(rescorer->store, NULL) == EVALD_OK;
}

/* They live until the store is asked again: kept for the scorer. */
static bool keep_value(struct work *work, struct evald_text value,
                       struct evald_text *out) {
  *out = work_keep(work, (struct wire_bytes){0}, value);
  return out->data != NULL;
}

/* What of the unit's is not there, or is out in another work, is left to the
 * worker. */
static void keep_values(struct work *work, uint32_t number,
                        const struct store_stored *stored) {
  struct work_values *values = &work->reading.values[number];
  if (!keep_value(work, stored->results[number], &values->result) ||
      !keep_value(work, stored->forms[number], &values->form))
    *values = (struct work_values){{0}, {0}};
}

static struct store_shard_key key_of(const struct work *work) {
  struct store_shard_key key = {.year = work->reading.year};
  memcpy(key.division, work->reading.division, sizeof key.division);
  return key;
}

static void read_work(struct rescorer *rescorer, struct slot *slot) {
  struct work *work = slot->work;
  struct evald_text codes[WIRE_PROJECTS_MAX];
  struct store_stored stored;
  index_clear(&slot->codes); /* of the work before, whose units are gone */
  if (work->units[0].bad || work->unit_count > WIRE_PROJECTS_MAX ||
      !list_codes(slot, codes) || !is_reachable(rescorer))
    return;
  struct store_shard_key key = key_of(work);
  enum evald_status status = store_get_stored(
      rescorer->store, &key, (struct store_fields){codes, work->unit_count},
      &stored, NULL);
  if (status != EVALD_OK) return;
  struct shard_mark *mark = &work->reading.mark;
  mark->epoch = stored.state.epoch;
  mark->seq = stored.state.seq;
  memcpy(mark->commit, stored.state.commit, sizeof mark->commit);
  work->reading.values = evald_arena_take(
      work->arena, work->unit_count * sizeof *work->reading.values);
  if (work->reading.values == NULL) return;
  for (uint32_t i = 0; i < work->unit_count; i++)
    if (!is_out(rescorer, slot, codes[i])) keep_values(work, i, &stored);
}

/* ---- from parcel to work ---- */

static struct slot *idle_slot(struct rescorer *rescorer) {
  for (int i = 0; i < RESCORER_WORKS; i++)
    if (!rescorer->slots[i].out) return &rescorer->slots[i];
  return NULL;
}

static void send_work(const struct rescorer *rescorer, struct slot *slot) {
  slot->out = true;
  bus_signal_send(
      rescorer->setup->scorer,
      (struct bus_signal){.code = SIGNAL_WORK, .pointer = slot->work}, -1);
}

/* False: no memory at present. */
static bool fill(struct rescorer *rescorer, struct work *work,
                 struct parcel *parcel) {
  struct bus_frame *frame = &parcel->frames->items[0];
  struct wire_bytes bytes = {bus_frame_data(frame), bus_frame_size(frame)};
  if (prepare_frames(&rescorer->preparer, work, &bytes, 1) != 1 ||
      work_hold(work, parcel) != EVALD_OK) {
    work_reset(work);
    return false;
  }
  work_address(work, 0, parcel->senders[0]);
  parcel->next = 1;
  return true;
}

/* Whether there was one to be done, and a work for it. */
static bool step(struct rescorer *rescorer) {
  struct slot *slot = idle_slot(rescorer);
  if (rescorer->parcel_count == 0 || slot == NULL) return false;
  struct parcel *parcel = rescorer->parcels[rescorer->parcel_first];
  if (!fill(rescorer, slot->work, parcel)) return false;
  rescorer->parcel_first = (rescorer->parcel_first + 1) % RESCORER_WORKS;
  rescorer->parcel_count--;
  read_work(rescorer, slot);
  send_work(rescorer, slot);
  return true;
}

/* ---- the loop ---- */

static void replace_rules(struct rescorer *rescorer,
                          struct ruleset_set *rules) {
  ruleset_set_unref(rescorer->preparer.rules);
  rescorer->preparer.rules = rules;
}

static void read_pipe(struct rescorer *rescorer) {
  struct bus_signal signal;
  while (signals_next(rescorer->pipe, &signal)) {
    if (signal.code == SIGNAL_RULES) replace_rules(rescorer, signal.pointer);
    if (signal.code != BUS_STOP) continue;
    rescorer->stopping = true;
    rescorer->stop_by = atomic_load(rescorer->setup->store->stop_by);
  }
}

static void read_inbox(struct rescorer *rescorer) {
  struct bus_signal signal;
  while (bus_signal_receive(rescorer->setup->inbox, &signal, 0) == EVALD_OK) {
    uint32_t at =
        (rescorer->parcel_first + rescorer->parcel_count++) % RESCORER_WORKS;
    rescorer->parcels[at] = signal.pointer;
  }
}

static void take_home(struct rescorer *rescorer, struct work *work) {
  for (int i = 0; i < RESCORER_WORKS; i++)
    if (rescorer->slots[i].work == work) rescorer->slots[i].out = false;
  for (uint32_t i = 0; i < work->parcel_count; i++)
    parcel_let_go(work->parcels[i], rescorer->setup->inbox);
  work_reset(work);
}

static void read_works(struct rescorer *rescorer) {
  struct bus_signal signal;
  while (bus_signal_receive(rescorer->setup->scorer, &signal, 0) == EVALD_OK)
    take_home(rescorer, signal.pointer);
}

static void wait_for_frames(struct rescorer *rescorer, bool more) {
  struct bus_wait waits[] = {{.pipe = rescorer->pipe},
                             {.pipe = rescorer->setup->inbox},
                             {.pipe = rescorer->setup->scorer}};
  bool starved = rescorer->parcel_count > 0 && idle_slot(rescorer) != NULL;
  int limit = rescorer->stopping || starved ? PAUSE_MS : -1;
  bus_wait(waits, sizeof waits / sizeof waits[0], more ? 0 : limit);
  read_pipe(rescorer);
  read_inbox(rescorer);
  read_works(rescorer);
}

static bool may_end(const struct rescorer *rescorer) {
  return rescorer->stopping &&
         (rescorer->parcel_count == 0 || clock_ms() >= rescorer->stop_by);
}

static void run(struct rescorer *rescorer) {
  bool more = false;
  while (!may_end(rescorer)) {
    wait_for_frames(rescorer, more);
    more = step(rescorer);
  }
  if (rescorer->parcel_count > 0)
    metrics_add(rescorer->setup->metrics, METRIC_LOST_AT_STOP,
                rescorer->parcel_count);
}

static enum evald_status rescorer_init(struct rescorer *rescorer,
                                       struct evald_fault *fault) {
  const struct rescorer_setup *setup = rescorer->setup;
  struct store_options options = *setup->store;
  options.wait_replicas = 0;
  for (int i = 0; i < RESCORER_WORKS; i++)
    rescorer->slots[i].work = setup->works[i];
  rescorer->preparer = (struct preparer){.limits = wire_limits_default,
                                         .rules = ruleset_set_ref(setup->rules),
                                         .metrics = setup->metrics};
  rescorer->preparer.limits.bytes =
      (size_t)setup->config->intake_max_message_bytes;
  rescorer->preparer.scratch =
      evald_arena_new((size_t)setup->config->worker_memory_bytes);
  if (rescorer->preparer.scratch == NULL)
    return evald_fault_set(fault, EVALD_MEMORY, "rescorer", _("no memory"));
  return store_open(&options, &rescorer->store, fault);
}

void rescorer_body(struct bus_pipe *pipe, void *setup) {
  struct evald_fault fault = {0};
  struct rescorer rescorer = {.setup = setup, .pipe = pipe};
  bus_step_back(RESCORER_NICENESS);
  if (rescorer_init(&rescorer, &fault) == EVALD_OK) {
    bus_actor_ready(pipe);
    run(&rescorer);
  } else {
    bus_actor_failed(pipe, &fault);
  }
  store_close(rescorer.store);
  evald_arena_free(rescorer.preparer.scratch);
  ruleset_set_unref(rescorer.preparer.rules);
  for (int i = 0; i < RESCORER_WORKS; i++)
    index_fini(&rescorer.slots[i].codes);
}
