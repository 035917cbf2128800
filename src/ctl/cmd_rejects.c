/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/letters.h"
#include "wire/json.h"

struct view {
  struct ctl *ctl;
  struct wire_buffer line;
  size_t shown, unfit; /* of an export: those that are no JSON */
};

static enum evald_status list(void *context, const struct letter *letter) {
  struct view *view = context;
  view->shown++;
  letter_list(view->ctl, letter);
  return EVALD_OK;
}

static enum evald_status show(void *context, const struct letter *letter) {
  struct view *view = context;
  letter_show(view->ctl, letter);
  return EVALD_OK;
}

/* What is not msgpack, or not all there, nobody can correct as JSON. */
static enum evald_status export(void *context, const struct letter *letter) {
  struct view *view = context;
  const struct evald_text frame = letter->reject->frame;
  struct wire_buffer job = {0}, json = {0};
  struct wire_bytes bytes = {(const uint8_t *)frame.data, frame.size};
  bool fine = !letter_is_cut(letter) &&
              letter_label(bytes, letter->id, &job, NULL) &&
              wire_msgpack_to_json(wire_buffer_bytes(&job), &json) == EVALD_OK;
  if (fine) ctl_json_line(view->ctl, &job);
  else fprintf(stderr,
               _("evalctl rejects: %.*s cannot be written as JSON; evalctl "
                 "rejects %.*s shows its bytes\n"),
               (int)letter->id.size, letter->id.data, (int)letter->id.size,
               letter->id.data);
  view->unfit += !fine;
  wire_buffer_fini(&job);
  wire_buffer_fini(&json);
  return EVALD_OK;
}

static int list_all(struct ctl *ctl, const struct letters_choice *choice) {
  struct view view = {.ctl = ctl};
  struct evald_fault fault = {0};
  int64_t evicted = 0;
  enum evald_status status = letters_walk(ctl, choice, list, &view, &fault);
  if (status == EVALD_OK)
    status = store_rejects_evicted(ctl->store, &evicted, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  if (!ctl->json)
    printf(_("%lld rejected jobs; %lld more were dropped for want of room\n"),
           (long long)view.shown, (long long)evicted);
  return CTL_FINE;
}

static int export_all(struct ctl *ctl, const struct letters_choice *choice) {
  struct view view = {.ctl = ctl};
  struct evald_fault fault = {0};
  enum evald_status status =
      ctl->argument_count == 1
          ? letters_get(ctl, ctl->arguments[0], export, &view, &fault)
          : letters_walk(ctl, choice, export, &view, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  return view.unfit > 0 ? CTL_REJECTED : CTL_FINE;
}

static int show_one(struct ctl *ctl) {
  struct view view = {.ctl = ctl};
  struct evald_fault fault = {0};
  enum evald_status status =
      letters_get(ctl, ctl->arguments[0], show, &view, &fault);
  return status == EVALD_OK ? CTL_FINE : ctl_fail(ctl, status, &fault);
}

int cmd_rejects(struct ctl *ctl) {
  const struct options *options = &ctl->options;
  struct letters_choice choice;
  int64_t seconds = 30;
  if (!letters_choose(ctl, &choice) ||
      !option_number("wait", options->wait, 1, 86400, &seconds))
    return CTL_USAGE;
  if (options->with && !options->requeue)
    return ctl_usage(ctl, "%s", _("--with goes with --requeue"));
  if (options->requeue && (ctl->argument_count > 0 || options->export))
    return ctl_usage(ctl, "%s",
                     _("--requeue takes the id itself, and stands alone"));
  if (options->requeue) return requeue(ctl, &choice, seconds * 1000);
  if (options->export) return export_all(ctl, &choice);
  return ctl->argument_count == 1 ? show_one(ctl) : list_all(ctl, &choice);
}
