/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/model.h"
#include "wire/answer_codec.h"
#include "wire/cursor.h"
#include <stdlib.h>
#include <string.h>

/* Reading the answers of the acknowledged door, as any client would. */

static unsigned job_of(struct evald_text id) {
  char digits[16] = "";
  if (id.size < 2 || id.size > sizeof digits || id.data[0] != 'j')
    return UINT32_MAX;
  memcpy(digits, id.data + 1, id.size - 1);
  return (unsigned)strtoul(digits, NULL, 10);
}

struct map {
  struct evald_text division;
  uint64_t year;
};

static void read_pair(struct wire_cursor *cursor, struct map *map,
                      struct model_answer *out) {
  struct evald_text key = wire_get_text(cursor);
  if (evald_text_equal(key, EVALD_TEXT("job_id")))
    out->job = job_of(wire_get_text_or_nil(cursor));
  else if (evald_text_equal(key, EVALD_TEXT("outcome")))
    out->outcome = wire_outcome_named(wire_get_text(cursor));
  else if (evald_text_equal(key, EVALD_TEXT("epoch")))
    out->epoch = wire_get_uint(cursor);
  else if (evald_text_equal(key, EVALD_TEXT("seq")))
    out->seq = wire_get_uint(cursor);
  else if (evald_text_equal(key, EVALD_TEXT("mof_div_code")))
    map->division = wire_get_text_or_nil(cursor);
  else if (evald_text_equal(key, EVALD_TEXT("rejects_id")))
    out->rejects_id = wire_get_text_or_nil(cursor);
  else if (evald_text_equal(key, EVALD_TEXT("fiscal_year")) &&
           wire_peek(cursor) == WIRE_TYPE_INT)
    map->year = wire_get_uint(cursor);
  else
    wire_skip(cursor);
}

static int shard_of(const struct map *map) {
  for (int i = 0; i < JOBS_SHARDS; i++)
    if (evald_text_equal(map->division,
                         evald_text_of(jobs_shards[i].division)) &&
        map->year == (uint64_t)jobs_shards[i].year)
      return i;
  return -1;
}

static void read_answer(struct wire_cursor *cursor, struct model_answer *out) {
  struct map map = {{NULL, 0}, 0};
  *out = (struct model_answer){.job = UINT32_MAX};
  wire_want_array(cursor, 3);
  out->correlation = wire_get_uint(cursor);
  out->type = (unsigned)wire_get_uint(cursor);
  size_t pairs = wire_get_map(cursor);
  for (size_t i = 0; i < pairs && !cursor->failed; i++)
    read_pair(cursor, &map, out);
  out->shard = shard_of(&map);
}

bool model_answers(const struct net_frame *body, model_each *each,
                   void *context) {
  struct wire_cursor cursor = wire_cursor_of(
      (struct wire_bytes){(const uint8_t *)body->data, body->size});
  size_t count = wire_get_array(&cursor);
  for (size_t i = 0; i < count && !cursor.failed; i++) {
    struct model_answer answer;
    read_answer(&cursor, &answer);
    if (!cursor.failed) each(context, &answer);
  }
  return wire_cursor_done(&cursor) == EVALD_OK;
}
