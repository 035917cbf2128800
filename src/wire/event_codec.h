/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_EVENT_CODEC_H
#define WIRE_EVENT_CODEC_H

/*
 * Events: what changed in a division and year.
 *
 * One commit writes one stream entry per shard, whose field `b` is a packed
 * batch, version 1, a msgpack array:
 *
 *   [1, epoch, first_seq, last_seq, at_ms, checksum, [counter, …],
 *    [[outcome, pro_code, revision, job_id, source, total, grade_index,
 *      grade_name, errors, warnings, infos, dept_key, form_digest,
 *      ruleset_id, checksum], …]]
 *
 * Event i has seq first_seq + i and follows seq - 1. `counter` and the outer
 * checksum are those of the aggregate after the batch, the inner checksum that
 * after the event. total is millionths; total, grade_index, grade_name and
 * form_digest are nil in a withdrawal; outcome is enum wire_outcome.
 *
 * What is published is a map made from it, one per event, one aggregate per
 * batch; and receipts and rejects, which have no place in the stream.
 *
 * To change this format: append to an array under the same version, or write
 * version 2 and go on reading version 1.
 */

#include "core/contribution.h"
#include "wire/outcome.h"
#include "wire/reject.h"

enum { WIRE_BATCH_VERSION = 1, WIRE_MESSAGE_VERSION = 1 };

struct wire_event {
  uint8_t outcome; /* enum wire_outcome, one that changes the store */
  struct evald_text pro_code;
  int64_t revision;
  struct evald_text job_id, source;
  struct evald_figure total; /* absent in a withdrawal */
  uint8_t grade;             /* meaningless where total is absent */
  struct evald_text grade_name;
  uint32_t errors, warnings, infos;
  struct evald_text dept_key;
  struct evald_digest form_digest;
  struct evald_text ruleset_id;
  uint64_t checksum; /* of the aggregate after this event */
};

struct wire_batch {
  uint64_t epoch, first_seq, last_seq; /* last - first + 1 events */
  int64_t at_ms;                       /* Unix time of the commit */
  uint64_t checksum;
  struct contribution sum; /* the aggregate after the batch */
  const struct wire_event *events;
  size_t event_count;
};

/* A division and year. */
struct wire_shard {
  struct evald_text mof_div_code;
  uint16_t fiscal_year;
};

void wire_batch_encode(const struct wire_batch *batch, struct wire_buffer *out);

/* Events lie in the arena, texts point into the bytes. EVALD_SYNTAX where the
 * bytes are no batch or the sequence does not fit the count,
 * EVALD_UNSUPPORTED, EVALD_MEMORY. Safe over any bytes. */
enum evald_status wire_batch_decode(struct wire_bytes bytes,
                                    struct evald_arena *arena,
                                    struct wire_batch *out);

/* The map published under event.<div>.<year> for event `position`. */
void wire_event_publish(const struct wire_shard *shard,
                        const struct wire_batch *batch, size_t position,
                        struct wire_buffer *out);

/* The map published under aggregate.<div>.<year>. `previous` is the seq of the
 * aggregate message before this one; in a snapshot for a new subscriber it is
 * the seq of the snapshot itself. The batch's events are not looked at. */
void wire_aggregate_publish(const struct wire_shard *shard,
                            const struct wire_batch *batch, uint64_t previous,
                            struct wire_buffer *out);

/* The answer to one job. seq is 0 where nothing was written. `shard` and
 * `pro_code` are its identity (absent where it could not be read). */
/* One project of a recalculation: `[outcome, total, grade, its name, form
 * digest]`, nil behind the outcome where the project was not scored. */
struct wire_project_outcome {
  uint8_t outcome; /* enum wire_outcome */
  bool scored;
  uint8_t grade; /* from 0, the best */
  evald_decimal total;
  struct evald_text grade_name;
  struct evald_digest form_digest;
};

struct wire_receipt {
  struct evald_text job_id, source;
  uint8_t outcome; /* enum wire_outcome */
  struct wire_shard shard;
  struct evald_text pro_code;
  int64_t revision;
  uint64_t epoch, seq;
  struct evald_figure total;
  struct evald_text grade_name;
  struct evald_digest form_digest;
  struct evald_text ruleset_id;

  /* In the acknowledgement of a recalculation, else NULL: one a project. */
  const struct wire_project_outcome *outcomes;
  size_t outcome_count;
  struct evald_digest ruleset_digest;
};

/* The map published under receipt.<source>. */
void wire_receipt_publish(const struct wire_receipt *receipt,
                          struct wire_buffer *out);

/* The map published under reject.<source>. `rejects_id` is the id of the entry
 * in the rejects stream. */
struct wire_reject_notice {
  struct evald_text job_id, source, rejects_id;
  const struct wire_rejects *rejects;
};
void wire_reject_publish(const struct wire_reject_notice *notice,
                         struct wire_buffer *out);

/* Kinds of published messages: X(name, spelling, first word of the topic);
 * `behind` goes under the topic of what it speaks of. */
#define WIRE_MESSAGE_LIST(X)                                                   \
  X(EVENT, "event")                                                            \
  X(AGGREGATE, "aggregate")                                                    \
  X(RECEIPT, "receipt")                                                        \
  X(REJECT, "reject")                                                          \
  X(BEHIND, "behind")

enum wire_message {
#define X(name, spelling) WIRE_MESSAGE_##name,
  WIRE_MESSAGE_LIST(X)
#undef X
      WIRE_MESSAGE_COUNT
};

const char *wire_message_name(enum wire_message message);

/* A message that did not fit into a reader's queue. */
struct wire_behind {
  uint8_t of;              /* enum wire_message */
  struct wire_shard shard; /* of events and aggregates, with */
  uint64_t epoch, seq;
  struct evald_text source; /* of receipts and rejects */
};

/* The last message before the hole, under the topic of what did not fit: it
 * tells its reader, and all others of the topic, that one of them fell behind.
 * For whoever then gets what did not fit, as the next message, it was not
 * meant. */
void wire_behind_publish(const struct wire_behind *behind,
                         struct wire_buffer *out);

/* "event.310113000.2024" and "receipt.<source>"; terminated. Return the
 * length, 0 where `size` is too small. WIRE_TOPIC is always large enough. */
enum { WIRE_TOPIC = 280 };
size_t wire_topic_of_shard(enum wire_message message,
                           const struct wire_shard *shard,
                           char out[WIRE_TOPIC]);
size_t wire_topic_of_source(enum wire_message message, struct evald_text source,
                            char out[WIRE_TOPIC]);

/* A published message as a reader sees it: the keys of all kinds, those
 * that the message has not zero or absent. An event's dept_code is in
 * event.dept_key; receipts are in `event` as well (seq 0: nothing written).
 * Problems of a reject are counted only: transcode the message to see them. */
struct wire_published {
  uint8_t message; /* enum wire_message */
  uint8_t of;      /* of a behind: which kind did not fit */
  uint64_t epoch, seq, prev;
  struct wire_shard shard;
  int64_t at_ms;
  uint64_t checksum;
  struct wire_event event;
  struct contribution sum; /* of an aggregate */
  size_t problem_count;
};

/* Reads one; unknown keys are passed. Texts point into the bytes. */
enum evald_status wire_published_decode(struct wire_bytes bytes,
                                        struct wire_published *out);

#endif
