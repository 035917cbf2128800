/* SPDX-License-Identifier: Apache-2.0 */
#include "client/redis.h"
#include "base/fault.h"
#include "client/clock.h"
#include "wire/buffer.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TEXT = 256, BULK_MAX = 256 << 20, CHUNK = 64 << 10 };

struct redis {
  char address[TEXT], user[TEXT], password[TEXT];
  int fd; /* -1: none */
  bool reading;
  int64_t deadline_ms;
  uint8_t *data;
  size_t begin, end, room; /* what was received and not yet read */
  struct wire_buffer out;
  char reason[TEXT];
};

struct redis *redis_new(const char *address, const char *user,
                        const char *password) {
  struct redis *redis = calloc(1, sizeof *redis);
  if (!redis) return NULL;
  redis->fd = -1;
  fault_print(redis->address, TEXT, "%s", address);
  fault_print(redis->user, TEXT, "%s", user ? user : "");
  fault_print(redis->password, TEXT, "%s", password ? password : "");
  return redis;
}

static void hang_up(struct redis *redis) {
  if (redis->fd >= 0) close(redis->fd);
  redis->fd = -1;
  redis->begin = redis->end = 0;
  redis->reading = false;
}

void redis_free(struct redis *redis) {
  if (!redis) return;
  hang_up(redis);
  free(redis->data);
  wire_buffer_fini(&redis->out);
  free(redis);
}

const char *redis_reason(const struct redis *redis) {
  return redis->reason;
}

void redis_done(struct redis *redis) {
  redis->reading = false;
}

static enum evald_status away(struct redis *redis, const char *why) {
  fault_print(redis->reason, TEXT, "%s: %s", redis->address, why);
  hang_up(redis);
  return EVALD_AWAY;
}

/* Whether the socket is ready before the deadline. */
static bool ready(const struct redis *redis, short events) {
  struct pollfd wait = {.fd = redis->fd, .events = events};
  int64_t left = redis->deadline_ms - clock_now();
  return left > 0 && poll(&wait, 1, (int)left) == 1;
}

static bool join(struct redis *redis, int family, const struct sockaddr *name,
                 socklen_t size) {
  int error = 0;
  socklen_t length = sizeof error;
  redis->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (redis->fd < 0) return false;
  if (connect(redis->fd, name, size) == 0) return true;
  if (errno == EINPROGRESS && ready(redis, POLLOUT) &&
      getsockopt(redis->fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
      error == 0)
    return true;
  if (error != 0) errno = error;
  close(redis->fd);
  redis->fd = -1;
  return false;
}

static bool join_path(struct redis *redis, const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof name.sun_path) return false;
  memcpy(name.sun_path, path, strlen(path));
  return join(redis, AF_UNIX, (const struct sockaddr *)&name, sizeof name);
}

static bool join_host(struct redis *redis) {
  char host[TEXT];
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  struct addrinfo *found;
  const char *colon = strrchr(redis->address, ':');
  size_t size =
      colon ? (size_t)(colon - redis->address) : strlen(redis->address);
  fault_copy(host, sizeof host, (struct evald_text){redis->address, size});
  if (getaddrinfo(host, colon ? colon + 1 : "6379", &hints, &found) != 0)
    return false;
  for (const struct addrinfo *one = found; one && redis->fd < 0;
       one = one->ai_next)
    (void)join(redis, one->ai_family, one->ai_addr, one->ai_addrlen);
  freeaddrinfo(found);
  return redis->fd >= 0;
}

static enum evald_status send_all(struct redis *redis) {
  struct wire_bytes bytes = wire_buffer_bytes(&redis->out);
  if (wire_buffer_done(&redis->out) != EVALD_OK) return EVALD_MEMORY;
  while (bytes.size > 0) {
    ssize_t sent = send(redis->fd, bytes.data, bytes.size, MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.data += sent;
      bytes.size -= (size_t)sent;
    } else if ((errno != EAGAIN && errno != EINTR) || !ready(redis, POLLOUT)) {
      return away(redis, "the connection broke");
    }
  }
  return EVALD_OK;
}

static enum evald_status write_command(struct redis *redis, size_t count,
                                       const char *const *arguments) {
  char head[TEXT];
  wire_buffer_reset(&redis->out);
  wire_put_raw(&redis->out, head,
               fault_print(head, sizeof head, "*%zu\r\n", count));
  for (size_t i = 0; i < count; i++) {
    size_t size = strlen(arguments[i]);
    wire_put_raw(&redis->out, head,
                 fault_print(head, sizeof head, "$%zu\r\n", size));
    wire_put_raw(&redis->out, arguments[i], size);
    wire_put_raw(&redis->out, "\r\n", 2);
  }
  redis->reading = true;
  return send_all(redis);
}

static enum evald_status authenticate(struct redis *redis) {
  struct evald_text answer;
  const char *arguments[3] = {"AUTH"};
  size_t count = 1;
  if (!redis->password[0]) return EVALD_OK;
  if (redis->user[0]) arguments[count++] = redis->user;
  arguments[count++] = redis->password;
  enum evald_status status = write_command(redis, count, arguments);
  return status == EVALD_OK ? redis_text(redis, &answer) : status;
}

enum evald_status redis_command(struct redis *redis, size_t count,
                                const char *const *arguments) {
  enum evald_status status = EVALD_OK;
  redis->deadline_ms = clock_now() + REDIS_PATIENCE_MS;
  if (redis->reading) hang_up(redis);
  if (redis->fd < 0) {
    bool path = strncmp(redis->address, "unix:", 5) == 0;
    errno = ECONNREFUSED;
    if (!(path ? join_path(redis, redis->address + 5) : join_host(redis)))
      return away(redis, fault_reason(errno));
    status = authenticate(redis);
  }
  return status == EVALD_OK ? write_command(redis, count, arguments) : status;
}

/* Room behind what was received: what was read is overwritten first. */
static bool make_room(struct redis *redis) {
  if (redis->begin > 0) {
    memmove(redis->data, redis->data + redis->begin, redis->end - redis->begin);
    redis->end -= redis->begin;
    redis->begin = 0;
  }
  if (redis->room - redis->end >= CHUNK) return true;
  size_t room = redis->room * 2 + CHUNK;
  uint8_t *data = realloc(redis->data, room);
  if (!data) return false;
  redis->data = data;
  redis->room = room;
  return true;
}

static enum evald_status receive(struct redis *redis) {
  if (redis->fd < 0) return EVALD_AWAY;
  if (!make_room(redis)) return EVALD_MEMORY;
  for (;;) {
    ssize_t got =
        recv(redis->fd, redis->data + redis->end, redis->room - redis->end, 0);
    if (got > 0) {
      redis->end += (size_t)got;
      return EVALD_OK;
    }
    if (got == 0) return away(redis, "the connection was closed");
    if (errno == EINTR) continue;
    if (errno != EAGAIN || !ready(redis, POLLIN))
      return away(redis, "no answer in time");
  }
}

/* The line that comes next, without its end; not taken yet. */
static enum evald_status line(struct redis *redis, struct evald_text *out) {
  size_t seen = 0;
  for (;;) {
    const uint8_t *from = redis->data ? redis->data + redis->begin : NULL;
    size_t held = redis->end - redis->begin;
    const uint8_t *end =
        held > seen ? memchr(from + seen, '\n', held - seen) : NULL;
    if (end && end > from && end[-1] == '\r') {
      *out = (struct evald_text){(const char *)from, (size_t)(end - 1 - from)};
      return EVALD_OK;
    }
    if (end || held > CHUNK) return away(redis, "this is not Redis");
    seen = held;
    enum evald_status status = receive(redis);
    if (status != EVALD_OK) return status;
  }
}

static bool number_of(struct evald_text text, int64_t *out) {
  char digits[24], *end;
  if (text.size < 2 || text.size > sizeof digits) return false;
  fault_copy(digits, sizeof digits,
             (struct evald_text){text.data + 1, text.size - 1});
  *out = strtoll(digits, &end, 10);
  return *end == '\0' && *out >= -1 && *out <= BULK_MAX;
}

static enum evald_status unexpected(struct redis *redis,
                                    struct evald_text head) {
  char text[TEXT];
  fault_copy(text, sizeof text, head);
  return away(redis, text[0] == '-' ? text + 1 : "an answer of another kind");
}

/* "*3" or "$12": its number. */
static enum evald_status head(struct redis *redis, char kind, int64_t *out) {
  struct evald_text text;
  enum evald_status status = line(redis, &text);
  if (status != EVALD_OK) return status;
  if (text.size == 0 || text.data[0] != kind || !number_of(text, out))
    return unexpected(redis, text);
  redis->begin += text.size + 2;
  return EVALD_OK;
}

enum evald_status redis_array(struct redis *redis, int64_t *out) {
  return head(redis, '*', out);
}

enum evald_status redis_text(struct redis *redis, struct evald_text *out) {
  int64_t size = 0;
  struct evald_text text;
  enum evald_status status = line(redis, &text);
  if (status != EVALD_OK) return status;
  if (text.size > 0 && (text.data[0] == '+' || text.data[0] == ':')) {
    *out = (struct evald_text){text.data + 1, text.size - 1};
    redis->begin += text.size + 2;
    return EVALD_OK;
  }
  status = head(redis, '$', &size);
  if (status != EVALD_OK || size < 0) {
    if (status == EVALD_OK) *out = (struct evald_text){NULL, 0};
    return status;
  }
  while (status == EVALD_OK && redis->end - redis->begin < (size_t)size + 2)
    status = receive(redis);
  if (status != EVALD_OK) return status;
  *out = (struct evald_text){(const char *)redis->data + redis->begin,
                             (size_t)size};
  redis->begin += (size_t)size + 2;
  return EVALD_OK;
}
