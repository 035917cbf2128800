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
  struct evald_text before, after;
  evald_decimal value;
  unsigned digits; /* after the point */
};

static bool digit(char c) {
  return c >= '0' && c <= '9';
}

/* The next digit from `at` on, or the end; eight bytes at a time, since a
 * narrative is long and has few. In a byte below 0x80 that is XORed with '0' a
 * digit is 0 to 9: adding 0x76 leaves its high bit clear. */
static size_t next_digit(struct evald_text text, size_t at) {
  const uint64_t zeros = UINT64_C(0x3030303030303030);
  const uint64_t low = UINT64_C(0x7F7F7F7F7F7F7F7F);
  const uint64_t add = UINT64_C(0x7676767676767676);
  uint64_t eight;
  for (; text.size - at >= sizeof eight; at += sizeof eight) {
    memcpy(&eight, text.data + at, sizeof eight);
    uint64_t x = eight ^ zeros;
    if (~(((x & low) + add) | x) & ~low) break;
  }
  while (at < text.size && !digit(text.data[at]))
    at++;
  return at;
}

/* Finds the next number from *at on, and moves past it. */
static bool next_mention(struct evald_text text, size_t *at,
                         struct mention *out) {
  while ((*at = next_digit(text, *at)) < text.size) {
    size_t begin = *at;
    while (*at < text.size && digit(text.data[*at]))
      (*at)++;
    size_t point = *at;
    if (*at + 1 < text.size && text.data[*at] == '.' &&
        digit(text.data[*at + 1])) {
      (*at)++;
      while (*at < text.size && digit(text.data[*at]))
        (*at)++;
    }
    struct evald_text number = {text.data + begin, *at - begin};
    if (evald_decimal_parse(number, &out->value) != EVALD_OK) continue;
    out->digits = *at > point ? (unsigned)(*at - point - 1) : 0;
    out->before = (struct evald_text){text.data, begin};
    out->after = (struct evald_text){text.data + *at, text.size - *at};
    return true;
  }
  return false;
}

/* A bit of 64 for the last byte of a text, which is not empty: what ends with
 * one of a few words mostly shows in this. */
static inline uint64_t last_bit(struct evald_text text) {
  return UINT64_C(1) << (text.data[text.size - 1] & 63);
}

static inline bool ends_with(struct evald_text text, struct evald_text word) {
  return text.size >= word.size &&
         bytes_equal(text.data + text.size - word.size, word.data, word.size);
}

#define WORD(literal)                                                          \
  { (literal), sizeof(literal) - 1 }

/* What may stand between a name and its figure. */
static const struct evald_text fillers[] = {
    WORD(" "),  WORD("\n"), WORD("\t"), WORD("　"), WORD("达到"), WORD("达"),
    WORD("为"), WORD("是"), WORD("："), WORD(":"),  WORD("共"),   WORD("完成")};
enum { FILLERS = sizeof fillers / sizeof fillers[0] };

static struct evald_text without_filler(struct evald_text text) {
  for (size_t i = 0; i < FILLERS; i++) {
    if (!ends_with(text, fillers[i])) continue;
    text.size -= fillers[i].size;
    i = (size_t)-1; /* from the first again */
  }
  return text;
}

static const struct evald_text rate_label = WORD("执行率");

/* The last bytes, as bits, of all that a figure can be known by: fillers, and
 * the names before them. */
struct endings {
  uint64_t fillers, names;
};

static struct endings endings_of(const struct check *check) {
  struct endings found = {0, last_bit(rate_label)};
  for (size_t i = 0; i < FILLERS; i++)
    found.fillers |= last_bit(fillers[i]);
  for (size_t i = 0; i < check->row_count; i++) {
    struct evald_text name = check->rows[i].claim->name;
    if (name.size > 0) found.names |= last_bit(name);
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
  struct endings endings = endings_of(check);
  size_t at = 0;
  for (int i = 0; i < MENTIONS_MAX; i++) {
    if (!next_mention(check->claim->goal_actual, &at, &mention)) return;
    struct evald_text before = mention.before;
    if (before.size == 0) continue;
    if (endings.fillers & last_bit(before)) before = without_filler(before);
    if (before.size == 0 || !(endings.names & last_bit(before))) continue;
    check_rate_told(check, &mention, before);
    check_row_told(check, &mention, before);
  }
}
