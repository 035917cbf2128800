/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"
#include "ctl/jobs.h"
#include "ctl/score.h"
#include "ctl/view.h"

struct scoring {
  size_t forms;
};

static int each(struct ctl *ctl, const struct ctl_job *job, void *context) {
  struct scoring *scoring = context;
  struct evald_verdict verdict;
  struct evald_fault fault = {0};
  if (job->rejected) {
    jobs_print_reject(ctl, job);
    return CTL_REJECTED;
  }
  enum evald_status status = score_job(ctl, job->job, &verdict, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  if (scoring->forms++ > 0 && !ctl->json) {
    putchar('\n');
    output_line(stdout, output_columns(stdout));
    putchar('\n');
  }
  view_verdict(ctl, &verdict, false);
  return score_answer(ctl, &verdict);
}

int cmd_score(struct ctl *ctl) {
  struct scoring scoring = {0};
  return jobs_read(ctl, each, &scoring);
}
