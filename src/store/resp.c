/* SPDX-License-Identifier: Apache-2.0 */
#include "store/resp.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT = 24, FIRST_CAPACITY = 4096 };

void resp_free(struct resp *resp) {
  free(resp->data);
  *resp = (struct resp){.data = NULL};
}

void resp_clear(struct resp *resp, size_t keep) {
  if (resp->capacity > keep) resp_free(resp);
  resp->size = resp->commands = 0;
  resp->failed = false;
}

static bool grow(struct resp *resp, size_t wanted) {
  size_t capacity = resp->capacity ? resp->capacity : FIRST_CAPACITY;
  while (capacity - resp->size < wanted) {
    if (capacity > SIZE_MAX / 2) return false;
    capacity *= 2;
  }
  char *data = realloc(resp->data, capacity);
  if (!data) return false;
  resp->data = data;
  resp->capacity = capacity;
  return true;
}

/* Room for `size` more bytes, or NULL. */
static char *reserve(struct resp *resp, size_t size) {
  if (resp->failed) return NULL;
  if (resp->capacity - resp->size < size && !grow(resp, size)) {
    resp->failed = true;
    return NULL;
  }
  return resp->data + resp->size;
}

static size_t print_unsigned(char *out, uint64_t value) {
  char digits[NUMBER_TEXT];
  size_t count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  for (size_t i = 0; i < count; i++)
    out[i] = digits[count - 1 - i];
  return count;
}

/* "$12\r\n" or "*3\r\n". */
static size_t print_head(char *out, char kind, size_t value) {
  out[0] = kind;
  size_t size = 1 + print_unsigned(out + 1, value);
  out[size] = '\r';
  out[size + 1] = '\n';
  return size + 2;
}

void resp_raw(struct resp *resp, const char *data, size_t size) {
  char *out = reserve(resp, size);
  if (!out || size == 0) return;
  memcpy(out, data, size);
  resp->size += size;
}

void resp_bytes(struct resp *resp, const char *data, size_t size) {
  if (size > SIZE_MAX / 2) {
    resp->failed = true;
    return;
  }
  char *out = reserve(resp, size + NUMBER_TEXT + 5);
  if (!out) return;
  size_t at = print_head(out, '$', size);
  if (size > 0) memcpy(out + at, data, size);
  at += size;
  out[at] = '\r';
  out[at + 1] = '\n';
  resp->size += at + 2;
}

void resp_command(struct resp *resp, size_t arguments, const char *name) {
  char *out = reserve(resp, NUMBER_TEXT + 3);
  if (!out) return;
  resp->commands++;
  resp->size += print_head(out, '*', arguments);
  resp_string(resp, name);
}

void resp_text(struct resp *resp, struct evald_text text) {
  resp_bytes(resp, text.data, text.size);
}

void resp_string(struct resp *resp, const char *string) {
  resp_bytes(resp, string, strlen(string));
}

void resp_integer(struct resp *resp, int64_t value) {
  char text[NUMBER_TEXT];
  size_t sign = value < 0;
  text[0] = '-';
  uint64_t magnitude = sign ? 0 - (uint64_t)value : (uint64_t)value;
  resp_bytes(resp, text, sign + print_unsigned(text + sign, magnitude));
}

void resp_key(struct resp *resp, enum store_key key,
              const struct store_shard_key *shard) {
  char text[STORE_KEY_TEXT];
  resp_bytes(resp, text, store_key_print(key, shard, text));
}
