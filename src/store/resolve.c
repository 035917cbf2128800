/* SPDX-License-Identifier: Apache-2.0 */

/* A commit whose end is not known: its nonce is looked for in the store. */

#include "store/link.h"

static void write_search(struct store *store) {
  for (size_t i = 0; i < store->commit.shard_count; i++) {
    const struct commit_shard *shard = &store->commit.shards[i];
    resp_command(&store->out, 3, "HGET");
    resp_key(&store->out, STORE_KEY_AGGREGATE, &shard->shard);
    resp_string(&store->out, store_field_name(STORE_FIELD_COMMIT));
    resp_command(&store->out, 4, "XRANGE");
    resp_key(&store->out, STORE_KEY_EVENTS, &shard->shard);
    commit_write_id(store, shard->last_seq);
    commit_write_id(store, shard->last_seq);
  }
}

/* The nonce of an XRANGE of one entry: [[id, [b, …, n, nonce]]]. */
static struct evald_text entry_nonce(const redisReply *reply) {
  if (reply->elements != 1 || reply->element[0]->elements != 2) {
    return (struct evald_text){NULL, 0};
  }
  const redisReply *fields = reply->element[0]->element[1];
  if (fields->elements != 4) return (struct evald_text){NULL, 0};
  return link_text(fields->element[3]);
}

static enum evald_status read_search(struct store *store, bool *found,
                                     struct evald_fault *fault) {
  struct evald_text nonce = evald_text_of(store->commit.nonce);
  enum evald_status status = EVALD_OK;
  for (size_t i = 0; i < store->commit.shard_count; i++) {
    redisReply *last = NULL, *entry = NULL;
    status =
        link_first(status, link_expect(store, "HGET commit", 0, &last, fault));
    status = link_first(status, link_expect(store, "XRANGE events",
                                            REDIS_REPLY_ARRAY, &entry, fault));
    if (last && evald_text_equal(link_nonce(link_text(last), NULL), nonce))
      *found = true;
    if (entry && evald_text_equal(entry_nonce(entry), nonce)) *found = true;
  }
  return status;
}

enum evald_status store_commit_resolve(struct store *store,
                                       struct store_outcome *out,
                                       struct evald_fault *fault) {
  struct store_outcome found = {.committed = false};
  enum evald_status status = link_begin(store, fault);
  if (status != EVALD_OK) return status;
  write_search(store);
  status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  status = read_search(store, &found.committed, fault);
  if (status != EVALD_OK) return status;
  store->commit.unknown = false;
  store->commit.reject_count = 0;
  if (found.committed) turn_committed(store, false);
  return commit_end(store, &found, out);
}
