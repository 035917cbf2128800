/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_MEND_H
#define STORE_MEND_H

/*
 * Looking at a shard that may be damaged, and clearing out of the way what no
 * commit could get past. For an operator's tool: a daemon refuses such a shard
 * and never mends it. All calls block.
 */

#include "store/query.h"

/* What is found under a key of a shard that evald did not write: a key of
 * another type (`field` absent, `found` is the type), or a field of the
 * aggregate that is no integer (`found` is what stands there). Texts live until
 * the callback returns. */
struct store_flaw {
  enum store_key key;
  struct evald_text field, found;
};
typedef enum evald_status (*store_each_flaw)(void *context,
                                             const struct store_flaw *flaw);

/* Every flaw of a shard; none: a commit can be made. */
enum evald_status store_inspect(struct store *store,
                                const struct store_shard_key *shard,
                                store_each_flaw each, void *context,
                                struct evald_fault *fault);

/* Moves a key of another type out of the way, with whatever it holds, to
 * "<key>:aside:<at_ms>"; `out` is that name. EVALD_NOT_FOUND where the key is
 * gone, or is of its own type by now. */
enum { STORE_ASIDE_TEXT = STORE_KEY_TEXT + 32 };
enum evald_status store_set_aside(struct store *store, enum store_key key,
                                  const struct store_shard_key *shard,
                                  int64_t at_ms, char out[STORE_ASIDE_TEXT],
                                  struct evald_fault *fault);

/* Deletes a field of the aggregate, if it still holds what was found. */
enum evald_status store_clear_field(struct store *store,
                                    const struct store_shard_key *shard,
                                    struct evald_text field,
                                    struct evald_text found,
                                    struct evald_fault *fault);

/* Every shard that has a key, also those that the set of shards lacks: walks
 * the names of all keys of the database (SCAN). In no order, each at least
 * once. */
enum evald_status store_search_shards(struct store *store,
                                      store_each_shard each, void *context,
                                      struct evald_fault *fault);

#endif
