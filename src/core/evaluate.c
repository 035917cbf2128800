/* SPDX-License-Identifier: Apache-2.0 */
#include "evald/evaluate.h"

#include "core/check.h"
#include "core/score.h"
#include <string.h>

enum evald_status evald_evaluate(const struct evald_form *form,
                                 const struct evald_ruleset *ruleset,
                                 struct evald_arena *arena,
                                 struct evald_verdict *out,
                                 struct evald_fault *fault) {
  struct finding_list findings;
  struct checked_form checked;
  struct evald_verdict verdict = {.form = form, .ruleset = ruleset};
  finding_list_init(&findings, arena, ruleset);
  enum evald_status status =
      core_check(form, ruleset, &checked, &findings, fault);
  if (status == EVALD_OK) {
    status = core_score(&checked, &verdict, &findings, fault);
  }
  if (status == EVALD_OK) {
    status = core_check_scored(&checked, &verdict, &findings, fault);
  }
  if (status != EVALD_OK) return status;
  verdict.revision = 1;
  verdict.findings = findings.items;
  verdict.finding_count = findings.count;
  memcpy(verdict.level_count, findings.by_level, sizeof findings.by_level);
  *out = verdict;
  return EVALD_OK;
}
