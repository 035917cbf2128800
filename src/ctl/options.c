/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/options.h"
#include "base/i18n.h"
#include "ctl/output.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

struct row {
  const char *spelling, *argument, *sentence;
  size_t offset;
  char letter;
  bool everywhere;
};

static const struct row rows[] = {
#define X(name, spelling, letter, argument, everywhere, sentence)              \
  {spelling, argument,  sentence, offsetof(struct options, name),              \
   letter,   everywhere},
    OPTION_LIST(X)
#undef X
};

enum { LONG_ONLY = 256 };

option_set options_everywhere(void) {
  option_set set = 0;
  for (unsigned i = 0; i < OPTION_COUNT; i++)
    set |= rows[i].everywhere ? UINT64_C(1) << i : 0;
  return set;
}

/* getopt's two tables for the options of `set`. */
struct spellings {
  struct option lines[OPTION_COUNT + 1];
  char letters[2 * OPTION_COUNT + 1];
};

static void spell(option_set set, struct spellings *out) {
  size_t lines = 0, letters = 0;
  for (unsigned i = 0; i < OPTION_COUNT; i++) {
    if (!(set >> i & 1)) continue;
    bool takes = rows[i].argument[0] != '\0';
    out->lines[lines++] =
        (struct option){rows[i].spelling, takes, NULL, LONG_ONLY + (int)i};
    if (!rows[i].letter) continue;
    out->letters[letters++] = rows[i].letter;
    if (takes) out->letters[letters++] = ':';
  }
  out->lines[lines] = (struct option){0};
  out->letters[letters] = '\0';
}

static int row_of(int found) {
  if (found >= LONG_ONLY) return found - LONG_ONLY;
  for (int i = 0; i < OPTION_COUNT; i++)
    if (rows[i].letter == found) return i;
  return -1;
}

int options_read(int argc, char **argv, option_set allowed,
                 struct options *out) {
  struct spellings spellings;
  spell(allowed | options_everywhere(), &spellings);
  *out = (struct options){0};
  optind = 1;
  for (int found; (found = getopt_long(argc, argv, spellings.letters,
                                       spellings.lines, NULL)) != -1;) {
    int row = row_of(found);
    if (row < 0) return -1;
    const char **field =
        (const char **)(void *)((char *)out + rows[row].offset);
    *field = optarg && rows[row].argument[0] ? optarg : "";
  }
  return optind;
}

static void print_row(const struct row *row) {
  char name[64];
  const char *argument = row->argument[0] ? _(row->argument) : "";
  const char *blank = argument[0] ? " " : "";
  if (row->letter)
    snprintf(name, sizeof name, "-%c, --%s%s%s", row->letter, row->spelling,
             blank, argument);
  else
    snprintf(name, sizeof name, "    --%s%s%s", row->spelling, blank, argument);
  size_t width = output_width(evald_text_of(name));
  printf("  %s%*s", name, width < 26 ? (int)(28 - width) : 2, "");
  output_hanging(stdout, 30, evald_text_of(_(row->sentence)));
}

void options_print(option_set shown) {
  for (unsigned i = 0; i < OPTION_COUNT; i++)
    if (shown >> i & 1) print_row(&rows[i]);
}

bool option_number(const char *name, const char *text, int64_t least,
                   int64_t most, int64_t *out) {
  if (!text) return true;
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno || end == text || *end || value < least || value > most) {
    fprintf(stderr, _("evalctl: --%s %s: a whole number from %lld to %lld\n"),
            name, text, (long long)least, (long long)most);
    return false;
  }
  *out = value;
  return true;
}
