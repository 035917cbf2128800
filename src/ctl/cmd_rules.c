/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "core/ruleset.h"
#include "ctl/commands.h"
#include "ctl/rules_diff.h"
#include <string.h>

static void print_json(struct ctl *ctl, const struct evald_ruleset *ruleset) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 4);
  wire_put_string(&value, "id");
  wire_put_text(&value, evald_ruleset_id(ruleset));
  wire_put_string(&value, "version");
  wire_put_text(&value, evald_ruleset_version(ruleset));
  wire_put_string(&value, "digest");
  wire_put_digest_hex(&value, evald_ruleset_digest(ruleset));
  wire_put_string(&value, "title");
  wire_put_text(&value, evald_ruleset_title(ruleset));
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

/* "2022-", "2020-2021", "2024"; 0 is open. */
static const char *years_of(struct ctl *ctl,
                            const struct evald_ruleset *ruleset) {
  unsigned from = ruleset->year_from, to = ruleset->year_to;
  if (to == 0) return output_format(ctl->arena, "%u-", from);
  if (to == from) return output_format(ctl->arena, "%u", from);
  return output_format(ctl->arena, "%u-%u", from, to);
}

static void row(struct ctl *ctl, struct table *table,
                const struct evald_ruleset *ruleset) {
  char hex[EVALD_DIGEST_HEX];
  evald_digest_print(evald_ruleset_digest(ruleset), hex);
  table_cell(table, TONE_STRONG,
             output_copy(ctl->arena, evald_ruleset_id(ruleset)));
  table_cell(table, TONE_PLAIN,
             output_copy(ctl->arena, evald_ruleset_version(ruleset)));
  table_cell(table, TONE_PLAIN, years_of(ctl, ruleset));
  table_cell(table, TONE_FAINT, output_format(ctl->arena, "%.12s", hex));
  table_cell(table, TONE_PLAIN,
             output_copy(ctl->arena, evald_ruleset_title(ruleset)));
}

static int list(struct ctl *ctl) {
  const struct table_column columns[] = {{_("ruleset"), false, false},
                                         {_("version"), false, false},
                                         {_("years"), false, false},
                                         {_("digest"), false, false},
                                         {_("title"), false, true}};
  struct evald_fault fault = {0};
  enum evald_status status = ctl_rulesets(ctl, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  struct table *table =
      table_new(ctl->arena, columns, sizeof columns / sizeof columns[0]);
  const struct evald_ruleset *ruleset;
  for (size_t i = 0; (ruleset = ruleset_set_at(ctl->rulesets, i)); i++) {
    if (ctl->json)
      print_json(ctl, ruleset);
    else
      row(ctl, table, ruleset);
  }
  if (!ctl->json) table_print(table, stdout);
  return CTL_FINE;
}

static int check_one(struct ctl *ctl, const char *path) {
  struct evald_ruleset *ruleset;
  struct evald_fault fault = {0};
  enum evald_status status = evald_ruleset_load(path, &ruleset, &fault);
  if (status != EVALD_OK) return ctl_fail(ctl, status, &fault);
  if (ctl->json)
    print_json(ctl, ruleset);
  else
    printf(_("%s: sound\n"), path);
  evald_ruleset_unref(ruleset);
  return CTL_FINE;
}

static int check(struct ctl *ctl) {
  int worst = CTL_FINE;
  for (int i = 1; i < ctl->argument_count; i++) {
    int answer = check_one(ctl, ctl->arguments[i]);
    worst = answer > worst ? answer : worst;
  }
  return worst;
}

static struct evald_ruleset *find(struct ctl *ctl, const char *name,
                                  struct evald_fault *fault,
                                  enum evald_status *status) {
  struct evald_ruleset *ruleset = NULL;
  if (strchr(name, '/') || strstr(name, ".yaml")) {
    *status = evald_ruleset_load(name, &ruleset, fault);
    return ruleset;
  }
  *status = ctl_rulesets(ctl, fault);
  if (*status != EVALD_OK) return NULL;
  struct evald_ruleset *latest = NULL; /* they stand by id and year */
  for (size_t i = 0; (ruleset = ruleset_set_at(ctl->rulesets, i)); i++) {
    if (evald_text_equal(evald_ruleset_id(ruleset), evald_text_of(name)))
      latest = ruleset;
  }
  if (latest) return evald_ruleset_ref(latest);
  *status = evald_fault_set(fault, EVALD_NOT_FOUND, NULL,
                            _("there is no ruleset \"%s\""), name);
  return NULL;
}

static int diff(struct ctl *ctl) {
  struct evald_fault fault = {0};
  enum evald_status status;
  struct evald_ruleset *a = find(ctl, ctl->arguments[1], &fault, &status);
  struct evald_ruleset *b =
      a ? find(ctl, ctl->arguments[2], &fault, &status) : NULL;
  int answer = CTL_FINE;
  if (!a || !b)
    answer = ctl_fail(ctl, status, &fault);
  else
    rules_diff_print(a, b);
  evald_ruleset_unref(a);
  evald_ruleset_unref(b);
  return answer;
}

int cmd_rules(struct ctl *ctl) {
  const char *what = ctl->arguments[0];
  int count = ctl->argument_count;
  if (strcmp(what, "list") == 0 && count == 1) return list(ctl);
  if (strcmp(what, "check") == 0 && count >= 2) return check(ctl);
  if (strcmp(what, "diff") == 0 && count == 3) return diff(ctl);
  return ctl_usage(ctl, "%s",
                   _("expected: list, check FILE…, or diff A B (an id or a "
                     "file each)"));
}
