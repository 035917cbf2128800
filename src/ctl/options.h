/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

/*
 * Every option of evalctl, from one list: getopt's table, the help and the
 * README's test are made from it.
 *
 * X(name, spelling, letter or 0, name of its argument or "", whether every
 * command has it, sentence). An option without argument is a flag.
 */

#include <stdbool.h>
#include <stdint.h>

#define OPTION_LIST(X)                                                         \
  X(ruleset, "ruleset", 'r', N_("ID"), 0,                                      \
    N_("score by this ruleset (an id, or a YAML file) instead of the one "     \
       "that "                                                                 \
       "serves the division and year"))                                        \
  X(strict, "strict", 0, "", 0,                                                \
    N_("exit with 1 where a form has a finding of level error"))               \
  X(findings, "findings", 0, "", 0, N_("only the findings, not the form"))     \
  X(division, "division", 'd', N_("DIV"), 0,                                   \
    N_("division code of published forms, which do not print it"))             \
  X(fire_and_forget, "fire-and-forget", 0, "", 0,                              \
    N_("through the PULL door, which answers nothing"))                        \
  X(outbox, "outbox", 0, N_("FILE"), 0,                                        \
    N_("keep what has no answer in this file, and send it again at the next "  \
       "submit with it"))                                                      \
  X(unchecked, "unchecked", 0, "", 0,                                          \
    N_("send jobs as they are, even those that will be rejected"))             \
  X(wait, "wait", 'w', N_("SECONDS"), 0,                                       \
    N_("how long the daemon may take to come up, or to take the rest"))        \
  X(worst, "worst", 'n', N_("N"), 0, N_("only the N worst forms"))             \
  X(output, "output", 'o', N_("FILE"), 0,                                      \
    N_("write to this file instead of to standard output"))                    \
  X(text, "text", 0, "", 0,                                                    \
    N_("for the terminal instead of a browser; so is a report that goes to "   \
       "one"))                                                                 \
  X(from, "from", 0, N_("SEQ"), 0,                                             \
    N_("begin with this sequence number, from the log in Redis"))              \
  X(count, "count", 'c', N_("N"), 0, N_("stop after N events"))                \
  X(source, "source", 0, N_("NAME"), 0, N_("only those of this source"))       \
  X(code, "code", 0, N_("CODE"), 0,                                            \
    N_("only those with this problem, as unknown_ruleset"))                    \
  X(since, "since", 0, N_("WHEN"), 0,                                          \
    N_("only those since then: 90m, 12h, 7d ago, or 2026-11-24"))              \
  X(export, "export", 0, "", 0,                                                \
    N_("print the jobs as JSON Lines, to be corrected and requeued with "      \
       "--with"))                                                              \
  X(requeue, "requeue", 0, N_("ID"), 0,                                        \
    N_("submit this one again, or all that are chosen (all); what is "         \
       "answered leaves the list"))                                            \
  X(with, "with", 0, N_("FILE"), 0,                                            \
    N_("submit the corrected jobs of FILE in their place"))                    \
  X(repair, "repair", 0, "", 0,                                                \
    N_("mend what differs, from the results; readers take a snapshot"))        \
  X(without_unreadable, "without-unreadable", 0, "", 0,                        \
    N_("with --repair: set the sums although results that cannot be read "     \
       "are then missing in them"))                                            \
  X(what_if, "what-if", 0, "", 0,                                              \
    N_("score here and write nothing: what would change, and why"))            \
  X(resume, "resume", 0, "", 0,                                                \
    N_("go on with a recalculation that was killed or interrupted"))           \
  X(redis, "redis", 0, N_("ADDRESS"), 1,                                       \
    N_("Redis: host:port, or unix:/path of its socket"))                       \
  X(jobs, "jobs", 0, N_("ENDPOINT"), 1,                                        \
    N_("the daemon's door for jobs, which answers nothing"))                   \
  X(submit, "submit", 0, N_("ENDPOINT"), 1,                                    \
    N_("the daemon's door for jobs, which answers each"))                      \
  X(events, "events", 0, N_("ENDPOINT"), 1,                                    \
    N_("the daemon's door for events"))                                        \
  X(metrics, "metrics", 0, N_("ADDRESS"), 1,                                   \
    N_("host:port of the daemon's health page"))                               \
  X(rulesets, "rulesets", 0, N_("FOLDER"), 1, N_("folder of the rulesets"))    \
  X(config, "config", 0, N_("FILE"), 1,                                        \
    N_("take addresses and rulesets from this configuration of evald"))        \
  X(lang, "lang", 0, N_("LANGUAGE"), 1, N_("zh or en; else the locale's"))     \
  X(json, "json", 'j', "", 1, N_("JSON, one value a line"))                    \
  X(help, "help", 'h', "", 1, N_("print this"))

enum option_id {
#define X(name, spelling, letter, argument, everywhere, sentence) OPTION_##name,
  OPTION_LIST(X)
#undef X
      OPTION_COUNT
};

/* A set of options. */
typedef uint64_t option_set;
#define WITH(name) (UINT64_C(1) << OPTION_##name)
_Static_assert(OPTION_COUNT <= 64, "a set of options is 64 bits");

/* NULL where an option was not given, "" for a flag that was. */
struct options {
#define X(name, spelling, letter, argument, everywhere, sentence)              \
  const char *name;
  OPTION_LIST(X)
#undef X
};

/* Reads options of `allowed` and those that every command has; they may stand
 * before, between and behind arguments. Answers the index of the first argument
 * in `argv`, which is permuted; -1 after a wrong option was told to the user.
 */
int options_read(int argc, char **argv, option_set allowed,
                 struct options *out);

/* Prints those of `shown`, aligned, each with its sentence. */
void options_print(option_set shown);

/* The set of those that every command has. */
option_set options_everywhere(void);

/* A whole number from `least` to `most`; false after it was told to the user.
 * `text` NULL leaves *out as it is. */
bool option_number(const char *name, const char *text, int64_t least,
                   int64_t most, int64_t *out);

#endif
