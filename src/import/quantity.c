/* SPDX-License-Identifier: Apache-2.0 */
#include "import/quantity.h"

#include "base/utf8.h"
#include "import/reader.h"
#include <string.h>

/* A cell, folded: what is compared is code[], what is taken over is the text
 * between two offsets. A number cell is short; a longer one is prose. */
enum { CELL_MAX = 48 };

struct folded {
  struct evald_text text;
  uint32_t code[CELL_MAX];
  size_t offset[CELL_MAX + 1];
  size_t count;
};

static bool fold(struct evald_text text, struct folded *out) {
  out->text = text;
  out->count = 0;
  size_t at = 0;
  while (at < text.size) {
    if (out->count == CELL_MAX) return false;
    out->offset[out->count] = at;
    uint32_t code = reader_fold(text, &at);
    if (code != ' ') out->code[out->count++] = code;
  }
  out->offset[out->count] = text.size;
  return true;
}

static const struct {
  const char *text;
  uint8_t op;
} signs[] = {{">=", EVALD_OP_AT_LEAST},      {"=>", EVALD_OP_AT_LEAST},
             {"≥", EVALD_OP_AT_LEAST},       {"<=", EVALD_OP_AT_MOST},
             {"=<", EVALD_OP_AT_MOST},       {"≤", EVALD_OP_AT_MOST},
             {">", EVALD_OP_ABOVE},          {"<", EVALD_OP_BELOW},
             {"=", EVALD_OP_EQUAL},          {"不少于", EVALD_OP_AT_LEAST},
             {"不低于", EVALD_OP_AT_LEAST},  {"不小于", EVALD_OP_AT_LEAST},
             {"至少", EVALD_OP_AT_LEAST},    {"大于等于", EVALD_OP_AT_LEAST},
             {"不高于", EVALD_OP_AT_MOST},   {"不超过", EVALD_OP_AT_MOST},
             {"不大于", EVALD_OP_AT_MOST},   {"不多于", EVALD_OP_AT_MOST},
             {"小于等于", EVALD_OP_AT_MOST}, {"大于", EVALD_OP_ABOVE},
             {"高于", EVALD_OP_ABOVE},       {"超过", EVALD_OP_ABOVE},
             {"小于", EVALD_OP_BELOW},       {"低于", EVALD_OP_BELOW},
             {"等于", EVALD_OP_EQUAL}};

static const struct {
  const char *text;
  uint8_t op;
} endings[] = {{"及以上", EVALD_OP_AT_LEAST},
               {"以上", EVALD_OP_AT_LEAST},
               {"及以下", EVALD_OP_AT_MOST},
               {"以下", EVALD_OP_AT_MOST},
               {"以内", EVALD_OP_AT_MOST}};

/* How many characters of `cell` from `at` are `text`; 0 where they differ. */
static size_t starts(const struct folded *cell, size_t at, const char *text) {
  struct evald_text wanted = evald_text_of(text);
  size_t count = 0;
  for (size_t offset = 0; offset < wanted.size; count++) {
    uint32_t code = utf8_next(wanted, &offset);
    if (at + count >= cell->count || cell->code[at + count] != code) return 0;
  }
  return count;
}

/* The longest sign wins: "≥" after ">=" and "大于等于" before "大于". */
static size_t read_sign(const struct folded *cell, uint8_t *op) {
  size_t longest = 0;
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
    size_t count = starts(cell, 0, signs[i].text);
    if (count <= longest) continue;
    longest = count;
    *op = signs[i].op;
  }
  return longest;
}

static bool digit(uint32_t code) {
  return code >= '0' && code <= '9';
}

/* Three digits and no fourth: what must follow a thousands separator. */
static bool thousand(const struct folded *cell, size_t at) {
  for (size_t i = 0; i < 3; i++) {
    if (at + i >= cell->count || !digit(cell->code[at + i])) return false;
  }
  return at + 3 >= cell->count || !digit(cell->code[at + 3]);
}

/* Reads a number at *at. A ',' is passed over after one to three digits, and
 * then after each third; a comma anywhere else is not part of a number. */
static bool read_number(const struct folded *cell, size_t *at,
                        evald_decimal *out) {
  char ascii[CELL_MAX];
  size_t size = 0;
  size_t i = *at;
  size_t whole = 0;
  bool point = false;
  bool separated = false;
  if (i < cell->count && cell->code[i] == '-') ascii[size++] = '-', i++;
  for (; i < cell->count; i++) {
    uint32_t code = cell->code[i];
    if (code == ',' && !point && whole > 0 && (separated || whole <= 3) &&
        thousand(cell, i + 1)) {
      separated = true;
      continue;
    }
    if (code == '.' && !point)
      point = true;
    else if (!digit(code))
      break;
    else if (!point)
      whole++;
    ascii[size++] = (char)code;
  }
  *at = i;
  return evald_decimal_parse((struct evald_text){ascii, size}, out) == EVALD_OK;
}

/* Leaves the brackets of "(%)" out. */
static void unbracket(const struct folded *cell, size_t *from, size_t *to) {
  if (*to - *from < 2) return;
  if (cell->code[*from] != '(' || cell->code[*to - 1] != ')') return;
  ++*from;
  --*to;
}

/* A unit is short and has no digit, no punctuation, and nothing that makes the
 * number a date ("12月底前"). */
static bool unit_like(const struct folded *cell, size_t from, size_t to) {
  static const char *const strange[] = {
      "(",  ")",  ".",  ",",  ":",  ";",  ">",      "<",      "=", "-", "~",
      "底", "前", "末", "至", "、", "。", "\u201c", "\u201d", "≥", "≤", NULL};
  if (to - from > 8) return false;
  for (size_t at = from; at < to; at++) {
    if (digit(cell->code[at])) return false;
    for (size_t i = 0; strange[i]; i++) {
      if (starts(cell, at, strange[i])) return false;
    }
  }
  return true;
}

/* "12月" and "2024年" without a sign are dates. */
static bool date_like(const struct folded *cell, size_t from, size_t to,
                      uint8_t op) {
  if (op != EVALD_OP_NONE || to - from != 1) return false;
  return starts(cell, from, "年") || starts(cell, from, "月") ||
         starts(cell, from, "日");
}

/* Cuts "以上" from the end and says what it means. */
static size_t read_ending(const struct folded *cell, size_t from, uint8_t *op) {
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
    for (size_t at = from; at < cell->count; at++) {
      size_t count = starts(cell, at, endings[i].text);
      if (count == 0 || at + count != cell->count) continue;
      *op = endings[i].op;
      return at;
    }
  }
  return cell->count;
}

/* As it was written, except that ％ is %. */
static struct evald_text unit_of(const struct folded *cell, size_t from,
                                 size_t to) {
  if (to - from == 1 && cell->code[from] == '%') return EVALD_TEXT("%");
  const char *begin = cell->text.data + cell->offset[from];
  size_t size = cell->offset[to] - cell->offset[from];
  return (struct evald_text){begin, size};
}

struct quantity quantity_read(struct evald_text text) {
  struct quantity out = {.op = EVALD_OP_NONE};
  struct folded cell;
  if (!fold(text, &cell)) return out;
  size_t at = read_sign(&cell, &out.op);
  if (!read_number(&cell, &at, &out.value)) return out;
  uint8_t ending = EVALD_OP_NONE;
  size_t end = read_ending(&cell, at, &ending);
  if (ending != EVALD_OP_NONE) {
    if (out.op != EVALD_OP_NONE && out.op != ending) return out;
    out.op = ending;
  }
  unbracket(&cell, &at, &end);
  out.unit = unit_of(&cell, at, end);
  out.number = unit_like(&cell, at, end) && !date_like(&cell, at, end, out.op);
  return out;
}

bool quantity_plain(struct evald_text text, const char *const *suffixes,
                    evald_decimal *out) {
  struct folded cell;
  size_t at = 0;
  evald_decimal value;
  if (!fold(text, &cell) || !read_number(&cell, &at, &value)) return false;
  for (; at < cell.count && suffixes && *suffixes; suffixes++) {
    size_t count = starts(&cell, at, *suffixes);
    if (count > 0 && at + count == cell.count) at = cell.count;
  }
  if (at < cell.count) return false;
  *out = value;
  return true;
}

bool quantity_dash(struct evald_text text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size; count++) {
    uint32_t code = reader_fold(text, &at);
    if (code != '-' && code != '/') return false;
  }
  return count > 0;
}
