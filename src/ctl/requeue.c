/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/jobs.h"
#include "ctl/letters.h"
#include "ctl/submit.h"
#include <string.h>

/*
 * A letter leaves the list when its job was answered: acknowledged, or rejected
 * again, which put a new letter in its place. What the store refused for
 * another form of the same revision (conflict) stays: nobody else has it.
 * Killed in between, a letter is requeued once more at the next try, and the
 * job is answered `unchanged`.
 */

enum { ID_TEXT = 48 };

struct pending {
  struct pending *next;
  char id[ID_TEXT];
  uint64_t number; /* of the submission; 0: not sent */
};

struct requeue {
  struct ctl *ctl;
  const struct letters_choice *choice;
  struct submission *submission;
  struct pending *first, **end;
  struct pending *sent; /* the last one looked for: answers come in order */
  struct wire_buffer frame;
  size_t removed, kept;
  int worst;
};

static void note(struct requeue *all, int answer) {
  if (answer > all->worst) all->worst = answer;
}

static void skip(struct requeue *all, const char *id, const char *why) {
  fprintf(stderr, "evalctl rejects: %s: %s\n", id, why);
  all->kept++;
  note(all, CTL_REJECTED);
}

static struct pending *add(struct requeue *all, struct evald_text id) {
  struct pending *one = evald_arena_take(all->ctl->arena, sizeof *one);
  if (!one) return NULL;
  snprintf(one->id, sizeof one->id, "%.*s", (int)id.size, id.data);
  *all->end = one;
  all->end = &one->next;
  return one;
}

/* ---- answered ---- */

static struct pending *pending_of(struct requeue *all, uint64_t number) {
  struct pending *from = all->sent ? all->sent->next : all->first;
  for (int round = 0; round < 2; round++, from = all->first)
    for (struct pending *one = from; one; one = one->next)
      if (one->number == number) return all->sent = one;
  return NULL;
}

static void told(void *context, const struct evald_answer *answer,
                 enum wire_outcome outcome) {
  struct requeue *all = context;
  struct evald_fault fault = {0};
  struct pending *one = pending_of(all, answer->number);
  if (!one) return;
  if (outcome == WIRE_OUTCOME_CONFLICT) {
    skip(all, one->id,
         _("stays: another form of this revision is stored; give it a higher "
           "revision"));
    return;
  }
  enum evald_status status =
      store_reject_remove(all->ctl->store, evald_text_of(one->id), &fault);
  if (status == EVALD_OK)
    all->removed++;
  else if (status != EVALD_NOT_FOUND)
    note(all, ctl_fail(all->ctl, status, &fault));
}

/* ---- the letters as they are ---- */

static enum evald_status list(void *context, const struct letter *letter) {
  return add(context, letter->id) ? EVALD_OK : EVALD_MEMORY;
}

static enum evald_status copy_frame(void *context,
                                    const struct letter *letter) {
  struct requeue *all = context;
  if (letter_is_cut(letter)) return EVALD_LIMIT;
  wire_buffer_reset(&all->frame);
  wire_put_raw(&all->frame, letter->reject->frame.data,
               letter->reject->frame.size);
  return wire_buffer_done(&all->frame);
}

static int send_again(struct requeue *all, struct pending *one) {
  struct evald_fault fault = {0};
  enum evald_status status =
      letters_get(all->ctl, one->id, copy_frame, all, &fault);
  if (status == EVALD_LIMIT) {
    skip(all, one->id,
         _("only its beginning was kept: its source must send it again"));
    return CTL_REJECTED;
  }
  if (status == EVALD_NOT_FOUND) return CTL_FINE; /* evicted meanwhile */
  if (status != EVALD_OK) return ctl_fail(all->ctl, status, &fault);
  return submission_send(all->submission, wire_buffer_bytes(&all->frame),
                         &one->number);
}

static int feed_letters(struct requeue *all) {
  struct evald_fault fault = {0};
  const char *id = all->ctl->options.requeue;
  enum evald_status status =
      strcmp(id, "all") == 0
          ? letters_walk(all->ctl, all->choice, list, all, &fault)
          : letters_get(all->ctl, id, list, all, &fault);
  if (status != EVALD_OK) return ctl_fail(all->ctl, status, &fault);
  for (struct pending *one = all->first; one && all->worst < CTL_USAGE;
       one = one->next)
    note(all, send_again(all, one));
  return all->worst;
}

/* ---- corrected jobs in their place ---- */

static int send_corrected(struct ctl *ctl, const struct ctl_job *job,
                          void *context) {
  struct requeue *all = context;
  struct evald_text id = {0};
  bool one = strcmp(ctl->options.requeue, "all") != 0;
  if (job->rejected) {
    jobs_print_reject(ctl, job);
    all->kept++;
    return CTL_REJECTED;
  }
  wire_buffer_reset(&all->frame);
  if (!letter_label(job->frame, (struct evald_text){0}, &all->frame, &id))
    return CTL_REJECTED;
  if (!id.data && one) id = evald_text_of(ctl->options.requeue);
  if (one && !evald_text_equal(id, evald_text_of(ctl->options.requeue)))
    return CTL_FINE; /* of another letter */
  if (!id.data || id.size >= ID_TEXT) {
    fprintf(stderr,
            _("%s: job %zu does not say by %s which rejected job it "
              "corrects\n"),
            job->file, job->number, LETTER_KEY);
    return CTL_REJECTED;
  }
  struct pending *pending = add(all, id);
  if (!pending) return CTL_REJECTED;
  return submission_send(all->submission, wire_buffer_bytes(&all->frame),
                         &pending->number);
}

static int feed_file(struct requeue *all) {
  struct ctl *ctl = all->ctl;
  char *files[] = {NULL, NULL};
  char **arguments = ctl->arguments;
  int count = ctl->argument_count;
  files[0] = evald_arena_take(ctl->arena, strlen(ctl->options.with) + 1);
  if (!files[0]) return CTL_REJECTED;
  memcpy(files[0], ctl->options.with, strlen(ctl->options.with) + 1);
  ctl->arguments = files;
  ctl->argument_count = 1;
  int answer = jobs_read(ctl, send_corrected, all);
  ctl->arguments = arguments;
  ctl->argument_count = count;
  return answer;
}

static int feed(struct submission *submission, void *context) {
  struct requeue *all = context;
  all->submission = submission;
  return all->ctl->options.with ? feed_file(all) : feed_letters(all);
}

int requeue(struct ctl *ctl, const struct letters_choice *choice,
            int64_t wait_ms) {
  struct requeue all = {.ctl = ctl, .choice = choice};
  const struct submission_feed how = {
      feed, told, &all,
      _("What has no answer stays among the rejected jobs: requeue it "
        "again.\n")};
  struct evald_fault fault = {0};
  all.end = &all.first;
  enum evald_status status = ctl_store(ctl, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  note(&all, submission_run(ctl, wait_ms, &how));
  wire_buffer_fini(&all.frame);
  if (!ctl->json)
    printf(_("%zu taken out of the rejected jobs, %zu stay\n"), all.removed,
           all.kept);
  return all.worst;
}
