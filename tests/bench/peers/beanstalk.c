/* SPDX-License-Identifier: Apache-2.0 */

/*
 * peer_beanstalk QUEUE REDIS RULESET COUNT DIVISIONS WORKERS
 *
 * The same work from a beanstalkd at the Unix socket QUEUE. beanstalkd 1.12
 * lets a second command on a connection wait for its next tick, so nothing is
 * pipelined: each thread has 128 connections (lanes) instead, writes a command
 * to each and then reads the answer of each. A producer puts COUNT job frames
 * that way; each of WORKERS threads reserves a batch, asks for the next one
 * before it scores this, commits it to REDIS in one transaction while the next
 * is scored, and deletes it when that has answered.
 */

#include "peers/peer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LANES = 128, ROOM = 80 << 10, ID = 24, BATCHES = 4, PAUSE_US = 200 };

/* A connection with one command on its way at most. */
struct lane {
  int fd;
  size_t filled;
  char *data; /* ROOM bytes: the answer */
};

static void open_lanes(struct lane *lanes, const char *path) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
  for (size_t i = 0; i < LANES; i++) {
    lanes[i] = (struct lane){.fd = socket(AF_UNIX, SOCK_STREAM, 0),
                             .data = malloc(ROOM)};
    if (!lanes[i].data) bench_stop("beanstalkd", "no memory");
    if (connect(lanes[i].fd, (struct sockaddr *)&to, sizeof to))
      bench_stop(path, "cannot be reached");
  }
}

static void close_lanes(struct lane *lanes) {
  for (size_t i = 0; i < LANES; i++) {
    (void)close(lanes[i].fd);
    free(lanes[i].data);
  }
}

static void say(struct lane *lane, const char *data, size_t size) {
  lane->filled = 0;
  for (size_t sent = 0; sent < size;) {
    ssize_t done = write(lane->fd, data + sent, size - sent);
    if (done <= 0) bench_stop("beanstalkd", "hung up");
    sent += (size_t)done;
  }
}

static void read_more(struct lane *lane) {
  if (lane->filled == ROOM) bench_stop("beanstalkd", "no room");
  ssize_t done = read(lane->fd, lane->data + lane->filled, ROOM - lane->filled);
  if (done <= 0) bench_stop("beanstalkd", "hung up");
  lane->filled += (size_t)done;
}

/* The first line, terminated in place; answers where the next begins. */
static size_t read_line(struct lane *lane) {
  char *end = NULL;
  while (lane->filled == 0 || !(end = memchr(lane->data, '\n', lane->filled)))
    read_more(lane);
  *end = '\0';
  return (size_t)(end - lane->data) + 1;
}

static void expect(struct lane *lane, const char *word) {
  (void)read_line(lane);
  if (strncmp(lane->data, word, strlen(word)) != 0)
    bench_stop("beanstalkd", lane->data);
}

/* --- the producer --- */

static void prepare(struct peer *peer) {
  (void)peer;
}

static void put(struct lane *lane, struct wire_bytes frame) {
  char *command = lane->data; /* nothing is in it until the answer comes */
  int head = snprintf(command, ROOM, "put 0 0 60 %zu\r\n", frame.size);
  if ((size_t)head + frame.size + 2 > ROOM) bench_stop("job", "too large");
  memcpy(command + head, frame.data, frame.size);
  memcpy(command + head + frame.size, "\r\n", 2);
  say(lane, command, (size_t)head + frame.size + 2);
}

static void produce(struct peer *peer) {
  static struct lane lanes[LANES];
  open_lanes(lanes, peer->queue);
  for (size_t first = 0; first < peer->jobs.count; first += LANES) {
    size_t count = peer->jobs.count - first;
    if (count > LANES) count = LANES;
    for (size_t i = 0; i < count; i++)
      put(&lanes[i], jobs_frame(&peer->jobs, first + i));
    for (size_t i = 0; i < count; i++)
      expect(&lanes[i], "INSERTED");
  }
  close_lanes(lanes);
}

/* --- a worker --- */

/* Jobs that were reserved together. Only the lane that reserved a job may
 * delete it. */
struct batch {
  char ids[LANES][ID];
  uint8_t lanes[LANES];
  size_t count;
};

struct taker {
  struct lane lanes[LANES];
  struct wire_bytes frames[LANES];
  char *copies[LANES]; /* of the frames, since a lane's room is used again */
  struct batch batches[BATCHES];
  size_t turn, settled, deleted;
};

static void ask(struct taker *taker) {
  static const char reserve[] = "reserve-with-timeout 0\r\n";
  for (size_t i = 0; i < LANES; i++)
    say(&taker->lanes[i], reserve, sizeof reserve - 1);
}

/* RESERVED id size, the frame, CRLF; or TIMED_OUT. */
static void take_one(struct taker *taker, struct batch *batch, size_t number) {
  struct lane *lane = &taker->lanes[number];
  unsigned long long size = 0;
  size_t at = read_line(lane);
  if (strncmp(lane->data, "TIMED_OUT", 9) == 0) return;
  if (sscanf(lane->data, "RESERVED %23s %llu", batch->ids[batch->count],
             &size) != 2)
    bench_stop("beanstalkd", lane->data);
  while (lane->filled < at + size + 2)
    read_more(lane);
  memcpy(taker->copies[batch->count], lane->data + at, size);
  taker->frames[batch->count].size = size;
  batch->lanes[batch->count++] = (uint8_t)number;
}

static struct batch *take_batch(struct taker *taker) {
  struct batch *batch = &taker->batches[taker->turn % BATCHES];
  batch->count = 0;
  for (size_t i = 0; i < LANES; i++)
    take_one(taker, batch, i);
  return batch;
}

static void settle_to(struct peer_worker *worker, struct taker *taker,
                      size_t most) {
  while (peer_commit_pending(worker->commit) > most) {
    peer_settle_one(worker);
    taker->settled++;
  }
}

/* No lane may have a command on its way. */
static void delete_settled(struct taker *taker) {
  char command[ID + 16];
  for (; taker->deleted < taker->settled; taker->deleted++) {
    const struct batch *batch = &taker->batches[taker->deleted % BATCHES];
    for (size_t i = 0; i < batch->count; i++) {
      int size =
          snprintf(command, sizeof command, "delete %s\r\n", batch->ids[i]);
      say(&taker->lanes[batch->lanes[i]], command, (size_t)size);
    }
    for (size_t i = 0; i < batch->count; i++)
      expect(&taker->lanes[batch->lanes[i]], "DELETED");
  }
}

static void step(struct peer_worker *worker, struct taker *taker) {
  const struct batch *batch = take_batch(taker);
  delete_settled(taker);
  ask(taker);
  settle_to(worker, taker, batch->count > 0 ? 1 : 0);
  if (batch->count > 0) {
    peer_commit_send(worker->commit, taker->frames, batch->count, NULL, NULL);
    taker->turn++;
  } else {
    (void)usleep(PAUSE_US);
  }
}

static void work(struct peer_worker *worker) {
  struct taker *taker = calloc(1, sizeof *taker);
  if (!taker) bench_stop("worker", "no memory");
  for (size_t i = 0; i < LANES; i++) {
    taker->copies[i] = malloc(ROOM);
    if (!taker->copies[i]) bench_stop("worker", "no memory");
    taker->frames[i].data = (const uint8_t *)taker->copies[i];
  }
  open_lanes(taker->lanes, worker->peer->queue);
  ask(taker);
  while (!peer_done(worker->peer))
    step(worker, taker);
  (void)take_batch(taker); /* what was asked for last: nothing is left */
  delete_settled(taker);
  for (size_t i = 0; i < LANES; i++)
    free(taker->copies[i]);
  close_lanes(taker->lanes);
  free(taker);
}

int main(int argc, char **argv) {
  static const struct peer_kind kind = {prepare, produce, work};
  return peer_main(argc, argv, &kind);
}
