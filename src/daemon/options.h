/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

/* The command line of evald, from one table. */

#include <stdbool.h>

/* X(field, long name, letter, name of its argument or "", kind, sentence) */
#define OPTION_LIST(X)                                                         \
  X(config, "config", 'c', N_("FILE"), ARGUMENT,                               \
    N_("read this configuration (default: /etc/evald/evald.yaml if it "        \
       "exists)"))                                                             \
  X(check_config, "check-config", 0, "", FLAG,                                 \
    N_("say whether the configuration and its rulesets are sound, and exit"))  \
  X(print_config, "print-config", 0, "", FLAG,                                 \
    N_("print every key with its default and what it means, and exit"))        \
  X(dev, "dev", 0, N_("DIR"), MAYBE,                                           \
    N_("run with a private Redis that is started, kept and stopped here; "     \
       "default DIR: $XDG_STATE_HOME/evald or ~/.local/state/evald"))          \
  X(log_level, "log-level", 'l', N_("LEVEL"), ARGUMENT,                        \
    N_("error, warning, notice, info or debug, whatever the file says"))       \
  X(version, "version", 'V', "", FLAG, N_("print the version, and exit"))      \
  X(help, "help", 'h', "", FLAG, N_("print this, and exit"))

/* Each is NULL where the option was not given, and "" where it was without an
 * argument. */
struct options {
#define X(field, name, letter, argument, kind, sentence) const char *field;
  OPTION_LIST(X)
#undef X
};

/* Reads the command line; what is wrong with it is printed to standard error,
 * and false. Texts belong to argv. */
bool options_read(int argc, char **argv, struct options *out);

/* What --help prints. */
void options_print_help(void);

#endif
