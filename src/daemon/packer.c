/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SCHED_IDLE */
#include "daemon/packer.h"
#include "base/i18n.h"
#include "bus/wait.h"
#include "daemon/log.h"
#include "daemon/signals.h"
#include "store/pack.h"
#include "wire/event_codec.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
  TICK_MS = 1000,
  LOOK_MS = 100,       /* counters need time to say something */
  BUSY_FORMS = 1000,   /* scored in a second: the workers need the machine */
  PATIENCE_MS = 60000, /* and so long they have it alone */
  REST = 9,         /* beside live jobs it rests so many times as it worked */
  STEP_CODES = 512, /* projects looked up at a time */
  PIECE_CODES = 32, /* in one transaction: Redis takes some 0.1 ms for it */
  SCAN_STEP = 128,  /* read of a shard at a time, the same */
  TRIES = 3,        /* of a piece that a commit came between */
  REPLY_MS = 1000,
  SHARDS_MAX = 1 << 16
};

struct packer {
  const struct packer_setup *setup;
  struct bus_pipe *pipe;
  struct store *store;
  struct evald_arena *arena; /* of one step */
  struct store_shard_key *shards;
  size_t shard_count;
  bool stopping;
  bool due;           /* something was committed since all was packed */
  uint64_t commits;   /* as last seen */
  uint64_t evaluated; /* at `evaluated_at` */
  bool live;          /* some were, of late */
  int64_t evaluated_at, busy_since; /* 0: not busy */
  struct log_limit lines;
};

/* ---- whether there is time ---- */

static uint64_t sum_of(const struct packer *packer, unsigned metric) {
  return metrics_sum(packer->setup->blocks, packer->setup->block_count, metric);
}

static void look_around(struct packer *packer) {
  int64_t now = clock_ms(), passed = now - packer->evaluated_at;
  if (passed < LOOK_MS) return;
  uint64_t evaluated = sum_of(packer, METRIC_EVALUATED);
  uint64_t rate = (evaluated - packer->evaluated) * 1000 / (uint64_t)passed;
  packer->evaluated = evaluated;
  packer->evaluated_at = now;
  packer->live = rate > 0;
  if (rate <= BUSY_FORMS)
    packer->busy_since = 0;
  else if (packer->busy_since == 0)
    packer->busy_since = now;
}

static bool must_wait(const struct packer *packer) {
  return packer->busy_since != 0 &&
         clock_ms() - packer->busy_since < PATIENCE_MS;
}

static void see_commits(struct packer *packer) {
  uint64_t commits = sum_of(packer, METRIC_COMMITS);
  packer->due |= commits != packer->commits;
  packer->commits = commits;
}

static void read_pipe(struct packer *packer, int wait_ms) {
  struct bus_signal signal;
  struct bus_wait wait = {.pipe = packer->pipe};
  bus_wait(&wait, 1, wait_ms);
  while (signals_next(packer->pipe, &signal))
    if (signal.code == BUS_STOP) packer->stopping = true;
}

/* Between two pieces. False: not now. */
static bool may_go_on(struct packer *packer, int64_t begun_us) {
  look_around(packer);
  int64_t rest_us = packer->live ? (clock_us() - begun_us) * REST : 0;
  read_pipe(packer, (int)(rest_us / 1000));
  return !packer->stopping && !must_wait(packer);
}

/* ---- what is to be packed ---- */

struct codes {
  struct packer *packer;
  struct evald_text *items;
  size_t count, room;
  int64_t from; /* the first seq that is wanted */
  struct store_mark mark;
  bool gap; /* the stream no longer reaches back so far */
};

static enum evald_status codes_add(struct codes *codes,
                                   struct evald_text code) {
  struct evald_arena *arena = codes->packer->arena;
  if (codes->count == codes->room) {
    size_t room = codes->room > 0 ? codes->room * 2 : STEP_CODES * 2;
    struct evald_text *items = evald_arena_take(arena, room * sizeof *items);
    if (items == NULL) return EVALD_MEMORY;
    if (codes->count > 0)
      memcpy(items, codes->items, codes->count * sizeof *items);
    codes->items = items;
    codes->room = room;
  }
  char *copy = evald_arena_take(arena, code.size + 1);
  if (copy == NULL) return EVALD_MEMORY;
  memcpy(copy, code.data, code.size);
  codes->items[codes->count++] = (struct evald_text){copy, code.size};
  return EVALD_OK;
}

/* The projects of a batch of events; EVALD_LIMIT: enough for one step. */
static enum evald_status each_event(void *context,
                                    const struct store_event *event) {
  struct codes *codes = context;
  struct wire_batch batch;
  struct wire_bytes bytes = {(const uint8_t *)event->batch.data,
                             event->batch.size};
  if (codes->count >= STEP_CODES) return EVALD_LIMIT;
  enum evald_status status =
      wire_batch_decode(bytes, codes->packer->arena, &batch);
  if (status == EVALD_MEMORY) return status;
  codes->gap |= status != EVALD_OK || (int64_t)batch.first_seq > codes->from;
  if (codes->gap) return EVALD_LIMIT;
  for (size_t i = 0; i < batch.event_count && status == EVALD_OK; i++)
    status = codes_add(codes, batch.events[i].pro_code);
  codes->from = event->last_seq + 1;
  codes->mark.seq = event->last_seq;
  return status;
}

static enum evald_status each_result(void *context, struct evald_text code,
                                     struct evald_text value) {
  (void)value;
  return codes_add(context, code);
}

/* ---- packing ---- */

static void count_packed(struct packer *packer,
                         const struct store_packed *done) {
  metrics_add(packer->setup->metrics, METRIC_PACKED, done->values);
  metrics_add(packer->setup->metrics, METRIC_PACKED_FROM, done->before);
  metrics_add(packer->setup->metrics, METRIC_PACKED_TO, done->after);
}

static enum evald_status pack_piece(struct packer *packer,
                                    const struct store_shard_key *shard,
                                    const struct store_pack_wish *wish,
                                    struct evald_fault *fault) {
  enum evald_status status = EVALD_INTERFERED;
  for (int i = 0; i < TRIES && status == EVALD_INTERFERED; i++) {
    struct store_packed done = {0};
    status = store_pack(packer->store, shard, wish, &done, fault);
    if (status == EVALD_OK) count_packed(packer, &done);
  }
  return status;
}

/* A few at a time, so that neither Redis nor the core is taken from live jobs
 * for long. The mark, from the first to the second, moves with the last piece.
 * EVALD_TIMEOUT: to be gone on with later. */
static enum evald_status pack_codes(struct packer *packer,
                                    const struct store_shard_key *shard,
                                    const struct codes *codes,
                                    const struct store_mark marks[2],
                                    struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (size_t at = 0; at < codes->count && status == EVALD_OK;
       at += PIECE_CODES) {
    size_t left = codes->count - at;
    bool last = left <= PIECE_CODES;
    struct store_pack_wish wish = {
        {codes->items + at, last ? left : PIECE_CODES}, marks[last]};
    int64_t begun = clock_us();
    status = pack_piece(packer, shard, &wish, fault);
    if (status == EVALD_OK && !may_go_on(packer, begun)) return EVALD_TIMEOUT;
  }
  return status;
}

/* All of a shard, where its stream cannot say what is new. EVALD_NOT_FOUND:
 * there is nothing in it. */
static enum evald_status pack_walk(struct packer *packer,
                                   const struct store_shard_key *shard,
                                   const struct store_mark marks[2],
                                   struct evald_fault *fault) {
  struct codes codes = {.packer = packer};
  const struct store_scan_of of = {STORE_KEY_RESULTS, shard};
  struct store_cursor cursor = {.step = SCAN_STEP};
  enum evald_status status = EVALD_OK;
  while (!cursor.end && status == EVALD_OK)
    status = store_scan_step(packer->store, &of, &cursor, each_result, &codes,
                             fault);
  if (status == EVALD_OK && codes.count == 0) status = EVALD_NOT_FOUND;
  if (status != EVALD_OK) return status;
  return pack_codes(packer, shard, &codes, marks, fault);
}

/* One step of a shard. EVALD_NOT_FOUND: all of it is packed. */
static enum evald_status pack_step(struct packer *packer,
                                   const struct store_shard_key *shard,
                                   struct evald_fault *fault) {
  struct store_shard_state state;
  struct store_mark mark;
  evald_arena_reset(packer->arena);
  enum evald_status status =
      store_get_aggregate(packer->store, shard, &state, NULL, fault);
  if (status == EVALD_OK)
    status = store_pack_mark(packer->store, shard, &mark, fault);
  if (status != EVALD_OK) return status;
  /* The store fell back; where it has gone on since, its epoch says so. */
  if (mark.epoch != state.epoch || mark.seq > state.seq) mark.seq = 0;
  if (mark.seq == state.seq) return EVALD_NOT_FOUND;
  struct codes codes = {
      .packer = packer, .from = mark.seq + 1, .mark = {state.epoch, mark.seq}};
  struct store_range range = {mark.seq, STEP_CODES};
  status = store_events(packer->store, shard, range, each_event, &codes, fault);
  if (status != EVALD_OK && status != EVALD_LIMIT) return status;
  if (codes.gap || codes.count == 0)
    return pack_walk(packer, shard,
                     (struct store_mark[]){mark, {state.epoch, state.seq}},
                     fault);
  return pack_codes(packer, shard, &codes,
                    (struct store_mark[]){mark, codes.mark}, fault);
}

/* Until the shard is packed. EVALD_TIMEOUT: no time at present. One that is
 * written to all the while is left for later. */
static enum evald_status pack_shard(struct packer *packer,
                                    const struct store_shard_key *shard,
                                    struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  while (status == EVALD_OK)
    status = pack_step(packer, shard, fault);
  packer->due |= status == EVALD_INTERFERED;
  return status == EVALD_NOT_FOUND || status == EVALD_INTERFERED ? EVALD_OK
                                                                 : status;
}

/* ---- a pass over all shards ---- */

static enum evald_status note_shard(void *context,
                                    const struct store_shard_key *shard) {
  struct packer *packer = context;
  if (packer->shard_count == SHARDS_MAX) return EVALD_LIMIT;
  if (packer->shard_count % 64 == 0) {
    struct store_shard_key *shards =
        realloc(packer->shards, (packer->shard_count + 64) * sizeof *shards);
    if (shards == NULL) return EVALD_MEMORY;
    packer->shards = shards;
  }
  packer->shards[packer->shard_count++] = *shard;
  return EVALD_OK;
}

static enum evald_status prepare(struct packer *packer,
                                 struct evald_fault *fault) {
  int trained = 0;
  enum evald_status status = EVALD_OK;
  if (!store_connected(packer->store))
    status = store_connect(packer->store, fault);
  if (status == EVALD_OK)
    status = store_pack_train(packer->store, &trained, fault);
  if (status != EVALD_OK) return status;
  if (trained > 0)
    log_line(LOG_INFO,
             _("learned %d dictionaries, to compress results and forms by"),
             trained);
  packer->shard_count = 0;
  status = store_shards(packer->store, note_shard, packer, fault);
  if (status != EVALD_LIMIT) return status;
  if (log_allowed(&packer->lines))
    log_line(LOG_WARNING,
             _("more than %d divisions and years: the values of the others "
               "are not packed"),
             SHARDS_MAX);
  return EVALD_OK;
}

static void tell(struct packer *packer, const struct store_shard_key *shard,
                 struct evald_fault *fault) {
  (void)evald_fault_set(fault, EVALD_MEMORY, shard->division,
                        _("no memory for the projects of %u: raise "
                          "worker.memory_bytes"),
                        (unsigned)shard->year);
  if (log_allowed(&packer->lines))
    log_fault(LOG_WARNING, _("values cannot be packed"), fault);
}

static enum evald_status pass(struct packer *packer,
                              struct evald_fault *fault) {
  packer->due = false;
  enum evald_status status = prepare(packer, fault);
  for (size_t i = 0; i < packer->shard_count && status == EVALD_OK; i++) {
    evald_fault_clear(fault);
    status = pack_shard(packer, &packer->shards[i], fault);
    if (status == EVALD_MEMORY) tell(packer, &packer->shards[i], fault);
    /* Damaged, or too large for us: the others are not. */
    if (status == EVALD_SYNTAX || status == EVALD_MEMORY) status = EVALD_OK;
  }
  return status;
}

/* Trouble with Redis is the workers' to tell; a value that Redis refuses is
 * not. Both are tried again when the next commit shows that there is hope. */
static void tick(struct packer *packer) {
  struct evald_fault fault = {0};
  look_around(packer);
  see_commits(packer);
  if (!packer->due || must_wait(packer)) return;
  read_pipe(packer, LOOK_MS); /* traffic that has begun just now? */
  look_around(packer);
  if (packer->stopping || must_wait(packer)) return;
  enum evald_status status = pass(packer, &fault);
  if (status == EVALD_TIMEOUT) packer->due = true;
  if (status == EVALD_INVALID && log_allowed(&packer->lines))
    log_fault(LOG_WARNING, _("values cannot be packed"), &fault);
}

/* ---- beginning and end ---- */

static enum evald_status packer_init(struct packer *packer,
                                     struct evald_fault *fault) {
  const struct config *config = packer->setup->config;
  struct store_options options = *packer->setup->store;
  if (options.reply_ms > REPLY_MS) options.reply_ms = REPLY_MS;
  options.wait_replicas = 0;
  packer->due = true;
  packer->evaluated_at = clock_ms();
  packer->arena = evald_arena_new((size_t)config->worker_memory_bytes);
  if (packer->arena == NULL)
    return evald_fault_set(fault, EVALD_MEMORY, "packer", _("no memory"));
  return store_open(&options, &packer->store, fault);
}

/* Linux takes the core from a thread of SCHED_IDLE as soon as any other is
 * ready, which it does not do for the nicest of the ordinary ones. Both are the
 * thread's own, and need not succeed. */
static void yield_to_all(void) {
  const struct sched_param none = {0};
  (void)setpriority(PRIO_PROCESS, 0, 19);
  (void)sched_setscheduler(0, SCHED_IDLE, &none);
}

void packer_body(struct bus_pipe *pipe, void *setup) {
  struct evald_fault fault = {0};
  struct packer packer = {.setup = setup, .pipe = pipe};
  yield_to_all();
  if (packer_init(&packer, &fault) == EVALD_OK) {
    bus_actor_ready(pipe);
    while (!packer.stopping) {
      read_pipe(&packer, TICK_MS);
      if (!packer.stopping) tick(&packer);
    }
  } else {
    bus_actor_failed(pipe, &fault);
  }
  store_close(packer.store);
  evald_arena_free(packer.arena);
  free(packer.shards);
}
