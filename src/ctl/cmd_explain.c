/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"
#include "ctl/jobs.h"
#include "ctl/score.h"
#include "ctl/stored.h"
#include "ctl/view.h"
#include <string.h>

static int each(struct ctl *ctl, const struct ctl_job *job, void *context) {
  (void)context;
  struct evald_verdict verdict;
  struct evald_fault fault = {0};
  if (job->rejected) {
    jobs_print_reject(ctl, job);
    return CTL_REJECTED;
  }
  enum evald_status status = score_job(ctl, job->job, &verdict, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  view_verdict(ctl, &verdict, true);
  return CTL_FINE;
}

static bool is_division(const char *word) {
  return strlen(word) == 9 && strspn(word, "0123456789") == 9;
}

int cmd_explain(struct ctl *ctl) {
  if (ctl->argument_count == 3 && is_division(ctl->arguments[0]))
    return stored_show(ctl, true);
  return jobs_read(ctl, each, NULL);
}
