/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/submit.h"

int cmd_submit(struct ctl *ctl) {
  int64_t seconds = 30;
  if (!option_number("wait", ctl->options.wait, 1, 86400, &seconds))
    return CTL_USAGE;
  if (ctl->options.fire_and_forget && ctl->options.outbox)
    return ctl_usage(ctl, "%s",
                     _("--outbox keeps what has no answer; the door of "
                       "--fire-and-forget answers nothing"));
  return ctl->options.fire_and_forget ? submit_push(ctl, seconds * 1000)
                                      : submit_door(ctl, seconds * 1000);
}
