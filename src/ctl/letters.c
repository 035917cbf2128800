/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/letters.h"
#include "base/i18n.h"
#include "ctl/clock.h"
#include "wire/cursor.h"
#include "wire/prescan.h"
#include <stdlib.h>
#include <string.h>

/* ---- which ---- */

/* "90m", "12h", "7d": so long ago. */
static bool ago(const char *text, int64_t *out) {
  static const struct {
    char letter;
    int64_t ms;
  } units[] = {{'m', 60000}, {'h', 3600000}, {'d', 86400000}};
  char *end;
  long long count = strtoll(text, &end, 10);
  if (end == text || count < 0 || count > 100000 || strlen(end) != 1)
    return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (units[i].letter != *end) continue;
    *out = clock_wall_ms() - count * units[i].ms;
    return true;
  }
  return false;
}

/* "2026-11-24", with " 10:30" or "T10:30" behind it or not; local time. */
static bool date(const char *text, int64_t *out) {
  struct tm parts = {.tm_isdst = -1};
  int day = 0, minute = 0;
  char between = ' ';
  (void)sscanf(text, "%4d-%2d-%2d%n%c%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
               &parts.tm_mday, &day, &between, &parts.tm_hour, &parts.tm_min,
               &minute);
  int end = minute > 0 ? minute : day;
  if (end == 0 || text[end] != '\0' || (between != ' ' && between != 'T'))
    return false;
  parts.tm_year -= 1900;
  parts.tm_mon--;
  *out = (int64_t)mktime(&parts) * 1000;
  return true;
}

bool letters_choose(const struct ctl *ctl, struct letters_choice *out) {
  const struct options *options = &ctl->options;
  struct letters_choice choice = {.code = WIRE_REJECT_COUNT, .most = INT64_MAX};
  if (!option_number("count", options->count, 1, INT32_MAX, &choice.most))
    return false;
  if (options->source) choice.source = evald_text_of(options->source);
  if (options->code)
    choice.code = wire_reject_named(evald_text_of(options->code));
  if (options->code && choice.code == WIRE_REJECT_COUNT) {
    ctl_usage(ctl,
              _("no problem has the code \"%s\"; docs/PROTOCOL.md lists "
                "them, \"Rejects\""),
              options->code);
    return false;
  }
  if (options->since && !ago(options->since, &choice.since_ms) &&
      !date(options->since, &choice.since_ms)) {
    ctl_usage(ctl,
              _("--since %s: a time is 90m, 12h or 7d (ago), 2026-11-24 or "
                "\"2026-11-24 10:30\""),
              options->since);
    return false;
  }
  *out = choice;
  return true;
}

/* ---- walking ---- */

struct walk {
  const struct letters_choice *choice;
  letters_each each;
  void *context;
  int64_t looked, given;
  char last[64];
};

static void read_problems(const struct store_reject *reject,
                          struct wire_rejects *out) {
  struct wire_bytes bytes = {(const uint8_t *)reject->problems.data,
                             reject->problems.size};
  wire_rejects_init(out);
  if (wire_rejects_decode(bytes, out) != EVALD_OK) wire_rejects_init(out);
}

static bool is_meant(const struct letters_choice *choice,
                     const struct letter *letter) {
  if (choice->source.data &&
      !evald_text_equal(choice->source, letter->reject->source))
    return false;
  if (choice->code == WIRE_REJECT_COUNT) return true;
  for (size_t i = 0; i < letter->problems.count; i++)
    if (letter->problems.items[i].code == choice->code) return true;
  return false;
}

static enum evald_status give(void *context, struct evald_text id,
                              const struct store_reject *reject) {
  struct walk *walk = context;
  struct letter letter = {.id = id, .reject = reject};
  walk->looked++;
  snprintf(walk->last, sizeof walk->last, "%.*s", (int)id.size, id.data);
  read_problems(reject, &letter.problems);
  if (walk->choice != NULL &&
      (walk->given == walk->choice->most || !is_meant(walk->choice, &letter)))
    return EVALD_OK;
  walk->given++;
  return walk->each(walk->context, &letter);
}

enum evald_status letters_walk(struct ctl *ctl,
                               const struct letters_choice *choice,
                               letters_each each, void *context,
                               struct evald_fault *fault) {
  enum { PAGE = 100 };
  struct walk walk = {.choice = choice, .each = each, .context = context};
  enum evald_status status = ctl_store(ctl, fault);
  /* Ids are the milliseconds in which a job was rejected. */
  if (choice->since_ms > 0)
    snprintf(walk.last, sizeof walk.last, "%lld-18446744073709551615",
             (long long)choice->since_ms - 1);
  for (int64_t before = -1; status == EVALD_OK && before != walk.looked &&
                            walk.given < choice->most;) {
    before = walk.looked;
    status = store_rejects(ctl->store, evald_text_of(walk.last), PAGE, give,
                           &walk, fault);
  }
  return status;
}

enum evald_status letters_get(struct ctl *ctl, const char *id,
                              letters_each each, void *context,
                              struct evald_fault *fault) {
  struct walk walk = {.each = each, .context = context};
  enum evald_status status = ctl_store(ctl, fault);
  if (status == EVALD_OK)
    status =
        store_reject_get(ctl->store, evald_text_of(id), give, &walk, fault);
  if (status != EVALD_NOT_FOUND && status != EVALD_INVALID) return status;
  evald_fault_clear(fault);
  return evald_fault_set(fault, EVALD_NOT_FOUND, id,
                         _("no rejected job has this id; evalctl rejects lists "
                           "them"));
}

/* ---- the key ---- */

bool letter_label(struct wire_bytes frame, struct evald_text id,
                  struct wire_buffer *out, struct evald_text *was) {
  if (!wire_sound(frame)) return false;
  struct wire_cursor cursor = wire_cursor_of(frame);
  size_t pairs = wire_get_map(&cursor), kept = 0;
  struct wire_buffer body = {0};
  for (size_t i = 0; i < pairs && !cursor.failed; i++) {
    const uint8_t *begin = cursor.at;
    struct evald_text key = wire_get_text(&cursor);
    bool label = evald_text_equal(key, EVALD_TEXT(LETTER_KEY));
    if (label && was && wire_peek(&cursor) == WIRE_TYPE_TEXT)
      *was = wire_get_text(&cursor);
    else
      wire_skip(&cursor);
    if (label) continue;
    kept++;
    wire_put_raw(&body, begin, (size_t)(cursor.at - begin));
  }
  bool fine = !cursor.failed && wire_buffer_done(&body) == EVALD_OK;
  if (fine) {
    wire_put_map(out, kept + (id.data != NULL));
    if (id.data) wire_put_string(out, LETTER_KEY);
    if (id.data) wire_put_text(out, id);
    wire_put_raw(out, body.data, body.size);
  }
  wire_buffer_fini(&body);
  return fine;
}
