/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/recalc_judge.h"
#include "base/i18n.h"
#include "wire/job_codec.h"
#include "wire/outcome.h"
#include "wire/verdict_codec.h"
#include <stdlib.h>

static struct chunk_outcome left_as(enum recalc_left left) {
  return (struct chunk_outcome){.left = left};
}

static enum evald_status make_room(struct chunk *chunk) {
  free(chunk->outcomes);
  chunk->outcomes = calloc(chunk->count, sizeof *chunk->outcomes);
  return chunk->outcomes ? EVALD_OK : EVALD_MEMORY;
}

static void forget(struct chunk *chunk) {
  free(chunk->outcomes);
  chunk->outcomes = NULL;
}

/* ---- by the answer ---- */

static bool is_target(const struct recalc *recalc, struct evald_text hex) {
  char target[EVALD_DIGEST_HEX];
  evald_digest_print(&recalc->target, target);
  return evald_text_equal(hex, evald_text_of(target));
}

/* False where it is for the store to say. */
static bool decide(const struct recalc_item *item,
                   const struct evald_outcome *told,
                   struct chunk_outcome *out) {
  if (!told->scored || told->grade > UINT8_MAX) return false;
  *out = left_as(RECALC_MEANWHILE);
  if (!evald_digest_equal(&told->form_digest, &item->form)) return true;
  *out = (struct chunk_outcome){
      .scored = true,
      .after =
          standing_of(told->total_e6, (uint8_t)told->grade, told->grade_name)};
  return true;
}

void judge_answer(const struct recalc *recalc, struct chunk *chunk,
                  const struct evald_answer *answer) {
  struct evald_text outcomes = answer->outcomes;
  struct evald_outcome told;
  if (answer->kind != EVALD_ANSWER_ACK || !outcomes.data ||
      !is_target(recalc, answer->ruleset_digest) ||
      make_room(chunk) != EVALD_OK)
    return;
  bool decided = true;
  for (size_t i = 0; i < chunk->count && decided; i++)
    decided = evald_outcome_next(&outcomes, &told) &&
              decide(&chunk->items[i], &told, &chunk->outcomes[i]);
  if (!decided || outcomes.size > 0) forget(chunk);
}

/* ---- by the store ---- */

static enum evald_status judge(const struct recalc *recalc,
                               const struct recalc_item *item,
                               struct evald_text value,
                               struct chunk_outcome *out) {
  struct wire_stored_brief stored;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  if (!value.data || wire_stored_brief(bytes, &stored) != EVALD_OK) {
    *out = left_as(RECALC_UNREADABLE);
    return EVALD_OK;
  }
  const struct wire_stored_head *head = &stored.head;
  bool scored = evald_digest_equal(&head->ruleset_digest, &recalc->target);
  bool same = evald_digest_equal(&head->form_digest, &item->form);
  *out = left_as(RECALC_MEANWHILE);
  if (!same) return EVALD_OK;
  *out = (struct chunk_outcome){
      scored, RECALC_WITHOUT_FORM,
      standing_of(stored.total, stored.grade, stored.grade_name)};
  bool untouched =
      evald_digest_equal(&head->ruleset_digest, &item->mover.ruleset);
  return scored || untouched ? EVALD_OK : EVALD_INVALID;
}

static enum evald_status other_rules(const struct recalc *recalc,
                                     struct evald_fault *fault) {
  struct evald_text id = evald_ruleset_id(recalc->ruleset);
  return evald_fault_set(
      fault, EVALD_INVALID, NULL,
      _("the daemon's %.*s is not the one that evalctl has: name its folder "
        "with --rulesets, or its configuration with --config"),
      (int)id.size, id.data);
}

static enum evald_status read_results(const struct recalc *recalc,
                                      const struct chunk *chunk,
                                      struct evald_text *values,
                                      struct evald_fault *fault) {
  struct evald_text codes[WIRE_PROJECTS_MAX];
  for (size_t i = 0; i < chunk->count; i++)
    codes[i] = evald_text_of(chunk->items[i].mover.code);
  return store_get_many(
      recalc->ctl->store, STORE_KEY_RESULTS, &chunk->items[0].mover.shard,
      (struct store_fields){codes, chunk->count}, values, fault);
}

enum evald_status judge_store(const struct recalc *recalc, struct chunk *chunk,
                              struct evald_fault *fault) {
  struct evald_text values[WIRE_PROJECTS_MAX];
  enum evald_status status = make_room(chunk);
  if (status == EVALD_OK) status = read_results(recalc, chunk, values, fault);
  for (size_t i = 0; i < chunk->count && status == EVALD_OK; i++)
    status = judge(recalc, &chunk->items[i], values[i], &chunk->outcomes[i]);
  return status == EVALD_INVALID ? other_rules(recalc, fault) : status;
}
