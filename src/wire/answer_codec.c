/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/answer_codec.h"
#include "wire/cursor.h"
#include "wire/pairs.h"
#include <string.h>

static const struct {
  const char *name;
  unsigned after_ms;
  const char *text[2];
} retries[] = {
#define X(name, spelling, after, en, zh) {spelling, after, {en, zh}},
    WIRE_RETRY_LIST(X)
#undef X
};

const char *wire_retry_name(enum wire_retry reason) {
  return (unsigned)reason < WIRE_RETRY_COUNT ? retries[reason].name : "?";
}

const char *wire_retry_text(const char *spelling, int chinese) {
  for (unsigned i = 0; i < WIRE_RETRY_COUNT; i++)
    if (strcmp(retries[i].name, spelling) == 0)
      return retries[i].text[chinese != 0];
  return spelling;
}

static void put_head(uint64_t correlation, enum wire_answer type,
                     struct wire_buffer *out) {
  wire_put_array(out, 3);
  wire_put_uint(out, correlation);
  wire_put_uint(out, type);
}

void wire_answer_ack(uint64_t correlation, const struct wire_receipt *receipt,
                     struct wire_buffer *out) {
  put_head(correlation, WIRE_ANSWER_ACK, out);
  wire_receipt_publish(receipt, out);
}

void wire_answer_nack(uint64_t correlation,
                      const struct wire_reject_notice *notice,
                      struct wire_buffer *out) {
  put_head(correlation, WIRE_ANSWER_NACK, out);
  wire_reject_publish(notice, out);
}

void wire_answer_retry(uint64_t correlation, enum wire_retry reason,
                       struct wire_buffer *out) {
  put_head(correlation, WIRE_ANSWER_RETRY, out);
  struct wire_map map = wire_map_open(out, 2);
  wire_map_string(&map, "reason", retries[reason].name);
  wire_map_uint(&map, "after_ms", retries[reason].after_ms);
  wire_map_close(&map);
}

enum evald_status wire_hello_decode(struct wire_bytes bytes,
                                    struct wire_hello *out) {
  struct wire_hello hello = {0};
  struct wire_cursor cursor = wire_cursor_of(bytes);
  size_t pairs = wire_get_map(&cursor);
  for (size_t i = 0; i < pairs && !cursor.failed; i++) {
    struct evald_text key = wire_get_text(&cursor);
    if (evald_text_equal(key, EVALD_TEXT("source")) &&
        wire_peek(&cursor) == WIRE_TYPE_TEXT)
      hello.source = wire_get_text(&cursor);
    else if (evald_text_equal(key, EVALD_TEXT("v")) &&
             wire_peek(&cursor) == WIRE_TYPE_INT)
      hello.v = wire_get_uint(&cursor);
    else if (evald_text_equal(key, EVALD_TEXT("window")) &&
             wire_peek(&cursor) == WIRE_TYPE_INT)
      hello.window = wire_get_uint(&cursor);
    else
      wire_skip(&cursor);
  }
  enum evald_status status = wire_cursor_done(&cursor);
  if (status == EVALD_OK) *out = hello;
  return status;
}

void wire_welcome_encode(const struct wire_welcome *welcome,
                         struct wire_buffer *out) {
  struct wire_map map = wire_map_open(out, 6);
  wire_map_int(&map, "v", WIRE_MESSAGE_VERSION);
  wire_map_uint(&map, "window", welcome->window);
  wire_map_string(&map, "durability", welcome->durability);
  wire_map_hex(&map, "instance", welcome->instance);
  wire_map_uint(&map, "max_message_bytes", welcome->max_message_bytes);
  wire_map_key(&map, "resend");
  wire_put_array(out, welcome->resends);
  wire_map_close(&map);
}

void wire_unwelcome_encode(struct wire_buffer *out) {
  struct wire_map map = wire_map_open(out, 3);
  wire_map_int(&map, "v", WIRE_MESSAGE_VERSION);
  wire_map_string(&map, "reason", wire_reject_name(WIRE_REJECT_BAD_VERSION));
  wire_map_key(&map, "versions");
  wire_put_array(out, 1);
  wire_put_int(out, WIRE_MESSAGE_VERSION);
  wire_map_close(&map);
}

void wire_resend_encode(const struct wire_resend *resend,
                        struct wire_buffer *out) {
  struct wire_map map = wire_map_open(out, 5);
  wire_map_int(&map, "v", WIRE_MESSAGE_VERSION);
  wire_map_text(&map, "mof_div_code", resend->shard.mof_div_code);
  wire_map_uint(&map, "fiscal_year", resend->shard.fiscal_year);
  wire_map_uint(&map, "epoch", resend->epoch);
  wire_map_uint(&map, "seq", resend->seq);
  wire_map_close(&map);
}
