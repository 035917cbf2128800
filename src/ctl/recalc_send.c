/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "bus/actor.h"
#include "ctl/clock.h"
#include "ctl/recalc_journal.h"
#include "ctl/recalc_judge.h"
#include "ctl/recalc_pace.h"
#include "evald/client.h"
#include "wire/job_codec.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/*
 * A recalculation for good: chunks of codes go through the acknowledged door,
 * few at a time; what came of them is what the acknowledgement says.
 */

enum { POLL_MS = 100, WAIT_S = 60, NICENESS = 10 /* behind live jobs */ };

struct sending {
  struct recalc recalc;
  struct evald_producer *producer;
  struct journal journal;
  struct chunk chunks[JOURNAL_CHUNKS];
  unsigned in_flight;
  struct pace pace;
  struct wire_buffer frame;
  int64_t wait_ms, heard_ms; /* how long nothing may be answered; since when */
  bool refused;              /* by a nack, told to the user */
  bool opened;               /* the journal */
  bool unended;              /* an earlier run, and --resume was not given */
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal) {
  (void)signal;
  interrupted = 1;
}

/* ---- answers ---- */

static void hear(struct sending *sending, struct chunk *chunk,
                 const struct evald_answer *answer) {
  chunk->answered = true;
  judge_answer(&sending->recalc, chunk, answer);
}

static void tell(void *context, const struct evald_answer *answer) {
  struct sending *sending = context;
  sending->heard_ms = clock_ms();
  for (int i = 0; i < JOURNAL_CHUNKS; i++)
    if (sending->chunks[i].used && sending->chunks[i].sent == answer->number)
      hear(sending, &sending->chunks[i], answer);
  if (answer->kind != EVALD_ANSWER_NACK) return;
  sending->refused = true;
  for (size_t i = 0; i < answer->problem_count; i++)
    fprintf(stderr, _("evalctl recalc: the daemon refuses: %.*s %.*s\n"),
            (int)answer->problems[i].key.size, answer->problems[i].key.data,
            (int)answer->problems[i].text.size, answer->problems[i].text.data);
}

static enum evald_status finish(struct sending *sending, struct chunk *chunk,
                                struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  if (!chunk->outcomes) status = judge_store(&sending->recalc, chunk, fault);
  if (status != EVALD_OK) return status;
  for (size_t i = 0; i < chunk->count; i++)
    chunk_count(&sending->recalc, &chunk->items[i], &chunk->outcomes[i]);
  status = journal_done(&sending->journal, chunk, fault);
  chunk_clear(chunk);
  sending->in_flight--;
  return status;
}

static enum evald_status finish_answered(struct sending *sending,
                                         struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (int i = 0; i < JOURNAL_CHUNKS && status == EVALD_OK; i++)
    if (sending->chunks[i].used && sending->chunks[i].answered)
      status = finish(sending, &sending->chunks[i], fault);
  return status;
}

static enum evald_status stopped(const struct sending *sending,
                                 struct evald_fault *fault) {
  if (interrupted)
    return evald_fault_set(fault, EVALD_INTERFERED, NULL, "%s",
                           _("interrupted"));
  if (sending->refused)
    return evald_fault_set(fault, EVALD_REJECTED, NULL, "%s",
                           _("nothing of this chunk was recalculated"));
  if (clock_ms() - sending->heard_ms < sending->wait_ms) return EVALD_OK;
  return evald_fault_set(fault, EVALD_AWAY,
                         sending->recalc.ctl->settings.submit, "%s",
                         _("the daemon does not answer"));
}

/* Until at most `most` chunks have no answer. */
static enum evald_status await(struct sending *sending, unsigned most,
                               struct evald_fault *fault) {
  while (sending->in_flight > most) {
    enum evald_status status = stopped(sending, fault);
    if (status != EVALD_OK) return status;
    status = evald_producer_poll(sending->producer, POLL_MS, fault);
    if (status != EVALD_OK && status != EVALD_TIMEOUT) return status;
    status = finish_answered(sending, fault);
    if (status != EVALD_OK) return status;
    recalc_progress(&sending->recalc, false);
  }
  return EVALD_OK;
}

/* ---- chunks ---- */

static void encode(struct sending *sending, const struct chunk *chunk) {
  struct evald_text codes[WIRE_PROJECTS_MAX];
  char id[64];
  const struct store_shard_key *shard = &chunk->items[0].mover.shard;
  const char *ruleset = sending->recalc.ctl->options.ruleset;
  for (size_t i = 0; i < chunk->count; i++)
    codes[i] = evald_text_of(chunk->items[i].mover.code);
  snprintf(id, sizeof id, "recalc-%s-%llu",
           store_writer(sending->recalc.ctl->store),
           (unsigned long long)chunk->number);
  struct wire_job job = {.version = WIRE_JOB_VERSION,
                         .kind = WIRE_KIND_RECALCULATE,
                         .job_id = evald_text_of(id),
                         .source = EVALD_TEXT("evalctl"),
                         .ruleset = evald_text_of(ruleset),
                         .projects = codes,
                         .project_count = chunk->count};
  job.form.mof_div_code = evald_text_of(shard->division);
  job.form.fiscal_year = (uint16_t)shard->year;
  wire_buffer_reset(&sending->frame);
  wire_job_encode(&job, &sending->frame);
}

static enum evald_status send(struct sending *sending, struct chunk *chunk,
                              struct evald_fault *fault) {
  encode(sending, chunk);
  enum evald_status status = wire_buffer_done(&sending->frame);
  if (status == EVALD_OK)
    status =
        evald_producer_submit_later(sending->producer, sending->frame.data,
                                    sending->frame.size, &chunk->sent, fault);
  if (status != EVALD_OK) return status;
  if (sending->in_flight++ == 0) sending->heard_ms = clock_ms();
  sending->pace.sent++;
  return EVALD_OK;
}

static struct chunk *free_chunk(struct sending *sending) {
  struct chunk *chunk = sending->chunks;
  while (chunk->used)
    chunk++;
  return chunk;
}

static enum evald_status send_pending(struct sending *sending, size_t count,
                                      struct evald_fault *fault) {
  struct recalc *recalc = &sending->recalc;
  enum evald_status status = await(sending, sending->pace.window - 1, fault);
  if (status != EVALD_OK) return status;
  struct chunk *chunk = free_chunk(sending);
  *chunk = (struct chunk){.used = true, .count = count};
  chunk->number = ++sending->journal.chunks;
  chunk->items = malloc(count * sizeof *chunk->items);
  if (!chunk->items) return EVALD_MEMORY;
  memcpy(chunk->items, recalc->pending, count * sizeof *chunk->items);
  recalc_drop(recalc, count);
  status = journal_sent(&sending->journal, chunk, fault);
  return status == EVALD_OK ? send(sending, chunk, fault) : status;
}

static enum evald_status process(struct recalc *recalc, bool last,
                                 struct evald_fault *fault) {
  struct sending *sending = recalc->context;
  enum evald_status status = EVALD_OK;
  while (status == EVALD_OK && recalc->pending_count > 0) {
    pace_look(&sending->pace, recalc->ctl, sending->in_flight);
    recalc->step = sending->pace.step;
    size_t size = sending->pace.chunk;
    if (recalc->pending_count < size && !last) break;
    if (recalc->pending_count < size) size = recalc->pending_count;
    status = send_pending(sending, size, fault);
  }
  if (status == EVALD_OK && last) status = await(sending, 0, fault);
  return status;
}

/* ---- what an earlier run left ---- */

static enum evald_status before_of(struct recalc *recalc,
                                   struct contribution *before,
                                   struct evald_fault *fault) {
  struct sending *sending = recalc->context;
  const struct contribution *first =
      journal_before(&sending->journal, &recalc->shard);
  if (first) *before = *first;
  if (first) return EVALD_OK;
  return journal_shard(&sending->journal, &recalc->shard, before, fault);
}

static enum evald_status send_again(struct sending *sending,
                                    struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (int i = 0; i < JOURNAL_CHUNKS && status == EVALD_OK; i++) {
    struct chunk *chunk = &sending->chunks[i];
    if (!chunk->used) continue;
    status = recalc_aim(&sending->recalc, &chunk->items[0].mover.shard, fault);
    if (status == EVALD_OK) status = send(sending, chunk, fault);
    if (status == EVALD_OK) status = await(sending, 0, fault);
  }
  return status;
}

/* ---- the whole ---- */

/* What is recalculated, for the journal's name: the same words, the same
 * journal. */
static const char *scope_of(struct ctl *ctl) {
  const char *year = ctl->argument_count > 1 ? ctl->arguments[1] : "-";
  const char *ruleset = ctl->options.ruleset;
  return output_format(ctl->arena, "%s %s %s %s", ctl->settings.redis,
                       ctl->arguments[0], year, ruleset ? ruleset : "-");
}

static enum evald_status open_all(struct sending *sending,
                                  struct evald_fault *fault) {
  struct ctl *ctl = sending->recalc.ctl;
  const struct evald_producer_options options = {.endpoint =
                                                     ctl->settings.submit,
                                                 .source = "evalctl",
                                                 .window = JOURNAL_CHUNKS,
                                                 .tell = tell,
                                                 .context = sending};
  enum evald_status status =
      journal_open(&sending->journal, scope_of(ctl), ctl->options.resume,
                   &sending->recalc, sending->chunks, fault);
  if (status == EVALD_IO) {
    fprintf(stderr,
            _("evalctl recalc: no journal: %s: %s; a run that is killed can be "
              "gone on with, but its summary is lost\n"),
            fault->place, fault->text);
    evald_fault_clear(fault);
    status = EVALD_OK;
  }
  sending->opened = status == EVALD_OK;
  sending->unended = status == EVALD_INVALID && !ctl->options.resume;
  if (status != EVALD_OK) return status;
  return evald_producer_open(&options, &sending->producer, fault);
}

static void close_all(struct sending *sending) {
  evald_producer_close(sending->producer);
  for (int i = 0; i < JOURNAL_CHUNKS; i++)
    chunk_clear(&sending->chunks[i]);
  journal_close(&sending->journal);
  wire_buffer_fini(&sending->frame);
  recalc_fini(&sending->recalc);
}

/* It ended before its end: nothing that was done is done again. */
static int fail(struct sending *sending, enum evald_status status,
                const struct evald_fault *fault) {
  const struct ctl *ctl = sending->recalc.ctl;
  int answer = ctl_fail(ctl, status, fault);
  bool begun = sending->unended || sending->journal.shard_count > 0;
  if (!begun && sending->opened) journal_remove(&sending->journal);
  if (!begun) return answer;
  fputs(answer == CTL_AWAY
            ? _("what is done stays done; when it is back, go on with\n")
            : _("what is done stays done; go on with\n"),
        stderr);
  ctl_print_command(ctl, "--resume", stderr);
  return answer;
}

static void report(struct sending *sending) {
  recalc_report(&sending->recalc, "recalculation");
  journal_remove(&sending->journal);
}

int recalc_for_good(struct ctl *ctl, const struct shard_item *shards) {
  static struct sending sending;
  struct evald_fault fault = {0};
  int64_t seconds = WAIT_S;
  if (!option_number("wait", ctl->options.wait, 1, INT32_MAX, &seconds))
    return CTL_USAGE;
  sending = (struct sending){
      .recalc = {.ctl = ctl, .process = process, .context = &sending},
      .wait_ms = seconds * 1000};
  const struct recalc_walk walk = {shards, before_of};
  bus_step_back(NICENESS);
  (void)signal(SIGINT, interrupt);
  (void)signal(SIGTERM, interrupt);
  sending.recalc.shown_ms = clock_ms();
  enum evald_status status = open_all(&sending, &fault);
  if (status == EVALD_OK) status = send_again(&sending, &fault);
  sending.recalc.earlier = sending.recalc.migration.forms;
  if (status == EVALD_OK) status = recalc_run(&sending.recalc, &walk, &fault);
  if (status == EVALD_OK) report(&sending);
  int answer = status == EVALD_OK ? CTL_FINE : fail(&sending, status, &fault);
  close_all(&sending);
  return answer;
}
