/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"
#include "ctl/stored.h"

int cmd_show(struct ctl *ctl) {
  return stored_show(ctl, false);
}
