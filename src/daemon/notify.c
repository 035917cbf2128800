/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/notify.h"
#include "daemon/log.h"
#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>

void notify_ready(const char *status) {
  sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

/* systemd pairs a reload's begin and end by this clock. */
void notify_reloading(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long long microseconds = (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", microseconds);
}

void notify_stopping(void) {
  sd_notify(0, "STOPPING=1");
}

void notify_status(const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  sd_notifyf(0, "STATUS=%s", text);
}

void notify_watchdog(void) {
  sd_notify(0, "WATCHDOG=1");
}

int notify_watchdog_ms(void) {
  uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return -1;
  return (int)(microseconds / 2000);
}
