/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Turns: how writers that share shards go one after the other.
 *
 * Optimistic writers that meet at full load starve each other: the one whose
 * next load rode behind its own commit always comes first. So a writer that
 * lost, or sees that somebody waits, puts its name at the end of the `turn`
 * list of every shard of its batch and goes ahead when it is first in each;
 * its commit takes its name out and, where its next batch waits already, puts
 * it at the end again. Under full load that is strict alternation, and no
 * transaction is lost. A writer that finds nobody else in the lists leaves
 * them with its next commit.
 *
 * Invariants
 *  1. A writer enters all its queues in one transaction, leaving those it was
 *     in: entries stand in the same order in every list, so no two writers
 *     ever wait for each other.
 *  2. Turns are a courtesy: what keeps the numbers right is WATCH. A list may
 *     vanish at any time, and does after turn_ms without anybody entering,
 *     which is how a writer that died in the queue is forgotten.
 */

#include "store/link.h"
#include <time.h>

enum { LOOKS = 4, NAP_NS = 200000 };

static bool is_queued(const struct turn *turn,
                      const struct store_shard_key *shard) {
  for (size_t i = 0; i < turn->count; i++) {
    if (store_shard_equal(&turn->queued[i], shard)) return true;
  }
  return false;
}

static bool covers(const struct turn *turn, const struct store_want *wants,
                   size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!is_queued(turn, &wants[i].shard)) return false;
  }
  return true;
}

size_t turn_write_leave(struct store *store) {
  for (size_t i = 0; i < store->turn.count; i++) {
    resp_command(&store->out, 4, "LREM");
    resp_key(&store->out, STORE_KEY_TURN, &store->turn.queued[i]);
    resp_integer(&store->out, 0);
    resp_string(&store->out, store->writer);
  }
  return store->turn.count;
}

static void write_entry(struct store *store,
                        const struct store_shard_key *shard) {
  resp_command(&store->out, 3, "RPUSH");
  resp_key(&store->out, STORE_KEY_TURN, shard);
  resp_string(&store->out, store->writer);
  resp_command(&store->out, 3, "PEXPIRE");
  resp_key(&store->out, STORE_KEY_TURN, shard);
  resp_integer(&store->out, store->options.turn_ms);
}

size_t turn_write_enter(struct store *store, const struct store_want *wants,
                        size_t count) {
  for (size_t i = 0; i < count; i++) {
    write_entry(store, &wants[i].shard);
  }
  return 2 * count;
}

static enum evald_status read_enter(struct store *store, size_t commands,
                                    struct evald_fault *fault) {
  enum evald_status status =
      link_expect(store, "MULTI", REDIS_REPLY_STATUS, NULL, fault);
  for (size_t i = 0; i < commands; i++) {
    status = link_first(
        status, link_expect(store, "turn", REDIS_REPLY_STATUS, NULL, fault));
  }
  redisReply *reply = NULL;
  status = link_first(status, link_expect(store, "EXEC turn", REDIS_REPLY_ARRAY,
                                          &reply, fault));
  if (status != EVALD_OK) return status;
  for (size_t i = 0; i < reply->elements; i++) {
    if (reply->element[i]->type != REDIS_REPLY_ERROR) continue;
    /* A queue that is no list: the next load goes ahead and finds out whose. */
    store->turn.contended = false;
    return link_judge("RPUSH turn", reply->element[i], fault);
  }
  return EVALD_OK;
}

bool turn_room(struct turn *turn, size_t count) {
  return LINK_ROOM(turn->queued, turn->capacity, count);
}

/* UNWATCH first: a watched aggregate that changed would refuse the EXEC. */
static enum evald_status enter(struct store *store,
                               const struct store_want *wants, size_t count,
                               struct evald_fault *fault) {
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  resp_command(&store->out, 1, "UNWATCH");
  resp_command(&store->out, 1, "MULTI");
  size_t commands = turn_write_leave(store);
  commands += turn_write_enter(store, wants, count);
  resp_command(&store->out, 1, "EXEC");
  status = link_written(store, fault);
  if (status == EVALD_OK && !turn_room(&store->turn, count)) {
    status = evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  }
  if (status != EVALD_OK) return status;
  status = link_expect(store, "UNWATCH", REDIS_REPLY_STATUS, NULL, fault);
  status = link_first(status, read_enter(store, commands, fault));
  if (status != EVALD_OK) return status;
  for (size_t i = 0; i < count; i++) {
    store->turn.queued[i] = wants[i].shard;
  }
  store->turn.count = count;
  store->turn.blocked = 0;
  return EVALD_OK;
}

/* The first two of a queue: whose turn it is, and whether somebody waits. */
static void write_look(struct store *store,
                       const struct store_shard_key *shard) {
  resp_command(&store->out, 4, "LRANGE");
  resp_key(&store->out, STORE_KEY_TURN, shard);
  resp_integer(&store->out, 0);
  resp_integer(&store->out, 1);
}

static bool is_me(const struct store *store, const redisReply *name) {
  return evald_text_equal(link_text(name), evald_text_of(store->writer));
}

/* Whether the first in a queue is this writer, or nobody. */
static bool is_free(const struct store *store, const redisReply *names) {
  return names->elements == 0 || is_me(store, names->element[0]);
}

/* Whether nobody else is in it. */
static bool is_alone(const struct store *store, const redisReply *names) {
  return is_free(store, names) && names->elements < 2;
}

static enum evald_status look(struct store *store, bool *free,
                              struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  write_look(store, &store->turn.queued[store->turn.blocked]);
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  status = link_expect(store, "LRANGE turn", REDIS_REPLY_ARRAY, &reply, fault);
  if (status == EVALD_OK) *free = is_free(store, reply);
  return status;
}

static enum evald_status wait_for(struct store *store,
                                  struct evald_fault *fault) {
  static const struct timespec nap = {0, NAP_NS};
  for (int i = 0; i < LOOKS; i++) {
    bool free = false;
    enum evald_status status = look(store, &free, fault);
    if (status != EVALD_OK || free) return status;
    (void)nanosleep(&nap, NULL);
  }
  return EVALD_TIMEOUT;
}

enum evald_status turn_take(struct store *store, const struct store_want *wants,
                            size_t count, struct evald_fault *fault) {
  bool queues = store->turn.contended || store->turn.held;
  if (!queues || count == 0) return EVALD_OK;
  if (!covers(&store->turn, wants, count)) {
    enum evald_status status = enter(store, wants, count, fault);
    if (status != EVALD_OK) return status;
  }
  return wait_for(store, fault);
}

void store_turn_hold(struct store *store, bool hold) {
  store->turn.held = hold;
}

/* Where the list has vanished meanwhile nothing is kept: others may go on. */
void turn_write_keep(struct store *store) {
  if (!store->turn.held) return;
  for (size_t i = 0; i < store->turn.count; i++) {
    resp_command(&store->out, 3, "PEXPIRE");
    resp_key(&store->out, STORE_KEY_TURN, &store->turn.queued[i]);
    resp_integer(&store->out, store->options.turn_ms);
  }
}

enum evald_status turn_read_keep(struct store *store,
                                 struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (size_t i = 0; store->turn.held && i < store->turn.count; i++) {
    status = link_first(status, link_expect(store, "PEXPIRE turn",
                                            REDIS_REPLY_INTEGER, NULL, fault));
  }
  return status;
}

/* Behind a load: a writer that has to do with others looks into each queue, one
 * that has not asks only whether there is one. */
void turn_write_look(struct store *store, struct load_result *load) {
  load->looked = store->turn.contended || store->turn.count > 0;
  if (load->looked) {
    for (size_t i = 0; i < load->shape_count; i++) {
      write_look(store, &load->shapes[i].shard);
    }
    return;
  }
  resp_command(&store->out, 1 + load->shape_count, "EXISTS");
  for (size_t i = 0; i < load->shape_count; i++) {
    resp_key(&store->out, STORE_KEY_TURN, &load->shapes[i].shard);
  }
}

static void block_on(struct turn *turn, const struct store_shard_key *shard) {
  for (size_t i = 0; i < turn->count; i++) {
    if (store_shard_equal(&turn->queued[i], shard)) turn->blocked = i;
  }
}

static enum evald_status read_looks(struct store *store,
                                    struct load_result *load,
                                    struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (size_t i = 0; i < load->shape_count; i++) {
    redisReply *names = NULL;
    status = link_first(status, link_expect(store, "LRANGE turn",
                                            REDIS_REPLY_ARRAY, &names, fault));
    if (!names) continue;
    if (!is_alone(store, names)) load->alone = false;
    if (is_free(store, names)) continue;
    load->others = true;
    block_on(&store->turn, &load->shapes[i].shard);
  }
  return status;
}

static enum evald_status read_look(struct store *store,
                                   struct load_result *load,
                                   struct evald_fault *fault) {
  if (load->looked) return read_looks(store, load, fault);
  redisReply *reply = NULL;
  enum evald_status status =
      link_expect(store, "EXISTS turn", REDIS_REPLY_INTEGER, &reply, fault);
  if (status == EVALD_OK) load->others = reply->integer > 0;
  load->alone = !load->others;
  return status;
}

/* Turns are a courtesy: who is in the queue of a damaged shard is not asked. */
enum evald_status turn_read_look(struct store *store, struct load_result *load,
                                 struct evald_fault *fault) {
  load->others = false;
  load->alone = true;
  enum evald_status status =
      read_look(store, load, load->damaged ? NULL : fault);
  if (!load->damaged) return status;
  load->others = false;
  load->alone = true;
  return status == EVALD_SYNTAX ? EVALD_OK : status;
}

/* After a transaction was carried out: it took this writer out of its queues,
 * and put it into those of the shards that rode behind it, where it said so. */
void turn_committed(struct store *store, bool entered) {
  struct turn *turn = &store->turn;
  turn->count = entered ? store->load.shape_count : 0;
  for (size_t i = 0; i < turn->count; i++) {
    turn->queued[i] = store->load.shapes[i].shard;
  }
  turn->blocked = 0;
}
