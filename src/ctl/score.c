/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/score.h"
#include "base/i18n.h"
#include "wire/form_codec.h"

/* The form with the digest of its canonical bytes, as the daemon has it. */
static const struct evald_form *with_digest(struct ctl *ctl,
                                            const struct evald_form *form) {
  struct wire_buffer canonical = {0};
  struct evald_form *copy = evald_arena_take(ctl->job, sizeof *copy);
  if (!copy) return form;
  *copy = *form;
  copy->digest = wire_form_encode(form, &canonical);
  wire_buffer_fini(&canonical);
  return copy;
}

enum evald_status score_job(struct ctl *ctl, const struct wire_job *job,
                            struct evald_verdict *out,
                            struct evald_fault *fault) {
  struct evald_ruleset *ruleset;
  if (job->kind != WIRE_KIND_EVALUATE)
    return evald_fault_set(fault, EVALD_UNSUPPORTED, NULL,
                           _("a job of kind \"%s\" holds no form to score"),
                           wire_kind_name((enum wire_kind)job->kind));
  enum evald_status status =
      ctl_choose(ctl, job->ruleset, &job->form, &ruleset, fault);
  if (status != EVALD_OK) return status;
  status = evald_evaluate(with_digest(ctl, &job->form), ruleset, ctl->job, out,
                          fault);
  if (status != EVALD_OK) return status;
  out->job_id = job->job_id;
  out->revision = job->revision;
  return EVALD_OK;
}

int score_answer(const struct ctl *ctl, const struct evald_verdict *verdict) {
  return ctl->options.strict && verdict->level_count[EVALD_LEVEL_ERROR] > 0
             ? CTL_REJECTED
             : CTL_FINE;
}
