/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/ctl.h"
#include "base/i18n.h"
#include "base/place.h"
#include "base/utf8.h"
#include "ctl/commands.h"
#include "wire/event_codec.h"
#include "wire/json.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMAND_MEMORY ((size_t)4 << 30)
#define FORM_MEMORY    ((size_t)64 << 20)

bool ctl_init(struct ctl *ctl) {
  ctl->json = ctl->options.json != NULL;
  ctl->chinese = i18n_chinese();
  ctl->arena = evald_arena_new(COMMAND_MEMORY);
  ctl->job = evald_arena_new(FORM_MEMORY);
  if (ctl->arena && ctl->job) return true;
  fputs(_("evalctl: no memory\n"), stderr);
  return false;
}

void ctl_fini(struct ctl *ctl) {
  wire_buffer_fini(&ctl->line);
  store_close(ctl->store);
  for (size_t i = 0; i < ctl->by_year_count; i++)
    evald_ruleset_unref(ctl->by_year[i].ruleset);
  free(ctl->by_year);
  ruleset_set_unref(ctl->rulesets);
  evald_arena_free(ctl->job);
  evald_arena_free(ctl->arena);
}

int ctl_usage(const struct ctl *ctl, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "evalctl %s: ", ctl->command->name);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, _("\nevalctl %s --help says how it is used\n"),
          ctl->command->name);
  return CTL_USAGE;
}

static int exit_of(enum evald_status status) {
  switch ((int)status) {
  case EVALD_OK:
    return CTL_FINE;
  case EVALD_AWAY:
  case EVALD_TIMEOUT:
  case EVALD_DRAINING:
    return CTL_AWAY;
  default:
    return CTL_REJECTED;
  }
}

int ctl_fail(const struct ctl *ctl, enum evald_status status,
             const struct evald_fault *fault) {
  const char *place = fault ? fault->place : "";
  const char *text = fault && fault->text[0]
                         ? fault->text
                         : evald_status_text(status, ctl->chinese);
  fprintf(stderr, "evalctl %s: %s%s%s\n", ctl->command->name, place,
          place[0] ? ": " : "", text);
  if (status == EVALD_AWAY)
    fputs(_("evalctl ping says what answers, and where it was looked for\n"),
          stderr);
  return exit_of(status);
}

void ctl_print_command(const struct ctl *ctl, const char *option, FILE *file) {
  fprintf(file, "  evalctl %s %s", ctl->command->name, option);
  for (int i = 1; i < ctl->word_count; i++) {
    if (strcmp(ctl->words[i], option) == 0) continue;
    fputc(' ', file);
    output_shell_word(file,
                      output_text(ctl->arena, evald_text_of(ctl->words[i])));
  }
  fputc('\n', file);
}

enum evald_status ctl_nothing(const struct store_shard_key *shard,
                              struct evald_fault *fault) {
  evald_fault_clear(fault);
  return evald_fault_set(fault, EVALD_NOT_FOUND, NULL,
                         _("nothing is stored for %s, %d"), shard->division,
                         shard->year);
}

static const char *const counters[] = {
#define X(name, field) field,
    CORE_COUNTER_LIST(X)
#undef X
};

enum evald_status ctl_store(struct ctl *ctl, struct evald_fault *fault) {
  if (ctl->store && store_connected(ctl->store)) return EVALD_OK;
  struct store_options options = ctl->settings.store;
  options.counters = counters;
  options.counter_count = CORE_COUNTER_COUNT;
  enum evald_status status =
      ctl->store ? EVALD_OK : store_open(&options, &ctl->store, fault);
  if (status == EVALD_OK) status = store_connect(ctl->store, fault);
  return status;
}

/* The folder named, else the one that came with evalctl: share/evald/rulesets
 * where it is installed, config/rulesets in a source tree. */
static const char *rulesets_folder(struct ctl *ctl) {
  enum { PATH = 4096 };
  if (ctl->settings.rulesets[0]) return ctl->settings.rulesets;
  char *path = evald_arena_take(ctl->arena, PATH);
  if (path && (place_find("share/evald/rulesets", path, PATH) ||
               place_find("config/rulesets", path, PATH)))
    return path;
  return "/usr/share/evald/rulesets";
}

/* The routes that evald has where nobody says any, as far as the folder has
 * their rulesets: a folder of one's own need not. */
static void keep_known_routes(struct ctl *ctl, const char *folder) {
  struct ruleset_set *set;
  struct ruleset_routes *routes = &ctl->settings.routes;
  size_t kept = 0;
  if (ruleset_set_load(folder, NULL, 0, NULL, &set, NULL) != EVALD_OK) return;
  for (size_t i = 0; i < routes->count; i++)
    if (ruleset_set_knows(set, evald_text_of(routes->item[i].id)))
      routes->item[kept++] = routes->item[i];
  routes->count = kept;
  ruleset_set_unref(set);
}

enum evald_status ctl_rulesets(struct ctl *ctl, struct evald_fault *fault) {
  if (ctl->rulesets) return EVALD_OK;
  const char *folder = rulesets_folder(ctl);
  if (ctl->settings.routes_default) keep_known_routes(ctl, folder);
  const struct ruleset_routes *routes = &ctl->settings.routes;
  return ruleset_set_load(folder, routes->item, routes->count, NULL,
                          &ctl->rulesets, fault);
}

bool ctl_names_file(const char *ruleset) {
  size_t length = strlen(ruleset);
  return strchr(ruleset, '/') ||
         (length > 5 && strcmp(ruleset + length - 5, ".yaml") == 0);
}

/* A file with dated values is another ruleset for another year. Those loaded
 * are kept: callers hold them. */
static enum evald_status load_file(struct ctl *ctl, unsigned year,
                                   struct evald_ruleset **out,
                                   struct evald_fault *fault) {
  for (size_t i = 0; i < ctl->by_year_count; i++) {
    *out = ctl->by_year[i].ruleset;
    if (ctl->by_year[i].year == year) return EVALD_OK;
  }
  struct ctl_ruleset *more =
      realloc(ctl->by_year, (ctl->by_year_count + 1) * sizeof *more);
  if (!more) return EVALD_MEMORY;
  ctl->by_year = more;
  enum evald_status status =
      evald_ruleset_load_year(ctl->options.ruleset, year, out, fault);
  if (status != EVALD_OK) return status;
  ctl->by_year[ctl->by_year_count++] = (struct ctl_ruleset){year, *out};
  return EVALD_OK;
}

enum evald_status ctl_choose(struct ctl *ctl, struct evald_text wanted,
                             const struct evald_form *form,
                             struct evald_ruleset **out,
                             struct evald_fault *fault) {
  const char *option = ctl->options.ruleset;
  if (option && ctl_names_file(option))
    return load_file(ctl, form->fiscal_year, out, fault);
  enum evald_status status = ctl_rulesets(ctl, fault);
  if (status != EVALD_OK) return status;
  if (option) wanted = evald_text_of(option);
  struct evald_ruleset *found =
      wanted.data ? ruleset_set_find(ctl->rulesets, wanted, form->fiscal_year)
                  : ruleset_set_choose(ctl->rulesets, form->mof_div_code,
                                       form->fiscal_year);
  if (found) {
    *out = found;
    return EVALD_OK;
  }
  if (wanted.data)
    return evald_fault_set(fault, EVALD_NOT_FOUND, NULL,
                           _("no ruleset \"%.*s\" serves the year %u"),
                           (int)wanted.size, wanted.data, form->fiscal_year);
  return evald_fault_set(
      fault, EVALD_NOT_FOUND, NULL, _("no ruleset serves division %.*s in %u"),
      (int)form->mof_div_code.size, form->mof_div_code.data, form->fiscal_year);
}

bool ctl_shard(const struct ctl *ctl, struct store_shard_key *out) {
  *out = (struct store_shard_key){0};
  if (strlen(ctl->arguments[0]) == 9)
    memcpy(out->division, ctl->arguments[0], 9);
  if (strspn(ctl->arguments[1], "0123456789") == 4 &&
      strlen(ctl->arguments[1]) == 4)
    out->year = (int)strtol(ctl->arguments[1], NULL, 10);
  if (store_shard_valid(out)) return true;
  ctl_usage(ctl,
            _("\"%s %s\": a division of nine digits and a year of four "
              "are expected, as 310113000 2024"),
            ctl->arguments[0], ctl->arguments[1]);
  return false;
}

/* JSON's writer escapes the controls of ASCII; the other characters that
 * command a terminal may stand in JSON, but a person may look at it. */
static void put_json(struct evald_text json) {
  size_t from = 0;
  for (size_t at = 0; at < json.size;) {
    size_t begin = at;
    uint32_t character = utf8_next(json, &at);
    if (character < 0x7F || !utf8_commands(character)) continue;
    fwrite(json.data + from, 1, begin - from, stdout);
    printf("\\u%04" PRIx32, character);
    from = at;
  }
  fwrite(json.data + from, 1, json.size - from, stdout);
}

void ctl_json_line(struct ctl *ctl, const struct wire_buffer *value) {
  wire_buffer_reset(&ctl->line);
  if (wire_msgpack_to_json(wire_buffer_bytes(value), &ctl->line) != EVALD_OK) {
    fputs(_("evalctl: a value cannot be written as JSON\n"), stderr);
    return;
  }
  put_json((struct evald_text){(const char *)ctl->line.data, ctl->line.size});
  putchar('\n');
  fflush(stdout);
}
