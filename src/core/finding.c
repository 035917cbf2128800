/* SPDX-License-Identifier: Apache-2.0 */
#include "evald/finding.h"

#include "base/fault.h"
#include "base/utf8.h"
#include "evald/form.h"
#include <string.h>

struct finding_row {
  uint16_t number;
  uint8_t level;
  const char *name;
  const char *sentence[2]; /* English, Chinese */
};

static const struct finding_row findings[] = {
#define X(code, number, level, en, zh)                                         \
  {number, EVALD_LEVEL_##level, #code, {en, zh}},
    EVALD_FINDING_LIST(X)
#undef X
};
enum { FINDINGS = sizeof findings / sizeof findings[0] };

static const struct {
  const char *path;
  const char *label[2];
} cells[] = {
#define X(name, path, en, zh) {path, {en, zh}},
    EVALD_CELL_LIST(X)
#undef X
};

static const struct {
  const char *key;
  const char *label;
} funds[] = {
#define X(name, key, label) {key, label},
    EVALD_FUND_LIST(X)
#undef X
};

static const char *const rules[] = {
#define X(name, path, number) path,
    EVALD_RULE_LIST(X)
#undef X
};

static const struct {
  const char *name;
  const char *text[2];
} levels[] = {{"error", {"error", "错误"}},
              {"warning", {"warning", "警告"}},
              {"info", {"info", "提示"}}};

const char *evald_level_name(enum evald_level level) {
  return (unsigned)level < EVALD_LEVEL_COUNT ? levels[level].name : "?";
}

const char *evald_level_text(enum evald_level level, int chinese) {
  return (unsigned)level < EVALD_LEVEL_COUNT ? levels[level].text[chinese != 0]
                                             : "?";
}

const char *evald_rule_path(enum evald_rule rule) {
  return (unsigned)rule < EVALD_RULE_COUNT ? rules[rule] : "?";
}

static const struct finding_row *row_of(unsigned code) {
  for (size_t i = 0; i < FINDINGS; i++) {
    if (findings[i].number == code) return &findings[i];
  }
  return NULL;
}

const char *evald_finding_name(enum evald_finding_code code) {
  const struct finding_row *row = row_of(code);
  return row ? row->name : NULL;
}

enum evald_finding_code evald_finding_at(size_t position) {
  return position < FINDINGS
             ? (enum evald_finding_code)findings[position].number
             : (enum evald_finding_code)0;
}

enum evald_level evald_finding_default_level(enum evald_finding_code code) {
  const struct finding_row *row = row_of(code);
  return row ? (enum evald_level)row->level : EVALD_LEVEL_ERROR;
}

/* Text into bounded room. What does not fit is dropped, and close_page() cuts
 * at the last whole character. */
struct page {
  char *out;
  size_t size, length;
};

static void put(struct page *page, struct evald_text text) {
  size_t left = page->size - page->length;
  size_t length = text.size < left ? text.size : left;
  if (length > 0) memcpy(page->out + page->length, text.data, length);
  page->length += length;
}

static void put_string(struct page *page, const char *string) {
  put(page, evald_text_of(string));
}

static void put_decimal(struct page *page, evald_decimal value) {
  char text[EVALD_DECIMAL_TEXT];
  size_t length = evald_decimal_print(value, text);
  put(page, (struct evald_text){text, length});
}

/* Terminates. There must be room for one byte at least. */
static size_t close_page(struct page *page) {
  if (page->length >= page->size) {
    page->length = utf8_cut(page->out, page->size - 1, page->size - 1);
  }
  page->out[page->length] = '\0';
  return page->length;
}

/* A pattern with `piece` in the place of '#'. */
static void put_pattern(struct page *page, const char *pattern,
                        const char *piece) {
  const char *mark = strchr(pattern, '#');
  if (!mark) {
    put_string(page, pattern);
    return;
  }
  put(page, (struct evald_text){pattern, (size_t)(mark - pattern)});
  put_string(page, piece);
  put_string(page, mark + 1);
}

static bool of_fund(struct evald_cell cell) {
  return cell.field >= EVALD_CELL_FUND && cell.field <= EVALD_CELL_FUND_SCORE;
}

size_t evald_cell_path(struct evald_cell cell, char out[EVALD_CELL_PATH]) {
  struct page page = {out, EVALD_CELL_PATH, 0};
  char index[EVALD_DECIMAL_TEXT];
  const char *piece = index;
  if (of_fund(cell)) {
    piece = cell.index < EVALD_FUND_COUNT ? funds[cell.index].key : "?";
  } else {
    (void)fault_print(index, sizeof index, "%u", cell.index);
  }
  if (cell.field < EVALD_CELL_COUNT) {
    put_pattern(&page, cells[cell.field].path, piece);
  }
  return close_page(&page);
}

static void put_label(struct page *page, struct evald_cell cell, int chinese) {
  char number[EVALD_DECIMAL_TEXT];
  const char *piece = number;
  if (of_fund(cell)) {
    piece = cell.index >= EVALD_FUND_COUNT ? "?"
            : chinese                      ? funds[cell.index].label
                                           : funds[cell.index].key;
  } else {
    (void)fault_print(number, sizeof number, "%u", cell.index + 1U);
  }
  if (cell.field < EVALD_CELL_COUNT) {
    put_pattern(page, cells[cell.field].label[chinese != 0], piece);
  }
}

size_t evald_cell_label(struct evald_cell cell, int chinese, char *out,
                        size_t size) {
  if (size == 0) return 0;
  struct page page = {out, size, 0};
  put_label(&page, cell, chinese);
  return close_page(&page);
}

static void put_value(struct page *page, const struct evald_value *value) {
  switch (value->kind) {
  case EVALD_VALUE_DECIMAL:
    put_decimal(page, value->low);
    break;
  case EVALD_VALUE_RANGE:
    put_decimal(page, value->low);
    put_string(page, " … ");
    put_decimal(page, value->high);
    break;
  case EVALD_VALUE_TEXT:
    put(page, value->text);
    break;
  default:
    break;
  }
}

size_t evald_value_print(const struct evald_value *value, char *out,
                         size_t size) {
  if (size == 0) return 0;
  struct page page = {out, size, 0};
  put_value(&page, value);
  return close_page(&page);
}

/* Whether `text` names a rounding, "half_up/2"; if so, which. */
static bool rounding_of(struct evald_text text, struct evald_rounding *out) {
  for (unsigned mode = 0; mode < EVALD_ROUNDING_COUNT; mode++) {
    struct evald_text name =
        evald_text_of(evald_rounding_name((enum evald_rounding_mode)mode));
    if (text.size != name.size + 2 || text.data[name.size] != '/') continue;
    if (memcmp(text.data, name.data, name.size) != 0) continue;
    char digits = text.data[name.size + 1];
    if (digits < '0' || digits > '6') return false;
    *out = (struct evald_rounding){(uint8_t)mode, (uint8_t)(digits - '0')};
    return true;
  }
  return false;
}

/* A value in a sentence: as evald_value_print() has it, but roundings are said
 * in the reader's language. */
static void put_said(struct page *page, const struct evald_value *value,
                     int chinese) {
  struct evald_rounding rounding;
  if (value->kind != EVALD_VALUE_TEXT || !rounding_of(value->text, &rounding)) {
    put_value(page, value);
    return;
  }
  char digits[2] = {(char)('0' + rounding.digits), '\0'};
  put_string(page, evald_rounding_text((enum evald_rounding_mode)rounding.mode,
                                       chinese));
  put_string(page, chinese ? "保留" : " to ");
  put_string(page, digits);
  put_string(page, chinese ? "位小数" : " digits");
}

static bool starts(const char *at, const char *word) {
  return strncmp(at, word, strlen(word)) == 0;
}

/* The value that the placeholder at `at` stands for; NULL for {cell} and for
 * what is no placeholder. */
static const struct evald_value *placeholder(
    const struct evald_finding *finding, const char *at) {
  if (starts(at, "{printed}")) return &finding->printed;
  if (starts(at, "{expected}")) return &finding->expected;
  if (starts(at, "{detail}")) return &finding->detail;
  return NULL;
}

/* Whether the optional part that begins at `at` is to be said. */
static bool said(const struct evald_finding *finding, const char *at) {
  for (; *at && *at != ']'; at++) {
    const struct evald_value *value = placeholder(finding, at);
    if (value && value->kind == EVALD_VALUE_NONE) return false;
  }
  return true;
}

static void capitalise(char *out, size_t size) {
  if (size > 0 && out[0] >= 'a' && out[0] <= 'z') {
    out[0] = (char)(out[0] - 'a' + 'A');
  }
}

static void put_sentence(struct page *page, const struct evald_finding *finding,
                         const char *at, int chinese) {
  while (*at) {
    const struct evald_value *value = placeholder(finding, at);
    if (value) {
      put_said(page, value, chinese);
    } else if (starts(at, "{cell}")) {
      put_label(page, finding->cell, chinese);
    }
    if (*at == '{') {
      at += strcspn(at, "}") + 1;
    } else if (*at == '[' && !said(finding, at)) {
      at += strcspn(at, "]") + 1;
    } else if (*at == '[' || *at == ']') {
      at++;
    } else {
      size_t plain = strcspn(at, "{[]");
      put(page, (struct evald_text){at, plain});
      at += plain;
    }
  }
}

size_t evald_finding_sentence(const struct evald_finding *finding, int chinese,
                              char *out, size_t size) {
  if (size == 0) return 0;
  struct page page = {out, size, 0};
  const struct finding_row *row = row_of(finding->code);
  if (row) put_sentence(&page, finding, row->sentence[chinese != 0], chinese);
  size_t length = close_page(&page);
  if (!chinese) capitalise(out, length);
  return length;
}
