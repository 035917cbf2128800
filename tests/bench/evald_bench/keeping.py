# SPDX-License-Identifier: Apache-2.0
"""What a store full of results costs while nothing happens: bytes in Redis,
memory and CPU of the daemon."""

import functools
import glob
import time

from . import rig
from .sizes import label

# Keys that hold no result and no form; all others under the prefix count, so
# that what is kept beside them to read them (a dictionary) is counted too.
OTHER = ("aggregate", "departments", "events", "turn", "packed", "shards",
         "rulesets", "rejects", "evicted", "proof", "repairs")
SETTLE = 1.0  # seconds after the last commit
PACKING = 3e-4  # seconds a job for the daemon to compress it, at most


def is_packed(redis):
    """Whether every shard is compressed up to its last change."""
    for shard in redis.command("SMEMBERS", "evald:1:shards").split():
        prefix = f"evald:1:{{{shard}}}:"
        seq = redis.command("HGET", prefix + "aggregate", "seq")
        mark = redis.command("GET", prefix + "packed")
        if mark.split(":")[-1] != seq:
            return False
    return True


def patience(stored):
    """Seconds that compressing so many results may take."""
    return SETTLE + PACKING * stored


def settle(redis, seconds):
    """Waits until nothing is left to do for the daemon, which leaves a store
    of very few forms as it is."""
    time.sleep(SETTLE)
    end = time.monotonic() + seconds
    while not is_packed(redis) and time.monotonic() < end:
        time.sleep(SETTLE)


def result_bytes(redis):
    """What results and forms take in Redis, allocator and table included."""
    return sum(redis.bytes_of(key) for key in redis.keys()
               if key.split(":")[-1] not in OTHER)


def cpu_seconds(pid):
    """CPU time of all threads, to the nanosecond."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path, encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def memory_mib(pid, key):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
    raise rig.Failure(f"no {key} in /proc/{pid}/status")


def idle_percent(daemon, seconds):
    """CPU of a daemon that has jobs behind it and none before it."""
    begin, used = time.monotonic(), cpu_seconds(daemon.pid)
    time.sleep(seconds)
    used = cpu_seconds(daemon.pid) - used
    return 100 * used / (time.monotonic() - begin)


@functools.cache
def kept(stored, seconds):
    """Three figures of one store, filled once in a run."""
    prefix = f"rss.{label(stored)}_"
    with rig.stack() as (redis, daemon):
        payload = daemon.load(stored)["payload.bytes"]
        settle(redis, patience(stored))
        size = result_bytes(redis)
        now, most = (memory_mib(daemon.pid, key) for key in ("VmRSS", "VmHWM"))
        share = idle_percent(daemon, seconds)
    return {"memory.bytes_ratio": round(size / payload, 3),
            "memory.redis_bytes_per_job": round(size / stored),
            "memory.payload_bytes_per_job": round(payload / stored),
            "idle.cpu_percent": round(share, 4),
            prefix + "mib": round(now, 1),
            prefix + "peak_mib": round(most, 1)}


def part(name):
    """The figures of a full and idle store whose keys begin with the name."""
    def measure(bench):
        bench.step()
        found = kept(bench.sizes.stored, bench.sizes.idle_seconds)
        return {key: value for key, value in found.items()
                if key.startswith(name + ".")}
    return measure
