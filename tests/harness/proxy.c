/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/proxy.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void must(int fine, const char *what) {
  if (fine) return;
  (void)fprintf(stderr, "harness: %s failed\n", what);
  abort();
}

static struct sockaddr_un address(const char *path) {
  struct sockaddr_un out = {.sun_family = AF_UNIX};
  (void)snprintf(out.sun_path, sizeof out.sun_path, "%s", path);
  return out;
}

static int dial(const char *path) {
  struct sockaddr_un to = address(path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return fd;
  (void)close(fd);
  return -1;
}

/* Passes what is there; 0 where the connection is to be cut. */
static int pass(int from, int to, atomic_long *limit) {
  char data[65536];
  long left = atomic_load(limit);
  size_t most =
      left >= 0 && left < (long)sizeof data ? (size_t)left : sizeof data;
  if (most == 0) return 0;
  ssize_t size = recv(from, data, most, 0);
  if (size <= 0) return 0;
  if (left >= 0) atomic_fetch_sub(limit, size);
  for (ssize_t at = 0; at < size;) {
    ssize_t sent = send(to, data + at, (size_t)(size - at), MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    at += sent;
  }
  return atomic_load(limit) != 0;
}

static void serve(struct harness_proxy *proxy, int client, int server) {
  struct pollfd fds[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
  while (!atomic_load(&proxy->ends)) {
    if (poll(fds, 2, 5) <= 0) continue;
    if (fds[0].revents && !pass(client, server, &proxy->up)) return;
    if (fds[1].revents && !pass(server, client, &proxy->down)) return;
  }
}

static void *run(void *argument) {
  struct harness_proxy *proxy = argument;
  struct pollfd item = {proxy->listener, POLLIN, 0};
  while (!atomic_load(&proxy->ends)) {
    if (poll(&item, 1, 5) <= 0) continue;
    int client = accept(proxy->listener, NULL, NULL);
    int server = dial(proxy->target);
    if (client >= 0 && server >= 0) serve(proxy, client, server);
    if (client >= 0) (void)close(client);
    if (server >= 0) (void)close(server);
  }
  return NULL;
}

void harness_proxy_start(struct harness_proxy *proxy, const char *target) {
  memset(proxy, 0, sizeof *proxy);
  (void)snprintf(proxy->target, sizeof proxy->target, "%s", target);
  (void)snprintf(proxy->socket, sizeof proxy->socket, "%.100s.proxy", target);
  harness_proxy_limit(proxy, -1, -1);
  struct sockaddr_un here = address(proxy->socket);
  proxy->listener = socket(AF_UNIX, SOCK_STREAM, 0);
  must(bind(proxy->listener, (struct sockaddr *)&here, sizeof here) == 0,
       "bind");
  must(listen(proxy->listener, 8) == 0, "listen");
  must(pthread_create(&proxy->thread, NULL, run, proxy) == 0, "thread");
}

void harness_proxy_stop(struct harness_proxy *proxy) {
  atomic_store(&proxy->ends, true);
  (void)pthread_join(proxy->thread, NULL);
  (void)close(proxy->listener);
  (void)unlink(proxy->socket);
}

void harness_proxy_limit(struct harness_proxy *proxy, long up, long down) {
  atomic_store(&proxy->up, up);
  atomic_store(&proxy->down, down);
}
