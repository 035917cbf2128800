/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "bus/socket.h"
#include "ctl/clock.h"
#include "ctl/jobs.h"
#include "ctl/submit.h"
#include <unistd.h>

struct submission {
  struct bus_context *context;
  struct bus_socket *door;
  int64_t wait_ms;
  size_t sent;
  size_t kept; /* rejected here, not sent */
  bool away;
};

static void progress(const struct submission *submission, bool last) {
  if (!isatty(STDERR_FILENO) || (submission->sent % 1000 != 0 && !last)) return;
  fputc('\r', stderr);
  fprintf(stderr, _("%zu jobs sent"), submission->sent);
  if (last) fputc('\n', stderr);
}

static int each(struct ctl *ctl, const struct ctl_job *job, void *context) {
  struct submission *submission = context;
  if (submission->away) return CTL_AWAY;
  if (job->rejected && !(ctl->options.unchecked && job->frame.size > 0)) {
    jobs_print_reject(ctl, job);
    submission->kept++;
    return CTL_REJECTED;
  }
  enum evald_status status =
      bus_send(submission->door, job->frame.data, job->frame.size, BUS_LAST,
               (int)submission->wait_ms);
  if (status != EVALD_OK) {
    submission->away = true;
    fprintf(stderr, _("evalctl: nobody takes jobs at %s\n"),
            ctl->settings.jobs);
    return CTL_AWAY;
  }
  submission->sent++;
  progress(submission, false);
  return CTL_FINE;
}

static enum evald_status open_door(struct ctl *ctl,
                                   struct submission *submission,
                                   struct evald_fault *fault) {
  const struct bus_options options = {.linger_ms = (int)submission->wait_ms,
                                      .connected_only = true};
  submission->context = bus_context_new(1);
  if (!submission->context)
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "%s", _("no memory"));
  enum evald_status status = bus_socket_open(
      submission->context, BUS_PUSH, &options, &submission->door, fault);
  if (status != EVALD_OK) return status;
  return bus_socket_connect(submission->door, ctl->settings.jobs, fault);
}

/* Closing waits for what is queued, for at most wait_ms. Answers whether all
 * of it went out. */
static bool close_door(struct submission *submission) {
  int64_t begun = clock_ms();
  if (submission->door) bus_socket_close(submission->door);
  if (submission->context) bus_context_free(submission->context);
  return clock_ms() - begun < submission->wait_ms;
}

static void report(struct ctl *ctl, const struct submission *submission) {
  struct wire_buffer value = {0};
  if (!ctl->json) {
    printf(P_("%zu job was handed over at %s.\n",
              "%zu jobs were handed over at %s.\n", submission->sent),
           submission->sent, ctl->settings.jobs);
    fputs(_("This door answers nothing: a job that is rejected, or lost when "
            "the daemon dies,\nis not told here. evalctl watch, list and "
            "rejects show what became of each.\n"),
          stdout);
    return;
  }
  wire_put_map(&value, 4);
  wire_put_string(&value, "kind");
  wire_put_string(&value, "submitted");
  wire_put_string(&value, "sent");
  wire_put_uint(&value, submission->sent);
  wire_put_string(&value, "rejected");
  wire_put_uint(&value, submission->kept);
  wire_put_string(&value, "door");
  wire_put_string(&value, ctl->settings.jobs);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

static int submit(struct ctl *ctl, struct submission *submission) {
  struct evald_fault fault = {0};
  enum evald_status status = open_door(ctl, submission, &fault);
  int answer = status == EVALD_OK ? jobs_read(ctl, each, submission)
                                  : ctl_fail(ctl, status, &fault);
  progress(submission, true);
  if (!close_door(submission) && submission->sent > 0) {
    fprintf(stderr,
            _("evalctl: the daemon at %s did not take everything in time: some "
              "of the jobs may be lost; send the file again, what is stored "
              "already stays as it is\n"),
            ctl->settings.jobs);
    answer = CTL_AWAY;
  }
  return answer;
}

int submit_push(struct ctl *ctl, int64_t wait_ms) {
  struct submission submission = {.wait_ms = wait_ms};
  int answer = submit(ctl, &submission);
  if (!submission.away) report(ctl, &submission);
  return answer;
}
