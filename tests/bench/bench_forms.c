/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_forms [OPTION VALUE]…
 *
 * Jobs with made-up forms (form_make.h), the same for the same options:
 * written to standard output, or sent through the acknowledged door.
 *
 *   --count N       how many (1000)
 *   --first N       number of the first form (0)
 *   --seed N        another seed gives another city (1)
 *   --divisions N   forms are spread over so many divisions (17)
 *   --year N        the first fiscal year (2022)
 *   --years N       over so many years (3)
 *   --imperfect N   percent of forms with a mistake (12)
 *   --revision N    revision of the job; others have other figures (1)
 *   --as KIND       json: JSON Lines (the default); msgpack: one map behind
 *                   the other; sizes: nothing but the sum of the frames' bytes
 *   --send ENDPOINT send instead of writing, print what form_send.h says
 *   --rate N        send so many a second, and measure each answer (0: all)
 *   --log FILE      each answer's time and wait
 */

#include "form_send.h"
#include "wire/json.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 1 << 20 };

struct options {
  const char *count, *first, *seed, *divisions, *year, *years, *imperfect,
      *revision, *as, *send, *rate, *log;
};

#define OPTION(name)                                                           \
  { "--" #name, offsetof(struct options, name) }
static const struct {
  const char *spelling;
  size_t at;
} table[] = {OPTION(count), OPTION(first), OPTION(seed),      OPTION(divisions),
             OPTION(year),  OPTION(years), OPTION(imperfect), OPTION(revision),
             OPTION(as),    OPTION(send),  OPTION(rate),      OPTION(log)};

static void stop(const char *what, const char *why) {
  (void)fprintf(stderr, "bench_forms: %s: %s\n", what, why);
  exit(2);
}

static void read_option(struct options *options, const char *spelling,
                        const char *value) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i].spelling, spelling) != 0) continue;
    if (!value) stop(spelling, "a value is missing");
    memcpy((char *)options + table[i].at, &value, sizeof value);
    return;
  }
  stop(spelling, "no such option; the head of bench_forms.c lists them");
}

static uint64_t number(const char *text, uint64_t least, uint64_t most,
                       uint64_t otherwise) {
  char *end;
  if (!text) return otherwise;
  uint64_t value = strtoull(text, &end, 10);
  if (*end || end == text || *text == '-' || value < least || value > most)
    stop(text, "not a number that makes sense here");
  return value;
}

static struct form_source source_of(const struct options *options) {
  struct form_source source = form_source_default();
  source.seed = number(options->seed, 0, UINT64_MAX, source.seed);
  source.divisions =
      (unsigned)number(options->divisions, 1, 1000, source.divisions);
  source.first_year =
      (unsigned)number(options->year, 1994, 2900, source.first_year);
  source.year_count = (unsigned)number(options->years, 1, 99, 3);
  source.imperfect =
      (unsigned)number(options->imperfect, 0, 100, source.imperfect);
  source.revision = (int64_t)number(options->revision, 1, 1000000, 1);
  return source;
}

struct writer {
  const struct form_source *source;
  struct evald_arena *arena;
  struct wire_buffer frame, json;
  uint64_t bytes;
  bool as_json, silent;
};

static void write_one(struct writer *writer, uint64_t number) {
  struct wire_job job;
  evald_arena_reset(writer->arena);
  wire_buffer_reset(&writer->frame);
  if (form_make(writer->source, number, writer->arena, &job) != EVALD_OK)
    stop("form", "no memory");
  wire_job_encode(&job, &writer->frame);
  if (wire_buffer_done(&writer->frame)) stop("frame", "no memory");
  const struct wire_buffer *out = &writer->frame;
  writer->bytes += out->size;
  if (writer->silent) return;
  if (writer->as_json) {
    wire_buffer_reset(&writer->json);
    if (wire_msgpack_to_json(wire_buffer_bytes(&writer->frame), &writer->json))
      stop("json", "no memory");
    wire_put_raw(&writer->json, "\n", 1);
    out = &writer->json;
  }
  if (fwrite(out->data, 1, out->size, stdout) != out->size)
    stop("standard output", "cannot be written");
}

static void write_all(const struct form_source *source, const char *as,
                      uint64_t first, uint64_t count) {
  struct writer writer = {.source = source,
                          .arena = evald_arena_new(ARENA_BYTES),
                          .as_json = strcmp(as, "json") == 0,
                          .silent = strcmp(as, "sizes") == 0};
  if (!writer.as_json && !writer.silent && strcmp(as, "msgpack") != 0)
    stop(as, "--as json, msgpack or sizes");
  if (!writer.arena) stop("arena", "no memory");
  for (uint64_t i = 0; i < count; i++)
    write_one(&writer, first + i);
  if (writer.silent)
    (void)printf("{\"forms\": %" PRIu64 ", \"bytes\": %" PRIu64 "}\n", count,
                 writer.bytes);
  evald_arena_free(writer.arena);
  wire_buffer_fini(&writer.frame);
  wire_buffer_fini(&writer.json);
}

int main(int argc, char **argv) {
  struct options options = {0};
  for (int i = 1; i < argc; i += 2)
    read_option(&options, argv[i], argv[i + 1]);
  struct form_source source = source_of(&options);
  uint64_t first = number(options.first, 0, UINT64_C(1) << 39, 0);
  uint64_t count = number(options.count, 1, UINT64_C(1) << 32, 1000);
  if (!options.send) {
    write_all(&source, options.as ? options.as : "json", first, count);
    return fflush(stdout) ? 2 : 0;
  }
  struct form_send send = {.source = &source,
                           .first = first,
                           .count = count,
                           .endpoint = options.send,
                           .rate =
                               (unsigned)number(options.rate, 0, 1000000, 0),
                           .log = options.log};
  return form_send(&send) ? 0 : 1;
}
