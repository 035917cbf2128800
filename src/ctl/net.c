/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/net.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 2000 };

static bool joined(int fd, const struct sockaddr *name, socklen_t size) {
  if (connect(fd, name, size) == 0) return true;
  if (errno == EAGAIN) /* somebody listens, with many before us */
    return true;
  struct pollfd wait = {.fd = fd, .events = POLLOUT};
  int error = 1;
  socklen_t length = sizeof error;
  if (errno != EINPROGRESS || poll(&wait, 1, PATIENCE_MS) != 1) return false;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
         error == 0;
}

static int try_connect(int family, const struct sockaddr *name,
                       socklen_t size) {
  int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0 && !joined(fd, name, size)) {
    close(fd);
    return -1;
  }
  return fd;
}

static int connect_path(const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof name.sun_path) return -1;
  memcpy(name.sun_path, path, strlen(path));
  return try_connect(AF_UNIX, (struct sockaddr *)&name, sizeof name);
}

static int connect_host(const char *address) {
  char host[256];
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  const char *colon = strrchr(address, ':');
  if (!colon || (size_t)(colon - address) >= sizeof host) return -1;
  memcpy(host, address, (size_t)(colon - address));
  host[colon - address] = '\0';
  bool any = host[0] == '\0' || strcmp(host, "*") == 0;
  if (getaddrinfo(any ? "127.0.0.1" : host, colon + 1, &hints, &found) != 0)
    return -1;
  int fd = -1;
  for (struct addrinfo *one = found; one && fd < 0; one = one->ai_next)
    fd = try_connect(one->ai_family, one->ai_addr, one->ai_addrlen);
  freeaddrinfo(found);
  return fd;
}

static int connect_endpoint(const char *endpoint) {
  if (strncmp(endpoint, "ipc://", 6) == 0) return connect_path(endpoint + 6);
  if (strncmp(endpoint, "tcp://", 6) == 0) endpoint += 6;
  return connect_host(endpoint);
}

bool net_open(const char *endpoint) {
  int fd = connect_endpoint(endpoint);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static size_t receive_all(int fd, char *out, size_t size) {
  size_t used = 0;
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  while (used + 1 < size && poll(&wait, 1, PATIENCE_MS) == 1) {
    ssize_t got = recv(fd, out + used, size - 1 - used, 0);
    if (got <= 0) break;
    used += (size_t)got;
  }
  out[used] = '\0';
  return used;
}

int net_get(const char *address, const char *path, char *body, size_t size) {
  char text[4096];
  int fd = connect_endpoint(address);
  if (fd < 0) return 0;
  int length =
      snprintf(text, sizeof text,
               "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path,
               address);
  if (send(fd, text, (size_t)length, MSG_NOSIGNAL) != length) length = 0;
  receive_all(fd, text, sizeof text);
  close(fd);
  const char *begin = strstr(text, "\r\n\r\n");
  if (length == 0 || strncmp(text, "HTTP/1.", 7) != 0 || !begin) return 0;
  snprintf(body, size, "%s", begin + 4);
  return atoi(text + 9);
}
