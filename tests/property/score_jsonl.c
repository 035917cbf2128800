/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_jsonl RULESET [YEAR]: reads jobs as JSON Lines, writes verdicts as JSON
 * Lines, {"error": "…"} for a job that was rejected. The C side of the property
 * tests, through the public library alone. Every trace is replayed: one that
 * does not give its score is an error too.
 */
#include "evald/json.h"
#include "evald/trace.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_LIMIT = 64 * 1024 * 1024 };

/* Each step anew from its operands; the scores and the total as they say. */
static bool replays(const struct evald_verdict *verdict) {
  evald_decimal total = -1, execution = 0;
  for (size_t i = 0; i < verdict->trace_count; i++) {
    const struct evald_trace_step *step = &verdict->trace[i];
    evald_decimal result = -1;
    if (evald_trace_replay(verdict->trace, i, &result) != EVALD_OK)
      return false;
    if (result != step->result) return false;
    if (step->cell.field == EVALD_CELL_TOTAL) total = result;
    if (!step->scores) continue;
    if (step->cell.field != EVALD_CELL_INDICATOR_SCORE)
      execution = result;
    else if (result != verdict->rows[step->cell.index].score)
      return false;
  }
  return total == verdict->total && (!verdict->execution.has_score ||
                                     execution == verdict->execution.score);
}

static int score(const char *line, size_t size,
                 const struct evald_ruleset *ruleset,
                 struct evald_arena *arena) {
  struct evald_fault fault = {0};
  const struct evald_form *form = NULL;
  struct evald_verdict verdict = {0};
  const char *json = NULL;
  enum evald_status status =
      evald_form_from_json(line, size, arena, &form, &fault);
  if (status == EVALD_OK) {
    status = evald_evaluate(form, ruleset, arena, &verdict, &fault);
  }
  if (status == EVALD_OK && !replays(&verdict)) {
    fprintf(stderr, "a trace does not replay\n");
    return -1;
  }
  if (status == EVALD_OK) {
    status = evald_verdict_to_json(&verdict, arena, &json, &fault);
  }
  if (status == EVALD_OK) {
    puts(json);
  } else {
    printf("{\"error\": \"%s\"}\n", evald_status_name(status));
    fprintf(stderr, "%s: %s\n", fault.place, fault.text);
  }
  return status == EVALD_OK || status == EVALD_REJECTED ? 0 : -1;
}

/* For the fiscal year asked for; without one, for the latest. */
static enum evald_status load(char **args, struct evald_ruleset **out,
                              struct evald_fault *fault) {
  if (args[1] == NULL) return evald_ruleset_load(args[0], out, fault);
  unsigned year = (unsigned)strtoul(args[1], NULL, 10);
  return evald_ruleset_load_year(args[0], year, out, fault);
}

int main(int argc, char **argv) {
  struct evald_fault fault = {0};
  struct evald_ruleset *ruleset = NULL;
  if (argc < 2 || argc > 3) return 2;
  if (load(argv + 1, &ruleset, &fault) != EVALD_OK) {
    fprintf(stderr, "%s: %s\n", fault.place, fault.text);
    return 1;
  }
  struct evald_arena *arena = evald_arena_new(ARENA_LIMIT);
  char *line = NULL;
  size_t room = 0;
  ssize_t size = 0;
  int result = arena == NULL;
  while (result == 0 && (size = getline(&line, &room, stdin)) > 0) {
    result = score(line, (size_t)size, ruleset, arena);
    evald_arena_reset(arena);
  }
  free(line);
  evald_arena_free(arena);
  evald_ruleset_unref(ruleset);
  return result != 0;
}
