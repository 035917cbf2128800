/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/jobs.h"

static int each(struct ctl *ctl, const struct ctl_job *job, void *context) {
  size_t *forms = context;
  if (job->rejected) {
    jobs_print_reject(ctl, job);
    return CTL_REJECTED;
  }
  struct wire_buffer value = {0};
  wire_put_raw(&value, job->frame.data, job->frame.size);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
  ++*forms;
  return CTL_FINE;
}

int cmd_import(struct ctl *ctl) {
  size_t forms = 0;
  if (!ctl->options.division)
    return ctl_usage(ctl, "%s",
                     _("published forms do not print their division code: say "
                       "it with --division 310113000"));
  int answer = jobs_read(ctl, each, &forms);
  fprintf(stderr, P_("%zu form imported; ", "%zu forms imported; ", forms),
          forms);
  fputs(_("their project codes are derived from the names of department and "
          "project\n"),
        stderr);
  return answer;
}
