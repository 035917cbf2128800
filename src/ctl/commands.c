/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"
#include "base/i18n.h"
#include <string.h>

static const struct command commands[] = {
#define X(name, arguments, least, most, options, sentence)                     \
  {#name, arguments, sentence, least, most, options, cmd_##name},
    COMMAND_LIST(X)
#undef X
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

const struct command *command_at(size_t position) {
  return position < COMMANDS ? &commands[position] : NULL;
}

const struct command *command_find(const char *name) {
  for (size_t i = 0; i < COMMANDS; i++)
    if (strcmp(commands[i].name, name) == 0) return &commands[i];
  return NULL;
}

static const char *arguments_of(const struct command *command) {
  return command->arguments[0] ? _(command->arguments) : "";
}

void commands_print(void) {
  printf("%s\n\n", _("usage: evalctl COMMAND [ARGUMENTS] [OPTIONS]"));
  for (size_t i = 0; i < COMMANDS; i++) {
    output_tone(stdout, TONE_STRONG, "  %-11s", commands[i].name);
    output_hanging(stdout, 13, evald_text_of(_(commands[i].sentence)));
  }
  printf("\n%s\n", _("Every command has these options:"));
  options_print(options_everywhere());
  printf("\n%s\n",
         _("Addresses come from an option, else from EVALD_REDIS, EVALD_JOBS, "
           "EVALD_SUBMIT,\nEVALD_EVENTS, EVALD_METRICS and EVALD_RULESETS, "
           "else from a "
           "running evald --dev, else from\n/etc/evald/evald.yaml, else they "
           "are evald's defaults.\n\nExit status: 0 fine; 1 a job was "
           "rejected, a thing is not there, a difference was\nfound; 2 wrong "
           "usage; 3 the daemon or Redis cannot be reached."));
}

/* Each line of it a paragraph. */
static void print_use(const struct command *command) {
  static const struct {
    const char *name, *use;
  } uses[] = {
#define X(name, use) {#name, use},
      COMMAND_USE_LIST(X)
#undef X
  };
  for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
    if (strcmp(uses[i].name, command->name) != 0) continue;
    for (const char *line = _(uses[i].use); *line;) {
      size_t size = strcspn(line, "\n");
      output_paragraph(stdout, 0, (struct evald_text){line, size});
      line += size + (line[size] == '\n');
    }
  }
}

void command_print(const struct command *command) {
  printf(_("usage: evalctl %s %s [OPTIONS]\n\n"), command->name,
         arguments_of(command));
  output_paragraph(stdout, 0, evald_text_of(_(command->sentence)));
  print_use(command);
  if (command->options) {
    printf("\n%s\n", _("Options:"));
    options_print(command->options);
  }
  printf("\n%s\n", _("Every command has these options:"));
  options_print(options_everywhere());
}
