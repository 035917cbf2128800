/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/group.h"
#include "wire/form_codec.h"
#include "wire/verdict_codec.h"

struct group_place *group_add(struct group *group) {
  struct group_place *place = &group->places[group->count++];
  place->frame = (struct wire_bytes){0};
  place->ruleset = NULL;
  place->status = EVALD_OK;
  evald_fault_clear(&place->fault);
  place->form = place->stored = (struct span){0};
  return place;
}

static enum evald_status write_form(struct group *group,
                                    struct group_place *place) {
  struct evald_form *form = &place->job.form;
  if (evald_digest_known(&form->digest)) return EVALD_OK;
  place->form.at = group->bytes->size;
  form->digest = wire_form_encode_from(form, place->frame, group->bytes);
  place->form.size = group->bytes->size - place->form.at;
  return wire_buffer_done(group->bytes);
}

static enum evald_status evaluate(struct group *group,
                                  struct group_place *place) {
  struct evald_verdict *verdict = &place->verdict;
  enum evald_status status = evald_evaluate(
      &place->job.form, place->ruleset, group->scratch, verdict, &place->fault);
  if (status != EVALD_OK) return status;
  verdict->job_id = place->job.job_id;
  verdict->revision = place->job.revision;
  status = core_contribution_of(verdict, &place->contribution);
  if (status == EVALD_OK) return EVALD_OK;
  return evald_fault_set(&place->fault, status, "funds.total",
                         "finer than a 分");
}

static enum evald_status write_result(struct group *group,
                                      struct group_place *place) {
  place->stored.at = group->bytes->size;
  wire_stored_encode(&place->verdict, &place->contribution, group->bytes);
  place->stored.size = group->bytes->size - place->stored.at;
  return wire_buffer_done(group->bytes);
}

void group_score(struct group *group) {
  static enum evald_status (*const stages[])(
      struct group *, struct group_place *) = {write_form, evaluate,
                                               write_result};
  for (size_t stage = 0; stage < sizeof stages / sizeof *stages; stage++) {
    for (size_t i = 0; i < group->count; i++) {
      struct group_place *place = &group->places[i];
      if (place->ruleset != NULL && place->status == EVALD_OK)
        place->status = stages[stage](group, place);
    }
  }
}
