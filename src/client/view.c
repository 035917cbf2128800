/* SPDX-License-Identifier: Apache-2.0 */
#include "client/view.h"
#include "base/fault.h"
#include <stdlib.h>
#include <string.h>

enum { TEXT = 64 };

static int64_t integer_of(struct evald_text text) {
  char digits[24];
  fault_copy(digits, sizeof digits, text);
  return strtoll(digits, NULL, 10);
}

static void take_field(struct view_state *state, const char *name,
                       int64_t value) {
  if (strcmp(name, "epoch") == 0) state->epoch = (uint64_t)value;
  if (strcmp(name, "seq") == 0) state->seq = (uint64_t)value;
  if (strcmp(name, "log_begins") == 0) state->log_begins = (uint64_t)value;
  if (strcmp(name, "updated_ms") == 0) state->updated_ms = value;
  for (size_t i = 0; i < CORE_COUNTER_COUNT; i++)
    if (strcmp(core_counter_name((enum core_counter)i), name) == 0)
      state->sum.counter[i] = value;
}

enum evald_status view_state(struct redis *redis, const char *division,
                             int year, struct view_state *out) {
  char key[TEXT], name[TEXT];
  int64_t count = 0;
  struct evald_text text = {NULL, 0};
  const char *arguments[] = {"HGETALL", key};
  fault_print(key, sizeof key, "evald:1:{%s:%d}:aggregate", division, year);
  enum evald_status status = redis_command(redis, 2, arguments);
  if (status == EVALD_OK) status = redis_array(redis, &count);
  *out = (struct view_state){0};
  for (; status == EVALD_OK && count > 1; count -= 2) {
    status = redis_text(redis, &text);
    if (status == EVALD_OK) fault_copy(name, sizeof name, text);
    if (status == EVALD_OK) status = redis_text(redis, &text);
    if (status == EVALD_OK) take_field(out, name, integer_of(text));
  }
  if (status == EVALD_OK) redis_done(redis);
  return status;
}

static enum evald_status take_batch(const struct view_page *page,
                                    struct evald_text text) {
  struct wire_batch batch;
  evald_arena_reset(page->arena);
  enum evald_status status = wire_batch_decode(
      (struct wire_bytes){(const uint8_t *)text.data, text.size}, page->arena,
      &batch);
  if (status == EVALD_OK) page->each(page->context, &batch);
  return status;
}

/* [id, [field, value, …]], of which field b is wanted. */
static enum evald_status entry(struct redis *redis,
                               const struct view_page *page) {
  int64_t two, fields = 0;
  struct evald_text text = {NULL, 0};
  enum evald_status taken = EVALD_SYNTAX;
  enum evald_status status = redis_array(redis, &two);
  if (status == EVALD_OK) status = redis_text(redis, &text);
  if (status == EVALD_OK) status = redis_array(redis, &fields);
  for (; status == EVALD_OK && fields > 1; fields -= 2) {
    status = redis_text(redis, &text);
    bool batch = status == EVALD_OK && evald_text_equal(text, EVALD_TEXT("b"));
    if (status == EVALD_OK) status = redis_text(redis, &text);
    if (status == EVALD_OK && batch) taken = take_batch(page, text);
  }
  return status == EVALD_OK ? taken : status;
}

enum evald_status view_events(struct redis *redis, const struct view_page *page,
                              size_t *entries) {
  char key[TEXT], after[TEXT], most[TEXT];
  int64_t count = 0;
  const char *arguments[] = {"XRANGE", key, after, "+", "COUNT", most};
  fault_print(key, sizeof key, "evald:1:{%s:%d}:events", page->division,
              page->year);
  fault_print(after, sizeof after, "(%llu-0", (unsigned long long)page->after);
  fault_print(most, sizeof most, "%zu", page->most);
  enum evald_status status = redis_command(redis, 6, arguments);
  if (status == EVALD_OK) status = redis_array(redis, &count);
  *entries = status == EVALD_OK && count > 0 ? (size_t)count : 0;
  for (; status == EVALD_OK && count > 0; count--)
    status = entry(redis, page);
  if (status == EVALD_OK) redis_done(redis);
  return status;
}
