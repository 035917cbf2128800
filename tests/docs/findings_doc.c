/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes docs/FINDINGS.md from the list of findings and docs/findings.json:
 *
 *   evald-findings-doc SOURCE-DIRECTORY > docs/FINDINGS.md
 *
 * Each example is a published form with one or two cells changed; it is
 * evaluated here, and what the page says about it is what evald answered. A
 * code without an example, or an example that does not raise its code, is an
 * error.
 */
#include "evald/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct code {
  const char *name, *en, *zh;
  int number;
} codes[] = {
#define X(code, number, level, en, zh) {#code, en, zh, number},
    EVALD_FINDING_LIST(X)
#undef X
};

enum { CODES = sizeof codes / sizeof codes[0] };

static const struct {
  char letter;
  const char *en, *zh;
} families[] = {{'S', "Structure", "结构"},
                {'A', "Arithmetic", "计算"},
                {'W', "Weights", "分值"},
                {'C', "Content", "内容"},
                {'I', "Information", "说明"}};

static _Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "evald-findings-doc: %s: %s\n", what, why);
  exit(1);
}

struct world {
  const char *root;
  json_t *examples;
  json_t *form;
  struct evald_ruleset *ruleset;
  struct evald_arena *arena;
};

static json_t *load(const char *root, const char *path) {
  char whole[4096];
  json_error_t error;
  snprintf(whole, sizeof whole, "%s/%s", root, path);
  json_t *json = json_load_file(whole, 0, &error);
  if (!json) fail(whole, error.text);
  return json;
}

/* One step down a path: "indicators[0]" or "funds". Creates no parents. */
static json_t *child(json_t *json, const char *step) {
  char name[64];
  unsigned index;
  if (sscanf(step, "%63[^[][%u]", name, &index) == 2)
    return json_array_get(json_object_get(json, name), index);
  return json_object_get(json, step);
}

/* Sets the cell at a path as docs/PROTOCOL.md writes it; null takes it out. */
static void set(json_t *form, const char *path, json_t *value) {
  char copy[128];
  snprintf(copy, sizeof copy, "%s", path);
  char *step = copy;
  for (char *dot = strchr(step, '.'); dot; dot = strchr(step, '.')) {
    *dot = '\0';
    form = child(form, step);
    if (!form) fail(path, "no such cell");
    step = dot + 1;
  }
  if (json_is_null(value))
    (void)json_object_del(form, step);
  else
    (void)json_object_set(form, step, value);
}

static json_t *changed_form(const struct world *world, json_t *example) {
  json_t *form = json_deep_copy(world->form);
  const char *path;
  json_t *value;
  json_object_foreach(json_object_get(example, "set"), path, value) {
    set(form, path, value);
  }
  return form;
}

static void evaluate(const struct world *world, json_t *example,
                     struct evald_verdict *out) {
  struct evald_fault fault;
  const struct evald_form *form;
  json_t *changed = changed_form(world, example);
  char *text = json_dumps(changed, 0);
  const char *code = json_string_value(json_object_get(example, "code"));
  evald_fault_clear(&fault);
  if (evald_form_from_json(text, strlen(text), world->arena, &form, &fault) ||
      evald_evaluate(form, world->ruleset, world->arena, out, &fault))
    fail(code, fault.text);
  free(text);
  json_decref(changed);
}

static json_t *example_of(const struct world *world, const char *code) {
  size_t i;
  json_t *example;
  json_array_foreach(json_object_get(world->examples, "findings"), i, example) {
    const char *name = json_string_value(json_object_get(example, "code"));
    if (name && strcmp(name, code) == 0) return example;
  }
  fail(code, "no example in docs/findings.json");
}

static const struct evald_finding *raised(const struct evald_verdict *verdict,
                                          const struct code *code) {
  for (size_t i = 0; i < verdict->finding_count; i++) {
    if (verdict->findings[i].code == code->number) return &verdict->findings[i];
  }
  fail(code->name, "its example does not raise it");
}

static void print_changes(json_t *example) {
  const char *path;
  json_t *value;
  size_t left = json_object_size(json_object_get(example, "set"));
  printf("%s", left ? "Example: " : "Example: the form as it was published");
  json_object_foreach(json_object_get(example, "set"), path, value) {
    if (json_is_null(value))
      printf("`%s` left out", path);
    else
      printf("`%s` is `%s`", path, json_string_value(value));
    if (--left > 0) printf(", ");
  }
  printf(".\n\n");
}

static void print_value(const char *label, const struct evald_value *value) {
  char text[512];
  if (value->kind == EVALD_VALUE_NONE) return;
  evald_value_print(value, text, sizeof text);
  printf(", %s `%s`", label, text);
}

static void print_finding(const struct world *world,
                          const struct evald_finding *finding) {
  char text[1024];
  char path[EVALD_CELL_PATH];
  struct evald_text source =
      evald_ruleset_source(world->ruleset, (enum evald_rule)finding->rule);
  evald_finding_sentence(finding, 0, text, sizeof text);
  printf("> %s\n>\n", text);
  evald_finding_sentence(finding, 1, text, sizeof text);
  printf("> %s\n\n", text);
  evald_cell_path(finding->cell, path);
  printf("Cell `%s`", path[0] ? path : "(the form)");
  print_value("printed", &finding->printed);
  print_value("expected", &finding->expected);
  printf("; rule `%s`, source: %.*s\n",
         evald_rule_path((enum evald_rule)finding->rule), (int)source.size,
         source.data);
}

static void print_code(const struct world *world, const struct code *code) {
  struct evald_verdict verdict;
  json_t *example = example_of(world, code->name);
  enum evald_level level =
      evald_finding_default_level((enum evald_finding_code)code->number);
  evaluate(world, example, &verdict);
  printf("\n### %s · %s · %s\n\n", code->name, evald_level_name(level),
         evald_level_text(level, 1));
  printf("%s\n\n%s\n\n", json_string_value(json_object_get(example, "en")),
         json_string_value(json_object_get(example, "zh")));
  printf("Sentence: `%s`  \n句式：`%s`\n\n", code->en, code->zh);
  print_changes(example);
  print_finding(world, raised(&verdict, code));
  evald_arena_reset(world->arena);
}

static const char head[] =
    "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
    "<!-- Written by evald-findings-doc from include/evald/finding_list.h and\n"
    "     docs/findings.json: change those, then build the target\n"
    "     evald-findings-doc. A test holds this page to them. -->\n"
    "# Findings\n\n"
    "What evald says about a form. An **error** is a contradiction of the form "
    "with itself\nor with its ruleset; a **warning** is what a reviewer will "
    "ask; **info** is worth\nknowing. A ruleset may change a level, a "
    "threshold, or switch a check off\n([RULES.md](RULES.md), `checks`). Codes "
    "are stable for ever.\n\n"
    "In a sentence `{printed}` is what stands in the cell, `{expected}` what "
    "should stand\nthere, `{detail}` what explains it; a part in brackets is "
    "left out where there is\nnothing to say. The examples are the form "
    "`%s`\nunder `%s`, with the cells changed that are named.\n";

static void print_page(const struct world *world) {
  printf(head, json_string_value(json_object_get(world->examples, "form")),
         json_string_value(json_object_get(world->examples, "ruleset")));
  char family = '\0';
  for (size_t i = 0; i < CODES; i++) {
    for (size_t k = 0; k < sizeof families / sizeof families[0]; k++) {
      if (families[k].letter != codes[i].name[0] || family == codes[i].name[0])
        continue;
      family = codes[i].name[0];
      printf("\n## %c: %s · %s\n", family, families[k].en, families[k].zh);
    }
    print_code(world, &codes[i]);
  }
}

int main(int count, char **arguments) {
  struct world world = {.root = count > 1 ? arguments[1] : "."};
  struct evald_fault fault;
  char path[4096];
  evald_fault_clear(&fault);
  world.examples = load(world.root, "docs/findings.json");
  world.form = load(world.root,
                    json_string_value(json_object_get(world.examples, "form")));
  snprintf(path, sizeof path, "%s/%s", world.root,
           json_string_value(json_object_get(world.examples, "ruleset")));
  world.arena = evald_arena_new((size_t)16 << 20);
  if (!world.arena || evald_ruleset_load(path, &world.ruleset, &fault))
    fail(path, fault.text);
  print_page(&world);
  evald_ruleset_unref(world.ruleset);
  evald_arena_free(world.arena);
  json_decref(world.form);
  json_decref(world.examples);
  return fflush(stdout) == 0 ? 0 : 1;
}
