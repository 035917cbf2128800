/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_OUTCOME_H
#define WIRE_OUTCOME_H

/*
 * What became of a job. The first column is the spelling in receipts and
 * events; numbers are stored in event batches: append only.
 *
 * X(name, spelling, whether the store changed, in English, in Chinese). Only a
 * change of the store has a sequence number and an event.
 */

#include "evald/text.h"

#define WIRE_OUTCOME_LIST(X)                                                   \
  X(COMMITTED, "committed", true, "stored", "已存入")                          \
  X(UNCHANGED, "unchanged", false, "same revision and content: nothing to do", \
    "版本与内容相同，无需处理")                                                \
  X(SUPERSEDED, "superseded", true, "stored in place of an older result",      \
    "已替换旧结果")                                                            \
  X(STALE, "stale", false, "older than the stored revision: refused",          \
    "版本早于已存结果，拒绝")                                                  \
  X(CONFLICT, "conflict", false, "same revision, other content: refused",      \
    "版本相同但内容不同，拒绝")                                                \
  X(WITHDRAWN, "withdrawn", true, "taken out of the results", "已撤回")        \
  X(REJECTED, "rejected", false, "not a valid job", "任务无效，已拒绝")        \
  X(NOT_FOUND, "not_found", false, "no stored form of this project",           \
    "没有该项目的已存表单")                                                    \
  X(REPAIRED, "repaired", true, "sums set anew from the results",              \
    "汇总已按结果重新计算")

enum wire_outcome {
#define X(name, spelling, changes, en, zh) WIRE_OUTCOME_##name,
  WIRE_OUTCOME_LIST(X)
#undef X
      WIRE_OUTCOME_COUNT
};

/* "committed"; "?" outside the list. */
const char *wire_outcome_name(enum wire_outcome outcome);
const char *wire_outcome_text(enum wire_outcome outcome, int chinese);

/* Back from the spelling; WIRE_OUTCOME_COUNT where none has it. */
enum wire_outcome wire_outcome_named(struct evald_text spelling);

/* Whether it changed the store, and so has an event. */
bool wire_outcome_changes(enum wire_outcome outcome);

#endif
