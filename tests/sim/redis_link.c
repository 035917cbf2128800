/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/redis.h"
#include "sim/system.h"
#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * The connection between the store and Redis. Bytes that were sent belong to
 * the network: they arrive later, in order, whatever the sender does next; a
 * connection that breaks swallows some of them. A connection that its client
 * has closed may still have bytes on the way that the server then reads: that
 * is how an attempt is carried out late.
 */

redisContext *__wrap_redisConnectWithTimeout(const char *host, int port,
                                             const struct timeval limit);
redisContext *__wrap_redisConnectUnixWithTimeout(const char *path,
                                                 const struct timeval limit);
int __real_redisReaderGetReply(redisReader *reader, void **reply);
int __wrap_redisReaderGetReply(redisReader *reader, void **reply);
int __real_redisReaderFeed(redisReader *reader, const char *data, size_t size);
int __wrap_redisReaderFeed(redisReader *reader, const char *data, size_t size);
void __real_redisFree(redisContext *context);
void __wrap_redisFree(redisContext *context);
ssize_t __wrap_send(int fd, const void *data, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *out, size_t size, int flags);
int __wrap_poll(struct pollfd *items, nfds_t count, int wait_ms);

static struct redis_client *client_of(int fd) {
  int number = fd - SIM_FD;
  if (number < 0 || (size_t)number >= redis.client_count) return NULL;
  return redis.clients[number];
}

/* ---- the network ---- */

/* What travels: bytes, and which stay of the client they belong to. */
struct packet {
  struct redis_client *client;
  uint64_t stay;
  bool up;
  size_t size;
  char data[];
};

static struct packet **packets;
static size_t packet_count, packet_room;

static int64_t journey(void) {
  if (sim_chance(5)) return (int64_t)sim_random(30 * SIM_MS);
  return 10 + (int64_t)sim_random(120);
}

static void arrive(void *context, uint64_t number);

static void dispatch(struct redis_client *client, bool up, const void *data,
                     size_t size) {
  struct packet *packet = sim_take(sizeof *packet + size);
  *packet = (struct packet){client, client->stay, up, size};
  memcpy(packet->data, data, size);
  int64_t *due = up ? &client->up_due : &client->down_due;
  int64_t at = sim_now() + journey();
  if (at <= *due) at = *due + 1;
  *due = at;
  *(up ? &client->up_way : &client->down_way) += size;
  if (packet_count == packet_room) {
    packet_room = packet_room > 0 ? 2 * packet_room : 64;
    packets = sim_grow(packets, packet_room * sizeof(struct packet *));
  }
  size_t slot = packet_count++;
  packets[slot] = packet;
  sim_later(at - sim_now(), arrive, packet, 0);
}

/* They stay in the order in which they were sent: see lose_in_part. */
static void forget_packet(struct packet *packet) {
  size_t at = 0;
  while (packets[at] != packet)
    at++;
  packet_count--;
  memmove(&packets[at], &packets[at + 1],
          (packet_count - at) * sizeof(struct packet *));
  free(packet);
}

static void answer(struct redis_client *client, struct sim_bytes *out) {
  if (out->size > 0 && client->there)
    dispatch(client, false, out->data, out->size);
  sim_bytes_free(out);
}

void redis_hear(struct redis_client *client) {
  static struct redis_text argv[REDIS_ARGUMENTS];
  struct sim_bytes out = {0};
  size_t at = 0;
  while (redis.up && !redis.paused && client->there && at < client->up.size) {
    int argc;
    size_t size =
        redis_parse(client->up.data + at, client->up.size - at, &argc, argv);
    if (size == 0) break;
    at += size;
    redis_run(client, argc, argv, &out);
  }
  if (at <= client->up.size) sim_drop(&client->up, at);
  answer(client, &out);
}

static void arrive(void *context, uint64_t number) {
  struct packet *packet = context;
  struct redis_client *client = packet->client;
  (void)number;
  if (packet->stay == client->stay) {
    *(packet->up ? &client->up_way : &client->down_way) -= packet->size;
    sim_put(packet->up ? &client->up : &client->down, packet->data,
            packet->size);
    if (packet->up) redis_hear(client);
    /* Closed by the client, and nothing more to come from it. */
    if (packet->up && !client->open && client->up_way == 0 && !redis.paused)
      client->there = false;
  }
  forget_packet(packet);
}

/* Part of what is on the way to the server gets there yet. */
static void lose_in_part(struct redis_client *client) {
  bool losing = false;
  for (size_t i = 0; i < packet_count; i++) {
    struct packet *packet = packets[i];
    if (packet->client != client || packet->stay != client->stay) continue;
    losing = losing || sim_chance(500);
    if (losing || !packet->up || !redis.up) continue;
    sim_put(&client->up, packet->data, packet->size);
  }
}

void redis_break(struct redis_client *client) {
  if (!client->there) return;
  if (redis.up && sim_chance(500)) {
    lose_in_part(client);
    client->stay++; /* the rest, and all answers, are lost */
    redis_hear(client);
  } else if (sim_chance(500) && client->down.size > 0) {
    client->down.size = sim_random(client->down.size);
  }
  client->stay++;
  client->there = false;
  client->multi = client->aborted = client->dirty = false;
  client->watch_count = client->queued = 0;
  client->up.size = client->queue.size = 0;
  client->up_way = client->down_way = 0;
}

void redis_break_process(struct sim_process *process) {
  for (size_t i = 0; i < redis.client_count; i++)
    if (redis.clients[i]->owner == process && redis.clients[i]->open)
      redis_break(redis.clients[i]);
}

void redis_pause(bool paused) {
  redis.paused = paused;
  if (paused) return;
  size_t first = redis.client_count > 0 ? sim_random(redis.client_count) : 0;
  for (size_t i = 0; i < redis.client_count; i++) {
    struct redis_client *client =
        redis.clients[(first + i) % redis.client_count];
    redis_hear(client);
    if (!client->open && client->up_way == 0) client->there = false;
  }
}

/* ---- hiredis ---- */

static redisContext *connect_to(void) {
  struct sim_process *self = sim_self();
  redisContext *context = sim_take(sizeof *context);
  context->reader = redisReaderCreate();
  context->fd = -1;
  sim_sleep(50 + (int64_t)sim_random(200));
  if (redis.client_count == REDIS_CLIENTS) abort();
  if (!redis.up || self->cut) {
    context->err = REDIS_ERR_IO;
    strcpy(context->errstr, "Connection refused");
    return context;
  }
  struct redis_client *client = sim_take(sizeof *client);
  client->number = (int)redis.client_count;
  client->id = redis.next_id++;
  client->owner = self;
  client->open = client->there = true;
  redis.clients[redis.client_count++] = client;
  context->fd = SIM_FD + client->number;
  return context;
}

redisContext *__wrap_redisConnectWithTimeout(const char *host, int port,
                                             const struct timeval limit) {
  (void)host, (void)port, (void)limit;
  return connect_to();
}

redisContext *__wrap_redisConnectUnixWithTimeout(const char *path,
                                                 const struct timeval limit) {
  (void)path, (void)limit;
  return connect_to();
}

/* hiredis has its memory from elsewhere; where it would have none, this is
 * what it says. */
int __wrap_redisReaderFeed(redisReader *reader, const char *data, size_t size) {
  if (!sim_memory_refused()) return __real_redisReaderFeed(reader, data, size);
  reader->err = REDIS_ERR_OOM;
  strcpy(reader->errstr, "Out of memory");
  return REDIS_ERR;
}

static uint64_t answers, spoilt;
static enum redis_spoilt spoilt_how;

void redis_spoil(uint64_t number, enum redis_spoilt how) {
  answers = 0;
  spoilt = number;
  spoilt_how = how;
}

uint64_t redis_answers(void) {
  return answers;
}

static redisReply *spoilt_reply(void) {
  static const char *const words[] = {[REDIS_REFUSED] = "ERR it was spoilt",
                                      [REDIS_PASSING] =
                                          "BUSY it was spoilt for a while"};
  redisReply *reply = sim_take(sizeof *reply);
  reply->type = REDIS_REPLY_NIL;
  if (spoilt_how == REDIS_NIL) return reply;
  reply->type = REDIS_REPLY_ERROR;
  reply->len = strlen(words[spoilt_how]);
  reply->str = sim_take(reply->len + 1);
  memcpy(reply->str, words[spoilt_how], reply->len);
  return reply;
}

int __wrap_redisReaderGetReply(redisReader *reader, void **reply) {
  int result = __real_redisReaderGetReply(reader, reply);
  if (result != REDIS_OK || *reply == NULL || ++answers != spoilt)
    return result;
  sim_note("an answer is spoilt");
  freeReplyObject(*reply);
  *reply = NULL;
  if (spoilt_how != REDIS_LOST) {
    *reply = spoilt_reply();
    return REDIS_OK;
  }
  reader->err = REDIS_ERR_IO;
  strcpy(reader->errstr, "Connection reset by peer");
  return REDIS_ERR;
}

void __wrap_redisFree(redisContext *context) {
  struct redis_client *client = client_of(context->fd);
  if (client != NULL) {
    client->open = false;
    if (client->up_way == 0 && client->up.size == 0) client->there = false;
  }
  context->fd = -1;
  __real_redisFree(context);
}

/* ---- the socket ---- */

bool sim_fd_readable(int fd) {
  const struct redis_client *client = client_of(fd);
  if (fd == SIM_FD_SIGNALS) return sim_self() && sim_self()->signals != 0;
  if (fd >= SIM_FD_EVENTS) return sim_eventfd_readable(fd);
  return client != NULL && (client->down.size > 0 || !client->there);
}

ssize_t __wrap_send(int fd, const void *data, size_t size, int flags) {
  struct redis_client *client = client_of(fd);
  (void)flags;
  if (!client->there) {
    errno = EPIPE;
    return -1;
  }
  if (client->up_way > 200000 || sim_chance(20)) {
    errno = EAGAIN;
    return -1;
  }
  if (size > 1 && sim_chance(50)) size = 1 + sim_random(size - 1);
  dispatch(client, true, data, size);
  return (ssize_t)size;
}

ssize_t __wrap_recv(int fd, void *out, size_t size, int flags) {
  struct redis_client *client = client_of(fd);
  (void)flags;
  if (client->down.size == 0) {
    if (!client->there && sim_chance(500)) return 0;
    errno = client->there ? EAGAIN : ECONNRESET;
    return -1;
  }
  if (size > client->down.size) size = client->down.size;
  if (size > 1 && sim_chance(50)) size = 1 + sim_random(size - 1);
  memcpy(out, client->down.data, size);
  sim_drop(&client->down, size);
  return (ssize_t)size;
}

struct poll {
  struct pollfd *items;
  nfds_t count;
};

static bool is_ready(const struct pollfd *item) {
  const struct redis_client *client = client_of(item->fd);
  if (item->events & POLLOUT && client->up_way < 200000) return true;
  return sim_fd_readable(item->fd);
}

static bool look(void *context) {
  const struct poll *poll = context;
  bool any = false;
  for (nfds_t i = 0; i < poll->count; i++) {
    bool ready = is_ready(&poll->items[i]);
    poll->items[i].revents = ready ? poll->items[i].events : 0;
    any = any || ready;
  }
  return any;
}

int __wrap_poll(struct pollfd *items, nfds_t count, int wait_ms) {
  struct poll poll = {items, count};
  if (count > 1 || wait_ms != 0)
    (void)sim_wait(look, &poll, wait_ms < 0 ? -1 : wait_ms * (int64_t)SIM_MS);
  (void)look(&poll);
  int ready = 0;
  for (nfds_t i = 0; i < count; i++)
    ready += items[i].revents != 0;
  return ready;
}

/* ---- the end ---- */

void redis_link_end(void);

void redis_link_end(void) {
  while (packet_count > 0)
    free(packets[--packet_count]);
  free(packets);
  packets = NULL;
  packet_room = 0;
}
