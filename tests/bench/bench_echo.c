/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_echo JOBS EVENTS EVENT_BYTES
 *
 * The bare ZeroMQ round trip that latency is held against: takes a frame from
 * a PULL socket bound at JOBS and at once publishes, from a PUB socket bound at
 * EVENTS, a topic and the first EVENT_BYTES of the frame. One thread, and the
 * one of libzmq. Runs until it is killed.
 */

#include "jobs.h"
#include <stdio.h>
#include <string.h>
#include <zmq.h>

static const char topic[] = "event.310000000.2024";

static void *bind_to(void *context, int type, const char *endpoint) {
  void *socket = zmq_socket(context, type);
  int none = 0;
  (void)zmq_setsockopt(socket, ZMQ_SNDHWM, &none, sizeof none);
  if (zmq_bind(socket, endpoint)) bench_stop(endpoint, zmq_strerror(errno));
  return socket;
}

static void echo(void *pull, void *pub, size_t event_bytes) {
  zmq_msg_t frame;
  (void)zmq_msg_init(&frame);
  if (zmq_msg_recv(&frame, pull, 0) < 0)
    bench_stop("receive", zmq_strerror(errno));
  size_t size = zmq_msg_size(&frame);
  if (size > event_bytes) size = event_bytes;
  if (zmq_send(pub, topic, sizeof topic - 1, ZMQ_SNDMORE) < 0 ||
      zmq_send(pub, zmq_msg_data(&frame), size, 0) < 0) {
    bench_stop("publish", zmq_strerror(errno));
  }
  (void)zmq_msg_close(&frame);
}

int main(int argc, char **argv) {
  if (argc != 4) bench_stop("usage", "bench_echo JOBS EVENTS EVENT_BYTES");
  void *context = zmq_ctx_new();
  void *pub = bind_to(context, ZMQ_PUB, argv[2]);
  void *pull = bind_to(context, ZMQ_PULL, argv[1]);
  for (size_t event_bytes = bench_number(argv[3], 8);;)
    echo(pull, pub, event_bytes);
}
