/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/jobs.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "ctl/input.h"
#include "wire/json.h"
#include <string.h>

struct reading {
  struct ctl *ctl;
  jobs_each each;
  void *context;
  const char *file;
  size_t number;
  struct wire_buffer frame;
  int worst;
};

static void note(struct reading *reading, int answer) {
  if (answer > reading->worst) reading->worst = answer;
}

static void give(struct reading *reading, const struct wire_job *job,
                 const struct wire_rejects *rejects) {
  struct ctl_job item = {reading->file,
                         reading->number,
                         job,
                         wire_buffer_bytes(&reading->frame),
                         rejects->count > 0,
                         rejects};
  note(reading, reading->each(reading->ctl, &item, reading->context));
}

static void read_json(struct reading *reading, struct evald_text json) {
  struct wire_rejects rejects;
  struct wire_job job = {0};
  wire_rejects_init(&rejects);
  wire_buffer_reset(&reading->frame);
  evald_arena_reset(reading->ctl->job);
  reading->number++;
  enum evald_status status = wire_json_to_msgpack(json, &wire_limits_default,
                                                  &reading->frame, &rejects);
  if (status == EVALD_OK)
    (void)wire_job_decode(wire_buffer_bytes(&reading->frame),
                          &wire_limits_default, reading->ctl->job, &job,
                          &rejects);
  give(reading, &job, &rejects);
}

void jobs_derived_code(const struct evald_form *form, char out[DERIVED_CODE]) {
  char name[1024], hex[EVALD_DIGEST_HEX];
  int length = snprintf(name, sizeof name, "%.*s\n%.*s",
                        (int)form->dept_name.size, form->dept_name.data,
                        (int)form->pro_name.size, form->pro_name.data);
  size_t size = (size_t)length < sizeof name ? (size_t)length : sizeof name - 1;
  struct evald_digest digest = digest_of(name, size);
  evald_digest_print(&digest, hex);
  snprintf(out, DERIVED_CODE, "NAME-%u-%.12s", form->fiscal_year, hex);
}

/* The job of a published form. */
static void read_form(struct reading *reading, const struct evald_form *form) {
  struct wire_rejects rejects;
  char code[DERIVED_CODE];
  jobs_derived_code(form, code);
  struct wire_job job = {.version = WIRE_JOB_VERSION,
                         .kind = WIRE_KIND_EVALUATE,
                         .job_id = evald_text_of(code),
                         .source = EVALD_TEXT("import"),
                         .revision = 1,
                         .form = *form};
  const char *division = reading->ctl->options.division;
  job.form.mof_div_code = evald_text_of(division ? division : "000000000");
  job.form.pro_code = evald_text_of(code);
  wire_rejects_init(&rejects);
  wire_buffer_reset(&reading->frame);
  wire_job_encode(&job, &reading->frame);
  give(reading, &job, &rejects);
}

static void tell(struct reading *reading, const struct import_problem *problems,
                 size_t count) {
  char text[1024];
  for (size_t i = 0; i < count; i++) {
    import_problem_print(&problems[i], reading->ctl->chinese, text,
                         sizeof text);
    fprintf(stderr, "%s: %s\n", reading->file, output_tame(text));
  }
}

static void read_published_form(struct reading *reading,
                                const struct import_form *form) {
  reading->number++;
  tell(reading, form->problems, form->problem_count);
  if (form->whole) {
    read_form(reading, &form->form);
    return;
  }
  fprintf(stderr,
          _("%s: the form in lines %u to %u could not be read whole and is "
            "left out\n"),
          reading->file, form->first_line, form->last_line);
  note(reading, CTL_REJECTED);
}

/* Whose rules apply to a form that does not print its division? */
static bool division_said(struct reading *reading) {
  const struct options *options = &reading->ctl->options;
  if (options->division && strlen(options->division) == 9 &&
      strspn(options->division, "0123456789") == 9)
    return true;
  if (options->ruleset && !options->division) return true;
  note(reading,
       ctl_usage(reading->ctl,
                 _("%s is a published form, which does not print its division "
                   "code: say it with --division 310113000"),
                 reading->file));
  return false;
}

static void read_published(struct reading *reading, struct evald_text text) {
  struct evald_fault fault = {0};
  struct import_result result;
  struct evald_arena *arena = reading->ctl->arena;
  enum evald_status status = import_published(text, arena, &result, &fault);
  if (status != EVALD_OK) {
    fprintf(stderr, "%s: ", reading->file);
    note(reading, ctl_fail(reading->ctl, status, &fault));
    return;
  }
  if (result.form_count == 0) { /* not which lines of it are none */
    fprintf(stderr, _("%s: neither a job nor a published form\n"),
            reading->file);
    note(reading, CTL_REJECTED);
    return;
  }
  if (!division_said(reading)) return;
  tell(reading, result.outside, result.outside_count);
  for (size_t i = 0; i < result.form_count; i++) {
    evald_arena_reset(reading->ctl->job);
    read_published_form(reading, &result.forms[i]);
  }
}

static void read_one(struct reading *reading) {
  struct evald_fault fault = {0};
  struct wire_buffer bytes = {0};
  enum input_kind kind;
  struct evald_text piece;
  enum evald_status status = input_read(reading->file, &bytes, &kind, &fault);
  struct evald_text rest = {(const char *)bytes.data, bytes.size};
  reading->number = 0;
  if (status != EVALD_OK)
    note(reading, ctl_fail(reading->ctl, status, &fault));
  else if (kind == INPUT_JOBS)
    while (input_next(&rest, &piece))
      read_json(reading, piece);
  else
    read_published(reading, rest);
  wire_buffer_fini(&bytes);
}

int jobs_read(struct ctl *ctl, jobs_each each, void *context) {
  struct reading reading = {.ctl = ctl, .each = each, .context = context};
  for (int i = 0; i < ctl->argument_count; i++) {
    reading.file = ctl->arguments[i];
    read_one(&reading);
  }
  wire_buffer_fini(&reading.frame);
  return reading.worst;
}

static void print_reject_json(struct ctl *ctl, const struct ctl_job *job) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 5);
  wire_put_string(&value, "kind");
  wire_put_string(&value, "reject");
  wire_put_string(&value, "file");
  wire_put_string(&value, job->file);
  wire_put_string(&value, "number");
  wire_put_uint(&value, job->number);
  wire_put_string(&value, "job_id");
  wire_put_text(&value, job->job->job_id);
  wire_put_string(&value, "problems");
  wire_rejects_encode(job->rejects, &value);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

void jobs_print_reject(struct ctl *ctl, const struct ctl_job *job) {
  if (ctl->json) {
    print_reject_json(ctl, job);
    return;
  }
  fprintf(stderr, _("%s: job %zu is rejected:\n"), job->file, job->number);
  for (size_t i = 0; i < job->rejects->count; i++) {
    char text[WIRE_SENTENCE];
    wire_problem_sentence(&job->rejects->items[i], ctl->chinese, text,
                          sizeof text);
    fprintf(stderr, "  %s\n", text);
  }
  if (job->rejects->more > 0)
    fprintf(stderr, _("  and %zu more\n"), job->rejects->more);
}
