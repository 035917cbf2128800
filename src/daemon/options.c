/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/options.h"
#include "base/i18n.h"
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum kind { FLAG, ARGUMENT, MAYBE };

struct option_row {
  const char *name, *argument, *sentence;
  size_t offset;
  enum kind kind;
  char letter;
};

static const struct option_row rows[] = {
#define X(field, name, letter, argument, kind, sentence)                       \
  {name, argument, sentence, offsetof(struct options, field), kind, letter},
    OPTION_LIST(X)
#undef X
};

enum { ROWS = sizeof rows / sizeof rows[0], FIRST = 256 };

static void make_getopt(struct option table[ROWS + 1], char letters[]) {
  size_t used = 0;
  letters[used++] = '+';
  for (size_t i = 0; i < ROWS; i++) {
    int has = rows[i].kind == ARGUMENT ? required_argument
              : rows[i].kind == MAYBE  ? optional_argument
                                       : no_argument;
    table[i] = (struct option){rows[i].name, has, NULL, FIRST + (int)i};
    if (rows[i].letter == 0) continue;
    letters[used++] = rows[i].letter;
    if (rows[i].kind == ARGUMENT) letters[used++] = ':';
  }
  table[ROWS] = (struct option){NULL, 0, NULL, 0};
  letters[used] = '\0';
}

static const struct option_row *row_of(int answer) {
  if (answer >= FIRST) return &rows[answer - FIRST];
  for (size_t i = 0; i < ROWS; i++)
    if (rows[i].letter == answer) return &rows[i];
  return NULL;
}

/* "--dev DIR" is as good as "--dev=DIR". */
static const char *argument_of(const struct option_row *row, int argc,
                               char **argv) {
  if (optarg != NULL) return optarg;
  if (row->kind == MAYBE && optind < argc && argv[optind][0] != '-')
    return argv[optind++];
  return "";
}

static bool refuse(const char *program, const char *extra) {
  if (extra != NULL)
    fprintf(stderr, _("%s: \"%s\" is not expected here\n"), program, extra);
  fprintf(stderr, _("%s --help lists the options\n"), program);
  return false;
}

bool options_read(int argc, char **argv, struct options *out) {
  struct option table[ROWS + 1];
  char letters[2 * ROWS + 2];
  make_getopt(table, letters);
  struct options options = {0};
  optind = 0;
  for (;;) {
    int answer = getopt_long(argc, argv, letters, table, NULL);
    if (answer == -1) break;
    const struct option_row *row = row_of(answer);
    if (row == NULL) return refuse(argv[0], NULL);
    const char **field =
        (const char **)(void *)((char *)&options + row->offset);
    *field = argument_of(row, argc, argv);
  }
  if (optind < argc) return refuse(argv[0], argv[optind]);
  *out = options;
  return true;
}

static void print_row(const struct option_row *row) {
  char head[64];
  const char *argument = *row->argument != '\0' ? _(row->argument) : "";
  bool maybe = row->kind == MAYBE;
  snprintf(head, sizeof head, "--%s%s%s%s%s", row->name,
           *argument != '\0' ? " " : "", maybe ? "[" : "", argument,
           maybe ? "]" : "");
  if (row->letter != 0)
    printf("  -%c, %s\n", row->letter, head);
  else
    printf("      %s\n", head);
  printf("          %s\n", _(row->sentence));
}

void options_print_help(void) {
  fputs(_("Usage: evald [OPTION]...\n"
          "Scores budget performance self-evaluation forms: jobs in over "
          "ZeroMQ,\n"
          "results and aggregates in Redis, events out over ZeroMQ.\n\n"),
        stdout);
  for (size_t i = 0; i < ROWS; i++)
    print_row(&rows[i]);
  fputs(_("\nSIGTERM commits what was read, then ends; a second one ends at "
          "once.\nSIGHUP reads the rulesets anew; unsound ones change "
          "nothing.\n"),
        stdout);
}
