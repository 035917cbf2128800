/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_ANSWER_H
#define CLIENT_ANSWER_H

/* What comes through the acknowledged door: docs/PROTOCOL.md, "The
 * acknowledged door". Safe over any bytes; keys that are not known are passed,
 * so that an older client understands a newer daemon. Texts point into the
 * bytes. */

#include "evald/client.h"
#include "wire/cursor.h"

enum { ANSWER_PROBLEMS_MAX = 32 };

enum answer_type { ANSWER_ACK, ANSWER_NACK, ANSWER_RETRY, ANSWER_TYPES };

struct answer {
  uint64_t correlation;
  enum answer_type type;
  struct evald_answer told; /* of an ack or a nack; its problems lie below */
  struct evald_problem problems[ANSWER_PROBLEMS_MAX];
  struct evald_text reason; /* of a retry */
  uint64_t after_ms;
};

/* How many answers follow; then each. Look at cursor->failed after each. */
size_t answer_count(struct wire_cursor *cursor);
void answer_next(struct wire_cursor *cursor, struct answer *out);

struct welcome {
  uint64_t window, max_message_bytes;
  struct evald_text durability, instance;
};
/* One loss of a `resend`; and those that a welcome carries: `take` is called
 * for each, with the context. */
enum evald_status loss_read(struct wire_bytes bytes, struct evald_loss *out);
enum evald_status welcome_losses(struct wire_bytes bytes, evald_loss_tell take,
                                 void *context);
enum evald_status welcome_read(struct wire_bytes bytes, struct welcome *out);
void hello_write(struct wire_buffer *out, const char *source, uint32_t window);

#endif
