/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_LETTERS_H
#define CTL_LETTERS_H

/*
 * The dead letters, as `evalctl rejects` chooses, shows, exports and requeues
 * them.
 */

#include "ctl/ctl.h"
#include "wire/reject.h"

struct letter {
  struct evald_text id;
  const struct store_reject *reject;
  struct wire_rejects problems; /* none where they cannot be read */
};

typedef enum evald_status (*letters_each)(void *context,
                                          const struct letter *letter);

/* Which are meant: --source, --code, --since and --count. False after what is
 * wrong with them was told to the user. */
struct letters_choice {
  struct evald_text source; /* absent: any */
  enum wire_reject code;    /* WIRE_REJECT_COUNT: any */
  int64_t since_ms, most;
};
bool letters_choose(const struct ctl *ctl, struct letters_choice *out);

/* The chosen ones, oldest first; `each` must not use the store. */
enum evald_status letters_walk(struct ctl *ctl,
                               const struct letters_choice *choice,
                               letters_each each, void *context,
                               struct evald_fault *fault);
/* One. EVALD_NOT_FOUND. */
enum evald_status letters_get(struct ctl *ctl, const char *id,
                              letters_each each, void *context,
                              struct evald_fault *fault);

/* In short, for a list; and with its bytes. */
void letter_list(struct ctl *ctl, const struct letter *letter);
void letter_show(struct ctl *ctl, const struct letter *letter);

/* The key by which an exported job names its letter. */
#define LETTER_KEY "x_rejects_id"

/* Appends the job with that key set to `id`, or without it where `id` is
 * absent; what it was is put into `was` (may be NULL). False where the bytes
 * are no map. */
bool letter_label(struct wire_bytes frame, struct evald_text id,
                  struct wire_buffer *out, struct evald_text *was);

/* Whether only the beginning of the job was kept. */
static inline bool letter_is_cut(const struct letter *letter) {
  return letter->reject->size > (int64_t)letter->reject->frame.size;
}

/* --requeue: submits letters again, or the jobs of --with in their place, and
 * takes those that were answered out of the list. An exit status. */
int requeue(struct ctl *ctl, const struct letters_choice *choice,
            int64_t wait_ms);

#endif
