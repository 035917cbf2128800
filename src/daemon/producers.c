/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/producers.h"
#include "base/fault.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

enum { IDLE_MS = 60000 };

enum evald_status producers_init(struct producers *producers, uint32_t room,
                                 uint32_t window) {
  *producers = (struct producers){.room = room, .window = window};
  producers->items = calloc(room, sizeof *producers->items);
  return producers->items != NULL ? EVALD_OK : EVALD_MEMORY;
}

static void drop_letters(struct producer *producer) {
  while (producer->letters.count > 0)
    producer_drop_letter(producer);
  free(producer->letters.items);
  producer->letters = (struct letters){0};
}

void producers_fini(struct producers *producers) {
  for (uint32_t i = 0; producers->items != NULL && i < producers->room; i++)
    drop_letters(&producers->items[i]);
  index_fini(&producers->index);
  free(producers->items);
}

static struct evald_text id_of(const struct producer *producer) {
  return (struct evald_text){(const char *)producer->id, producer->id_size};
}

static bool is_producer(const void *context, uint32_t number,
                        const void *wanted) {
  const struct producers *producers = context;
  const struct evald_text *id = wanted;
  return evald_text_equal(id_of(&producers->items[number]), *id);
}

static struct producer *free_place(struct producers *producers,
                                   int64_t now_ms) {
  if (producers->count == producers->room)
    producers_sweep(producers, now_ms - IDLE_MS);
  if (producers->count == producers->room) return NULL;
  for (uint32_t i = 0; i < producers->room; i++)
    if (!producers->items[i].used) return &producers->items[i];
  return NULL;
}

/* Until it says who it is: its connection, as hexadecimal digits. */
static void name_by_id(struct producer *producer) {
  size_t at = 0;
  for (unsigned i = 0; i < producer->id_size && i < 16; i++)
    at += fault_print(producer->name + at, sizeof producer->name - at, "%02x",
                      producer->id[i]);
}

static struct producer *add(struct producers *producers, struct evald_text id,
                            uint32_t hash, int64_t now_ms) {
  struct producer *producer = free_place(producers, now_ms);
  if (producer == NULL || id.size > PRODUCER_ID) return NULL;
  uint32_t number = (uint32_t)(producer - producers->items);
  if (index_add(&producers->index, hash, number) != EVALD_OK) return NULL;
  *producer = (struct producer){.id_size = (uint8_t)id.size,
                                .used = true,
                                .number = number + 1,
                                .generation = producer->generation + 1,
                                .hash = hash,
                                .window = producers->window};
  memcpy(producer->id, id.data, id.size);
  name_by_id(producer);
  producers->count++;
  return producer;
}

struct producer *producers_meet(struct producers *producers,
                                struct evald_text id, int64_t now_ms) {
  uint32_t hash = index_hash(id, 0);
  uint32_t number =
      index_find(&producers->index, hash, is_producer, producers, &id);
  struct producer *producer = number != INDEX_NONE
                                  ? &producers->items[number]
                                  : add(producers, id, hash, now_ms);
  if (producer != NULL) producer->heard_ms = now_ms;
  return producer;
}

struct producer *producers_at(struct producers *producers, uint32_t number,
                              uint32_t generation) {
  if (number == 0 || number > producers->room) return NULL;
  struct producer *producer = &producers->items[number - 1];
  return producer->used && producer->generation == generation ? producer : NULL;
}

void producers_forget(struct producers *producers, struct producer *producer) {
  drop_letters(producer);
  index_remove(&producers->index, producer->hash, producer->number - 1);
  producer->used = false;
  producers->count--;
}

void producers_sweep(struct producers *producers, int64_t before_ms) {
  for (uint32_t i = 0; i < producers->room && producers->count > 0; i++) {
    struct producer *producer = &producers->items[i];
    if (producer->used && producer->unanswered == 0 &&
        producer->letters.count == 0 && producer->heard_ms < before_ms)
      producers_forget(producers, producer);
  }
}

void producer_name(struct producer *producer, struct evald_text name) {
  if (name.size == 0 || !utf8_valid(name.data, name.size)) return;
  fault_copy(producer->name, sizeof producer->name, name);
  for (char *c = producer->name; *c != '\0'; c++)
    if ((unsigned char)*c < ' ' || *c == 0x7F) *c = '?';
}

void producer_ask(const struct producers *producers, struct producer *producer,
                  uint64_t window) {
  producer->window = window > 0 && window < producers->window
                         ? (uint32_t)window
                         : producers->window;
}

bool producer_take(struct producer *producer) {
  if (producer->unanswered >= producer->window) return false;
  producer->unanswered++;
  return true;
}

void producer_give(struct producer *producer, uint32_t answers) {
  producer->unanswered -=
      answers < producer->unanswered ? answers : producer->unanswered;
}

void producer_cut(struct producer *producer) {
  drop_letters(producer);
  producer->generation++;
  producer->unanswered = 0;
  producer->cut = true;
}

/* The ring unrolled into one twice as large. */
static bool more_letters(struct letters *letters) {
  uint32_t room = letters->room > 0 ? letters->room * 2 : 16;
  struct letter *items = calloc(room, sizeof *items);
  if (items == NULL) return false;
  for (uint32_t i = 0; i < letters->count; i++)
    items[i] = letters->items[(letters->first + i) % letters->room];
  free(letters->items);
  letters->items = items;
  letters->first = 0;
  letters->room = room;
  return true;
}

enum evald_status producer_keep(struct producer *producer,
                                struct bus_frame *body, uint32_t answers,
                                int64_t now_ms) {
  struct letters *letters = &producer->letters;
  if (letters->count == letters->room && !more_letters(letters))
    return EVALD_MEMORY;
  if (letters->count == 0) letters->since_ms = now_ms;
  uint32_t at = (letters->first + letters->count++) % letters->room;
  letters->items[at] = (struct letter){*body, answers};
  letters->bytes += bus_frame_size(body) + sizeof(struct letter);
  return EVALD_OK;
}

struct letter *producer_letter(struct producer *producer) {
  struct letters *letters = &producer->letters;
  return letters->count > 0 ? &letters->items[letters->first] : NULL;
}

void producer_drop_letter(struct producer *producer) {
  struct letters *letters = &producer->letters;
  struct letter *letter = producer_letter(producer);
  letters->bytes -= bus_frame_size(&letter->body) + sizeof *letter;
  bus_frame_fini(&letter->body);
  letters->first = (letters->first + 1) % letters->room;
  letters->count--;
}
