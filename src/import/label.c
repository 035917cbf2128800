/* SPDX-License-Identifier: Apache-2.0 */
#include "import/label.h"

#include "base/utf8.h"

/* A character of the text: the byte `offset` of word `at`. */
struct place {
  size_t at, offset;
};

/* The folded character at *place; moves past it, over the end of words. */
static uint32_t step(const struct reader *r, struct place *place) {
  uint32_t code = reader_fold(r->words[place->at].text, &place->offset);
  if (place->offset >= r->words[place->at].text.size) {
    place->at++;
    place->offset = 0;
  }
  return code;
}

static bool may_follow(const struct reader *r, struct place place) {
  if (place.offset == 0) return true;
  uint32_t next = reader_fold(r->words[place.at].text, &place.offset);
  return next == ':' || next == '(' || next == '-' ||
         (next >= '0' && next <= '9');
}

static bool match(const struct reader *r, struct place *place, size_t end,
                  const char *text) {
  struct evald_text wanted = evald_text_of(text);
  struct place here = *place;
  for (size_t offset = 0; offset < wanted.size;) {
    if (here.at >= end) return false;
    if (step(r, &here) != utf8_next(wanted, &offset)) return false;
  }
  bool colon = wanted.data[wanted.size - 1] == ':';
  if (!colon && !may_follow(r, here)) return false;
  *place = here;
  return true;
}

/* The longest of the labels at `at`; NULL where none fits. */
static const struct label *longest(const struct reader *r, size_t at,
                                   size_t end, struct labels labels,
                                   struct place *after) {
  const struct label *found = NULL;
  for (size_t i = 0; i < labels.count; i++) {
    struct place place = {at, 0};
    if (!match(r, &place, end, labels.items[i].text)) continue;
    if (found && (place.at < after->at ||
                  (place.at == after->at && place.offset <= after->offset))) {
      continue;
    }
    found = &labels.items[i];
    *after = place;
  }
  return found;
}

static struct place pass_colon(const struct reader *r, struct place place,
                               size_t end) {
  struct place after = place;
  if (place.at >= end) return place;
  return step(r, &after) == ':' ? after : place;
}

bool label_take(struct reader *r, size_t *at, size_t end, struct labels labels,
                uint8_t *id) {
  struct place after;
  const struct label *label = longest(r, *at, end, labels, &after);
  if (!label) return false;
  after = pass_colon(r, after, end);
  if (after.offset > 0) {
    struct word *word = &r->words[after.at];
    word->text.data += after.offset;
    word->text.size -= after.offset;
    if (after.at != *at || word->gap == GAP_LINE) word->gap = GAP_BLANK;
  }
  *at = after.at;
  *id = label->id;
  return true;
}

bool label_here(const struct reader *r, size_t at, size_t end,
                struct labels labels) {
  struct place after;
  return longest(r, at, end, labels, &after) != NULL;
}

size_t label_line(const struct reader *r, struct span span,
                  struct labels labels) {
  for (size_t at = span.from; at < span.to; at++) {
    if (r->words[at].gap == GAP_LINE && label_here(r, at, span.to, labels))
      return at;
  }
  return span.to;
}

static uint32_t last_of(struct evald_text text) {
  uint32_t code = 0;
  for (size_t at = 0; at < text.size;)
    code = reader_fold(text, &at);
  return code;
}

void label_bracket(const struct reader *r, size_t *at, size_t end) {
  size_t offset = 0;
  if (*at >= end || reader_fold(r->words[*at].text, &offset) != '(') return;
  for (size_t i = *at; i < end && i < *at + 4; i++) {
    if (last_of(r->words[i].text) != ')') continue;
    *at = i + 1;
    return;
  }
}

size_t label_words(const struct reader *r, size_t at, size_t end,
                   struct labels labels, uint8_t *id) {
  struct place after;
  const struct label *label = longest(r, at, end, labels, &after);
  if (!label) return at;
  size_t to = after.at;
  if (after.offset > 0) {
    struct evald_text text = r->words[to].text;
    size_t offset = after.offset;
    if (reader_fold(text, &offset) != '(' || last_of(text) != ')') return at;
    to++;
  } else {
    label_bracket(r, &to, end);
  }
  *id = label->id;
  return to;
}
