/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/signals.h"

bool signals_next(struct bus_pipe *pipe, struct bus_signal *out) {
  while (bus_signal_receive(pipe, out, 0) == EVALD_OK) {
    if (out->code != SIGNAL_PING) return true;
    bus_signal_send(pipe, (struct bus_signal){.code = SIGNAL_PONG}, -1);
  }
  return false;
}
