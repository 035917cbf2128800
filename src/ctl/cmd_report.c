/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/jobs.h"
#include "ctl/score.h"
#include "ctl/stored.h"
#include "ctl/view.h"
#include "report/report.h"
#include "wire/form_codec.h"
#include <string.h>
#include <unistd.h>

/* The verdicts of the page. A job's memory does not outlive the next job, so
 * each form is copied by its canonical bytes and evaluated where it stays. */
struct pile {
  struct ctl *ctl;
  const struct evald_verdict **items;
  struct evald_ruleset **rulesets; /* a reference for each */
  size_t count, room;
};

static bool make_room(struct pile *pile) {
  if (pile->count < pile->room) return true;
  struct evald_arena *arena = pile->ctl->arena;
  size_t room = pile->room ? pile->room * 2 : 64;
  const struct evald_verdict **items =
      evald_arena_take(arena, room * sizeof *items);
  struct evald_ruleset **rulesets =
      evald_arena_take(arena, room * sizeof(struct evald_ruleset *));
  if (!items || !rulesets) return false;
  if (pile->count > 0) {
    memcpy(items, pile->items, pile->count * sizeof *items);
    memcpy(rulesets, pile->rulesets,
           pile->count * sizeof(struct evald_ruleset *));
  }
  pile->items = items;
  pile->rulesets = rulesets;
  pile->room = room;
  return true;
}

static struct evald_form *copy_form(struct evald_arena *arena,
                                    const struct evald_form *form) {
  struct wire_buffer canonical = {0};
  struct evald_form *copy = evald_arena_take(arena, sizeof *copy);
  (void)wire_form_encode(form, &canonical);
  uint8_t *bytes = evald_arena_take(arena, canonical.size);
  if (bytes) memcpy(bytes, canonical.data, canonical.size);
  struct wire_bytes all = {bytes, canonical.size};
  bool fine = copy && bytes && wire_form_decode(all, arena, copy) == EVALD_OK;
  wire_buffer_fini(&canonical);
  return fine ? copy : NULL;
}

static enum evald_status keep(struct pile *pile, const struct evald_form *form,
                              struct evald_ruleset *ruleset,
                              struct evald_fault *fault) {
  struct evald_arena *arena = pile->ctl->arena;
  struct evald_verdict *verdict = evald_arena_take(arena, sizeof *verdict);
  struct evald_form *copy = copy_form(arena, form);
  if (!verdict || !copy || !make_room(pile))
    return evald_fault_set(fault, EVALD_MEMORY, NULL,
                           _("too many forms for one page"));
  enum evald_status status =
      evald_evaluate(copy, ruleset, arena, verdict, fault);
  if (status != EVALD_OK) return status;
  pile->items[pile->count] = verdict;
  pile->rulesets[pile->count++] = evald_ruleset_ref(ruleset);
  return EVALD_OK;
}

static int each_job(struct ctl *ctl, const struct ctl_job *job, void *context) {
  struct pile *pile = context;
  struct evald_ruleset *ruleset;
  struct evald_fault fault = {0};
  if (job->rejected) {
    jobs_print_reject(ctl, job);
    return CTL_REJECTED;
  }
  if (job->job->kind != WIRE_KIND_EVALUATE) return CTL_FINE;
  const struct evald_form *form = &job->job->form;
  enum evald_status status =
      ctl_choose(ctl, job->job->ruleset, form, &ruleset, &fault);
  if (status == EVALD_OK) status = keep(pile, form, ruleset, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  return score_answer(ctl, pile->items[pile->count - 1]);
}

static enum evald_status keep_stored(struct pile *pile,
                                     const struct store_shard_key *shard,
                                     const char *project,
                                     struct evald_fault *fault) {
  struct stored stored;
  struct ctl *ctl = pile->ctl;
  evald_arena_reset(ctl->job);
  enum evald_status status =
      stored_read(ctl, shard, evald_text_of(project), &stored, fault);
  if (status == EVALD_OK)
    status = keep(pile, &stored.form, stored.ruleset, fault);
  stored_fini(&stored);
  return status;
}

struct codes {
  struct codes *next;
  const char *project;
};

struct scan {
  struct evald_arena *arena;
  struct codes *first;
};

static enum evald_status each_result(void *context, struct evald_text field,
                                     struct evald_text value) {
  struct scan *scan = context;
  (void)value;
  for (struct codes *code = scan->first; code; code = code->next)
    if (evald_text_equal(field, evald_text_of(code->project))) return EVALD_OK;
  struct codes *code = evald_arena_take(scan->arena, sizeof *code);
  if (!code) return EVALD_MEMORY;
  *code = (struct codes){scan->first, output_copy(scan->arena, field)};
  scan->first = code;
  return EVALD_OK;
}

/* All forms of a division and year, or one of them. A project that was
 * withdrawn is none. */
static int read_stored(struct pile *pile) {
  struct ctl *ctl = pile->ctl;
  struct store_shard_key shard;
  struct evald_fault fault = {0};
  struct scan scan = {.arena = ctl->arena};
  struct codes one = {.project = NULL};
  if (!ctl_shard(ctl, &shard)) return CTL_USAGE;
  enum evald_status status = ctl_store(ctl, &fault);
  if (ctl->argument_count == 3) {
    one.project = ctl->arguments[2];
    scan.first = &one;
  } else if (status == EVALD_OK) {
    status = store_scan(ctl->store, STORE_KEY_RESULTS, &shard, each_result,
                        &scan, &fault);
  }
  for (struct codes *code = scan.first; code && status == EVALD_OK;
       code = code->next) {
    status = keep_stored(pile, &shard, code->project, &fault);
    if (status != EVALD_NOT_FOUND || one.project) continue;
    status = EVALD_OK;
    evald_fault_clear(&fault);
  }
  if (status == EVALD_OK && !scan.first) status = ctl_nothing(&shard, &fault);
  return status == EVALD_OK ? CTL_FINE : ctl_fail(ctl, status, &fault);
}

static int write_page(struct ctl *ctl, const struct report *report) {
  const char *path = ctl->options.output;
  FILE *file = path ? fopen(path, "wb") : stdout;
  bool fine =
      file && fwrite(report->data, 1, report->size, file) == report->size;
  if (file && (path ? fclose(file) : fflush(file)) != 0) fine = false;
  if (fine) return CTL_FINE;
  fprintf(stderr, _("evalctl report: %s cannot be written\n"),
          path ? path : _("standard output"));
  return CTL_REJECTED;
}

/* The same in a terminal: the sheet where there are several, then the forms. */
static int print_text(struct pile *pile, size_t detailed) {
  struct ctl *ctl = pile->ctl;
  if (!report_sort(pile->items, pile->count, pile->items))
    return ctl_fail(ctl, EVALD_MEMORY, NULL);
  if (pile->count > 1) view_sheet(ctl, pile->items, pile->count);
  for (size_t i = 0; i < pile->count && i < detailed; i++) {
    evald_arena_reset(ctl->job);
    view_form(ctl, pile->items[i]);
  }
  return CTL_FINE;
}

static int print(struct pile *pile, size_t detailed) {
  struct ctl *ctl = pile->ctl;
  struct report report;
  int answer = CTL_FINE;
  report_init(&report, ctl->chinese);
  enum evald_status status =
      report_page(&report, pile->items, pile->count, detailed);
  if (status != EVALD_OK)
    answer = ctl_fail(ctl, status, NULL);
  else
    answer = write_page(ctl, &report);
  report_fini(&report);
  if (answer == CTL_FINE && ctl->options.output)
    fprintf(stderr, P_("%zu form in %s\n", "%zu forms in %s\n", pile->count),
            pile->count, ctl->options.output);
  return answer;
}

static bool is_division(const char *word) {
  return strlen(word) == 9 && strspn(word, "0123456789") == 9;
}

int cmd_report(struct ctl *ctl) {
  struct pile pile = {.ctl = ctl};
  int64_t detailed = 1000;
  bool text =
      ctl->options.text || (!ctl->options.output && isatty(STDOUT_FILENO));
  if (text && ctl->options.output)
    return ctl_usage(ctl, "%s",
                     _("--output writes a page for a browser; leave it out "
                       "with --text"));
  if (!option_number("worst", ctl->options.worst, 0, INT32_MAX, &detailed))
    return CTL_USAGE;
  bool stored = ctl->argument_count >= 2 && ctl->argument_count <= 3 &&
                is_division(ctl->arguments[0]);
  int answer = stored ? read_stored(&pile) : jobs_read(ctl, each_job, &pile);
  if (pile.count == 0 && answer == CTL_FINE) {
    fputs(_("evalctl report: there is no form to show\n"), stderr);
    answer = CTL_REJECTED;
  }
  int printed = CTL_FINE;
  if (pile.count > 0)
    printed = (text ? print_text : print)(&pile, (size_t)detailed);
  for (size_t i = 0; i < pile.count; i++)
    evald_ruleset_unref(pile.rulesets[i]);
  return printed > answer ? printed : answer;
}
