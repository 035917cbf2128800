/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

/*
 * What every command of evalctl is given, and how it ends.
 *
 * Answers go to standard output, everything else to standard error. With --json
 * the answers are JSON Lines and nothing else is on standard output.
 */

#include "ctl/options.h"
#include "ctl/output.h"
#include "ctl/settings.h"
#include "evald/form.h"
#include "rules/ruleset_set.h"
#include "store/query.h"
#include "wire/buffer.h"

/* Exit statuses; scripts rely on them. */
enum { CTL_FINE, CTL_REJECTED, CTL_USAGE, CTL_AWAY };

/* What a ruleset file says for a fiscal year. */
struct ctl_ruleset {
  unsigned year;
  struct evald_ruleset *ruleset;
};

struct ctl {
  const struct command *command;
  struct options options;
  char **words; /* as given, the command and all behind it; in any order */
  int word_count;
  char **arguments;
  int argument_count;
  bool json;
  int chinese;
  struct evald_arena *arena; /* of the whole command */
  struct evald_arena *job;   /* reset for each form */
  struct settings settings;
  struct store *store;          /* see ctl_store */
  struct ruleset_set *rulesets; /* see ctl_rulesets */
  struct ctl_ruleset *by_year;  /* --ruleset FILE */
  size_t by_year_count;
  struct wire_buffer line; /* of ctl_json_line */
};

bool ctl_init(struct ctl *ctl);
void ctl_fini(struct ctl *ctl);

/* Tells the user what is wrong with the command line; CTL_USAGE. */
int ctl_usage(const struct ctl *ctl, const char *format, ...)
    EVALD_PRINTF(2, 3);

/* Tells of a failure and answers the exit status that goes with it. */
int ctl_fail(const struct ctl *ctl, enum evald_status status,
             const struct evald_fault *fault);

/* Prints the command as it was given, for a shell, with this option added where
 * it was not among the words; on a line of its own. */
void ctl_print_command(const struct ctl *ctl, const char *option, FILE *file);

/* EVALD_NOT_FOUND: nothing is stored for that division and year. */
enum evald_status ctl_nothing(const struct store_shard_key *shard,
                              struct evald_fault *fault);

/* A connected store, opened at the first call. EVALD_AWAY and its kin. */
enum evald_status ctl_store(struct ctl *ctl, struct evald_fault *fault);

/* All rulesets of the folder, loaded at the first call; routes are those of
 * the configuration. */
enum evald_status ctl_rulesets(struct ctl *ctl, struct evald_fault *fault);

/* Whether --ruleset means a file and not an id. */
bool ctl_names_file(const char *ruleset);

/* The ruleset a form is scored by: --ruleset, else `wanted` where it is not
 * absent, else the one that serves division and year. Borrowed. */
enum evald_status ctl_choose(struct ctl *ctl, struct evald_text wanted,
                             const struct evald_form *form,
                             struct evald_ruleset **out,
                             struct evald_fault *fault);

/* Arguments 0 and 1 as division and year; false after the user was told. */
bool ctl_shard(const struct ctl *ctl, struct store_shard_key *out);

/* Prints the one msgpack value in `value` as a line of JSON. */
void ctl_json_line(struct ctl *ctl, const struct wire_buffer *value);

#endif
