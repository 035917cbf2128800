/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PACK_INSIDE_H
#define STORE_PACK_INSIDE_H

/*
 * Inside the room: dictionaries as they are held, and the one place where an
 * answer of Redis is unpacked.
 */

#include "store/link.h"
#include "store/pack.h"

/* X(NAME, key, bytes of a dictionary): what is packed, each with dictionaries
 * of its own. */
#define PACK_KIND_LIST(X)                                                      \
  X(RESULTS, STORE_KEY_RESULTS, 16 << 10)                                      \
  X(FORMS, STORE_KEY_FORMS, 64 << 10)

enum pack_kind {
#define X(name, key, size) PACK_##name,
  PACK_KIND_LIST(X)
#undef X
      PACK_KIND_COUNT
};

/* The hash whose values these are. */
enum store_key pack_key(enum pack_kind kind);

enum { PACK_DICTIONARIES_MAX = 64, PACK_NUMBER_MAX = INT32_MAX };

struct pack_dictionary {
  enum pack_kind kind;
  int64_t number;
  char *bytes; /* owned */
  size_t size;
  void *reading, *writing; /* made when first used; pack.c, packing.c */
};

struct pack {
  struct pack_dictionary dictionaries[PACK_DICTIONARIES_MAX];
  size_t count;
  int64_t tried[PACK_KIND_COUNT]; /* the last number that was trained for */
  void *unpacker, *packer;        /* zstd's contexts */
  size_t opened; /* so many values pack_open got to before its bound */
};

/* The store's own; NULL: no memory. */
struct pack *pack_of(struct store *store);
void pack_free(struct pack *pack);

/* Holds no dictionary any more; NULL does nothing. */
void pack_forget(struct pack *pack);

/* Reads the dictionaries that are not held yet, and forgets those that the
 * store does not have, or has otherwise. Every answer of the last pipeline must
 * have been read; they stay held. No struct pack_dictionary * outlives it. */
enum evald_status pack_fetch(struct store *store, struct evald_fault *fault);

/* "results:1": as an argument of a command. */
void pack_write_name(struct resp *out, enum pack_kind kind, int64_t number);

/* Whether what the store answered is that dictionary. */
bool pack_is_dictionary(const struct pack_dictionary *dictionary,
                        const redisReply *reply);

/* "results:1" → its kind and number; false where it is not that. */
bool pack_name_parse(struct evald_text name, struct pack_dictionary *out);

/* The dictionary of that number; number 0: the newest. NULL: none. */
struct pack_dictionary *pack_find(struct pack *pack, enum pack_kind kind,
                                  int64_t number);

/* Whether a value is packed. */
bool pack_is_packed(struct evald_text value);

/* Unpacks, in place, what is packed of the strings among these answers, values
 * of the hash `key` (others than results and forms: nothing is done). As
 * pack_fetch: no answer may be due. */
enum evald_status pack_open(struct store *store, enum store_key key,
                            redisReply **values, size_t count,
                            struct evald_fault *fault);

#endif
