/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/recalc.h"
#include "ctl/stored.h"
#include <string.h>

/*
 * What another ruleset would do. Nothing is written: forms are read, scored
 * here and forgotten.
 */

enum { AT_ONCE = 512 };

static enum evald_status count(struct recalc *recalc,
                               const struct recalc_item *item,
                               const struct evald_verdict *verdict) {
  struct contribution added;
  enum evald_status status = core_contribution_of(verdict, &added);
  if (status == EVALD_OK)
    status = core_contribution_subtract(&recalc->after, &item->counts);
  if (status == EVALD_OK)
    status = core_contribution_add(&recalc->after, &added);
  return status;
}

static enum evald_status score(struct recalc *recalc, struct recalc_item *item,
                               struct evald_text bytes,
                               struct evald_fault *fault) {
  struct ctl *ctl = recalc->ctl;
  struct evald_form form;
  struct evald_verdict verdict;
  if (!bytes.data) recalc->left[RECALC_WITHOUT_FORM]++;
  if (!bytes.data) return EVALD_OK;
  evald_arena_reset(ctl->job);
  enum evald_status status = stored_form_decode(ctl, bytes, &form, NULL);
  if (status != EVALD_OK) recalc->left[RECALC_UNREADABLE]++;
  if (status != EVALD_OK) return EVALD_OK;
  if (!evald_digest_equal(&form.digest, &item->form)) {
    recalc->left[RECALC_MEANWHILE]++;
    return EVALD_OK;
  }
  status = evald_evaluate(&form, recalc->ruleset, ctl->job, &verdict, fault);
  if (status == EVALD_OK) status = count(recalc, item, &verdict);
  if (status != EVALD_OK) return status;
  struct standing after =
      standing_of(verdict.total, verdict.grade,
                  evald_ruleset_grade(recalc->ruleset, verdict.grade));
  recalc_note(recalc, &item->mover, &after);
  return EVALD_OK;
}

static enum evald_status score_some(struct recalc *recalc, size_t some,
                                    struct evald_fault *fault) {
  struct evald_text codes[AT_ONCE], forms[AT_ONCE];
  for (size_t i = 0; i < some; i++)
    codes[i] = evald_text_of(recalc->pending[i].mover.code);
  enum evald_status status =
      store_get_many(recalc->ctl->store, STORE_KEY_FORMS, &recalc->shard,
                     (struct store_fields){codes, some}, forms, fault);
  for (size_t i = 0; i < some && status == EVALD_OK; i++)
    status = score(recalc, &recalc->pending[i], forms[i], fault);
  recalc_drop(recalc, some);
  return status;
}

static enum evald_status process(struct recalc *recalc, bool last,
                                 struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  (void)last;
  while (recalc->pending_count > 0 && status == EVALD_OK) {
    size_t some = recalc->pending_count;
    status = score_some(recalc, some < AT_ONCE ? some : (size_t)AT_ONCE, fault);
  }
  return status;
}

int recalc_what_if(struct ctl *ctl, const struct shard_item *shards) {
  struct recalc recalc = {.ctl = ctl, .process = process};
  const struct recalc_walk walk = {.shards = shards};
  struct evald_fault fault = {0};
  enum evald_status status = recalc_run(&recalc, &walk, &fault);
  int answer = CTL_FINE;
  if (status == EVALD_OK) {
    recalc_report(&recalc, "what_if");
  } else {
    answer = ctl_fail(ctl, status, &fault);
  }
  recalc_fini(&recalc);
  return answer;
}
