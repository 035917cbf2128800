/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_REDIS_H
#define CLIENT_REDIS_H

/*
 * Just enough of Redis's protocol to read: a command, then the items of its
 * answer one by one. Blocking, but never for longer than REDIS_PATIENCE_MS from
 * the command on. Any failure ends the connection, so that answers cannot get
 * out of step; the next redis_command makes a new one.
 */

#include "evald/status.h"
#include "evald/text.h"

enum { REDIS_PATIENCE_MS = 2000 };

struct redis;

/* "host:port" or "unix:/path"; NULL where memory ends. Does not connect. */
struct redis *redis_new(const char *address, const char *user,
                        const char *password);
void redis_free(struct redis *redis);

/* Sends a command of `count` arguments. What of the last answer was not read is
 * dropped with the connection. EVALD_AWAY; see redis_reason. */
enum evald_status redis_command(struct redis *redis, size_t count,
                                const char *const *arguments);

/* The next item of the answer: the length of an array, -1 for nil; a text,
 * which lives until the next call. An item of another type, an error among
 * them, is EVALD_AWAY. */
enum evald_status redis_array(struct redis *redis, int64_t *out);
enum evald_status redis_text(struct redis *redis, struct evald_text *out);

/* The whole answer was read; without this the next command connects anew. */
void redis_done(struct redis *redis);

/* Why the last call failed. */
const char *redis_reason(const struct redis *redis);

#endif
