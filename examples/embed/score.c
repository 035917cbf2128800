/* SPDX-License-Identifier: Apache-2.0 */
#include <evald/json.h>
#include <stdio.h>

/* Scores the form on standard input: score RULESET.yaml < form.json */
int main(int count, char **arguments) {
  static char json[1 << 20];
  struct evald_arena *arena = evald_arena_new(16 << 20);
  struct evald_fault fault = {0};
  struct evald_ruleset *ruleset = NULL;
  const struct evald_form *form;
  struct evald_verdict verdict;
  const char *line;
  size_t size = fread(json, 1, sizeof json, stdin);
  if (evald_ruleset_load(arguments[count - 1], &ruleset, &fault) ||
      evald_form_from_json(json, size, arena, &form, &fault) ||
      evald_evaluate(form, ruleset, arena, &verdict, &fault) ||
      evald_verdict_to_json(&verdict, arena, &line, &fault))
    return fprintf(stderr, "%s: %s\n", fault.place, fault.text), 1;
  return puts(line) < 0;
}
