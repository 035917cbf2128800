/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world.h"
#include "sim/daemon.h"
#include "sim/jobs.h"
#include "sim/model.h"
#include "sim/net.h"
#include "sim/producer.h"
#include "sim/redis.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCERS_MAX = 3, TROUBLE_US = 3 * SIM_S, PEACE_US = 120 * SIM_S };

static struct world {
  struct daemon daemons[DAEMONS_MAX];
  unsigned daemon_count;
  struct job jobs[JOBS_MAX];
  unsigned job_count;
  struct producer producers[PRODUCERS_MAX], pusher, reader;
  unsigned producer_count;
  unsigned faults; /* a bit each: those of this run */
  unsigned fault_count;
  bool survives; /* what was told survives a restart of Redis */
  bool restores; /* but somebody puts older files in its place */
  size_t older;  /* by so many units, when Redis starts next */
  bool ending;
  bool trusts; /* in peace nobody is left without an answer */
  struct sim_task *trouble;
} world;

void redis_link_end(void);

/* ---- what breaks ---- */

/* One that has a life to lose, and one left; NULL: there is none. */
static struct daemon *some_daemon(void) {
  struct daemon *daemon = &world.daemons[sim_random(world.daemon_count)];
  bool last = daemon->life_count + 1 >= DAEMON_LIVES;
  return last || daemon_life(daemon) == NULL ? NULL : daemon;
}

static void break_redis(void) {
  for (int i = 0; i < 8 && redis.client_count > 0; i++) {
    struct redis_client *client = redis.clients[sim_random(redis.client_count)];
    if (!client->there) continue;
    redis_break(client);
    return;
  }
}

static void end_pause(void *context, uint64_t number) {
  (void)context, (void)number;
  if (redis.paused) redis_pause(false);
}

static void pause_redis(void) {
  redis_pause(true);
  sim_later((int64_t)sim_random(sim_chance(300) ? 1500 * SIM_MS : 50 * SIM_MS),
            end_pause, NULL, 0);
}

/* How much of its log Redis has when it comes again. */
static size_t kept_units(void) {
  size_t kept = redis.unit_count;
  if (world.survives && redis.replicas == 0) return kept;
  if (redis.replicas > 0) {
    kept = 0;
    for (unsigned i = 0; i < redis.replicas; i++)
      if (redis.replica_at[i] > kept) kept = redis.replica_at[i];
    return kept;
  }
  return kept - sim_random(kept + 1 < 10 ? kept + 1 : 10);
}

static void start_redis(void *context, uint64_t number) {
  (void)context, (void)number;
  if (redis.up) return;
  size_t kept = kept_units();
  kept -= world.older < kept ? world.older : kept;
  world.older = 0;
  sim_note("Redis comes again with %zu of %zu", kept, redis.unit_count);
  bool back = kept < redis.unit_count;
  redis_start(kept);
  if (back) model_rebuild();
}

static void kill_redis(void) {
  redis_kill();
  sim_later(1 + (int64_t)sim_random(200 * SIM_MS), start_redis, NULL, 0);
}

static void end_mood(void *context, uint64_t number) {
  (void)context, (void)number;
  redis.mood = REDIS_FINE;
}

static void change_mood(void) {
  redis.mood = (enum redis_mood)(1 + sim_random(REDIS_MOOD_COUNT - 1));
  sim_later((int64_t)sim_random(100 * SIM_MS), end_mood, NULL, 0);
}

static void shard_key(enum store_key name, char out[STORE_KEY_TEXT]) {
  (void)store_key_print(name, &jobs_shards[sim_random(JOBS_SHARDS)], out);
}

static void operate(void) {
  char key[STORE_KEY_TEXT];
  shard_key(STORE_KEY_AGGREGATE, key);
  if (!redis.up) return;
  if (redis_key_find(&redis.keys, (struct redis_text){key, strlen(key)}))
    redis_operate("HSET", key, "updated_ms", "1");
}

static void drop_turn(void) {
  char key[STORE_KEY_TEXT];
  shard_key(STORE_KEY_TURN, key);
  if (redis.up) redis_operate("DEL", key, key, key);
}

static void start_daemon(void *context, uint64_t number) {
  (void)number;
  if (!world.ending && daemon_life(context) == NULL) daemon_start(context);
}

static void kill_one(struct daemon *daemon) {
  daemon_kill(daemon);
  sim_later((int64_t)sim_random(100 * SIM_MS), start_daemon, daemon, 0);
}

static void kill_daemon(void) {
  struct daemon *daemon = some_daemon();
  if (daemon != NULL) kill_one(daemon);
}

static void kill_both(void) {
  kill_daemon();
  kill_redis();
}

/* Nobody is left who could know what the store had. */
static void restore(void) {
  for (unsigned i = 0; i < world.daemon_count; i++) {
    struct daemon *daemon = &world.daemons[i];
    if (daemon_life(daemon) == NULL) continue;
    if (daemon->life_count + 1 >= DAEMON_LIVES) return;
    kill_one(daemon);
  }
  if (world.restores) world.older = sim_random(20);
  kill_redis();
}

static void stop_daemon(void) {
  struct daemon *daemon = some_daemon();
  if (daemon == NULL) return;
  daemon_stop(daemon);
  for (int i = 1; i < 8; i++)
    sim_later(i * 500 * SIM_MS, start_daemon, daemon, 0);
}

static void break_link(void) {
  struct producer *producer =
      &world.producers[sim_random(world.producer_count)];
  if (producer->socket != NULL) net_break(producer->socket);
}

/* They stand where they are, or somewhere on the way, for a while. */
static void lag_replicas(void) {
  redis.lags_until = sim_now() + (int64_t)sim_random(400 * SIM_MS);
  for (unsigned i = 0; i < redis.replicas; i++)
    if (redis.replica_at[i] < redis.unit_count && sim_chance(500))
      redis.replica_at[i] = redis.unit_count;
}

static void (*const faults[])(void) = {
    [WORLD_BREAK_REDIS] = break_redis, [WORLD_PAUSE_REDIS] = pause_redis,
    [WORLD_KILL_REDIS] = kill_redis,   [WORLD_MOOD] = change_mood,
    [WORLD_OPERATOR] = operate,        [WORLD_TURN] = drop_turn,
    [WORLD_KILL_DAEMON] = kill_daemon, [WORLD_STOP_DAEMON] = stop_daemon,
    [WORLD_KILL_BOTH] = kill_both,     [WORLD_RESTORE] = restore,
    [WORLD_BREAK_LINK] = break_link,   [WORLD_REPLICAS] = lag_replicas};

static const char *const fault_texts[] = {
#define X(name, text) text,
    WORLD_FAULT_LIST(X)
#undef X
};

static bool all_done(void *context) {
  (void)context;
  for (unsigned i = 0; i < world.producer_count; i++)
    if (!producer_is_done(&world.producers[i])) return false;
  return producer_is_done(&world.pusher);
}

static void make_trouble(void *context) {
  int64_t until = sim_now() + TROUBLE_US;
  int64_t pause = SIM_MS + (int64_t)sim_random(60 * SIM_MS);
  (void)context;
  while (sim_now() < until && !all_done(NULL)) {
    sim_sleep(1 + (int64_t)sim_random((uint64_t)pause));
    unsigned fault = (unsigned)sim_random(WORLD_FAULT_COUNT);
    if (!(world.faults & 1U << fault)) continue;
    sim_note("-- %s", fault_texts[fault]);
    faults[fault]();
    world.fault_count++;
  }
}

/* ---- the beginning ---- */

static void choose_settings(void) {
  static const struct {
    unsigned below;
    const char *durability, *fsync;
    bool append, survives;
    unsigned replicas;
  } modes[] = {{400, "always", "always", true, true, 0},
               {500, "auto", "always", true, true, 0},
               {700, "replica:1", "everysec", true, true, 2},
               {850, "everysec", "everysec", true, false, 0},
               {1000, "memory", "no", false, false, 0}};
  uint64_t drawn = sim_random(1000);
  size_t i = 0;
  while (drawn >= modes[i].below)
    i++;
  redis.append_only = modes[i].append;
  redis.append_fsync = modes[i].fsync;
  redis.replicas = modes[i].replicas;
  world.survives = modes[i].survives;
  world.restores = sim_chance(150);
  struct daemon_settings settings = {.durability = modes[i].durability,
                                     .workers = 1 + sim_chance(200),
                                     .batch_jobs = 1 + (unsigned)sim_random(12),
                                     .window = 1 + (unsigned)sim_random(16)};
  daemon_begin(&settings);
  sim_note("durability %s, %u workers, batches of %u", settings.durability,
           settings.workers, settings.batch_jobs);
}

static void choose_faults(void) {
  unsigned kinds = (unsigned)sim_random(5);
  for (unsigned i = 0; i < kinds; i++)
    world.faults |= 1U << sim_random(WORLD_FAULT_COUNT);
}

static void give_jobs(struct producer *producer, unsigned most) {
  unsigned count = 1 + (unsigned)sim_random(most);
  producer->daemons = world.daemons;
  producer->daemon_count = world.daemon_count;
  producer->jobs = world.jobs;
  producer->correlation = sim_random(1000);
  for (unsigned i = 0; i < count && world.job_count < JOBS_MAX; i++) {
    jobs_draw(&world.jobs[world.job_count], world.job_count);
    producer->times[producer->count] = sim_chance(150);
    producer->mine[producer->count++] = world.job_count++;
  }
}

static void begin(const struct world_plan *plan) {
  memset(&world, 0, sizeof world);
  sim_begin(plan->seed);
  sim_refuse_memory(plan->refused);
  redis_spoil(plan->spoilt, (enum redis_spoilt)plan->how);
  world.trusts = plan->refused == 0;
  redis_begin();
  producer_peace = false;
  choose_settings();
  if (!plan->quiet) choose_faults();
  world.daemon_count = 1 + sim_chance(500);
  world.producer_count = 1 + (unsigned)sim_random(PRODUCERS_MAX);
  for (unsigned i = 0; i < world.producer_count; i++) {
    world.producers[i].number = i;
    give_jobs(&world.producers[i], 20);
  }
  give_jobs(&world.pusher, 6);
  world.reader.daemons = world.daemons;
  world.reader.daemon_count = world.daemon_count;
  model_begin(world.jobs, world.job_count,
              (struct model_trust){world.survives && !world.restores,
                                   plan->spoilt == 0});
  for (unsigned i = 0; i < world.daemon_count; i++) {
    world.daemons[i].number = i;
    daemon_start(&world.daemons[i]);
  }
  for (unsigned i = 0; i < world.producer_count; i++)
    producer_start(&world.producers[i]);
  producer_push(&world.pusher);
  reader_start(&world.reader);
  world.trouble = sim_start(NULL, make_trouble, NULL);
}

/* ---- the end ---- */

static void make_peace(void) {
  sim_note("-- peace");
  redis.mood = REDIS_FINE;
  end_pause(NULL, 0);
  start_redis(NULL, 0);
  for (unsigned i = 0; i < world.daemon_count; i++)
    for (int k = 1; k < 8; k++) /* whoever is ending yet comes again later */
      sim_later(k * 500 * SIM_MS, start_daemon, &world.daemons[i], 0);
  producer_peace = world.trusts;
}

static bool trouble_is_over(void *context) {
  (void)context;
  return sim_is_done(world.trouble);
}

static bool daemons_are_over(void *context) {
  (void)context;
  for (unsigned i = 0; i < world.daemon_count; i++)
    if (!daemon_is_over(&world.daemons[i])) return false;
  return sim_is_done(world.reader.task);
}

/* Where nobody was killed nobody is left in a queue by one who has gone. */
static void check_turns(void) {
  char key[STORE_KEY_TEXT];
  for (unsigned i = 0; i < JOBS_SHARDS && world.fault_count == 0; i++) {
    size_t size = store_key_print(STORE_KEY_TURN, &jobs_shards[i], key);
    if (redis_key_find(&redis.keys, (struct redis_text){key, size}))
      sim_fail("a daemon has ended and queues yet: %s", key);
  }
}

static void end(void) {
  world.ending = true;
  for (unsigned i = 0; i < world.daemon_count; i++)
    daemon_stop(&world.daemons[i]);
  world.reader.settled = 1;
  if (!sim_run(daemons_are_over, NULL, PEACE_US))
    sim_fail("a daemon does not end");
  if (world.trusts) check_turns();
  model_finish();
}

static void clear(void) {
  model_end();
  for (unsigned i = 0; i < world.producer_count; i++)
    producer_free(&world.producers[i]);
  producer_free(&world.pusher);
  producer_free(&world.reader);
  for (unsigned i = 0; i < world.daemon_count; i++)
    daemon_end(&world.daemons[i]);
  for (unsigned i = 0; i < world.job_count; i++)
    jobs_free(&world.jobs[i]);
  net_end();
  redis_end();
  redis_link_end();
  sim_end();
}

bool world_run(const struct world_plan *plan, struct world_result *out) {
  begin(plan);
  (void)sim_run(trouble_is_over, NULL, PEACE_US);
  make_peace();
  if (!sim_run(all_done, NULL, PEACE_US))
    sim_fail("jobs are not answered, though nothing is broken any more");
  end();
  *out = (struct world_result){.jobs = world.job_count,
                               .events = model_events(),
                               .told = model_told(),
                               .faults = world.fault_count,
                               .allocations = sim_allocations(),
                               .answers = redis_answers()};
  clear();
  return !sim_failed();
}
