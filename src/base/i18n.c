/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CATALOGUE "zh_CN/LC_MESSAGES/evald.mo"

/* Set once by main before any thread, read ever after. */
static int chinese;

static const char *wanted_language(void) {
  static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
  for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
    const char *value = getenv(variables[i]);
    if (value && *value) return value;
  }
  return "";
}

static int holds_catalogue(const char *folder) {
  char path[PATH_MAX + 64];
  snprintf(path, sizeof path, "%s/%s", folder, CATALOGUE);
  return access(path, R_OK) == 0;
}

/* The catalogue lies in share/locale of a folder above the program, in a
 * build tree as in any install prefix, so no path is compiled in. */
static void bind_catalogue(void) {
  char program[PATH_MAX], folder[PATH_MAX + 32];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return;
  program[length] = '\0';
  for (int up = 0; up < 5; up++) {
    char *slash = strrchr(program, '/');
    if (!slash) return;
    *slash = '\0';
    snprintf(folder, sizeof folder, "%s/share/locale", program);
    if (holds_catalogue(folder)) {
      bindtextdomain("evald", folder);
      return;
    }
  }
}

void i18n_set_language(const char *language) {
  chinese = strncmp(language, "zh", 2) == 0;
  /* gettext looks at LANGUAGE alone in any locale but "C". */
  setenv("LANGUAGE", chinese ? "zh_CN" : "en", 1);
  setlocale(LC_MESSAGES, "C.UTF-8");
  bind_textdomain_codeset("evald", "UTF-8");
}

void i18n_init(void) {
  setlocale(LC_CTYPE, "");
  if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
    setlocale(LC_CTYPE, "C.UTF-8");
  bind_catalogue();
  i18n_set_language(wanted_language());
}

int i18n_chinese(void) {
  return chinese;
}
