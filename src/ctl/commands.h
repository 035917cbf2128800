/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

/*
 * The commands of evalctl. A new one is a row here and a file cmd_<name>.c with
 * `int cmd_<name>(struct ctl *ctl)`; help and usage print from the row.
 *
 * X(name, arguments, least and most of them, options, sentence)
 */

#include "ctl/ctl.h"

enum { ARGUMENTS_ANY = 1 << 20 };

#define COMMAND_LIST(X)                                                        \
  X(score, N_("FILE…"), 1, ARGUMENTS_ANY,                                      \
    WITH(ruleset) | WITH(strict) | WITH(division) | WITH(findings),            \
    N_("score forms here, without daemon or Redis: jobs in JSON or JSON "      \
       "Lines, or published forms as text or PDF"))                            \
  X(explain, N_("FILE… | DIV YEAR PROJECT"), 1, ARGUMENTS_ANY,                 \
    WITH(ruleset) | WITH(division),                                            \
    N_("every point of a score: its figures, rounding, rule and source"))      \
  X(report, N_("FILE… | DIV YEAR [PROJECT]"), 1, ARGUMENTS_ANY,                \
    WITH(ruleset) | WITH(strict) | WITH(division) | WITH(worst) |              \
        WITH(output) | WITH(text),                                             \
    N_("a page for a browser, or text: the forms as printed, with findings "   \
       "beside their cells, and a sheet of them all"))                         \
  X(import, N_("FILE…"), 1, ARGUMENTS_ANY, WITH(division),                     \
    N_("published forms (text or PDF) to jobs as JSON Lines"))                 \
  X(submit, N_("FILE…"), 1, ARGUMENTS_ANY,                                     \
    WITH(fire_and_forget) | WITH(outbox) | WITH(unchecked) | WITH(wait) |      \
        WITH(division),                                                        \
    N_("send jobs to the daemon and say what became of them"))                 \
  X(show, N_("DIV YEAR PROJECT"), 3, 3, WITH(strict) | WITH(findings),         \
    N_("a stored verdict, like the printed form, with its findings"))          \
  X(list, N_("DIV YEAR"), 2, 2, WITH(worst),                                   \
    N_("the forms of a division and year, the worst first"))                   \
  X(aggregate, N_("DIV YEAR"), 2, 2, 0,                                        \
    N_("sums, grades, findings and departments of a division and year"))       \
  X(watch, N_("[DIV [YEAR]]"), 0, 2, WITH(from) | WITH(count),                 \
    N_("follow events as they come; gaps are found, filled and told"))         \
  X(verify, N_("[DIV YEAR]"), 0, 2, WITH(repair) | WITH(without_unreadable),   \
    N_("add up every stored result again and hold it against the "             \
       "aggregates, departments and the log"))                                 \
  X(recalc, N_("DIV[,DIV…]|all [YEAR[,YEAR…]]"), 1, 2,                         \
    WITH(ruleset) | WITH(what_if) | WITH(resume) | WITH(wait),                 \
    N_("score stored forms again, by the ruleset that serves them now or by "  \
       "another; what changed, grade by grade"))                               \
  X(rejects, N_("[ID]"), 0, 1,                                                 \
    WITH(count) | WITH(source) | WITH(code) | WITH(since) | WITH(export) |     \
        WITH(requeue) | WITH(with) | WITH(wait),                               \
    N_("rejected jobs, what is wrong with each, and one with its bytes; to "   \
       "be corrected and submitted again"))                                    \
  X(rules, N_("list | check FILE… | diff A B"), 1, ARGUMENTS_ANY, 0,           \
    N_("rulesets: which there are, whether a file is sound, how two differ"))  \
  X(ping, "", 0, 0, 0, N_("whether the daemon, its doors and Redis answer"))

/* What --help of a command says besides: X(name, how it is used). */
#define COMMAND_USE_LIST(X)                                                    \
  X(rejects,                                                                   \
    N_("Without an ID all are listed, the oldest first; with one, that job "   \
       "with its bytes.\n"                                                     \
       "To correct many: --export > jobs.jsonl, mend the file, then "          \
       "--requeue all --with jobs.jsonl.\n"                                    \
       "To try them again as they are, for example after a ruleset came: "     \
       "--requeue all --code unknown_ruleset.\n"                               \
       "What is answered leaves the list; what is rejected again comes back "  \
       "under a new ID."))                                                     \
  X(watch,                                                                     \
    N_("One line for each change: its number, project, outcome, score and "    \
       "grade. Without DIV all divisions and years are followed.\n"            \
       "--from SEQ begins with that change, --from 1 with the oldest that "    \
       "the "                                                                  \
       "log in Redis still has; it needs DIV and YEAR.\n"                      \
       "It ends with Ctrl-C, or after --count changes."))

#define X(name, arguments, least, most, options, sentence)                     \
  int cmd_##name(struct ctl *ctl);
COMMAND_LIST(X)
#undef X

struct command {
  const char *name, *arguments, *sentence;
  int least, most;
  option_set options;
  int (*run)(struct ctl *ctl);
};

/* NULL where there is none; in the order of the list, NULL past its end. */
const struct command *command_find(const char *name);
const struct command *command_at(size_t position);

/* What `evalctl --help` and `evalctl <command> --help` print. */
void commands_print(void);
void command_print(const struct command *command);

#endif
