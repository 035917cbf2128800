/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/stored.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "ctl/score.h"
#include "ctl/view.h"
#include "wire/form_codec.h"
#include <stdio.h>
#include <string.h>

/* A copy, for what a store hands out lives until its next call. */
static struct wire_bytes keep(struct ctl *ctl, struct evald_text text) {
  const char *copy = output_copy(ctl->job, text);
  return (struct wire_bytes){(const uint8_t *)copy, text.size};
}

/* Where there is nothing the store has named its key, and the first word of a
 * fault stands: the caller knows a better one. */
static enum evald_status untold(enum evald_status status,
                                struct evald_fault *fault) {
  if (status == EVALD_NOT_FOUND) evald_fault_clear(fault);
  return status;
}

static enum evald_status read_result(struct ctl *ctl,
                                     const struct store_shard_key *shard,
                                     struct evald_text project,
                                     struct wire_bytes *bytes,
                                     struct stored *out,
                                     struct evald_fault *fault) {
  struct evald_text text;
  enum evald_status status = untold(
      store_get(ctl->store, STORE_KEY_RESULTS, shard, project, &text, fault),
      fault);
  if (status == EVALD_NOT_FOUND)
    return evald_fault_set(fault, status, NULL,
                           _("no result of %.*s in %s, %d"), (int)project.size,
                           project.data, shard->division, shard->year);
  if (status != EVALD_OK) return status;
  *bytes = keep(ctl, text);
  status = wire_stored_decode(*bytes, ctl->job, &out->result);
  if (status != EVALD_OK)
    return evald_fault_set(fault, status, NULL, "%s",
                           _("the stored result cannot be read"));
  if (out->result.head.state == WIRE_STORED_WITHDRAWN)
    return evald_fault_set(fault, EVALD_NOT_FOUND, NULL,
                           _("%.*s was withdrawn"), (int)project.size,
                           project.data);
  return EVALD_OK;
}

enum evald_status stored_form_decode(struct ctl *ctl, struct evald_text bytes,
                                     struct evald_form *out,
                                     struct evald_fault *fault) {
  const struct wire_bytes raw = {(const uint8_t *)bytes.data, bytes.size};
  enum evald_status status = wire_form_decode(raw, ctl->job, out);
  if (status != EVALD_OK)
    return evald_fault_set(fault, status, NULL, "%s",
                           _("the stored form cannot be read"));
  return EVALD_OK;
}

enum evald_status stored_form(struct ctl *ctl,
                              const struct store_shard_key *shard,
                              struct evald_text project, struct evald_form *out,
                              struct evald_fault *fault) {
  struct evald_text text;
  enum evald_status status = untold(
      store_get(ctl->store, STORE_KEY_FORMS, shard, project, &text, fault),
      fault);
  if (status == EVALD_NOT_FOUND)
    return evald_fault_set(fault, status, NULL,
                           _("the form of %.*s is not kept in Redis"),
                           (int)project.size, project.data);
  if (status != EVALD_OK) return status;
  struct wire_bytes bytes = keep(ctl, text);
  return stored_form_decode(
      ctl, (struct evald_text){(const char *)bytes.data, bytes.size}, out,
      fault);
}

enum evald_status stored_ruleset(struct ctl *ctl,
                                 const struct evald_digest *digest,
                                 struct evald_ruleset **out,
                                 struct evald_fault *fault) {
  char hex[EVALD_DIGEST_HEX];
  struct evald_text text;
  struct evald_ruleset *known = NULL;
  if (ctl_rulesets(ctl, NULL) == EVALD_OK)
    known = ruleset_set_by_digest(ctl->rulesets, digest);
  if (known) *out = evald_ruleset_ref(known);
  if (known) return EVALD_OK;
  evald_digest_print(digest, hex);
  enum evald_status status =
      untold(store_get(ctl->store, STORE_KEY_RULESETS, NULL, evald_text_of(hex),
                       &text, fault),
             fault);
  if (status == EVALD_NOT_FOUND)
    return evald_fault_set(fault, status, NULL,
                           _("the ruleset %s is neither in the folder nor in "
                             "Redis"),
                           hex);
  if (status == EVALD_OK)
    status = evald_ruleset_load_text(text, hex, out, fault);
  return status;
}

static enum evald_status compute(struct ctl *ctl, struct wire_bytes bytes,
                                 struct stored *out,
                                 struct evald_fault *fault) {
  struct contribution contribution;
  struct wire_buffer again = {0};
  enum evald_status status =
      evald_evaluate(&out->form, out->ruleset, ctl->job, &out->verdict, fault);
  if (status != EVALD_OK) return status;
  out->verdict.job_id = out->result.head.job_id;
  out->verdict.revision = out->result.head.revision;
  status = core_contribution_of(&out->verdict, &contribution);
  if (status == EVALD_OK) {
    wire_stored_encode(&out->verdict, &contribution, &again);
    out->same = again.size == bytes.size &&
                memcmp(again.data, bytes.data, bytes.size) == 0;
  }
  wire_buffer_fini(&again);
  return status;
}

enum evald_status stored_read(struct ctl *ctl,
                              const struct store_shard_key *shard,
                              struct evald_text project, struct stored *out,
                              struct evald_fault *fault) {
  struct wire_bytes bytes = {0};
  *out = (struct stored){0};
  enum evald_status status = ctl_store(ctl, fault);
  if (status == EVALD_OK)
    status = read_result(ctl, shard, project, &bytes, out, fault);
  if (status == EVALD_OK)
    status = stored_form(ctl, shard, project, &out->form, fault);
  if (status == EVALD_OK)
    status = stored_ruleset(ctl, &out->result.head.ruleset_digest,
                            &out->ruleset, fault);
  if (status == EVALD_OK) status = compute(ctl, bytes, out, fault);
  return status;
}

void stored_fini(struct stored *stored) {
  evald_ruleset_unref(stored->ruleset);
}

int stored_show(struct ctl *ctl, bool traced) {
  struct store_shard_key shard;
  struct stored stored;
  struct evald_fault fault = {0};
  if (!ctl_shard(ctl, &shard)) return CTL_USAGE;
  enum evald_status status = stored_read(
      ctl, &shard, evald_text_of(ctl->arguments[2]), &stored, &fault);
  int answer;
  if (status != EVALD_OK) {
    answer = ctl_fail(ctl, status, &fault);
  } else {
    view_verdict(ctl, &stored.verdict, traced);
    answer = score_answer(ctl, &stored.verdict);
  }
  if (status == EVALD_OK && !stored.same) {
    fputs(_("evalctl: the stored result differs from this one, which was "
            "computed again\n"),
          stderr);
    answer = CTL_REJECTED;
  }
  stored_fini(&stored);
  return answer;
}
