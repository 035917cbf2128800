/* SPDX-License-Identifier: Apache-2.0 */
#include "store/transaction.h"

#include "base/fault.h"
#include "store/link.h"
#include <string.h>

/* Redis takes 1,048,576 arguments a command. */
enum { MOST_FIELDS = 500000 };

/* --- sending --- */

/* Counts what stands between MULTI and EXEC: each answers QUEUED. */
static void command(struct store *store, size_t arguments, const char *name) {
  store->commit.queued++;
  resp_command(&store->out, arguments, name);
}

struct pairs {
  enum store_key key;
  const struct store_pair *items;
  size_t count;
};

static void write_pairs(struct store *store,
                        const struct store_shard_key *shard,
                        struct pairs pairs) {
  if (pairs.count == 0) return;
  command(store, 2 + 2 * pairs.count, "HSET");
  resp_key(&store->out, pairs.key, shard);
  for (size_t i = 0; i < pairs.count; i++) {
    resp_text(&store->out, pairs.items[i].field);
    resp_text(&store->out, pairs.items[i].value);
  }
}

struct fields {
  enum store_key key;
  const struct evald_text *items;
  size_t count;
};

static void write_deleted(struct store *store,
                          const struct store_shard_key *shard,
                          struct fields fields) {
  if (fields.count == 0) return;
  command(store, 2 + fields.count, "HDEL");
  resp_key(&store->out, fields.key, shard);
  for (size_t i = 0; i < fields.count; i++) {
    resp_text(&store->out, fields.items[i]);
  }
}

/* "<seq>-0" */
void commit_write_id(struct store *store, int64_t seq) {
  char id[32];
  size_t size = fault_print(id, sizeof id, "%lld-0", (long long)seq);
  resp_bytes(&store->out, id, size);
}

static void write_event(struct store *store,
                        const struct store_shard_write *shard) {
  bool cuts = shard->log_begins > 0 && !shard->keeps_log;
  command(store, 7 + (cuts ? 3 : 0), "XADD");
  resp_key(&store->out, STORE_KEY_EVENTS, &shard->shard);
  if (cuts) { /* not "~": what is promised to be left is what is left */
    resp_string(&store->out, "MINID");
    resp_string(&store->out, "=");
    commit_write_id(store, shard->log_begins);
  }
  commit_write_id(store, shard->last_seq);
  resp_string(&store->out, "b");
  resp_text(&store->out, shard->events);
  resp_string(&store->out, "n");
  resp_string(&store->out, store->commit.nonce);
}

static bool is_changed(const struct store_shard_write *shard, size_t i) {
  return shard->before == NULL || shard->before[i] != shard->counters[i];
}

static size_t count_changed(const struct store *store,
                            const struct store_shard_write *shard) {
  size_t count = 0;
  for (size_t i = 0; i < store->options.counter_count; i++)
    count += is_changed(shard, i);
  return count;
}

static void write_aggregate(struct store *store,
                            const struct store_shard_write *shard,
                            int64_t at_ms) {
  size_t counters = store->options.counter_count;
  bool begins = shard->log_begins > 0;
  size_t fields =
      STORE_FIELD_COUNT - (begins ? 0U : 1U) + count_changed(store, shard);
  command(store, 2 + 2 * fields, "HSET");
  resp_key(&store->out, STORE_KEY_AGGREGATE, &shard->shard);
  resp_string(&store->out, store_field_name(STORE_FIELD_EPOCH));
  resp_integer(&store->out, shard->epoch);
  resp_string(&store->out, store_field_name(STORE_FIELD_SEQ));
  resp_integer(&store->out, shard->last_seq);
  link_write_commit(store);
  resp_string(&store->out, store_field_name(STORE_FIELD_UPDATED));
  resp_integer(&store->out, at_ms);
  if (begins) {
    resp_string(&store->out, store_field_name(STORE_FIELD_LOG_BEGINS));
    resp_integer(&store->out, shard->log_begins);
  }
  for (size_t i = 0; i < counters; i++) {
    if (!is_changed(shard, i)) continue;
    resp_string(&store->out, store->options.counters[i]);
    resp_integer(&store->out, shard->counters[i]);
  }
}

static void write_member(struct store *store,
                         const struct store_shard_key *shard) {
  char text[STORE_SHARD_TEXT];
  command(store, 3, "SADD");
  resp_key(&store->out, STORE_KEY_SHARDS, NULL);
  resp_bytes(&store->out, text, store_shard_print(shard, text));
}

static void write_shard(struct store *store, const struct store_shard_write *w,
                        int64_t at_ms) {
  const struct store_shard_key *shard = &w->shard;
  write_pairs(store, shard,
              (struct pairs){STORE_KEY_RESULTS, w->results, w->result_count});
  write_pairs(store, shard,
              (struct pairs){STORE_KEY_FORMS, w->forms, w->form_count});
  write_pairs(store, shard,
              (struct pairs){STORE_KEY_DEPARTMENTS, w->departments,
                             w->department_count});
  write_deleted(store, shard,
                (struct fields){STORE_KEY_FORMS, w->deleted_forms,
                                w->deleted_form_count});
  write_deleted(store, shard,
                (struct fields){STORE_KEY_DEPARTMENTS, w->deleted_departments,
                                w->deleted_department_count});
  if (w->events.data) write_event(store, w);
  write_aggregate(store, w, at_ms);
}

static void write_reject(struct store *store,
                         const struct store_reject *reject) {
#define X(name) +2
  enum { ARGUMENTS = 5 + 2 STORE_REJECT_FIELD_LIST(X) };
#undef X
  command(store, ARGUMENTS, "XADD");
  resp_key(&store->out, STORE_KEY_REJECTS, NULL);
  resp_string(&store->out, "*");
  resp_string(&store->out, "at_ms");
  resp_integer(&store->out, reject->at_ms);
  resp_string(&store->out, "size");
  resp_integer(&store->out, reject->size);
#define X(name)                                                                \
  resp_string(&store->out, #name);                                             \
  resp_text(&store->out, reject->name);
  STORE_REJECT_FIELD_LIST(X)
#undef X
}

/* Caps the rejects and counts what fell out, at once: outside the transaction,
 * since nothing depends on it. */
static void write_trim(struct store *store) {
  static const char script[] =
      "local n = redis.call('XTRIM', KEYS[1], 'MAXLEN', ARGV[1]) "
      "if n > 0 then redis.call('INCRBY', KEYS[2], n) end return n";
  resp_command(&store->out, 6, "EVAL");
  resp_string(&store->out, script);
  resp_integer(&store->out, 2);
  resp_key(&store->out, STORE_KEY_REJECTS, NULL);
  resp_key(&store->out, STORE_KEY_EVICTED, NULL);
  resp_integer(&store->out, store->options.rejects_max);
}

static void write_repair(struct store *store) {
  command(store, 2, "INCR");
  resp_key(&store->out, STORE_KEY_REPAIRS, NULL);
}

static void write_turns(struct store *store, const struct store_want *next,
                        size_t count) {
  store->commit.queued += turn_write_leave(store);
  if (store->commit.enters) {
    store->commit.queued += turn_write_enter(store, next, count);
  }
}

/* Redis takes in what is written while the rest is: what it is to carry out
 * comes last, so a connection that ends on the way has changed nothing. */
static void send_ahead(struct store *store) {
  if (!store->out.failed) (void)link_flush(store, NULL);
}

static void write_transaction(struct store *store,
                              const struct store_batch *batch,
                              const struct store_want *next, size_t count) {
  struct commit *commit = &store->commit;
  commit->queued = 0;
  resp_command(&store->out, 1, "MULTI");
  for (size_t i = 0; i < batch->shard_count; i++) {
    const struct store_shard_write *write = &batch->shards[i];
    write_shard(store, write, batch->at_ms);
    if (write->first_seq <= 1 || batch->repair) {
      write_member(store, &write->shard);
    }
    send_ahead(store);
  }
  if (batch->repair) write_repair(store);
  write_pairs(store, NULL,
              (struct pairs){STORE_KEY_RULESETS, batch->rulesets,
                             batch->ruleset_count});
  commit->first_reject = commit->queued;
  for (size_t i = 0; i < batch->reject_count; i++) {
    write_reject(store, &batch->rejects[i]);
  }
  write_turns(store, next, count);
  resp_command(&store->out, 1, "EXEC");
  commit->exec_end = store->out.size;
}

static void write_behind(struct store *store) {
  if (store->options.wait_replicas > 0) {
    resp_command(&store->out, 3, "WAIT");
    resp_integer(&store->out, store->options.wait_replicas);
    resp_integer(&store->out, store->options.wait_ms);
  }
  if (store->commit.reject_count > 0) write_trim(store);
}

static enum evald_status check_size(const struct store_batch *batch,
                                    struct evald_fault *fault) {
  bool fits = batch->ruleset_count <= MOST_FIELDS;
  for (size_t i = 0; i < batch->shard_count; i++) {
    const struct store_shard_write *w = &batch->shards[i];
    fits = fits && w->result_count <= MOST_FIELDS &&
           w->form_count <= MOST_FIELDS && w->department_count <= MOST_FIELDS &&
           w->deleted_form_count <= MOST_FIELDS &&
           w->deleted_department_count <= MOST_FIELDS;
  }
  if (fits) return EVALD_OK;
  return evald_fault_set(fault, EVALD_LIMIT, NULL,
                         "more than %d fields of one hash in a batch",
                         MOST_FIELDS);
}

static enum evald_status remember(struct store *store,
                                  const struct store_batch *batch,
                                  struct evald_fault *fault) {
  struct commit *commit = &store->commit;
  if (!LINK_ROOM(commit->shards, commit->shard_capacity, batch->shard_count) ||
      !LINK_ROOM(commit->reject_ids, commit->reject_capacity,
                 batch->reject_count)) {
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  }
  for (size_t i = 0; i < batch->shard_count; i++) {
    const struct store_shard_write *w = &batch->shards[i];
    commit->shards[i] = (struct commit_shard){w->shard, w->last_seq};
  }
  commit->shard_count = batch->shard_count;
  commit->reject_count = batch->reject_count;
  if (commit->nonce[0] == '\0') {
    (void)fault_print(commit->nonce, sizeof commit->nonce, "%s-%llx",
                      store->writer, (unsigned long long)++store->batch);
  }
  return EVALD_OK;
}

enum evald_status store_commit_send(struct store *store,
                                    const struct store_batch *batch,
                                    const struct store_want *next, size_t count,
                                    struct evald_fault *fault) {
  enum evald_status status = check_size(batch, fault);
  if (status == EVALD_OK) status = link_begin(store, fault);
  if (status == EVALD_OK) status = remember(store, batch, fault);
  if (status != EVALD_OK) return status;
  store->commit.enters = batch->more && store->turn.contended;
  if (store->commit.enters && !turn_room(&store->turn, count)) {
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  }
  write_transaction(store, batch, next, count);
  write_behind(store);
  status = load_write(store, next, count, fault);
  if (status == EVALD_OK) status = link_written(store, fault);
  if (status != EVALD_OK) {
    store_disconnect(store); /* a part of it may have gone */
    return status;
  }
  store->commit.sent = store->context != NULL;
  /* A connection that breaks here is found out by store_commit_wait. */
  (void)link_flush(store, NULL);
  return EVALD_OK;
}

bool store_commit_pump(struct store *store) {
  return !store->commit.sent || link_pump(store);
}

void store_commit_push(struct store *store) {
  if (store_commit_sending(store)) (void)link_flush(store, NULL);
}

bool store_commit_sending(const struct store *store) {
  return store->context && store->sent < store->out.size;
}

/* --- the end --- */

/* Forgets a batch: its nonce is not used again. */
static void finish(struct commit *commit) {
  commit->nonce[0] = '\0';
  commit->sent = commit->unknown = commit->was_unknown = false;
}

void store_commit_abandon(struct store *store) {
  finish(&store->commit);
  if (store->turn.count == 0 || link_begin(store, NULL) != EVALD_OK) return;
  size_t commands = turn_write_leave(store);
  store->turn.count = 0;
  if (link_written(store, NULL) != EVALD_OK) return;
  for (size_t i = 0; i < commands; i++) {
    (void)link_expect(store, "LREM turn", 0, NULL, NULL);
  }
}

bool store_commit_unknown(const struct store *store) {
  return store->commit.unknown;
}

static enum evald_status torn(const char *why, struct evald_fault *fault) {
  return evald_fault_set(
      fault, EVALD_INVALID, "EXEC",
      "a part of a batch could not be written (%s), the rest was: mend the "
      "key, then run evalctl verify",
      why);
}

/* The answers before EXEC's: OK and then QUEUED, or why not. */
static enum evald_status judge_queued(const redisReply *reply, bool first,
                                      struct evald_fault *fault) {
  if (link_status_is(reply, first ? "OK" : "QUEUED")) return EVALD_OK;
  if (reply->type == REDIS_REPLY_ERROR) {
    return link_judge("MULTI", reply, fault);
  }
  return torn("it was not queued", fault);
}

static enum evald_status read_queued(struct store *store,
                                     struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (size_t i = 0; i < store->commit.queued + 1; i++) {
    redisReply *reply = NULL;
    enum evald_status read = link_reply(store, "MULTI", &reply, fault);
    if (read != EVALD_OK) return read;
    status = link_first(status, judge_queued(reply, i == 0, fault));
    freeReplyObject(reply);
  }
  return status;
}

/* An error within EXEC: the others of its commands were carried out. */
static enum evald_status check_results(const redisReply *reply,
                                       struct evald_fault *fault) {
  for (size_t i = 0; i < reply->elements; i++) {
    const redisReply *item = reply->element[i];
    if (item->type != REDIS_REPLY_ERROR) continue;
    return torn(item->str, fault);
  }
  return EVALD_OK;
}

/* Without memory to hold the answer the ids are not told. */
static void take_reject_ids(struct store *store, redisReply *reply) {
  struct commit *commit = &store->commit;
  if (link_hold(store, reply, NULL) != EVALD_OK) {
    commit->reject_count = 0;
    return;
  }
  for (size_t i = 0; i < commit->reject_count; i++) {
    commit->reject_ids[i] = link_text(reply->element[commit->first_reject + i]);
  }
}

/* EXEC's own answer: nil is interference. */
static enum evald_status judge_exec(struct store *store,
                                    const redisReply *reply, bool *committed,
                                    struct evald_fault *fault) {
  if (reply->type == REDIS_REPLY_ERROR) return link_judge("EXEC", reply, fault);
  *committed = reply->type == REDIS_REPLY_ARRAY;
  if (!*committed) return EVALD_OK;
  if (reply->elements != store->commit.queued) {
    return evald_fault_set(fault, EVALD_INVALID, "EXEC",
                           "answered %zu commands of %zu", reply->elements,
                           store->commit.queued);
  }
  return check_results(reply, fault);
}

static enum evald_status read_exec(struct store *store, bool *committed,
                                   struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status queued = read_queued(store, fault);
  if (!store->context) return queued;
  enum evald_status status = link_reply(store, "EXEC", &reply, fault);
  if (status != EVALD_OK) return status;
  store->commit.sent = false;
  status = link_first(queued, judge_exec(store, reply, committed, fault));
  if (status == EVALD_OK && *committed) {
    take_reject_ids(store, reply);
  } else {
    freeReplyObject(reply);
  }
  return status;
}

static int read_behind(struct store *store, struct evald_fault *fault) {
  redisReply *reply = NULL;
  int acknowledged = 0;
  if (store->options.wait_replicas > 0 &&
      link_expect(store, "WAIT", REDIS_REPLY_INTEGER, &reply, fault) ==
          EVALD_OK) {
    acknowledged = (int)reply->integer;
  }
  if (store->commit.reject_count > 0) {
    (void)link_expect(store, "EVAL", 0, NULL, fault);
  }
  return acknowledged;
}

/* What stands behind a committed batch does not change that it is committed:
 * where it failed, the caller loads, and hears why. */
static void read_tail(struct store *store, struct store_outcome *out) {
  out->acknowledged = read_behind(store, NULL);
  if (out->committed) turn_committed(store, store->commit.enters);
  enum evald_status status = load_read(store, NULL);
  /* A writer that was refused for another's sake had better queue. */
  store->turn.contended = !out->committed || !store->load.alone;
  out->others = !out->committed || store->load.others;
  if (status != EVALD_OK || out->others) return;
  out->next = load_loaded(store);
  out->asked = store->load.values + store->load.loaded;
  out->asked_count = store->load.value_count - store->load.loaded;
}

enum evald_status commit_end(struct store *store, struct store_outcome *found,
                             struct store_outcome *out) {
  struct commit *commit = &store->commit;
  if (found->committed) {
    found->reject_ids = commit->reject_ids;
    found->reject_id_count = commit->reject_count;
    finish(commit);
  }
  *out = *found;
  return EVALD_OK;
}

enum evald_status store_commit_wait(struct store *store,
                                    struct store_outcome *out,
                                    struct evald_fault *fault) {
  struct commit *commit = &store->commit;
  struct store_outcome found = {.committed = false};
  if (!commit->sent) {
    return evald_fault_set(fault, EVALD_AWAY, "EXEC",
                           "the connection to Redis was lost");
  }
  enum evald_status status = read_exec(store, &found.committed, fault);
  if (!store->context && commit->unknown) return status;
  if (status != EVALD_OK) {
    (void)read_behind(store, NULL);
    (void)load_read(store, NULL);
    return status;
  }
  read_tail(store, &found);
  /* Nil because our own earlier attempt was carried out late. */
  if (!found.committed && commit->was_unknown) {
    return store_commit_resolve(store, out, fault);
  }
  return commit_end(store, &found, out);
}
