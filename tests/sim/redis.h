/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_REDIS_H
#define SIM_REDIS_H

/*
 * A Redis of the world's own: the commands that src/store uses, as Redis 7
 * answers them (against.c holds them against a real one), connections that
 * break, a log of what was written, and a restart from any point of it.
 */

#include "sim/sim.h"

/* ---- keys (redis_keys.c) ---- */

enum redis_type {
  REDIS_NONE,
  REDIS_STRING,
  REDIS_LIST,
  REDIS_SET,
  REDIS_HASH,
  REDIS_STREAM
};

struct redis_text {
  const char *data;
  size_t size;
};

/* A field and its value; of a list the value, of a set the field; of a stream
 * the id and the fields as protocol. */
struct redis_item {
  char *field, *value;
  size_t field_size, value_size;
  size_t unit; /* of a stream's entry: which of the log wrote it, 0: an earlier
                  process did */
};

struct redis_key {
  char name[80];
  size_t size;
  enum redis_type type;
  struct redis_item *items;
  size_t count, room, hint;
  int64_t expires; /* 0: never */
  int64_t last_id, last_part;
};

struct redis_keys {
  struct redis_key *items[256];
  size_t count;
};

struct redis_key *redis_key_find(struct redis_keys *keys,
                                 struct redis_text name);
struct redis_key *redis_key_make(struct redis_keys *keys,
                                 struct redis_text name, enum redis_type type);
void redis_key_remove(struct redis_keys *keys, struct redis_key *key);
void redis_keys_clear(struct redis_keys *keys);

struct redis_item *redis_item_find(struct redis_key *key,
                                   struct redis_text field);
/* Sets or adds; true: it was new. */
bool redis_item_set(struct redis_key *key, struct redis_text field,
                    struct redis_text value);
void redis_item_remove(struct redis_key *key, size_t at, size_t count);

/* ---- the server (redis_server.c, redis_commands.c) ---- */

enum redis_mood {
  REDIS_FINE,
  REDIS_OOM,
  REDIS_MISCONF,
  REDIS_READONLY,
  REDIS_LOADING,
  REDIS_MOOD_COUNT
};

struct redis_client {
  int64_t id;
  int number; /* of its descriptor */
  bool open;  /* at the client's end */
  bool there; /* at the server's end */
  struct sim_process *owner;
  struct sim_bytes up, down; /* arrived at the server; at the client */
  int64_t up_due, down_due;  /* what was sent last arrives then */
  size_t up_way, down_way;   /* bytes on their way */
  uint64_t stay;             /* rises when the connection ends */
  bool multi, aborted, dirty;
  struct sim_bytes queue; /* commands of a MULTI, as protocol */
  size_t queued;
  char watched[64][80];
  size_t watch_count;
  uint64_t written; /* position in the log after its last write */
};

enum { REDIS_CLIENTS = 256, REDIS_REPLICAS = 3 };

struct redis_unit { /* of the log: one command, or one transaction */
  size_t end;       /* in `log` */
  int64_t at;
};

struct redis_server {
  struct redis_keys keys;
  struct redis_client *clients[REDIS_CLIENTS];
  size_t client_count;
  int64_t next_id;
  unsigned run; /* which process this is */
  bool up, paused, replaying;
  enum redis_mood mood;
  bool append_only;
  const char *append_fsync;
  struct sim_bytes log, unit; /* the unit being written */
  struct redis_unit *units;
  size_t unit_count, unit_room;
  unsigned replicas;
  size_t replica_at[REDIS_REPLICAS]; /* units that each has */
  int64_t lags_until;                /* replicas get nothing before */
  size_t confirmed; /* units that as many replicas have as a WAIT demanded */
  void (*watch)(struct redis_server *server); /* after each write */
};

extern struct redis_server redis;

void redis_begin(void);
void redis_end(void);

/* Bytes from a client have arrived. */
void redis_hear(struct redis_client *client);
/* Runs one command for a client (NULL: from the log) and puts its answer. */
void redis_run(struct redis_client *client, int argc, struct redis_text *argv,
               struct sim_bytes *out);
/* Reads a command at the front of `bytes`: its length, 0: not whole yet. */
size_t redis_parse(const char *data, size_t size, int *argc,
                   struct redis_text *argv);
enum { REDIS_ARGUMENTS = 8192 };

/* For the commands. */
void redis_touch(const struct redis_key *key);
void redis_log(int argc, const struct redis_text *argv);
void redis_close_unit(void);

/* A command from an operator: at once, on no connection. */
void redis_operate(const char *command, const char *key, const char *field,
                   const char *value);

/* ---- what happens to it ---- */

/* X(NAME, what comes in place of an answer) */
#define REDIS_SPOILT_LIST(X)                                                   \
  X(LOST, "nothing: the connection is gone")                                   \
  X(REFUSED, "an error that stays")                                            \
  X(PASSING, "an error that passes")                                           \
  X(NIL, "nil")

enum redis_spoilt {
#define X(name, text) REDIS_##name,
  REDIS_SPOILT_LIST(X)
#undef X
      REDIS_SPOILT_COUNT
};

/* From now on the n-th answer is spoilt, once; 0: none is. */
void redis_spoil(uint64_t number, enum redis_spoilt how);
/* How many answers there have been since. */
uint64_t redis_answers(void);

/* The process dies; and comes again with the first `units` of its log. Until
 * then its keys can still be looked at. */
void redis_kill(void);
void redis_start(size_t units);
void redis_pause(bool paused);
/* Breaks a connection: what is on its way arrives in part or not at all. */
void redis_break(struct redis_client *client);
void redis_break_process(struct sim_process *process);

#endif
