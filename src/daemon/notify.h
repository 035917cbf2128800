/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

/* What systemd is told; without systemd nothing happens. */

#include "evald/status.h"
#include <stdint.h>

void notify_ready(const char *status);
void notify_reloading(void);
void notify_stopping(void);
void notify_status(const char *format, ...) EVALD_PRINTF(1, 2);
void notify_watchdog(void);

/* Half of the time within which systemd wants a sign of life; -1: it does not.
 */
int notify_watchdog_ms(void);

#endif
