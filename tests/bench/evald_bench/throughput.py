# SPDX-License-Identifier: Apache-2.0
"""Jobs per second: end to end against the floor, and door against door."""

import functools
from statistics import median

from . import rig

WINDOW = 4096  # the daemon's own default
SAMPLE = 1700  # jobs, a hundred in each division
# An fsync a pipeline is slow enough to be measured with fewer jobs.
SHARE = {"off": 1, "everysec": 1, "always": 4}


@functools.cache
def stored_sizes():
    """Average bytes of a result with its form, and of an event, as they are
    committed: what is compressed later is not yet."""
    shard = "evald:1:{310000000:2024}"
    with rig.folder() as path, rig.Redis(path) as redis, \
            rig.Daemon(path, more="store:\n  pack: false\n") as daemon:
        daemon.load(SAMPLE)
        codes = redis.command("HKEYS", shard + ":results").split("\n")
        record = sum(int(redis.command("HSTRLEN", shard + part, code))
                     for code in codes for part in (":results", ":forms"))
        events = redis.bytes_of(shard + ":events")
    return record // len(codes), events // len(codes)


def floor_round(mode, count, sizes):
    with rig.folder() as path, rig.Redis(path, mode) as redis:
        return rig.run(rig.program("bench_floor"), redis.socket, count,
                       *sizes)["per_second"]


def end_to_end(mode):
    prefix = "end_to_end." if mode == "off" else f"end_to_end.{mode}."

    def measure(bench):
        count = bench.sizes.jobs // SHARE[mode]
        ours, floors, sizes, load = [], [], stored_sizes(), None
        for _ in bench.rounds():
            with rig.stack(mode) as (_, daemon):
                load = daemon.load(count)
            ours.append(load["per_second"])
            floors.append(floor_round(mode, count, sizes))
        return {prefix + "ratio_to_floor": median_ratio(ours, floors),
                prefix + "per_second": round(median(ours)),
                prefix + "floor_per_second": round(median(floors)),
                prefix + "stored_bytes": sizes[0],
                prefix + "event_bytes": sizes[1],
                prefix + "frame_bytes": load["frame.bytes"]}
    return measure


def door_round(mode, count, listen=True):
    """Through the acknowledged door; `listen`: with a subscriber to the
    aggregates, as pull_round needs one."""
    with rig.stack(mode) as (_, daemon):
        return rig.run(rig.program("bench_door"), daemon.submit, count,
                       rig.DIVISIONS, 0, WINDOW,
                       *([daemon.events] if listen else []))["per_second"]


def pull_round(mode, count):
    with rig.stack(mode) as (_, daemon):
        return daemon.load(count)["per_second"]


def acknowledged(mode):
    prefix = "acknowledged." if mode == "off" else f"acknowledged.{mode}."

    def measure(bench):
        count, doors, pulls = bench.sizes.jobs // SHARE[mode], [], []
        for _ in bench.rounds():
            doors.append(door_round(mode, count))
            pulls.append(pull_round(mode, count))
        return {prefix + "ratio_to_pull": median_ratio(doors, pulls),
                prefix + "per_second": round(median(doors)),
                prefix + "pull_per_second": round(median(pulls))}
    return measure


def median_ratio(ours, theirs):
    """The median of the ratios of each round."""
    return round(median(a / b for a, b in zip(ours, theirs)), 3)
