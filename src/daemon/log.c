/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const struct {
  const char *spelling, *zh;
  int priority;
} levels[] = {
#define X(name, spelling, priority, zh) {spelling, zh, priority},
    LOG_LEVEL_LIST(X)
#undef X
};

static atomic_int least_level = LOG_INFO;
static int for_people; /* set once, before any thread */

void log_init(enum log_level least) {
  for_people = isatty(STDERR_FILENO) && getenv("JOURNAL_STREAM") == NULL;
  log_set_level(least);
}

void log_set_level(enum log_level least) {
  atomic_store_explicit(&least_level, (int)least, memory_order_relaxed);
}

static size_t print_head(char *out, size_t size, enum log_level level) {
  if (!for_people)
    return fault_print(out, size, "<%d>", levels[level].priority);
  struct timespec now;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &now);
  localtime_r(&now.tv_sec, &parts);
  return fault_print(out, size, "%02d:%02d:%02d.%03ld %s ", parts.tm_hour,
                     parts.tm_min, parts.tm_sec, now.tv_nsec / 1000000,
                     i18n_chinese() ? levels[level].zh
                                    : levels[level].spelling);
}

static void write_line(enum log_level level, const char *format,
                       va_list arguments) EVALD_PRINTF(2, 0);
static void write_line(enum log_level level, const char *format,
                       va_list arguments) {
  char line[1024], text[960];
  vsnprintf(text, sizeof text, format, arguments);
  struct evald_text whole = evald_text_of(text);
  size_t head = print_head(line, sizeof line - 1, level);
  size_t length = fault_copy(line + head, sizeof line - 1 - head, whole);
  /* A line is a line: what a peer named must not look like a second one. */
  length = utf8_tame(line + head, length);
  line[head + length] = '\n';
  ssize_t ignored = write(STDERR_FILENO, line, head + length + 1);
  (void)ignored;
}

void log_line(enum log_level level, const char *format, ...) {
  if ((int)level > atomic_load_explicit(&least_level, memory_order_relaxed))
    return;
  va_list arguments;
  va_start(arguments, format);
  write_line(level, format, arguments);
  va_end(arguments);
}

void log_fault(enum log_level level, const char *what,
               const struct evald_fault *fault) {
  log_line(level, "%s: %s%s%s", what, fault->place,
           *fault->place != '\0' ? ": " : "", fault->text);
}

enum { WINDOW_MS = 10000, WINDOW_LINES = 10 };

bool log_allowed(struct log_limit *limit) {
  int64_t now = clock_ms();
  if (limit->window_ms == 0 || now - limit->window_ms >= WINDOW_MS) {
    unsigned left_out = limit->left_out;
    *limit = (struct log_limit){.window_ms = now};
    if (left_out > 0)
      log_line(LOG_WARNING,
               P_("%u line like the next was left out",
                  "%u lines like the next were left out", left_out),
               left_out);
  }
  if (limit->lines < WINDOW_LINES) return ++limit->lines;
  limit->left_out++;
  return false;
}

static int64_t microseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_ms(void) {
  return clock_us() / 1000;
}

int64_t clock_us(void) {
  return microseconds(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void) {
  return microseconds(CLOCK_REALTIME) / 1000;
}
