/* SPDX-License-Identifier: Apache-2.0 */
#include "import/reader.h"

#include "base/utf8.h"
#include "import/radical.h"
#include <string.h>

void *reader_take(struct reader *r, size_t size) {
  if (r->failed) return NULL;
  void *piece = evald_arena_take(r->arena, size);
  if (!piece) r->failed = true;
  return piece;
}

void *reader_more(struct reader *r, void *items, size_t count, size_t *room,
                  size_t size) {
  if (r->failed) return NULL;
  if (count < *room) return items;
  size_t larger = *room ? *room * 2 : 16;
  void *copy = reader_take(r, larger * size);
  if (!copy) return NULL;
  if (count > 0) memcpy(copy, items, count * size);
  *room = larger;
  return copy;
}

/* What stands between two words, as far as it has been read. */
struct between {
  uint32_t line;
  uint32_t indent;
  unsigned blanks;
  bool line_begins;
};

static void add_word(struct reader *r, struct evald_text text,
                     const struct between *before) {
  struct word *words =
      reader_more(r, r->words, r->word_count, &r->word_room, sizeof *r->words);
  if (!words) return;
  r->words = words;
  words[r->word_count++] = (struct word){
      .text = text,
      .line = before->line,
      .indent = (uint16_t)(before->indent < 65535 ? before->indent : 65535),
      .gap = before->line_begins  ? GAP_LINE
             : before->blanks > 1 ? GAP_WIDE
                                  : GAP_BLANK,
  };
}

/* "3", "- 3 -", "第 3 页": what a printer puts at the foot of a page. */
static bool page_number(const struct word *words, size_t count) {
  bool digit = false;
  for (size_t i = 0; i < count; i++) {
    for (size_t at = 0; at < words[i].text.size;) {
      uint32_t code = reader_fold(words[i].text, &at);
      if (code >= '0' && code <= '9')
        digit = true;
      else if (code != '-' && code != '/' && code != 0x7B2C && code != 0x9875 &&
               code != 0x5171) {
        return false;
      }
    }
  }
  return digit;
}

static void drop_page_number(struct reader *r) {
  size_t from = r->word_count;
  if (from == 0) return;
  while (from > 0 && r->words[from - 1].gap != GAP_LINE)
    from--;
  if (from > 0) from--;
  if (page_number(r->words + from, r->word_count - from)) r->word_count = from;
}

static bool word_character(uint32_t code) {
  return code > ' ' && code != 0xA0 && code != 0x3000 && code != 0xFEFF &&
         code != 0x200B;
}

static void pass_line_end(struct reader *r, uint32_t code,
                          struct between *between) {
  if (code == '\n')
    between->line++;
  else
    drop_page_number(r);
  between->line_begins = true;
  between->blanks = 0;
  between->indent = 0;
}

/* How wide a blank is; 0 where the character is not one. Tabs count as wide,
 * and so does the Chinese blank, which fills a cell's width. */
static unsigned blank_width(uint32_t code) {
  if (code == ' ' || code == 0xA0) return 1;
  return code == '\t' || code == 0x3000 ? 2 : 0;
}

/* Passes over blanks; false at the end of the text. */
static bool pass_blanks(struct reader *r, size_t *at, struct between *between) {
  while (*at < r->text.size) {
    size_t next = *at;
    uint32_t code = utf8_next(r->text, &next);
    if (code == '\n' || code == '\f')
      pass_line_end(r, code, between);
    else if (word_character(code))
      return true;
    between->blanks += blank_width(code);
    between->indent += blank_width(code);
    *at = next;
  }
  return false;
}

static size_t word_end(struct evald_text text, size_t at, uint32_t *indent) {
  while (at < text.size) {
    size_t next = at;
    uint32_t code = utf8_next(text, &next);
    if (!word_character(code)) break;
    *indent += code < 0x80 ? 1 : 2;
    at = next;
  }
  return at;
}

void reader_cut(struct reader *r, struct evald_text text) {
  r->text = radical_replace(r, text);
  struct between between = {.line = 1, .line_begins = true};
  size_t at = 0;
  while (!r->failed && pass_blanks(r, &at, &between)) {
    uint32_t indent = between.indent;
    size_t end = word_end(r->text, at, &indent);
    add_word(r, (struct evald_text){r->text.data + at, end - at}, &between);
    between.indent = indent;
    between.blanks = 0;
    between.line_begins = false;
    at = end;
  }
}

/* Characters outside the block FF01..FF5E that mean an ASCII sign, or ≥ ≤. */
static const struct {
  uint32_t code, folded;
} twins[] = {{0x2267, 0x2265}, {0x2A7E, 0x2265}, {0x2266, 0x2264},
             {0x2A7D, 0x2264}, {0xFE66, '='},    {0xFE65, '>'},
             {0xFE64, '<'},    {0x2212, '-'},    {0x2010, '-'},
             {0x2011, '-'},    {0x2013, '-'},    {0x2014, '-'},
             {0x2015, '-'},    {0x2500, '-'},    {0xFE6A, '%'},
             {0x2236, ':'},    {0xFE55, ':'}};

uint32_t reader_fold(struct evald_text text, size_t *offset) {
  uint32_t code = utf8_next(text, offset);
  if (code < 0x2000) return code;
  if (code >= 0xFF01 && code <= 0xFF5E) return code - 0xFEE0;
  if (code >= 0x2E80 && code < 0xFE00) return code;
  for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
    if (twins[i].code == code) return twins[i].folded;
  }
  return code;
}

static struct evald_text slice(struct reader *r, struct span span) {
  if (span.from >= span.to) return (struct evald_text){"", 0};
  const struct word *first = &r->words[span.from];
  const struct word *last = &r->words[span.to - 1];
  size_t size = (size_t)(last->text.data - first->text.data) + last->text.size;
  return (struct evald_text){first->text.data, size};
}

void reader_problem(struct reader *r, enum import_problem_kind kind,
                    struct evald_cell cell, struct span span) {
  struct import_problem *problems = reader_more(
      r, r->problems, r->problem_count, &r->problem_room, sizeof *r->problems);
  if (!problems) return;
  r->problems = problems;
  uint32_t line = 0;
  if (span.from < r->word_count)
    line = r->words[span.from].line;
  else if (r->word_count > 0)
    line = r->words[r->word_count - 1].line;
  problems[r->problem_count++] =
      (struct import_problem){.kind = (uint8_t)kind,
                              .cell = cell,
                              .line = line,
                              .text = slice(r, span)};
}

/* Whether the last problem is of this kind and stands right before the word
 * on its line; then it takes the words in. */
static bool goes_on(struct reader *r, enum import_problem_kind kind,
                    struct span span) {
  if (r->problem_count == 0) return false;
  struct import_problem *last = &r->problems[r->problem_count - 1];
  const struct word *word = &r->words[span.from];
  if (last->kind != kind || last->line != word->line || word->gap == GAP_LINE ||
      last->text.size == 0)
    return false;
  const struct word *before = word - 1;
  const char *end = before->text.data + before->text.size;
  if (last->text.data + last->text.size != end) return false;
  struct evald_text added = slice(r, span);
  size_t size = (size_t)(added.data - last->text.data) + added.size;
  last->text.size = size;
  return true;
}

void reader_lines(struct reader *r, enum import_problem_kind kind,
                  struct span span) {
  const struct evald_cell nowhere = {EVALD_CELL_FORM, 0};
  while (span.from < span.to) {
    size_t end = span.from + 1;
    while (end < span.to && r->words[end].line == r->words[span.from].line)
      end++;
    struct span line = {span.from, end};
    if (!goes_on(r, kind, line)) reader_problem(r, kind, nowhere, line);
    span.from = end;
  }
}

static bool latin(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z');
}

/* Whether a blank belongs between two words of one cell. */
static bool parted(const struct word *left, const struct word *right) {
  return latin(left->text.data[left->text.size - 1]) &&
         latin(right->text.data[0]);
}

struct evald_text reader_join_words(struct reader *r, const size_t *words,
                                    size_t count) {
  if (count == 0) return (struct evald_text){0};
  size_t size = 0;
  for (size_t i = 0; i < count; i++)
    size += r->words[words[i]].text.size + 1;
  char *data = reader_take(r, size);
  if (!data) return (struct evald_text){0};
  size = 0;
  for (size_t i = 0; i < count; i++) {
    const struct word *word = &r->words[words[i]];
    if (i > 0 && parted(&r->words[words[i - 1]], word)) data[size++] = ' ';
    memcpy(data + size, word->text.data, word->text.size);
    size += word->text.size;
  }
  return (struct evald_text){data, size};
}

struct evald_text reader_join(struct reader *r, struct span span) {
  if (span.from >= span.to) return (struct evald_text){0};
  size_t count = span.to - span.from;
  if (count == 1) return r->words[span.from].text;
  size_t *words = reader_take(r, count * sizeof *words);
  if (!words) return (struct evald_text){0};
  for (size_t i = 0; i < count; i++)
    words[i] = span.from + i;
  return reader_join_words(r, words, count);
}

struct evald_text reader_concat(struct reader *r, struct evald_text left,
                                struct evald_text right) {
  if (left.size == 0) return right;
  if (right.size == 0) return left;
  char *data = reader_take(r, left.size + right.size);
  if (!data) return left;
  memcpy(data, left.data, left.size);
  memcpy(data + left.size, right.data, right.size);
  return (struct evald_text){data, left.size + right.size};
}
