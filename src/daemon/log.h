/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

/*
 * The log: lines on standard error, for the journal with its priorities
 * ("<6>text"), for a person at a terminal with the time and the level.
 *
 * One line is one write, so lines of several threads never mix. The content of
 * a form is never logged: identities, counts and codes at most. Sentences come
 * translated (base/i18n.h) from the caller.
 */

#include "evald/status.h"
#include <stdbool.h>
#include <stdint.h>

/* X(NAME, spelling as in log.level, priority of syslog, in Chinese) */
#define LOG_LEVEL_LIST(X)                                                      \
  X(ERROR, "error", 3, "错误")                                                 \
  X(WARNING, "warning", 4, "警告")                                             \
  X(NOTICE, "notice", 5, "注意")                                               \
  X(INFO, "info", 6, "信息")                                                   \
  X(DEBUG, "debug", 7, "调试")

enum log_level {
#define X(name, spelling, priority, zh) LOG_##name,
  LOG_LEVEL_LIST(X)
#undef X
      LOG_LEVEL_COUNT
};

/* Settles where standard error leads. Before any thread. */
void log_init(enum log_level least);
void log_set_level(enum log_level least);

void log_line(enum log_level level, const char *format, ...) EVALD_PRINTF(2, 3);

/* "text: place: fault", for a call that failed. */
void log_fault(enum log_level level, const char *what,
               const struct evald_fault *fault);

/* For what others can make happen as often as they like: at most ten lines in
 * ten seconds, then one that says how many were left out. One per kind of
 * line, owned by one thread, zero to begin with. */
struct log_limit {
  int64_t window_ms;
  unsigned lines, left_out;
};
bool log_allowed(struct log_limit *limit);

/* Milliseconds, microseconds that only ever grow; and of the wall clock. */
int64_t clock_ms(void);
int64_t clock_us(void);
int64_t clock_wall_ms(void);

#endif
