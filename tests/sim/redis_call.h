/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_REDIS_CALL_H
#define SIM_REDIS_CALL_H

/* One command as it is carried out, and its answer: for redis_*.c alone. */

#include "sim/redis.h"

struct call {
  int argc;
  struct redis_text *argv;
  struct sim_bytes *out;
};

void call_integer(struct call *call, int64_t value);
void call_bulk(struct call *call, const char *data, size_t size);
void call_say(struct call *call, const char *text);
void call_array(struct call *call, size_t count);
bool call_is(struct redis_text text, const char *word);
int64_t call_number(struct redis_text text);

/* The key of argument 1 to be read; false: it is of another type, and the
 * answer says so. *out NULL: it is not there. */
bool call_to_read(struct call *call, enum redis_type type,
                  struct redis_key **out);
struct redis_key *call_to_write(struct call *call, enum redis_type type);
void call_written(struct call *call, struct redis_key *key);
void call_count(struct call *call, enum redis_type type);
void call_incrby(struct call *call);

/* redis_streams.c */
void call_xadd(struct call *call);
void call_xrange(struct call *call);
void call_xlen(struct call *call);
void call_xdel(struct call *call);
void call_xinfo(struct call *call);
void call_eval(struct call *call);

/* Why a command cannot be run now; NULL: it can. */
const char *redis_refusal(const struct redis_text *argv);
/* The same for one that is queued in a MULTI. */
const char *redis_queue_refusal(const struct redis_text *argv);
/* Runs a command about keys; false: it is none. */
bool redis_keyed(int argc, struct redis_text *argv, struct sim_bytes *out);

#endif
