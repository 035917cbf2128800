/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_LEVELS_H
#define IMPORT_LEVELS_H

/* Names of 一级指标 and 二级指标, which stand in columns so narrow that they
 * are broken every second character. */

#include "import/label.h"

enum { LEVEL_FIRST = 1, LEVEL_SECOND = 2, LEVEL_EITHER = 3 };

/* Takes a level's name at word *at; `*which` says of which level it can be. A
 * name that is not in the list is taken where it is broken into pieces of at
 * most two characters and ends with 指标, and a notice says so; where it is a
 * known name with a piece missing, an error does. A weight in brackets behind
 * it ("（50分）") is part of the name: it is what A12 looks at. */
bool levels_take(struct reader *r, size_t *at, size_t end, uint8_t *which,
                 struct span *name);

/* The first line that begins with a known name; `to` where none does. */
size_t levels_line(const struct reader *r, struct span span);

#endif
