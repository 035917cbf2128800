/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/jobs.h"
#include "ctl/score.h"
#include "ctl/stored.h"
#include "ctl/view.h"
#include "wire/verdict_codec.h"
#include <string.h>

static void print(struct ctl *ctl, const struct evald_verdict *verdict) {
  if (ctl->json) {
    struct wire_buffer value = {0};
    wire_verdict_encode(verdict, &value);
    ctl_json_line(ctl, &value);
    wire_buffer_fini(&value);
    return;
  }
  view_form(ctl, verdict);
  putchar('\n');
  view_trace(ctl, verdict);
}

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
  print(ctl, &verdict);
  return CTL_FINE;
}

static int explain_stored(struct ctl *ctl) {
  struct store_shard_key shard;
  struct stored stored;
  struct evald_fault fault = {0};
  if (!ctl_shard(ctl, &shard)) return CTL_USAGE;
  enum evald_status status = stored_read(
      ctl, &shard, evald_text_of(ctl->arguments[2]), &stored, &fault);
  int answer = CTL_FINE;
  if (status != EVALD_OK)
    answer = ctl_fail(ctl, status, &fault);
  else
    print(ctl, &stored.verdict);
  if (status == EVALD_OK && !stored.same) {
    fputs(_("evalctl: the stored result differs from this one, which was "
            "computed again\n"),
          stderr);
    answer = CTL_REJECTED;
  }
  stored_fini(&stored);
  return answer;
}

static bool is_division(const char *word) {
  return strlen(word) == 9 && strspn(word, "0123456789") == 9;
}

int cmd_explain(struct ctl *ctl) {
  if (ctl->argument_count == 3 && is_division(ctl->arguments[0]))
    return explain_stored(ctl);
  return jobs_read(ctl, each, NULL);
}
