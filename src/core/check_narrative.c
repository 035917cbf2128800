/* SPDX-License-Identifier: Apache-2.0 */

/*
 * C16: figures that the narrative repeats from the table.
 *
 * Only figures that name what they are of are compared: a rate right after
 * 执行率, or a number with the indicator's unit right after the indicator's
 * full name. Everything else in a narrative may be about something else, and a
 * reviewer would call the finding false.
 */

#include "base/bytes.h"
#include "core/checks.h"
#include "core/fold.h"
#include <string.h>

static const evald_decimal hundred = INT64_C(100) * EVALD_DECIMAL_ONE;

/* A number in the narrative with what stands on either side of it. */
struct mention {
  struct evald_text number, before, after;
  evald_decimal value; /* read_value() */
  unsigned digits;     /* after the point */
};

static bool digit(char c) {
  return c >= '0' && c <= '9';
}

/* The next digit from `at` on, or the end. A narrative is long and of Chinese
 * characters, of which no byte is below 0x80, so the next byte that is one is
 * looked for, in eight at a time. */
static size_t next_digit(struct evald_text text, size_t at) {
  enum { EIGHT = 8 };
  const uint64_t high = UINT64_C(0x8080808080808080);
  size_t last = text.size - EIGHT;
  while (text.size >= EIGHT && at <= last) {
    uint64_t low = ~bytes_little(bytes_load8(text.data + at)) & high;
    if (low == 0) {
      at += EIGHT;
      continue;
    }
    at += (size_t)__builtin_ctzll(low) / EIGHT;
    if (digit(text.data[at])) return at;
    at++;
  }
  while (at < text.size && !digit(text.data[at]))
    at++;
  return at;
}

static size_t past_digits(struct evald_text text, size_t at) {
  while (at < text.size && digit(text.data[at]))
    at++;
  return at;
}

/* Finds the next number from *at on, and moves past it. */
static bool next_mention(struct evald_text text, size_t *at,
                         struct mention *out) {
  size_t begin = next_digit(text, *at);
  if (begin == text.size) return false;
  size_t point = past_digits(text, begin);
  size_t end = point;
  if (end + 1 < text.size && text.data[end] == '.' &&
      digit(text.data[end + 1])) {
    end = past_digits(text, end + 1);
  }
  out->number = (struct evald_text){text.data + begin, end - begin};
  out->digits = end > point ? (unsigned)(end - point - 1) : 0;
  out->before = (struct evald_text){text.data, begin};
  out->after = (struct evald_text){text.data + end, text.size - end};
  *at = end;
  return true;
}

/* Whether a number is one that can be told: eight characters always can. */
static bool read_value(struct mention *mention) {
  return evald_decimal_parse(mention->number, &mention->value) == EVALD_OK;
}

static bool readable(struct mention *mention) {
  enum { ALWAYS = 8 };
  return mention->number.size <= ALWAYS || read_value(mention);
}

/* A bit of 64 for the last byte of a text, which is not empty: what ends with
 * one of a few words mostly shows in this. */
static inline uint64_t last_bit(struct evald_text text) {
  return UINT64_C(1) << (text.data[text.size - 1] & 63);
}

/* Neither is empty. */
static inline bool ends_with(struct evald_text text, struct evald_text word) {
  return text.data[text.size - 1] == word.data[word.size - 1] &&
         text.size >= word.size &&
         bytes_equal(text.data + text.size - word.size, word.data, word.size);
}

#define WORD(literal)                                                          \
  { (literal), sizeof(literal) - 1 }

/* What may stand between a name and its figure. */
#define FILLER_LIST(X)                                                         \
  X(" ")                                                                       \
  X("\n")                                                                      \
  X("\t")                                                                      \
  X("　")                                                                      \
  X("达到")                                                                    \
  X("达")                                                                      \
  X("为")                                                                      \
  X("是")                                                                      \
  X("：")                                                                      \
  X(":")                                                                       \
  X("共")                                                                      \
  X("完成")

/* Whether a text, which is not empty, may end with one; folded to a constant.
 */
static inline bool may_be_filled(struct evald_text text) {
  const uint64_t fillers = 0
#define X(literal) | last_bit(EVALD_TEXT(literal))
      FILLER_LIST(X)
#undef X
      ;
  return fillers & last_bit(text);
}

/* The size of the one that a text, which is not empty, ends with; or 0. */
static size_t filler_of(struct evald_text text) {
  static const struct evald_text fillers[] = {
#define X(literal) WORD(literal),
      FILLER_LIST(X)
#undef X
  };
  for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++) {
    if (ends_with(text, fillers[i])) return fillers[i].size;
  }
  return 0;
}

static struct evald_text without_filler(struct evald_text text) {
  size_t size = 0;
  do {
    text.size -= size;
    size = text.size > 0 && may_be_filled(text) ? filler_of(text) : 0;
  } while (size > 0);
  return text;
}

static const struct evald_text rate_label = WORD("执行率");

/* The last bytes, as bits, of all names that a figure can be known by. */
static uint64_t ends_of_names(const struct check *check) {
  uint64_t found = last_bit(rate_label);
  for (size_t i = 0; i < check->row_count; i++) {
    struct evald_text name = check->rows[i].claim->name;
    if (name.size > 0) found |= last_bit(name);
  }
  return found;
}

static bool begins_with(struct evald_text text, struct evald_text word) {
  while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\n')) {
    text = (struct evald_text){text.data + 1, text.size - 1};
  }
  return word.size > 0 && text.size >= word.size &&
         memcmp(text.data, word.data, word.size) == 0;
}

/* Whether the words just before speak of a part of the year. */
static bool of_part_year(struct evald_text before) {
  static const struct evald_text signs[] = {WORD("季"),     WORD("月"),
                                            WORD("上半年"), WORD("下半年"),
                                            WORD("截至"),   WORD("序时")};
  enum { WINDOW = 45 };
  size_t size = before.size < WINDOW ? before.size : WINDOW;
  struct evald_text near = {before.data + before.size - size, size};
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
    for (size_t at = 0; at + signs[i].size <= near.size; at++) {
      if (memcmp(near.data + at, signs[i].data, signs[i].size) == 0) {
        return true;
      }
    }
  }
  return false;
}

/* Whether a rate as told is the rate of the table, in any rounding to the
 * digits that are told. */
static bool same_rate(const struct check *check,
                      const struct mention *mention) {
  const struct checked_form *form = check->form;
  const struct evald_figure *printed =
      &check->claim->funds[EVALD_FUND_TOTAL].rate;
  if (printed->present && printed->value == mention->value) return true;
  if (mention->digits > EVALD_DECIMAL_DIGITS) return true;
  for (unsigned mode = 0; mode < EVALD_ROUNDING_COUNT; mode++) {
    evald_decimal rate;
    struct evald_rounding rounding = {(uint8_t)mode, (uint8_t)mention->digits};
    if (evald_decimal_ratio(form->executed, hundred, form->base, rounding,
                            &rate) == EVALD_OK &&
        rate == mention->value) {
      return true;
    }
  }
  return false;
}

static void raise_mention(const struct check *check,
                          const struct mention *mention,
                          struct evald_value expected, struct evald_text name) {
  struct evald_finding *finding =
      check_raise(check, cell_of(EVALD_CELL_GOAL_ACTUAL));
  finding->printed = value_decimal(mention->value);
  finding->expected = expected;
  finding->detail = value_text(name);
}

static void check_rate_told(const struct check *check,
                            const struct mention *mention,
                            struct evald_text before) {
  if (!check->scored->execution.has_rate || !ends_with(before, rate_label) ||
      !(begins_with(mention->after, EVALD_TEXT("%")) ||
        begins_with(mention->after, EVALD_TEXT("％"))) ||
      same_rate(check, mention) || of_part_year(before)) {
    return;
  }
  raise_mention(check, mention, value_decimal(check->scored->execution.rate),
                rate_label);
}

static void check_row_told(const struct check *check,
                           const struct mention *mention,
                           struct evald_text before) {
  for (size_t i = 0; i < check->row_count; i++) {
    const struct checked_row *row = &check->rows[i];
    struct evald_text name = row->claim->name;
    if (row->method != ROW_QUANTITATIVE || name.size == 0 ||
        !ends_with(before, name) ||
        !begins_with(mention->after, row->claim->unit)) {
      continue;
    }
    if (row->actual != mention->value && row->target != mention->value) {
      raise_mention(check, mention, value_decimal(row->actual), name);
    }
    return;
  }
}

/* A narrative of more figures than this is a list, and is not looked through
 * for ever. */
enum { MENTIONS_MAX = 200 };

void check_C16(const struct check *check) {
  struct mention mention;
  uint64_t names = ends_of_names(check);
  size_t at = 0;
  int left = MENTIONS_MAX;
  while (left > 0 && next_mention(check->claim->goal_actual, &at, &mention)) {
    if (!readable(&mention)) continue;
    left--;
    struct evald_text before = without_filler(mention.before);
    if (before.size == 0 || !(names & last_bit(before))) continue;
    if (!read_value(&mention)) continue;
    check_rate_told(check, &mention, before);
    check_row_told(check, &mention, before);
  }
}
