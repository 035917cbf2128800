/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/socket.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct bus_socket *open_bound(struct bus_context *context,
                                     enum bus_kind kind,
                                     const struct bus_options *options) {
  struct bus_socket *socket = NULL;
  assert_int_equal(bus_socket_open(context, kind, options, &socket, NULL),
                   EVALD_OK);
  assert_int_equal(bus_socket_bind(socket, "tcp://127.0.0.1:*", NULL),
                   EVALD_OK);
  return socket;
}

static struct bus_socket *open_joined(struct bus_context *context,
                                      enum bus_kind kind,
                                      const struct bus_socket *to,
                                      const struct bus_options *options) {
  struct bus_socket *socket = NULL;
  assert_int_equal(bus_socket_open(context, kind, options, &socket, NULL),
                   EVALD_OK);
  assert_int_equal(bus_socket_connect(socket, bus_socket_endpoint(to), NULL),
                   EVALD_OK);
  return socket;
}

static struct bus_socket *open_pull(struct bus_context *context) {
  struct bus_socket *socket = NULL;
  assert_int_equal(bus_socket_open(context, BUS_PULL, NULL, &socket, NULL),
                   EVALD_OK);
  return socket;
}

/* libzmq alone would take the path from whoever has it. */
static void a_path_in_use_is_left_alone(void **state) {
  char folder[] = "/tmp/evald-bus-XXXXXX", endpoint[64];
  assert_non_null(mkdtemp(folder));
  snprintf(endpoint, sizeof endpoint, "ipc://%s/door", folder);
  const char *path = endpoint + 6;
  struct bus_socket *first = open_pull(*state), *second = open_pull(*state);
  struct evald_fault fault = {0};
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fclose(file);
  assert_int_equal(bus_socket_bind(first, endpoint, &fault), EVALD_IO);
  assert_string_equal(fault.place, endpoint);
  assert_int_equal(unlink(path), 0); /* the file was left there */
  assert_int_equal(bus_socket_bind(first, endpoint, NULL), EVALD_OK);
  assert_int_equal(bus_socket_bind(second, endpoint, NULL), EVALD_IO);
  bus_socket_close(second);
  struct bus_socket *push = open_joined(*state, BUS_PUSH, first, NULL);
  assert_int_equal(bus_send(push, "x", 1, BUS_LAST, 1000), EVALD_OK);
  bus_socket_close(push);
  bus_socket_close(first);
  unlink(path);
  rmdir(folder);
}

static void a_path_left_behind_is_taken(void **state) {
  char folder[] = "/tmp/evald-bus-XXXXXX", endpoint[64];
  assert_non_null(mkdtemp(folder));
  snprintf(endpoint, sizeof endpoint, "ipc://%s/door", folder);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, endpoint + 6);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  close(fd);
  struct bus_socket *door = open_pull(*state);
  assert_int_equal(bus_socket_bind(door, endpoint, NULL), EVALD_OK);
  bus_socket_close(door);
  unlink(address.sun_path);
  rmdir(folder);
}

static void frames_of_a_message_arrive(void **state) {
  struct bus_socket *pull = open_bound(*state, BUS_PULL, NULL);
  struct bus_socket *push = open_joined(*state, BUS_PUSH, pull, NULL);
  assert_int_equal(bus_send(push, "one", 3, BUS_MORE, 1000), EVALD_OK);
  assert_int_equal(bus_send(push, "two", 3, BUS_LAST, 1000), EVALD_OK);
  struct bus_frame frame;
  bus_frame_init(&frame);
  assert_int_equal(bus_receive(pull, &frame, 5000), EVALD_OK);
  assert_true(bus_frame_more(&frame));
  assert_int_equal(bus_receive(pull, &frame, 5000), EVALD_OK);
  assert_false(bus_frame_more(&frame));
  assert_memory_equal(bus_frame_data(&frame), "two", 3);
  assert_int_equal(bus_receive(pull, &frame, 0), EVALD_TIMEOUT);
  bus_frame_fini(&frame);
  bus_socket_close(push);
  bus_socket_close(pull);
}

/* Whether all that waits ends with it. */
static bool last_word(struct bus_socket *sub) {
  struct bus_frame frame;
  bool last = false;
  bus_frame_init(&frame);
  while (bus_receive(sub, &frame, 1000) == EVALD_OK) {
    last = bus_frame_size(&frame) == 4 &&
           memcmp(bus_frame_data(&frame), "last", 4) == 0;
    assert_int_equal(bus_receive(sub, &frame, -1), EVALD_OK);
  }
  bus_frame_fini(&frame);
  return last;
}

/* The publisher relies on this: nobody gets a message that a full reader
 * cannot take, unless drops are allowed; and the bound can be lifted for a
 * last word. */
static void a_full_reader_is_seen(void **state) {
  struct bus_options few = {.receive_bound = 2,
                            .send_bound = 2,
                            .receive_buffer = 4096,
                            .send_buffer = 4096};
  struct bus_socket *pub = open_bound(*state, BUS_XPUB, &few);
  struct bus_socket *sub = open_joined(*state, BUS_SUB, pub, &few);
  bus_socket_subscribe(sub, "");
  struct bus_frame frame;
  bus_frame_init(&frame);
  assert_int_equal(bus_receive(pub, &frame, 5000), EVALD_OK);
  bus_frame_fini(&frame);
  bus_socket_set_drops(pub, false);
  static const char block[1 << 16];
  enum evald_status status = EVALD_OK;
  for (int i = 0; i < 5000 && status == EVALD_OK; i++) {
    status = bus_send(pub, "t", 1, BUS_MORE, 0);
    if (status == EVALD_OK)
      assert_int_equal(bus_send(pub, block, sizeof block, BUS_LAST, 0),
                       EVALD_OK);
  }
  assert_int_equal(status, EVALD_TIMEOUT);
  bus_socket_set_send_bound(pub, 3); /* room for a last word, and no more */
  assert_int_equal(bus_send(pub, "last", 4, BUS_MORE, 0), EVALD_OK);
  assert_int_equal(bus_send(pub, "word", 4, BUS_LAST, 0), EVALD_OK);
  assert_int_equal(bus_send(pub, "last", 4, BUS_MORE, 0), EVALD_TIMEOUT);
  bus_socket_set_send_bound(pub, 2);
  bus_socket_set_drops(pub, true);
  assert_int_equal(bus_send(pub, "t", 1, BUS_MORE, 0), EVALD_OK);
  assert_int_equal(bus_send(pub, block, sizeof block, BUS_LAST, 0), EVALD_OK);
  assert_true(last_word(sub));
  bus_socket_close(sub);
  bus_socket_close(pub);
}

static void a_bad_endpoint_is_named(void **state) {
  struct bus_socket *socket = NULL;
  struct evald_fault fault = {0};
  assert_int_equal(bus_socket_open(*state, BUS_PULL, NULL, &socket, NULL),
                   EVALD_OK);
  assert_int_equal(bus_socket_bind(socket, "tcp://nowhere:x", &fault),
                   EVALD_IO);
  assert_string_equal(fault.place, "tcp://nowhere:x");
  bus_socket_close(socket);
}

static int setup(void **state) {
  *state = bus_context_new(1);
  return *state == NULL;
}

static int teardown(void **state) {
  bus_context_free(*state);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frames_of_a_message_arrive),
      cmocka_unit_test(a_path_in_use_is_left_alone),
      cmocka_unit_test(a_path_left_behind_is_taken),
      cmocka_unit_test(a_full_reader_is_seen),
      cmocka_unit_test(a_bad_endpoint_is_named)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
