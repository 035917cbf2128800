/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_RADICAL_H
#define IMPORT_RADICAL_H

#include "import/reader.h"

/* `text` with the Kangxi radicals U+2F00 to U+2FD5 replaced by the characters
 * they look like: some PDF writers map 目 to U+2F6C, and no label would match.
 * Each has three bytes either way, so every offset stays. The text itself
 * where it has none. */
struct evald_text radical_replace(struct reader *r, struct evald_text text);

#endif
