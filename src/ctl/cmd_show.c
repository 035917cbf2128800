/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/score.h"
#include "ctl/stored.h"
#include "ctl/view.h"

static int print(struct ctl *ctl, const struct stored *stored) {
  if (ctl->json) {
    struct wire_buffer value = {0};
    wire_verdict_encode(&stored->verdict, &value);
    ctl_json_line(ctl, &value);
    wire_buffer_fini(&value);
  } else {
    view_form(ctl, &stored->verdict);
  }
  if (stored->same) return score_answer(ctl, &stored->verdict);
  fputs(_("evalctl: the stored result differs from this one, which was "
          "computed again\n"),
        stderr);
  return CTL_REJECTED;
}

int cmd_show(struct ctl *ctl) {
  struct store_shard_key shard;
  struct stored stored;
  struct evald_fault fault = {0};
  if (!ctl_shard(ctl, &shard)) return CTL_USAGE;
  enum evald_status status = stored_read(
      ctl, &shard, evald_text_of(ctl->arguments[2]), &stored, &fault);
  int answer =
      status == EVALD_OK ? print(ctl, &stored) : ctl_fail(ctl, status, &fault);
  stored_fini(&stored);
  return answer;
}
