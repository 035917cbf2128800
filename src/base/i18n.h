/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_I18N_H
#define BASE_I18N_H

/*
 * Sentences in the user's language.
 *
 * A sentence stands in English in the code, inside _(); its Chinese stands in
 * po/zh_CN.po, and a test holds the two together. `cmake --build --preset dev
 * --target po-update` brings new sentences into that file. Closed vocabularies
 * (findings, rejects, statuses) are not here: they have both languages in
 * their own list, to be chosen with i18n_chinese().
 *
 * Only programs translate: the library never looks at a locale, so that no
 * byte of a verdict depends on one.
 */

#include <libintl.h>

/* A sentence; a sentence in a table, marked now and translated with _() where
 * it is printed; a sentence that counts: P_("%zu form", "%zu forms", n). */
#define _(sentence)      dgettext("evald", sentence)
#define N_(sentence)     sentence
#define P_(one, many, n) dngettext("evald", one, many, n)

/* Called by main before anything else, and before any thread. The language is
 * that of LC_ALL, LC_MESSAGES or LANG, the first that is set: Chinese where it
 * begins with "zh", else English. Works where no such locale is generated: the
 * process then runs in C.UTF-8. Numbers are always written the C way. */
void i18n_init(void);

/* The same with a language of one's choice: "zh…" or anything else. */
void i18n_set_language(const char *language);

/* Whether that language is Chinese: the argument `chinese` of the vocabularies
 * (evald_level_text() and its kin). */
int i18n_chinese(void);

#endif
