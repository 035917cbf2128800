/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "wire/reject.h"
#include <string.h>
#include <time.h>

struct walk {
  struct ctl *ctl;
  int64_t seen;
  char last[64];
};

static void print_json(struct walk *walk, struct evald_text id,
                       const struct store_reject *reject) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 7);
  wire_put_string(&value, "kind");
  wire_put_string(&value, "reject");
  wire_put_string(&value, "id");
  wire_put_text(&value, id);
  wire_put_string(&value, "at_ms");
  wire_put_int(&value, reject->at_ms);
  wire_put_string(&value, "source");
  wire_put_text(&value, reject->source);
  wire_put_string(&value, "job_id");
  wire_put_text(&value, reject->job_id);
  wire_put_string(&value, "bytes");
  wire_put_uint(&value, reject->frame.size);
  wire_put_string(&value, "problems");
  wire_put_raw(&value, reject->problems.data, reject->problems.size);
  ctl_json_line(walk->ctl, &value);
  wire_buffer_fini(&value);
}

static void print_problems(struct walk *walk,
                           const struct store_reject *reject) {
  struct wire_rejects rejects;
  struct wire_bytes bytes = {(const uint8_t *)reject->problems.data,
                             reject->problems.size};
  wire_rejects_init(&rejects);
  if (wire_rejects_decode(bytes, &rejects) != EVALD_OK) return;
  for (size_t i = 0; i < rejects.count; i++) {
    const struct wire_problem *problem = &rejects.items[i];
    printf(
        "    %s: %s\n", problem->key[0] ? problem->key : "-",
        wire_reject_text((enum wire_reject)problem->code, walk->ctl->chinese));
  }
}

static void print(struct walk *walk, struct evald_text id,
                  const struct store_reject *reject) {
  char when[32] = "";
  time_t seconds = (time_t)(reject->at_ms / 1000);
  struct tm parts;
  if (localtime_r(&seconds, &parts))
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &parts);
  output_tone(stdout, TONE_STRONG, "%.*s", (int)id.size, id.data);
  evald_arena_reset(walk->ctl->job);
  printf(_("  %s  source %s, job %s, %zu bytes\n"), when,
         output_text(walk->ctl->job, reject->source),
         output_text(walk->ctl->job, reject->job_id), reject->frame.size);
  print_problems(walk, reject);
}

static enum evald_status each(void *context, struct evald_text id,
                              const struct store_reject *reject) {
  struct walk *walk = context;
  walk->seen++;
  snprintf(walk->last, sizeof walk->last, "%.*s", (int)id.size, id.data);
  if (walk->ctl->json)
    print_json(walk, id, reject);
  else
    print(walk, id, reject);
  return EVALD_OK;
}

static enum evald_status walk_all(struct walk *walk, int64_t most,
                                  struct evald_fault *fault) {
  enum { PAGE = 100 };
  enum evald_status status = EVALD_OK;
  for (int64_t before = -1; status == EVALD_OK && before != walk->seen;) {
    int64_t left = most - walk->seen;
    before = walk->seen;
    if (left > 0)
      status =
          store_rejects(walk->ctl->store, evald_text_of(walk->last),
                        left < PAGE ? (size_t)left : PAGE, each, walk, fault);
  }
  return status;
}

int cmd_rejects(struct ctl *ctl) {
  struct walk walk = {.ctl = ctl};
  struct evald_fault fault = {0};
  int64_t most = INT64_MAX, evicted = 0;
  if (!option_number("count", ctl->options.count, 1, INT32_MAX, &most))
    return CTL_USAGE;
  enum evald_status status = ctl_store(ctl, &fault);
  if (status == EVALD_OK) status = walk_all(&walk, most, &fault);
  if (status == EVALD_OK)
    status = store_rejects_evicted(ctl->store, &evicted, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  if (!ctl->json)
    printf(_("%lld rejected jobs; %lld more were dropped for want of room\n"),
           (long long)walk.seen, (long long)evicted);
  return CTL_FINE;
}
