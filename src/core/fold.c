/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fold.h"

#include "base/bytes.h"
#include "base/utf8.h"
#include <string.h>

enum {
  END = 0,
  IDEOGRAPHIC_SPACE = 0x3000,
  NO_BREAK_SPACE = 0xA0,
  BYTE_ORDER_MARK = 0xFEFF,
  FULL_WIDTH_FIRST = 0xFF01, /* ！, of which ! is 0x21 */
  FULL_WIDTH_LAST = 0xFF5E,
  FULL_WIDTH_SHIFT = 0xFEE0
};

static bool blank(uint32_t code) {
  return code <= ' ' || code == IDEOGRAPHIC_SPACE || code == NO_BREAK_SPACE ||
         code == BYTE_ORDER_MARK;
}

/* One character, moving past it. Nearly all are Chinese: three bytes. */
static inline uint32_t character(struct evald_text text, size_t *at) {
  const unsigned char *byte = (const unsigned char *)text.data + *at;
  if ((byte[0] & 0xF0) != 0xE0) return utf8_next(text, at);
  *at += 3;
  return (uint32_t)(byte[0] & 0x0F) << 12 | (uint32_t)(byte[1] & 0x3F) << 6 |
         (byte[2] & 0x3F);
}

/* The next character that counts, folded to half width; END at the end. */
static inline uint32_t next(struct evald_text text, size_t *at) {
  while (*at < text.size) {
    uint32_t code = character(text, at);
    if (blank(code)) continue;
    if (code >= FULL_WIDTH_FIRST && code <= FULL_WIDTH_LAST) {
      code -= FULL_WIDTH_SHIFT;
    }
    return code;
  }
  return END;
}

bool fold_blank(struct evald_text text) {
  if (text.size == 0) return true;
  if (fold_plain(text)) return false;
  size_t at = 0;
  return next(text, &at) == END;
}

bool fold_says_nothing(struct evald_text text) {
  if (text.size == 0) return true;
  static const char *const nothings[] = {
      "无", "-", "—", "－", "——", "/", "无偏差", "不涉及", "不适用", "没有"};
  enum { LONGEST = 12 };
  if (fold_blank(text)) return true;
  if (text.size > LONGEST) return false;
  for (size_t i = 0; i < sizeof nothings / sizeof nothings[0]; i++) {
    if (fold_equal(text, evald_text_of(nothings[i]))) return true;
  }
  return false;
}

bool fold_equal(struct evald_text a, struct evald_text b) {
  if (a.size == b.size && bytes_equal(a.data, b.data, a.size)) return true;
  if (fold_plain(a) && fold_plain(b) && !bytes_equal(a.data, b.data, 3)) {
    return false;
  }
  size_t i = 0;
  size_t j = 0;
  uint32_t code;
  do {
    code = next(a, &i);
    if (code != next(b, &j)) return false;
  } while (code != END);
  return true;
}

/* Whether what is left of a name is one that names leave away: nothing, 指标,
 * a bracket, or 指标 and a bracket. */
static bool negligible(struct evald_text text, size_t at) {
  static const struct evald_text suffix = {"指标", sizeof "指标" - 1};
  uint32_t code = next(text, &at);
  size_t i = 0;
  if (code == next(suffix, &i)) {
    if (next(text, &at) != next(suffix, &i)) return false;
    code = next(text, &at);
  }
  return code == END || code == '(';
}

uint64_t fold_hash(struct evald_text text) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t at = 0;;) {
    uint32_t code = next(text, &at);
    if (code == END) return hash;
    hash = (hash ^ code) * UINT64_C(1099511628211);
  }
}

/* The size of the blank that ends (or begins) a text; 0 where none does. */
static size_t blank_at(const char *data, size_t left) {
  static const char ideographic[] = {'\xE3', '\x80', '\x80'};
  if (left == 0) return 0;
  if ((unsigned char)data[0] <= ' ') return 1;
  return left >= 3 && memcmp(data, ideographic, 3) == 0 ? 3 : 0;
}

/* Without blanks at its ends; cheaper than utf8_trim(), and enough for what
 * stands in a cell. */
static struct evald_text trim(struct evald_text text) {
  size_t size;
  while ((size = blank_at(text.data, text.size)) > 0) {
    text = (struct evald_text){text.data + size, text.size - size};
  }
  while (text.size > 0 && (unsigned char)text.data[text.size - 1] <= ' ') {
    text.size--;
  }
  while (text.size >= 3 && blank_at(text.data + text.size - 3, 3) == 3) {
    text.size -= 3;
  }
  return text;
}

bool fold_ends_with(struct evald_text text, struct evald_text tail) {
  text = trim(text);
  tail = trim(tail);
  if (tail.size == 0 || text.size <= tail.size) return false;
  return memcmp(text.data + text.size - tail.size, tail.data, tail.size) == 0;
}

static bool digit(uint32_t code) {
  return code >= '0' && code <= '9';
}

enum { SIGN_HEADS_MASK = FOLD_SIGN_HEADS - 1 };

void fold_signs_add(struct fold_signs *signs, struct evald_text sign) {
  size_t at = 0;
  uint8_t *head = &signs->head[next(sign, &at) & SIGN_HEADS_MASK];
  signs->sign[signs->count] = sign;
  signs->next[signs->count] = *head;
  *head = ++signs->count;
}

/* Whether a sign stands at *at; moves past it. */
static bool past_sign(struct evald_text text, struct evald_text sign,
                      size_t *at) {
  size_t here = *at;
  for (size_t i = 0;;) {
    uint32_t code = next(sign, &i);
    if (code == END) break;
    if (code != next(text, &here)) return false;
  }
  *at = here;
  return true;
}

/* Whether one of the signs that begin with `code`, the character at `at`,
 * stands there and is, or is not, all that is left of the text. */
static bool sign_at(const struct fold_signs *signs, uint32_t code,
                    struct evald_text text, size_t at, bool last) {
  unsigned sign = signs->head[code & SIGN_HEADS_MASK];
  for (; sign; sign = signs->next[sign - 1]) {
    size_t end = at;
    if (past_sign(text, signs->sign[sign - 1], &end) &&
        (next(text, &end) == END) == last) {
      return true;
    }
  }
  return false;
}

bool fold_compares(const struct fold_signs *signs, struct evald_text text) {
  size_t at = 0;
  uint32_t code = next(text, &at);
  if (sign_at(signs, code, text, 0, false)) return true;
  if (!digit(code)) return false;
  for (size_t here = at; (code = next(text, &at)) != END; here = at) {
    if (sign_at(signs, code, text, here, true)) return true;
  }
  return false;
}

/* Moves past a number at *at; gives where it ends. The digits must be ASCII,
 * since the text is parsed as it stands. */
static size_t past_number(struct evald_text text, size_t at) {
  while (at < text.size &&
         (digit((unsigned char)text.data[at]) || text.data[at] == '.')) {
    at++;
  }
  return at;
}

/* Whether only an optional unit and the closing bracket follow. */
static bool closes(struct evald_text text, size_t at) {
  static const uint32_t points = 0x5206; /* 分 */
  uint32_t code = next(text, &at);
  if (code == points || code == '%') code = next(text, &at);
  return code == ')';
}

/* Whether a weight closes the bracket that was opened before `at`. */
static bool weighs(struct evald_text text, size_t at) {
  size_t end = past_number(text, at);
  return end > at && closes(text, end);
}

bool fold_name_equal(struct evald_text a, struct evald_text b) {
  if (a.size == b.size && bytes_equal(a.data, b.data, a.size)) return true;
  if (fold_plain(a) && fold_plain(b) && !bytes_equal(a.data, b.data, 3)) {
    return false;
  }
  size_t i = 0;
  size_t j = 0;
  bool weights = false; /* of either name: （20分）, （40分） */
  for (;;) {
    size_t before_i = i;
    size_t before_j = j;
    uint32_t code = next(a, &i);
    if (code == next(b, &j) && code != END) {
      weights = weights || (code == '(' && weighs(a, i) && weighs(b, j));
      continue;
    }
    if (before_i == 0) return fold_blank(a) && fold_blank(b);
    return weights || (negligible(a, before_i) && negligible(b, before_j));
  }
}

#define EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Not 0 where one of eight bytes is 0. */
static inline uint64_t zero_byte(uint64_t eight) {
  return (eight - EVERY_BYTE(1)) & ~eight & EVERY_BYTE(0x80);
}

/* A bracket is ASCII or full width, which begins with 0xEF. */
static inline uint64_t bracket_in(uint64_t eight) {
  return zero_byte(eight ^ EVERY_BYTE('(')) |
         zero_byte(eight ^ EVERY_BYTE(0xEF));
}

bool fold_may_have_bracket(struct evald_text text) {
  if (text.size < 8) {
    return text.size > 0 && bracket_in(bytes_few(text.data, text.size));
  }
  uint64_t found = bracket_in(bytes_load8(text.data + text.size - 8));
  for (size_t at = 0; at + 8 < text.size; at += 8)
    found |= bracket_in(bytes_load8(text.data + at));
  return found;
}

bool fold_bracketed_number(struct evald_text text, struct evald_text *out) {
  if (!fold_may_have_bracket(text)) return false;
  for (size_t at = 0;;) {
    uint32_t code = next(text, &at);
    if (code == END) return false;
    if (code != '(') continue;
    while (at < text.size && text.data[at] == ' ')
      at++;
    size_t end = past_number(text, at);
    if (end == at || !closes(text, end)) continue;
    *out = (struct evald_text){text.data + at, end - at};
    return true;
  }
}
