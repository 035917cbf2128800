/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_RESP_H
#define STORE_RESP_H

/*
 * Commands in Redis's protocol, written into one growing buffer: no allocation
 * a command or a field once the buffer is warm. A command is resp_command with
 * the number of its arguments, its name among them, and then that many
 * resp_* arguments; the counts are the caller's to get right.
 *
 * Where memory ends the buffer is `failed` and stays so until resp_clear;
 * writing goes on without effect, so that it is looked at once, before sending.
 */

#include "store/keys.h"

struct resp {
  char *data;
  size_t size;
  size_t capacity;
  size_t commands; /* each has one answer */
  bool failed;
};

void resp_free(struct resp *resp);

/* Forgets the content; keeps the memory, unless it grew beyond `keep`. */
void resp_clear(struct resp *resp, size_t keep);

void resp_command(struct resp *resp, size_t arguments, const char *name);
void resp_bytes(struct resp *resp, const char *data, size_t size);
void resp_text(struct resp *resp, struct evald_text text);
void resp_string(struct resp *resp, const char *string);
void resp_integer(struct resp *resp, int64_t value);
void resp_key(struct resp *resp, enum store_key key,
              const struct store_shard_key *shard);

/* Bytes that are protocol already. */
void resp_raw(struct resp *resp, const char *data, size_t size);

#endif
