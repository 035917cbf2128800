/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_STORED_H
#define CTL_STORED_H

/*
 * A stored result, computed again: from the stored form and the ruleset of the
 * stored digest (that of the folder, else the text kept in Redis). What comes
 * out must have the bytes that are stored; then its trace and its sentences are
 * those of what is stored.
 */

#include "ctl/ctl.h"
#include "wire/verdict_codec.h"

struct stored {
  struct wire_stored result;
  struct evald_form form;
  struct evald_ruleset *ruleset; /* a reference */
  struct evald_verdict verdict;
  bool same; /* the verdict has the bytes of the stored result */
};

/* The form in the bytes that a store keeps of it; texts point into them,
 * indicators lie in ctl->job. The only reader of stored forms in evalctl. */
enum evald_status stored_form_decode(struct ctl *ctl, struct evald_text bytes,
                                     struct evald_form *out,
                                     struct evald_fault *fault);

/* The same of a project; all of it lives in ctl->job. EVALD_NOT_FOUND. */
enum evald_status stored_form(struct ctl *ctl,
                              const struct store_shard_key *shard,
                              struct evald_text project, struct evald_form *out,
                              struct evald_fault *fault);

/* The ruleset of a digest: of the folder, else that kept in Redis. The caller
 * owns a reference. EVALD_NOT_FOUND. */
enum evald_status stored_ruleset(struct ctl *ctl,
                                 const struct evald_digest *digest,
                                 struct evald_ruleset **out,
                                 struct evald_fault *fault);

/* Everything lives in ctl->job. EVALD_NOT_FOUND where there is no result, or
 * it was withdrawn, or its form is not kept: the fault says which. Undone by
 * stored_fini. */
enum evald_status stored_read(struct ctl *ctl,
                              const struct store_shard_key *shard,
                              struct evald_text project, struct stored *out,
                              struct evald_fault *fault);
void stored_fini(struct stored *stored);

/* Shows the result that arguments 0 to 2 name, as view_verdict does; says
 * aloud where it is not the same. The exit status. */
int stored_show(struct ctl *ctl, bool traced);

#endif
