/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

/*
 * Where a program's own files lie: relative to the program, so that a build
 * tree, /usr/local and a staged package all work and no path is compiled in.
 */

#include <stdbool.h>
#include <stddef.h>

/* Looks for `relative` ("share/locale/zh_CN/LC_MESSAGES/evald.mo") in the
 * folder of the running program and in those above it, nearest first. Writes
 * the path found, terminated; false where there is none or it does not fit. */
bool place_find(const char *relative, char *out, size_t size);

#endif
