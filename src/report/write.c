/* SPDX-License-Identifier: Apache-2.0 */
#include "report/write.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *en, *zh;
} words[WORD_COUNT] = {
#define X(name, en, zh) {en, zh},
    REPORT_WORD_LIST(X)
#undef X
};

const char *report_word(int chinese, enum report_word word) {
  return chinese ? words[word].zh : words[word].en;
}

void report_init(struct report *report, int chinese) {
  *report = (struct report){.chinese = chinese};
}

void report_fini(struct report *report) {
  free(report->data);
  *report = (struct report){0};
}

static void append(struct report *report, const char *data, size_t size) {
  if (report->failed || size == 0) return;
  if (size > report->room - report->size) {
    size_t room = (report->size + size) * 2 + 4096;
    char *more = realloc(report->data, room);
    if (!more) {
      report->failed = true;
      return;
    }
    report->data = more;
    report->room = room;
  }
  memcpy(report->data + report->size, data, size);
  report->size += size;
}

void write_raw(struct report *report, const char *markup) {
  append(report, markup, strlen(markup));
}

void write_format(struct report *report, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  int size = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (size < 0 || (size_t)size >= sizeof text)
    report->failed = true;
  else
    append(report, text, (size_t)size);
}

/* How a byte must be written; NULL: as it is. */
static const char *escaped(unsigned char byte) {
  switch (byte) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  default:
    return byte < ' ' || byte == 0x7F ? " " : NULL;
  }
}

void write_text(struct report *report, struct evald_text text) {
  size_t from = 0;
  for (size_t at = 0; at < text.size; at++) {
    const char *instead = escaped((unsigned char)text.data[at]);
    if (!instead) continue;
    append(report, text.data + from, at - from);
    write_raw(report, instead);
    from = at + 1;
  }
  if (text.size > from) append(report, text.data + from, text.size - from);
}

void write_word(struct report *report, enum report_word word) {
  write_raw(report, report_word(report->chinese, word));
}

void write_decimal(struct report *report, evald_decimal value) {
  char text[EVALD_DECIMAL_TEXT];
  bool cents = value % (EVALD_DECIMAL_ONE / 100) == 0;
  size_t size = cents ? evald_decimal_print_fixed(value, 2, text)
                      : evald_decimal_print(value, text);
  append(report, text, size);
}

void write_figure(struct report *report, struct evald_figure figure) {
  if (figure.present)
    write_decimal(report, figure.value);
  else
    write_raw(report, "-");
}
