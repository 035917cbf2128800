/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_OUTBOX_H
#define CLIENT_OUTBOX_H

/*
 * The jobs without an answer, in a file: what is in a producer's queue is in
 * its outbox first. The Python and Node clients read and write the same file
 * (docs/PROTOCOL.md, "The outbox").
 *
 * The file is "evald-o1" and then records, integers little-endian:
 *
 *   crc32 (4; zlib's, over all that follows in the record)  size (4)
 *   number (8)  kind (4)  payload (size)
 *
 * Invariants
 *  1. Records are only appended, whole or not at all; a failed write is cut
 *     off again. A crash can tear the last ones: they end the reading.
 *  2. The file is replaced by rename when more than half of it is answered, so
 *     at every moment one whole outbox stands under its name.
 *  3. Whoever has it open holds its lock.
 */

#include "client/queue.h"

struct outbox;

/* X(name, number in the file) */
#define OUTBOX_KIND_LIST(X)                                                    \
  X(JOB, 1)                                                                    \
  X(LATER, 2)                                                                  \
  X(ANSWERED, 3)

enum outbox_kind {
#define X(name, number) OUTBOX_##name = (number),
  OUTBOX_KIND_LIST(X)
#undef X
};

/* Opens or makes it, and puts the jobs without an answer into the queue, which
 * must be empty. `torn` is how many bytes were cut from its end. Statuses as
 * evald_producer_open. */
enum evald_status outbox_open(const char *path, struct queue *queue,
                              struct outbox **out, uint64_t *torn,
                              struct evald_fault *fault);

/* Leaves an empty outbox behind where `queue` is empty. NULL does nothing. */
void outbox_close(struct outbox *outbox, const struct queue *queue);

/* Writes a job; a crash of the process does not lose it from then on. */
enum evald_status outbox_put(struct outbox *outbox, uint64_t number, bool later,
                             const void *frame, size_t size,
                             struct evald_fault *fault);

/* Notes answers, written together by outbox_write. One that is lost in a crash
 * is given again. */
void outbox_answered(struct outbox *outbox, uint64_t number);
enum evald_status outbox_write(struct outbox *outbox,
                               struct evald_fault *fault);

/* fsync, where something was put since the last. */
enum evald_status outbox_sync(struct outbox *outbox, struct evald_fault *fault);

/* Rewrites the file with the jobs of the queue where that is worth while. */
enum evald_status outbox_tidy(struct outbox *outbox, const struct queue *queue,
                              struct evald_fault *fault);

#endif
