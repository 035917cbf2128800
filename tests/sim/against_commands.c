/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/against.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What src/store sends, as shapes: a word stands for itself,
 *
 *   %h %s %l %x %t %c   a key: hash, set, list, stream, string, counter; now
 *                       and then one of another type
 *   %r                  the stream whose ids the server chooses; %j such an id
 *   %a %d               any key; any but that of %r, which made again within a
 *                       millisecond would choose an id again
 *   %f %v %m %n %i      a field, a value, a member, a number, an id <seq>-0
 *   {…}                 one to four times
 *
 * SMEMBERS has no order and stands where its answer can be put in one.
 */

#define TRIM                                                                   \
  "local\x01n\x01=\x01redis.call('XTRIM',\x01KEYS[1],\x01'MAXLEN',\x01"        \
  "ARGV[1])\x01if\x01n\x01>\x01"                                               \
  "0\x01then\x01redis.call('INCRBY',\x01KEYS[2],\x01n)\x01"                    \
  "end\x01return\x01n"

static const char *const anywhere[] = {
    "HSET %h {%f %v}",
    "HSET %h {%f %v}",
    "HSET %h {%f %n}",
    "HDEL %h {%f}",
    "HGET %h %f",
    "HMGET %h {%f}",
    "HGETALL %h",
    "HLEN %h",
    "SADD %s %m",
    "SADD %s %m",
    "SISMEMBER %s %m",
    "SET %t %v",
    "GET %t",
    "INCR %c",
    "INCRBY %c %n",
    "TYPE %a",
    "TYPE %x",
    "EXISTS {%a}",
    "DEL {%d}",
    "PEXPIRE %a 60000",
    "RPUSH %l %m",
    "RPUSH %l %m",
    "LRANGE %l 0 1",
    "LRANGE %l 0 -1",
    "LREM %l 0 %m",
    "XADD %x %i b %v n %m",
    "XADD %x %i b %v n %m",
    "XADD %x MINID = %i %i b %v n %m",
    "XADD r0 * at_ms %n size %n frame %v",
    "XADD r0 * at_ms %n size %n frame %v",
    "XRANGE %x %i %i",
    "XRANGE %x (%i + COUNT %n",
    "XRANGE %x %i + COUNT %n",
    "XRANGE %x - +",
    "XRANGE %r %j %j",
    "XRANGE %r (%j + COUNT 2",
    "XRANGE %r - + COUNT 3",
    "XLEN %x",
    "XLEN %r",
    "XDEL %r %j",
};

static const char *const outside[] = {"WATCH {%a}",
                                      "WATCH {%h}",
                                      "UNWATCH",
                                      "MULTI",
                                      "MULTI",
                                      "MULTI",
                                      "SMEMBERS %s",
                                      "HSCAN %h 0 COUNT 1000",
                                      "XINFO STREAM %x",
                                      "PING",
                                      "SELECT 0",
                                      "CONFIG GET appendfsync",
                                      "WAIT 0 1",
                                      "EVAL " TRIM " 2 %r %c %n",
                                      "EXEC",
                                      "INFO server",
                                      "XINFO STREAM %r",
                                      "CONFIG GET no-appendfsync-on-rewrite",
                                      "EVAL " TRIM " 2 %r %c 2"};

enum { WORDS = 64 };

struct drawing {
  const struct against_ids *ids;
  struct sim_bytes words[AGAINST_SIDES][WORDS];
  unsigned count;
};

static void add(struct drawing *drawing, unsigned side, const void *data,
                size_t size) {
  sim_put(&drawing->words[side][drawing->count], data, size);
}

static void add_both(struct drawing *drawing, const void *data, size_t size) {
  for (unsigned side = 0; side < AGAINST_SIDES; side++)
    add(drawing, side, data, size);
}

/* "h1"; seldom one of another type. */
static void draw_key(struct drawing *drawing, char type) {
  static const char types[] = "hslxtcr";
  char name[3] = {type, (char)('0' + sim_random(2)), 0};
  if (type == 'r' || type == 'c') name[1] = '0';
  if (type == 'd')
    name[0] = types[sim_random(sizeof types - 2)];
  else if (type == 'a' || sim_chance(25))
    name[0] = types[sim_random(sizeof types - 1)];
  add_both(drawing, name, 2);
}

/* Any bytes, up to as many as a small hash keeps in order; none is a number
 * that an id could be taken for. */
static void draw_value(struct drawing *drawing) {
  unsigned char bytes[60];
  size_t size = sim_chance(100) ? 0 : sim_random(sizeof bytes);
  for (size_t i = 0; i < size; i++)
    bytes[i] = (unsigned char)sim_random(256);
  if (size > 0) bytes[0] |= 0x80;
  add_both(drawing, bytes, size);
}

static void draw_chosen(struct drawing *drawing) {
  unsigned count = drawing->ids[0].count;
  unsigned which = (unsigned)sim_random(count + 1);
  for (unsigned side = 0; side < AGAINST_SIDES; side++) {
    const char *id = which < count ? drawing->ids[side].items[which] : "77-0";
    add(drawing, side, id, strlen(id));
  }
}

/* A number from 1 on, between two words. */
static void draw_number(struct drawing *drawing, const char *before,
                        unsigned most, const char *behind) {
  char text[24];
  int size = snprintf(text, sizeof text, "%s%u%s", before,
                      1 + (unsigned)sim_random(most), behind);
  add_both(drawing, text, (size_t)size);
}

static void draw_part(struct drawing *drawing, char what) {
  switch (what) {
  case 'f':
    draw_number(drawing, "P", 6, "");
    break;
  case 'm':
    draw_number(drawing, "writer-", 3, "");
    break;
  case 'n':
    draw_number(drawing, "", 9, "");
    break;
  case 'i':
    draw_number(drawing, "", 30, "-0");
    break;
  case 'v':
    draw_value(drawing);
    break;
  case 'j':
    draw_chosen(drawing);
    break;
  default:
    draw_key(drawing, what);
  }
}

/* One word of a shape; 0x01 in it is a blank. */
static void draw_word(struct drawing *drawing, const char *word, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (word[i] == '%')
      draw_part(drawing, word[++i]);
    else
      add_both(drawing, word[i] == 1 ? " " : &word[i], 1);
  }
  drawing->count++;
}

static const char *draw_words(struct drawing *drawing, const char *shape,
                              char end) {
  while (*shape && *shape != end) {
    size_t size = strcspn(shape, " }");
    if (size > 0) draw_word(drawing, shape, size);
    shape += size + (shape[size] == ' ');
  }
  return shape;
}

static void draw_shape(struct drawing *drawing, const char *shape) {
  const char *group = strchr(shape, '{');
  if (group == NULL) {
    (void)draw_words(drawing, shape, '\0');
    return;
  }
  (void)draw_words(drawing, shape, '{');
  for (uint64_t times = 1 + sim_random(4); times > 0; times--)
    (void)draw_words(drawing, group + 1, '}');
}

static void write_command(struct drawing *drawing, unsigned side,
                          struct sim_bytes *out) {
  sim_print(out, "*%u\r\n", drawing->count);
  for (unsigned i = 0; i < drawing->count; i++) {
    struct sim_bytes *word = &drawing->words[side][i];
    sim_print(out, "$%zu\r\n", word->size);
    sim_put(out, word->data, word->size);
    sim_put(out, "\r\n", 2);
    sim_bytes_free(word);
  }
}

void against_draw(bool multi, const struct against_ids ids[AGAINST_SIDES],
                  struct against_command *out) {
  struct drawing drawing = {.ids = ids};
  size_t many = sizeof anywhere / sizeof *anywhere;
  size_t rest = multi ? 0 : sizeof outside / sizeof *outside;
  size_t at = sim_random(many + rest);
  const char *shape = at < many ? anywhere[at] : outside[at - many];
  if (multi && sim_chance(250)) shape = "EXEC";
  draw_shape(&drawing, shape);
  (void)snprintf(out->name, sizeof out->name, "%.*s", (int)strcspn(shape, " "),
                 shape);
  for (unsigned side = 0; side < AGAINST_SIDES; side++) {
    out->bytes[side].size = 0;
    write_command(&drawing, side, &out->bytes[side]);
  }
}
