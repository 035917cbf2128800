/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_SCORE_H
#define CTL_SCORE_H

/* Scoring a job here, as the daemon would. */

#include "ctl/ctl.h"
#include "evald/evaluate.h"
#include "wire/job_codec.h"

/* EVALD_UNSUPPORTED where the job holds no form (a withdrawal). Memory from
 * ctl->job; texts point into `job`, whose form's digest is filled in. */
enum evald_status score_job(struct ctl *ctl, const struct wire_job *job,
                            struct evald_verdict *out,
                            struct evald_fault *fault);

/* The exit status of a verdict: CTL_FINE, or with --strict CTL_REJECTED where
 * there is a finding of level error. */
int score_answer(const struct ctl *ctl, const struct evald_verdict *verdict);

#endif
