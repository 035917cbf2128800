/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* wcwidth */
#include "ctl/output.h"
#include "base/utf8.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { COLUMNS_DEFAULT = 100, COLUMNS_LEAST = 60, COLUMNS_MOST = 160 };

static const char *const sgr[] = {
#define X(name, parameters) parameters,
    TONE_LIST(X)
#undef X
};

bool output_colours(FILE *file) {
  const char *forbidden = getenv("NO_COLOR");
  const char *terminal = getenv("TERM");
  if (forbidden && *forbidden) return false;
  if (!terminal || strcmp(terminal, "dumb") == 0) return false;
  return isatty(fileno(file));
}

static size_t columns_told(FILE *file) {
  struct winsize size;
  if (ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  const char *told = getenv("COLUMNS");
  long columns = told ? strtol(told, NULL, 10) : 0;
  return columns > 0 ? (size_t)columns : COLUMNS_DEFAULT;
}

size_t output_columns(FILE *file) {
  size_t columns = columns_told(file);
  if (columns < COLUMNS_LEAST) return COLUMNS_LEAST;
  return columns > COLUMNS_MOST ? COLUMNS_MOST : columns;
}

static size_t width_of(uint32_t character) {
  int width = wcwidth((wchar_t)character);
  return width > 0 ? (size_t)width : 0;
}

size_t output_width(struct evald_text text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size;)
    width += width_of(utf8_next(text, &at));
  return width;
}

struct evald_text output_head(struct evald_text text, size_t columns) {
  size_t width = 0, end = 0, blank = 0;
  while (end < text.size) {
    size_t at = end;
    uint32_t character = utf8_next(text, &at);
    width += width_of(character);
    if (width > columns && end > 0) break;
    if (character == ' ') blank = at;
    end = at;
  }
  if (end < text.size && blank > end / 2) end = blank;
  return (struct evald_text){text.data, end};
}

void output_tone(FILE *file, enum tone tone, const char *format, ...) {
  bool coloured = tone != TONE_PLAIN && output_colours(file);
  va_list arguments;
  va_start(arguments, format);
  if (coloured) fprintf(file, "\033[%sm", sgr[tone]);
  vfprintf(file, format, arguments);
  if (coloured) fputs("\033[0m", file);
  va_end(arguments);
}

static void blanks(FILE *file, size_t count) {
  fprintf(file, "%*s", (int)count, "");
}

void output_hanging(FILE *file, size_t indent, struct evald_text text) {
  size_t columns = output_columns(file) - indent;
  for (;;) {
    struct evald_text head = output_head(text, columns);
    fprintf(file, "%.*s\n", (int)head.size, head.data);
    text.data += head.size;
    text.size -= head.size;
    if (text.size == 0) return;
    blanks(file, indent);
  }
}

void output_paragraph(FILE *file, size_t indent, struct evald_text text) {
  blanks(file, indent);
  output_hanging(file, indent, text);
}

void output_line(FILE *file, size_t columns) {
  bool coloured = output_colours(file);
  fputs(coloured ? "\033[2m" : "", file);
  for (size_t i = 0; i < columns; i++)
    fputs("─", file);
  fputs(coloured ? "\033[0m\n" : "\n", file);
}

void output_shell_word(FILE *file, const char *word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "%+,-./:=@_";
  if (word[0] && !word[strspn(word, plain)]) {
    fputs(word, file);
    return;
  }
  fputc('\'', file);
  for (; *word; word++) {
    if (*word == '\'')
      fputs("'\\''", file);
    else
      fputc(*word, file);
  }
  fputc('\'', file);
}

enum tone output_level_tone(enum evald_level level) {
  static const enum tone tones[] = {TONE_BAD, TONE_WARN, TONE_INFO};
  return (unsigned)level < EVALD_LEVEL_COUNT ? tones[level] : TONE_PLAIN;
}

const char *output_level_mark(enum evald_level level) {
  static const char *const marks[] = {"✗", "!", "·"};
  return (unsigned)level < EVALD_LEVEL_COUNT ? marks[level] : "?";
}

const char *output_copy(struct evald_arena *arena, struct evald_text text) {
  char *copy = evald_arena_take(arena, text.size + 1);
  if (!copy) return "";
  if (text.size > 0) memcpy(copy, text.data, text.size);
  return copy;
}

const char *output_text(struct evald_arena *arena, struct evald_text text) {
  char *copy = evald_arena_take(arena, text.size + 1);
  if (!copy) return "";
  if (text.size > 0) memcpy(copy, text.data, text.size);
  copy[utf8_tame(copy, text.size)] = '\0';
  return copy;
}

const char *output_tame(char *text) {
  text[utf8_tame(text, strlen(text))] = '\0';
  return text;
}

const char *output_format(struct evald_arena *arena, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length < 0) return "";
  size_t size = (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
  size = utf8_tame(text, utf8_cut(text, size, size));
  return output_copy(arena, (struct evald_text){text, size});
}
