/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/clock.h"
#include "ctl/jobs.h"
#include "ctl/submit.h"
#include "wire/answer_codec.h"
#include "wire/reject.h"
#include <string.h>
#include <unistd.h>

/* Jobs held here at most: a file may have millions. */
enum { HELD_MAX = 8192, PROGRESS_MS = 200 };

struct submission {
  struct ctl *ctl;
  struct evald_producer *producer;
  const struct submission_feed *feed;
  struct evald_fault fault;
  int64_t wait_ms, progress_ms, shown_ms;
  uint64_t sent, answered;
  uint64_t outcomes[WIRE_OUTCOME_COUNT];
  uint64_t unsent; /* not taken on: it had given up, or they were no jobs */
  size_t kept;     /* rejected here, not sent */
  bool gave_up;
  int worst;
};

static void note(struct submission *submission, int answer) {
  if (answer > submission->worst) submission->worst = answer;
}

/* Nobody is there yet, or nobody answers any more: for how long it waits. */
static void print_waiting(const struct submission *submission, int64_t now) {
  int64_t left = submission->wait_ms - (now - submission->progress_ms);
  fprintf(stderr, _("waiting for evald at %s, for %lld s at most; %llu jobs"),
          submission->ctl->settings.submit,
          (long long)(left > 0 ? (left + 999) / 1000 : 0),
          (unsigned long long)(submission->sent - submission->answered));
}

static void progress(struct submission *submission, bool last) {
  enum { SILENT_MS = 1000 };
  struct evald_producer_state state;
  int64_t now = clock_ms();
  if (!isatty(STDERR_FILENO) || submission->ctl->json) return;
  if (!last && now - submission->shown_ms < PROGRESS_MS) return;
  submission->shown_ms = now;
  evald_producer_look(submission->producer, &state);
  fputs("\r\033[K", stderr);
  if (!last &&
      (state.connections == 0 || now - submission->progress_ms >= SILENT_MS))
    print_waiting(submission, now);
  else
    fprintf(stderr, _("%llu of %llu jobs answered"),
            (unsigned long long)submission->answered,
            (unsigned long long)submission->sent);
  if (last) fputc('\n', stderr);
}

/* An answer in the reader's language where the code is known to it. */
static void print_problem(const struct ctl *ctl,
                          const struct evald_problem *problem) {
  enum wire_reject code = wire_reject_named(problem->code);
  bool own = ctl->chinese || code == WIRE_REJECT_COUNT;
  const char *text = wire_reject_text(code, ctl->chinese);
  fprintf(stderr, "  %.*s%s%.*s\n", (int)problem->key.size, problem->key.data,
          problem->key.size && !own ? ": " : "",
          own ? (int)problem->text.size : (int)strlen(text),
          own ? problem->text.data : text);
}

static void print_refusal(const struct ctl *ctl,
                          const struct evald_answer *answer,
                          enum wire_outcome outcome) {
  const char *text = wire_outcome_text(outcome, ctl->chinese);
  fprintf(stderr, "%.*s: %s\n", (int)answer->job_id.size, answer->job_id.data,
          text);
  for (size_t i = 0; i < answer->problem_count; i++)
    print_problem(ctl, &answer->problems[i]);
}

static void put_key(struct wire_buffer *out, const char *key,
                    struct evald_text text) {
  wire_put_string(out, key);
  wire_put_text(out, text);
}

static void put_problems(struct wire_buffer *out,
                         const struct evald_answer *answer) {
  wire_put_string(out, "problems");
  wire_put_array(out, answer->problem_count);
  for (size_t i = 0; i < answer->problem_count; i++) {
    const struct evald_problem *problem = &answer->problems[i];
    wire_put_map(out, 4);
    put_key(out, "code", problem->code);
    put_key(out, "key", problem->key);
    wire_put_string(out, "offset");
    wire_put_uint(out, problem->offset);
    put_key(out, "text", problem->text);
  }
}

static void print_json(struct ctl *ctl, const struct evald_answer *answer) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 14);
  put_key(&value, "kind", EVALD_TEXT("answer"));
  put_key(&value, "job_id", answer->job_id);
  put_key(&value, "outcome", answer->outcome);
  put_key(&value, "mof_div_code", answer->mof_div_code);
  wire_put_string(&value, "fiscal_year");
  wire_put_int(&value, answer->fiscal_year);
  put_key(&value, "pro_code", answer->pro_code);
  wire_put_string(&value, "revision");
  wire_put_int(&value, answer->revision);
  wire_put_string(&value, "epoch");
  wire_put_uint(&value, answer->epoch);
  wire_put_string(&value, "seq");
  wire_put_uint(&value, answer->seq);
  put_key(&value, "total", answer->total);
  put_key(&value, "grade", answer->grade);
  put_key(&value, "form_digest", answer->form_digest);
  put_key(&value, "rejects_id", answer->rejects_id);
  put_problems(&value, answer);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

static void tell(void *context, const struct evald_answer *answer) {
  struct submission *submission = context;
  enum wire_outcome outcome = wire_outcome_named(answer->outcome);
  bool refused = answer->kind == EVALD_ANSWER_NACK ||
                 outcome == WIRE_OUTCOME_CONFLICT ||
                 outcome == WIRE_OUTCOME_NOT_FOUND;
  submission->answered++;
  submission->progress_ms = clock_ms();
  if (outcome < WIRE_OUTCOME_COUNT) submission->outcomes[outcome]++;
  if (refused) note(submission, CTL_REJECTED);
  if (submission->ctl->json)
    print_json(submission->ctl, answer);
  else if (refused)
    print_refusal(submission->ctl, answer, outcome);
  if (submission->feed->told)
    submission->feed->told(submission->feed->context, answer, outcome);
}

static enum evald_status open_producer(struct submission *submission) {
  struct ctl *ctl = submission->ctl;
  struct evald_producer_state state;
  const struct evald_producer_options options = {.endpoint =
                                                     ctl->settings.submit,
                                                 .source = "evalctl",
                                                 .outbox = ctl->options.outbox,
                                                 .tell = tell,
                                                 .context = submission};
  enum evald_status status =
      evald_producer_open(&options, &submission->producer, &submission->fault);
  if (status != EVALD_OK) return status;
  evald_producer_look(submission->producer, &state);
  submission->sent = state.taken_over;
  if (state.taken_over > 0)
    fprintf(stderr,
            P_("%llu job without an answer was in the outbox\n",
               "%llu jobs without an answer were in the outbox\n",
               state.taken_over),
            (unsigned long long)state.taken_over);
  return EVALD_OK;
}

/* Until at most `most` jobs have no answer. EVALD_AWAY where nothing was
 * answered for too long: the time in which files were read does not count. */
static enum evald_status work(struct submission *submission, uint64_t most) {
  struct evald_producer_state state;
  enum evald_status status = EVALD_OK;
  evald_producer_look(submission->producer, &state);
  if (state.unanswered > most) submission->progress_ms = clock_ms();
  for (;;) {
    progress(submission, false);
    evald_producer_look(submission->producer, &state);
    if (state.unanswered <= most) return EVALD_OK;
    if (clock_ms() - submission->progress_ms >= submission->wait_ms)
      return EVALD_AWAY;
    status = evald_producer_poll(submission->producer, PROGRESS_MS,
                                 &submission->fault);
    if (status != EVALD_OK && status != EVALD_TIMEOUT) return status;
  }
}

static int fail(struct submission *submission, enum evald_status status) {
  struct evald_producer_state state = {0};
  const struct ctl *ctl = submission->ctl;
  submission->gave_up = true;
  if (status != EVALD_AWAY) return ctl_fail(ctl, status, &submission->fault);
  evald_producer_look(submission->producer, &state);
  fprintf(
      stderr,
      state.connections > 0
          ? _("evalctl: the daemon at %s left %llu jobs without an answer\n")
          : _("evalctl: nobody answers at %s; %llu jobs have no answer\n"),
      ctl->settings.submit, (unsigned long long)state.unanswered);
  if (state.retry_reason[0])
    fprintf(stderr, _("evalctl: it says: %s (%s)\n"),
            wire_retry_text(state.retry_reason, ctl->chinese),
            state.retry_reason);
  return CTL_AWAY;
}

/* What to do about the jobs that have no answer. */
static void advise(const struct submission *submission) {
  bool outbox = submission->ctl->options.outbox != NULL;
  if (submission->feed->again)
    fputs(submission->feed->again, stderr);
  else if (outbox && submission->unsent == 0)
    fputs(_("They are in the outbox: submit with it again.\n"), stderr);
  else if (outbox)
    fputs(_("Those that were sent are in the outbox, the others are not: "
            "submit the files again with it; what is stored stays as it is.\n"),
          stderr);
  else
    fputs(_("Send the files again: what is stored stays as it is.\n"), stderr);
}

int submission_send(struct submission *submission, struct wire_bytes frame,
                    uint64_t *number) {
  enum evald_status status = EVALD_OK;
  if (submission->gave_up) {
    submission->unsent++;
    return submission->worst;
  }
  status = work(submission, HELD_MAX);
  if (status == EVALD_OK)
    status = evald_producer_submit(submission->producer, frame.data, frame.size,
                                   number, &submission->fault);
  if (status != EVALD_OK) {
    submission->unsent++;
    note(submission, fail(submission, status));
    return submission->worst;
  }
  submission->sent++;
  return CTL_FINE;
}

static void report_json(struct submission *submission) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 7);
  put_key(&value, "kind", EVALD_TEXT("submitted"));
  wire_put_string(&value, "sent");
  wire_put_uint(&value, submission->sent);
  wire_put_string(&value, "answered");
  wire_put_uint(&value, submission->answered);
  wire_put_string(&value, "rejected");
  wire_put_uint(&value,
                submission->kept + submission->outcomes[WIRE_OUTCOME_REJECTED]);
  wire_put_string(&value, "unanswered");
  wire_put_uint(&value, submission->sent - submission->answered);
  wire_put_string(&value, "unsent");
  wire_put_uint(&value, submission->unsent);
  wire_put_string(&value, "outcomes");
  wire_put_map(&value, WIRE_OUTCOME_COUNT);
  for (size_t i = 0; i < WIRE_OUTCOME_COUNT; i++) {
    wire_put_string(&value, wire_outcome_name((enum wire_outcome)i));
    wire_put_uint(&value, submission->outcomes[i]);
  }
  ctl_json_line(submission->ctl, &value);
  wire_buffer_fini(&value);
}

static void report(struct submission *submission) {
  struct evald_producer_state state;
  evald_producer_look(submission->producer, &state);
  printf(P_("%llu job answered by %s, durability %s:\n",
            "%llu jobs answered by %s, durability %s:\n", submission->answered),
         (unsigned long long)submission->answered,
         submission->ctl->settings.submit,
         state.durability[0] ? state.durability : "-");
  for (size_t i = 0; i < WIRE_OUTCOME_COUNT; i++)
    if (submission->outcomes[i] > 0)
      printf("  %8llu  %s\n", (unsigned long long)submission->outcomes[i],
             wire_outcome_text((enum wire_outcome)i, submission->ctl->chinese));
  if (submission->sent > submission->answered)
    printf(_("  %8llu  sent, without an answer\n"),
           (unsigned long long)(submission->sent - submission->answered));
  if (submission->unsent > 0)
    printf(_("  %8llu  never sent\n"), (unsigned long long)submission->unsent);
  if (submission->kept > 0)
    printf(_("  %8zu  rejected here and not sent\n"), submission->kept);
}

int submission_run(struct ctl *ctl, int64_t wait_ms,
                   const struct submission_feed *feed) {
  struct submission submission = {
      .ctl = ctl, .feed = feed, .wait_ms = wait_ms, .progress_ms = clock_ms()};
  enum evald_status status = open_producer(&submission);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &submission.fault);
  note(&submission, feed->feed(&submission, feed->context));
  if (!submission.gave_up) {
    status = work(&submission, 0);
    if (status != EVALD_OK) note(&submission, fail(&submission, status));
  }
  progress(&submission, true);
  if (submission.gave_up) advise(&submission);
  if (ctl->json)
    report_json(&submission);
  else if (submission.answered > 0 || submission.gave_up)
    report(&submission);
  evald_producer_close(submission.producer);
  return submission.worst;
}

/* ---- jobs in files ---- */

static int send_job(struct ctl *ctl, const struct ctl_job *job, void *context) {
  struct submission *submission = context;
  if (job->rejected && !(ctl->options.unchecked && job->frame.size > 0)) {
    jobs_print_reject(ctl, job);
    submission->kept++;
    return CTL_REJECTED;
  }
  return submission_send(submission, job->frame, NULL);
}

static int feed_files(struct submission *submission, void *context) {
  return jobs_read(context, send_job, submission);
}

int submit_door(struct ctl *ctl, int64_t wait_ms) {
  const struct submission_feed feed = {feed_files, NULL, ctl, NULL};
  return submission_run(ctl, wait_ms, &feed);
}
