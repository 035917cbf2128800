/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_ANSWER_CODEC_H
#define WIRE_ANSWER_CODEC_H

/*
 * What the acknowledged door says to a producer: docs/PROTOCOL.md, "The
 * acknowledged door".
 *
 * An answer is [correlation, type, map]. The map of an ack is that of a
 * receipt, the map of a nack that of a published reject: one shape for both
 * ways to hear of a job.
 */

#include "wire/event_codec.h"

/* X(name, number on the wire) */
#define WIRE_ANSWER_LIST(X)                                                    \
  X(ACK, 0)                                                                    \
  X(NACK, 1)                                                                   \
  X(RETRY, 2)

enum wire_answer {
#define X(name, number) WIRE_ANSWER_##name = number,
  WIRE_ANSWER_LIST(X)
#undef X
};

/* Why a job is to be sent again later: X(name, spelling, after_ms, sentence in
 * English, in Chinese) */
#define WIRE_RETRY_LIST(X)                                                     \
  X(OVER_CREDIT, "over_credit", 50,                                            \
    "more jobs were sent at once than it had granted",                         \
    "一次发送的任务多于其允许的数量")                                          \
  X(STORE_AWAY, "store_away", 500,                                             \
    "its Redis cannot be reached; evalctl ping says more",                     \
    "它连不上 Redis；详情请看 evalctl ping")                                   \
  X(DRAINING, "draining", 1000,                                                \
    "it is being stopped; it takes jobs again when it was started",            \
    "它正在停止，重新启动后再接收任务")                                        \
  X(STORE_DAMAGED, "store_damaged", 5000,                                      \
    "what is stored of the division and year is damaged; evalctl verify "      \
    "--repair mends it",                                                       \
    "该区划和年度的存储内容已损坏；evalctl verify --repair 可修复")

enum wire_retry {
#define X(name, spelling, after, en, zh) WIRE_RETRY_##name,
  WIRE_RETRY_LIST(X)
#undef X
      WIRE_RETRY_COUNT
};

const char *wire_retry_name(enum wire_retry reason);

/* A sentence about the daemon; the spelling itself where it is none of these.
 */
const char *wire_retry_text(const char *spelling, int chinese);

/* One answer each; the caller writes the array around them. */
void wire_answer_ack(uint64_t correlation, const struct wire_receipt *receipt,
                     struct wire_buffer *out);
void wire_answer_nack(uint64_t correlation,
                      const struct wire_reject_notice *notice,
                      struct wire_buffer *out);
void wire_answer_retry(uint64_t correlation, enum wire_retry reason,
                       struct wire_buffer *out);

/* What a producer may say of itself; absent or 0 where it does not. `v` is the
 * version of the protocol that it speaks. */
struct wire_hello {
  uint64_t v;
  struct evald_text source;
  uint64_t window;
};

/* EVALD_SYNTAX where the bytes are no map of these. Safe over any bytes. */
enum evald_status wire_hello_decode(struct wire_bytes bytes,
                                    struct wire_hello *out);

struct wire_welcome {
  uint64_t window;
  const char *durability;
  uint64_t instance;
  uint64_t max_message_bytes;
  uint32_t resends;
};

/* What was acknowledged with an older epoch and a higher seq may be lost. */
struct wire_resend {
  struct wire_shard shard;
  uint64_t epoch, seq;
};

/* The answer to a hello of a version that is not spoken here. */
void wire_unwelcome_encode(struct wire_buffer *out);

/* The caller writes as many resends behind it. */
void wire_welcome_encode(const struct wire_welcome *welcome,
                         struct wire_buffer *out);
void wire_resend_encode(const struct wire_resend *resend,
                        struct wire_buffer *out);

#endif
