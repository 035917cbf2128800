# SPDX-License-Identifier: Apache-2.0
"""Stored forms scored again by another ruleset, through `evalctl recalc`,
against the bare writes of what that writes."""

import json
import os
import time
from statistics import median

from . import growth, rig
from .keeping import patience, settle
from .sizes import label
from .throughput import floor_round, median_ratio

# There and back again: each round goes to the other of the two.
RULESETS = ("cn-2020", "cn-sh-2024")
GOAL = 1_000_000  # the forms that the goal speaks of; others are named in keys
UNPACKED = 900  # values in a store that is too small to be compressed


def written_sizes():
    """Average bytes of a result as it is written, and of its event."""
    with rig.stack() as (redis, daemon):
        daemon.load(UNPACKED)
        shard = "evald:1:{310000000:2024}"
        codes = redis.command("HKEYS", shard + ":results").split("\n")
        written = sum(int(redis.command("HSTRLEN", shard + ":results", code))
                      for code in codes)
        return (written // len(codes),
                redis.bytes_of(shard + ":events") // len(codes))


def recalculate(daemon, folder, ruleset):
    """(seconds, forms)"""
    begin = time.monotonic()
    out = rig.call(rig.evalctl(), "recalc", "all", "--config", daemon.config,
                   "--ruleset", ruleset, "--json",
                   env={**os.environ, "XDG_STATE_HOME": folder})
    said = json.loads(out.strip().split("\n")[-1])
    return time.monotonic() - begin, said["forms"]


def recalculation(bench):
    """Forms that have lain for a while are compressed, so rounds begin when
    the daemon is done with that."""
    count, ours, floors = bench.sizes.recalculate, [], []
    sizes = written_sizes()
    with rig.stack() as (redis, daemon):
        folder = os.path.dirname(daemon.config)
        growth.fill(daemon, count, lambda done: bench.note(
            f"{done:,} of {count:,} stored"))
        for number in bench.rounds():
            settle(redis, patience(count))
            seconds, forms = recalculate(daemon, folder, RULESETS[number % 2])
            if forms != count:
                raise rig.Failure(f"{forms} forms of {count} were scored")
            ours.append(count / seconds)
            floors.append(floor_round("off", min(count, bench.sizes.jobs),
                                      sizes))
    prefix = "recalculate." + ("" if count == GOAL else label(count) + ".")
    return {prefix + "ratio_to_floor": median_ratio(ours, floors),
            prefix + "per_second": round(median(ours)),
            prefix + "floor_per_second": round(median(floors)),
            prefix + "result_bytes": sizes[0],
            prefix + "event_bytes": sizes[1]}
