/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

/*
 * Packed values: results and forms, compressed with zstd by a dictionary that
 * was trained on what this very store holds.
 *
 * A packed value is the msgpack array [0, number, bytes]: `bytes` is one zstd
 * frame, made with the dictionary of that number, whose id it bears.
 * Dictionaries lie in the hash `dictionaries` under "results:<number>" and
 * "forms:<number>"; one that was written is never changed or removed, because
 * values are packed with it.
 *
 * Commits write values as they are: packing costs more than a commit. It is
 * done behind them, by whoever has time (daemon/packer.h), and changes neither
 * seq nor aggregate: a packed value says what it said before. How far a shard
 * is packed stands in its `packed` key, as "epoch:seq".
 *
 * Whoever reads through this room (load.h, query.h) reads unpacked values and
 * never learns the difference. A value whose dictionary is lost, or that is
 * damaged, is handed out as it is, and its reader says that it cannot read it.
 * So are those from the one on with which an answer would unpack to more than
 * unpack_max bytes; store_load hands out store_value_left for them.
 */

#include "store/query.h"

/* An unpacked value may have so many bytes; a packed one that claims more is
 * not unpacked. */
enum { STORE_PACK_MAX = 64 << 20 };

/* How far a shard is packed: every change up to `seq`, in that epoch. */
struct store_mark {
  int64_t epoch, seq;
};

/* Zero where it never was. */
enum evald_status store_pack_mark(struct store *store,
                                  const struct store_shard_key *shard,
                                  struct store_mark *out,
                                  struct evald_fault *fault);

/* What packing did. */
struct store_packed {
  size_t values;        /* that were packed now */
  size_t before, after; /* their bytes */
};

/* Packs the results and forms of these projects, where they are not, and moves
 * the mark, in one transaction that the shard's aggregate and mark guard.
 * EVALD_INTERFERED: somebody wrote to the shard meanwhile, or the store no
 * longer has the dictionaries (store_pack_train sees to it): nothing was done.
 * EVALD_NOT_FOUND: there is no dictionary yet (store_pack_train). */
struct store_pack_wish {
  struct store_fields codes;
  struct store_mark mark;
};
enum evald_status store_pack(struct store *store,
                             const struct store_shard_key *shard,
                             const struct store_pack_wish *wish,
                             struct store_packed *out,
                             struct evald_fault *fault);

/* Makes sure that there are as many dictionaries as so many values are worth:
 * one from a thousand on, another at 50,000, a third at a million, each trained
 * on some thousands of values drawn from all shards. Takes a second when it
 * trains. `*trained`: how many dictionaries are new. EVALD_NOT_FOUND: there are
 * none, and too few values to train one. */
enum evald_status store_pack_train(struct store *store, int *trained,
                                   struct evald_fault *fault);

#endif
