/* SPDX-License-Identifier: Apache-2.0 */
#include "store/link.h"
#include "base/fault.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { READ_CHUNK = 65536, KEEP_BYTES = 64 << 20 };

/* Errors that pass: what Redis says while it cannot do the work. X(prefix) */
#define PASSING_LIST(X)                                                        \
  X("LOADING ")                                                                \
  X("OOM ")                                                                    \
  X("MISCONF ")                                                                \
  X("READONLY ")                                                               \
  X("NOREPLICAS ")                                                             \
  X("MASTERDOWN ")                                                             \
  X("BUSY ")                                                                   \
  X("TRYAGAIN ")                                                               \
  X("CLUSTERDOWN ")                                                            \
  X("UNBLOCKED ")                                                              \
  X("ERR max number of clients reached")

static const char *const passing[] = {
#define X(prefix) prefix,
    PASSING_LIST(X)
#undef X
};

bool link_room(void *array, size_t *capacity, size_t count, size_t size) {
  if (count <= *capacity) return true;
  size_t wanted = *capacity ? *capacity : 16;
  while (wanted < count)
    wanted *= 2;
  void *grown;
  memcpy(&grown, array, sizeof grown);
  grown = realloc(grown, wanted * size);
  if (!grown) return false;
  memcpy(array, &grown, sizeof grown);
  *capacity = wanted;
  return true;
}

static void release(struct store *store) {
  for (size_t i = 0; i < store->held.count; i++) {
    freeReplyObject(store->held.replies[i]);
  }
  store->held.count = 0;
}

void link_write_commit(struct store *store) {
  char text[LINK_NONCE_TEXT + LINK_RUN_DIGITS + 1];
  (void)fault_print(text, sizeof text, "%s%c%s", store->commit.nonce,
                    LINK_RUN_SIGN, store->run);
  resp_string(&store->out, store_field_name(STORE_FIELD_COMMIT));
  resp_string(&store->out, text);
}

struct evald_text link_nonce(struct evald_text commit, struct evald_text *run) {
  const char *sign =
      commit.size > 0 ? memchr(commit.data, LINK_RUN_SIGN, commit.size) : NULL;
  if (run != NULL) *run = (struct evald_text){NULL, 0};
  if (sign == NULL) return commit;
  size_t size = (size_t)(sign - commit.data);
  if (run != NULL) *run = (struct evald_text){sign + 1, commit.size - size - 1};
  return (struct evald_text){commit.data, size};
}

void link_forget(struct store *store) {
  struct link_ready *ready = &store->ready;
  for (size_t i = ready->first; i < ready->count; i++) {
    freeReplyObject(ready->replies[i]);
  }
  ready->first = ready->count = 0;
}

enum evald_status link_begin(struct store *store, struct evald_fault *fault) {
  release(store);
  link_forget(store);
  store->load.shape_count = store->load.value_count = 0;
  store->load.ask_count = store->load.wanted = 0;
  if (!store->context) {
    return evald_fault_set(fault, EVALD_AWAY, "connect", "not connected");
  }
  resp_clear(&store->out, KEEP_BYTES);
  store->sent = 0;
  return EVALD_OK;
}

enum evald_status link_written(struct store *store, struct evald_fault *fault) {
  if (!store->out.failed) return EVALD_OK;
  resp_clear(&store->out, 0);
  return evald_fault_set(fault, EVALD_MEMORY, NULL,
                         "no memory for the commands to Redis");
}

static enum evald_status lost(struct store *store, const char *command,
                              const char *why, struct evald_fault *fault) {
  /* `why` may be the connection's own words. */
  (void)evald_fault_set(fault, EVALD_AWAY, command,
                        "the connection to Redis was lost: %s", why);
  store_disconnect(store);
  return EVALD_AWAY;
}

static enum evald_status flush(struct store *store, const char *command,
                               struct evald_fault *fault) {
  while (store->sent < store->out.size) {
    ssize_t size =
        send(store->context->fd, store->out.data + store->sent,
             store->out.size - store->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (size < 0) return lost(store, command, fault_reason(errno), fault);
    store->sent += (size_t)size;
  }
  return EVALD_OK;
}

enum evald_status link_flush(struct store *store, struct evald_fault *fault) {
  if (!store->context) {
    return evald_fault_set(fault, EVALD_AWAY, "connect", "not connected");
  }
  return flush(store, "send", fault);
}

int64_t link_left_ms(const struct store *store, int64_t most) {
  struct timespec now;
  const _Atomic int64_t *stop = store->options.stop_by;
  int64_t by = stop != NULL ? atomic_load(stop) : 0;
  if (by == 0) return most;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t left = by - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
  return left < 0 ? 0 : left < most ? left : most;
}

/* Naps, where somebody may say meanwhile that the time is up. */
static int wait_on(const struct store *store, struct pollfd *item) {
  enum { NAP_MS = 100 };
  int64_t left = store->options.reply_ms;
  int64_t nap = store->options.stop_by != NULL ? NAP_MS : left;
  int ready = 0;
  while (ready == 0 && left > 0 && link_left_ms(store, left) > 0) {
    int64_t most = link_left_ms(store, left < nap ? left : nap);
    ready = poll(item, 1, (int)most);
    left -= most;
  }
  return ready;
}

/* Waits for the socket: for answers, and for room where there is more to
 * send. */
static enum evald_status await(struct store *store, const char *command,
                               struct evald_fault *fault) {
  struct pollfd item = {.fd = store->context->fd, .events = POLLIN};
  if (store->sent < store->out.size) item.events |= POLLOUT;
  int ready = wait_on(store, &item);
  if (ready > 0 || (ready < 0 && errno == EINTR)) return EVALD_OK;
  return lost(store, command,
              ready < 0 ? fault_reason(errno) : "no answer in time", fault);
}

/* Feeds what has arrived to the reader; `*any` says whether there was some. */
static enum evald_status feed(struct store *store, const char *command,
                              bool *any, struct evald_fault *fault) {
  char chunk[READ_CHUNK];
  ssize_t size = recv(store->context->fd, chunk, sizeof chunk, MSG_DONTWAIT);
  *any = size > 0;
  if (size == 0) return lost(store, command, "closed by Redis", fault);
  if (size < 0) {
    bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return later ? EVALD_OK : lost(store, command, fault_reason(errno), fault);
  }
  if (redisReaderFeed(store->context->reader, chunk, (size_t)size) ==
      REDIS_OK) {
    return EVALD_OK;
  }
  return lost(store, command, store->context->reader->errstr, fault);
}

static enum evald_status receive(struct store *store, const char *command,
                                 struct evald_fault *fault) {
  bool any = false;
  enum evald_status status = flush(store, command, fault);
  if (status == EVALD_OK) status = feed(store, command, &any, fault);
  if (status != EVALD_OK || any) return status;
  return await(store, command, fault);
}

/* Takes what is complete in the reader. */
static enum evald_status take_complete(struct store *store,
                                       struct evald_fault *fault) {
  struct link_ready *ready = &store->ready;
  for (;;) {
    void *reply = NULL;
    if (!LINK_ROOM(ready->replies, ready->capacity, ready->count + 1)) {
      return lost(store, "read", "no memory", fault);
    }
    if (redisReaderGetReply(store->context->reader, &reply) != REDIS_OK) {
      return lost(store, "read", store->context->reader->errstr, fault);
    }
    if (!reply) return EVALD_OK;
    ready->replies[ready->count++] = reply;
  }
}

bool link_pump(struct store *store) {
  bool any = true;
  while (store->context && any) {
    if (flush(store, "send", NULL) != EVALD_OK ||
        feed(store, "read", &any, NULL) != EVALD_OK ||
        take_complete(store, NULL) != EVALD_OK) {
      return true;
    }
    if (store->ready.count == store->out.commands) return true;
  }
  return !store->context;
}

/* The next of those that were read already; NULL: none is. */
static redisReply *take_ready(struct link_ready *ready) {
  return ready->first < ready->count ? ready->replies[ready->first++] : NULL;
}

enum evald_status link_reply(struct store *store, const char *command,
                             redisReply **out, struct evald_fault *fault) {
  redisReply *ready = take_ready(&store->ready);
  if (ready) {
    *out = ready;
    return EVALD_OK;
  }
  if (!store->context) {
    return evald_fault_set(fault, EVALD_AWAY, command, "not connected");
  }
  for (;;) {
    void *reply = NULL;
    if (redisReaderGetReply(store->context->reader, &reply) != REDIS_OK) {
      return lost(store, command, store->context->reader->errstr, fault);
    }
    if (reply) {
      *out = reply;
      return EVALD_OK;
    }
    enum evald_status status = receive(store, command, fault);
    if (status != EVALD_OK) return status;
  }
}

enum evald_status link_hold(struct store *store, redisReply *reply,
                            struct evald_fault *fault) {
  struct link_held *held = &store->held;
  if (!LINK_ROOM(held->replies, held->capacity, held->count + 1)) {
    freeReplyObject(reply);
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "no memory");
  }
  held->replies[held->count++] = reply;
  return EVALD_OK;
}

bool link_passing(const char *error) {
  static const char abort[] = "EXECABORT Transaction discarded because of: ";
  if (strncmp(error, abort, sizeof abort - 1) == 0) error += sizeof abort - 1;
  for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
    if (strncmp(error, passing[i], strlen(passing[i])) == 0) return true;
  }
  return false;
}

enum evald_status link_judge(const char *command, const redisReply *reply,
                             struct evald_fault *fault) {
  bool later = link_passing(reply->str);
  if (strncmp(reply->str, "WRONGTYPE", 9) == 0) {
    return evald_fault_set(fault, EVALD_SYNTAX, command, "%s", reply->str);
  }
  return evald_fault_set(fault, later ? EVALD_AWAY : EVALD_INVALID, command,
                         later ? "Redis cannot do it at present: %s"
                               : "Redis refused: %s",
                         reply->str);
}

static enum evald_status check(const char *command, int type,
                               const redisReply *reply,
                               struct evald_fault *fault) {
  if (reply->type == REDIS_REPLY_ERROR) {
    return link_judge(command, reply, fault);
  }
  if (type == 0 || reply->type == type) return EVALD_OK;
  return evald_fault_set(fault, EVALD_INVALID, command,
                         "Redis answered with type %d where %d was expected",
                         reply->type, type);
}

enum evald_status link_expect(struct store *store, const char *command,
                              int type, redisReply **out,
                              struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status = link_reply(store, command, &reply, fault);
  if (status != EVALD_OK) return status;
  status = check(command, type, reply, fault);
  if (status != EVALD_OK) {
    freeReplyObject(reply);
    return status;
  }
  status = link_hold(store, reply, fault);
  if (status == EVALD_OK && out) *out = reply;
  return status;
}

enum evald_status link_ask(struct store *store, const char *command, int type,
                           redisReply **out, struct evald_fault *fault) {
  enum evald_status status = link_written(store, fault);
  if (status != EVALD_OK) return status;
  return link_expect(store, command, type, out, fault);
}

enum evald_status link_type(struct store *store, enum store_key key,
                            const struct store_shard_key *shard, bool *there,
                            struct evald_fault *fault) {
  redisReply *reply = NULL;
  enum evald_status status =
      link_expect(store, "TYPE", REDIS_REPLY_STATUS, &reply, fault);
  if (status != EVALD_OK) return status;
  const char *type = store_key_type(key);
  if (there) *there = !link_status_is(reply, "none");
  if (link_status_is(reply, "none") || link_status_is(reply, type)) {
    return EVALD_OK;
  }
  char name[STORE_KEY_TEXT];
  (void)store_key_print(key, shard, name);
  return evald_fault_set(fault, EVALD_SYNTAX, name,
                         "is a %s in Redis and must be a %s: rename or remove "
                         "what is not evald's",
                         reply->str, type);
}

bool link_status_is(const redisReply *reply, const char *text) {
  return reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, text) == 0;
}

struct evald_text link_text(const redisReply *reply) {
  if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_STATUS) {
    return (struct evald_text){NULL, 0};
  }
  return (struct evald_text){reply->str, reply->len};
}

bool link_integer(struct evald_text text, int64_t *out) {
  size_t at = text.size > 0 && text.data[0] == '-';
  if (text.size == at || text.size > 20) return false;
  int64_t value = 0;
  for (size_t i = at; i < text.size; i++) {
    int digit = text.data[i] - '0';
    if (digit < 0 || digit > 9) return false;
    if (__builtin_mul_overflow(value, 10, &value)) return false;
    if (__builtin_sub_overflow(value, digit, &value)) return false;
  }
  if (!at && value == INT64_MIN) return false;
  *out = at ? value : -value;
  return true;
}

enum evald_status link_first(enum evald_status first, enum evald_status then) {
  return first != EVALD_OK ? first : then;
}
