/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "base/place.h"
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

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

/* The catalogue lies in share/locale above the program, in a build tree as in
 * any install prefix. */
static void bind_catalogue(void) {
  char path[PATH_MAX];
  if (!place_find("share/locale/" CATALOGUE, path, sizeof path)) return;
  path[strlen(path) - strlen("/" CATALOGUE)] = '\0';
  bindtextdomain("evald", path);
}

void i18n_set_language(const char *language) {
  chinese = language[0] == 'z' && language[1] == 'h';
  /* gettext looks at LANGUAGE alone in any locale but "C"; and it looks again
   * only where the locale has changed. */
  setenv("LANGUAGE", chinese ? "zh_CN" : "en", 1);
  setlocale(LC_MESSAGES, "C");
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
