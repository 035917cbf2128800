/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_FINDING_LIST_H
#define EVALD_FINDING_LIST_H

/*
 * Every finding evald can raise, in the order in which findings are reported.
 *
 * X(code, number, default level, sentence in English, in Chinese)
 *
 * In a sentence {printed}, {expected}, {detail} and {cell} stand for the
 * finding's values. Numbers are stored with results: append, never renumber,
 * never reuse. CONTRIBUTING.md has the recipe for a new one.
 */
#define EVALD_FINDING_LIST(X)                                                  \
  X(S01, 101, ERROR, "{cell} is missing or empty", "{cell} 缺失或为空")

#endif
