/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/recalc.h"

int cmd_recalc(struct ctl *ctl) {
  struct shard_item *shards;
  struct evald_fault fault = {0};
  bool what_if = ctl->options.what_if != NULL;
  const char *ruleset = ctl->options.ruleset;
  if (!shards_valid(ctl)) return CTL_USAGE;
  if (what_if && ctl->options.resume)
    return ctl_usage(ctl, "%s",
                     _("--what-if writes nothing: there is nothing to resume"));
  if (!what_if && ruleset && ctl_names_file(ruleset))
    return ctl_usage(ctl, "%s",
                     _("a file serves --what-if alone: the daemon knows the "
                       "rulesets of its folder, by their ids"));
  enum evald_status status = ctl_store(ctl, &fault);
  if (status == EVALD_OK) status = shards_find(ctl, &shards, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  return what_if ? recalc_what_if(ctl, shards) : recalc_for_good(ctl, shards);
}
