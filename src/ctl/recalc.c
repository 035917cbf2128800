/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/recalc.h"
#include "base/i18n.h"
#include "ctl/clock.h"
#include "wire/verdict_codec.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TERMINAL_MS = 200, LOG_MS = 10000 };

void recalc_fini(struct recalc *recalc) {
  codeset_fini(&recalc->seen);
  free(recalc->pending);
}

void recalc_drop(struct recalc *recalc, size_t count) {
  recalc->pending_count -= count;
  memmove(recalc->pending, recalc->pending + count,
          recalc->pending_count * sizeof *recalc->pending);
}

void recalc_note(struct recalc *recalc, struct mover *mover,
                 const struct standing *after) {
  mover->after = *after;
  migration_note(&recalc->migration, mover);
}

/* ---- progress ---- */

/* "12,345 of 60,000 forms, 9,800 a second, 5 s left". */
static void print_progress(const struct recalc *recalc) {
  int64_t ms = clock_ms() - recalc->began_ms;
  uint64_t rate = ms > 0 ? recalc->met * 1000 / (uint64_t)ms : 0;
  uint64_t left =
      recalc->expected > recalc->met ? recalc->expected - recalc->met : 0;
  fprintf(stderr, _("%llu of %llu forms, %llu a second, %llu s left"),
          (unsigned long long)recalc->met, (unsigned long long)recalc->expected,
          (unsigned long long)rate,
          (unsigned long long)(rate > 0 ? (left + rate - 1) / rate : 0));
}

void recalc_progress(struct recalc *recalc, bool last) {
  bool terminal = isatty(STDERR_FILENO);
  int64_t now = clock_ms();
  if (!last && now - recalc->shown_ms < (terminal ? TERMINAL_MS : LOG_MS))
    return;
  if (last && !terminal) return;
  recalc->shown_ms = now;
  if (terminal) fputs("\r\033[K", stderr);
  print_progress(recalc);
  if (last || !terminal) fputc('\n', stderr);
}

/* ---- one result ---- */

static struct recalc_item *add_item(struct recalc *recalc) {
  if (recalc->pending_count == recalc->pending_room) {
    size_t room = recalc->pending_room ? 2 * recalc->pending_room : 1024;
    struct recalc_item *bigger =
        realloc(recalc->pending, room * sizeof *bigger);
    if (!bigger) return NULL;
    recalc->pending = bigger;
    recalc->pending_room = room;
  }
  struct recalc_item *item = &recalc->pending[recalc->pending_count++];
  memset(item, 0, sizeof *item);
  return item;
}

static enum evald_status leave(struct recalc *recalc, enum recalc_left why) {
  recalc->left[why]++;
  return EVALD_OK;
}

static enum evald_status take_result(void *context, struct evald_text code,
                                     struct evald_text value) {
  struct recalc *recalc = context;
  struct wire_stored_brief stored;
  bool fresh = false;
  if (codeset_add(&recalc->seen, code, &fresh) != EVALD_OK) return EVALD_MEMORY;
  if (!fresh) return EVALD_OK;
  recalc->met++;
  struct wire_bytes bytes = {(const uint8_t *)value.data, value.size};
  if (code.size >= MIGRATION_CODE ||
      wire_stored_brief(bytes, &stored) != EVALD_OK)
    return leave(recalc, RECALC_UNREADABLE);
  if (stored.head.state == WIRE_STORED_WITHDRAWN)
    return leave(recalc, RECALC_WITHDRAWN);
  if (evald_digest_equal(&stored.head.ruleset_digest, &recalc->target))
    return leave(recalc, RECALC_ALREADY);
  struct recalc_item *item = add_item(recalc);
  if (!item) return EVALD_MEMORY;
  item->form = stored.head.form_digest;
  item->counts = stored.head.contribution;
  item->mover.shard = recalc->shard;
  item->mover.ruleset = stored.head.ruleset_digest;
  memcpy(item->mover.code, code.data, code.size);
  item->mover.before =
      standing_of(stored.total, stored.grade, stored.grade_name);
  return EVALD_OK;
}

/* ---- a shard ---- */

enum evald_status recalc_aim(struct recalc *recalc,
                             const struct store_shard_key *shard,
                             struct evald_fault *fault) {
  const struct evald_form form = {.mof_div_code =
                                      evald_text_of(shard->division),
                                  .fiscal_year = (uint16_t)shard->year};
  enum evald_status status = ctl_choose(recalc->ctl, (struct evald_text){0},
                                        &form, &recalc->ruleset, fault);
  if (status != EVALD_OK) return status;
  recalc->shard = *shard;
  recalc->target = *evald_ruleset_digest(recalc->ruleset);
  return EVALD_OK;
}

enum evald_status recalc_aggregate(struct recalc *recalc,
                                   struct contribution *out,
                                   struct evald_fault *fault) {
  struct store_shard_state state;
  enum evald_status status = store_get_aggregate(
      recalc->ctl->store, &recalc->shard, &state, NULL, fault);
  if (status == EVALD_OK)
    memcpy(out->counter, state.counter, sizeof out->counter);
  return status;
}

static enum evald_status walk_results(struct recalc *recalc,
                                      struct evald_fault *fault) {
  const struct store_scan_of of = {STORE_KEY_RESULTS, &recalc->shard};
  struct store_cursor cursor = {.at = ""};
  enum evald_status status = EVALD_OK;
  while (!cursor.end && status == EVALD_OK) {
    cursor.step = recalc->step;
    status = store_scan_step(recalc->ctl->store, &of, &cursor, take_result,
                             recalc, fault);
    if (status == EVALD_OK) status = recalc->process(recalc, cursor.end, fault);
    recalc_progress(recalc, false);
  }
  return status;
}

static enum evald_status walk_shard(struct recalc *recalc,
                                    const struct recalc_walk *walk,
                                    const struct store_shard_key *shard,
                                    struct evald_fault *fault) {
  struct contribution before, after;
  enum evald_status status = recalc_aim(recalc, shard, fault);
  if (status == EVALD_OK) status = recalc_aggregate(recalc, &before, fault);
  if (status == EVALD_OK && walk->before_of)
    status = walk->before_of(recalc, &before, fault);
  if (status != EVALD_OK) return status;
  codeset_clear(&recalc->seen);
  recalc->pending_count = 0;
  status = walk_results(recalc, fault);
  if (status == EVALD_OK) status = recalc_aggregate(recalc, &after, fault);
  if (status == EVALD_OK)
    status = core_contribution_add(&recalc->before, &before);
  if (status == EVALD_OK)
    status = core_contribution_add(&recalc->after, &after);
  return status;
}

static enum evald_status count_results(struct recalc *recalc,
                                       const struct shard_item *shards,
                                       struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (; shards && status == EVALD_OK; shards = shards->next) {
    int64_t count = 0;
    status = store_count(recalc->ctl->store, STORE_KEY_RESULTS, &shards->shard,
                         &count, fault);
    recalc->expected += (uint64_t)count;
  }
  return status;
}

enum evald_status recalc_run(struct recalc *recalc,
                             const struct recalc_walk *walk,
                             struct evald_fault *fault) {
  recalc->began_ms = recalc->shown_ms = clock_ms();
  enum evald_status status = count_results(recalc, walk->shards, fault);
  for (const struct shard_item *item = walk->shards; item && status == EVALD_OK;
       item = item->next)
    status = walk_shard(recalc, walk, &item->shard, fault);
  recalc_progress(recalc, true);
  return status;
}

/* ---- the summary ---- */

static const struct {
  const char *key, *sentence;
} lefts[] = {
#define X(name, key, sentence) {key, sentence},
    RECALC_LEFT_LIST(X)
#undef X
};

static void report_json(struct recalc *recalc,
                        const struct migration_report *report,
                        const char *kind) {
  struct wire_buffer out = {0};
  wire_put_map(&out, 4 + MIGRATION_KEYS + RECALC_LEFT_COUNT);
  wire_put_string(&out, "kind");
  wire_put_string(&out, kind);
  wire_put_string(&out, "ruleset");
  wire_put_text(&out, evald_ruleset_id(recalc->ruleset));
  wire_put_string(&out, "met");
  wire_put_uint(&out, recalc->met);
  wire_put_string(&out, "milliseconds");
  wire_put_int(&out, clock_ms() - recalc->began_ms);
  migration_put(report, &out);
  for (int i = 0; i < RECALC_LEFT_COUNT; i++) {
    wire_put_string(&out, lefts[i].key);
    wire_put_uint(&out, recalc->left[i]);
  }
  ctl_json_line(recalc->ctl, &out);
  wire_buffer_fini(&out);
}

void recalc_report(struct recalc *recalc, const char *kind) {
  const struct migration_report report = {&recalc->migration, &recalc->before,
                                          &recalc->after};
  uint64_t *already = &recalc->left[RECALC_ALREADY];
  *already -= *already < recalc->earlier ? *already : recalc->earlier;
  if (recalc->ctl->json) {
    movers_print(recalc->ctl, &recalc->migration);
    report_json(recalc, &report, kind);
    return;
  }
  migration_print(recalc->ctl, &report);
  for (int i = 0; i < RECALC_LEFT_COUNT; i++)
    if (recalc->left[i] > 0)
      printf("%8" PRIu64 "  %s\n", recalc->left[i], _(lefts[i].sentence));
}
