/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/jobs.h"
#include "ctl/score.h"
#include "ctl/view.h"
#include "wire/verdict_codec.h"

struct scoring {
  size_t forms;
};

static void print(struct ctl *ctl, const struct evald_verdict *verdict) {
  if (!ctl->json) {
    view_form(ctl, verdict);
    return;
  }
  struct wire_buffer value = {0};
  wire_verdict_encode(verdict, &value);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

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
  print(ctl, &verdict);
  return score_answer(ctl, &verdict);
}

int cmd_score(struct ctl *ctl) {
  struct scoring scoring = {0};
  return jobs_read(ctl, each, &scoring);
}
