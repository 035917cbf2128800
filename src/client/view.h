/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_VIEW_H
#define CLIENT_VIEW_H

/* What a reader reads in Redis: the aggregate of a division and year, and the
 * stream of its events (docs/PROTOCOL.md, "Redis"). */

#include "client/redis.h"
#include "wire/event_codec.h"

struct view_state {
  uint64_t epoch, seq; /* 0 and 0: nothing was ever stored */
  uint64_t log_begins; /* the stream has all from this seq on; 0: not said */
  int64_t updated_ms;
  struct contribution sum;
};

enum evald_status view_state(struct redis *redis, const char *division,
                             int year, struct view_state *out);

/* Up to `most` batches that end after `after`, oldest first; `entries` is how
 * many there were. What `each` is given lives until it returns; it must not use
 * the connection. EVALD_SYNTAX where an entry holds no batch. */
typedef void (*view_each)(void *context, const struct wire_batch *batch);
struct view_page {
  const char *division;
  int year;
  uint64_t after;
  size_t most;
  struct evald_arena *arena; /* reset for each batch */
  view_each each;
  void *context;
};
enum evald_status view_events(struct redis *redis, const struct view_page *page,
                              size_t *entries);

#endif
