/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "base/streams.h"
#include "ctl/commands.h"
#include <signal.h>
#include <string.h>

#ifndef EVALD_VERSION
#define EVALD_VERSION "0.1.0"
#endif

static int wrong(const char *what) {
  if (what[0] == '-')
    fprintf(stderr, _("evalctl: the command comes first, then \"%s\"\n"), what);
  else
    fprintf(stderr, _("evalctl: there is no command \"%s\"\n"), what);
  fprintf(stderr, "%s\n", _("evalctl --help lists the commands"));
  return CTL_USAGE;
}

/* What comes in place of a command: "--help", "--version" and nothing. */
static int without_command(const char *word) {
  if (!word || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
      strcmp(word, "help") == 0) {
    commands_print();
    return word ? CTL_FINE : CTL_USAGE;
  }
  if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
    puts("evalctl " EVALD_VERSION);
    return CTL_FINE;
  }
  return wrong(word);
}

static bool counts(const struct ctl *ctl) {
  return ctl->argument_count >= ctl->command->least &&
         ctl->argument_count <= ctl->command->most;
}

static int run(struct ctl *ctl) {
  struct evald_fault fault = {0};
  if (ctl->options.help) {
    command_print(ctl->command);
    return CTL_FINE;
  }
  if (!counts(ctl)) return ctl_usage(ctl, "%s", _("wrong number of arguments"));
  enum evald_status status =
      settings_read(&ctl->options, ctl->arena, &ctl->settings, &fault);
  if (status != EVALD_OK) {
    (void)ctl_fail(ctl, status, &fault);
    return CTL_USAGE;
  }
  return ctl->command->run(ctl);
}

static bool is_language(const char *word) {
  return strncmp(word, "zh", 2) == 0 || strncmp(word, "en", 2) == 0;
}

static int command(int argc, char **argv) {
  struct ctl ctl = {
      .command = command_find(argv[0]), .words = argv, .word_count = argc};
  if (!ctl.command) return without_command(argv[0]);
  char name[32]; /* what getopt's own messages begin with */
  snprintf(name, sizeof name, "evalctl %s", ctl.command->name);
  argv[0] = name;
  int first = options_read(argc, argv, ctl.command->options, &ctl.options);
  if (first < 0) return CTL_USAGE;
  if (ctl.options.lang && !is_language(ctl.options.lang))
    return ctl_usage(&ctl, _("--lang %s: zh or en"), ctl.options.lang);
  if (ctl.options.lang) i18n_set_language(ctl.options.lang);
  ctl.arguments = argv + first;
  ctl.argument_count = argc - first;
  int answer = ctl_init(&ctl) ? run(&ctl) : CTL_AWAY;
  ctl_fini(&ctl);
  return answer;
}

int main(int argc, char **argv) {
  streams_open();
  i18n_init();
  signal(SIGPIPE, SIG_DFL);
  int answer = argc < 2 ? without_command(NULL) : command(argc - 1, argv + 1);
  if (streams_written()) return answer;
  fputs(_("evalctl: the output could not be written\n"), stderr);
  return answer == CTL_FINE ? CTL_REJECTED : answer;
}
