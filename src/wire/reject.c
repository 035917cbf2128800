/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/reject.h"

#include "base/fault.h"
#include "base/utf8.h"
#include "wire/cursor.h"
#include <string.h>

enum { PRINTED_MAX = 48 };

static const struct {
  struct evald_text name;
  const char *text[2];
} codes[] = {
#define X(name, spelling, en, zh) {{spelling, sizeof(spelling) - 1}, {en, zh}},
    WIRE_REJECT_LIST(X)
#undef X
};

void wire_rejects_init(struct wire_rejects *rejects) {
  rejects->count = 0;
  rejects->more = 0;
}

void wire_reject_add(struct wire_rejects *rejects,
                     struct wire_problem problem) {
  if (rejects->count == WIRE_PROBLEMS_MAX) {
    rejects->more++;
    return;
  }
  /* Keys come from outside and are printed on terminals. */
  problem.key[utf8_tame(problem.key, strlen(problem.key))] = '\0';
  rejects->items[rejects->count++] = problem;
}

struct wire_problem wire_problem_of(enum wire_reject code, const char *key,
                                    size_t offset) {
  struct wire_problem problem = {.code = (uint8_t)code, .offset = offset};
  (void)fault_copy(problem.key, sizeof problem.key, evald_text_of(key));
  return problem;
}

const char *wire_reject_name(enum wire_reject code) {
  return (unsigned)code < WIRE_REJECT_COUNT ? codes[code].name.data : "?";
}

enum wire_reject wire_reject_named(struct evald_text spelling) {
  for (unsigned i = 0; i < WIRE_REJECT_COUNT; i++) {
    if (evald_text_equal(codes[i].name, spelling)) return (enum wire_reject)i;
  }
  return WIRE_REJECT_COUNT;
}

const char *wire_reject_text(enum wire_reject code, int chinese) {
  return (unsigned)code < WIRE_REJECT_COUNT ? codes[code].text[chinese != 0]
                                            : "?";
}

const char *wire_expected_text(enum wire_expected expected, int chinese) {
  static const char *const texts[][2] = {
#define X(name, en, zh) {en, zh},
      WIRE_EXPECTED_LIST(X)
#undef X
  };
  return (unsigned)expected < WIRE_EXPECTED_COUNT
             ? texts[expected][chinese != 0]
             : "?";
}

/* The pieces of a sentence that differ by language. */
static const struct {
  const char *colon, *open, *allowed, *between, *close;
} words[2] = {{": ", " (", "allowed: ", "; ", ")"},
              {"：", "（", "允许：", "；", "）"}};

/* A text that is being put together in fixed room. */
struct line {
  char *out;
  size_t size, length;
};

static void add(struct line *line, struct evald_text text) {
  line->length +=
      fault_copy(line->out + line->length, line->size - line->length, text);
}

/* The offending text, cut, without the characters that a terminal obeys. */
static void add_printed(struct line *line, struct evald_text printed) {
  size_t size = utf8_cut(printed.data, printed.size, PRINTED_MAX);
  size_t from = line->length;
  add(line, (struct evald_text){printed.data, size});
  line->length = from + utf8_tame(line->out + from, line->length - from);
  line->out[line->length] = '\0';
  if (size < printed.size) add(line, EVALD_TEXT("…"));
}

static void add_details(struct line *line, const struct wire_problem *problem,
                        int zh) {
  bool printed = problem->printed.size > 0;
  bool expected = problem->expected != WIRE_EXPECTED_NOTHING;
  if (!printed && !expected) return;
  add(line, evald_text_of(words[zh].open));
  if (printed) add_printed(line, problem->printed);
  if (printed && expected) add(line, evald_text_of(words[zh].between));
  if (expected) {
    add(line, evald_text_of(words[zh].allowed));
    add(line, evald_text_of(wire_expected_text(problem->expected, zh)));
  }
  add(line, evald_text_of(words[zh].close));
}

size_t wire_problem_sentence(const struct wire_problem *problem, int chinese,
                             char *out, size_t size) {
  if (size == 0) return 0;
  int zh = chinese != 0;
  struct line line = {out, size, 0};
  out[0] = '\0';
  if (problem->key[0]) {
    add(&line, evald_text_of(problem->key));
    add(&line, evald_text_of(words[zh].colon));
  }
  add(&line, evald_text_of(wire_reject_text(problem->code, zh)));
  add_details(&line, problem, zh);
  char byte[48];
  size_t length =
      zh ? fault_print(byte, sizeof byte, "，第 %zu 字节", problem->offset)
         : fault_print(byte, sizeof byte, ", byte %zu", problem->offset);
  add(&line, (struct evald_text){byte, length});
  return line.length;
}

size_t wire_rejects_sentence(const struct wire_rejects *rejects, int chinese,
                             char *out, size_t size) {
  if (size == 0) return 0;
  size_t length = 0;
  out[0] = '\0';
  for (size_t i = 0; i < rejects->count; i++) {
    if (i > 0) {
      length += fault_copy(out + length, size - length,
                           evald_text_of(words[chinese != 0].between));
    }
    length += wire_problem_sentence(&rejects->items[i], chinese, out + length,
                                    size - length);
  }
  return length;
}

static void encode_problem(const struct wire_problem *problem,
                           struct wire_buffer *out) {
  char sentence[WIRE_SENTENCE];
  size_t size = wire_problem_sentence(problem, 1, sentence, sizeof sentence);
  wire_put_map(out, 4);
  wire_put_string(out, "code");
  wire_put_string(out, wire_reject_name(problem->code));
  wire_put_string(out, "key");
  wire_put_string(out, problem->key);
  wire_put_string(out, "offset");
  wire_put_uint(out, problem->offset);
  wire_put_string(out, "text");
  wire_put_text(out, (struct evald_text){sentence, size});
}

void wire_rejects_encode(const struct wire_rejects *rejects,
                         struct wire_buffer *out) {
  wire_put_array(out, rejects->count);
  for (size_t i = 0; i < rejects->count; i++) {
    encode_problem(&rejects->items[i], out);
  }
}

static void decode_field(struct wire_cursor *cursor,
                         struct wire_problem *problem) {
  struct evald_text key = wire_get_text(cursor);
  if (evald_text_equal(key, EVALD_TEXT("code"))) {
    problem->code = (uint8_t)wire_reject_named(wire_get_text(cursor));
  } else if (evald_text_equal(key, EVALD_TEXT("key"))) {
    (void)fault_copy(problem->key, sizeof problem->key, wire_get_text(cursor));
  } else if (evald_text_equal(key, EVALD_TEXT("offset"))) {
    problem->offset = wire_get_uint(cursor);
  } else if (evald_text_equal(key, EVALD_TEXT("text"))) {
    problem->printed = wire_get_text(cursor);
  } else {
    wire_skip(cursor);
  }
}

enum evald_status wire_rejects_decode(struct wire_bytes bytes,
                                      struct wire_rejects *out) {
  struct wire_cursor cursor = wire_cursor_of(bytes);
  struct wire_rejects read;
  wire_rejects_init(&read);
  for (size_t left = wire_get_array(&cursor); left > 0; left--) {
    struct wire_problem problem = {.code = WIRE_REJECT_COUNT};
    for (size_t pairs = wire_get_map(&cursor); pairs > 0; pairs--) {
      decode_field(&cursor, &problem);
    }
    if (cursor.failed) return EVALD_SYNTAX;
    wire_reject_add(&read, problem);
  }
  enum evald_status status = wire_cursor_done(&cursor);
  if (status == EVALD_OK) *out = read;
  return status;
}
