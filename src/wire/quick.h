/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_QUICK_H
#define WIRE_QUICK_H

/*
 * Values as nearly every producer sends them, taken at once: short texts, and
 * figures as text of up to eight bytes. Each function looks at the value at
 * `at` and answers the place behind it; NULL where the value is anything else,
 * which is then for the reader to judge and no problem yet.
 *
 * At least QUICK_ROOM bytes must stand between `at` and the end of the frame.
 */

#include "base/bytes.h"
#include "base/utf8.h"
#include "base/utf8_map.h"
#include "core/figure.h"
#include "evald/form.h"

enum { QUICK_ROOM = 16, QUICK_TEXT_MAX = 4095 };

/* What a text is looked at with: where the frame ends, and which of its bytes
 * are plain. */
struct quick_frame {
  const uint8_t *end;
  const struct utf8_map *texts;
};

/* A key as it stands in a frame: its head, then up to 14 characters. Of eight
 * bytes and more the first eight and the last eight are compared, of fewer
 * those that `mask` leaves. */
struct quick_key {
  uint64_t mask;
  uint8_t tail; /* where the last eight begin */
  uint8_t head;
  char characters[15];
};

#define QUICK_KEY(literal)                                                     \
  {                                                                            \
    sizeof(literal) < 8 ? (UINT64_C(1) << 8 * (sizeof(literal) & 7)) - 1       \
                        : UINT64_MAX,                                          \
        (uint8_t)(sizeof(literal) > 8 ? sizeof(literal) - 8 : 0),              \
        0xA0 | (sizeof(literal) - 1), literal                                  \
  }

static inline bool quick_key_is(const uint8_t *at,
                                const struct quick_key *key) {
  const uint8_t *spelled = &key->head;
  uint64_t first = bytes_load8(at) ^ bytes_load8(spelled);
  uint64_t last =
      bytes_load8(at + key->tail) ^ bytes_load8(spelled + key->tail);
  return (bytes_little(first | last) & key->mask) == 0;
}

/* The bytes of a text of up to QUICK_TEXT_MAX bytes that is there as a whole.
 */
static inline const uint8_t *quick_bytes(const uint8_t *at, const uint8_t *end,
                                         struct evald_text *out) {
  size_t size = *at & 31U;
  size_t head = 1;
  if (*at == 0xD9) {
    size = at[1];
    head = 2;
  } else if (*at == 0xDA && at[1] <= QUICK_TEXT_MAX >> 8) {
    size = (size_t)at[1] << 8 | at[2];
    head = 3;
  } else if ((*at & 0xE0) != 0xA0) {
    return NULL;
  }
  if (size > (size_t)(end - at) - head) return NULL;
  *out = (struct evald_text){(const char *)at + head, size};
  return at + head + size;
}

/* quick_text() of a text that is longer or not as plain as most. */
const uint8_t *quick_other_text(const struct quick_frame *frame,
                                const uint8_t *at, struct evald_text *out);

/* A text behind the key that it belongs to. */
static inline const uint8_t *quick_text(const struct quick_frame *frame,
                                        const uint8_t *at,
                                        struct evald_text *out) {
  enum { FIXED = 0xA0, FIXED_SIZES = 32 };
  const char *text = (const char *)at + 1;
  size_t size = (size_t)*at - FIXED;
  if (size >= FIXED_SIZES || !utf8_map_short(frame->texts, text, size)) {
    return quick_other_text(frame, at, out);
  }
  *out = (struct evald_text){text, size};
  return at + 1 + size;
}

/* A text of visible ASCII, not empty, of at most `limit` characters. */
static inline const uint8_t *quick_name(const struct quick_frame *frame,
                                        const uint8_t *at, size_t limit,
                                        struct evald_text *out) {
  struct evald_text text;
  const uint8_t *behind = quick_bytes(at, frame->end, &text);
  if (!behind || text.size == 0 || text.size > limit ||
      !utf8_visible_within(text.data, text.size, (const char *)frame->end)) {
    return NULL;
  }
  *out = text;
  return behind;
}

/* Of one to eight bytes; most are digits alone. */
BYTES_INLINE bool quick_short_number(uint64_t word, size_t size,
                                     evald_decimal *out) {
  unsigned before = 8 * (unsigned)(FIGURE_WIDTH - size);
  uint64_t digits = (word ^ FIGURE_EVERY_BYTE('0')) << before;
  if (!figure_all_digits(digits)) return figure_of_word(word, size, out);
  *out = figure_of_digits(digits) * EVALD_DECIMAL_ONE;
  return true;
}

BYTES_INLINE const uint8_t *quick_number(const uint8_t *at,
                                         evald_decimal *out) {
  size_t size = (size_t)*at - 0xA0;
  bool read = false;
  if (size - 1 < FIGURE_WIDTH) {
    read = quick_short_number(bytes_little(bytes_load8(at + 1)), size, out);
  } else if (size > FIGURE_WIDTH && size <= FIGURE_LONG) {
    read = figure_of_amount(at + 1, size, out);
  }
  return read ? at + 1 + size : NULL;
}

static inline const uint8_t *quick_figure(const uint8_t *at,
                                          struct evald_figure *out) {
  evald_decimal value;
  const uint8_t *behind = quick_number(at, &value);
  if (behind) *out = (struct evald_figure){true, value};
  return behind;
}

/* A number; or a text that begins with neither digit nor sign, so none. */
static inline const uint8_t *quick_claim(const struct quick_frame *frame,
                                         const uint8_t *at,
                                         struct evald_claim *out) {
  evald_decimal value;
  const uint8_t *behind = quick_number(at, &value);
  if (behind) {
    *out = (struct evald_claim){.kind = EVALD_CLAIM_NUMBER, .number = value};
    return behind;
  }
  struct evald_text text;
  behind = quick_text(frame, at, &text);
  if (!behind || text.size == 0 || (unsigned char)text.data[0] < 0x80) {
    return NULL;
  }
  *out = (struct evald_claim){.kind = EVALD_CLAIM_TEXT, .text = text};
  return behind;
}

/* An integer from 1 to `most`, at most 127. */
static inline const uint8_t *quick_small(const uint8_t *at, unsigned most,
                                         int64_t *out) {
  if (*at == 0 || *at > most) return NULL;
  *out = *at;
  return at + 1;
}

static inline const uint8_t *quick_year(const uint8_t *at, uint16_t *out) {
  unsigned year = (unsigned)at[1] << 8 | at[2];
  if (*at != 0xCD || year < EVALD_YEAR_FIRST || year > EVALD_YEAR_LAST) {
    return NULL;
  }
  *out = (uint16_t)year;
  return at + 3;
}

/* Nine digits. */
static inline const uint8_t *quick_division(const uint8_t *at,
                                            struct evald_text *out) {
  enum { DIGITS = 9 };
  uint64_t first = bytes_load8(at + 1) ^ FIGURE_EVERY_BYTE('0');
  uint64_t last = bytes_load8(at + 2) ^ FIGURE_EVERY_BYTE('0');
  if (*at != (0xA0 | DIGITS) || !figure_all_digits(first) ||
      !figure_all_digits(last)) {
    return NULL;
  }
  *out = (struct evald_text){(const char *)at + 1, DIGITS};
  return at + 1 + DIGITS;
}

/* A text that must be one of a few, by the number that it stands for. */
struct quick_choice {
  struct quick_key key;
  uint8_t number;
};

struct quick_choices {
  const struct quick_choice *choice;
  unsigned count;
};

static inline const uint8_t *quick_choice(const uint8_t *at,
                                          const struct quick_choices *choices,
                                          uint8_t *out) {
  for (unsigned i = 0; i < choices->count; i++) {
    const struct quick_choice *choice = &choices->choice[i];
    if (!quick_key_is(at, &choice->key)) continue;
    *out = choice->number;
    return at + 1 + (choice->key.head & 31U);
  }
  return NULL;
}

#endif
