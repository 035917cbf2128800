# SPDX-License-Identifier: Apache-2.0
"""Jobs per second: end to end against the floor, and door against door."""

from statistics import median

from . import rig

WINDOW = 4096  # the daemon's own default


def stored_sizes(redis):
    """Average bytes of a result with its form, and of an event."""
    shard = "evald:1:{310000000:2024}"
    codes = redis.command("HKEYS", shard + ":results").split("\n")
    sample = codes[:200]
    record = sum(int(redis.command("HSTRLEN", shard + part, code))
                 for code in sample for part in (":results", ":forms"))
    return (record // len(sample),
            redis.bytes_of(shard + ":events") // len(codes))


def evald_round(mode, count):
    """What bench_load saw, and what was stored for each job."""
    with rig.stack(mode) as (redis, daemon):
        return daemon.load(count), stored_sizes(redis)


def floor_round(mode, count, sizes):
    with rig.folder() as path, rig.Redis(path, mode) as redis:
        return rig.run(rig.program("bench_floor"), redis.socket, count,
                       *sizes)["per_second"]


def end_to_end(mode):
    prefix = "end_to_end." if mode == "off" else f"end_to_end.{mode}."

    def measure(bench):
        ours, floors, sizes, load = [], [], None, None
        for _ in bench.rounds():
            load, sizes = evald_round(mode, bench.sizes.jobs)
            ours.append(load["per_second"])
            floors.append(floor_round(mode, bench.sizes.jobs, sizes))
        return {prefix + "ratio_to_floor": median_ratio(ours, floors),
                prefix + "per_second": round(median(ours)),
                prefix + "floor_per_second": round(median(floors)),
                prefix + "stored_bytes": sizes[0],
                prefix + "event_bytes": sizes[1],
                prefix + "frame_bytes": load["frame.bytes"]}
    return measure


def door_round(mode, count):
    """The acknowledged door, with somebody listening to the events as well."""
    with rig.stack(mode) as (_, daemon):
        return rig.run(rig.program("bench_door"), daemon.submit, count,
                       rig.DIVISIONS, 0, WINDOW)["per_second"]


def pull_round(mode, count):
    with rig.stack(mode) as (_, daemon):
        return daemon.load(count)["per_second"]


def acknowledged(mode):
    prefix = "acknowledged." if mode == "off" else f"acknowledged.{mode}."

    def measure(bench):
        doors, pulls = [], []
        for _ in bench.rounds():
            doors.append(door_round(mode, bench.sizes.jobs))
            pulls.append(pull_round(mode, bench.sizes.jobs))
        return {prefix + "ratio_to_pull": median_ratio(doors, pulls),
                prefix + "per_second": round(median(doors)),
                prefix + "pull_per_second": round(median(pulls))}
    return measure


def median_ratio(ours, theirs):
    """The median of the ratios of each round."""
    return round(median(a / b for a, b in zip(ours, theirs)), 3)
