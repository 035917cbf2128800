/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_PROJECTS_H
#define DAEMON_PROJECTS_H

/*
 * What a worker remembers of projects: the last result's revision, digests,
 * department and contribution, so that the next form of the same project can
 * be decided without asking Redis. Bounded: the entry that was not used for
 * longest (about) makes room, unless the batch at work has pinned it.
 *
 * An entry also says "the store has no result of this project", which is what
 * a new project needs to know.
 *
 * Entries belong to a shard and a generation of it; a shard that must forget
 * what it knew takes the next generation, and its old entries are as good as
 * gone.
 */

#include "core/contribution.h"
#include "daemon/index.h"

enum project_state {
  PROJECT_ABSENT,    /* no result in the store */
  PROJECT_EVALUATED, /* a result that counts */
  PROJECT_WITHDRAWN, /* a tombstone: keeps its revision, counts nothing */
  PROJECT_UNREADABLE /* what is stored is not ours to read */
};

struct project {
  char *code; /* owned; `code_room` bytes */
  uint16_t code_size, code_room;
  uint8_t state; /* enum project_state */
  bool used;     /* since the hand passed last */
  bool own;      /* a work's, and not remembered beyond it */
  uint32_t shard, generation, hash;
  uint32_t department; /* number within the shard */
  uint64_t pin;        /* the last batch that needs it */
  uint32_t last_unit;  /* of that batch, which changed it */
  int64_t revision;
  struct evald_digest form_digest, ruleset_digest;
  struct contribution contribution;
};

struct projects {
  struct project *items; /* room of them, from calloc: untouched pages cost
                            nothing */
  uint32_t room, count, hand;
  struct index index;
};

/* What an entry is found by. */
struct project_key {
  uint32_t shard, generation;
  struct evald_text code;
};

/* EVALD_MEMORY. */
enum evald_status projects_init(struct projects *projects, uint32_t room);
void projects_fini(struct projects *projects);

/* NULL: not remembered. */
struct project *projects_find(struct projects *projects,
                              const struct project_key *key);

/* A new entry, PROJECT_ABSENT, for a key that is not there; entries whose pin
 * is `pin` stay. NULL: no memory, or all are pinned. */
struct project *projects_add(struct projects *projects,
                             const struct project_key *key, uint64_t pin);

/* Forgets one. The pointer is dead after it. */
void projects_forget(struct projects *projects, struct project *project);

#endif
