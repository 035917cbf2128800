/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_jsonl RULESET: reads jobs as JSON Lines, writes verdicts as JSON Lines,
 * {"error": "…"} for a job that was rejected. The C side of the property tests,
 * through the public library alone.
 */
#include "evald/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_LIMIT = 64 * 1024 * 1024 };

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

int main(int argc, char **argv) {
  struct evald_fault fault = {0};
  struct evald_ruleset *ruleset = NULL;
  if (argc != 2) return 2;
  if (evald_ruleset_load(argv[1], &ruleset, &fault) != EVALD_OK) {
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
