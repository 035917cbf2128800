/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_SHARDS_H
#define CTL_SHARDS_H

/* Which divisions and years a command is about: "310113000 2024",
 * "310113000,310114000 2023,2024", "all 2024", "all". */

#include "ctl/ctl.h"

struct shard_item {
  struct shard_item *next;
  struct store_shard_key shard;
};

/* Arguments 0 and, where there is one, 1: those of them that are stored, by
 * division and year, in ctl->arena. False after a wrong argument was told to
 * the user. */
bool shards_valid(const struct ctl *ctl);

/* EVALD_NOT_FOUND where nothing is stored of what was named. */
enum evald_status shards_find(struct ctl *ctl, struct shard_item **out,
                              struct evald_fault *fault);

#endif
