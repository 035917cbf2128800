/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LINK_H
#define STORE_LINK_H

/*
 * Inside the room: the store's own state, and the one way in and out of the
 * socket. Commands are written into `out`, sent by link_flush, answered one
 * by one by link_reply. A call that writes commands reads every answer to
 * them, whatever the first ones said, or loses the connection: so answers
 * never get out of step.
 */

#include "store/resp.h"
#include "store/transaction.h"
#include <hiredis/hiredis.h>

enum { LINK_NONCE_TEXT = 40, LINK_RUN_DIGITS = STORE_RUN_TEXT - 1 };

/* An aggregate's `commit` is the nonce of its batch, this sign, and the first
 * digits of the run_id of the Redis that took it. */
enum { LINK_RUN_SIGN = '@' };

/* Answers that were read off the socket before anybody asked for them. */
struct link_ready {
  redisReply **replies;
  size_t first, count; /* those before `first` were given out */
  size_t capacity;
};

/* Answers whose bytes somebody still reads. */
struct link_held {
  redisReply **replies;
  size_t count;
  size_t capacity;
};

/* What a load asked for, to read its answers by. */
struct load_shape {
  struct store_shard_key shard;
  enum store_want_level level;
  size_t code_count;
};

struct load_result {
  struct load_shape *shapes;
  size_t shape_count, shape_capacity;
  struct store_shard_state *states;
  size_t state_capacity;
  struct evald_text *values;
  redisReply **sources; /* of the values */
  size_t value_count, value_capacity, source_capacity;
  size_t *asks; /* of store_ask: how many codes each */
  size_t ask_count, ask_capacity;
  size_t wanted; /* values that the shapes and the asks come to */
  size_t loaded; /* values that the shapes came to; the rest was asked for */
  bool looked;   /* how it was asked: see turn_write_look */
  bool others;   /* it is somebody else's turn in one of these shards */
  bool alone;    /* nobody else is in their queues */
  bool damaged;  /* one of them is; its queue may be no list */
};

/* A shard of the commit under way: what to look for if its end is unknown. */
struct commit_shard {
  struct store_shard_key shard;
  int64_t last_seq;
};

struct commit {
  char nonce[LINK_NONCE_TEXT];
  bool sent;           /* answers are due */
  bool unknown;        /* the connection went after EXEC may have gone */
  bool was_unknown;    /* an earlier attempt of this batch ended so */
  bool enters;         /* the queues of the next load: store_batch.more */
  size_t queued;       /* commands between MULTI and EXEC */
  size_t exec_end;     /* offset in `out` behind EXEC */
  size_t first_reject; /* position of the first reject's XADD in EXEC */
  size_t reject_count;
  struct evald_text *reject_ids;
  size_t reject_capacity;
  struct commit_shard *shards;
  size_t shard_count, shard_capacity;
};

struct turn {
  bool contended; /* others write to our shards: queue before the next load */
  bool held;      /* store_turn_hold */
  struct store_shard_key *queued;
  size_t count, capacity;
  size_t blocked; /* the queued shard that was not ours when last looked */
};

struct store {
  struct store_options options;
  redisContext *context;
  char writer[20];
  uint64_t batch;           /* number of the last nonce */
  char run[STORE_RUN_TEXT]; /* store_run */
  int64_t client_id;        /* of the last connection, in that process */
  struct resp out;
  size_t sent;
  struct resp light; /* the fields of a state, as protocol */
  struct resp full;
  struct link_ready ready;
  struct link_held held;
  struct load_result load;
  struct commit commit;
  struct turn turn;
  struct pack *pack; /* pack_inside.h; NULL until something is packed */
};

/* Makes room for `count` items of `size` bytes; the array, whose address is
 * passed, may move. */
bool link_room(void *array, size_t *capacity, size_t count, size_t size);
#define LINK_ROOM(array, capacity, count)                                      \
  link_room(&(array), &(capacity), (count), sizeof *(array))

/* Writes the field `commit` of the batch at work. */
void link_write_commit(struct store *store);

/* The nonce in an aggregate's `commit`; `run` (may be NULL) gets what is
 * behind the sign. */
struct evald_text link_nonce(struct evald_text commit, struct evald_text *run);

/* Starts a pipeline: empties `out`, frees what the last one's answers held.
 * EVALD_AWAY without a connection. */
enum evald_status link_begin(struct store *store, struct evald_fault *fault);

/* Sends as much of `out` as the socket takes at once. */
enum evald_status link_flush(struct store *store, struct evald_fault *fault);

/* Sends and reads what the socket takes and has, without waiting. True: every
 * answer to what was written is there, or the connection is gone. */
bool link_pump(struct store *store);

/* Gives up answers that nobody asked for. */
void link_forget(struct store *store);

/* What is left of so many milliseconds, should the end come sooner. */
int64_t link_left_ms(const struct store *store, int64_t most);

/* EVALD_MEMORY where `out` failed; the pipeline is not sent then. */
enum evald_status link_written(struct store *store, struct evald_fault *fault);

/* The next answer, sending what is left to send meanwhile. `command` is for
 * the fault. An answer that is an error is an answer: EVALD_OK. The caller
 * frees it, or gives it to link_hold. EVALD_AWAY: the connection is gone. */
enum evald_status link_reply(struct store *store, const char *command,
                             redisReply **out, struct evald_fault *fault);

/* The next answer as it must be: of that type (REDIS_REPLY_*, or 0 for any but
 * an error); an error is judged by link_judge. On success held. */
enum evald_status link_expect(struct store *store, const char *command,
                              int type, redisReply **out,
                              struct evald_fault *fault);

/* Sends what was written since link_begin, and gives its one answer. */
enum evald_status link_ask(struct store *store, const char *command, int type,
                           redisReply **out, struct evald_fault *fault);

/* Keeps an answer until the next pipeline; frees it where it cannot. */
enum evald_status link_hold(struct store *store, redisReply *reply,
                            struct evald_fault *fault);

/* Which status an error answer is: EVALD_AWAY, EVALD_SYNTAX for a key of
 * another type, else EVALD_INVALID. */
enum evald_status link_judge(const char *command, const redisReply *reply,
                             struct evald_fault *fault);

/* Whether a command's error says that it may succeed later. */
bool link_passing(const char *error);

/* The answer to a TYPE of that key: it must be the key's type, or none, which
 * `*there` (may be NULL) says. */
enum evald_status link_type(struct store *store, enum store_key key,
                            const struct store_shard_key *shard, bool *there,
                            struct evald_fault *fault);

bool link_status_is(const redisReply *reply, const char *text);

/* The text of a bulk or status answer; absent for nil. */
struct evald_text link_text(const redisReply *reply);

/* A decimal integer and nothing else. */
bool link_integer(struct evald_text text, int64_t *out);

/* Keeps the first status that is not EVALD_OK. */
enum evald_status link_first(enum evald_status first, enum evald_status then);

/* Load (load.c): writes the commands; reads the answers, into `store->load`. */
enum evald_status load_write(struct store *store,
                             const struct store_want *wants, size_t count,
                             struct evald_fault *fault);
enum evald_status load_read(struct store *store, struct evald_fault *fault);

/* The state of one shard: the command; its answer; an answer that came within
 * an EXEC. */
void load_write_state(struct store *store, const struct store_shard_key *shard,
                      enum store_want_level level);
enum evald_status load_read_state(struct store *store,
                                  const struct store_shard_key *shard,
                                  struct store_shard_state *out,
                                  struct evald_fault *fault);
enum evald_status load_parse_state(const struct store *store,
                                   const struct store_shard_key *shard,
                                   const redisReply *reply,
                                   struct store_shard_state *out,
                                   struct evald_fault *fault);
struct store_loaded load_loaded(const struct store *store);

/* The commit (transaction.c, resolve.c): "<seq>-0"; and the end of a batch,
 * told to the caller. */
void commit_write_id(struct store *store, int64_t seq);
enum evald_status commit_end(struct store *store, struct store_outcome *found,
                             struct store_outcome *out);

/* Turns (turn.c). turn_take: EVALD_OK where a load may go ahead. */
enum evald_status turn_take(struct store *store, const struct store_want *wants,
                            size_t count, struct evald_fault *fault);
void turn_write_look(struct store *store, struct load_result *load);
enum evald_status turn_read_look(struct store *store, struct load_result *load,
                                 struct evald_fault *fault);

/* The place in the queues, kept for another turn_ms; answers to it. */
void turn_write_keep(struct store *store);
enum evald_status turn_read_keep(struct store *store,
                                 struct evald_fault *fault);

/* Commands for within a MULTI; both return how many. */
size_t turn_write_leave(struct store *store);
size_t turn_write_enter(struct store *store, const struct store_want *wants,
                        size_t count);
bool turn_room(struct turn *turn, size_t count);
void turn_committed(struct store *store, bool entered);

#endif
